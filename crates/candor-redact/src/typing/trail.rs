//! The text that left the wall last, as an attacker joins it: what was typed in order, fields and windows ignored.

use zeroize::Zeroizing;

/// How much of it is kept: as long as the longest pattern.
const TRAIL_CHARS: usize = 256;

/// What stands where something else than text left.
pub(crate) const BREAK: char = '\u{fffc}';

#[derive(Default)]
pub(crate) struct Trail {
    text: Zeroizing<String>,
    /// For each character, the ordinal of its event; nothing for a break.
    ordinals: Vec<Option<u64>>,
}

impl Trail {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many characters it holds.
    pub(crate) fn chars(&self) -> usize {
        self.ordinals.len()
    }

    /// The event of its character number `at`.
    pub(crate) fn ordinal(&self, at: usize) -> Option<u64> {
        self.ordinals.get(at).copied().flatten()
    }

    /// Something that is no text left.
    pub(crate) fn interrupt(&mut self) {
        if !self.text.ends_with(BREAK) {
            self.put(BREAK, None);
        }
    }

    pub(crate) fn push(&mut self, c: char, ordinal: u64) {
        self.put(c, Some(ordinal));
    }

    fn put(&mut self, c: char, ordinal: Option<u64>) {
        self.text.push(c);
        self.ordinals.push(ordinal);
        if self.ordinals.len() >= TRAIL_CHARS * 2 {
            let cut = self.ordinals.len() - TRAIL_CHARS;
            let byte = self.text.char_indices().nth(cut).map_or(0, |(byte, _)| byte);
            self.text = Zeroizing::new(self.text.split_off(byte));
            self.ordinals.drain(..cut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_stays_short_and_keeps_the_end() {
        let mut trail = Trail::default();
        for n in 0..5_000u64 {
            trail.push(if n % 2 == 0 { 'é' } else { 'x' }, n);
        }
        assert!(trail.chars() < 2 * TRAIL_CHARS && trail.chars() >= TRAIL_CHARS);
        assert_eq!(trail.text().chars().count(), trail.chars());
        assert_eq!(trail.ordinal(trail.chars() - 1), Some(4_999));
    }
}
