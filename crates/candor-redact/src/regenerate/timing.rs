//! Pauses and durations, in microseconds.

use candor_model::key::Shape;

use super::population::{BUTTON_HOLD, CLICK_AGAIN, KEY_HOLD, NOTCH, PAUSE_BRIEF, PAUSE_LONG, PAUSE_THOUGHT, interval};
use super::{Bits, between};

/// All that is left of the time between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pause {
    /// Less than 3 s. Finer buckets told how fast somebody goes from one thing to the next, and with it who they are.
    Brief,
    /// From 3 s, at most 10 s.
    Thought,
    /// More than 10 s, however much more.
    Long,
}

impl Pause {
    /// The bucket of a pause of `micros` microseconds.
    pub const fn of(micros: u64) -> Self {
        match micros {
            0..3_000_000 => Self::Brief,
            3_000_000..=10_000_000 => Self::Thought,
            _ => Self::Long,
        }
    }

    /// Another pause of the same bucket, as the population has them.
    pub fn redraw(self, bits: &mut impl Bits) -> u64 {
        let population = match self {
            Self::Brief => &PAUSE_BRIEF,
            Self::Thought => &PAUSE_THOUGHT,
            Self::Long => &PAUSE_LONG,
        };
        population.draw(bits)
    }
}

/// From the first press to the last of a text of these classes, each with its count. Neither corrections nor pauses
/// within the text are in it, because the text does not show them.
pub fn typing(shapes: impl IntoIterator<Item = (Shape, u32)>, bits: &mut impl Bits) -> u64 {
    let (mut before, mut sum) = (None, 0u64);
    for (shape, count) in shapes {
        // A stuck key may repeat for hours; what lies beyond is time like the first part's.
        let drawn = count.min(DRAWN_MAX);
        let mut part = 0u64;
        for _ in 0..drawn {
            part += before.map_or(0, |before| interval(before, shape).draw(bits));
            before = Some(shape);
        }
        let rest = u64::from(count - drawn);
        sum = sum.saturating_add(part).saturating_add((part / u64::from(drawn.max(1))).saturating_mul(rest));
    }
    sum
}

/// The most intervals that are drawn one by one for a run of one class.
const DRAWN_MAX: u32 = 4_096;

/// A key pressed once, or held so that it repeats: `count` presses.
pub fn keys(count: u32, bits: &mut impl Bits) -> u64 {
    // The keyboard repeats, not the person: 0.5 s, then 30 a second, common defaults of desktops.
    let repeats = u64::from(count.saturating_sub(1));
    KEY_HOLD.draw(bits) + if repeats == 0 { 0 } else { 500_000 + (repeats - 1) * 33_000 }
}

/// `count` clicks, from the first press to the last release.
pub fn clicks(count: u32, bits: &mut impl Bits) -> u64 {
    let apart: u64 = (1..count.min(8)).map(|_| CLICK_AGAIN.draw(bits)).sum();
    apart + hold(bits)
}

/// A pointer button, pressed and released.
pub fn hold(bits: &mut impl Bits) -> u64 {
    BUTTON_HOLD.draw(bits)
}

/// A button held on purpose: what counts as a long press is longer than a second.
pub fn long_hold(bits: &mut impl Bits) -> u64 {
    between(bits, 1_050_000, 2_000_000)
}

/// Scrolling by a distance in 1/120 notch, from the first notch to the last.
pub fn scroll(distance: u64, bits: &mut impl Bits) -> u64 {
    let notches = distance.div_ceil(120).saturating_sub(1);
    let drawn = notches.min(u64::from(DRAWN_MAX));
    let part: u64 = (0..drawn).map(|_| NOTCH.draw(bits)).sum();
    part.saturating_add((part / drawn.max(1)).saturating_mul(notches - drawn))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::Split;
    use super::*;

    proptest! {
        #[test]
        fn a_redrawn_pause_stays_in_its_bucket(micros in prop_oneof![0..20_000_000u64, any::<u64>()], seed: u64) {
            let pause = Pause::of(micros);
            prop_assert_eq!(Pause::of(pause.redraw(&mut Split(seed))), pause);
        }

        #[test]
        fn no_count_or_distance_is_too_much(count: u32, distance: u64, seed: u64) {
            let bits = &mut Split(seed);
            typing([(Shape::Letter, count), (Shape::Space, u32::MAX), (Shape::Letter, 0)], bits);
            keys(count, bits);
            clicks(count, bits);
            scroll(distance, bits);
        }
    }

    #[test]
    fn a_long_press_is_still_long_and_a_click_still_short() {
        let mut bits = Split(9);
        assert!((0..1_000).all(|_| long_hold(&mut bits) > 1_000_000 && hold(&mut bits) <= 1_000_000));
        assert!((0..1_000).all(|_| clicks(2, &mut bits) > hold(&mut bits) / 8));
    }

    #[test]
    fn longer_text_takes_longer_on_average() {
        let mut bits = Split(11);
        let mut mean = |count| (0..200).map(|_| typing([(Shape::Letter, count)], &mut bits)).sum::<u64>() / 200;
        assert_eq!(mean(1), 0);
        assert!(mean(50) > 2 * mean(20));
    }
}
