//! What a value looks like: random, or made of words.

/// Which letter usually follows which: bit `b` of row `a` is set when the pair `ab` is common in English prose, in names in
/// code, or in other languages written in Latin letters. The 321 pairs cover 98.5 % of the pairs in the texts counted
/// (Frankenstein, English mail, Rust sources), and 47 % of the pairs there are.
const FOLLOWS: [u32; 26] = [
    0x1feff7e, 0x1164911, 0x21e4db5, 0x3164919, 0x1ffff7f, 0x01a4971, 0x0166991, 0x01a4111, 0x2affe7f, 0x0104011,
    0x10c2110, 0x11cc9b9, 0x114d113, 0x17cedfd, 0x17eff7f, 0x11ec9b1, 0x0100000, 0x37efd7d, 0x35cfd95, 0x35ed99d,
    0x00ebb7f, 0x0004111, 0x2466191, 0x008c115, 0x00ce110, 0x1404111,
];

/// Counts over the bytes of a value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    pub(super) len: usize,
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digits: usize,
    pub(super) symbols: usize,
    /// Pairs of letters, and those of them that words seldom have.
    pub(super) pairs: usize,
    pub(super) odd: usize,
    /// Places where letters turn into digits or back.
    pub(super) turns: usize,
    /// Places where an upper-case letter follows a lower-case one, or two lower-case letters' worth of the reverse.
    pub(super) humps: usize,
    /// Different bytes.
    pub(super) distinct: u32,
    /// Whether all letters and digits are hexadecimal.
    pub(super) hex: bool,
}

impl Shape {
    pub(super) fn of(value: &str) -> Self {
        let mut shape = Self { len: value.len(), hex: true, ..Self::default() };
        let mut seen = 0u128;
        let mut last = 0u8;
        for byte in value.bytes() {
            seen |= 1 << (byte & 0x7f);
            match byte {
                b'a'..=b'z' => shape.lower += 1,
                b'A'..=b'Z' => shape.upper += 1,
                b'0'..=b'9' => shape.digits += 1,
                _ => shape.symbols += 1,
            }
            shape.hex &= byte.is_ascii_hexdigit();
            shape.pair(last, byte);
            last = byte;
        }
        shape.distinct = seen.count_ones();
        shape
    }

    fn pair(&mut self, a: u8, b: u8) {
        let letters = (a.is_ascii_alphabetic(), b.is_ascii_alphabetic());
        match letters {
            (true, true) => {
                self.pairs += 1;
                self.odd += usize::from(!follows(a, b));
                self.humps += usize::from(a.is_ascii_lowercase() && b.is_ascii_uppercase());
            }
            (true, false) => self.turns += usize::from(b.is_ascii_digit()),
            (false, true) => self.turns += usize::from(a.is_ascii_digit()),
            (false, false) => {}
        }
    }

    pub(super) fn letters(&self) -> usize {
        self.lower + self.upper
    }

    /// Has letters and digits.
    pub(super) fn is_mixed(&self) -> bool {
        self.letters() > 0 && self.digits > 0
    }

    /// How little it looks like words and numbers; a word has 0, a random token about half of its length.
    pub(super) fn oddness(&self) -> usize {
        self.odd * 2 + self.turns + self.humps / 2 + self.symbols / 4
    }

    /// Looks drawn at random, as a machine does it: `least` bytes or more, and odd throughout.
    pub(super) fn is_random(&self, least: usize) -> bool {
        if self.len < least || self.distinct < 6 {
            return false;
        }
        if self.digits == 0 {
            return self.odd >= 4 && self.odd * 10 >= self.pairs * 3;
        }
        self.is_mixed() && self.oddness() >= 4 && self.oddness() * 5 >= self.len
    }

    /// Letters only, as words have them.
    pub(super) fn is_wordlike(&self) -> bool {
        self.digits == 0 && self.odd * 5 <= self.pairs && self.odd <= 2
    }
}

fn follows(a: u8, b: u8) -> bool {
    let (a, b) = (a.to_ascii_lowercase() - b'a', b.to_ascii_lowercase() - b'a');
    FOLLOWS.get(usize::from(a)).is_some_and(|row| row >> b & 1 == 1)
}

/// A UUID: 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_words_and_names_in_code() {
        for word in
            ["password", "resourceOwnerKey", "client_secret", "HTTP_AUTHORIZATION", "geschwindigkeit", "contraseña"]
        {
            assert!(!Shape::of(word).is_random(8), "{word}");
        }
    }

    #[test]
    fn redacts_what_is_drawn_at_random() {
        for token in ["q7Zx0vTk9LwP2mRb", "xkqzvtrwpgjhqbnm", "mgk9o8107pfkblwk"] {
            assert!(Shape::of(token).is_random(8), "{token}");
        }
    }

    #[test]
    fn a_uuid_has_its_dashes_in_place() {
        let uuid = format!("{}-{}-{}-{}-{}", "0a1b2c3d", "4e5f", "6a7b", "8c9d", "0e1f2a3b4c5d");
        assert!(is_uuid(uuid.as_bytes()));
        assert!(!is_uuid(uuid.replace('-', "0").as_bytes()));
    }
}
