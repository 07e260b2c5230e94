//! Tests over all importers. They look at observations before they are wrapped: a `Raw` cannot be looked into.

mod archive;
mod consent;
mod fuzz;
mod hostile;
mod oddities;
mod real;
mod scriptlog;

use std::io::{self, Read};

use candor_model::key::PhysicalKey;
use candor_redact::{LogicalKey, Observation, Observed};

use crate::import::stream::Stream;
use crate::import::{ImportError, Options, Report, aalto, balabit};

/// Imports all of `input` and hands each observation to `see`.
fn import(input: impl Read, options: Options, mut see: impl FnMut(Observation)) -> Result<Report, ImportError> {
    let mut stream = Stream::new(input, "FILE", options)?;
    loop {
        let more = stream.next_batch();
        stream.batch().drain(..).for_each(&mut see);
        if !more? {
            return Ok(stream.into_report());
        }
    }
}

/// Imports `input` as it is and renders every observation as a line.
fn lines_of(input: impl AsRef<[u8]>) -> (Vec<String>, Report) {
    let mut lines = Vec::new();
    let report = import(input.as_ref(), Options::default(), |o| lines.push(render(&o))).unwrap();
    assert!(report.is_balanced(), "{report:?}");
    (lines, report)
}

fn balabit_file(rows: &str) -> Vec<u8> {
    [balabit::HEADER, b"\n", rows.as_bytes()].concat()
}

fn aalto_file(rows: &[u8]) -> Vec<u8> {
    [aalto::HEADER, b"\n", rows].concat()
}

/// A row of one sentence, with times in ms.
fn aalto_row(press: u64, release: u64, letter: &str, code: u16) -> String {
    format!("7\t1\tshown\ttyped\t42\t{press}\t{release}\t{letter}\t{code}\n")
}

fn render(observation: &Observation) -> String {
    let at = observation.at;
    match &observation.what {
        Observed::Move { x, y, drag } => format!("{at} {} {x},{y}", if *drag { "drag" } else { "move" }),
        Observed::Button { press, button, x, y } => format!("{at} button {} {press:?} {x},{y}", button.0),
        Observed::Scroll { dx, dy, x, y } => format!("{at} scroll {dx},{dy} {x},{y}"),
        Observed::Gap { cause } => format!("{at} gap {cause:?}"),
        Observed::Key { press, physical, logical } => {
            let place = if *physical == PhysicalKey::UNKNOWN { String::new() } else { format!("@{:02x}", physical.0) };
            let meaning = match logical {
                LogicalKey::Named(name) => name.as_str().to_owned(),
                LogicalKey::Char(c) => format!("{c:?}"),
                LogicalKey::Dead(c) => format!("dead {c:?}"),
                LogicalKey::Composing | LogicalKey::Unidentified => "unidentified".to_owned(),
            };
            format!("{at} key {press:?} {meaning}{place}")
        }
        Observed::Field { value, .. } => {
            format!("{at} field {:?}", value.as_ref().map(|value| value.text.as_str()))
        }
        Observed::Edited { start, removed, inserted } => format!("{at} edit {start} -{removed} +{inserted:?}"),
        Observed::Caret { at: caret, .. } => format!("{at} caret {caret}"),
        Observed::Window { .. } | Observed::Value(_) | Observed::Committed { .. } | Observed::Element(_) => {
            unreachable!("no importer tells of windows or elements, or reads fields")
        }
    }
}

/// Hands out one byte a call, and an interruption before each.
struct Drip<'a> {
    rest: &'a [u8],
    interrupted: bool,
}

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let (Some((first, rest)), Some(place)) = (self.rest.split_first(), out.first_mut()) else { return Ok(0) };
        *place = *first;
        self.rest = rest;
        Ok(1)
    }
}

fn drip(rest: &[u8]) -> Drip<'_> {
    Drip { rest, interrupted: false }
}
