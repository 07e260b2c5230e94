//! Why an import did not start, or stopped.

use std::io;

use candor_consent::CaptureRefusal;

use crate::import::Reason;

/// Why an import did not start, or stopped. No message holds anything the file holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The consent ended, or it or its program does not let recordings be imported.
    #[error("{0}")]
    Refused(#[from] CaptureRefusal),
    /// The file cannot be read.
    #[error("`{file}` cannot be read; check that it exists and that you may read it")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file's first bytes fit no known format.
    #[error(
        "`{file}` is in no known format; known are DuckTrack events.jsonl, Balabit CSV, Aalto keystroke TSV and ScriptLog IDFX"
    )]
    Unrecognised {
        /// The file.
        file: String,
    },
    /// A line cannot be understood, and the import was to stop there.
    #[error("`{file}` line {line}: {reason}; correct the line, or import without --strict to count it and go on")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: Reason,
    },
    /// The file holds the recordings of more than one person: a consent speaks for one.
    #[error("`{file}` line {line} begins the recording of another person; split the file, one person each")]
    SeveralPeople {
        /// The file.
        file: String,
        /// The first line of the second person, from 1.
        line: u64,
    },
}

impl ImportError {
    /// Whether this is a refusal (exit code 1) and not a failure (exit code 2).
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}
