//! Secrets that show by their own form: a prefix, then so many characters of a class.

use super::checksum;
use super::view::View;

/// The characters that a part of a format consists of, and the letter for it in a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `d`
    Digit,
    /// `h`
    Hex,
    /// `l`: lower-case letters and digits
    Lower,
    /// `c`: upper-case letters and digits
    Upper,
    /// `w`: letters and digits
    Alnum,
    /// `i`: letters, digits, `_`
    Ident,
    /// `u`: base64 for addresses
    Url,
    /// `b`: base64, and the dot of hashes
    Base64,
    /// `t`: all that a token may hold
    Token,
}

impl Class {
    const fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'd' => Self::Digit,
            b'h' => Self::Hex,
            b'l' => Self::Lower,
            b'c' => Self::Upper,
            b'w' => Self::Alnum,
            b'i' => Self::Ident,
            b'u' => Self::Url,
            b'b' => Self::Base64,
            b't' => Self::Token,
            _ => return None,
        })
    }

    const fn has(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Ident => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'.'),
            Self::Token => {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'+' | b'/' | b'=' | b'.' | b'_' | b'-' | b'~' | b'%' | b'$' | b'!' | b'|' | b'*' | b','
                    )
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal(u8),
    /// Exactly so many, where something follows; at least so many at the end.
    Run(Class, usize),
}

/// One format, read from its template.
///
/// A template is literal text with parts in braces: `{w36}` is 36 letters or digits. The last part takes at least its number
/// and holds the whole token; with `!` behind it, exactly its number and the token must end there, for prefixes that
/// say little. `{u10+}` inside takes 10 or more, up to what follows.
#[derive(Debug)]
pub(super) struct Format {
    pub(super) rule: &'static str,
    pub(super) prefix: &'static str,
    parts: Vec<Part>,
    exact: bool,
    /// Inner parts that take all they can.
    greedy: Vec<usize>,
}

impl Format {
    /// Reads a template; nothing where it is not one.
    pub(super) fn parse(rule: &'static str, template: &'static str) -> Option<Self> {
        let prefix = template.split('{').next()?;
        let (mut rest, exact) = template
            .get(prefix.len()..)?
            .strip_suffix('!')
            .map_or((template.get(prefix.len()..)?, false), |rest| (rest, true));
        let mut format = Self { rule, prefix, parts: Vec::new(), exact, greedy: Vec::new() };
        while let Some(byte) = rest.bytes().next() {
            if byte != b'{' {
                format.parts.push(Part::Literal(byte));
                rest = rest.get(1..)?;
                continue;
            }
            let (part, after) = rest.get(1..)?.split_once('}')?;
            let class = Class::of(part.bytes().next()?)?;
            let number = part.get(1..)?;
            if number.ends_with('+') {
                format.greedy.push(format.parts.len());
            }
            format.parts.push(Part::Run(class, number.trim_end_matches('+').parse().ok()?));
            rest = after;
        }
        Some(format)
    }

    /// Where the secret that begins with the prefix at `start` ends.
    pub(super) fn end(&self, view: &View<'_>, start: usize) -> Option<usize> {
        let mut i = start + self.prefix.len();
        if view.slice(start, i) != self.prefix || self.continues(view, start) {
            return None;
        }
        for (n, part) in self.parts.iter().enumerate() {
            match *part {
                Part::Literal(literal) => {
                    if view.at(i) != Some(literal) {
                        return None;
                    }
                    i += 1;
                }
                Part::Run(class, least) => {
                    let last = n + 1 == self.parts.len();
                    let all = last || self.greedy.contains(&n);
                    let end =
                        if all { view.run(i, |byte| class.has(byte)) } else { self.exactly(view, i, class, least)? };
                    let wrong = end - i < least || last && self.exact && (end - i > least || goes_on(view, end));
                    if wrong {
                        return None;
                    }
                    i = end;
                }
            }
        }
        Some(i)
    }

    fn exactly(&self, view: &View<'_>, i: usize, class: Class, number: usize) -> Option<usize> {
        (i..i + number).all(|i| view.at(i).is_some_and(|byte| class.has(byte))).then_some(i + number)
    }

    /// Whether the prefix is the middle of another word.
    fn continues(&self, view: &View<'_>, start: usize) -> bool {
        self.prefix.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
            && view.before(start).is_some_and(|byte| byte.is_ascii_alphanumeric())
            && !after_escape(view, start)
    }

    /// The rule to report: what carries a checksum and does not keep it was mistyped, or is an example.
    pub(super) fn rule_for(&self, token: &str) -> &'static str {
        match (self.rule, checksum::github(token)) {
            ("github-token", Some(false)) => "github-token-mistyped",
            ("npm-token", Some(false)) => "npm-token-mistyped",
            (rule, _) => rule,
        }
    }
}

/// Whether the token goes on where its format ends.
fn goes_on(view: &View<'_>, end: usize) -> bool {
    view.at(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// `\n` and `%3D` in quoted text: the letter belongs to the escape, not to a word.
fn after_escape(view: &View<'_>, start: usize) -> bool {
    let two = start.checked_sub(2).map_or("", |at| view.slice(at, start));
    let three = start.checked_sub(3).map_or("", |at| view.slice(at, start));
    matches!(two, "\\n" | "\\r" | "\\t") || three.starts_with('%')
}
