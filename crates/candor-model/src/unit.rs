//! The units a session declares for time and position, so that every stored number is an integer.

use serde::{Deserialize, Serialize};

/// Time since the session's start, in the session's [`ClockUnit`].
pub type Ticks = u64;

/// How long one tick is: a whole number of microseconds, 1 µs to 1 s.
///
/// Live X11 uses [`ClockUnit::MILLISECOND`], its own resolution: finer times would leak more and mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct ClockUnit(u32);

impl ClockUnit {
    /// 1 ms, the default.
    pub const MILLISECOND: Self = Self(1_000);
    /// 1 µs, the finest.
    pub const MICROSECOND: Self = Self(1);

    /// A unit of `micros` microseconds.
    ///
    /// # Errors
    /// [`UnitError`] unless 1 ≤ `micros` ≤ 1,000,000.
    pub const fn from_micros(micros: u32) -> Result<Self, UnitError> {
        match micros {
            1..=1_000_000 => Ok(Self(micros)),
            _ => Err(UnitError::Clock),
        }
    }

    /// Microseconds a tick.
    pub const fn micros(self) -> u32 {
        self.0
    }

    /// The tick that holds the moment `nanos` nanoseconds after the session's start, rounded to the nearest.
    pub const fn ticks_from_nanos(self, nanos: u64) -> Ticks {
        let unit = self.0 as u64 * 1_000;
        nanos / unit + (nanos % unit * 2 >= unit) as u64
    }

    /// The nanoseconds at which `ticks` begins, saturating.
    pub const fn nanos(self, ticks: Ticks) -> u64 {
        ticks.saturating_mul(self.0 as u64 * 1_000)
    }

    /// How many ticks make `secs` seconds, rounded down.
    pub const fn ticks_in_secs(self, secs: u64) -> Ticks {
        secs.saturating_mul(1_000_000) / self.0 as u64
    }
}

impl TryFrom<u32> for ClockUnit {
    type Error = UnitError;

    fn try_from(micros: u32) -> Result<Self, UnitError> {
        Self::from_micros(micros)
    }
}

impl From<ClockUnit> for u32 {
    fn from(unit: ClockUnit) -> Self {
        unit.0
    }
}

/// How many position steps make one pixel: a power of two, 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct PositionUnit(u16);

impl PositionUnit {
    /// Whole pixels, the default.
    pub const PIXEL: Self = Self(1);
    /// 1/256 px: macOS reports sub-pixel positions on this grid.
    pub const PIXEL_256TH: Self = Self(256);

    /// A unit of 1/`steps` pixel.
    ///
    /// # Errors
    /// [`UnitError`] unless `steps` is a power of two from 1 to 256.
    pub const fn from_steps(steps: u16) -> Result<Self, UnitError> {
        if steps.is_power_of_two() && steps <= 256 { Ok(Self(steps)) } else { Err(UnitError::Position) }
    }

    /// Steps a pixel.
    pub const fn steps(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for PositionUnit {
    type Error = UnitError;

    fn try_from(steps: u16) -> Result<Self, UnitError> {
        Self::from_steps(steps)
    }
}

impl From<PositionUnit> for u16 {
    fn from(unit: PositionUnit) -> Self {
        unit.0
    }
}

/// A unit outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// The clock unit is out of range.
    #[error("a clock unit is 1 to 1000000 microseconds")]
    Clock,
    /// The position unit is out of range.
    #[error("a position unit is a power of two from 1 to 256 steps a pixel")]
    Position,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_round_to_the_nearest() {
        let ms = ClockUnit::MILLISECOND;
        assert_eq!(ms.ticks_from_nanos(1_499_999), 1);
        assert_eq!(ms.ticks_from_nanos(1_500_000), 2);
        assert_eq!(ms.ticks_from_nanos(u64::MAX), 18_446_744_073_710);
        assert_eq!(ms.nanos(2), 2_000_000);
    }

    #[test]
    fn units_out_of_range_are_refused() {
        assert!(ClockUnit::from_micros(0).is_err());
        assert!(ClockUnit::from_micros(1_000_001).is_err());
        assert!(PositionUnit::from_steps(3).is_err());
        assert!(PositionUnit::from_steps(512).is_err());
    }
}
