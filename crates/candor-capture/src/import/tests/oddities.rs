//! What each oddity of each format becomes.

use candor_model::{Actor, ClockUnit, PositionUnit};

use super::{aalto_file, aalto_row, balabit_file, import, lines_of, render};
use crate::import::{Format, Lines, Oddities, Options};

#[test]
fn a_balabit_session_uses_the_client_clock_and_starts_at_zero() {
    let (lines, report) = lines_of(balabit_file(
        "10.0,5.0,NoButton,Move,374,232\n\
         10.5,5.016,Left,Pressed,380,240\n\
         10.5,5.1,NoButton,Drag,381,241\n\
         10.5,5.2000000001,Left,Released,382,242\n\
         10.5,5.3,Right,Pressed,1,2\n\
         10.5,5.3,Right,Released,1,2\n\
         11.0,5.4,XButton,Pressed,1,2\n\
         11.0,5.4,XButton,Released,1,2\n\
         11.0,6,Scroll,Down,3,4\n\
         11.0,6.0004,Scroll,Up,3,4\n",
    ));
    let expected = [
        "0 move 374,232",
        "16 button 1 Down 380,240",
        "100 drag 381,241",
        "200 button 1 Up 382,242",
        "300 button 3 Down 1,2",
        "300 button 3 Up 1,2",
        "400 button 8 Down 1,2",
        "400 button 8 Up 1,2",
        "1000 scroll 0,120 3,4",
        "1000 scroll 0,-120 3,4",
    ];
    assert_eq!(lines, expected);
    assert_eq!((report.format, report.span, report.span_secs()), (Format::Balabit, 1_000, 1.0));
    assert_eq!(report.oddities, Oddities { batched: 7, ..Oddities::default() });
}

#[test]
fn a_repeated_row_is_left_out_but_a_repeated_notch_is_another_notch() {
    let (lines, report) = lines_of(balabit_file(
        "1.0,0.5,NoButton,Move,1,1\n\
         2.0,0.5,NoButton,Move,1,1\n\
         2.0,0.5,Left,Pressed,1,1\n\
         2.0,0.5,Left,Pressed,1,1\n\
         3.0,0.5,Scroll,Up,1,1\n\
         3.0,0.5,Scroll,Up,1,1\n\
         3.0,0.5,NoButton,Move,1,1\n",
    ));
    let expected = ["0 move 1,1", "0 button 1 Down 1,1", "0 scroll 0,-120 1,1", "0 scroll 0,-120 1,1", "0 move 1,1"];
    assert_eq!(lines, expected);
    let lines = Lines { read: 8, header: 1, imported: 5, duplicates: 2, ..Lines::default() };
    assert_eq!(report.lines, lines);
    let oddities = Oddities { batched: 4, repeated_notches: 1, held_at_end: 1, ..Oddities::default() };
    assert_eq!(report.oddities, oddities);
}

#[test]
fn a_position_outside_the_screen_leaves_one_gap_and_no_event() {
    let (lines, report) = lines_of(balabit_file(
        "0.0,0.0,NoButton,Move,1,1\n\
         0.0,0.1,NoButton,Move,65535,1\n\
         0.0,0.2,NoButton,Move,1,65535\n\
         0.0,0.3,NoButton,Move,2,2\n",
    ));
    assert_eq!(lines, ["0 move 1,1", "100 gap Malformed", "300 move 2,2"]);
    assert_eq!((report.lines.sentinels, report.lines.imported, report.events.gaps), (2, 2, 1));
}

#[test]
fn presses_and_releases_without_their_other_half_are_kept_and_counted() {
    let (lines, report) = lines_of(balabit_file(
        "0.0,0.0,Left,Released,1,1\n\
         0.0,0.1,Left,Pressed,1,1\n\
         0.0,0.2,Left,Pressed,1,1\n\
         0.0,0.3,Right,Pressed,1,1\n",
    ));
    assert_eq!(lines.len(), 4);
    let expected =
        Oddities { batched: 3, unmatched_releases: 1, unmatched_presses: 1, held_at_end: 2, ..Oddities::default() };
    assert_eq!(report.oddities, expected);
}

#[test]
fn a_clock_that_runs_backwards_never_makes_time_decrease() {
    let (lines, report) = lines_of(balabit_file(
        "0.0,100.0,NoButton,Move,1,1\n\
         0.0,100.5,NoButton,Move,2,1\n\
         0.0,100.2,NoButton,Move,3,1\n\
         0.0,100.6,NoButton,Move,4,1\n\
         0.0,3.0,NoButton,Move,5,1\n\
         0.0,3.5,NoButton,Move,6,1\n",
    ));
    let expected = [
        "0 move 1,1",
        "500 move 2,1",
        "500 move 3,1",
        "600 move 4,1",
        "600 gap Malformed",
        "600 move 5,1",
        "1100 move 6,1",
    ];
    assert_eq!(lines, expected);
    assert_eq!((report.oddities.clock_backwards, report.oddities.clock_jumps), (2, 1));
}

#[test]
fn ducktrack_actions_become_events_in_candors_directions_and_units() {
    let (lines, report) = lines_of(
        r#"{"time_stamp": 150160.5, "action": "move", "x": 1175.421875, "y": -50.5}
{"time_stamp": 150160.6, "action": "click", "x": 1.0, "y": 2.0, "button": "right", "pressed": true}
{"time_stamp": 150160.7, "action": "move", "x": 3, "y": 4}
{"time_stamp": 150160.7, "action": "click", "x": 1.0, "y": 2.0, "button": "right", "pressed": false}
{"time_stamp": 150160.8, "action": "scroll", "x": 1.0, "y": 2.0, "dx": 0.5, "dy": -1}
{"time_stamp": 150160.9, "action": "press", "name": "shift"}
{"time_stamp": 150160.9, "action": "press", "name": "A"}
{"time_stamp": 150160.9, "action": "release", "name": "shift"}
{"time_stamp": 150160.9, "action": "release", "name": "a"}
{"time_stamp": 150161.0, "action": "press", "name": "space"}
{"time_stamp": 150161.0, "action": "press", "name": "space"}
{"time_stamp": 150161.0, "action": "release", "name": "space"}
{"time_stamp": 150161.0, "action": "press", "name": "hyper"}
{"time_stamp": 150161.0, "action": "press", "name": null, "more": [{"a": 1}]}
{"time_stamp": 150161.0, "action": "release", "name": "esc"}
"#,
    );
    let expected = [
        "0 move 300908,-12928",
        "100 button 3 Down 256,512",
        "200 drag 768,1024",
        "200 button 3 Up 256,512",
        "300 scroll 60,120 256,512",
        "400 key Down Shift",
        "400 key Down 'A'",
        "400 key Up Shift",
        "400 key Up 'a'",
        "500 key Down ' '",
        "500 key Down ' '",
        "500 key Up ' '",
        "500 key Down unidentified",
        "500 key Down unidentified",
        "500 key Up Escape@29",
    ];
    assert_eq!(lines, expected);
    let oddities =
        Oddities { key_repeats: 2, unknown_keys: 2, unmatched_releases: 1, held_at_end: 1, ..Oddities::default() };
    assert_eq!(report.oddities, oddities);
    assert_eq!(report.position_unit, PositionUnit::PIXEL_256TH);
}

#[test]
fn a_trace_in_whole_pixels_gets_whole_pixels_and_the_caller_may_choose() {
    let whole = r#"{"time_stamp": 1, "action": "move", "x": 7, "y": 8}"#;
    assert_eq!(lines_of(whole).1.position_unit, PositionUnit::PIXEL);

    let fraction = "{\"time_stamp\": 1, \"action\": \"move\", \"x\": 7.5, \"y\": 8}\n\
                    {\"time_stamp\": 1.0000015, \"action\": \"move\", \"x\": 7, \"y\": 8}\n";
    let options = Options {
        clock_unit: Some(ClockUnit::MICROSECOND),
        position_unit: Some(PositionUnit::PIXEL),
        ..Options::default()
    };
    let mut lines = Vec::new();
    let report = import(fraction.as_bytes(), options, |o| lines.push(render(&o))).unwrap();
    assert_eq!(lines, ["0 move 8,8", "2 move 7,8"]);
    assert_eq!(report.oddities.rounded_positions, 1);
}

#[test]
fn a_pause_is_a_gap_and_an_unknown_action_is_malformed() {
    let (lines, report) = lines_of(
        r#"{"time_stamp": 1, "action": "pause"}
{"time_stamp": 2, "action": "resume"}
{"time_stamp": 3, "action": "move", "x": 1, "y": 1}
{"time_stamp": 4, "action": "telepathy", "x": 1, "y": 1}
{"time_stamp": 5, "action": "click", "x": 1, "y": 1, "button": "nose", "pressed": true}
"#,
    );
    assert_eq!(lines, ["0 gap Paused", "2000 move 1,1", "2000 gap Malformed"]);
    assert_eq!((report.lines.markers, report.lines.malformed, report.lines.imported), (2, 2, 1));
}

#[test]
fn aalto_releases_come_out_in_the_order_of_time() {
    let rows = [
        aalto_row(1_000, 1_300, "SHIFT", 16),
        aalto_row(1_100, 1_200, "T", 84),
        aalto_row(1_150, 1_300, "h", 72),
        aalto_row(1_300, 1_310, "BKSP", 8),
    ];
    let (lines, report) = lines_of(aalto_file(rows.concat().as_bytes()));
    let expected = [
        "0 field Some(\"\")",
        "0 key Down Shift",
        "100 key Down 'T'",
        "150 key Down 'h'",
        "200 key Up 'T'",
        "300 key Up Shift",
        "300 key Up 'h'",
        "300 key Down Backspace@2a",
        "310 key Up Backspace@2a",
    ];
    assert_eq!(lines, expected);
    assert_eq!(report.oddities, Oddities::default());
    assert_eq!(report.started_unix_ms, Some(1_000));
}

#[test]
fn aalto_letters_are_latin_1_or_a_name_or_else_what_the_code_tells() {
    let mut rows = aalto_row(0, 0, "a", 65).into_bytes();
    rows.extend(b"7\t1\tsh\xf6wn\ttyped\t42\t1\t1\t\xf1\t192\n");
    rows.extend(aalto_row(2, 2, "ñ", 192).into_bytes());
    rows.extend(aalto_row(3, 3, "", 69).into_bytes());
    rows.extend(aalto_row(4, 4, "", 49).into_bytes());
    rows.extend(aalto_row(5, 5, "WHAT", 65).into_bytes());
    rows.extend(aalto_row(6, 6, "\u{8}", 8).into_bytes());
    rows.extend(aalto_row(7, 7, "ARw_DOWN", 40).into_bytes());
    rows.extend(aalto_row(8, 8, "F12", 123).into_bytes());
    let (lines, report) = lines_of(aalto_file(&rows));
    let downs: Vec<_> = lines.iter().filter_map(|l| l.split_once("Down ")).map(|(_, key)| key).collect();
    // A letter known from its code alone leaves the section's text in doubt; an unidentified key says so, once.
    let expected =
        ["'a'", "'ñ'", "'ñ'", "'e'", "unidentified", "'1'", "unidentified", "Backspace@2a", "ArrowDown", "F12@45"];
    assert_eq!(downs, expected);
    assert_eq!((report.oddities.keys_from_code, report.oddities.unknown_keys), (2, 2));
}

/// What goes down in rows of letter, code and hold in ms, 100 ms apart.
fn downs(rows: &[(&str, u16, u64)]) -> Vec<String> {
    let rows =
        rows.iter().zip(0..).map(|((letter, code, hold), row)| aalto_row(row * 100, row * 100 + hold, letter, *code));
    let (lines, _) = lines_of(aalto_file(rows.collect::<String>().as_bytes()));
    lines.iter().filter_map(|line| line.split_once("Down ")).map(|(_, key)| key.to_owned()).collect()
}

#[test]
fn aalto_rows_whose_letter_and_code_differ_are_two_presses() {
    assert_eq!(downs(&[("e", 71, 50), ("t", 84, 50)]), ["'g'", "'e'", "'t'"]);
    assert_eq!(downs(&[("SHIFT", 16, 300), ("e", 84, 50), ("x", 32, 50)]), ["Shift", "'T'", "'e'", "' '", "'x'"]);
    assert_eq!(downs(&[("a", 65, 50), ("b", 8, 50)]), ["'a'", "Backspace@2a", "'b'"]);
    // What lies on this key depends on the layout.
    assert_eq!(downs(&[("l", 222, 50)]), ["'\\''", "'l'", "unidentified"]);
    assert_eq!(downs(&[("'", 192, 50), ("é", 69, 50)]), ["'\\''", "'é'"]);
    // A key's third character is its own.
    assert_eq!(downs(&[("ALT", 18, 500), ("@", 81, 50)]), ["Alt", "'@'"]);
}

#[test]
fn an_aalto_key_that_was_held_leaves_the_text_in_doubt() {
    assert_eq!(downs(&[("BKSP", 8, 100)]), ["Backspace@2a"]);
    assert_eq!(downs(&[("BKSP", 8, 900), ("BKSP", 8, 900)]), ["Backspace@2a", "unidentified", "Backspace@2a"]);
}

#[test]
fn each_aalto_section_is_a_field_that_is_empty_at_first() {
    let rows = [aalto_row(0, 1, "a", 65), aalto_row(10, 11, "b", 66).replacen("\t1\t", "\t2\t", 1)];
    let (lines, report) = lines_of(aalto_file(rows.concat().as_bytes()));
    let fields: Vec<_> = lines.iter().filter(|line| line.contains("field")).collect();
    assert_eq!(fields, ["0 field Some(\"\")", "10 field Some(\"\")"]);
    assert_eq!(report.events.total(), 4);
}

#[test]
fn aalto_sections_that_jump_back_release_what_is_down_and_go_on() {
    let rows = [
        aalto_row(100_000, 103_000, "a", 65),
        aalto_row(50_000, 49_999, "b", 66),
        aalto_row(50_100, 50_200, "c", 67),
        aalto_row(50_100, 50_200, "c", 67),
    ];
    let (lines, report) = lines_of(aalto_file(rows.concat().as_bytes()));
    let expected = [
        "0 field Some(\"\")",
        "0 key Down 'a'",
        "3000 key Up 'a'",
        "3000 gap Malformed",
        "3000 key Down 'b'",
        "3000 key Up 'b'",
        "3100 key Down 'c'",
        "3200 key Up 'c'",
    ];
    assert_eq!(lines, expected);
    let oddities = Oddities { early_releases: 1, clock_backwards: 1, clock_jumps: 1, ..Oddities::default() };
    assert_eq!(report.oddities, oddities);
    assert_eq!(report.lines.duplicates, 1);
}

#[test]
fn files_are_recognised_by_their_content() {
    assert_eq!(Format::recognise(&balabit_file("")), Some(Format::Balabit));
    assert_eq!(Format::recognise(&aalto_file(b"")), Some(Format::Aalto));
    let torn_first = b"_stamp\": 1}\n{\"action\": \"pause\", \"time_stamp\": 1}\n";
    assert_eq!(Format::recognise(torn_first), Some(Format::DuckTrack));
    let marked = [b"\xef\xbb\xbf", &balabit_file("")[..]].concat();
    assert_eq!(Format::recognise(&marked), Some(Format::Balabit));
    let other: [&[u8]; 5] =
        [b"", b"a,b,c\n", b"{\"type\": 1}\n", b"record timestamp,client timestamp\n", b"\x89PNG\r\n"];
    for bytes in other {
        assert_eq!(Format::recognise(bytes), None, "{bytes:?}");
    }
}

#[test]
fn middle_and_thumb_buttons_have_their_x11_numbers() {
    let (lines, _) = lines_of(balabit_file("0.0,0.0,Middle,Pressed,1,1\n0.0,0.0,Middle,Released,1,1\n"));
    assert_eq!(lines, ["0 button 2 Down 1,1", "0 button 2 Up 1,1"]);

    let names = [("left", 1), ("middle", 2), ("right", 3), ("x1", 8), ("x2", 9), ("button8", 8), ("button9", 9)];
    for (name, number) in names {
        let line =
            format!(r#"{{"time_stamp": 1, "action": "click", "x": 1, "y": 1, "button": "{name}", "pressed": true}}"#);
        assert_eq!(lines_of(line).0, [format!("0 button {number} Down 1,1")]);
    }
}

#[test]
fn whole_pixels_are_scaled_to_the_unit_the_caller_chose() {
    let options = Options { position_unit: Some(PositionUnit::PIXEL_256TH), ..Options::default() };
    let mut lines = Vec::new();
    let input = balabit_file("0.0,0.0,NoButton,Move,3,-2\n");
    import(&input[..], options, |o| lines.push(render(&o))).unwrap();
    assert_eq!(lines, ["0 move 768,-512"]);
}

#[test]
fn each_stretch_of_lines_left_out_has_its_own_gap() {
    let (lines, _) = lines_of(balabit_file(
        "x\nx\n0.0,0.0,NoButton,Move,1,1\nx\n0.0,1.0,NoButton,Move,65535,1\n0.0,2.0,NoButton,Move,1,1\nx\n",
    ));
    let expected = ["0 gap Malformed", "0 move 1,1", "0 gap Malformed", "2000 move 1,1", "2000 gap Malformed"];
    assert_eq!(lines, expected);
}

#[test]
fn every_event_is_a_persons() {
    let files = [
        balabit_file("0.0,0.0,NoButton,Move,1,1\nx\n"),
        aalto_file(aalto_row(0, 1, "a", 65).as_bytes()),
        br#"{"time_stamp": 1, "action": "press", "name": "a"}"#.to_vec(),
    ];
    for file in files {
        import(&file[..], Options::default(), |o| assert_eq!(o.actor, Actor::Human)).unwrap();
    }
}
