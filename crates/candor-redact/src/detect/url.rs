//! Web addresses, with a scheme and without.

use super::kind::Kind;
use super::lexicon::Roles;
use super::scan::{Hit, Scan};
use super::text::{Class, Text, Token, class, is_hidden};

/// An address whose scheme is the token: up to a space, quote or bracket that does not belong to it.
pub(super) fn with_scheme(text: &Text<'_>, scheme: &Token) -> Option<Hit> {
    let start = scheme.end + 3;
    let slashes = text.at(scheme.end + 1) == b'/' && text.at(scheme.end + 2) == b'/';
    if !slashes || !scheme.letters {
        return None;
    }
    let end = rest(text, start);
    (end > start).then(|| Hit::new(scheme.start, end, Kind::Url, "url"))
}

/// The end of what may follow in an address: the token without a space, less what closes a sentence.
fn rest(text: &Text<'_>, start: usize) -> usize {
    let mut end = start;
    while !matches!(text.at(end), 0..=b' ' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'\\' | b'^' | 0x7f) {
        end += 1;
    }
    // Ends before a space that is not ASCII.
    let walked = text.get(start, end);
    end = start + walked.find(char::is_whitespace).unwrap_or(walked.len());
    while end > start
        && matches!(text.before(end), b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b')' | b']' | b'*')
    {
        let opened = text.before(end) == b')' && text.get(start, end).contains('(');
        if opened {
            break;
        }
        end -= 1;
    }
    end
}

/// The end of a host name that begins at `start`, and its dots. A comma passes for a dot where `slips` is set.
pub(super) fn host(text: &Text<'_>, start: usize, slips: bool) -> (usize, usize) {
    let (mut end, mut dots) = (start, 0);
    while end - start < 256 {
        let byte = text.at(end);
        let name = class(byte) != Class::Other;
        let joined = matches!(byte, b'-' | b'_')
            && end > start
            && (text.at(end + 1) == b'-' || class(text.at(end + 1)) != Class::Other);
        let dot = (byte == b'.' || (slips && byte == b',')) && end > start && class(text.at(end + 1)) != Class::Other;
        if byte == 0 || !(name || joined || dot) {
            break;
        }
        dots += usize::from(dot);
        end += 1;
    }
    // Curly quotes and the like are no part of a name.
    let walked = text.get(start, end);
    let kept = walked.find(|char: char| {
        !is_hidden(char) && !char.is_alphanumeric() && !matches!(char, '.' | '-' | '_' | ',' | '\u{300}'..='\u{36f}')
    });
    let end = start + kept.unwrap_or(walked.len());
    let walked = text.get(start, end);
    (end - usize::from(walked.ends_with(['.', ','])), dots)
}

/// Whether a host ends in letters, as names do and numbers do not.
pub(super) fn ends_in_name(text: &Text<'_>, start: usize, end: usize) -> bool {
    let last = text.get(start, end).rsplit(['.', ',']).next().unwrap_or_default();
    last.starts_with("xn--") || (last.chars().count() >= 2 && last.chars().all(char::is_alphabetic))
}

/// An address without a scheme, at its first label: `www.example.org`, `example.co.uk/path`.
pub(super) fn bare(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    if class(text.at(token.end + 1)) == Class::Other || !token.letters {
        return None;
    }
    let (end, dots) = host(text, token.start, false);
    if dots == 0 || text.at(end) == b'@' {
        return None;
    }
    let www = text.get(token.start, token.end).eq_ignore_ascii_case("www") && dots >= 2;
    let top_start = text.get(token.start, end).rfind('.').map_or(end, |dot| token.start + dot + 1);
    let top = text.token(top_start);
    let known = top.end == end && scan.lexicon.roles(&top).any(Roles::TLD) && !is_sentence(text, token, &top);
    if !(known || www) || !ends_in_name(text, token.start, end) {
        return None;
    }
    let start = label_start(text, token.start);
    let end = if matches!(text.at(end), b'/' | b'?' | b'#' | b':') { rest(text, end) } else { end };
    Some(Hit::new(start, end, Kind::Url, "domain"))
}

/// A full stop with no space after it (`end.It`), or a file of a program (`main.rs` is one, `x.py` is another).
fn is_sentence(text: &Text<'_>, first: &Token, top: &Token) -> bool {
    let capital = top.capital && top.lower && !first.capital;
    let file = matches!(
        text.get(top.start, top.end),
        "rs" | "py"
            | "sh"
            | "pl"
            | "md"
            | "so"
            | "am"
            | "in"
            | "it"
            | "at"
            | "is"
            | "to"
            | "me"
            | "my"
            | "no"
            | "be"
            | "us"
    );
    let slash = text.at(top.end) == b'/' || text.get(first.start, first.end).eq_ignore_ascii_case("www");
    (capital || file) && !slash
}

/// Where the label that ends in this token begins: `my-` of `my-site.org`.
fn label_start(text: &Text<'_>, token: usize) -> usize {
    let mut start = token;
    while token - start < 63 && matches!(text.before(start), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_') {
        start -= 1;
    }
    while start < token && matches!(text.at(start), b'-' | b'_') {
        start += 1;
    }
    start
}
