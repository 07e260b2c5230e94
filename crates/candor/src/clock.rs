//! The one clock of the program. Every other crate takes time as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Wall-clock time in Unix seconds; 0 where the clock stands before 1970, which no record accepts.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
pub(crate) fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Milliseconds of CLOCK_BOOTTIME, which runs through suspend and cannot be set: leases count on it.
pub(crate) fn boottime_ms() -> u64 {
    let time = clock_gettime(ClockId::Boottime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_run_forwards() {
        let (wall, boot) = (unix_secs(), boottime_ms());
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(unix_secs() >= wall && wall > 1_600_000_000);
        assert!(boottime_ms() >= boot + 15);
    }
}
