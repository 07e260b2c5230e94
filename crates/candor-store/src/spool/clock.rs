//! How long segments were held back, counted so that no change of the wall clock ends a hold-back early.
//!
//! The spool keeps a count of seconds that certainly passed: within one boot CLOCK_BOOTTIME, which nobody can set;
//! across a restart of the computer only the time since it started, because how long it was off is known from the wall
//! clock alone. A segment is free when both this count and the wall clock say that its hold-back is over: the later of
//! the two. Time that the computer is off therefore does not count; that errs on the participant's side.

use std::path::Path;

use rustix::time::{ClockId, clock_gettime};

use super::SpoolError;
use crate::disk;

const NAME: &str = "clock";
/// How many seconds may pass before the count is written again. A lost write makes a hold-back longer, never shorter.
const WRITE_AFTER_SECS: u64 = 60;

/// What both clocks say. Taken by the caller, so that tests choose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, Unix seconds.
    pub unix: u64,
    /// Which boot this is.
    pub boot: [u8; 16],
    /// CLOCK_BOOTTIME, in seconds: runs through suspend and cannot be set.
    pub boottime: u64,
}

impl Now {
    /// Reads both clocks and the boot's id.
    ///
    /// # Errors
    /// [`SpoolError::Clock`] where the system tells no boot id.
    pub fn read() -> Result<Self, SpoolError> {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map_err(SpoolError::Clock)?;
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        let boot = u128::from_str_radix(&digits, 16)
            .map_err(|error| SpoolError::Clock(std::io::Error::other(error)))?
            .to_be_bytes();
        let secs = |id| u64::try_from(clock_gettime(id).tv_sec).unwrap_or(0);
        Ok(Self { unix: secs(ClockId::Realtime), boot, boottime: secs(ClockId::Boottime) })
    }
}

/// When something was accepted, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The wall clock, Unix seconds.
    pub(super) unix: u64,
    /// The count of seconds that certainly passed.
    pub(super) counted: u64,
}

/// The count, and where it was last read.
#[derive(Debug)]
pub(super) struct HoldClock {
    counted: u64,
    /// The boot and its time at which the count stood so; nothing where that is not known.
    at: Option<([u8; 16], u64)>,
    written: Option<(u64, [u8; 16])>,
}

impl HoldClock {
    /// Reads the count. Where the file is damaged, counting goes on from the latest stamp: hold-backs get longer.
    pub(super) fn load(root: &Path, latest_stamp: u64) -> Result<Self, SpoolError> {
        let mut clock = Self { counted: latest_stamp, at: None, written: None };
        if let Some(bytes) = disk::read_if_any(&root.join(NAME))?
            && let Some((counted, rest)) = bytes.split_first_chunk::<8>()
            && let Some((boot, rest)) = rest.split_first_chunk::<16>()
            && let Some((boottime, [])) = rest.split_first_chunk::<8>()
        {
            // Stamps may be ahead of the file, but only within its boot: a change of boot is written at once.
            let counted = u64::from_be_bytes(*counted);
            clock.counted = counted.max(latest_stamp);
            clock.at = Some((*boot, u64::from_be_bytes(*boottime).saturating_add(clock.counted - counted)));
        }
        Ok(clock)
    }

    /// Counts on to `now`, and writes the count where it is due.
    pub(super) fn advance(&mut self, root: &Path, now: &Now) -> Result<Stamp, SpoolError> {
        let (since, later) = match self.at {
            Some((boot, boottime)) if boot == now.boot => (boottime, now.boottime > boottime),
            Some(_) => (0, true),
            None => (now.boottime, true),
        };
        if later {
            self.counted += now.boottime.saturating_sub(since);
            self.at = Some((now.boot, now.boottime));
        }
        if self.written.is_none_or(|(at, boot)| boot != now.boot || self.counted >= at + WRITE_AFTER_SECS) {
            let boottime = self.at.map_or(now.boottime, |(_, boottime)| boottime);
            let bytes = [&self.counted.to_be_bytes()[..], &now.boot, &boottime.to_be_bytes()].concat();
            disk::write_durably(root, NAME, &bytes)?;
            self.written = Some((self.counted, now.boot));
        }
        Ok(Stamp { unix: now.unix, counted: self.counted })
    }

    /// How many seconds have passed since: the less of what the two clocks say.
    pub(super) fn age(&self, accepted: Stamp, now: &Now) -> u64 {
        self.counted.saturating_sub(accepted.counted).min(now.unix.saturating_sub(accepted.unix))
    }

    /// How many seconds are left of a hold-back: the more of what the two clocks say. A wall clock that stands before
    /// the stamp was set back; it says nothing, and the count alone decides.
    pub(super) fn remaining(&self, accepted: Stamp, hold_back_secs: u64, now: &Now) -> u64 {
        let by_count = hold_back_secs.saturating_sub(self.counted.saturating_sub(accepted.counted));
        let by_wall = now.unix.checked_sub(accepted.unix).map_or(0, |held| hold_back_secs.saturating_sub(held));
        by_count.max(by_wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn now(unix: u64, boot: u8, boottime: u64) -> Now {
        Now { unix, boot: [boot; 16], boottime }
    }

    /// Each step: what the clocks say, whether the process restarts before it, and how much of a day is left then.
    fn check(steps: &[(Now, bool, u64)]) {
        let dir = tempfile::tempdir().unwrap();
        let mut clock = HoldClock::load(dir.path(), 0).unwrap();
        let accepted = clock.advance(dir.path(), &now(1_000_000, 1, 500)).unwrap();
        for (at, restart, left) in steps {
            if *restart {
                clock = HoldClock::load(dir.path(), accepted.counted).unwrap();
            }
            clock.advance(dir.path(), at).unwrap();
            assert_eq!(clock.remaining(accepted, DAY, at), *left, "{at:?}");
        }
    }

    #[test]
    fn a_wall_clock_set_forward_does_not_end_a_hold_back() {
        check(&[(now(1_000_000 + 40 * DAY, 1, 600), false, DAY - 100)]);
        check(&[(now(1_000_000 + 40 * DAY, 1, 600), true, DAY - 100)]);
        check(&[(now(1_000_000 + 40 * DAY, 1, 500 + DAY), true, 0)]);
    }

    #[test]
    fn a_restart_of_the_computer_with_the_clock_set_forward_does_not_end_a_hold_back() {
        check(&[(now(1_000_100, 1, 600), false, DAY - 100), (now(1_000_000 + 40 * DAY, 2, 10), true, DAY - 110)]);
        check(&[(now(1_000_000 + 40 * DAY, 2, DAY), true, 0)]);
    }

    #[test]
    fn a_wall_clock_set_back_does_not_hold_for_ever() {
        check(&[(now(5, 1, 500 + DAY), false, 0), (now(1_000_000 + 10, 1, 500 + DAY), false, DAY - 10)]);
    }

    #[test]
    fn suspending_counts_and_being_off_does_not() {
        check(&[(now(1_000_000 + DAY / 2, 1, 500 + DAY / 2), false, DAY / 2)]);
        check(&[(now(1_000_000 + DAY / 2, 2, 60), true, DAY - 60)]);
    }

    #[test]
    fn no_clock_that_is_set_makes_a_recording_look_older() {
        let dir = tempfile::tempdir().unwrap();
        let mut clock = HoldClock::load(dir.path(), 0).unwrap();
        let accepted = clock.advance(dir.path(), &now(1_000_000, 1, 500)).unwrap();
        for (at, age) in [
            (now(1_000_090, 1, 590), 90),
            (now(1_000_000 + DAY, 1, 600), 100),
            (now(5, 1, 700), 0),
            (now(1_000_250, 2, 20), 220),
        ] {
            clock.advance(dir.path(), &at).unwrap();
            assert_eq!(clock.age(accepted, &at), age, "{at:?}");
        }
    }

    #[test]
    fn a_damaged_count_makes_hold_backs_longer_only() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(NAME), b"").unwrap();
        let mut clock = HoldClock::load(dir.path(), 700).unwrap();
        let at = now(50, 1, 20);
        clock.advance(dir.path(), &at).unwrap();
        assert_eq!(clock.remaining(Stamp { unix: 30, counted: 700 }, 100, &at), 100);
    }
}
