//! The public recordings, by their exact totals.

use super::archive::for_each_file;
use super::{drip, import, render};
use crate::import::{Format, Options, Report};

/// Imports every file whose path fits and returns the reports.
fn reports(folder: &str, fits: impl Fn(&str) -> bool) -> Option<Vec<Report>> {
    let mut reports = Vec::new();
    let found = for_each_file(folder, |name, content| {
        if fits(name) {
            let mut last = 0;
            let report = import(content, Options::default(), |o| {
                assert!(o.at >= last, "{name}");
                last = o.at;
            });
            reports.push(report.unwrap_or_else(|e| panic!("{name}: {e}")));
        }
    });
    for report in &reports {
        assert!(report.is_balanced());
        assert_eq!(report.lines.malformed, 0, "{:?}", report.malformed);
    }
    found.then_some(reports)
}

fn sum(reports: &[Report], count: impl Fn(&Report) -> u64) -> u64 {
    reports.iter().map(count).sum()
}

#[test]
fn ducktracks_example_imports_whole() {
    let Some(reports) = reports("desktop-sessions", |name| name.ends_with("ducktrack/events.jsonl")) else { return };
    let [report] = &reports[..] else { panic!("{} files", reports.len()) };
    assert_eq!(report.format, Format::DuckTrack);
    assert_eq!(report.lines.imported, 13_401);
    let e = report.events;
    assert_eq!((e.moves, e.buttons, e.scrolls, e.keys, e.gaps), (13_163, 44, 140, 54, 0));
    assert_eq!(report.position_unit.steps(), 256);
    assert_eq!(report.oddities, crate::import::Oddities::default());
    assert!((32.4..32.6).contains(&report.span_secs()), "{}", report.span_secs());
}

#[test]
fn balabits_sessions_import_whole() {
    let Some(reports) = reports("mouse-balabit", |name| name.contains("session_")) else { return };
    assert_eq!(reports.len(), 33 + 205);
    assert!(reports.iter().all(|r| r.format == Format::Balabit));
    let rows = sum(&reports, |r| r.lines.read - r.lines.header);
    assert_eq!(rows, 1_632_184);
    assert_eq!(sum(&reports, |r| r.lines.sentinels), 27);
    assert_eq!(sum(&reports, |r| r.lines.duplicates), 66 + 1 - SENTINEL_DUPLICATES);
    assert_eq!(sum(&reports, |r| r.oddities.repeated_notches), 12_683 + 7_698);
    assert_eq!(sum(&reports, |r| r.oddities.batched), 768_806);
    assert_eq!(sum(&reports, |r| r.events.scrolls), 44_484 + 39_120);
    assert_eq!(sum(&reports, |r| r.events.buttons), 48_487 + 48_486 + 2 * 439 + 2 - 1);
    assert_eq!(sum(&reports, |r| r.oddities.unmatched_presses), 1);
    assert_eq!(sum(&reports, |r| r.oddities.unmatched_releases), 2);
    assert_eq!(sum(&reports, |r| r.oddities.held_at_end), 1);
    assert_eq!(sum(&reports, |r| r.oddities.clock_backwards), 0);
}

/// None of the repeated rows is a sentinel.
const SENTINEL_DUPLICATES: u64 = 0;

#[test]
fn aaltos_participants_import_whole() {
    let Some(reports) = reports("keys-aalto136m", |name| name.ends_with("_keystrokes.txt")) else { return };
    assert_eq!(reports.len(), 500);
    assert!(reports.iter().all(|r| r.format == Format::Aalto));
    let presses = sum(&reports, |r| r.lines.imported + r.lines.duplicates);
    assert_eq!(presses, 364_475);
    assert_eq!(sum(&reports, |r| r.lines.duplicates), 6);
    // Rows that hold two presses, and unidentified keys where a row leaves the text in doubt.
    let more_presses = 2_555;
    assert_eq!(sum(&reports, |r| r.events.keys), 2 * (364_475 - 6 + more_presses));
    assert_eq!(sum(&reports, |r| r.oddities.early_releases), 2);
}

#[test]
fn scriptlogs_sessions_import_whole() {
    let Some(reports) = reports("keys-idfx-scriptlog", |name| name.ends_with(".idfx")) else { return };
    assert_eq!(reports.len(), 10);
    assert!(reports.iter().all(|r| r.format == Format::ScriptLog));
    assert_eq!(sum(&reports, |r| r.lines.malformed), 0);
    assert_eq!(sum(&reports, |r| r.lines.read), sum(&reports, |r| r.lines.imported));
    // Each of the 30,155 keyboard events is a key but for seven, which pasted.
    assert_eq!(sum(&reports, |r| r.events.keys), 2 * 30_148);
}

#[test]
fn a_real_file_read_byte_by_byte_is_the_same() {
    for_each_file("keys-aalto136m", |name, content| {
        if name.ends_with("/1002_keystrokes.txt") {
            let mut input = Vec::new();
            std::io::Read::read_to_end(content, &mut input).unwrap();
            let (mut whole, mut split) = (Vec::new(), Vec::new());
            import(&input[..], Options::default(), |o| whole.push(render(&o))).unwrap();
            import(drip(&input), Options::default(), |o| split.push(render(&o))).unwrap();
            assert!(whole.len() > 1_000);
            assert_eq!(whole, split);
        }
    });
}
