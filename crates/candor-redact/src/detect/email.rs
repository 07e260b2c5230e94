//! E-mail addresses.

use super::kind::Kind;
use super::scan::Hit;
use super::text::{Class, Text, class};
use super::url;

/// The longest local part (RFC 5321) and a margin for characters beyond ASCII.
const LOCAL: usize = 128;

/// The address around the `@` at `at`.
pub(super) fn find(text: &Text<'_>, at: usize) -> Option<Hit> {
    let start = local_start(text, at);
    if start == at {
        return None;
    }
    let (end, dots) = url::host(text, at + 1, false);
    if dots > 0 && url::ends_in_name(text, at + 1, end) {
        return Some(Hit::new(start, end, Kind::Email, "email"));
    }
    let end = if text.at(at + 1) == b'[' { literal_end(text, at + 2)? } else { return None };
    Some(Hit::new(start, end, Kind::Email, "email-literal"))
}

/// An address whose host is not finished, or has a comma for a dot.
pub(super) fn slip(text: &Text<'_>, at: usize) -> Option<Hit> {
    let start = local_start(text, at);
    let (end, _) = url::host(text, at + 1, true);
    (start < at && end > at + 1).then(|| Hit::new(start, end, Kind::Email, "typed-email"))
}

/// Where the local part begins; quoted ones hold no space here.
fn local_start(text: &Text<'_>, at: usize) -> usize {
    let quoted = text.before(at) == b'"';
    let mut start = at;
    while at - start < LOCAL {
        let byte = text.before(start);
        let sign = matches!(
            byte,
            b'.' | b'_' | b'%' | b'+' | b'-' | b'\'' | b'&' | b'=' | b'~' | b'#' | b'!' | b'$' | b'*' | b'|'
        );
        if !(sign
            || class(byte) != Class::Other
            || (quoted && matches!(byte, b'"' | b'\\' | b'@' | b'(' | b')' | b',' | b':')))
        {
            break;
        }
        start -= 1;
    }
    while start < at && !text.text.is_char_boundary(start) {
        start += 1;
    }
    while start < at && matches!(text.at(start), b'.' | b'\'' | b'=' | b'#' | b'*' | b'|' | b'!') {
        start += 1;
    }
    start
}

/// `[192.0.2.1]` instead of a host.
fn literal_end(text: &Text<'_>, start: usize) -> Option<usize> {
    let mut end = start;
    while end - start < 50
        && matches!(text.at(end), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b'.' | b':' | b'I' | b'P' | b'v')
    {
        end += 1;
    }
    (end > start && text.at(end) == b']').then_some(end + 1)
}
