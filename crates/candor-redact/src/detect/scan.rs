//! The one pass over a text: every token is asked what may begin there.

use super::kind::{Finding, Kind};
use super::lexicon::{Lexicon, Roles};
use super::normal::has_strange;
use super::text::{Class, Text, Token, class, is_hidden, is_strange};
use super::{account, address, cue, email, identity, ip, name, number, spelled, typed, url};

/// No matcher looks further to the right than this from where it begins, but for tokens without a space in them.
pub(super) const REACH: usize = 512;

/// What a matcher found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) rule: &'static str,
}

impl Hit {
    pub(super) const fn new(start: usize, end: usize, kind: Kind, rule: &'static str) -> Self {
        Self { start, end, kind, rule }
    }
}

/// A text, the lists, and how strict to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'s, 't> {
    pub(super) text: &'s Text<'t>,
    pub(super) lexicon: &'s Lexicon,
    /// Take what a slip of the finger may have spoiled, too.
    pub(super) typed: bool,
}

impl Scan<'_, '_> {
    /// All findings, in the order of where they were noticed. True where something in the text may pass for something else.
    pub(super) fn run(&self, findings: &mut Vec<Finding>) -> bool {
        let text = self.text;
        let (mut at, mut strange) = (0, false);
        while at < text.len() {
            let (hit, next) = match class(text.at(at)) {
                Class::Other => (self.sign(at), at + 1),
                _ => {
                    let token = text.token(at);
                    if token.is_empty() {
                        let char = text.char_at(at).unwrap_or_default();
                        strange |= is_hidden(char) || (is_strange(char) && text.before(at).is_ascii_digit());
                        (None, at + char.len_utf8())
                    } else {
                        strange |= token.strange;
                        (self.token(&token), token.end)
                    }
                }
            };
            if let Some(Hit { start, end, kind, rule }) = hit {
                findings.push(Finding { span: start..end, kind, rule });
                let end = self.token_end(next.max(end));
                strange |= has_strange(text.get(at, end));
                at = end;
                continue;
            }
            // What looks like half a value hides nothing that begins within it.
            if let Some(Hit { start, end, kind, rule }) = self.typed.then(|| self.slip(at)).flatten() {
                findings.push(Finding { span: start..end, kind, rule });
            }
            at = next;
        }
        strange
    }

    /// `at`, or the end of the token that it lies in: [`Scan::horizon`] looks at whole tokens only.
    fn token_end(&self, at: usize) -> usize {
        let inside = class(self.text.before(at)) != Class::Other && class(self.text.at(at)) != Class::Other;
        if inside && self.text.token_start(at) < at { self.text.token(at).end.max(at) } else { at }
    }

    /// The first place from `from` on where something looked past the end: what is found before it stays.
    pub(super) fn horizon(&self, from: usize) -> usize {
        let text = self.text;
        let mut at = from;
        while at < text.len() {
            let start = at;
            text.take_past_end();
            let token = text.token(at);
            let hit = if token.is_empty() {
                at += text.char_at(at).map_or(1, char::len_utf8);
                self.sign(start)
            } else {
                at = token.end;
                self.token(&token)
            };
            let slip = if hit.is_none() { self.slip(start) } else { hit };
            if text.take_past_end() {
                // A word that only says what follows is no part of it: it may go, and still be read when the value comes.
                let hold = if self.only_tells(&token) { self.told_from(token.end) } else { self.hold(&token, start) };
                return slip.map_or(hold, |hit| hit.start.min(hold));
            }
        }
        text.len()
    }

    /// Whether a word is a cue and can be nothing else.
    fn only_tells(&self, token: &Token) -> bool {
        let cue = cue::ROLES.or(Roles::GREETING).or(Roles::NAME_FIELD).or(Roles::ADDRESS);
        let part = Roles::FIRST
            .or(Roles::MAYBE_FIRST)
            .or(Roles::LAST)
            .or(Roles::TITLE)
            .or(Roles::STREET_BEFORE)
            .or(Roles::STREET_SURE)
            .or(Roles::UNIT)
            .or(Roles::BOX)
            .or(Roles::MILITARY)
            .or(Roles::DIGIT)
            .or(Roles::AT);
        let roles = self.lexicon.roles(token);
        let may_begin = token.capital && self.text.at(token.end) != b':';
        token.is_word() && !may_begin && roles.any(cue) && !roles.any(part)
    }

    /// Where the value that a cue tells can begin at the earliest: after the words that may stand between. A label stands
    /// right before it.
    fn told_from(&self, end: usize) -> usize {
        if self.text.at(end) == b':' {
            return end + 1;
        }
        let mut at = end;
        loop {
            while matches!(self.text.at(at), b' ' | b':' | b'.' | b',' | b'#' | b'=') && at < self.text.len() {
                at += 1;
            }
            let token = self.text.token(at);
            let between = self.lexicon.roles(&token).any(Roles::FILLER.or(cue::ROLES));
            if token.is_empty() || token.capital || !token.is_word() || !between {
                return at;
            }
            at = token.end;
        }
    }

    /// How far to the left of `start` something may begin that is noticed there: over all that is not a space, a plus sign
    /// before it, and the word before `at`.
    fn hold(&self, token: &Token, start: usize) -> usize {
        let word = |end: usize| self.text.get(0, end).trim_end_matches(|char: char| !char.is_whitespace()).len();
        let hold = word(start);
        let before = self.text.get(0, hold).trim_end_matches([' ', '(', '[']);
        let said = self.lexicon.roles(token).any(Roles::AT);
        if (said || before.ends_with('+')) && hold - before.len() <= 3 { word(before.len()) } else { hold }
    }

    /// The start of the word before the last token, which begins at `last`: with `at` after it, it would be an address's.
    pub(super) fn before_last(&self, last: usize) -> usize {
        let before = self.text.get(0, last).trim_end_matches([' ', '(', '[']).len();
        if last - before <= 3 { self.text.token_start(before) } else { last }
    }

    /// What a slip of the finger may have spoiled, at a token or sign.
    fn slip(&self, at: usize) -> Option<Hit> {
        if self.text.at(at) == b'@' {
            return email::slip(self.text, at);
        }
        let token = self.text.token(at);
        if token.is_number() { typed::digits(self.text, &token) } else { typed::mixed(self.text, &token) }
    }

    /// What begins with, or is told by, a sign.
    fn sign(&self, at: usize) -> Option<Hit> {
        match self.text.at(at) {
            b'@' => email::find(self.text, at),
            b':' if self.text.at(at + 1) == b':' => ip::v6(self.text, at),
            _ => None,
        }
    }

    /// What begins with a token.
    fn token(&self, token: &Token) -> Option<Hit> {
        let text = self.text;
        let after = text.at(token.end);
        if after == b':' || after == b'-' || after == b'.' {
            let found = self.with_sign(token, after);
            if found.is_some() {
                return found;
            }
        }
        if token.is_word() {
            return self.word(token, after);
        }
        if token.is_number() {
            return address::at_number(self, token).or_else(|| number::find(self, token.start));
        }
        account::iban(text, token.start)
            .or_else(|| identity::mixed(text, token))
            .or_else(|| {
                class(text.at(token.start)).eq(&Class::Digit).then(|| number::find(self, token.start)).flatten()
            })
            .or_else(|| address::at_number(self, token))
    }

    /// What a token with a sign after it can be: addresses of the net.
    fn with_sign(&self, token: &Token, sign: u8) -> Option<Hit> {
        let text = self.text;
        let short = token.len() <= 4;
        match sign {
            b':' if text.at(token.end + 1) == b'/' => url::with_scheme(text, token),
            b':' if short => ip::v6(text, token.start).or_else(|| ip::mac(text, token.start)),
            b'-' if token.len() == 2 => ip::mac(text, token.start),
            b'.' if token.len() == 4 && token.digits => ip::mac(text, token.start),
            b'.' => url::bare(self, token),
            _ => None,
        }
    }

    /// What begins with a word.
    fn word(&self, token: &Token, after: u8) -> Option<Hit> {
        let roles = self.lexicon.roles(token);
        let short = token.len() <= 2 && matches!(after, b' ' | b'-' | b'.');
        if !token.capital && !short && !roles.any(SMALL) {
            return None;
        }
        let cued = roles.any(cue::ROLES).then(|| cue::find(self, token, roles)).flatten();
        let street = || address::at_word(self, token, roles);
        let named = || (token.capital || roles != Roles::default()).then(|| name::find(self, token, roles)).flatten();
        let account = || (token.len() == 2 && token.capital).then(|| account::iban(self.text, token.start)).flatten();
        let said = || roles.any(Roles::DIGIT.or(Roles::AT)).then(|| spelled::find(self, token, roles)).flatten();
        cued.or_else(street)
            .or_else(named)
            .or_else(account)
            .or_else(said)
            .or_else(|| identity::spaced(self.text, token))
    }

    /// What the word just before `at` can be, over at most three spaces and signs on the line.
    pub(super) fn word_before(&self, at: usize) -> Roles {
        let mut end = at;
        while end > 0 && at - end < 3 && matches!(self.text.before(end), b' ' | b':' | b'#' | b'=' | b'-' | b'.' | b'/')
        {
            end -= 1;
        }
        self.roles_before(end).1
    }

    fn roles_before(&self, end: usize) -> (usize, Roles) {
        let start = self.text.token_start(end);
        // The token ends inside the text, so this does not look past the end.
        let token = self.text.token(start);
        if token.is_empty() || token.end != end {
            (start, Roles::default())
        } else {
            (start, self.lexicon.roles(&token))
        }
    }

    /// The nearest word before `at` that is no mere filler, at most six words back: `call me at`.
    pub(super) fn cue_before(&self, at: usize) -> Roles {
        let mut end = at;
        for _ in 0..6 {
            let mut gap = 0;
            while end > 0 && gap < 4 && is_gap(self.text.before(end)) {
                end -= 1;
                gap += 1;
            }
            let (start, roles) = self.roles_before(end);
            if start == end || roles.any(cue::ROLES) || !roles.any(Roles::FILLER) {
                return roles;
            }
            end = start;
        }
        Roles::default()
    }
}

/// What a word without a capital letter can begin.
const SMALL: Roles = cue::ROLES
    .or(Roles::TITLE)
    .or(Roles::FIRST)
    .or(Roles::GREETING)
    .or(Roles::NAME_FIELD)
    .or(Roles::STREET_BEFORE)
    .or(Roles::UNIT)
    .or(Roles::BOX)
    .or(Roles::MILITARY)
    .or(Roles::ADDRESS)
    .or(Roles::DIGIT)
    .or(Roles::AT);

/// What may stand between the words of a cue.
const fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b':' | b'#' | b'=' | b'-' | b'.' | b'\n' | b'\r' | b'\t' | b'(' | b'"' | b'\'' | b'*')
}
