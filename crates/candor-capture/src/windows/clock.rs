//! The session's clock: milliseconds since the source was opened.

use std::time::{Duration, Instant};

use candor_model::Ticks;

/// How late an event is read at most: Windows takes a hook away that is slower than this (`LowLevelHooksTimeout`, 300 ms
/// where nobody set it). What claims to be older has a time that software made up.
const LATE_MAX: u32 = 250;

/// Two clocks are joined: the fine one that tells when an event was read, and the system's tick count, as coarse as 16 ms,
/// that tells how long it was under way. An event read at once has the fine time.
pub(super) struct Clock {
    start: Instant,
    last: Ticks,
}

impl Clock {
    pub(super) const fn new(start: Instant) -> Self {
        Self { start, last: 0 }
    }

    /// The time of an event that was read then, so many milliseconds after the time it bears. It never decreases.
    pub(super) fn at(&mut self, read: Instant, late: u32) -> Ticks {
        let late = if late > LATE_MAX { 0 } else { u64::from(late) };
        self.last = self.last.max(self.ticks(read).saturating_sub(late));
        self.last
    }

    /// No event that is still to be read bears an earlier time.
    pub(super) fn settled(&self, now: Instant) -> Ticks {
        now.checked_sub(Duration::from_millis(LATE_MAX.into())).map_or(0, |moment| self.ticks(moment)).max(self.last)
    }

    fn ticks(&self, moment: Instant) -> Ticks {
        u64::try_from(moment.saturating_duration_since(self.start).as_millis()).unwrap_or(Ticks::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_read_late_has_its_own_time_and_none_goes_back() {
        let start = Instant::now();
        let ms = |n| start + Duration::from_millis(n);
        let mut clock = Clock::new(start);
        assert_eq!(clock.at(ms(100), 0), 100);
        assert_eq!(clock.at(ms(140), 30), 110);
        assert_eq!(clock.at(ms(141), 100), 110, "a step back is none");
        assert_eq!(clock.at(ms(150), u32::MAX), 150, "a time from the future or long ago is made up");
        assert_eq!(clock.settled(ms(200)), 150);
        assert_eq!(clock.settled(ms(500)), 250);
    }
}
