//! Files made to break a reader: each is counted or refused with file and line, and nothing else happens.

use std::fmt::Write as _;

use super::{aalto_file, aalto_row, balabit_file, drip, import, lines_of, render};
use crate::import::stream::Stream;
use crate::import::{ImportError, MalformedLine, Options, Reason};

const MOVE: &str = r#"{"time_stamp": 1, "action": "move", "x": 1, "y": 1}"#;

/// The reasons of the lines after the first.
fn ducktrack_reasons(lines: &[&str]) -> Vec<(u64, Reason)> {
    let (_, report) = lines_of([&[MOVE], lines].concat().join("\n"));
    report.malformed.iter().map(|m| (m.line, m.reason)).collect()
}

#[test]
fn deep_json_is_refused_line_by_line() {
    let deep_array = "[".repeat(60_000);
    let deep_field = format!("{{\"time_stamp\": 2, \"action\": \"pause\", \"x\": {}", "[".repeat(60_000));
    let deep_ignored = format!(
        "{{\"time_stamp\": 3, \"action\": \"move\", \"x\": 2, \"y\": 2, \"extra\": {}{}}}",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    let hundred_thousand = format!("{{\"a\":{}", "{\"a\":".repeat(100_000));
    let reasons = ducktrack_reasons(&[&deep_array, &deep_field, &hundred_thousand]);
    assert_eq!(reasons, [(2, Reason::Field), (3, Reason::Field), (4, Reason::TooLong)]);
    // What no action needs is passed over at any depth.
    assert_eq!(ducktrack_reasons(&[&deep_ignored]), []);
}

#[test]
fn numbers_no_clock_or_screen_shows_are_malformed() {
    let reasons = ducktrack_reasons(&[
        r#"{"time_stamp": -1, "action": "move", "x": 1, "y": 1}"#,
        r#"{"time_stamp": 1e10, "action": "move", "x": 1, "y": 1}"#,
        r#"{"time_stamp": 1e999, "action": "move", "x": 1, "y": 1}"#,
        r#"{"time_stamp": NaN, "action": "move", "x": 1, "y": 1}"#,
        r#"{"time_stamp": "1", "action": "move", "x": 1, "y": 1}"#,
        r#"{"time_stamp": 1, "action": "move", "x": 1e7, "y": 1}"#,
        r#"{"time_stamp": 1, "action": "move", "x": 1}"#,
        r#"{"time_stamp": 1, "action": "scroll", "x": 1, "y": 1, "dx": 0, "dy": -1e9}"#,
        r#"{"time_stamp": 1, "action": "move", "x": 1, "y": 1"#,
        "\0\0\0",
    ]);
    use Reason::{Field, NotJson, Position, Scroll, Time};
    let expected = [Time, Time, NotJson, NotJson, Field, Position, Field, Scroll, NotJson, NotJson];
    assert_eq!(reasons.iter().map(|(_, r)| *r).collect::<Vec<_>>(), expected);
    assert_eq!(reasons.first().unwrap().0, 2);

    let (_, report) = lines_of(balabit_file(
        "0.0,0.0,NoButton,Move,1,1\n\
         0.0,-1.0,NoButton,Move,1,1\n\
         x,1.0,NoButton,Move,1,1\n\
         0.0,99999999999.0,NoButton,Move,1,1\n\
         0.0,1.0,NoButton,Move,1,9999999\n\
         0.0,1.0,NoButton,Move,1\n\
         0.0,1.0,NoButton,Move,1,1,1\n\
         0.0,1.0,NoButton,Pressed,1,1\n\
         0.0,1.0,Elbow,Pressed,1,1\n\
         0.0,1.0,Left,Hovered,1,1\n\
         \0\n",
    ));
    use Reason::{Action, Button, Columns};
    let expected = [Time, Time, Time, Position, Columns, Columns, Action, Button, Action, Columns];
    assert_eq!(report.malformed.iter().map(|m| m.reason).collect::<Vec<_>>(), expected);
}

#[test]
fn invalid_utf_8_is_named_and_the_rest_is_read() {
    let input = [MOVE.as_bytes(), b"\n{\"action\": \"\xff\xfe\"}\n", MOVE.as_bytes()].concat();
    let (lines, report) = lines_of(&input);
    assert_eq!(lines, ["0 move 1,1", "0 gap Malformed", "0 move 1,1"]);
    assert_eq!(report.malformed, [MalformedLine { line: 2, reason: Reason::NotUtf8 }]);
}

#[test]
fn a_line_of_ten_megabytes_is_one_malformed_line() {
    let huge = "9".repeat(10_000_000);
    let (lines, report) =
        lines_of(balabit_file(&format!("0.0,0.0,NoButton,Move,1,1\n{huge}\n0.0,0.5,NoButton,Move,2,2")));
    assert_eq!(lines, ["0 move 1,1", "0 gap Malformed", "500 move 2,2"]);
    assert_eq!(report.malformed, [MalformedLine { line: 3, reason: Reason::TooLong }]);
}

#[test]
fn carriage_returns_and_blank_lines_change_nothing() {
    let rows = "0.0,0.0,NoButton,Move,1,1\n0.0,0.5,NoButton,Move,2,2\n";
    let (plain, _) = lines_of(balabit_file(rows));
    let windows = String::from_utf8(balabit_file(rows)).unwrap().replace('\n', "\r\n\r\n");
    let (same, report) = lines_of(windows);
    assert_eq!(plain, same);
    assert_eq!((report.lines.read, report.lines.blank, report.lines.header), (6, 3, 1));
}

#[test]
fn strict_stops_at_the_first_malformed_line_and_names_it_without_its_content() {
    let input = balabit_file("0.0,0.0,NoButton,Move,1,1\n0.0,hunter2,NoButton,Move,1,1\n0.0,1.0,NoButton,Move,1,1\n");
    let mut lines = Vec::new();
    let options = Options { strict: true, ..Options::default() };
    let error = import(&input[..], options, |o| lines.push(render(&o))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`FILE` line 3: the time is not a number of seconds from 0 to 10000000000; correct the line, or import without \
         --strict to count it and go on"
    );
    assert_eq!(lines, ["0 move 1,1", "0 gap Malformed"]);
}

#[test]
fn nothing_more_comes_after_an_error() {
    let input = balabit_file("x\n0.0,1.0,NoButton,Move,1,1\n");
    let mut stream = Stream::new(&input[..], "FILE", Options { strict: true, ..Options::default() }).unwrap();
    assert!(stream.next_batch().is_err());
    stream.batch().clear();
    assert!(!stream.next_batch().unwrap());
    assert!(stream.batch().is_empty());
}

#[test]
fn keys_that_are_never_released_are_remembered_up_to_a_bound() {
    let press = |i: u32| {
        format!(r#"{{"time_stamp": 1, "action": "press", "name": "{}"}}"#, char::from_u32(0x4e00 + i).unwrap())
    };
    let (lines, report) = lines_of((0..5_000).map(press).collect::<Vec<_>>().join("\n"));
    assert_eq!((lines.len(), report.oddities.held_at_end), (5_000, 64));
}

#[test]
fn no_report_or_error_quotes_what_was_typed() {
    let canary = "xyzzy-canary";
    let inputs = [
        format!("{MOVE}\n{{\"time_stamp\": \"{canary}\", \"action\": \"move\"}}\n{{\"{canary}\n"),
        format!("{MOVE}\n{{\"time_stamp\": 1, \"action\": \"{canary}\"}}\n"),
        String::from_utf8(aalto_file(aalto_row(1, 2, canary, 65).as_bytes())).unwrap() + canary,
        String::from_utf8(balabit_file(&format!("0,0,{canary},Pressed,1,1\n"))).unwrap(),
    ];
    for input in inputs {
        let (_, report) = lines_of(&input);
        assert!(!serde_json::to_string(&report).unwrap().contains(canary));
        assert!(!format!("{report:?}").contains(canary));
        let options = Options { strict: true, ..Options::default() };
        let mut error = String::new();
        if let Err(e) = import(input.as_bytes(), options, drop) {
            let _ = write!(error, "{e} {e:?}");
        }
        assert!(!error.contains(canary));
    }
}

#[test]
fn a_second_persons_rows_stop_the_import() {
    let second = aalto_row(5, 6, "b", 66).replacen('7', "8", 1);
    let input = aalto_file((aalto_row(1, 2, "a", 65) + &second).as_bytes());
    let error = import(&input[..], Options::default(), drop).unwrap_err();
    assert!(matches!(error, ImportError::SeveralPeople { line: 3, .. }), "{error}");
}

#[test]
fn more_keys_down_than_fingers_and_endless_holds_are_malformed() {
    let mut rows: String = (0..70).map(|i| aalto_row(i, 10_000, "a", 65)).collect();
    rows += &aalto_row(20_000, 20_000 + 3_600_001, "a", 65);
    let (mut lines, report) = lines_of(aalto_file(rows.as_bytes()));
    lines.retain(|line| !line.contains("field"));
    assert_eq!((report.lines.imported, report.lines.malformed), (64, 7));
    assert_eq!(report.malformed.first().unwrap(), &MalformedLine { line: 66, reason: Reason::KeysDown });
    assert_eq!(report.malformed.last().unwrap(), &MalformedLine { line: 72, reason: Reason::Hold });
    assert_eq!(lines.len(), 2 * 64 + 1);
}

#[test]
fn only_the_first_malformed_lines_are_named_and_all_are_counted() {
    let (lines, report) = lines_of(balabit_file(&"x\n".repeat(100_000)));
    assert_eq!((report.lines.malformed, report.malformed.len()), (100_000, 20));
    assert_eq!(lines, ["0 gap Malformed"]);
}

#[test]
fn a_file_in_no_known_format_is_refused() {
    let error = import(&b"once upon a time\n"[..], Options::default(), drop).unwrap_err();
    assert!(matches!(error, ImportError::Unrecognised { .. }));
    assert!(error.to_string().starts_with("`FILE` is in no known format"));
}

#[test]
fn an_unreadable_stretch_is_an_error_and_not_an_end() {
    struct Failing<'a>(&'a [u8]);
    impl std::io::Read for Failing<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() { Err(std::io::Error::other("disk on fire")) } else { self.0.read(out) }
        }
    }
    let input = balabit_file(&"0.0,0.0,NoButton,Move,1,1\n".repeat(10_000));
    let error = import(Failing(&input), Options::default(), drop).unwrap_err();
    assert!(matches!(error, ImportError::Read { .. }), "{error}");
}

#[test]
fn how_the_file_is_split_into_reads_changes_nothing() {
    let aalto: String = (0..500).map(|i| aalto_row(i * 90, i * 90 + i % 300, "e", 69)).collect();
    let balabit: String = (0..500).map(|i| format!("{i}.0,{}.25,NoButton,Move,{i},7\n", i % 400)).collect();
    let ducktrack = format!("{MOVE}\nnonsense\n\n{MOVE}\r\n");
    for input in [aalto_file(aalto.as_bytes()), balabit_file(&balabit), ducktrack.into_bytes()] {
        let (whole, report) = lines_of(&input);
        let mut split = Vec::new();
        let same = import(drip(&input), Options::default(), |o| split.push(render(&o))).unwrap();
        assert_eq!(whole, split);
        assert_eq!(report, same);
    }
}
