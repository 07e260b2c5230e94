//! Invariant 2: only candor-redact looks into a raw event.
use candor_redact::{Observation, Raw};

pub fn leak(raw: Raw) -> Observation {
    raw.0
}
