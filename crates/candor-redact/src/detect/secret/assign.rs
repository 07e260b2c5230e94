//! Values behind a name that says what they are, in code and settings: `password = "…"`, `API_KEY: …`, `<token>…</token>`,
//! `setPassword("…")`, `--password …`, `IDENTIFIED BY '…'`.

use super::Found;
use super::name::{Name, Separator};
use super::value::{self, Claim, Form};
use super::view::{View, is_blank, is_space, is_word};
use crate::detect::Kind;

/// Longest value in quotes, in bytes.
const QUOTED_MAX: usize = 512;

/// Looks for values behind the name around the word at `start..end`.
pub(super) fn find(view: &View<'_>, start: usize, end: usize, claim: Claim, out: &mut Vec<Found>) {
    let Some(name) = Name::around(view, start, end, claim) else { return };
    name.tail(view, end, out);
    let Some((at, form)) = Separator::after(view, &name) else { return };
    Values { view, name, form, out }.read(at);
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
                || self.view.at(at.saturating_sub(1)) == Some(b',')
                || self.name.claim == Claim::Weak && self.name.quoted
            {
                return;
            }
            i = self.view.run(comma + 1, is_space);
            if self.quoted(i).is_some_and(|(_, close)| self.view.at(self.view.run(close, is_blank)) == Some(b':')) {
                return;
            }
        }
        if let Some((_, open)) = quote_at(self.view, i).filter(|_| self.quoted(i).is_none()) {
            // Not closed yet, or too long: what stands there is held all the same.
            let end = self.view.run(i + open, |byte| !is_space(byte) && !matches!(byte, b'"' | b'\''));
            return self.judge(i + open, end, Form::Quoted);
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
        if self.view.at(end) == Some(b'<') && self.view.at(end + 1) != Some(b'/') && !self.name.tag {
            // A type with arguments.
            return;
        }
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
        let form = match self.form {
            _ if closed => Form::Code,
            Form::Code if self.is_line(start + value.len()) => Form::Setting,
            form => form,
        };
        self.judge(start, start + value.len(), form);
    }

    /// Whether name and value are alone on their line, as in files of settings.
    fn is_line(&self, end: usize) -> bool {
        let before = self.view.before(self.view.back(self.name.start, 16, is_blank));
        before.is_none_or(|byte| byte == b'\n') && self.view.at(end).is_none_or(|byte| matches!(byte, b'\n' | b'\r'))
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
        let name =
            rest.bytes().take(48).take_while(|byte| is_word(*byte) || matches!(byte, b'_' | b'-' | b'.')).count();
        (name > 0 && matches!(rest.as_bytes().get(name), Some(b'=' | b':'))).then_some(at)
    })
}
