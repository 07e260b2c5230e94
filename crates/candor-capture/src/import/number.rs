//! Decimal numbers from bytes, exactly, without a float between.

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// Digits before the point: a time below 10^10 s (the year 2286 as an epoch time) fits a `u64` of nanoseconds.
const WHOLE_DIGITS: usize = 10;

/// The largest distance from the screen's corner that is a position, in pixels: wider than any wall of screens, and
/// small enough for 1/256 px in an `i32`.
pub(crate) const PIXELS_MAX: i32 = 1_000_000;

/// Seconds like `12.309` or `3.42100000381` as nanoseconds; digits beyond the ninth decimal are cut. No sign, no exponent.
pub(crate) fn nanos(field: &[u8]) -> Option<u64> {
    let (whole, fraction) = match field.iter().position(|b| *b == b'.') {
        Some(at) => (field.get(..at)?, field.get(at + 1..)?),
        None => (field, &b"0"[..]),
    };
    let (kept, cut) = fraction.split_at(fraction.len().min(9));
    if whole.len() > WHOLE_DIGITS || !cut.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let scale = POWERS.get(9 - kept.len())?;
    Some(digits(whole)? * SECOND + digits(kept)? * scale)
}

/// Whole milliseconds as nanoseconds.
pub(crate) fn nanos_from_millis(field: &[u8]) -> Option<u64> {
    if field.len() > WHOLE_DIGITS + 3 {
        return None;
    }
    Some(digits(field)? * 1_000_000)
}

/// Seconds as a float (JSON knows nothing else) as nanoseconds, rounded.
pub(crate) fn nanos_from_secs(secs: f64) -> Option<u64> {
    let limit = POWERS.last().map_or(0.0, |p| *p as f64) * 10.0;
    // `contains` is false for NaN and the infinities.
    (0.0..limit).contains(&secs).then(|| (secs * SECOND as f64).round() as u64)
}

/// A whole number of pixels.
pub(crate) fn pixels(field: &[u8]) -> Option<i32> {
    let (negative, digits_only) = match field {
        [b'-', rest @ ..] => (true, rest),
        all => (false, all),
    };
    if digits_only.len() > 7 {
        return None;
    }
    let value = i32::try_from(digits(digits_only)?).ok().filter(|v| *v <= PIXELS_MAX)?;
    Some(if negative { -value } else { value })
}

/// A small whole number.
pub(crate) fn small(field: &[u8]) -> Option<u16> {
    if field.len() > 5 { None } else { digits(field)?.try_into().ok() }
}

/// One to 13 digits; the callers see to the upper bound.
fn digits(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    let mut value = 0u64;
    for byte in field {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

const POWERS: [u64; 10] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, SECOND];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_to_the_nanosecond_and_cut_there() {
        assert_eq!(nanos(b"0.0"), Some(0));
        assert_eq!(nanos(b"12.309"), Some(12_309_000_000));
        assert_eq!(nanos(b"3.42100000381"), Some(3_421_000_003));
        assert_eq!(nanos(b"7"), Some(7_000_000_000));
        assert_eq!(nanos(b"9999999999.999999999"), Some(9_999_999_999_999_999_999));
    }

    #[test]
    fn what_is_not_plain_seconds_is_no_time() {
        for bad in
            ["", ".", "1.", ".5", "-1.0", "+1", "1e3", "1.5e3", "1,5", "10000000000", "1.0000000000x", "nan", " 1"]
        {
            assert_eq!(nanos(bad.as_bytes()), None, "{bad:?}");
        }
        for bad in [-0.1, 1e10, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(nanos_from_secs(bad), None, "{bad}");
        }
        assert_eq!(nanos_from_secs(150_160.965463208), Some(150_160_965_463_208));
        assert_eq!(nanos_from_millis(b"10000000000000"), None);
        assert_eq!(nanos_from_millis(b"1471948496904"), Some(1_471_948_496_904_000_000));
    }

    #[test]
    fn pixels_are_whole_and_on_some_screen() {
        assert_eq!(pixels(b"65535"), Some(65_535));
        assert_eq!(pixels(b"-1920"), Some(-1_920));
        for bad in ["", "-", "--1", "1.5", "1000001", "99999999999999999999", "0x10", "+3"] {
            assert_eq!(pixels(bad.as_bytes()), None, "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_time_with_three_decimals_is_exact(millis in 0u64..10_000_000_000_000) {
            let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
            proptest::prop_assert_eq!(nanos(text.as_bytes()), Some(millis * 1_000_000));
        }
    }
}
