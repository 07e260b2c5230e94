//! How long other windows may lie over the indicator, and how often it comes up again.

use std::time::{Duration, Instant};

/// An indicator that was covered for this long is not visible. Together with the rounds of the keeper it is noticed within a
/// quarter second.
const COVERED_MAX: Duration = Duration::from_millis(100);
/// It must be clear for this long until an earlier covering is forgotten: two windows that take turns at the top would
/// otherwise each be on top for an instant.
const CLEAR_MIN: Duration = Duration::from_millis(120);
/// Between two raises while it is hoped that they help, and after: a screen locker wants to be on top as well, and nobody
/// would win.
const RAISE: Duration = Duration::from_millis(20);
const RAISE_IN_VAIN: Duration = Duration::from_secs(5);
/// Between two raises where something lies higher that covers nothing of it.
const RAISE_IDLE: Duration = Duration::from_secs(1);

/// Covered or clear, over time.
#[derive(Default)]
pub(super) struct Cover {
    since: Option<Instant>,
    clear: Option<Instant>,
    raised: Option<Instant>,
}

impl Cover {
    /// What is so now.
    pub(super) fn see(&mut self, is_covered: bool, now: Instant) {
        if is_covered {
            self.since.get_or_insert(now);
            self.clear = None;
        } else if self.since.is_some() && now.duration_since(*self.clear.get_or_insert(now)) >= CLEAR_MIN {
            self.since = None;
        }
    }

    /// Whether nothing has covered it lately.
    pub(super) fn is_clear(&self) -> bool {
        self.since.is_none()
    }

    /// Whether it has been covered for too long.
    pub(super) fn is_too_long(&self, now: Instant) -> bool {
        // While it is not known yet whether it stays clear, it is not covered either.
        let until = self.clear.unwrap_or(now);
        self.since.is_some_and(|since| until.duration_since(since) >= COVERED_MAX)
    }

    /// Whether to raise it now; the answer counts as done.
    pub(super) fn raise(&mut self, now: Instant) -> bool {
        let pause = match (self.since, self.clear) {
            (Some(_), None) if self.is_too_long(now) => RAISE_IN_VAIN,
            (Some(_), None) => RAISE,
            _ => RAISE_IDLE,
        };
        let due = self.raised.is_none_or(|raised| now.duration_since(raised) >= pause);
        if due {
            self.raised = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_window_that_yields_does_not_count() {
        let (mut cover, start) = (Cover::default(), Instant::now());
        cover.see(true, start);
        assert!(cover.raise(start));
        cover.see(false, start + ms(2));
        for n in [50, 100, 122, 200] {
            cover.see(false, start + ms(n));
            assert!(!cover.is_too_long(start + ms(n)), "{n}");
        }
        assert!(cover.is_clear() && !cover.is_too_long(start + ms(500)));
    }

    #[test]
    fn two_windows_that_take_turns_at_the_top_are_a_covered_indicator_soon_and_are_left_alone_then() {
        let (mut cover, start) = (Cover::default(), Instant::now());
        let (mut raises, mut noticed) = (0, None);
        for n in (0..10_000).step_by(4) {
            cover.see(true, start + ms(n));
            raises += u32::from(cover.raise(start + ms(n)));
            if cover.is_too_long(start + ms(n)) {
                noticed.get_or_insert(n);
            }
            cover.see(false, start + ms(n + 2));
        }
        assert_eq!(noticed, Some(100));
        assert!(raises <= 10, "{raises}");
    }
}
