//! Values that nothing but the words before them tells: `passport no. X1234567`, `born on 3 May 1981`.

use super::cluster::Cluster;
use super::kind::Kind;
use super::lexicon::Roles;
use super::number::{closed, date_groups};
use super::scan::{Hit, Scan};
use super::text::{Class, Token, class};

/// The words after which a value is looked for.
pub(super) const ROLES: Roles = Roles::PHONE.or(Roles::ID).or(Roles::ACCOUNT).or(Roles::BIRTH).or(Roles::CARD);

/// The value after the cue `token`.
pub(super) fn find(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    let start = value_start(scan, token.end)?;
    if roles.any(Roles::BIRTH) {
        return date(scan, start);
    }
    if roles.any(Roles::PHONE) {
        // Only what no form tells: a single short group. Everything else is found at its own digits.
        return None;
    }
    let (end, digits, letters) = value(scan, start)?;
    let length = end - start;
    if roles.any(Roles::ACCOUNT) {
        return ((6..=34).contains(&length) && digits >= 6).then(|| Hit::new(start, end, Kind::Account, "account-cue"));
    }
    if roles.any(Roles::ID) {
        let enough = digits >= 5 || (digits >= 3 && letters > 0 && digits + letters >= 5);
        return (length <= 30 && enough).then(|| Hit::new(start, end, Kind::NationalId, "id-cue"));
    }
    ((12..=24).contains(&length) && digits >= 12).then(|| Hit::new(start, end, Kind::Card, "card-cue"))
}

/// Where the value after a cue begins: over signs and at most five fillers.
fn value_start(scan: &Scan<'_, '_>, end: usize) -> Option<usize> {
    let text = scan.text;
    let mut at = end;
    for _ in 0..6 {
        for _ in 0..5 {
            at = match text.at(at) {
                b' ' | b':' | b'#' | b'=' | b'.' | b'(' | b'\n' | b'\r' | b'\t' | b'"' | b'\'' | b'*' | b')' | b'-'
                | b',' | b'/' => at + 1,
                0xc2 if matches!(text.at(at + 1), 0xa0 | 0xba | 0xb0) => at + 2,
                _ => break,
            };
        }
        let token = text.token(at);
        if token.digits {
            return Some(at);
        }
        let roles = scan.lexicon.roles(&token);
        if token.is_empty() || !roles.any(Roles::FILLER.or(ROLES).or(Roles::MONTH)) {
            return mixed_ahead(scan, &token).then_some(at);
        }
        if roles.any(Roles::MONTH) {
            return Some(at);
        }
        at = token.end;
    }
    None
}

/// Letters with a dash and digits after them: `AB-123456`.
fn mixed_ahead(scan: &Scan<'_, '_>, token: &Token) -> bool {
    let text = scan.text;
    let dashed = matches!(text.at(token.end), b'-' | b' ') && class(text.at(token.end + 1)) == Class::Digit;
    (1..=4).contains(&token.len()) && token.capital && !token.lower && dashed
}

/// The end of a value, its digits and its letters: pieces with single signs between, spaces only before digits.
fn value(scan: &Scan<'_, '_>, start: usize) -> Option<(usize, usize, usize)> {
    let text = scan.text;
    let (mut end, mut digits, mut letters) = (start, 0, 0);
    let mut at = start;
    for _ in 0..8 {
        let piece = text.token(at);
        let word = text.get(piece.start, piece.end);
        if piece.is_empty() || (piece.is_word() && (piece.lower && piece.len() > 2)) {
            break;
        }
        digits += word.bytes().filter(u8::is_ascii_digit).count();
        letters += word.bytes().filter(u8::is_ascii_alphabetic).count();
        end = piece.end;
        let next = text.token(end + 1);
        let joined = match text.at(end) {
            b'-' | b'.' | b'/' => !next.is_empty() && (next.digits || next.len() <= 2),
            b' ' => next.digits && (next.letters || next.len() >= 2) && piece.len() <= 12,
            _ => false,
        };
        if !joined {
            break;
        }
        at = end + 1;
    }
    (digits > 0 && end - start < 40).then_some((end, digits, letters))
}

/// A date in digits, or with a month's name.
fn date(scan: &Scan<'_, '_>, start: usize) -> Option<Hit> {
    let text = scan.text;
    let hit = |end, rule| Some(Hit::new(start, end, Kind::BirthDate, rule));
    let token = text.token(start);
    if token.is_number() {
        let cluster = Cluster::read(text, start);
        if let Some(count) = date_groups(&cluster).filter(|&count| closed(text, cluster.end_of(count))) {
            return hit(cluster.end_of(count), "birth-digits");
        }
    }
    // Day, month and year in either order, with small words, commas and ordinals between.
    let (mut at, mut end, mut months, mut numbers) = (start, start, 0, 0);
    for _ in 0..6 {
        let part = text.token(at);
        let roles = scan.lexicon.roles(&part);
        if part.is_word() && roles.any(Roles::MONTH) {
            months += 1;
        } else if part.digits && part.len() <= 4 {
            numbers += 1;
        } else if !(part.is_word() && matches!(text.get(part.start, part.end), "de" | "del" | "of" | "the")) {
            break;
        }
        if part.digits || roles.any(Roles::MONTH) {
            end = part.end;
        }
        at = part.end;
        while at < part.end + 2 && matches!(text.at(at), b' ' | b',' | b'.') {
            at += 1;
        }
        if at == part.end {
            break;
        }
    }
    if months == 1 && (1..=2).contains(&numbers) {
        return hit(end, "birth-month");
    }
    let year = token.is_number()
        && token.len() == 4
        && matches!(text.get(token.start, token.end).as_bytes(), [b'1', b'9', ..] | [b'2', b'0', ..]);
    (year && !text.is_inner(token.end)).then(|| Hit::new(start, token.end, Kind::BirthDate, "birth-year"))
}
