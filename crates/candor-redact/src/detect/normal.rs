//! The same text in plain characters: full width, look-alikes of other alphabets, and what nobody sees.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::kind::Finding;
use super::lexicon::Lexicon;
use super::scan::Scan;
use super::text::{Text, is_hidden, is_strange};

/// Greek and Cyrillic letters and the Latin ones that they look like.
const ALIKE: &[(&str, &str)] = &[
    ("АВЕКМНОРСТУХЅІЈԚԜаеорсухѕіјԛԝһԁ", "ABEKMHOPCTYXSIJQWaeopcyxsijqwhd"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνυικ", "ABEZHIKMNOPTYXaopvuik"),
];

/// A text in plain characters, and where each of its bytes comes from.
#[derive(Debug, Default)]
struct Plain {
    text: String,
    /// For every byte of `text`, where the character begins that it comes from, and where it ends.
    from: Vec<(usize, usize)>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let mut plain = Self::default();
        for (at, char) in text.char_indices() {
            let origin = (at, at + char.len_utf8());
            if is_hidden(char) {
                continue;
            }
            if is_strange(char) {
                for part in std::iter::once(char).nfkc() {
                    plain.push(look(part), origin);
                }
            } else {
                plain.push(char, origin);
            }
        }
        plain
    }

    fn push(&mut self, char: char, origin: (usize, usize)) {
        self.text.push(char);
        self.from.extend(std::iter::repeat_n(origin, char.len_utf8()));
    }
}

/// What a character looks like.
fn look(char: char) -> char {
    if let Some(digit) = digit(char) {
        return digit;
    }
    if matches!(char, '\u{2010}'..='\u{2013}' | '\u{2212}') {
        return '-';
    }
    ALIKE
        .iter()
        .find_map(|(theirs, ours)| theirs.chars().zip(ours.chars()).find(|(theirs, _)| *theirs == char))
        .map_or(char, |(_, ours)| ours)
}

/// Arabic-Indic, Persian and Devanagari digits.
fn digit(char: char) -> Option<char> {
    let zero = match char {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        _ => return None,
    };
    char::from_digit(u32::from(char) - zero, 10)
}

/// So many bytes before a strange character are read again, and as many behind it.
const AROUND: usize = 192;

/// The parts of a text around its strange characters, from space to space. Where one ends is settled when the text has
/// gone on so far: it depends on nothing behind its end.
fn regions(text: &str) -> Vec<Range<usize>> {
    let mut regions: Vec<Range<usize>> = Vec::new();
    let strange = text.char_indices().filter(|&(_, char)| !char.is_ascii() && (is_strange(char) || is_hidden(char)));
    for (at, _) in strange {
        let space = |rest: &str| rest.find(char::is_whitespace);
        let far = (at + AROUND..text.len()).find(|&end| text.is_char_boundary(end)).unwrap_or(text.len());
        let end = text.get(far..).and_then(space).map_or(text.len(), |space| far + space);
        if let Some(last) = regions.last_mut().filter(|last| at < last.end) {
            last.end = end;
            continue;
        }
        let least = regions.last().map_or(0, |last| last.end);
        let near = (least..=at.saturating_sub(AROUND).max(least))
            .rev()
            .find(|&start| text.is_char_boundary(start))
            .unwrap_or(least);
        let start = text.get(near..at).and_then(space).filter(|_| near > least).map_or(near, |space| near + space);
        regions.push(start..end);
    }
    regions
}

/// Whether a finding needs the plain text: without a strange character in it, the text itself shows it, with all its
/// context.
pub(super) fn has_strange(text: &str) -> bool {
    !text.is_ascii() && text.contains(|char| is_strange(char) || is_hidden(char))
}

/// Adds what the plain text shows, in the text's own places.
pub(super) fn find(lexicon: &Lexicon, text: &str, typed: bool, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for region in regions(text) {
        let plain = Plain::of(text.get(region.clone()).unwrap_or_default());
        let seen = Text::new(&plain.text);
        Scan { text: &seen, lexicon, typed }.run(&mut found);
        for Finding { span, kind, rule } in found.drain(..) {
            let (start, end) = (plain.from.get(span.start), plain.from.get(span.end.saturating_sub(1)));
            if let (Some(&(start, _)), Some(&(_, end))) = (start, end)
                && has_strange(text.get(region.start + start..region.start + end).unwrap_or_default())
            {
                findings.push(Finding { span: region.start + start..region.start + end, kind, rule });
            }
        }
    }
}

/// [`Scan::horizon`] of the plain text from `from` on, in the text's own places; its end where the text is plain, or its
/// strange characters are far enough behind.
pub(super) fn horizon(lexicon: &Lexicon, text: &str, from: usize) -> usize {
    let window = text.get(from..).unwrap_or_default();
    if window.is_ascii() || regions(window).last().is_none_or(|last| last.end < window.len()) {
        return text.len();
    }
    let plain = Plain::of(window);
    let seen = Text::new(&plain.text);
    let horizon = Scan { text: &seen, lexicon, typed: true }.horizon(0);
    plain.from.get(horizon).map_or(text.len(), |&(start, _)| from + start)
}
