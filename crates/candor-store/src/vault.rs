//! Everything durable of a vault, except its keys.

use std::path::Path;

use ed25519_dalek::SigningKey;

use crate::disk::{self, DiskError};
use crate::log::{Log, LogError};
use crate::meta::{MetaError, MetaStore};
use crate::objects::{ObjectError, Objects};

/// A vault's objects, metadata and log, in one folder.
#[derive(Debug, Clone)]
pub struct VaultStore {
    /// Sealed segments.
    pub objects: Objects,
    /// What is known about them.
    pub meta: MetaStore,
    /// What happened to them.
    pub log: Log,
}

/// Why a vault's store does not open.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the parts' errors say it")]
pub enum VaultError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Objects(#[from] ObjectError),
    #[error(transparent)]
    Meta(#[from] MetaError),
    #[error(transparent)]
    Log(#[from] LogError),
}

impl VaultStore {
    /// Opens the store in `dir` (`objects/`, `vault.db`, `log/`), making what is missing, and sequences what the log
    /// had queued.
    ///
    /// # Errors
    /// [`VaultError`] says which part does not open.
    pub async fn open(dir: &Path, origin: &str, log_key: &SigningKey) -> Result<Self, VaultError> {
        disk::make_dir_durably(dir)?;
        let objects = Objects::local(&dir.join("objects"))?;
        let meta = MetaStore::open(&dir.join("vault.db")).await?;
        let log = Log::open(&dir.join("log"), &meta, origin, log_key).await?;
        disk::sync_dir(dir)?;
        Ok(Self { objects, meta, log })
    }
}
