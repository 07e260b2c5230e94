//! The broker: its database and its custody behind one lock, so that a withdrawal and a release never overlap.

use std::fmt;
use std::path::Path;

use candor_seal::{KeyError, ShelfError};
use rand_core::CryptoRng;
use sqlx::SqliteConnection;
use tokio::sync::Mutex;

use crate::custody::{Custody, CustodyError};
use crate::db;
use crate::erase;

/// Holds the key shelves and gives keys out under a grant.
pub struct Broker {
    pub(crate) inner: Mutex<Inner>,
    /// Whose turn it is to release: one intent at a time, so that each carries its own value of the counter.
    pub(crate) turn: Mutex<()>,
}

pub(crate) struct Inner {
    pub(crate) db: SqliteConnection,
    pub(crate) custody: Box<dyn Custody>,
}

impl Broker {
    /// Opens the broker's database, made where there is none, and completes an erasure that a crash interrupted.
    ///
    /// # Errors
    /// [`BrokerError`] where the database or custody cannot be read or written.
    pub async fn open(
        path: &Path,
        custody: Box<dyn Custody>,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<Self, BrokerError> {
        let mut inner = Inner { db: db::open(path).await?, custody };
        erase::rotate(&mut inner, rng, None).await?;
        Ok(Self { inner: Mutex::new(inner), turn: Mutex::new(()) })
    }

    /// How many intents to release there were, and the newest custody generation: what `counter.json` says.
    pub async fn counter(&self) -> (u64, u64) {
        let inner = self.inner.lock().await;
        (inner.custody.counter(), inner.custody.generation())
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broker(..)")
    }
}

/// What goes wrong below any of the broker's operations.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The database failed.
    #[error("broker database: {0}")]
    Database(#[from] sqlx::Error),
    /// Custody failed.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// A row does not open.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// A key is malformed, or for something else.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A stored value is not one that this version writes.
    #[error("broker database: {what}; restore it from a copy")]
    Corrupt {
        /// What is wrong.
        what: &'static str,
    },
    /// The participant is not enrolled.
    #[error("the participant is not enrolled; enrol them first")]
    UnknownParticipant,
    /// The participant is enrolled with another signing key.
    #[error("the participant is enrolled with another signing key")]
    OtherSigningKey,
    /// There is no program yet.
    #[error("there is no program yet; set one first")]
    NoProgram,
    /// The record is refused.
    #[error("record refused: {0}")]
    Record(#[from] candor_consent::jws::JwsError),
    /// The record is about somebody else, or there is another one of that id.
    #[error("the record is about another participant, or differs from the one that is stored")]
    OtherRecord,
    /// The consent is not stored.
    #[error("the consent record is not stored; send it first")]
    UnknownConsent,
    /// The key pair of that period was destroyed.
    #[error("the key pair of period {period} was destroyed by an erasure; start a new period")]
    PeriodEnded {
        /// The period.
        period: u32,
    },
    /// A derived file needs at least one source, all of one person, all still there.
    #[error("a derived file's sources must be accepted segments of one participant, none of them erased")]
    Sources,
    /// There is another key for that file.
    #[error("there is another key for this derived file; a new version of a dataset has new files")]
    OtherFile,
}

impl From<serde_json::Error> for BrokerError {
    fn from(_: serde_json::Error) -> Self {
        Self::Corrupt { what: "a record that is not the JSON this version writes" }
    }
}
