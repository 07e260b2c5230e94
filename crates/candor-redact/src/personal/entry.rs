//! What is kept of one value.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fold::fold;
use super::hash::{GRAM, GRAMS_MAX, PersonalKey, SHORT_END};

const VERSION: u32 = 1;
/// A value folded to less would be found in every other sentence. Characters beyond ASCII tell about twice as much.
const WEIGHT_MIN: usize = 4;
const LENGTH_MAX: usize = 200;
/// More would find something in every text.
pub(super) const ENTRIES_MAX: usize = 1_000;

/// What is kept of one value; see the module for what it tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalEntry {
    /// The version of this form.
    version: u32,
    /// How many characters the folded value has.
    length: u16,
    /// Sixteen bits of HMAC-SHA256 of the folded value.
    tag: u16,
    /// The fingerprints, masked.
    grams: Vec<u32>,
}

/// Why something named cannot be looked for. The value is in none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonalError {
    /// It would be found everywhere.
    #[error(
        "this is too short to look for: name at least four letters or digits, or two characters of Chinese or the like"
    )]
    TooShort,
    /// Nobody types that in one go.
    #[error("this is too long to look for (at most {LENGTH_MAX} letters and digits); name its parts one by one")]
    TooLong,
    /// Together they would find something everywhere.
    #[error("more than {ENTRIES_MAX} values are named; remove some with `candor private remove`")]
    TooMany,
    /// Written by another version of the program.
    #[error("the personal list has an entry of version {0}, which this program does not know; update it")]
    UnknownVersion(u32),
    /// Not what this program writes.
    #[error("the personal list has a damaged entry; remove it and name the value again")]
    Damaged,
}

/// Where the fingerprints of a value of some length lie, and how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Characters of each fingerprint.
    pub(super) gram: usize,
    /// How many there are.
    pub(super) count: usize,
    /// Characters from one to the next.
    pub(super) stride: usize,
    /// How many bits each has.
    pub(super) bits: u32,
    /// How many must be found.
    pub(super) needed: usize,
}

impl Shape {
    /// The shape for a folded value of `length` characters: as few bits as tell it from other text (26 and more in
    /// what must be found), so that as many other values as possible have the same.
    pub(super) fn of(length: usize) -> Self {
        if length < SHORT_END {
            return Self { gram: length, count: 1, stride: 1, bits: 30, needed: 1 };
        }
        let most = if length < 32 { 5 } else { GRAMS_MAX };
        let stride = ((length - GRAM) / (most - 1)).max(2);
        let count = ((length - GRAM) / stride + 1).min(most);
        let needed = (count * 3).div_ceil(5);
        let bits = if needed <= 2 {
            13
        } else if needed <= 3 {
            9
        } else {
            6
        };
        Self { gram: GRAM, count, stride, bits, needed }
    }
}

impl PersonalEntry {
    pub(super) fn new(key: &PersonalKey, value: &str) -> Result<Self, PersonalError> {
        let mut codes = Zeroizing::new(Vec::with_capacity(value.len()));
        fold(value, |folded| codes.push(folded.code));
        let weight: usize = codes.iter().map(|code| if *code < 0x250 { 1 } else { 2 }).sum();
        if weight < WEIGHT_MIN || codes.len() < 2 {
            return Err(PersonalError::TooShort);
        }
        let length =
            u16::try_from(codes.len()).ok().filter(|_| codes.len() <= LENGTH_MAX).ok_or(PersonalError::TooLong)?;
        let (shape, hasher, tag) = (Shape::of(codes.len()), key.hasher(), key.tag(&codes));
        let grams = codes.windows(shape.gram).step_by(shape.stride).take(shape.count);
        let print = |gram: &[u32]| hasher.hash(gram) >> (32 - shape.bits);
        let masks = key.mask(tag, length);
        let grams = grams.zip(masks).map(|(gram, mask)| print(gram) ^ mask >> (32 - shape.bits)).collect();
        Ok(Self { version: VERSION, length, tag, grams })
    }

    /// The shape and the fingerprints, unmasked.
    pub(super) fn open(&self, key: &PersonalKey) -> Result<(Shape, Vec<u32>), PersonalError> {
        if self.version != VERSION {
            return Err(PersonalError::UnknownVersion(self.version));
        }
        let length = usize::from(self.length);
        if !(2..=LENGTH_MAX).contains(&length) {
            return Err(PersonalError::Damaged);
        }
        let shape = Shape::of(length);
        let fits = self.grams.len() == shape.count && self.grams.iter().all(|gram| gram >> shape.bits == 0);
        let masks = key.mask(self.tag, self.length);
        let unmask = |(gram, mask): (&u32, u32)| gram ^ mask >> (32 - shape.bits);
        fits.then(|| (shape, self.grams.iter().zip(masks).map(unmask).collect())).ok_or(PersonalError::Damaged)
    }

    pub(super) fn length(&self) -> usize {
        usize::from(self.length)
    }
}
