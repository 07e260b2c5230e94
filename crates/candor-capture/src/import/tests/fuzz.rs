//! One fuzz target a parser, on the stable toolchain. `CANDOR_FUZZ_SECS` says how long each runs; 2 s by default.

use std::time::Duration;

use candor_redact::Observed;

use super::{aalto_file, balabit_file, drip, import, render};
use crate::import::{Options, Report};

fn time() -> Duration {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|s| s.parse().ok());
    Duration::from_secs(secs.unwrap_or(2))
}

/// Glues fragments a format knows with bytes it does not: pure noise would never get past the first column.
fn assemble(fragments: &[&[u8]], noise: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in noise {
        match fragments.get(usize::from(*byte) % (fragments.len() + 4)) {
            Some(fragment) => out.extend_from_slice(fragment),
            None => out.push(*byte),
        }
    }
    out
}

/// What must hold of any file whatever.
fn check(input: &[u8]) {
    for strict in [false, true] {
        let options = Options { strict, ..Options::default() };
        let mut lines = Vec::new();
        let (mut last, mut seen) = (0, 0);
        let outcome = import(input, options, |o| {
            assert!(o.at >= last, "time decreases");
            last = o.at;
            seen += u64::from(is_counted(&o.what));
            lines.push(render(&o));
        });
        let Ok(report) = outcome else { continue };
        accounts_for(&report, seen);
        let mut split = Vec::new();
        let same = import(drip(input), options, |o| split.push(render(&o))).unwrap();
        assert!(lines == split && report == same, "depends on how the file is read");
    }
}

/// What tells the wall something of the field is no event.
fn is_counted(what: &Observed) -> bool {
    !matches!(what, Observed::Field { .. } | Observed::Edited { .. } | Observed::Caret { .. })
}

fn accounts_for(report: &Report, seen: u64) {
    assert!(report.is_balanced());
    assert_eq!(report.events.total() + report.events.gaps, seen);
    let left_out = report.lines.malformed + report.lines.sentinels;
    assert!(left_out == 0 || report.events.gaps > 0, "left out without a gap");
    assert!(report.malformed.len() as u64 <= report.lines.malformed);
}

#[test]
fn fuzz_ducktrack() {
    let first = br#"{"time_stamp": 1, "action": "move", "x": 1, "y": 1}"#;
    let fragments: [&[u8]; 22] = [
        b"{",
        b"}",
        b"\"time_stamp\":",
        b"\"action\":",
        b"\"move\"",
        b"\"click\"",
        b"\"scroll\"",
        b"\"press\"",
        b"\"x\":",
        b"\"y\":",
        b"\"dx\":",
        b"\"dy\":",
        b",",
        b"\n",
        b"1e9",
        b"-0.5",
        b"\"name\":\"ctrl\"",
        b"\"pressed\":true",
        b"\"button\":\"left\"",
        b"{\"time_stamp\":2,\"action\":\"",
        b"\",\"x\":1,\"y\":1,\"dx\":1,\"dy\":2}\n",
        b"[",
    ];
    bolero::check!().with_type::<Vec<u8>>().with_test_time(time()).for_each(|noise| {
        check(noise);
        check(&[first, b"\n".as_slice(), &assemble(&fragments, noise)].concat());
    });
}

#[test]
fn fuzz_balabit() {
    let fragments: [&[u8]; 20] = [
        b"NoButton",
        b"Left",
        b"Right",
        b"XButton",
        b"Scroll",
        b"Move",
        b"Drag",
        b"Pressed",
        b"Released",
        b"Up",
        b"Down",
        b",",
        b"\n",
        b"65535",
        b"0.5",
        b"9999999999.9",
        b"-1",
        b"1.0,2.0,NoButton,Move,",
        b"1.0,1.0,Left,Pressed,1,1\n",
        b"2.0,0.5,Left,Released,1,1\n",
    ];
    bolero::check!().with_type::<Vec<u8>>().with_test_time(time()).for_each(|noise| {
        check(&[&balabit_file(""), noise.as_slice()].concat());
        check(&[balabit_file(""), assemble(&fragments, noise)].concat());
    });
}

#[test]
fn fuzz_scriptlog() {
    let fragments: [&[u8]; 18] = [
        b"<event id=\"1\" type=\"keyboard\">\n",
        b"<event id=\"1\" type=\"replacement\">",
        b"</event>\n",
        b"<position>3</position>\n",
        b"<documentLength>4</documentLength>\n",
        b"<replay>True</replay>",
        b"<replay>False</replay>",
        b"<startTime>1000</startTime>\n",
        b"<endTime>900</endTime>",
        b"<key>VK_BACK</key>\n",
        b"<value>&#x8;</value>\n",
        b"<value>ab\n\n</value>",
        b"<start>1</start>",
        b"<end>3</end>",
        b"<newtext>x</newtext>",
        b"&",
        b"<",
        b">",
    ];
    let begin = b"<?xml version=\"1.0\"?>\n<log>\n<event id=\"0\" type=\"keyboard\"></event>\n";
    bolero::check!().with_type::<Vec<u8>>().with_test_time(time()).for_each(|noise| {
        check(&[&begin[..], noise.as_slice()].concat());
        check(&[begin.to_vec(), assemble(&fragments, noise)].concat());
    });
}

#[test]
fn fuzz_aalto() {
    let fragments: [&[u8]; 16] = [
        b"\t",
        b"\n",
        b"7\t1\ts\tu\t42\t",
        b"100\t",
        b"9999999999999\t",
        b"50\t",
        b"60000\t",
        b"a\t65\n",
        b"\t32\n",
        b"SHIFT\t16\n",
        b"BKSP\t8\n",
        b"\xf1\t192\n",
        b"7\t1\ts\tu\t42\t1000\t900\te\t69\n",
        b"8\t",
        b"-1",
        b"7\t1\ts\tu\t42\t5000\t5500\t",
    ];
    bolero::check!().with_type::<Vec<u8>>().with_test_time(time()).for_each(|noise| {
        check(&[&aalto_file(b""), noise.as_slice()].concat());
        check(&[aalto_file(b""), assemble(&fragments, noise)].concat());
    });
}
