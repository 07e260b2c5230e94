//! What people write after "the password is": passwords, PINs, codes, phrases.

use std::ops::Range;

use super::shape::Shape;
use super::value;
use super::view::{View, is_blank, is_space, is_word};
use super::words::{Cue, ENDINGS, IS, LINKS, OPENS, ORDINARY, PUBLIC};
use crate::detect::Kind;

/// How far after a cue its secret may begin, in words, and how far decisions look, in bytes.
const WORDS_MAX: usize = 8;
pub(super) const REACH: usize = 320;

type Found = (Range<usize>, Kind, &'static str);

/// Looks after the cue at `start..end`.
pub(super) fn find(view: &View<'_>, start: usize, end: usize, cue: Cue, out: &mut Vec<Found>) {
    let edge = |byte: Option<u8>| byte.is_none_or(|byte| !is_word(byte) && byte != b'_');
    if !edge(view.before(start)) || !edge(view.at(end)) {
        return;
    }
    match cue {
        Cue::Seed => seed(view, end, out),
        Cue::Login => login(view, end, out),
        Cue::Code if names_public(view, start) => {}
        Cue::Pin if names_public(view, start) => {}
        _ => Reader { view, cue, opens: cue != Cue::Code || names_opening(view, start), verb: end - start == 4, out }
            .read(end),
    }
}

fn word_before(view: &View<'_>, start: usize) -> String {
    let gap = view.back(start, 3, |byte| matches!(byte, b' ' | b'-'));
    let from = view.back(gap, 24, |byte| is_word(byte) || byte == b'-');
    view.slice(from, gap).to_lowercase()
}

fn names_public(view: &View<'_>, start: usize) -> bool {
    let word = word_before(view, start);
    PUBLIC.contains(&word.as_str())
}

fn names_opening(view: &View<'_>, start: usize) -> bool {
    let word = word_before(view, start);
    OPENS.contains(&word.as_str()) || word.is_empty()
}

/// A token in prose.
struct Token<'t> {
    start: usize,
    end: usize,
    text: &'t str,
    /// Where what follows the token begins, behind quotes too.
    next: usize,
    quoted: bool,
}

/// The quotes people use, with how they close.
const QUOTES: [(&str, &str); 12] = [
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("\u{201c}", "\u{201d}"),
    ("\u{201e}", "\u{201c}"),
    ("\u{2018}", "\u{2019}"),
    ("\u{ab}", "\u{bb}"),
    ("\u{bb}", "\u{ab}"),
    ("\u{201d}", "\u{201d}"),
    ("\u{201a}", "\u{2018}"),
    ("**", "**"),
    ("*", "*"),
];

fn token<'t>(view: &View<'t>, at: usize) -> Option<Token<'t>> {
    let start = view.run(at, |byte| is_blank(byte));
    view.at(start)?;
    if let Some((open, close)) = QUOTES.iter().find(|(open, _)| view.has(start, open)) {
        let start = start + open.len();
        let mut end = start;
        while end - start <= 64 {
            match view.at(end) {
                None | Some(b'\n') => break,
                Some(_) if end > start && view.has(end, close) => {
                    return Some(Token {
                        start,
                        end,
                        text: view.slice(start, end),
                        next: end + close.len(),
                        quoted: true,
                    });
                }
                Some(_) => end += 1,
            }
        }
    }
    let end = view.run(start, |byte| !is_space(byte));
    let whole = view.slice(start, end);
    let text =
        whole.trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '>', '\u{201d}', '\u{201c}', '?', '\u{2026}']);
    let lead = text.len() - text.trim_start_matches(['(', '[', '"', '\'', '<', '\u{201c}']).len();
    let text = text.get(lead..).unwrap_or_default();
    Some(Token { start: start + lead, end: start + lead + text.len(), text, next: end, quoted: false })
}

struct Reader<'v, 't, 'o> {
    view: &'v View<'t>,
    cue: Cue,
    /// The words before a code say that it opens something.
    opens: bool,
    /// The cue is a verb or a place in a mountain as well.
    verb: bool,
    out: &'o mut Vec<Found>,
}

impl Reader<'_, '_, '_> {
    fn read(&mut self, cue_end: usize) {
        let mut at = self.view.run(cue_end, |byte| matches!(byte, b'"' | b'\'' | b')' | b'*'));
        // A name in quotes or code is read there.
        if at > cue_end && matches!(self.view.at(at), Some(b':' | b'='))
            || matches!(self.view.at(at), Some(b'(' | b'[' | b'.' | b',' | b'@' | b'/' | b'-' | b'\\'))
        {
            return;
        }
        let mut told = false;
        for n in 0..WORDS_MAX {
            // One line break may stand behind a colon.
            let blank = self.view.run(at, is_blank);
            let mark = self.view.run(blank, |byte| {
                matches!(byte, b':' | b'=' | b'-' | b'>' | b'\xe2' | b'\x86' | b'\x92' | b'\x80' | b'\x93')
            });
            let marked = mark > blank && self.view.slice(blank, mark).contains([':', '=', '>', '\u{2013}', '\u{2192}']);
            if n == 0 && self.cue == Cue::Password && self.view.at(blank) == Some(b'=') {
                return;
            }
            if marked || mark > blank && blank > at {
                told = true;
                at = self.view.run(mark, is_blank);
                if self.view.at(at) == Some(b'\n') || self.view.at(at) == Some(b'\r') {
                    at = self.view.run(at, is_space);
                }
            }
            let Some(token) = token(self.view, at) else { return };
            let lower = token.text.to_lowercase();
            if !told && IS.contains(&lower.as_str()) && !token.quoted {
                told = !ends_clause(self.view, &token);
                at = token.next;
                continue;
            }
            if self.accepts(&token, &lower, told) {
                return self.take(&token, told);
            }
            let stop = ends_clause(self.view, &token) || matches!(self.view.at(token.next), Some(b'\n') | None);
            let goes_on = told && is_filler(&lower)
                || n > 0
                || LINKS.contains(&lower.as_str())
                || !told && self.is_marked(&token);
            if stop && !self.is_marked(&token) || !goes_on || told && !is_filler(&lower) {
                return;
            }
            at = if self.is_marked(&token) { token.end } else { token.next };
        }
    }

    /// Whether a colon or equals sign hangs on the token.
    fn is_marked(&self, token: &Token<'_>) -> bool {
        !token.quoted && matches!(self.view.at(token.end), Some(b':' | b'=')) && token.end < token.next
    }

    fn accepts(&self, token: &Token<'_>, lower: &str, told: bool) -> bool {
        let shape = Shape::of(token.text);
        let code = |byte: u8| {
            matches!(byte, b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'<' | b'>' | b'"' | b'`' | b';' | b'|' | b'\\')
        };
        if !token.quoted && token.text.bytes().any(code) {
            return false;
        }
        if token.text.is_empty() || value::is_placeholder(token.text) || token.text.contains("://") {
            return false;
        }
        match self.cue {
            Cue::Pin | Cue::Code => {
                let digits = shape.digits >= 4 || told && shape.digits >= 3;
                digits
                    && shape.letters() <= 2
                    && shape.len <= 12
                    && (told || self.cue == Cue::Pin || self.opens)
                    && self.opens
                    && !is_moment(token.text)
            }
            _ if token.quoted => {
                !value::is_message(token.text)
                    && shape.len >= 3
                    && !(token.text.split(' ').count() > 4 && self.cue != Cue::Phrase)
                    && !ORDINARY.contains(&lower)
            }
            _ if is_strong(token.text, &shape) => true,
            // Also a verb.
            _ if self.verb && !told => false,
            _ => {
                told && shape.len >= 3 && shape.letters() > 0 && !is_ordinary(lower)
                    || told && shape.digits >= 4 && !is_moment(token.text)
            }
        }
    }

    fn take(&mut self, token: &Token<'_>, told: bool) {
        let mut end = token.end;
        let mut next = token.next;
        if matches!(self.cue, Cue::Pin | Cue::Code) && next == end {
            // "48 21" is one number.
            while let Some(more) = token_on_line(self.view, next).filter(|more| is_digits(more.text)) {
                (end, next) = (more.end, more.next);
            }
        }
        if self.cue == Cue::Phrase && told && !token.quoted {
            while let Some(more) = token_on_line(self.view, next).filter(|_| next == end) {
                (end, next) = (more.end, more.next);
            }
        }
        self.out.push((token.start..end, Kind::Password, self.rule()));
        // "alpha1 or beta2"
        let joined = token_on_line(self.view, next).filter(|word| {
            matches!(
                word.text,
                "or" | "and"
                    | "oder"
                    | "und"
                    | "ou"
                    | "et"
                    | "o"
                    | "y"
                    | "e"
                    | "of"
                    | "en"
                    | "i"
                    | "lub"
                    | "eller"
                    | "och"
            )
        });
        if let Some(other) = joined.and_then(|word| token_on_line(self.view, word.next)) {
            if is_strong(other.text, &Shape::of(other.text)) || other.quoted {
                self.out.push((other.start..other.end, Kind::Password, self.rule()));
            }
        }
    }

    const fn rule(&self) -> &'static str {
        match self.cue {
            Cue::Pin => "spoken-pin",
            Cue::Code => "spoken-code",
            Cue::Phrase => "spoken-phrase",
            _ => "spoken-password",
        }
    }
}

fn token_on_line<'t>(view: &View<'t>, at: usize) -> Option<Token<'t>> {
    token(view, at).filter(|token| token.start > at && !token.text.is_empty())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a sentence ends behind the token.
fn ends_clause(view: &View<'_>, token: &Token<'_>) -> bool {
    !token.quoted && view.slice(token.end, token.next).contains(['.', '?', '!', ';', ','])
}

/// Letters with digits or signs among them, as words do not have them.
fn is_strong(text: &str, shape: &Shape) -> bool {
    if shape.len < 4
        || text.contains('@') && text.contains('.') && !text.contains(['!', '#', '$', '%'])
        || is_moment(text)
    {
        return false;
    }
    let signs = text
        .bytes()
        .filter(|byte| {
            matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'_' | b'+' | b'=' | b'~' | b'?')
        })
        .count();
    let inner = text.trim_matches(|c: char| matches!(c, '!' | '?' | '*' | '_' | '#' | '@' | '$' | '&'));
    let signed = signs > 0
        && shape.letters() >= 2
        && (inner.len() < text.len()
            && !text.starts_with(['#', '@', '_', '*', '$', '&'])
            && text.ends_with('!')
            && shape.humps > 0
            || inner.bytes().any(|byte| {
                matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'=' | b'~')
            }));
    let mixed = shape.is_mixed() && shape.len >= 5 && !text.contains(['/', '(']) && shape.letters() >= 2;
    signed || mixed || shape.humps > 1 && shape.len >= 8 && !text.contains(['.', '/', '(', '_'])
}

/// A time, a date, a price, an amount, a version.
fn is_moment(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '-' | '/' | '$'));
    let units = [
        "st",
        "nd",
        "rd",
        "th",
        "am",
        "pm",
        "h",
        "s",
        "m",
        "ms",
        "min",
        "km",
        "kg",
        "kb",
        "mb",
        "gb",
        "px",
        "x",
        "k",
        "bit",
        "-bit",
        "char",
        "chars",
        "characters",
    ];
    let parted = text.contains([':', '/', '.', ',', '$', '\u{20ac}', '%'])
        && text.bytes().all(|byte| !byte.is_ascii_alphabetic());
    parted || units.iter().any(|known| unit.eq_ignore_ascii_case(known)) && !text.starts_with(unit)
}

fn is_ordinary(lower: &str) -> bool {
    ORDINARY.contains(&lower)
        || lower.len() > 4
            && lower.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
            && ENDINGS.iter().any(|end| lower.ends_with(end))
        || lower.bytes().all(|byte| !byte.is_ascii_alphanumeric() && byte < 0x80)
}

/// What may stand between "is" and the password.
fn is_filler(lower: &str) -> bool {
    matches!(
        lower,
        "now"
            | "still"
            | "just"
            | "currently"
            | "always"
            | "set"
            | "to"
            | "the"
            | "this"
            | "same"
            | "as"
            | "following"
            | "jetzt"
            | "also"
            | "temporarily"
            | "actually"
            | "probably"
            | "simply"
            | ""
            | "again"
            | "here"
            | "is"
            | "ist"
            | "est"
            | "es"
            | "maintenant"
            | "ahora"
            | "going"
            | "be"
            | "called"
            | "noch"
            | "immer"
            | "toujours"
            | "will"
            | "should"
            | "in"
            | "my"
            | "your"
            | "changed"
            | "reset"
            | "user"
            | "like"
            | "a"
    )
}

/// A name, a slash, a password: "login: bob / hunter2", "creds are bob@example.org / hunter2".
fn login(view: &View<'_>, end: usize, out: &mut Vec<Found>) {
    let mut at = view.run(end, |byte| matches!(byte, b':' | b'"' | b'\''));
    let mut before: Option<Token<'_>> = None;
    for _ in 0..WORDS_MAX {
        let blank = view.run(at, is_blank);
        if matches!(view.at(blank), Some(b'\n' | b'\r')) && before.is_some() {
            return;
        }
        let Some(token) = token(view, view.run(at, is_space)) else { return };
        if let Some(name) = &before
            && token.text == "/"
            && let Some(password) = token_on_line(view, token.next)
            && !is_ordinary(&password.text.to_lowercase())
            && password.text.len() >= 3
            && (name.text.contains('@')
                || is_strong(password.text, &Shape::of(password.text))
                || view.before(name.start.saturating_sub(1)) == Some(b':'))
        {
            out.push((
                password.start..view.run(password.start, |byte| !is_space(byte)).min(password.next),
                Kind::Password,
                "spoken-login",
            ));
            return;
        }
        let pair = token
            .text
            .split_once(['/', ':'])
            .filter(|(name, password)| name.len() >= 2 && is_strong(password, &Shape::of(password)));
        if let Some((name, _)) = pair.filter(|_| !token.text.contains("://")) {
            out.push((token.start + name.len() + 1..token.end, Kind::Password, "spoken-login"));
            return;
        }
        at = token.next;
        before = Some(token);
    }
}

/// Twelve to twenty-four short words in a row, behind "seed phrase:" or the like.
fn seed(view: &View<'_>, end: usize, out: &mut Vec<Found>) {
    let mut at = view.run(end, |byte| is_word(byte) || is_blank(byte));
    if at - end > 32 || !matches!(view.at(at), Some(b':' | b'=')) {
        at = end;
    } else {
        at += 1;
    }
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut i = at;
    while words.len() < 40 {
        let start = view.run(i, |byte| {
            is_space(byte) || matches!(byte, b'"' | b',' | b'\'' | b'.' | b')' | b'[') || byte.is_ascii_digit()
        });
        let stop = view.run(start, |byte| byte.is_ascii_lowercase());
        if stop == start || view.at(stop).is_some_and(is_word) {
            break;
        }
        words.push((start, stop));
        i = stop;
    }
    // Every word of the list has 3 to 8 letters (BIP-39), so a run is cut by the first that has not.
    let is_listed = |(start, stop): &&(usize, usize)| (3..=8).contains(&(stop - start));
    let lead =
        words.iter().take(4).position(|(start, stop)| IS.contains(&view.slice(*start, *stop))).map_or(0, |n| n + 1);
    let run: Vec<_> = words.iter().skip(lead).take_while(is_listed).collect();
    if let (true, Some((start, _)), Some((_, stop))) = (run.len() >= 12, run.first(), run.last()) {
        out.push((*start..*stop, Kind::Secret, "seed-phrase"));
    }
}
