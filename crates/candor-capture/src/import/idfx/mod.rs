//! ScriptLog and Inputlog sessions in IDFX: keys with the place in the document where each took effect.
//!
//! The files are XML but for references to control characters, which XML 1.0 forbids; they are read line by line, as the
//! programs write them. Times are relative; releases are what the file says, which for ScriptLog is always 5 ms after the
//! press. Only what was typed is read: `keyboard`, `replacement` and `insert` events.

mod event;
mod hand;

use candor_model::event::Press;
use candor_redact::Observed;

pub use event::{ScriptLogEvent, ScriptLogReader};
pub use hand::{ScriptLogHand, Told, What};

use crate::import::keys::Meaning;
use crate::import::row::{Reason, Row};
use crate::import::sink::Sink;

/// How long a recording may be, in milliseconds: a year.
const MILLIS_MAX: u64 = 365 * 86_400_000;

/// Whether a file begins as a session does. Some have the name of a key before the first tag.
pub(crate) fn recognise(start: &[u8]) -> bool {
    let holds = |what: &[u8]| start.windows(what.len()).any(|window| window == what);
    let tag = start.iter().take(64).position(|byte| *byte == b'<').and_then(|at| start.get(at..)).unwrap_or_default();
    (tag.starts_with(b"<?xml") || tag.starts_with(b"<log>")) && holds(b"<log>") && holds(b"<event ")
}

/// The state between lines.
#[derive(Default)]
pub(crate) struct Idfx {
    reader: ScriptLogReader,
    hand: ScriptLogHand,
    begun: bool,
    /// The key that is down, and until when in nanoseconds.
    down: Option<(u64, Meaning)>,
}

impl Idfx {
    /// Reads one line.
    pub(crate) fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        for event in self.reader.line(line) {
            let event = event?;
            if !self.begun {
                self.begun = true;
                sink.text_field(event.length == Some(0));
            }
            for told in self.hand.read(event) {
                self.tell(told, sink)?;
            }
        }
        Ok(Row::Imported)
    }

    /// The file's end.
    pub(crate) fn finish(&mut self, sink: &mut Sink) {
        for told in self.hand.finish() {
            // A time out of range was refused when the event was read.
            let _ = self.tell(told, sink);
        }
        self.release(u64::MAX, sink);
    }

    fn tell(&mut self, told: Told, sink: &mut Sink) -> Result<(), Reason> {
        if let Some(at) = told.at {
            let nanos = at.min(MILLIS_MAX) * 1_000_000;
            self.release(nanos, sink);
            sink.time(nanos);
        }
        match told.what {
            What::Caret { at, anchor } => sink.tell(Observed::Caret { at, anchor }),
            What::Edited { start, removed, inserted } => sink.tell(Observed::Edited { start, removed, inserted }),
            What::Key { logical, held } => {
                let key = Meaning::of(logical);
                sink.key(Press::Down, key);
                let until = told.at.unwrap_or(0).saturating_add(held).min(MILLIS_MAX) * 1_000_000;
                self.down = Some((until, key));
            }
        }
        Ok(())
    }

    /// Lets go of what is down before `nanos`, at its time or then at the latest.
    fn release(&mut self, nanos: u64, sink: &mut Sink) {
        if let Some((until, key)) = self.down.take() {
            if until <= nanos {
                sink.time(until);
            }
            sink.key(Press::Up, key);
        }
    }
}
