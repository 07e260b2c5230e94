//! Names that say what the value behind them is, and what stands between the two.

use super::Found;
use super::shape::Shape;
use super::value::{Claim, Form};
use super::view::{View, is_blank, is_ident};
use crate::detect::Kind;

/// Longest name, in bytes.
const NAME_MAX: usize = 80;

/// The words in names, with blanks between, and what they claim.
pub(super) const WORDS: &[(Claim, &str)] = &[
    (
        Claim::Password,
        "password passwd passwort passphrase passcode passwrd pass pwd pswd contrase kennwort wachtwoord senha pw \
     identified",
    ),
    (Claim::Strong, "secret token apikey api_key api-key credential jwt verifier"),
    (
        Claim::Weak,
        "key auth cookie session signature license nonce salt seed account private webhook client_id clientid code hash \
     access",
    ),
];

/// What a name ends in when its value tells of the secret instead of being it.
const ABOUT: &str = "file path url uri name type length len size count min max hint field label regex format policy expires expiry \
     expiration expiresin expire ttl timeout required enabled valid prompt message error help text title placeholder \
     algorithm alg method header prefix suffix index id ids by_ref by_value version endpoint provider dir template class page form \
     reset base64";

/// Methods of a value, whose arguments are not it.
const METHODS: &str = "decode encode get strip split replace join format lower upper startswith length trim match";

/// A name and where it stands.
pub(super) struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) claim: Claim,
    /// The name is a flag: `--password`.
    flag: bool,
    /// The name is an element or attribute: `<password>`.
    pub(super) tag: bool,
    /// The name is in quotes.
    pub(super) quoted: bool,
    /// The name is the first argument of a call: `define('PASSWORD', …)`.
    argument: bool,
}

impl Name {
    pub(super) fn around(view: &View<'_>, start: usize, end: usize, claim: Claim) -> Option<Self> {
        let from = view.back(start, NAME_MAX, is_ident);
        let to = view.run(end, is_ident);
        // In `"…\nPASS=…"` the `n` belongs to the escape.
        let from = from + usize::from(from < start && view.before(from) == Some(b'\\'));
        let before = view.slice(from, start);
        let after = view.slice(end, to);
        if to - end > NAME_MAX || !is_part(before, view.slice(start, end), after, claim) {
            return None;
        }
        let method = after.rsplit('.').next().filter(|_| after.contains('.')).unwrap_or_default();
        if !method.is_empty() && METHODS.split(' ').any(|known| known == method) {
            return None;
        }
        let about = || {
            let last = view.slice(start, to).rsplit(['_', '-', '.']).next().unwrap_or_default().to_ascii_lowercase();
            let own = after.trim_start_matches(['_', '-', '.']).to_ascii_lowercase();
            ABOUT.split(' ').any(|word| last == word || own == word)
        };
        let claim = if !after.is_empty() && about() { Claim::Weak } else { claim };
        let lead = view.before(from);
        let quoted = matches!(lead, Some(b'"' | b'\'' | b'`'));
        let call = view.back(from.saturating_sub(1), 4, is_blank);
        Some(Self {
            argument: quoted && view.before(call) == Some(b'('),
            start: from,
            end: to,
            claim,
            flag: before.starts_with("--"),
            tag: lead == Some(b'<') || lead == Some(b'/'),
            quoted,
        })
    }

    /// Finds a value that is a part of the name: `vendor-secret-1a2b3c…`.
    pub(super) fn tail(&self, view: &View<'_>, word: usize, out: &mut Vec<Found>) {
        let start = view.run(word, |byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
        let from = view.back(start.min(self.end), 24, |byte| byte.is_ascii_alphabetic()).max(word);
        let value = view.slice(from, self.end);
        let shape = Shape::of(value);
        if self.claim < Claim::Password
            && self.end - from >= 16
            && shape.is_mixed()
            && shape.digits > 6
            && shape.turns > 1
        {
            out.push((from..self.end, Kind::Secret, "named-token"));
        }
    }
}

/// Whether the word is a part of the name, not letters of another word: `compass`, `monkey`, `author`.
fn is_part(before: &str, word: &str, after: &str, claim: Claim) -> bool {
    let upper = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
    let left = before
        .bytes()
        .next_back()
        .is_none_or(|byte| !byte.is_ascii_alphabetic() || byte.is_ascii_lowercase() && upper(word));
    let right = after
        .bytes()
        .next()
        .is_none_or(|byte| !byte.is_ascii_lowercase() || byte == b's' || !word.bytes().any(|b| b.is_ascii_lowercase()));
    match claim {
        // Distinct enough to be met inside longer words.
        Claim::Password if word.len() > 4 => true,
        Claim::Strong => true,
        Claim::Password => left && right,
        // A value behind these has to look random in any case.
        Claim::Weak => right && (left || after.is_empty()),
    }
}

/// What stands between a name and its value.
pub(super) struct Separator;

impl Separator {
    /// Where the value begins, and how it would stand there.
    pub(super) fn after(view: &View<'_>, name: &Name) -> Option<(usize, Form)> {
        let mut i = closers(view, name.end);
        let blank = view.run(i, is_blank);
        let spaced = blank > i;
        if blank > i + 40 {
            return None;
        }
        i = blank;
        if let Some(value) = annotation(view, i) {
            i = value;
        }
        let rest = |literal: &str| view.has(i, literal);
        let found = match view.at(i)? {
            b'=' if rest("=>") || rest("==") => (view.run(i, |byte| matches!(byte, b'=' | b'>')), Form::Code),
            b'=' if rest("=~") => return None,
            b'=' => (i + 1, if spaced || view.at(i + 1).is_some_and(is_blank) { Form::Code } else { Form::Setting }),
            b'!' if rest("!=") => (view.run(i + 1, |byte| byte == b'='), Form::Code),
            b':' if rest(":=") || rest("::=") => (view.run(i, |byte| matches!(byte, b':' | b'=')), Form::Code),
            b':' if rest("::") || rest(":?") || rest(":+") => return None,
            // A default of the shell: `${PASSWORD:-value}`.
            b':' if rest(":-") => (i + 2, Form::Setting),
            b':' => (i + 1, if name.quoted { Form::Code } else { Form::Setting }),
            b'-' if rest("->") => (i + 2, Form::Code),
            b'>' if name.tag => (i + 1, Form::Setting),
            b'(' => (i + 1, Form::Code),
            b',' if name.argument => (i + 1, Form::Code),
            b'v' | b'V' if rest("value=") => (i + 6, Form::Setting),
            b'b' | b'B' if rest("by ") => (i + 3, Form::Code),
            b'c' | b'C' if rest("content=") => (i + 8, Form::Setting),
            b'"' | b'\'' if spaced => (i, Form::Code),
            _ if name.flag && spaced && blank == name.end + 1 => (i, Form::Setting),
            _ if name.flag => return None,
            b'`' | b',' => return None,
            _ if spaced && !name.tag => (i, Form::Code),
            _ => return None,
        };
        Some(found)
    }
}

/// What closes around a name: quotes, brackets, escapes of them.
fn closers(view: &View<'_>, mut i: usize) -> usize {
    for _ in 0..4 {
        i = view.run(i, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b'}' | b'*'));
        match ["&quot;", "&#39;", "&#34;", "%22"].iter().find(|entity| view.has(i, entity)) {
            Some(entity) => i += entity.len(),
            None => break,
        }
    }
    i
}

/// Past a type between a name and its value: `token: str =`, `password: String =`, `pwd string =`.
fn annotation(view: &View<'_>, i: usize) -> Option<usize> {
    let colon = view.run(i, |byte| matches!(byte, b':' | b' '));
    let word = view.run(colon, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'&' | b'\'' | b'<' | b'>' | b'[' | b']' | b'?')
    });
    let equals = view.run(word, is_blank);
    let is_type = word > colon && word - colon < 24 && view.at(equals) == Some(b'=') && equals > word;
    (is_type && view.at(equals + 1) != Some(b'=')).then_some(equals)
}
