//! Importers: recordings made by other tools, read as a stream and emitted as [`Raw`] like any live source.
//!
//! A file is recognised by its content, never by its name. Memory does not grow with the file. Nothing is dropped in
//! silence: every line ends in exactly one class of the [`Report`], and what was left out leaves a gap in the stream.

mod aalto;
mod balabit;
mod clock;
mod ducktrack;
mod error;
mod format;
mod hand;
mod idfx;
mod keys;
mod line;
mod number;
mod report;
mod row;
mod sink;
mod stream;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use candor_consent::{CaptureRight, LiveConsent};
use candor_model::{ClockUnit, PositionUnit};
use candor_redact::Raw;

pub use error::ImportError;
pub use format::Format;
pub use hand::{AaltoHand, AaltoRow, Pressed};
pub use idfx::{ScriptLogEvent, ScriptLogHand, ScriptLogReader, Told, What};
pub use report::{Events, Lines, MalformedLine, Oddities, Report};
pub use row::Reason;

use stream::Stream;

/// What the caller decides about an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Stop at the first malformed line instead of counting it.
    pub strict: bool,
    /// The session's clock unit; 1 ms where none is given.
    pub clock_unit: Option<ClockUnit>,
    /// The session's position unit. Where none is given: whole pixels, and 1/256 px for a DuckTrack trace whose first
    /// 64 KiB hold a fraction of a pixel.
    pub position_unit: Option<PositionUnit>,
}

/// One file on its way to the wall.
///
/// It borrows the consent it rests on, so that the consent cannot be withdrawn under a running import: withdrawing
/// takes it, and the borrow has to end first.
#[derive(Debug)]
pub struct Import<'c, R> {
    consent: &'c LiveConsent,
    stream: Stream<R>,
}

impl<'c> Import<'c, File> {
    /// Opens the file at `path` and recognises it. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`ImportError::Refused`] unless the recorded person's consent holds and it and the program allow imports; the
    /// file is not touched then. [`ImportError::Read`] if the file cannot be read, [`ImportError::Unrecognised`] if it is
    /// in no known format.
    pub fn open(consent: &'c LiveConsent, now: u64, path: &Path, options: Options) -> Result<Self, ImportError> {
        let right = CaptureRight::import(consent, now)?;
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| ImportError::Read { file: name.clone(), source })?;
        Self::begin(right, file, &name, options)
    }
}

impl<'c, R: Read> Import<'c, R> {
    /// Reads from `reader`, which needs no buffer of its own; messages and the report call it `name`.
    ///
    /// # Errors
    /// As [`Import::open`].
    pub fn from_reader(
        consent: &'c LiveConsent,
        now: u64,
        reader: R,
        name: &str,
        options: Options,
    ) -> Result<Self, ImportError> {
        Self::begin(CaptureRight::import(consent, now)?, reader, name, options)
    }

    fn begin(right: CaptureRight<'c>, reader: R, name: &str, options: Options) -> Result<Self, ImportError> {
        Ok(Self { consent: right.consent(), stream: Stream::new(reader, name, options)? })
    }

    /// The unit of every `at`: to be declared by the session.
    pub fn clock_unit(&self) -> ClockUnit {
        self.stream.clock_unit()
    }

    /// The unit of every position: to be declared by the session.
    pub fn position_unit(&self) -> PositionUnit {
        self.stream.position_unit()
    }

    /// What the file was recognised as.
    pub fn format(&self) -> Format {
        self.report().format
    }

    /// Appends the next few thousand observations to `out`, if the consent still holds at `now` (Unix seconds). Returns
    /// whether there may be more.
    ///
    /// # Errors
    /// [`ImportError::Refused`] once the consent has ended, [`ImportError::Read`], [`ImportError::SeveralPeople`], and
    /// under `strict` [`ImportError::Malformed`]. The observations before the line it names are still appended. After any
    /// error but a refusal, and after the end, nothing more comes.
    pub fn next_batch(&mut self, now: u64, out: &mut Vec<Raw>) -> Result<bool, ImportError> {
        self.consent = CaptureRight::import(self.consent, now)?.consent();
        let more = self.stream.next_batch();
        out.extend(self.stream.batch().drain(..).map(Raw::new));
        more
    }

    /// What was found so far; complete once [`Import::next_batch`] has returned `false`.
    pub fn report(&self) -> &Report {
        self.stream.report()
    }

    /// The report, once nothing more is to be read.
    pub fn into_report(self) -> Report {
        self.stream.into_report()
    }
}
