//! The vault's objects: sealed segments under the hash of their bytes.

use std::path::Path;
use std::sync::Arc;

use candor_model::Hash;
use candor_seal::SealedSegment;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};

use crate::disk::{self, DiskError};

/// Why an object was not stored, read or deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The store refused.
    #[error("object `{hash}`: {source}")]
    Store {
        /// The object.
        hash: Hash,
        /// What the store said.
        source: object_store::Error,
    },
    /// The folder.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The folder cannot be a store.
    #[error("cannot keep objects in `{path}`: {source}")]
    Open {
        /// The folder.
        path: String,
        /// What the store said.
        source: object_store::Error,
    },
    /// The bytes under this name have another hash.
    #[error("object `{hash}` is damaged: its bytes have another hash; restore it from a copy")]
    Damaged {
        /// The object.
        hash: Hash,
    },
    /// There is none.
    #[error("there is no object `{hash}`: it was erased, or never came")]
    Missing {
        /// The object.
        hash: Hash,
    },
}

/// An object store. Clones share it.
#[derive(Debug, Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Objects in a local folder (0700), made where it is missing. Files and folders are synced before a put returns. What a
    /// put left behind that never ended is removed, so nobody else may be putting: one process serves a folder.
    ///
    /// # Errors
    /// [`ObjectError::Open`] or [`ObjectError::Disk`] where the folder cannot be used.
    pub fn local(dir: &Path) -> Result<Self, ObjectError> {
        disk::make_dir_durably(dir)?;
        remove_staged(dir)?;
        let store = LocalFileSystem::new_with_prefix(dir)
            .map_err(|source| ObjectError::Open { path: dir.display().to_string(), source })?
            .with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Stores a segment under its object hash; durable on return. Returns whether it is new: storing it again is how a
    /// device makes sure, and replaces damaged bytes.
    ///
    /// # Errors
    /// [`ObjectError::Store`] where the store refuses, as when it is full.
    pub async fn put(&self, segment: &SealedSegment) -> Result<bool, ObjectError> {
        let hash = segment.object_hash();
        let error = |source| ObjectError::Store { hash, source };
        let payload = || PutPayload::from(segment.as_bytes().to_vec());
        match self.store.put_opts(&key(hash), payload(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => {
                if self.get(hash).await.is_err() {
                    self.store.put_opts(&key(hash), payload(), PutMode::Overwrite.into()).await.map_err(error)?;
                }
                Ok(false)
            }
            Err(source) => Err(error(source)),
        }
    }

    /// Reads an object and checks its hash.
    ///
    /// # Errors
    /// [`ObjectError::Missing`] where there is none; [`ObjectError::Damaged`] where its bytes changed.
    pub async fn get(&self, hash: Hash) -> Result<Vec<u8>, ObjectError> {
        let error = |source| match source {
            object_store::Error::NotFound { .. } => ObjectError::Missing { hash },
            source => ObjectError::Store { hash, source },
        };
        let bytes = self.store.get(&key(hash)).await.map_err(error)?.bytes().await.map_err(error)?;
        if Hash::of(&bytes) == hash { Ok(bytes.to_vec()) } else { Err(ObjectError::Damaged { hash }) }
    }

    /// Whether there is such an object, whatever its bytes.
    ///
    /// # Errors
    /// [`ObjectError::Store`] where the store does not say.
    pub async fn has(&self, hash: Hash) -> Result<bool, ObjectError> {
        match self.store.head(&key(hash)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(ObjectError::Store { hash, source }),
        }
    }

    /// Deletes an object; one that is gone already is no error.
    ///
    /// # Errors
    /// [`ObjectError::Store`] where the store refuses.
    pub async fn delete(&self, hash: Hash) -> Result<(), ObjectError> {
        match self.store.delete(&key(hash)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(ObjectError::Store { hash, source }),
        }
    }
}

/// Removes the files that the store wrote beside their place (`NAME#NUMBER`) and was killed before it renamed.
fn remove_staged(dir: &Path) -> Result<(), DiskError> {
    for folder in disk::names(dir)?.into_iter().map(|name| dir.join(name)).filter(|path| path.is_dir()) {
        for staged in disk::names(&folder)?.into_iter().filter(|name| name.contains('#')) {
            disk::remove(&folder.join(staged))?;
        }
    }
    Ok(())
}

/// Two digits a folder, so that none holds more than a 256th of the objects.
fn key(hash: Hash) -> Key {
    let name = hash.to_string();
    Key::from_iter([name.get(..2).unwrap_or_default(), name.as_str()])
}
