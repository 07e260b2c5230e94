//! What looks like half a value, or a value that a slip of the finger spoiled. Only for text being typed, where it becomes
//! shapes instead of text.

use super::account;
use super::cluster::Cluster;
use super::kind::Kind;
use super::number::is_date;
use super::scan::Hit;
use super::text::{Text, Token};

/// Six digits and more that are no date; a price or a year is shorter.
pub(super) fn digits(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let cluster = Cluster::read(text, token.start);
    // The tail of a date or an amount stands with its head, and a decimal's digits apart, unless they are enough alone.
    let decimal = cluster.groups().len() == 2 && cluster.groups().get(1).is_some_and(|group| group.gap == b'.');
    let count = if cluster.tail || decimal { 1 } else { cluster.groups().len() };
    (cluster.digits(count).len() >= 6 && !is_date(&cluster)).then(|| {
        Hit::new(
            cluster.start,
            text.token(cluster.end_of(count)).end.max(cluster.end_of(count)),
            Kind::Phone,
            "typed-digits",
        )
    })
}

/// A word with a capital letter and one digit among its small letters: the finger was one row too high.
fn is_word_with_a_digit(word: &str) -> bool {
    let mut rest = word.chars();
    let capital = rest.next().is_some_and(char::is_uppercase);
    capital
        && rest.clone().filter(|c| c.is_lowercase()).count() >= 2
        && rest.all(|c| c.is_lowercase() || c.is_ascii_digit())
}

/// The beginning of an IBAN, or letters with five digits and more.
pub(super) fn mixed(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let digits = text.get(token.start, token.end).bytes().filter(u8::is_ascii_digit).count();
    if account::begins(text, token.start).is_some() && digits >= 2 {
        let mut end = token.end;
        while end - token.start < 42 {
            let next = text.token(text.skip_spaces(end, 1));
            if next.start == end || !(next.digits || (next.len() <= 4 && next.capital && !next.lower)) {
                break;
            }
            end = next.end;
        }
        return Some(Hit::new(token.start, end, Kind::Account, "typed-iban"));
    }
    let word = text.get(token.start, token.end);
    if digits == 1 && is_word_with_a_digit(word) {
        return Some(Hit::new(token.start, token.end, Kind::Name, "typed-word"));
    }
    (digits >= 5).then(|| Hit::new(token.start, token.end, Kind::NationalId, "typed-mixed"))
}
