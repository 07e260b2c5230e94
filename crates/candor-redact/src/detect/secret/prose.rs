//! What people write after "the password is": passwords, PINs, codes, phrases.

use super::shape::Shape;
use super::view::{View, is_blank, is_space, is_word};
use super::wording::{Token, ends_clause, is_digits, is_moment, is_ordinary, is_strong, token, token_on_line};
use super::words::{Cue, FILLERS, IS, LINKS, OPENS, OR, ORDINARY, PUBLIC};
use super::{Found, login, seed, value};
use crate::detect::Kind;

/// How far after a cue its secret may begin, in words, and how far decisions look, in bytes.
pub(super) const WORDS_MAX: usize = 8;
pub(super) const REACH: usize = 320;

/// Looks after the cue at `start..end`.
pub(super) fn find(view: &View<'_>, start: usize, end: usize, cue: Cue, out: &mut Vec<Found>) {
    let edge = |byte: Option<u8>| byte.is_none_or(|byte| !is_word(byte) && byte != b'_');
    if cue == Cue::Unspaced {
        return unspaced(view, end, out);
    }
    let verb = view.slice(start, end).eq_ignore_ascii_case("pass");
    if verb && view.before(start) == Some(b'-') || !edge(view.before(start)) || !edge(view.at(end)) {
        return;
    }
    match cue {
        Cue::Seed => seed::find(view, end, out),
        Cue::Login => login::find(view, end, out),
        Cue::Code if names_public(view, start) => {}
        Cue::Pin if names_public(view, start) => {}
        _ => Reader {
            view,
            cue,
            opens: cue != Cue::Code || names_opening(view, start),
            to_is: to_is(view, start, end),
            marked: view.at(end) == Some(b':'),
            verb,
            out,
        }
        .read(end),
    }
}

/// What follows a cue in Chinese, Japanese or Korean: the first run of Latin letters, digits and signs nearby.
fn unspaced(view: &View<'_>, end: usize, out: &mut Vec<Found>) {
    let start = view.run(end, |byte| byte >= 0x80 || matches!(byte, b' ' | b':' | b'=' | b'"' | b'\'' | b'(' | b'<'));
    let stop = view.run(start, |byte| byte.is_ascii_graphic());
    let token = view.slice(start, stop).trim_end_matches([')', '"', '\'', ',', '.', '>']);
    if start - end <= 24 && token.len() >= 4 && !value::is_placeholder(token) {
        out.push((start..start + token.len(), Kind::Password, "spoken-password"));
    }
}

fn word_before(view: &View<'_>, start: usize) -> String {
    let gap = view.back(start, 3, |byte| matches!(byte, b' ' | b'-'));
    let from = view.back(gap, 24, |byte| is_word(byte) || byte == b'-');
    view.slice(from, gap).to_lowercase()
}

fn names_public(view: &View<'_>, start: usize) -> bool {
    let word = word_before(view, start);
    PUBLIC.contains(word.as_str())
}

fn to_is(view: &View<'_>, start: usize, end: usize) -> bool {
    const CHANGES: &[&str] = &["chang", "set ", "reset", "updat", "kod "];
    let cue = view.slice(start, end).to_lowercase();
    let before = view.slice(start.saturating_sub(24), start).to_lowercase();
    cue.starts_with("has")
        || cue.starts_with("kod")
        || cue.starts_with("sala")
        || CHANGES.iter().any(|word| before.contains(word))
}

fn names_opening(view: &View<'_>, start: usize) -> bool {
    let word = word_before(view, start);
    OPENS.contains(word.as_str()) || word.is_empty()
}

struct Reader<'v, 't, 'o> {
    view: &'v View<'t>,
    cue: Cue,
    /// The words before a code say that it opens something.
    opens: bool,
    /// A colon stands right behind the cue.
    marked: bool,
    /// The cue is a verb or a place in a mountain as well.
    verb: bool,
    /// "To" says what it is: in Polish, and behind "changed"; "on" does in Finnish.
    to_is: bool,
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
                    if token(self.view, at).is_some_and(|token| self.is_marked(&token)) {
                        return;
                    }
                }
            }
            let Some(token) = token(self.view, at) else { return };
            let lower = token.text.trim_end_matches(['?', '!']).to_lowercase();
            let is = IS.contains(lower.as_str()) || self.to_is && matches!(lower.as_str(), "to" | "on");
            if !told && is && !token.quoted {
                told = !ends_clause(self.view, &token);
                at = token.next;
                continue;
            }
            if self.accepts(&token, &lower, told) {
                return self.take(&token, told);
            }
            let stop = ends_clause(self.view, &token) || matches!(self.view.at(token.next), Some(b'\n') | None);
            let goes_on = told && FILLERS.contains(lower.as_str())
                || n > 0
                || LINKS.contains(lower.as_str())
                || !told && self.is_marked(&token);
            if stop && !self.is_marked(&token) || !goes_on || told && !FILLERS.contains(lower.as_str()) {
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
        if token.text.is_empty()
            || value::is_placeholder(token.text)
            || token.text.contains("://")
            || token.text.starts_with("--")
        {
            return false;
        }
        match self.cue {
            Cue::Pin | Cue::Code => {
                (self.opens || self.marked && shape.digits > 3) && self.is_code(token, &shape, told)
            }
            Cue::Phrase if told && !token.quoted => self.is_phrase(token),
            // Also a verb, and what is passed may be quoted or a name.
            _ if self.verb && !told => {
                let signs = token.text.contains(['!', '@', '#', '$', '%']) || shape.digits > 0;
                !token.quoted && signs && !token.text.contains('_') && is_strong(token.text, &shape)
            }
            _ if token.quoted => {
                let short = token.text.split(' ').count() <= 4 || self.cue == Cue::Phrase;
                shape.len >= 3 && short && !value::is_message(token.text) && !ORDINARY.contains(lower)
            }
            _ if is_strong(token.text, &shape) => true,
            _ => {
                told && shape.len >= 3 && shape.letters() > 0 && !is_ordinary(lower)
                    || told && shape.digits >= 4 && !is_moment(token.text)
            }
        }
    }

    /// Four digits or more; three, or "48 21", where it is told that they are it.
    fn is_code(&self, token: &Token<'_>, shape: &Shape, told: bool) -> bool {
        let goes_on =
            || token_on_line(self.view, token.next).is_some_and(|more| is_digits(more.text) && more.text.len() > 1);
        let split = told && shape.len >= 2 && is_digits(token.text) && goes_on();
        let digits = shape.digits >= 4 || told && shape.digits >= 3 || split;
        digits && shape.letters() <= 2 && shape.len <= 12 && !is_moment(token.text)
    }

    /// Whether words that are not said about a phrase follow, or one that is none.
    fn is_phrase(&self, first: &Token<'_>) -> bool {
        let mut telling = usize::from(!is_ordinary(&first.text.to_lowercase()));
        let mut next = first.next;
        for _ in 0..3 {
            let Some(word) = token_on_line(self.view, next) else { break };
            telling += usize::from(!is_ordinary(&word.text.to_lowercase()));
            next = word.next;
        }
        telling >= 3
            || first.text.len() >= 3 && is_strong(first.text, &Shape::of(first.text))
            || telling == 1 && next == first.next
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
        let joined = token_on_line(self.view, next).filter(|word| OR.contains(word.text));
        let other = joined.and_then(|word| token_on_line(self.view, word.next));
        if let Some(other) = other.filter(|other| other.quoted || is_strong(other.text, &Shape::of(other.text))) {
            self.out.push((other.start..other.end, Kind::Password, self.rule()));
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
