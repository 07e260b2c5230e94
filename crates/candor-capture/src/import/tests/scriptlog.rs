//! Sessions made by hand; what the programs write is in `real.rs`.

use super::lines_of;
use crate::import::{Format, Reason};

const BEGIN: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log>\n  <session></session>\n";

/// A `keyboard` event: position, document length after the file's count, key, value as written, whether it is replayed.
fn key(at: u64, position: usize, length: usize, key: &str, value: &str, replay: bool) -> String {
    format!(
        "<event id=\"1\" type=\"keyboard\">\n<part type=\"wordlog\">\n<position>{position}</position>\n\
         <documentLength>{length}</documentLength>\n<replay>{replay}</replay>\n</part>\n<part type=\"winlog\">\n\
         <startTime>{at}</startTime>\n<endTime>{}</endTime>\n<key>{key}</key>\n<value>{value}</value>\n</part>\n</event>\n",
        at + 5
    )
}

fn replacement(start: usize, end: usize, text: &str) -> String {
    format!(
        "<event id=\"1\" type=\"replacement\">\n<part type=\"wordlog\">\n<start>{start}</start>\n<end>{end}</end>\n\
         <newtext>{text}</newtext>\n</part>\n</event>\n"
    )
}

fn told(events: &[String]) -> Vec<String> {
    let (lines, report) = lines_of(format!("{BEGIN}{}</log>\n", events.concat()));
    assert_eq!(report.format, Format::ScriptLog);
    assert_eq!(report.lines.malformed, 0, "{:?}", report.malformed);
    lines.into_iter().filter(|line| !line.contains(" Up ")).collect()
}

#[test]
fn keys_are_told_and_the_caret_only_where_it_is_elsewhere() {
    let events = [
        key(1_000, 0, 1, "VK_H", "H", true),
        key(1_100, 1, 2, "VK_I", "i", true),
        key(1_200, 2, 3, "VK_LEFT", "", false),
        key(1_300, 1, 3, "VK_BACK", "&#x8;", true),
        key(1_400, 0, 2, "VK_OEM_1", "&amp;", true),
        key(1_500, 1, 3, "VK_RETURN", "\n", true),
    ];
    let expected = [
        "0 field Some(\"\")",
        "0 caret 0",
        "0 key Down 'H'",
        "100 key Down 'i'",
        "200 key Down ArrowLeft",
        "300 caret 1",
        "300 key Down Backspace@2a",
        "400 key Down '&'",
        "500 key Down Enter",
    ];
    assert_eq!(told(&events), expected);
}

#[test]
fn a_key_over_a_selection_is_the_selection_and_the_key() {
    let events = [
        key(0, 0, 9, "VK_LEFT", "", false),
        key(10, 2, 9, "VK_BACK", "&#8;", false),
        replacement(2, 5, ""),
        key(20, 2, 6, "VK_X", "x", false),
        replacement(2, 4, "x"),
        replacement(0, 1, "yy"),
        key(30, 3, 7, "VK_DELETE", "", false),
        replacement(3, 4, ""),
        key(40, 5, 6, "VK_DELETE", "", false),
        key(50, 6, 6, "VK_LEFT", "", false),
    ];
    let lines = told(&events);
    let expected = [
        "0 field None",
        "0 caret 0",
        "0 key Down ArrowLeft",
        "10 caret 5",
        "10 key Down Backspace@2a",
        "20 caret 4",
        "20 key Down 'x'",
        "20 edit 0 -1 +\"yy\"",
        "30 caret 4",
        "30 key Down Delete",
        "40 key Down Delete",
        "50 caret 5",
        "50 key Down ArrowLeft",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_paste_is_an_edit_and_a_key_that_did_something_unknown_is_unidentified() {
    let events = [
        key(0, 0, 1, "VK_V", "a &lt;b&gt;\n", true),
        key(10, 0, 8, "VK_Q", "q", false),
        key(20, 0, 8, "VK_F5", "", false),
        key(30, 0, 8, "VK_W", "w", false),
    ];
    let expected = [
        "0 field Some(\"\")",
        "0 caret 0",
        "0 edit 0 -0 +\"a <b>\\n\"",
        "10 key Down unidentified",
        "20 caret 0",
        "20 key Down F5@3e",
        "30 key Down unidentified",
    ];
    assert_eq!(told(&events), expected);
}

#[test]
fn what_is_no_session_event_is_malformed_and_the_rest_is_read() {
    let long = "x".repeat(70_000);
    let events = [
        "<event id=\"0\" type=\"mouse\">\n</event>\n".to_owned(),
        key(0, 0, 1, "VK_A", "&nothing;", true),
        key(0, 0, 1, "VK_A", "&#xD800;", true),
        key(0, 0, 1, "VK_A", "&#x", true),
        key(0, 0, 1, "VK_A", "a", true).replace("<startTime>0<", "<startTime>-1<"),
        key(0, 0, 1, "VK_A", "a", true).replace("<position>0<", "<position>99999999999999999999<"),
        key(0, 0, 1, "VK_A", &[&long[..40_000], &long[..40_000]].join("\n"), true),
        "</event></event></part>&<<>\n".to_owned(),
        key(0, 0, 1, "VK_A", "a", true),
    ];
    let (lines, report) = lines_of(format!("{BEGIN}{}", events.concat()));
    use Reason::{Action, Field, Time, TooLong};
    let reasons: Vec<_> = report.malformed.iter().map(|line| line.reason).collect();
    assert_eq!(reasons, [Action, Field, Field, Field, Time, Field, TooLong]);
    assert_eq!(lines.iter().filter(|line| line.contains("'a'")).count(), 2);
}

#[test]
fn a_time_beyond_any_recording_is_a_year() {
    let events = [key(0, 0, 1, "VK_A", "a", true), key(1 << 39, 1, 2, "VK_B", "b", true)];
    assert!(told(&events).last().is_some_and(|line| line.starts_with("31536000000 ")));
}
