//! Detectors: where in a text something stands that a person would not want seen.
//!
//! Pure: a text in, findings out. A finding never carries what it found.

mod kind;
mod secret;

pub use kind::{Finding, Kind};
use secret::Secrets;

/// All detectors, built once and shared.
pub struct Detector {
    secrets: Secrets,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// Builds the tables.
    pub fn new() -> Self {
        Self { secrets: Secrets::new() }
    }

    /// Findings in a finished text.
    pub fn find(&self, text: &str, findings: &mut Vec<Finding>) {
        self.secrets.find(text, findings);
    }

    /// Near misses: what would be a finding but for a slip of the finger, or is half of one.
    pub fn find_typed(&self, text: &str, findings: &mut Vec<Finding>) {
        self.secrets.find_near(text, findings);
    }

    /// The byte before which no finding can begin or end differently, however the text goes on.
    pub fn settled(&self, text: &str) -> usize {
        self.secrets.settled(text)
    }
}
