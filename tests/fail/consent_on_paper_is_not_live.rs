//! Invariant 1: a record is not a live consent; whether it holds now is decided each time.
use std::path::Path;

use candor_capture::import::{Import, Options};
use candor_model::ConsentRecord;

pub fn take(record: &ConsentRecord) {
    Import::open(record, 0, Path::new("events.jsonl"), Options::default()).ok();
}
