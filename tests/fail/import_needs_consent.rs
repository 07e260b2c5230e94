//! Invariant 1: nothing is imported without a live consent.
use std::path::Path;

use candor_capture::import::{Import, Options};

pub fn take() {
    Import::open((), 0, Path::new("events.jsonl"), Options::default()).ok();
}
