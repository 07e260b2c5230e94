//! The transparency log: C2SP tlog-tiles in a folder, salted commitments as leaves. Format: `spec/log.md`.
//!
//! Stages, and what a crash leaves of each: *queued* (a row of the vault's database: kept, and sequenced at the next
//! start), *sequenced* (tiles without a checkpoint: written again), *logged* (covered by a durable checkpoint: kept).
//! Only then is there a [`Logged`].

mod note;
mod tree;
mod verify;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_model::log_entry::{Salt, canonical_json, commitment};
use candor_model::{Hash, Leaf, LogEntry, ParticipantId};
use ed25519_dalek::SigningKey;
use tokio::sync::{Notify, mpsc, oneshot, watch};

pub use verify::{LogReport, verify};

use crate::disk::{self, DiskError};
use crate::meta::{MetaError, MetaStore, NewEntry};
use note::NoteKey;
use tree::{CHECKPOINT, Tree};

/// How many leaves are sequenced at once, at most.
const BATCH_MAX: u32 = 8192;

/// Why something was not logged, or a log does not verify.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The log's name cannot stand in a note.
    #[error("`{origin}` cannot name a log: no blanks, no `+`, not empty")]
    Origin {
        /// The name.
        origin: String,
    },
    /// The checkpoint cannot be used.
    #[error("the log's checkpoint: {why}")]
    Checkpoint {
        /// Why.
        why: &'static str,
    },
    /// A file does not fit the rest.
    #[error("the log is damaged at `{}`: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// An entry is no leaf of this version.
    #[error("log entry {index}: {error}")]
    Leaf {
        /// Its index.
        index: u64,
        /// What is wrong.
        error: candor_model::log_entry::LeafError,
    },
    /// A leaf of more than 64 KiB.
    #[error("a log leaf is longer than a bundle takes")]
    LeafTooLong,
    /// The entries are not those the checkpoint signs.
    #[error("the log's entries do not give the root that its checkpoint signs")]
    Root,
    /// An entry is not included.
    #[error("log entry {index} is not included in the tree of the checkpoint")]
    Inclusion {
        /// Its index.
        index: u64,
    },
    /// The log does not continue what it was.
    #[error("the log of {now} entries does not continue the one of {older} entries: it was rewritten or cut")]
    Consistency {
        /// The size of the older checkpoint.
        older: u64,
        /// The size of this one.
        now: u64,
    },
    /// An entry without canonical JSON.
    #[error(transparent)]
    Canonical(#[from] candor_model::log_entry::CanonicalError),
    /// The database of the queue.
    #[error(transparent)]
    Meta(#[from] MetaError),
    /// The folder.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// It is queued, but not sequenced.
    #[error("entry {index} is queued but not in the log yet: {why}; it will be sequenced when the cause is gone")]
    NotSequenced {
        /// Its index.
        index: u64,
        /// Why.
        why: String,
    },
    /// The log was shut down.
    #[error("the log is closed")]
    Closed,
}

impl LogError {
    /// Errors of the tree's arithmetic, which only hashes that are missing cause.
    fn math(_: tlog_tiles::Error) -> Self {
        Self::Root
    }
}

/// An entry on its way into the log, with its salt and its leaf.
#[derive(Debug, Clone)]
pub struct Draft<T> {
    entry: T,
    salt: Salt,
    json: Vec<u8>,
    leaf: Leaf,
    about: Option<ParticipantId>,
}

impl<T: LogEntry> Draft<T> {
    /// Drafts an entry; `salt` is 16 fresh random bytes.
    ///
    /// # Errors
    /// [`LogError::Canonical`] where the entry has no canonical JSON.
    pub fn new(entry: T, salt: Salt) -> Result<Self, LogError> {
        let json = canonical_json(&entry)?;
        let leaf = commitment(&salt, T::KIND, &json);
        Ok(Self { entry, salt, json, leaf, about: None })
    }

    /// Notes whose data the entry is about, so that their own request finds its salt.
    #[must_use]
    pub fn about(mut self, participant: ParticipantId) -> Self {
        self.about = Some(participant);
        self
    }

    pub(crate) fn to_new(&self) -> NewEntry {
        NewEntry { leaf: self.leaf, salt: self.salt, json: self.json.clone(), about: self.about }
    }
}

/// An entry that is durably queued and has its index; no checkpoint covers it yet.
#[derive(Debug)]
#[must_use = "wait for it: only what is logged may have consequences"]
pub struct Queued<T> {
    draft: Draft<T>,
    index: u64,
}

impl<T> Queued<T> {
    pub(crate) fn new(draft: Draft<T>, index: u64) -> Self {
        Self { draft, index }
    }

    /// The index it will have.
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// An entry that is in the log: a durable checkpoint covers it. Only this crate makes one.
///
/// Not provided: a witness's cosignature; the operator alone signed the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<T> {
    entry: T,
    salt: Salt,
    leaf: Leaf,
    index: u64,
    size: u64,
}

impl<T> Logged<T> {
    /// Its index.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The entry.
    pub fn entry(&self) -> &T {
        &self.entry
    }

    /// The leaf, as the log's bundles hold it.
    pub fn leaf(&self) -> Leaf {
        self.leaf
    }

    /// The leaf's hash in the tree (RFC 6962).
    pub fn leaf_hash(&self) -> Hash {
        Hash(tlog_tiles::record_hash(&self.leaf.to_bytes()).0)
    }

    /// The salt, for who may keep it: the participant whose data the entry is about.
    pub fn salt(&self) -> Salt {
        self.salt
    }

    /// The size of a log whose checkpoint covers it.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The log of one program. Clones share it.
#[derive(Debug, Clone)]
pub struct Log {
    dir: PathBuf,
    verifier_key: Arc<str>,
    queue: mpsc::Sender<Order>,
    kick: Arc<Notify>,
    state: watch::Receiver<State>,
}

#[derive(Debug)]
struct Order {
    entry: NewEntry,
    index: oneshot::Sender<Result<u64, String>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    size: u64,
    root: [u8; 32],
    /// Why the last sequencing failed, and how many have.
    failed: Option<String>,
    failures: u64,
}

impl Log {
    /// Opens the log in `dir`, or begins it, and sequences what was queued before a crash. `origin` names it, by C2SP
    /// custom like a URL without scheme; `key` signs its checkpoints.
    ///
    /// # Errors
    /// [`LogError`] where the folder's tiles are not those of its checkpoint, or the key is another log's.
    pub async fn open(dir: &Path, meta: &MetaStore, origin: &str, key: &SigningKey) -> Result<Self, LogError> {
        let mut tree = Tree::open(dir, NoteKey::new(origin, key)?)?;
        let verifier_key = Arc::from(tree.verifier_key());
        loop {
            let leaves = meta.leaves(tree.size(), BATCH_MAX).await?;
            if leaves.is_empty() {
                break;
            }
            tree.append(&leaves)?;
        }
        if tree.size() > 0 && meta.log_entry(tree.size() - 1).await?.is_none() {
            return Err(LogError::Damaged { path: dir.to_owned(), why: "it is longer than its database" });
        }
        let (queue, orders) = mpsc::channel(BATCH_MAX as usize);
        let state = State { size: tree.size(), root: tree.root().0, ..State::default() };
        let (publish, state) = watch::channel(state);
        let kick = Arc::new(Notify::new());
        let sequencer = Sequencer { tree: Some(tree), meta: meta.clone(), orders, kick: kick.clone(), publish };
        tokio::spawn(sequencer.run());
        Ok(Self { dir: dir.to_owned(), verifier_key, queue, kick, state })
    }

    /// Queues an entry: durable on return, with its index; entries queued at the same time share one commit.
    ///
    /// # Errors
    /// [`LogError::Closed`]; [`LogError::NotSequenced`] where the database refused.
    pub async fn queue<T: LogEntry>(&self, draft: Draft<T>) -> Result<Queued<T>, LogError> {
        let (index, receive) = oneshot::channel();
        let order = Order { entry: draft.to_new(), index };
        self.queue.send(order).await.map_err(|_| LogError::Closed)?;
        let index = receive.await.map_err(|_| LogError::Closed)?;
        let index = index.map_err(|why| LogError::NotSequenced { index: self.size(), why })?;
        Ok(Queued { draft, index })
    }

    /// Waits until a durable checkpoint covers a queued entry.
    ///
    /// # Errors
    /// [`LogError::NotSequenced`] where sequencing failed, as on a full disk; the entry stays queued.
    pub async fn wait<T>(&self, queued: Queued<T>) -> Result<Logged<T>, LogError> {
        let Queued { draft: Draft { entry, salt, leaf, .. }, index } = queued;
        let mut state = self.state.clone();
        let failures = state.borrow().failures;
        self.kick.notify_one();
        let covered = state.wait_for(|state| state.size > index || state.failures > failures);
        let (size, failed) = {
            let state = covered.await.map_err(|_| LogError::Closed)?;
            (state.size, state.failed.clone())
        };
        if size <= index {
            return Err(LogError::NotSequenced { index, why: failed.unwrap_or_default() });
        }
        Ok(Logged { entry, salt, leaf, index, size })
    }

    /// Logs an entry: queues it and waits.
    ///
    /// # Errors
    /// As for [`Log::queue`] and [`Log::wait`].
    pub async fn append<T: LogEntry>(&self, draft: Draft<T>) -> Result<Logged<T>, LogError> {
        let queued = self.queue(draft).await?;
        self.wait(queued).await
    }

    /// How many entries the durable checkpoint covers.
    pub fn size(&self) -> u64 {
        self.state.borrow().size
    }

    /// The root of the tree that the checkpoint signs.
    pub fn root(&self) -> Hash {
        Hash(self.state.borrow().root)
    }

    /// The key that verifies its checkpoints, as C2SP signed-note spells it.
    pub fn verifier_key(&self) -> &str {
        &self.verifier_key
    }

    /// The folder: `checkpoint` and `tile/`, to be served as they are.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The signed checkpoint.
    ///
    /// # Errors
    /// [`LogError::Disk`] where it cannot be read.
    pub fn checkpoint(&self) -> Result<Vec<u8>, LogError> {
        Ok(disk::read(&self.dir.join(CHECKPOINT))?)
    }
}

/// The one task that makes the tree grow.
struct Sequencer {
    tree: Option<Tree>,
    meta: MetaStore,
    orders: mpsc::Receiver<Order>,
    kick: Arc<Notify>,
    publish: watch::Sender<State>,
}

impl Sequencer {
    async fn run(mut self) {
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.queue(order).await,
                    None => return,
                },
                () = self.kick.notified() => {}
            }
            if let Err(error) = self.sequence().await {
                self.publish.send_modify(|state| {
                    state.failed = Some(error.to_string());
                    state.failures += 1;
                });
            }
            if self.tree.is_none() {
                return;
            }
        }
    }

    /// Queues this order and all that wait behind it in one commit.
    async fn queue(&mut self, first: Order) {
        let mut orders = vec![first];
        while orders.len() < BATCH_MAX as usize
            && let Ok(order) = self.orders.try_recv()
        {
            orders.push(order);
        }
        let (entries, indexes): (Vec<_>, Vec<_>) = orders.into_iter().map(|order| (order.entry, order.index)).unzip();
        let queued = self.meta.queue_entries(&entries).await.map_err(|error| error.to_string());
        for (offset, index) in (0..).zip(indexes) {
            // Who asked may have gone away; the entry is queued all the same.
            let _ = index.send(queued.clone().map(|first| first + offset));
        }
    }

    async fn sequence(&mut self) -> Result<(), LogError> {
        loop {
            let Some(mut tree) = self.tree.take() else { return Err(LogError::Closed) };
            let leaves = match self.meta.leaves(tree.size(), BATCH_MAX).await {
                Ok(leaves) if !leaves.is_empty() => leaves,
                nothing => {
                    self.tree = Some(tree);
                    return Ok(nothing.map(|_| ())?);
                }
            };
            let joined = tokio::task::spawn_blocking(move || {
                let done = tree.append(&leaves);
                (tree, done)
            });
            let (tree, done) = joined.await.map_err(|_| LogError::Closed)?;
            let (size, root) = (tree.size(), tree.root().0);
            self.tree = Some(tree);
            done?;
            self.publish.send_modify(|state| (state.size, state.root, state.failed) = (size, root, None));
        }
    }
}
