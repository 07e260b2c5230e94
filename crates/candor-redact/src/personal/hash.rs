//! The keyed hashes: HMAC-SHA256 for what is computed once, a universal hash with secret parameters for what is computed
//! at every character.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Characters of a fingerprint.
pub(super) const GRAM: usize = 4;
/// A value with fewer characters is fingerprinted as one.
pub(super) const SHORT_END: usize = 8;
/// No value has more fingerprints.
pub(super) const GRAMS_MAX: usize = 8;

/// The device's key for what a participant names. It never leaves the device.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PersonalKey([u8; 32]);

impl PersonalKey {
    /// A key of 32 random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// HMAC-SHA256 (RFC 2104) of a label, a zero byte and what is hashed.
    fn mac(&self, label: &str, bytes: &[u8]) -> [u8; 32] {
        // HMAC takes keys of any length, so this hash of the label alone is never what comes out.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Sha256::digest(label).into() };
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Sixteen bits of a folded value.
    pub(super) fn tag(&self, codes: &[u32]) -> u16 {
        let bytes: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        let bytes = zeroize::Zeroizing::new(bytes);
        let [a, b, ..] = self.mac("candor personal tag v1", &bytes);
        u16::from_be_bytes([a, b])
    }

    /// What hides the fingerprints of an entry from whoever has no key.
    pub(super) fn mask(&self, tag: u16, length: u16) -> [u32; GRAMS_MAX] {
        let [a, b] = tag.to_be_bytes();
        let [c, d] = length.to_be_bytes();
        words(self.mac("candor personal mask v1", &[a, b, c, d]))
    }

    /// The universal hash with this key's parameters.
    pub(super) fn hasher(&self) -> Hasher {
        let half = |n| words(self.mac("candor personal grams v1", &[n]));
        let ([a, b, c, d], [e, f, g, h]) = (half(0), half(1));
        Hasher { add: a, times: [b, c, d, e, f, g, h] }
    }
}

impl fmt::Debug for PersonalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalKey(..)")
    }
}

/// Splits a MAC into big-endian words of the wanted size.
fn words<T: FromBytes, const N: usize>(mac: [u8; 32]) -> [T; N] {
    let mut chunks = mac.chunks_exact(size_of::<T>());
    std::array::from_fn(|_| T::from_be(chunks.next().unwrap_or_default()))
}

trait FromBytes {
    fn from_be(bytes: &[u8]) -> Self;
}

impl FromBytes for u32 {
    fn from_be(bytes: &[u8]) -> Self {
        bytes.iter().fold(0, |word, byte| word << 8 | Self::from(*byte))
    }
}

impl FromBytes for u64 {
    fn from_be(bytes: &[u8]) -> Self {
        bytes.iter().fold(0, |word, byte| word << 8 | Self::from(*byte))
    }
}

/// Multilinear hashing of up to seven characters into 32 bits, strongly universal (Lemire and Kaser, "Strongly universal
/// string hashing is fast", 2014, section 2): the upper half of a sum of products modulo 2^64.
#[derive(Clone, Copy, Default)]
pub(super) struct Hasher {
    add: u64,
    times: [u64; SHORT_END - 1],
}

impl Hasher {
    #[inline]
    pub(super) fn hash(&self, codes: &[u32]) -> u32 {
        let products = codes.iter().zip(self.times).map(|(code, times)| times.wrapping_mul(u64::from(*code)));
        (products.fold(self.add, u64::wrapping_add) >> 32) as u32
    }
}
