//! What can go wrong with the spool.

use std::path::PathBuf;

use candor_model::SessionId;
use candor_model::header::Schema;

use crate::disk::DiskError;

/// Why the spool did not do something. Nothing that was reported durable before is lost by any of these.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// The folder is not one where recordings may lie.
    #[error("the spool cannot lie in `{}`: {why}", path.display())]
    Place {
        /// The folder, or the parent that is at fault.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: &'static str,
    },
    /// Another process has it.
    #[error("another process, a recorder or an upload, has the spool in `{}` open; end it first", path.display())]
    Locked {
        /// The spool.
        path: PathBuf,
    },
    /// The disk is full: recording must stop until there is space.
    #[error("spool disk is full: `{}`; nothing already recorded is lost; free some space, then record again", path.display())]
    Full {
        /// The file that did not fit.
        path: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Disk(DiskError),
    /// A file does not hold what this version writes.
    #[error("`{}` is damaged: {why}; keep it and ask for help", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// There is no such session.
    #[error("the spool has no session `{session}`")]
    NoSession {
        /// The session.
        session: SessionId,
    },
    /// The session was begun before.
    #[error("session `{session}` exists already; a recording gets a session of its own")]
    SessionExists {
        /// The session.
        session: SessionId,
    },
    /// There is no such segment, or it was erased.
    #[error("session `{session}` has no {} segment {number}: it was erased or never finished", schema_word(*schema))]
    NoSegment {
        /// The session.
        session: SessionId,
        /// Which of the session's two rows of segments.
        schema: Schema,
        /// The number.
        number: u32,
    },
    /// A segment of another session, or a number used twice.
    #[error("segment {number} does not belong here: another session's, or the number is taken")]
    Foreign {
        /// Its number.
        number: u32,
    },
    /// The session ends while a journal is open and nothing replaces it.
    #[error("journal {number} is still open; close it into a segment, or let recovery cut it")]
    OpenJournal {
        /// Its number.
        number: u32,
    },
    /// Acknowledged out of order.
    #[error("segment {number} was acknowledged out of order; the next one to upload is {next}")]
    Order {
        /// What was acknowledged.
        number: u32,
        /// What is next.
        next: u32,
    },
    /// The participant's row cannot be opened.
    #[error(transparent)]
    Shelf(#[from] candor_seal::ShelfError),
    /// A hold-back can only be shortened.
    #[error("the hold-back of session `{session}` is {present} s already; it can only be shortened")]
    HoldBack {
        /// The session.
        session: SessionId,
        /// What holds now, in seconds.
        present: u64,
    },
    /// The system tells no boot id, without which a hold-back cannot be kept.
    #[error("the system tells no boot id, so a hold-back cannot be kept: {0}")]
    Clock(std::io::Error),
}

impl From<DiskError> for SpoolError {
    fn from(error: DiskError) -> Self {
        match error {
            DiskError::Full { path } => Self::Full { path },
            other => Self::Disk(other),
        }
    }
}

fn schema_word(schema: Schema) -> &'static str {
    match schema {
        Schema::Events => "event",
        Schema::Remarks => "remark",
    }
}
