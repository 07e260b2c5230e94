//! How much of what people have marked the detectors find, and how much else.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use candor_redact::detect::Detector;

use super::formats::Format;
use super::score::Score;
use super::{Report, Row};

/// Finds in every record of `files` and scores it.
///
/// `recall/TYPE` is the share of spans of the data set's type of which every character lies in a finding of any kind.
/// `recall/all` and `leaked_chars_pct` take only the types that a detector claims to find ([`super::types::claimed`]).
/// `precision` is the share of findings that overlap a span of a type that is theirs. `mb_s` is 10^6 bytes a second on one
/// thread, of the detectors alone.
pub(crate) fn redact(format: Format, files: &[PathBuf]) -> Result<Report> {
    let records = format.read(files)?;
    let detector = Detector::new();
    let mut score = Score::default();
    let mut findings = Vec::new();
    let mut spent = Duration::ZERO;
    let mut bytes = 0_usize;
    for record in &records {
        findings.clear();
        let start = Instant::now();
        detector.find(&record.text, &mut findings);
        spent += start.elapsed();
        bytes += record.text.len();
        score.add(record, &findings);
    }
    let mut rows = score.rows();
    #[expect(clippy::cast_precision_loss, reason = "a file is far smaller than 2^53 bytes")]
    let speed = bytes as f64 / 1e6 / spent.as_secs_f64();
    rows.push(Row::new("mb_s", speed, "MB/s"));
    Ok(Report { name: "redact", rows })
}
