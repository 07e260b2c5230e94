//! Personal numbers of letters and digits.

use super::check;
use super::kind::Kind;
use super::scan::Hit;
use super::text::{Text, Token};

/// A token of letters and digits that is a personal number by its form and check character.
pub(super) fn mixed(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let word = text.get(token.start, token.end).as_bytes();
    let rule = match word.len() {
        9 if check::dni(word) => "dni-nie",
        9 if is_nino(word) => "nino",
        15 if check::nir(word) => "nir-corsica",
        16 if check::codice_fiscale(word) => "codice-fiscale",
        _ => return nino_spaced(text, token),
    };
    Some(Hit::new(token.start, token.end, Kind::NationalId, rule))
}

/// What begins with a word of one or two letters: `X-1234567-L`, `QQ 12 34 56 C`.
pub(super) fn spaced(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let after = token.end + usize::from(matches!(text.at(token.end), b' ' | b'-'));
    if !text.at(after).is_ascii_digit() {
        return None;
    }
    match token.len() {
        1 => nie_dashed(text, token),
        2 => nino_spaced(text, token),
        _ => None,
    }
}

/// National insurance number: two letters (not D, F, I, Q, U, V; no O second), six digits, A to D.
fn is_nino(word: &[u8]) -> bool {
    let [a, b, digits @ .., suffix] = word else { return false };
    let letter = |byte: u8| byte.is_ascii_alphabetic() && !b"DFIQUV".contains(&byte.to_ascii_uppercase());
    letter(*a)
        && letter(*b)
        && !b.eq_ignore_ascii_case(&b'O')
        && digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(suffix.to_ascii_uppercase(), b'A'..=b'D')
}

fn nino_spaced(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let mut word = [0; 9];
    let mut end = token.start;
    for (count, place) in word.iter_mut().enumerate() {
        let between = matches!(count, 2 | 4 | 6 | 8) && matches!(text.at(end), b' ' | b'-');
        end += usize::from(between);
        *place = text.at(end);
        if !place.is_ascii_alphanumeric() {
            return None;
        }
        end += 1;
    }
    (is_nino(&word) && !text.is_inner(end)).then(|| Hit::new(token.start, end, Kind::NationalId, "nino-spaced"))
}

fn nie_dashed(text: &Text<'_>, token: &Token) -> Option<Hit> {
    let sign = |at: usize| usize::from(matches!(text.at(at), b'-' | b' '));
    let digits = token.end + sign(token.end);
    let mut word = [text.at(token.start), 0, 0, 0, 0, 0, 0, 0, 0];
    for (count, place) in word.iter_mut().skip(1).take(7).enumerate() {
        *place = text.at(digits + count);
        if !place.is_ascii_digit() {
            return None;
        }
    }
    let end = digits + 7 + sign(digits + 7);
    let [.., letter] = &mut word;
    *letter = text.at(end);
    let found = check::dni(&word) && !text.is_inner(end + 1);
    found.then(|| Hit::new(token.start, end + 1, Kind::NationalId, "nie-dashed"))
}
