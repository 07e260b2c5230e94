//! The words that a wallet is made from.

use super::Found;
use super::view::{View, is_blank, is_space, is_word};
use super::words::IS;
use crate::detect::Kind;

/// Within so many words an "is" or the like still leads to the phrase.
const LEAD_MAX: usize = 4;

/// Every word of the list has 3 to 8 letters (BIP-39), so a run is cut by the first that has not.
fn is_listed((start, stop): &&(usize, usize)) -> bool {
    (3..=8).contains(&(stop - start))
}

/// Twelve to twenty-four short words in a row, behind "seed phrase:" or the like.
pub(super) fn find(view: &View<'_>, end: usize, out: &mut Vec<Found>) {
    let mut at = view.run(end, |byte| is_word(byte) || is_blank(byte));
    if at - end > 32 || !matches!(view.at(at), Some(b':' | b'=')) {
        at = end;
    } else {
        at += 1;
    }
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut i = at;
    while words.len() < 40 {
        let start = view.run(i, |byte| {
            is_space(byte) || matches!(byte, b'"' | b',' | b'\'' | b'.' | b')' | b'[') || byte.is_ascii_digit()
        });
        let stop = view.run(start, |byte| byte.is_ascii_lowercase());
        if stop == start || view.at(stop).is_some_and(is_word) {
            break;
        }
        words.push((start, stop));
        // Nothing is read beyond the run.
        if words.len() > LEAD_MAX && words.last().is_some_and(|word| !is_listed(&word)) {
            break;
        }
        i = stop;
    }
    let lead = words
        .iter()
        .take(LEAD_MAX)
        .position(|(start, stop)| IS.contains(view.slice(*start, *stop)))
        .map_or(0, |n| n + 1);
    let run: Vec<_> = words.iter().skip(lead).take_while(is_listed).collect();
    if let (true, Some((start, _)), Some((_, stop))) = (run.len() >= 12, run.first(), run.last()) {
        out.push((*start..*stop, Kind::Secret, "seed-phrase"));
    }
}
