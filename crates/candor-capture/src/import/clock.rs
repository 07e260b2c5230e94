//! The session's clock, made from a file's clock.

use candor_model::ClockUnit;
use candor_model::unit::Ticks;

/// How far a file's clock may run backwards before what follows counts as a new stretch, in nanoseconds.
const JUMP: u64 = 1_000_000_000;

/// What a file's clock did between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It stood or ran forward.
    Forward,
    /// It ran backwards by a second or less: the session's clock stands until it has caught up.
    Back,
    /// It ran backwards by more: the session's clock goes on from where it was, with the file's new time as "now".
    ///
    /// Standing still here, too, would squeeze everything up to the old time into one tick.
    Jump,
}

/// Turns a file's times into ticks that begin at 0 and never decrease.
#[derive(Debug)]
pub(crate) struct Clock {
    unit: ClockUnit,
    /// The latest time of the file in the present stretch.
    latest: Option<u64>,
    /// Nanoseconds since the session's start.
    now: u64,
}

impl Clock {
    pub(crate) fn new(unit: ClockUnit) -> Self {
        Self { unit, latest: None, now: 0 }
    }

    /// The file shows `nanos`.
    pub(crate) fn advance(&mut self, nanos: u64) -> Step {
        let latest = *self.latest.get_or_insert(nanos);
        match nanos.checked_sub(latest) {
            Some(passed) => {
                self.latest = Some(nanos);
                // A hostile file can jump back and forth until the sum leaves the range.
                self.now = self.now.saturating_add(passed);
                Step::Forward
            }
            None if latest - nanos <= JUMP => Step::Back,
            None => {
                self.latest = Some(nanos);
                Step::Jump
            }
        }
    }

    /// Whether a line that shows `nanos` would be a [`Step::Jump`].
    pub(crate) fn would_jump(&self, nanos: u64) -> bool {
        self.latest.is_some_and(|latest| latest.saturating_sub(nanos) > JUMP)
    }

    pub(crate) fn ticks(&self) -> Ticks {
        self.unit.ticks_from_nanos(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_step_back_stands_still_and_a_large_one_goes_on_from_here() {
        let mut clock = Clock::new(ClockUnit::MILLISECOND);
        let seen: Vec<(Step, Ticks)> = [5.0, 6.0, 5.5, 6.25, 100.0, 98.9, 99.0]
            .into_iter()
            .map(|secs: f64| (clock.advance((secs * 1e9) as u64), clock.ticks()))
            .collect();
        use Step::{Back, Forward, Jump};
        let expected = [
            (Forward, 0),
            (Forward, 1_000),
            (Back, 1_000),
            (Forward, 1_250),
            (Forward, 95_000),
            (Jump, 95_000),
            (Forward, 95_100),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn jumping_back_and_forth_without_end_saturates() {
        let mut clock = Clock::new(ClockUnit::MICROSECOND);
        for _ in 0..10 {
            clock.advance(0);
            clock.advance(10_000_000_000_000_000_000);
        }
        assert_eq!(clock.now, u64::MAX);
    }
}
