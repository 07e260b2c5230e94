//! The device's spool: sealed segments in the user's own folder, until the vault has them and longer.
//!
//! Stages, and what a crash leaves of each: *queued* (memory: lost), *journal* (a cut journal, after recovery), *pack*
//! (kept). A commit reports only what is durable. Format: `spec/spool.md`.
//!
//! Architecture invariants: nothing unsealed can be put in here; nothing is uploaded before its hold-back is over,
//! whatever ends the process; nothing is given up in silence.

mod clock;
mod error;
mod marks;
mod own;
mod pack;
mod place;
mod recover;
mod session;
mod shelf;
mod upload;
mod writer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candor_model::SessionId;
use candor_model::header::Schema;
use candor_seal::ShelfKey;
use rustix::fs::{FlockOperation, flock};

pub use clock::Now;
pub use error::SpoolError;
pub use own::{Erased, Own};
pub use recover::{Condition, Finding, Recovered};
pub use session::About;
pub use upload::{State as SegmentState, Status, Upload, UploadItem};
pub use writer::{Durable, SpoolWriter};

use crate::disk;
use clock::HoldClock;
use session::Session;
use shelf::DeviceShelf;

const LOCK: &str = "lock";

/// One segment in the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentId {
    /// The session.
    pub session: SessionId,
    /// Events, or the participant's remarks; each has numbers of its own.
    pub schema: Schema,
    /// The number.
    pub number: u32,
}

/// An open spool. Clones share it; one process has it open at a time.
#[derive(Debug, Clone)]
pub struct Spool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    state: Mutex<State>,
    /// Held as long as the spool is open; the system lets go of it when the process ends, however it ends.
    _lock: std::fs::File,
}

#[derive(Debug)]
struct State {
    clock: HoldClock,
    shelf: DeviceShelf,
    sessions: BTreeMap<SessionId, Session>,
}

impl Spool {
    /// Opens the spool in `dir`, making the folder (0700) where it is missing. Finishes an erasure that a crash
    /// stopped; [`Spool::recover`] does the rest.
    ///
    /// `fresh` is a new random key: the ring key of a new spool, or of the shelf that finishing an erasure seals anew.
    ///
    /// # Errors
    /// [`SpoolError::Place`] where recordings must not lie there: a link, another user's folder or one that others can
    /// write to is on the way, or the place is shared like `/tmp`; [`SpoolError::Locked`] where another process has it
    /// open; [`SpoolError::Damaged`] names a file that cannot be read.
    pub fn open(dir: &Path, fresh: &ShelfKey) -> Result<Self, SpoolError> {
        let root = place::secure(dir)?;
        let lock = lock(&root)?;
        let mut sessions = BTreeMap::new();
        for name in disk::names(&root)? {
            if let Ok(id) = name.parse::<SessionId>()
                && let Some(session) = Session::load(root.join(&name))?
            {
                sessions.insert(id, session);
            }
        }
        let stamps = sessions.values().flat_map(|session| session.entries.values()).map(|entry| entry.accepted.counted);
        let clock = HoldClock::load(&root, stamps.max().unwrap_or(0))?;
        let mut state = State { clock, shelf: DeviceShelf::load(&root, fresh)?, sessions };
        state.settle(fresh, false)?;
        for session in state.sessions.values_mut() {
            session.settle_acknowledged()?;
        }
        Ok(Self(Arc::new(Inner { root, state: Mutex::new(state), _lock: lock })))
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// The sessions, oldest id first.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.state().sessions.keys().copied().collect()
    }

    /// What is public about a session.
    ///
    /// # Errors
    /// [`SpoolError::NoSession`].
    pub fn about(&self, session: SessionId) -> Result<About, SpoolError> {
        Ok(self.state().session_mut(session)?.about.clone())
    }

    /// A state whose last holder panicked is whole: memory follows the disk, never the other way round.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn session_mut(&mut self, session: SessionId) -> Result<&mut Session, SpoolError> {
        self.sessions.get_mut(&session).ok_or(SpoolError::NoSession { session })
    }
}

fn lock(root: &Path) -> Result<std::fs::File, SpoolError> {
    let path = root.join(LOCK);
    let (file, made) = disk::open_lock(&path)?;
    if made {
        disk::sync_dir(root)?;
    }
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(SpoolError::Locked { path: root.to_owned() }),
        Err(errno) => Err(disk::DiskError::new("lock", &path, errno.into()).into()),
    }
}
