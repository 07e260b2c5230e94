//! The policy as tests: what goes, what stays.

mod checks;
mod keeps;
mod laws;
mod redacts;

use super::{Detector, Finding};

fn find(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    Detector::new().find(text, &mut findings);
    findings
}

/// The text with what is found in brackets.
fn shown(text: &str, findings: &[Finding]) -> String {
    let mut covered = vec![false; text.len()];
    for finding in findings {
        covered[finding.span.clone()].fill(true);
    }
    let mut shown = String::new();
    let mut inside = false;
    for (at, char) in text.char_indices() {
        if covered[at] != inside {
            shown.push(if inside { ']' } else { '[' });
            inside = covered[at];
        }
        shown.push(char);
    }
    if inside {
        shown.push(']');
    }
    shown
}
