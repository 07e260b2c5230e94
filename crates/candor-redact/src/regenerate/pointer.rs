//! The pointer's way from one target to another.
//!
//! Shape: minimum jerk (Flash & Hogan 1985), the straight line travelled by 10τ³ − 15τ⁴ + 6τ⁵. Duration: Fitts' law for
//! dragging with a mouse, 135 ms + 249 ms · log₂(D / W + 1) (MacKenzie, Sellen & Buxton 1991), times a factor between ¾
//! and 1½ that stands for the spread of people.

use super::{Bits, between};

/// One point of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathPoint {
    /// Microseconds after the first.
    pub after: u64,
    /// Horizontal position.
    pub x: i64,
    /// Vertical position.
    pub y: i64,
}

/// The most points of a path.
pub const PATH_POINTS_MAX: usize = 64;

/// The target's width, in pixels: nobody knows it, so an icon's.
const WIDTH: u64 = 32;

/// How far apart points are: a display of 60 Hz shows no more.
const FRAME_MICROS: u64 = 16_667;

/// A way from one place to the other, both exact, in positions of `steps` a pixel.
pub fn path(from: (i64, i64), to: (i64, i64), steps: u32, bits: &mut impl Bits) -> Vec<PathPoint> {
    let (from, to) = (inside(from), inside(to));
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let distance = square(dx).saturating_add(square(dy)).isqrt() as u64 / u64::from(steps.max(1));
    let duration = (135_000 + 249 * difficulty(distance)) * between(bits, 768, 1_536) / 1_024;
    let last = (duration / FRAME_MICROS).clamp(1, PATH_POINTS_MAX as u64 - 1);
    let point = |number: u64| {
        let travelled = minimum_jerk(number, last);
        let part = |whole: i64| ((i128::from(whole) * i128::from(travelled)) >> 32) as i64;
        PathPoint { after: duration * number / last, x: from.0 + part(dx), y: from.1 + part(dy) }
    };
    (0..=last).map(point).collect()
}

/// Within 2^40 steps, which no screen reaches, so that squares fit.
fn inside((x, y): (i64, i64)) -> (i64, i64) {
    const LIMIT: i64 = 1 << 40;
    (x.clamp(-LIMIT, LIMIT), y.clamp(-LIMIT, LIMIT))
}

fn square(side: i64) -> u128 {
    u128::from(side.unsigned_abs()).pow(2)
}

/// log₂(distance / width + 1) in thousandths. Between powers of two a straight line, at most 0.09 bit off: exact arithmetic
/// is worth more here than an exact logarithm.
fn difficulty(distance: u64) -> u64 {
    let ratio = distance.saturating_mul(1_024) / WIDTH + 1_024;
    let whole = ratio.ilog2();
    let rest = ((ratio - (1 << whole)) * 1_000) >> whole;
    u64::from(whole - 10) * 1_000 + rest
}

/// How much of the way is travelled after `number` of `last` parts of the time, in 2⁻³²; 2³² at the end.
fn minimum_jerk(number: u64, last: u64) -> u64 {
    let (n, l) = (u128::from(number), u128::from(last));
    let travelled = 10 * n.pow(3) * l.pow(2) + 6 * n.pow(5) - 15 * n.pow(4) * l;
    ((travelled << 32) / l.pow(5).max(1)) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::Split;
    use super::*;

    proptest! {
        #[test]
        fn a_path_starts_and_ends_exactly_at_its_targets(from: (i32, i32), to: (i32, i32), seed: u64) {
            let wide = |(x, y): (i32, i32)| (i64::from(x) * 256, i64::from(y) * 256);
            let (from, to) = (wide(from), wide(to));
            let points = path(from, to, 256, &mut Split(seed));
            let (first, last) = (points.first().unwrap(), points.last().unwrap());
            prop_assert_eq!((first.after, first.x, first.y), (0, from.0, from.1));
            prop_assert_eq!((last.x, last.y), to);
            prop_assert!(points.len() >= 2 && points.len() <= PATH_POINTS_MAX);
            prop_assert!(points.is_sorted_by_key(|point| point.after));
            let between = |at: i64, a: i64, b: i64| (a.min(b)..=a.max(b)).contains(&at);
            let on_the_way = |point: &PathPoint| between(point.x, from.0, to.0) && between(point.y, from.1, to.1);
            prop_assert!(points.iter().all(on_the_way));
        }

        #[test]
        fn no_position_is_too_far(from: (i64, i64), to: (i64, i64), steps: u32, seed: u64) {
            path(from, to, steps, &mut Split(seed));
        }
    }

    #[test]
    fn half_the_way_in_half_the_time_and_slow_at_both_ends() {
        assert_eq!((minimum_jerk(0, 10), minimum_jerk(5, 10), minimum_jerk(10, 10)), (0, 1 << 31, 1 << 32));
        assert!(minimum_jerk(1, 10) < (1 << 32) / 100);
    }

    #[test]
    fn farther_takes_longer_by_the_logarithm() {
        assert_eq!((difficulty(0), difficulty(32), difficulty(96), difficulty(480)), (0, 1_000, 2_000, 4_000));
    }
}
