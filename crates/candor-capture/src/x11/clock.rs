//! The server's clock and ours.

use std::time::Instant;

use candor_model::Ticks;

/// The server's clock, from its first event on, and how it lies to ours.
#[derive(Default)]
pub(super) struct Clock {
    /// The server's time last read, and its time before that clock wrapped.
    server: u32,
    first: Option<u64>,
    wrapped: u64,
    pub(super) last: Ticks,
    /// The smallest delay seen: our time of a server's time.
    joined: Option<(Instant, Ticks)>,
    late: Late,
}

impl Clock {
    pub(super) fn read(&mut self, server: u32, read: Instant) -> Ticks {
        // It wraps after 49.7 days; a step back that is no wrap is the server's, and time stands still for it.
        if self.first.is_some() && server < self.server && self.server - server > u32::MAX / 2 {
            self.wrapped += 1 << 32;
        }
        self.server = server;
        let time = self.wrapped + u64::from(server);
        let first = *self.first.get_or_insert(time);
        self.last = self.last.max(time.saturating_sub(first));
        // How much later than the one read soonest; nothing where it is the soonest.
        let late = |(instant, at): (Instant, Ticks)| {
            let since = u64::try_from(read.saturating_duration_since(instant).as_millis()).unwrap_or(u64::MAX);
            since.checked_sub(self.last.saturating_sub(at))
        };
        match self.joined.and_then(late) {
            Some(late) => self.late.note(late),
            None => (self.joined, self.late) = (Some((read, self.last)), Late::default()),
        }
        self.last
    }

    /// The source's time at a moment of ours.
    pub(super) fn now(&self, moment: Instant) -> Option<Ticks> {
        let (instant, at) = self.joined?;
        let since = u64::try_from(moment.saturating_duration_since(instant).as_millis()).ok()?;
        Some((at + since).max(self.last))
    }

    /// See [`super::X11::time_error_ms`].
    pub(super) fn error_ms(&self) -> Option<u32> {
        self.joined?;
        Some(self.late.most() + 1)
    }
}

/// How many milliseconds late events were read, of the last ten thousands.
struct Late {
    /// By the milliseconds; the last counts all that were later.
    events: [u32; 256],
    total: u32,
}

impl Default for Late {
    fn default() -> Self {
        Self { events: [0; 256], total: 0 }
    }
}

impl Late {
    const TOTAL_MAX: u32 = 1 << 16;

    fn note(&mut self, late: u64) {
        let last = self.events.len() - 1;
        let slot = usize::try_from(late).map_or(last, |late| late.min(last));
        if let Some(events) = self.events.get_mut(slot) {
            *events += 1;
            self.total += 1;
        }
        if self.total >= Self::TOTAL_MAX {
            // What was long ago counts for half.
            self.events = self.events.map(|events| events / 2);
            self.total = self.events.iter().sum();
        }
    }

    /// What 99 of 100 do not pass.
    fn most(&self) -> u32 {
        let mut passed = 0;
        let enough = |events: &u32| {
            passed += events;
            u64::from(passed) * 100 >= u64::from(self.total) * 99
        };
        self.events.iter().position(enough).and_then(|late| u32::try_from(late).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_error_is_what_one_event_in_a_hundred_passes() {
        let (mut clock, start) = (Clock::default(), Instant::now());
        assert_eq!(clock.error_ms(), None);
        let mut read = |time: u32, late| {
            clock.read(time, start + Duration::from_millis(u64::from(time) + late));
            clock.error_ms()
        };
        assert_eq!(read(1, 9), Some(1), "one event says nothing of others");
        assert_eq!(read(2, 5), Some(1), "it was read sooner: the first is forgotten");
        for time in 3..203 {
            read(time, if time % 4 == 0 { 8 } else { 6 });
        }
        assert_eq!(read(203, 1_000), Some(4), "one of two hundred");
        assert_eq!((204..6_204).filter_map(|time| read(time, 1_000)).last(), Some(256), "more than can be counted");
        assert_eq!((6_204..250_000).filter_map(|time| read(time, 6)).last(), Some(2), "what was long ago is forgotten");
    }
}
