//! The thresholds, in the units of one session. Sources: AgentNet's constants where it has them (multi-click 0.5 s and
//! 4 px, drag 6 px, long press 1 s), and bounds in time for the merges it leaves unbounded.

use candor_model::Ticks;
use candor_model::unit::{ClockUnit, PositionUnit};

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Start to start of two clicks of one multi-click: 0.5 s.
    pub multi_click: Ticks,
    /// Longer than this without moving is a long press: 1 s.
    pub long_press: Ticks,
    /// Pause within one scroll: 0.4 s.
    pub scroll: Ticks,
    /// Pause within one run of typing: 10 s.
    pub typing: Ticks,
    /// A modifier held longer than this for nothing is a press: 0.3 s.
    pub lone_modifier: Ticks,
    /// Whether a release and a press in one tick are X11's auto-repeat. True up to 10 ms a tick: faster than any finger.
    pub fine: bool,
    /// Further than this from the press is a drag: 6 px, in steps.
    pub drag: u32,
    /// Further apart than this are two clicks: 4 px, in steps.
    pub click_apart: u32,
}

impl Limits {
    pub fn new(clock: ClockUnit, position: PositionUnit) -> Self {
        // Rounding down is exact here: whole ticks are at most `millis` long if and only if they are at most this many.
        let ticks = |millis: u64| millis * 1_000 / u64::from(clock.micros());
        let steps = u32::from(position.steps());
        Self {
            multi_click: ticks(500),
            long_press: ticks(1_000),
            scroll: ticks(400),
            typing: ticks(10_000),
            lone_modifier: ticks(300),
            fine: clock.micros() <= 10_000,
            drag: 6 * steps,
            click_apart: 4 * steps,
        }
    }
}

/// Whether two points are at most `limit` apart. The first test keeps the squares small enough for any input.
pub(super) fn within(a: (i32, i32), b: (i32, i32), limit: u32) -> bool {
    let (dx, dy) = (a.0.abs_diff(b.0), a.1.abs_diff(b.1));
    let square = |side: u32| u64::from(side) * u64::from(side);
    dx <= limit && dy <= limit && square(dx) + square(dy) <= square(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact_in_every_unit() {
        let micro = Limits::new(ClockUnit::MICROSECOND, PositionUnit::PIXEL_256TH);
        assert_eq!((micro.multi_click, micro.drag), (500_000, 1536));
        let odd = Limits::new(ClockUnit::from_micros(300_000).unwrap(), PositionUnit::PIXEL);
        assert_eq!((odd.multi_click, odd.long_press, odd.fine), (1, 3, false));
    }

    #[test]
    fn distance_is_euclidean_and_never_overflows() {
        assert!(within((0, 0), (3, 5), 6));
        assert!(!within((0, 0), (5, 5), 6));
        assert!(!within((i32::MIN, i32::MIN), (i32::MAX, i32::MAX), 6));
    }
}
