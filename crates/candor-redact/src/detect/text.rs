//! The text as matchers see it.

use std::cell::Cell;

use unicode_normalization::char::decompose_canonical;

/// A text whose reader remembers whether it looked past the end: what then depends on what is written next.
///
/// Invariant (horizon): matchers look to the right only through [`Text::at`] and what is built on it, and decide nothing
/// by the length of the text. So a decision that did not look past the end stays as it is however the text goes on.
#[derive(Debug)]
pub(super) struct Text<'t> {
    /// The text itself, for cutting spans that have been walked.
    pub(super) text: &'t str,
    bytes: &'t [u8],
    past_end: Cell<bool>,
    /// Tokens read last, each in the place that its start tells: matchers look ahead at what is read again soon after.
    recent: [Cell<Token>; RECENT],
}

/// Tokens that are remembered; a power of two.
const RECENT: usize = 16;

/// What a byte begins. A bit each, so that a token's bytes add up to what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    Other = 0,
    Lower = 1,
    Upper = 2,
    Digit = 4,
    /// Part of a character beyond ASCII.
    High = 8,
}

/// The class of every byte, so that the scan asks once.
static CLASSES: [Class; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "a loop over the table's own length, at compile time")]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            0x80..=0xff => Class::High,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
}

pub(super) fn class(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Other)
}

/// A run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Of its letters without case and accents; equal hashes are taken for equal words.
    pub(super) hash: u64,
    pub(super) letters: bool,
    pub(super) digits: bool,
    /// It begins with a capital letter.
    pub(super) capital: bool,
    /// It has a small letter.
    pub(super) lower: bool,
    /// It has a character that can pass for another, or that nobody sees.
    pub(super) strange: bool,
}

impl Token {
    /// A token before its first character.
    const fn at(start: usize) -> Self {
        Self {
            start,
            end: start,
            hash: SEED,
            letters: false,
            digits: false,
            capital: false,
            lower: false,
            strange: false,
        }
    }

    pub(super) const fn is_word(&self) -> bool {
        self.letters && !self.digits
    }

    pub(super) const fn is_number(&self) -> bool {
        self.digits && !self.letters
    }

    pub(super) const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Takes the ASCII letters and digits that `rest` begins with, and says what stopped it; nothing is the end.
    fn take(&mut self, rest: &[u8]) -> Option<Class> {
        let (mut seen, mut hash, mut taken) = (0, self.hash, 0);
        let mut stopped = None;
        for &byte in rest {
            let class = class(byte);
            if matches!(class, Class::Other | Class::High) {
                stopped = Some(class);
                break;
            }
            seen |= class as u8;
            // Makes a capital small, and leaves digits as they are.
            hash = mix(hash, byte | 0x20);
            taken += 1;
        }
        self.end += taken;
        self.hash = hash;
        self.lower |= seen & Class::Lower as u8 != 0;
        self.digits |= seen & Class::Digit as u8 != 0;
        self.letters |= seen & (Class::Lower as u8 | Class::Upper as u8) != 0;
        stopped
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// A step of the hash: two cycles, where a multiplication for every byte would be the slowest part of the scan. The lists
/// multiply once, where they look.
const fn mix(hash: u64, byte: u8) -> u64 {
    hash.rotate_left(5) ^ byte as u64
}

/// The hash of a word of a list, written without accents in small letters.
pub(super) fn hash_of(word: &str) -> u64 {
    word.bytes().fold(SEED, mix)
}

impl<'t> Text<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            past_end: Cell::new(false),
            recent: [const { Cell::new(Token::at(usize::MAX)) }; RECENT],
        }
    }

    /// The byte at `index`; 0 past the end, which is remembered.
    pub(super) fn at(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or_else(|| {
            self.past_end.set(true);
            0
        })
    }

    /// The byte before `index`; 0 at the beginning.
    pub(super) fn before(&self, index: usize) -> u8 {
        index.checked_sub(1).and_then(|index| self.bytes.get(index)).copied().unwrap_or(0)
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether anybody looked past the end since this was last asked.
    pub(super) fn take_past_end(&self) -> bool {
        self.past_end.replace(false)
    }

    /// The part that has been walked.
    pub(super) fn get(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The character that begins at `index`.
    pub(super) fn char_at(&self, index: usize) -> Option<char> {
        let found = self.text.get(index..).and_then(|rest| rest.chars().next());
        if found.is_none() {
            self.past_end.set(true);
        }
        found
    }

    /// The token that begins at `start`; empty where none does.
    pub(super) fn token(&self, start: usize) -> Token {
        let Some(recent) = self.recent.get(start % RECENT) else { return self.read(start) };
        let token = recent.get();
        if token.start == start {
            return token;
        }
        let token = self.read(start);
        // Reading one that ends with the text looks past its end, every time.
        if token.end < self.len() {
            recent.set(token);
        }
        token
    }

    fn read(&self, start: usize) -> Token {
        let mut token = Token { capital: class(self.at(start)) == Class::Upper, ..Token::at(start) };
        loop {
            let rest = self.bytes.get(token.end..).unwrap_or_default();
            let stop = token.take(rest);
            if stop != Some(Class::High) {
                self.past_end.set(self.past_end.get() || stop.is_none());
                return token;
            }
            if !self.high(&mut token) {
                return token;
            }
        }
    }

    /// Takes a character beyond ASCII into a token, if it is of its kind.
    #[cold]
    fn high(&self, token: &mut Token) -> bool {
        let Some(char) = self.char_at(token.end) else { return false };
        let hidden = is_hidden(char);
        token.strange |= hidden || is_strange(char);
        if !hidden && !char.is_alphanumeric() && !is_mark(char) {
            return false;
        }
        if token.end == token.start {
            token.capital = char.is_uppercase();
        }
        token.end += char.len_utf8();
        if hidden {
            return true;
        }
        token.letters = true;
        token.lower |= char.is_lowercase();
        // A letter with an accent counts as the letter; what the accents are made of does not.
        decompose_canonical(char, |part| {
            for lower in part.to_lowercase().filter(|part| !is_mark(*part)) {
                let lower = match lower {
                    'ø' => 'o',
                    'ł' => 'l',
                    'đ' => 'd',
                    'ı' => 'i',
                    other => other,
                };
                let mut buffer = [0; 4];
                token.hash = lower.encode_utf8(&mut buffer).bytes().fold(token.hash, mix);
            }
        });
        true
    }

    /// The end of a run of one to `most` spaces (also those that do not break) from `index`; `index` where there is none.
    pub(super) fn skip_spaces(&self, index: usize, most: usize) -> usize {
        let mut end = index;
        for _ in 0..most {
            end = match self.at(end) {
                b' ' | b'\t' => end + 1,
                0xc2 if self.at(end + 1) == 0xa0 => end + 2,
                _ => return end,
            };
        }
        end
    }

    /// Whether a token goes on at `index`.
    pub(super) fn is_inner(&self, index: usize) -> bool {
        class(self.at(index)) != Class::Other && !self.token(index).is_empty()
    }

    /// The start of the token that ends at `end`.
    pub(super) fn token_start(&self, end: usize) -> usize {
        let mut start = end;
        for char in self.get(0, end).chars().rev().take(64) {
            if !char.is_alphanumeric() && !is_mark(char) && !is_hidden(char) {
                break;
            }
            start -= char.len_utf8();
        }
        start
    }
}

impl Token {
    pub(super) const fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// Accents written as characters of their own.
const fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}')
}

/// Characters that take no room.
pub(super) const fn is_hidden(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Characters that can pass for an ASCII one: other alphabets' look-alikes, full width, mathematical and circled letters.
pub(super) const fn is_strange(char: char) -> bool {
    matches!(
        char,
        '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{4ff}' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{966}'..='\u{96f}'
        | '\u{2010}'..='\u{2013}' | '\u{2070}'..='\u{209f}' | '\u{2212}' | '\u{2460}'..='\u{24ff}' | '\u{ff01}'..='\u{ff5e}'
        | '\u{1d400}'..='\u{1d7ff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_at_the_end_looks_past_it_however_often_it_is_read() {
        let text = Text::new("one two");
        for start in [0, 4, 4, 0, 4] {
            assert_eq!(text.token(start).len(), 3);
            assert_eq!(text.take_past_end(), start == 4, "{start}");
        }
    }

    #[test]
    fn a_token_that_is_remembered_is_the_one_that_begins_there() {
        let words = "aä1 ".repeat(3 * RECENT);
        let text = Text::new(&words);
        for start in (0..words.len()).filter(|start| words.is_char_boundary(*start)) {
            assert_eq!(text.token(start), Text::new(&words).token(start), "{start}");
            assert_eq!(text.token(start), text.read(start), "{start}");
        }
    }
}
