//! What is said in words: `four one one one …`, `jane at example dot org`.

use super::kind::Kind;
use super::lexicon::Roles;
use super::scan::{Hit, Scan};
use super::text::Token;

/// So many digits in words are a number that somebody dictates.
const DIGITS: usize = 6;

pub(super) fn find(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    if roles.any(Roles::AT) { address(scan, token) } else { digits(scan, token) }
}

fn digits(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let (mut at, mut end, mut count) = (token.start, token.start, 0);
    while count < 40 {
        let word = text.token(at);
        let said = word.is_word() && scan.lexicon.roles(&word).any(Roles::DIGIT);
        let digits = count > 0 && word.is_number();
        if !said && !digits {
            break;
        }
        count += 1;
        end = word.end;
        let next =
            if matches!(text.at(end), b',' | b'-') { text.skip_spaces(end + 1, 1) } else { text.skip_spaces(end, 1) };
        if next == end {
            break;
        }
        at = next;
    }
    let kind = if (12..=19).contains(&count) { Kind::Card } else { Kind::Phone };
    (count >= DIGITS).then(|| Hit::new(token.start, end, kind, "spelled-digits"))
}

/// `jane at example dot org`, at its `at`. The word before it belongs to it.
fn address(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let mut before = token.start;
    while before > 0 && token.start - before < 3 && matches!(text.before(before), b' ' | b'(' | b'[') {
        before -= 1;
    }
    let start = text.token_start(before);
    if start == before || before == token.start {
        return None;
    }
    let host = text.token(after(scan, token.end));
    if host.is_empty() || host.start == token.end {
        return None;
    }
    let (mut end, mut top) = (host.end, None);
    for _ in 0..3 {
        let dot = text.token(after(scan, end));
        if dot.start == end || !scan.lexicon.roles(&dot).any(Roles::DOT) {
            break;
        }
        let label = text.token(after(scan, dot.end));
        if !label.is_word() || label.start == dot.end {
            break;
        }
        end = label.end;
        top = Some(label);
    }
    top.is_some_and(|top| scan.lexicon.roles(&top).any(Roles::TLD))
        .then(|| Hit::new(start, end, Kind::Email, "spelled-email"))
}

/// Over spaces and brackets.
fn after(scan: &Scan<'_, '_>, end: usize) -> usize {
    let mut at = end;
    while at - end < 3 && matches!(scan.text.at(at), b' ' | b'(' | b')' | b'[' | b']') {
        at += 1;
    }
    at
}
