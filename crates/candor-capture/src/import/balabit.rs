//! Sessions of the Balabit Mouse Dynamics Challenge: pointer events of remote desktops, one CSV row each.
//!
//! Columns: record time (when the network monitor wrote the row; many rows share one), client time (used), button,
//! state, x, y. 65535 as x or y stands for "outside the screen".

use candor_model::event::{Button, Press};

use crate::import::number;
use crate::import::row::{Reason, Row};
use crate::import::sink::Sink;

/// The first line.
pub(crate) const HEADER: &[u8] = b"record timestamp,client timestamp,button,state,x,y";

/// The position that stands for "outside the screen".
const SENTINEL: i32 = 65_535;

/// One notch of the wheel, in the 1/120 of libinput and Windows.
const NOTCH: i32 = 120;

/// The state between rows.
#[derive(Debug, Default)]
pub(crate) struct Balabit {
    record: Option<u64>,
    previous: Option<Pointer>,
}

/// A row without its record time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pointer {
    client: u64,
    what: Action,
    x: i32,
    y: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Move { drag: bool },
    Button(Press, Button),
    Scroll { dy: i32 },
}

impl Balabit {
    /// Reads one row. A row equal to the one before it in everything but the record time is a duplicate, unless it
    /// scrolls: a fast wheel turns several notches within one tick of the client's clock.
    pub(crate) fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        let [record, client, button, state, x, y] = columns(line).ok_or(Reason::Columns)?;
        let record = number::nanos(record).ok_or(Reason::Time)?;
        let client = number::nanos(client).ok_or(Reason::Time)?;
        let what = action(button, state)?;
        let x = number::pixels(x).ok_or(Reason::Position)?;
        let y = number::pixels(y).ok_or(Reason::Position)?;
        let row = Pointer { client, what, x, y };

        let oddities = &mut sink.report.oddities;
        if self.record.replace(record) == Some(record) {
            oddities.batched += 1;
        }
        if self.previous.replace(row) == Some(row) {
            match what {
                Action::Scroll { .. } => oddities.repeated_notches += 1,
                Action::Move { .. } | Action::Button(..) => return Ok(Row::Duplicate),
            }
        }
        sink.time(client);
        if x == SENTINEL || y == SENTINEL {
            return Ok(Row::Sentinel);
        }
        let at = sink.point(x, y);
        match what {
            Action::Move { drag } => sink.pointer(at, drag),
            Action::Button(press, button) => sink.button(at, press, button),
            Action::Scroll { dy } => sink.scroll(at, 0, dy),
        }
        Ok(Row::Imported)
    }
}

fn columns(line: &[u8]) -> Option<[&[u8]; 6]> {
    let mut parts = line.split(|b| *b == b',');
    let mut next = || parts.next();
    let columns = [next()?, next()?, next()?, next()?, next()?, next()?];
    parts.next().is_none().then_some(columns)
}

fn action(button: &[u8], state: &[u8]) -> Result<Action, Reason> {
    let press = match (button, state) {
        (b"NoButton", b"Move") => return Ok(Action::Move { drag: false }),
        (b"NoButton", b"Drag") => return Ok(Action::Move { drag: true }),
        (b"Scroll", b"Down") => return Ok(Action::Scroll { dy: NOTCH }),
        (b"Scroll", b"Up") => return Ok(Action::Scroll { dy: -NOTCH }),
        (b"NoButton" | b"Scroll", _) => return Err(Reason::Action),
        (_, b"Pressed") => Press::Down,
        (_, b"Released") => Press::Up,
        _ => return Err(Reason::Action),
    };
    let button = match button {
        b"Left" => Button::LEFT,
        b"Middle" => Button::MIDDLE,
        b"Right" => Button::RIGHT,
        // One of two thumb buttons; the format does not tell which.
        b"XButton" => Button::BACK,
        _ => return Err(Reason::Button),
    };
    Ok(Action::Button(press, button))
}
