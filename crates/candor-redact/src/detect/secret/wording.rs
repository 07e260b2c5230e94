//! The tokens of prose: which are ordinary, which look like passwords.

use super::shape::Shape;
use super::view::{View, is_blank, is_space};
use super::words::{ENDINGS, ORDINARY, UNITS};

/// A token in prose.
pub(super) struct Token<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: &'t str,
    /// Where what follows the token begins, behind quotes too.
    pub(super) next: usize,
    pub(super) quoted: bool,
}

/// The quotes people use, with how they close.
const QUOTES: [(&str, &str); 12] = [
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("\u{201c}", "\u{201d}"),
    ("\u{201e}", "\u{201c}"),
    ("\u{2018}", "\u{2019}"),
    ("\u{ab}", "\u{bb}"),
    ("\u{bb}", "\u{ab}"),
    ("\u{201d}", "\u{201d}"),
    ("\u{201a}", "\u{2018}"),
    ("**", "**"),
    ("*", "*"),
];

/// The token at `at`, behind blanks; without what closes a sentence.
pub(super) fn token<'t>(view: &View<'t>, at: usize) -> Option<Token<'t>> {
    let start = view.run(at, is_blank);
    view.at(start)?;
    if let Some((open, close)) = QUOTES.iter().find(|(open, _)| view.has(start, open)) {
        let start = start + open.len();
        let mut end = start;
        while end - start <= 64 {
            match view.at(end) {
                None | Some(b'\n') => break,
                Some(_) if end > start && view.has(end, close) => {
                    return Some(Token {
                        start,
                        end,
                        text: view.slice(start, end),
                        next: end + close.len(),
                        quoted: true,
                    });
                }
                Some(_) => end += 1,
            }
        }
    }
    let end = view.run(start, |byte| !is_space(byte));
    let whole = view.slice(start, end);
    let text =
        whole.trim_end_matches(['.', ',', ';', ':', ')', ']', '"', '\'', '>', '\u{201d}', '\u{201c}', '\u{2026}']);
    let lead = text.len() - text.trim_start_matches(['(', '[', '"', '\'', '<', '\u{201c}']).len();
    let text = text.get(lead..).unwrap_or_default();
    Some(Token { start: start + lead, end: start + lead + text.len(), text, next: end, quoted: false })
}

/// The token after a blank, on the same line.
pub(super) fn token_on_line<'t>(view: &View<'t>, at: usize) -> Option<Token<'t>> {
    token(view, at).filter(|token| token.start > at && !token.text.is_empty())
}

/// Few digits, as numbers are split into.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a sentence ends behind the token.
pub(super) fn ends_clause(view: &View<'_>, token: &Token<'_>) -> bool {
    !token.quoted && view.slice(token.end, token.next).contains(['.', '?', '!', ';', ','])
}

/// Letters with digits or signs among them, as words do not have them.
pub(super) fn is_strong(text: &str, shape: &Shape) -> bool {
    if shape.len < 4
        || text.contains('@') && text.contains('.') && !text.contains(['!', '#', '$', '%'])
        || is_moment(text)
    {
        return false;
    }
    let signs = text
        .bytes()
        .filter(|byte| {
            matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'_' | b'+' | b'=' | b'~' | b'?')
        })
        .count();
    let inner = text.trim_matches(|c: char| matches!(c, '!' | '?' | '*' | '_' | '#' | '@' | '$' | '&'));
    let signed = signs > 0
        && shape.letters() >= 2
        && (inner.len() < text.len()
            && !text.starts_with(['#', '@', '_', '*', '$', '&'])
            && text.ends_with('!')
            && shape.humps > 0
            || inner.bytes().any(|byte| {
                matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'=' | b'~' | b'_')
            }));
    let mixed = shape.is_mixed() && shape.len >= 5 && !text.contains(['/', '(']) && shape.letters() >= 2;
    signed || mixed || shape.humps > 1 && shape.len >= 8 && !text.contains(['.', '/', '(', '_'])
}

/// A time, a date, a price, an amount, a version.
pub(super) fn is_moment(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return false;
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '-' | '/' | '$'));
    let parted = text.contains([':', '/', '.', ',', '$', '\u{20ac}', '%'])
        && text.bytes().all(|byte| !byte.is_ascii_alphabetic());
    parted || UNITS.contains(unit.to_ascii_lowercase().as_str()) && !text.starts_with(unit)
}

/// A word that is said about passwords, in lower case.
pub(super) fn is_ordinary(lower: &str) -> bool {
    ORDINARY.contains(lower)
        || lower.rsplit_once('-').is_some_and(|(_, last)| is_ordinary(last))
        || lower.len() > 4
            && lower.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
            && ENDINGS.iter().any(|end| lower.ends_with(end))
        || lower.bytes().all(|byte| !byte.is_ascii_alphanumeric() && byte < 0x80)
}
