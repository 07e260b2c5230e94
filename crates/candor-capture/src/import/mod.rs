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

use candor_model::{ClockUnit, PositionUnit};
use candor_redact::Raw;

pub use error::ImportError;
pub use format::Format;
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
#[derive(Debug)]
pub struct Import<R> {
    stream: Stream<R>,
}

impl Import<File> {
    /// Opens the file at `path` and recognises it.
    ///
    /// # Errors
    /// [`ImportError::Read`] if the file cannot be read, [`ImportError::Unrecognised`] if it is in no known format.
    pub(crate) fn open(path: &Path, options: Options) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|source| ImportError::Read { file: name.clone(), source })?;
        Self::from_reader(file, &name, options)
    }
}

impl<R: Read> Import<R> {
    /// Reads from `reader`, which needs no buffer of its own; messages and the report call it `name`.
    ///
    /// # Errors
    /// As [`Import::open`].
    pub(crate) fn from_reader(reader: R, name: &str, options: Options) -> Result<Self, ImportError> {
        Ok(Self { stream: Stream::new(reader, name, options)? })
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

    /// Appends the next few thousand observations to `out`. Returns whether there may be more.
    ///
    /// # Errors
    /// [`ImportError::Read`], [`ImportError::SeveralPeople`], and under `strict` [`ImportError::Malformed`]. The
    /// observations before the line it names are still appended. After an error, and after the end, nothing more comes.
    pub fn next_batch(&mut self, out: &mut Vec<Raw>) -> Result<bool, ImportError> {
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
