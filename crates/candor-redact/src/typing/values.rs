//! What was redacted in this session: numbers for surrogates, and the values themselves, to know them again.

use std::collections::HashMap;

use candor_model::event::Surrogate;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::detect::{Finding, Kind};

/// How many values are known again; the oldest are forgotten first. A segment is inspected for all of them.
const KNOWN_MAX: usize = 256;
/// Shorter values are common words and numbers: finding them again by themselves would say nothing.
const KNOWN_CHARS_MIN: usize = 6;
const KNOWN_BYTES_MAX: usize = 512;

/// The key that surrogates' numbers are derived with. It dies with the session, and with it whatever a number could
/// tell.
pub struct SessionKey(Zeroizing<[u8; 32]>);

impl SessionKey {
    /// A key of random bytes, made for one session and kept nowhere else.
    pub fn new(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }
}

/// The values redacted so far.
pub(crate) struct Values {
    key: SessionKey,
    /// By HMAC of kind and value: memory shows no value longer than the known ones are kept.
    numbers: HashMap<[u8; 32], u32>,
    last: HashMap<Surrogate, u32>,
    known: Vec<(Kind, Zeroizing<String>)>,
}

impl Values {
    pub(crate) fn new(key: SessionKey) -> Self {
        Self { key, numbers: HashMap::new(), last: HashMap::new(), known: Vec::new() }
    }

    /// The number that stands for this value in this session: the same for the same value, however it was spaced or
    /// capitalised; from 1.
    pub(crate) fn number(&mut self, of: Surrogate, value: &str) -> u32 {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key.0.as_slice()) else { return 0 };
        mac.update(b"candor surrogate v1");
        mac.update(&[of as u8]);
        mac.update(normal(value).as_bytes());
        let name: [u8; 32] = mac.finalize().into_bytes().into();
        let last = self.last.entry(of).or_default();
        *self.numbers.entry(name).or_insert_with(|| {
            *last = last.saturating_add(1);
            *last
        })
    }

    /// Knows this value again from here on.
    pub(crate) fn learn(&mut self, kind: Kind, value: &str) {
        // Names, places and addresses of sites are ordinary words to others; they are found where their context says so.
        if matches!(kind, Kind::Name | Kind::Url | Kind::BirthDate | Kind::Address | Kind::Special) {
            return;
        }
        let value = Zeroizing::new(value.trim().to_lowercase());
        let long_enough = value.chars().count() >= KNOWN_CHARS_MIN && value.len() <= KNOWN_BYTES_MAX;
        if !long_enough || self.known.iter().any(|(_, known)| *known == value) {
            return;
        }
        if self.known.len() >= KNOWN_MAX {
            self.known.remove(0);
        }
        self.known.push((kind, value));
    }

    /// Finds the known values in `text`.
    pub(crate) fn find(&self, text: &str, findings: &mut Vec<Finding>) {
        if self.known.is_empty() {
            return;
        }
        let lower = Zeroizing::new(text.to_lowercase());
        // Where lower case has another length, offsets would not fit: then the whole text is withheld on a hit.
        let same = lower.len() == text.len();
        for (kind, known) in &self.known {
            for (start, _) in lower.match_indices(known.as_str()) {
                let span = if same { start..start + known.len() } else { 0..text.len() };
                let fits = text.is_char_boundary(span.start) && text.is_char_boundary(span.end);
                let span = if fits { span } else { 0..text.len() };
                findings.push(Finding { span, kind: *kind, rule: "known-value" });
            }
        }
    }
}

/// A value without what may differ between two ways of writing it.
fn normal(value: &str) -> Zeroizing<String> {
    let kept = value.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '(' | ')' | '/'));
    Zeroizing::new(kept.flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_has_the_same_number_however_it_is_written() {
        let mut values = Values::new(SessionKey::new([7; 32]));
        assert_eq!(values.number(Surrogate::Phone, "030 1234-567"), 1);
        assert_eq!(values.number(Surrogate::Phone, "030 7654-321"), 2);
        assert_eq!(values.number(Surrogate::Phone, "(030) 1234567"), 1);
        assert_eq!(values.number(Surrogate::Email, "A@b.example"), 1);
        assert_eq!(values.number(Surrogate::Email, "a@B.example"), 1);
    }

    #[test]
    fn a_value_is_known_again_in_another_case() {
        let mut values = Values::new(SessionKey::new([7; 32]));
        values.learn(Kind::Email, "Jo@host.example");
        let mut findings = Vec::new();
        values.find("to jo@HOST.example, please", &mut findings);
        assert_eq!(findings.iter().map(|f| (f.span.start, f.span.end)).collect::<Vec<_>>(), [(3, 18)]);
        values.learn(Kind::Name, "Marianne");
        findings.clear();
        values.find("marianne", &mut findings);
        assert!(findings.is_empty(), "names are ordinary words elsewhere");
    }
}
