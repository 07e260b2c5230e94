//! Invariant 2: what a source saw cannot be written.
use candor_redact::Raw;

pub fn leak(raw: &Raw) -> String {
    serde_json::to_string(raw).unwrap_or_default()
}
