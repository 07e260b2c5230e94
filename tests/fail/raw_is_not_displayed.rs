//! Invariant 2: what a source saw cannot be printed.
use candor_redact::Raw;

pub fn leak(raw: &Raw) -> String {
    format!("{raw}")
}
