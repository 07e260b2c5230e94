//! DuckTrack `events.jsonl`: keys and pointer as pynput saw them, one JSON object a line.
//!
//! `time_stamp` is a monotonic clock in seconds; `action` is one of move, click, scroll, press, release, pause, resume.
//! Fields that no action needs are ignored; an action that this version does not know is malformed.

use std::borrow::Cow;

use candor_model::event::{Button, Press};
use candor_model::key::NamedKey;
use candor_redact::{GapCause, LogicalKey};
use serde::Deserialize;

use crate::import::keys::{self, Meaning};
use crate::import::number;
use crate::import::row::{Reason, Row};
use crate::import::sink::{Point, Sink};

/// One notch of the wheel, in the 1/120 of libinput and Windows.
const NOTCH: f64 = 120.0;

/// More notches than any wheel turns between two events.
const NOTCHES_MAX: f64 = 10_000.0;

/// More keys than a person holds. Beyond it presses are emitted, but no longer matched with releases.
const KEYS_DOWN_MAX: usize = 64;

/// How many lines are tried before a file is not DuckTrack's.
const RECOGNISE_LINES: usize = 16;

/// One line.
#[derive(Deserialize)]
struct Line<'a> {
    time_stamp: f64,
    #[serde(borrow)]
    action: Cow<'a, str>,
    x: Option<f64>,
    y: Option<f64>,
    dx: Option<f64>,
    dy: Option<f64>,
    button: Option<String>,
    pressed: Option<bool>,
    name: Option<String>,
}

/// Whether one of the first lines is an event.
pub(crate) fn recognise(start: &[u8]) -> bool {
    let mut lines = start.split(|b| *b == b'\n').take(RECOGNISE_LINES);
    lines.any(|line| serde_json::from_slice::<Line>(line).is_ok())
}

/// Whether one of the first events lies between two pixels.
pub(crate) fn has_fractions(start: &[u8]) -> bool {
    let lines = start.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Line>(line).ok());
    lines.flat_map(|line| [line.x, line.y]).flatten().any(|position| position.fract() != 0.0)
}

/// The state between lines.
#[derive(Default)]
pub(crate) struct DuckTrack {
    keys_down: Vec<Meaning>,
}

impl DuckTrack {
    pub(crate) fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        let text = std::str::from_utf8(line).map_err(|_| Reason::NotUtf8)?;
        // What serde says of the line may quote it.
        let line: Line =
            serde_json::from_str(text).map_err(|e| if e.is_data() { Reason::Field } else { Reason::NotJson })?;
        let nanos = number::nanos_from_secs(line.time_stamp).ok_or(Reason::Time)?;
        match line.action.as_ref() {
            "move" => {
                let at = point(&line, sink)?;
                sink.time(nanos);
                sink.pointer(at, sink.any_button_down());
            }
            "click" => {
                let button = button(line.button.as_deref().ok_or(Reason::Field)?)?;
                let press = if line.pressed.ok_or(Reason::Field)? { Press::Down } else { Press::Up };
                let at = point(&line, sink)?;
                sink.time(nanos);
                sink.button(at, press, button);
            }
            "scroll" => {
                let dx = notches(line.dx.ok_or(Reason::Field)?)?;
                // pynput counts up as positive.
                let dy = -notches(line.dy.ok_or(Reason::Field)?)?;
                let at = point(&line, sink)?;
                sink.time(nanos);
                sink.scroll(at, dx, dy);
            }
            "press" => self.key(nanos, Press::Down, line.name.as_deref(), sink),
            "release" => self.key(nanos, Press::Up, line.name.as_deref(), sink),
            "pause" => {
                sink.time(nanos);
                sink.gap(GapCause::Paused);
                return Ok(Row::Marker);
            }
            "resume" => {
                sink.time(nanos);
                return Ok(Row::Marker);
            }
            _ => return Err(Reason::Action),
        }
        Ok(Row::Imported)
    }

    /// The file's end.
    pub(crate) fn finish(&mut self, sink: &mut Sink) {
        sink.report.oddities.held_at_end += self.keys_down.len() as u64;
    }

    /// A key; pynput has no name for one that neither prints nor is on its list.
    fn key(&mut self, nanos: u64, press: Press, name: Option<&str>, sink: &mut Sink) {
        let ctrl = self.keys_down.iter().any(|key| key.logical == LogicalKey::Named(NamedKey::Control));
        let key = name.map_or(Meaning::UNKNOWN, |name| keys::from_pynput(name, ctrl));
        let down = self.keys_down.iter().position(|held| held.same_key(&key));
        match (press, down) {
            (Press::Down, Some(_)) => sink.report.oddities.key_repeats += 1,
            (Press::Down, None) if self.keys_down.len() < KEYS_DOWN_MAX => self.keys_down.push(key),
            (Press::Down, None) => {}
            (Press::Up, Some(place)) => {
                self.keys_down.swap_remove(place);
            }
            (Press::Up, None) => sink.report.oddities.unmatched_releases += 1,
        }
        sink.time(nanos);
        sink.key(press, key);
    }
}

fn point(line: &Line, sink: &mut Sink) -> Result<Point, Reason> {
    let (x, y) = line.x.zip(line.y).ok_or(Reason::Field)?;
    sink.point_from_float(x, y).ok_or(Reason::Position)
}

fn notches(count: f64) -> Result<i32, Reason> {
    // `contains` is false for NaN.
    let in_range = (-NOTCHES_MAX..=NOTCHES_MAX).contains(&count);
    in_range.then(|| (count * NOTCH).round() as i32).ok_or(Reason::Scroll)
}

/// A button by its name in pynput (`pynput.mouse.Button`).
fn button(name: &str) -> Result<Button, Reason> {
    Ok(match name {
        "left" => Button::LEFT,
        "middle" => Button::MIDDLE,
        "right" => Button::RIGHT,
        "x1" | "button8" => Button::BACK,
        "x2" | "button9" => Button::FORWARD,
        _ => return Err(Reason::Button),
    })
}
