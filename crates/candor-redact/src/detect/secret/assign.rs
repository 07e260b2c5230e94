//! Values behind a name that says what they are, in code and settings: `password = "…"`, `API_KEY: …`, `<token>…</token>`,
//! `setPassword("…")`, `--password …`, `IDENTIFIED BY '…'`.

use std::ops::Range;

use super::shape::Shape;
use super::value::{self, Claim, Form};
use super::view::{View, is_blank, is_ident, is_space, is_word};
use crate::detect::Kind;

/// Longest name, and longest value in quotes, in bytes.
const NAME_MAX: usize = 80;
const QUOTED_MAX: usize = 512;

/// The words in names, and what they claim. Longer ones contain shorter ones where the difference does not matter.
pub(super) const WORDS: &[(&str, Claim)] = &[
    ("password", Claim::Password),
    ("passwd", Claim::Password),
    ("passwort", Claim::Password),
    ("passphrase", Claim::Password),
    ("passcode", Claim::Password),
    ("passwrd", Claim::Password),
    ("pass", Claim::Password),
    ("pwd", Claim::Password),
    ("pswd", Claim::Password),
    ("contrase", Claim::Password),
    ("kennwort", Claim::Password),
    ("wachtwoord", Claim::Password),
    ("senha", Claim::Password),
    ("pw", Claim::Password),
    ("identified", Claim::Password),
    ("secret", Claim::Strong),
    ("token", Claim::Strong),
    ("apikey", Claim::Strong),
    ("api_key", Claim::Strong),
    ("api-key", Claim::Strong),
    ("credential", Claim::Strong),
    ("key", Claim::Weak),
    ("auth", Claim::Weak),
    ("cookie", Claim::Weak),
    ("session", Claim::Weak),
    ("signature", Claim::Weak),
    ("license", Claim::Weak),
    ("nonce", Claim::Weak),
    ("salt", Claim::Weak),
    ("seed", Claim::Weak),
    ("account", Claim::Weak),
    ("private", Claim::Weak),
    ("jwt", Claim::Strong),
    ("webhook", Claim::Weak),
    ("client_id", Claim::Weak),
    ("clientid", Claim::Weak),
    ("code", Claim::Weak),
    ("verifier", Claim::Strong),
    ("hash", Claim::Weak),
    ("access", Claim::Weak),
];

/// What a name ends in when its value tells of the secret instead of being it.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "url",
    "uri",
    "name",
    "type",
    "length",
    "len",
    "size",
    "count",
    "min",
    "max",
    "hint",
    "field",
    "label",
    "regex",
    "format",
    "policy",
    "expires",
    "expiry",
    "expiration",
    "expiresin",
    "expire",
    "ttl",
    "timeout",
    "required",
    "enabled",
    "valid",
    "prompt",
    "message",
    "error",
    "help",
    "text",
    "title",
    "placeholder",
    "algorithm",
    "alg",
    "method",
    "header",
    "prefix",
    "suffix",
    "index",
    "id",
    "ids",
    "version",
    "endpoint",
    "provider",
    "dir",
    "template",
    "class",
    "page",
    "form",
    "reset",
    "base64",
];

/// Methods of a value, whose arguments are not it.
const METHODS: &[&str] = &[
    "decode",
    "encode",
    "get",
    "strip",
    "split",
    "replace",
    "join",
    "format",
    "lower",
    "upper",
    "startswith",
    "length",
    "trim",
    "match",
];

type Found = (Range<usize>, Kind, &'static str);

/// Looks for values behind the name around the word at `start..end`.
pub(super) fn find(view: &View<'_>, start: usize, end: usize, claim: Claim, out: &mut Vec<Found>) {
    let Some(name) = Name::around(view, start, end, claim) else { return };
    name.tail(view, end, out);
    let Some((at, form)) = Separator::after(view, &name) else { return };
    Values { view, name, form, out }.read(at);
}

/// A name and where it stands.
struct Name {
    start: usize,
    end: usize,
    claim: Claim,
    /// The name is a flag: `--password`.
    flag: bool,
    /// The name is an element or attribute: `<password>`.
    tag: bool,
    /// The name is in quotes.
    quoted: bool,
}

impl Name {
    fn around(view: &View<'_>, start: usize, end: usize, claim: Claim) -> Option<Self> {
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
        if METHODS.contains(&method) {
            return None;
        }
        let about = || {
            let last = view.slice(start, to).rsplit(['_', '-', '.']).next().unwrap_or_default().to_ascii_lowercase();
            let own = after.trim_start_matches(['_', '-', '.']).to_ascii_lowercase();
            ABOUT.iter().any(|word| last == *word || own == *word)
        };
        let claim = if !after.is_empty() && about() { Claim::Weak } else { claim };
        let lead = view.before(from);
        Some(Self {
            start: from,
            end: to,
            claim,
            flag: before.starts_with("--"),
            tag: lead == Some(b'<') || lead == Some(b'/'),
            quoted: matches!(lead, Some(b'"' | b'\'' | b'`')),
        })
    }
}

impl Name {
    /// The value is a part of the name: `vendor-secret-1a2b3c…`.
    fn tail(&self, view: &View<'_>, word: usize, out: &mut Vec<Found>) {
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
struct Separator;

impl Separator {
    /// Where the value begins, and how it would stand there.
    fn after(view: &View<'_>, name: &Name) -> Option<(usize, Form)> {
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
            b',' if name.quoted => (i + 1, Form::Code),
            b'v' | b'V' if rest("value=") => (i + 6, Form::Setting),
            b'b' | b'B' if rest("by ") => (i + 3, Form::Code),
            b'c' | b'C' if rest("content=") => (i + 8, Form::Setting),
            b'"' | b'\'' if spaced => (i, Form::Code),
            _ if name.flag && spaced && blank == name.end + 1 => (i, Form::Setting),
            _ if name.flag => return None,
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

/// Reads the values behind a separator.
struct Values<'v, 't, 'o> {
    view: &'v View<'t>,
    name: Name,
    form: Form,
    out: &'o mut Vec<Found>,
}

impl Values<'_, '_, '_> {
    fn read(&mut self, at: usize) {
        let mut i = self.skip(at);
        for _ in 0..8 {
            let Some((end, close)) = self.quoted(i) else { break };
            self.judge(i_after_quote(self.view, i), end, Form::Quoted);
            // A list of strings, or the next argument of a call.
            let comma = self.view.run(close, is_space);
            if self.view.at(comma) != Some(b',')
                || self.form != Form::Code
                || self.name.claim == Claim::Weak && self.name.quoted
            {
                return;
            }
            i = self.view.run(comma + 1, is_space);
            if self.quoted(i).is_some_and(|(_, close)| self.view.at(self.view.run(close, is_blank)) == Some(b':')) {
                return;
            }
        }
        if self.quoted(i).is_none() && !matches!(self.view.at(i), Some(b',' | b')' | b']')) {
            self.bare(i);
        }
    }

    /// Over space and what wraps a value: brackets, `aws.String(`, `b`.
    fn skip(&self, at: usize) -> usize {
        let blank = self.view.run(at, is_blank);
        // In JSON and YAML a value may stand on the next line, indented.
        let line = self.view.run(blank, |byte| matches!(byte, b'\r' | b'\n'));
        let mut i = if line > blank && self.form != Form::Code {
            self.indented(line)
        } else if line > blank && self.next_is_quote(line) {
            self.view.run(line, is_blank)
        } else {
            blank
        };
        for _ in 0..3 {
            let word = self.view.run(i, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'$' | b'[' | b']' | b'{' | b'(')
            });
            let inner = self.view.slice(i, word);
            let prefix = inner.rsplit(['(', '[', '{']).next().unwrap_or_default();
            let quote = matches!(self.view.at(word), Some(b'"' | b'\'' | b'`'));
            if !quote || inner.is_empty() || inner.len() > 48 || prefix.len() > 2 || self.reads_elsewhere(inner) {
                break;
            }
            i = word;
        }
        if self.view.has(i, "<![CDATA[") {
            i += 9;
        }
        i
    }

    fn indented(&self, line: usize) -> usize {
        let i = self.view.run(line, is_blank);
        if i > line { i } else { usize::MAX }
    }

    fn next_is_quote(&self, line: usize) -> bool {
        matches!(self.view.at(self.view.run(line, is_blank)), Some(b'"' | b'\''))
    }

    /// A call whose string is the name of where the secret is: `getenv("TOKEN")`.
    fn reads_elsewhere(&self, word: &str) -> bool {
        const ELSEWHERE: &[&str] = &["env", "get", "path", "find", "read", "load", "open", "[", "prompt", "input"];
        let lower = word.to_ascii_lowercase();
        let bytes = word.starts_with("[]");
        !bytes && word.len() > 1 && ELSEWHERE.iter().any(|part| lower.contains(part)) && word.contains(['(', '['])
    }

    /// Where the text in the quotes at `i` ends, and where what follows them begins.
    fn quoted(&self, i: usize) -> Option<(usize, usize)> {
        let (quote, open) = quote_at(self.view, i)?;
        let start = i + open;
        let mut end = start;
        while end - start <= QUOTED_MAX {
            let byte = self.view.at(end)?;
            if self.view.has(end, quote) {
                return Some((end, end + quote.len()));
            }
            match byte {
                b'\n' if !quote.starts_with("\"\"\"") => return None,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        None
    }

    /// A value without quotes.
    fn bare(&mut self, start: usize) {
        let stop = |byte: u8| is_space(byte) || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`');
        let mut end = self.view.run(start, |byte| !stop(byte));
        let text = self.view.slice(start, end);
        if let Some(cut) = next_pair(text) {
            end = start + cut;
        }
        let mut value = self.view.slice(start, end);
        value = value.trim_end_matches([',', ';', ':', '\\']);
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
            while value.ends_with(close) && !value.contains(open) {
                value = value.trim_end_matches(close).trim_end_matches([',', ';']);
            }
        }
        // What a bracket or a comma closes stood among other code.
        let closed = value.len() < text.len()
            && !self.name.tag
            && self.view.slice(start + value.len(), end).contains([')', ',', ']', '}']);
        let value = value.trim_end_matches(['.', '*']);
        self.judge(start, start + value.len(), if closed { Form::Code } else { self.form });
    }

    fn judge(&mut self, start: usize, end: usize, form: Form) {
        let value = self.view.slice(start, end);
        let name = self.view.slice(self.name.start, self.name.end);
        let pair =
            self.name.claim == Claim::Weak && name.to_ascii_lowercase().contains("auth") && value::is_pair(value);
        if value.eq_ignore_ascii_case(name) || !pair && !value::is_secret(self.name.claim, form, value) {
            return;
        }
        let (kind, rule) = match self.name.claim {
            Claim::Password => (Kind::Password, "assigned-password"),
            Claim::Strong => (Kind::Secret, "assigned-secret"),
            Claim::Weak => (Kind::Secret, "assigned-key"),
        };
        self.out.push((start..end, kind, rule));
    }
}

fn i_after_quote(view: &View<'_>, i: usize) -> usize {
    quote_at(view, i).map_or(i, |(_, open)| i + open)
}

/// The quote that opens at `i`, as it closes again, and its length.
fn quote_at(view: &View<'_>, i: usize) -> Option<(&'static str, usize)> {
    const QUOTES: &[&str] = &["\"\"\"", "'''", "\\\\\"", "\\\"", "\\'", "&quot;", "&#39;", "&#34;", "\"", "'", "`"];
    QUOTES.iter().find(|quote| view.has(i, quote)).map(|quote| (*quote, quote.len()))
}

/// Where in a bare value the next `name=value` begins, with what separates them.
fn next_pair(text: &str) -> Option<usize> {
    text.char_indices().filter(|(_, c)| matches!(c, '&' | ',' | ';' | '|')).find_map(|(at, c)| {
        let rest = text.get(at + c.len_utf8()..)?;
        let rest = rest.strip_prefix("amp;").unwrap_or(rest);
        let name = rest.bytes().take_while(|byte| is_word(*byte) || matches!(byte, b'_' | b'-' | b'.')).count();
        (name > 0 && matches!(rest.as_bytes().get(name), Some(b'=' | b':'))).then_some(at)
    })
}
