//! Detectors: where in a text something stands that a person would not want seen.
//!
//! Pure: a text in, findings out. A finding never carries what it found.

mod kind;

pub use kind::{Finding, Kind};
