//! Detectors: where in a text something stands that a person would not want seen.
//!
//! Pure: a text in, findings out. A finding never carries what it found.

mod kind;

pub use kind::{Finding, Kind};

/// All detectors, built once and shared.
#[derive(Debug, Default)]
pub struct Detector {}

impl Detector {
    /// Builds the tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Findings in a finished text.
    pub fn find(&self, _text: &str, _findings: &mut Vec<Finding>) {}
}
