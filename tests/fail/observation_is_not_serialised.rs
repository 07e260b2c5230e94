//! Invariant 2: what a source fills in cannot be written either.
use candor_redact::Observation;

pub fn leak(seen: &Observation) -> String {
    serde_json::to_string(seen).unwrap_or_default()
}
