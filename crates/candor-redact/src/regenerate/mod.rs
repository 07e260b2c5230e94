//! Time and pointer paths as a dataset gets them: made anew from a population, never from the person.
//!
//! Noise and rounding do not hide who typed, because averaging takes them away again; what was never there cannot be
//! averaged out. So what is made here depends on what was done (classes of characters, targets, counts) and on random
//! bits, and on the original time only through [`Pause`].
//!
//! Architecture invariants: no randomness of its own, the caller passes [`Bits`]; whole numbers only, so that the same
//! bits make the same values on every machine.

mod pointer;
mod population;
mod timing;

pub use pointer::{PATH_POINTS_MAX, PathPoint, path};
pub use timing::{Pause, clicks, hold, keys, long_hold, scroll, typing};

/// Where random bits come from: for a release, a PRF of the dataset's secret.
pub trait Bits {
    /// The next 32.
    fn next(&mut self) -> u32;
}

/// A number between `low` and `high`, both included; `low` where they are the wrong way round.
pub fn between(bits: &mut impl Bits, low: u64, high: u64) -> u64 {
    // Multiply and shift (Lemire 2019, without the rejection): off by at most one part in 2^32 a value.
    let span = u128::from(high.saturating_sub(low)) + 1;
    let wide = u128::from(bits.next()) << 32 | u128::from(bits.next());
    low.saturating_add(((wide * span) >> 64) as u64)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// SplitMix64 (Steele, Lea, Flood 2014), for tests.
    pub(crate) struct Split(pub(crate) u64);

    impl Bits for Split {
        fn next(&mut self) -> u32 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z >> 32) as u32
        }
    }

    #[test]
    fn between_reaches_both_ends_and_nothing_beyond() {
        let mut bits = Split(1);
        let drawn: Vec<u64> = (0..400).map(|_| between(&mut bits, 7, 9)).collect();
        assert!([7, 8, 9].iter().all(|n| drawn.contains(n)) && drawn.iter().all(|n| (7..=9).contains(n)));
        assert_eq!(between(&mut bits, 9, 7), 9);
        between(&mut bits, 0, u64::MAX);
    }
}
