//! The report's rows.

use std::collections::BTreeMap;

use super::super::replay::Section;
use super::super::{Report, Row};
use super::score::{Score, Share};

/// Who is compared with, and where it comes from: Presidio on the printable characters of the same kind of stream at 5 % of
/// slips (the worst of its three published rates is 0.320, at 10 %).
const PRESIDIO: &str = "Presidio on keys, 5 % slips";

/// A row for each figure, in the order in which they are read.
pub(super) fn rows(score: &mut Score) -> Vec<Row> {
    let covered = sum(&score.covered);
    let mut rows = vec![
        peer(Row::new("span_recall", covered.ratio(), "ratio"), 0.544),
        Row::new("span_recall_low", covered.low(), "ratio"),
        Row::new("span_recall_all", sum(&score.labelled).ratio(), "ratio"),
        count("leaked_chars", score.leaked.part, "characters"),
        Row::new("leaked_chars_pct", percent(score.leaked), "%"),
        count("retracted_leaked", score.retracted_leaked, "characters"),
        count("retracted_leaked_all", score.retracted_leaked_all, "characters"),
        count("half_retracted_leaked", score.half_retracted_leaked, "characters"),
        count("password_events", score.password_events, "events"),
        count("password_tells", score.password_tells, "sessions"),
        count("not_allowed_chars", score.elsewhere, "characters"),
        Row::new("over_redacted_pct", percent(score.over), "%"),
        Row::new("over_redacted_segments_pct", percent(score.over_segments), "%"),
        Row::new("forced_shape_pct", percent(score.forced), "%"),
    ];
    rows.extend(holds(score));
    rows.push(Row::new("us_per_event", micros_each(score), "µs"));
    rows.push(count("texts", score.texts, "texts"));
    rows.push(count("observations", score.observations, "observations"));
    rows.push(count("spans", covered.whole, "spans"));
    rows.push(count("spans_all", sum(&score.labelled).whole, "spans"));
    rows.push(count("retracted_spans", score.retracted_spans, "spans"));
    rows.push(count("unplaced_events", score.unplaced, "events"));
    rows.extend(
        score.covered.iter().map(|(typ, share)| Row::new(format!("span_recall/{typ}"), share.ratio(), "ratio")),
    );
    rows.extend(
        (score.labelled.iter()).map(|(typ, share)| Row::new(format!("span_recall_all/{typ}"), share.ratio(), "ratio")),
    );
    rows.extend(
        (score.leaked_in.iter())
            .map(|(scenario, spans)| count(&format!("leaked_spans/{}", scenario.as_str()), *spans, "spans")),
    );
    rows
}

/// The report, with how often the text model rebuilds what the people whose rhythms were used really typed.
pub(super) fn with_replay(mut report: Report, sections: &[Section]) -> Report {
    let mut exact = Share::default();
    sections.iter().for_each(|section| exact.count(section.is_exact()));
    report.rows.push(Row::new("replay_exact_pct", percent(exact), "%"));
    report
}

fn holds(score: &mut Score) -> [Row; 5] {
    score.hold_ms.sort_unstable();
    score.hold_events.sort_unstable();
    let (ms, events) = (&score.hold_ms, &score.hold_events);
    [
        Row::new("hold_p50_events", quantile(events, 50), "events"),
        Row::new("hold_p99_events", quantile(events, 99), "events"),
        Row::new("hold_p50_ms", quantile(ms, 50), "ms"),
        Row::new("hold_p99_ms", quantile(ms, 99), "ms"),
        Row::new("hold_max_ms", quantile(ms, 100), "ms"),
    ]
}

/// The value at or below which `percent` of the sorted samples lie.
#[expect(clippy::cast_precision_loss, reason = "times and counts are far below 2^53")]
fn quantile(sorted: &[u64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).map(|value| *value as f64)
}

fn sum(shares: &BTreeMap<String, Share>) -> Share {
    shares
        .values()
        .fold(Share::default(), |sum, share| Share { part: sum.part + share.part, whole: sum.whole + share.whole })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn count(name: &str, count: usize, unit: &'static str) -> Row {
    Row::new(name, count as f64, unit)
}

fn percent(share: Share) -> f64 {
    share.ratio() * 100.0
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn micros_each(score: &Score) -> f64 {
    score.spent.as_secs_f64() * 1e6 / score.observations as f64
}

fn peer(row: Row, value: f64) -> Row {
    Row { peer: Some(PRESIDIO), peer_value: Some(value), ..row }
}
