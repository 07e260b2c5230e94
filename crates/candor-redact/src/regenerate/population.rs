//! The population: quantiles over many people, in milliseconds. Public, and the same for every dataset.
//!
//! Intervals between key presses and how long a key is held: 500 people of the Aalto "136M keystrokes" study (Dhakal, Feit,
//! Kristensson, Oulasvirta, CHI 2018), at most 60 intervals of a person and class, up to 2 s, Shift left out. Pauses before
//! a press of a pointer button, holds, double clicks and wheel notches: training sessions of the Balabit Mouse Dynamics
//! Challenge (2016), at most 400 pauses a session. Aggregates only: sixteen quantiles, at (i + ½) / 16.

use candor_model::key::Shape;

use super::{Bits, between};

/// Sixteen quantiles in milliseconds, ascending.
pub(super) struct Quantiles([u32; 16]);

impl Quantiles {
    /// A value of the population in microseconds: somewhere between two neighbouring quantiles.
    pub(super) fn draw(&self, bits: &mut impl Bits) -> u64 {
        let at = ((bits.next() >> 16) as usize * 15) >> 16;
        let quantile = |at: usize| u64::from(self.0.get(at).copied().unwrap_or_default()) * 1_000;
        between(bits, quantile(at), quantile(at + 1))
    }
}

/// The interval between two characters, by their classes only.
pub(super) const fn interval(before: Shape, after: Shape) -> &'static Quantiles {
    use Shape::{Digit, Letter, Newline, Punctuation, Space};
    match (before, after) {
        (Letter, Letter) => &LETTERS,
        (Letter, Space) => &WORD_END,
        (Space, Letter | Space) => &WORD_START,
        (Digit, Digit) => &DIGITS,
        (_, Digit) => &TO_DIGIT,
        (_, Punctuation | Newline) => &TO_PUNCTUATION,
        (Digit, _) => &FROM_DIGIT,
        (Punctuation | Newline, _) => &FROM_PUNCTUATION,
    }
}

const LETTERS: Quantiles = Quantiles([61, 80, 96, 105, 119, 129, 143, 153, 166, 179, 194, 214, 239, 275, 352, 588]);
const WORD_END: Quantiles = Quantiles([57, 78, 88, 100, 110, 119, 128, 137, 150, 160, 175, 191, 208, 239, 295, 496]);
const WORD_START: Quantiles =
    Quantiles([79, 104, 123, 139, 154, 171, 190, 208, 232, 264, 308, 368, 456, 576, 736, 1_051]);
const DIGITS: Quantiles = Quantiles([68, 99, 115, 134, 144, 159, 171, 182, 192, 213, 248, 287, 337, 384, 542, 792]);
const TO_DIGIT: Quantiles =
    Quantiles([116, 188, 233, 290, 344, 399, 471, 549, 612, 659, 717, 783, 920, 1_056, 1_264, 1_611]);
const FROM_DIGIT: Quantiles =
    Quantiles([90, 112, 136, 157, 176, 189, 208, 240, 264, 304, 352, 406, 469, 535, 628, 944]);
const TO_PUNCTUATION: Quantiles =
    Quantiles([95, 121, 142, 158, 176, 200, 232, 268, 319, 376, 441, 530, 632, 758, 944, 1_287]);
const FROM_PUNCTUATION: Quantiles =
    Quantiles([71, 95, 112, 128, 140, 152, 168, 182, 198, 217, 243, 277, 322, 406, 541, 903]);

/// How long a key is held.
pub(super) const KEY_HOLD: Quantiles =
    Quantiles([52, 64, 72, 79, 82, 88, 94, 97, 104, 110, 116, 122, 131, 143, 157, 185]);
/// How long a pointer button is held.
pub(super) const BUTTON_HOLD: Quantiles =
    Quantiles([62, 78, 78, 93, 93, 94, 94, 109, 109, 109, 110, 125, 125, 140, 156, 328]);
/// From one press of a multi-click to the next.
pub(super) const CLICK_AGAIN: Quantiles =
    Quantiles([156, 171, 172, 187, 187, 188, 203, 203, 203, 218, 234, 249, 266, 328, 390, 468]);
/// From one notch of the wheel to the next.
pub(super) const NOTCH: Quantiles = Quantiles([1, 2, 3, 5, 8, 15, 15, 16, 16, 16, 31, 32, 62, 109, 141, 265]);

/// Pauses below 3 s.
pub(super) const PAUSE_BRIEF: Quantiles =
    Quantiles([77, 94, 139, 358, 576, 764, 936, 1_106, 1_278, 1_435, 1_622, 1_794, 2_011, 2_230, 2_496, 2_793]);
/// Pauses from 3 s to 10 s.
pub(super) const PAUSE_THOUGHT: Quantiles = Quantiles([
    3_073, 3_245, 3_401, 3_619, 3_822, 4_056, 4_290, 4_555, 4_883, 5_288, 5_726, 6_209, 6_833, 7_535, 8_471, 9_453,
]);
/// Pauses over 10 s.
pub(super) const PAUSE_LONG: Quantiles = Quantiles([
    10_311, 11_092, 11_841, 12_651, 13_728, 15_164, 16_708, 18_330, 20_124, 22_854, 26_177, 30_904, 38_127, 53_883,
    94_131, 348_412,
]);

#[cfg(test)]
mod tests {
    use super::super::tests::Split;
    use super::*;

    #[test]
    fn draws_follow_the_quantiles() {
        let mut bits = Split(3);
        let mut drawn: Vec<u64> = (0..16_000).map(|_| LETTERS.draw(&mut bits)).collect();
        drawn.sort_unstable();
        let (low, middle, high) = (drawn.first(), drawn.get(8_000), drawn.last());
        assert!(low >= Some(&61_000) && high <= Some(&588_000));
        assert!((155_000..170_000).contains(middle.unwrap()), "{middle:?}");
    }

    #[test]
    fn an_interval_depends_on_the_two_classes() {
        let mean = |before, after| {
            let mut bits = Split(5);
            (0..1_000).map(|_| interval(before, after).draw(&mut bits)).sum::<u64>() / 1_000
        };
        assert!(mean(Shape::Letter, Shape::Letter) < mean(Shape::Space, Shape::Letter));
        assert!(mean(Shape::Digit, Shape::Digit) < mean(Shape::Letter, Shape::Digit));
    }
}
