//! What a builder gets to know of a dataset besides its rows.

use std::collections::BTreeMap;
use std::io::{self, Read};

use candor_model::{DatasetId, Hash, Purpose};
use candor_seal::Dek;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::lineage::{Taint, TaintReason};
use crate::pseudonym::{Pseudonym, Split};
use crate::reduce::Tally;
use crate::sealed::{Place, StreamOpener, parquet_key};
use crate::spec::Format;

/// The manifest of one version of a dataset: plain JSON beside its sealed files.
///
/// Deliberately absent: participant, session and device ids, segment hashes, consents, wall-clock times of anything that
/// was recorded, and why anything was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// The dataset.
    pub dataset: DatasetId,
    /// What people call it.
    pub name: String,
    /// The dataset's version: rebuilds count it up.
    pub version: u32,
    /// What it may be used for.
    pub purpose: Purpose,
    /// The day on which it expires, Unix seconds; no later than the first of its sources.
    pub expires: u64,
    /// Set once something it was made of is gone.
    pub tainted: Option<Taint>,
    /// Below this many people it is not built.
    pub min_people: u32,
    /// The version of the reducer.
    pub reducer: u16,
    /// The version of the rules by which times and ways were made again; 0 in versions that still have the recorded ones.
    #[serde(default)]
    pub regenerator: u16,
    /// The versions of the redaction rules of what went in.
    pub redactors: Vec<u16>,
    /// The units of the rows.
    pub units: Units,
    /// Columns and their Arrow types.
    pub schema: BTreeMap<String, String>,
    /// What the wall took out for everybody.
    pub withheld: Vec<String>,
    /// Where the events went, over all people.
    pub events: Tally,
    /// The files, in the order of pseudonyms.
    pub files: Vec<FileEntry>,
}

/// The units of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Of times.
    pub time: String,
    /// Of positions.
    pub position: String,
    /// Of scroll distances.
    pub scroll: String,
}

/// One sealed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name in the folder.
    pub name: String,
    /// Its format.
    pub format: Format,
    /// Whose steps it holds.
    pub participant: Pseudonym,
    /// Their split.
    pub split: Split,
    /// The name of the key to ask the broker for; a participant's files share it.
    pub key: Hash,
    /// Its length in bytes, as sealed.
    pub bytes: u64,
    /// SHA-256 of the sealed bytes.
    pub sha256: Hash,
    /// How many rows it holds.
    pub rows: u64,
    /// Their digest; equal for every format and every rebuild.
    pub rows_digest: Hash,
}

/// The name of the key of a participant's files in one version: what the broker files it under, and what a re-wrapped
/// key comes back as.
pub fn file_key_name(dataset: DatasetId, version: u32, participant: Pseudonym) -> Hash {
    let (version, participant) = (version.to_be_bytes(), participant.to_string());
    Hash::of_parts("candor dataset file key v1", &[dataset.as_bytes(), &version, participant.as_bytes()])
}

impl Manifest {
    /// The version of the format that this code writes, and the only one it reads.
    pub const FORMAT: u32 = 1;

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`LoadRefusal::Malformed`] where it is none of this format.
    pub fn parse(bytes: &[u8]) -> Result<Self, LoadRefusal> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| LoadRefusal::Malformed)?;
        if manifest.format == Self::FORMAT { Ok(manifest) } else { Err(LoadRefusal::Malformed) }
    }

    /// The bytes to store.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Marks it, as the vault marks the lineage. The first mark stays.
    pub fn taint(&mut self, since: u64, reason: TaintReason) {
        self.tainted.get_or_insert(Taint { since, reason });
    }

    /// Permission to open its files at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`LoadRefusal`] where it is tainted or has expired.
    pub fn loadable(&self, now: u64) -> Result<Loadable<'_>, LoadRefusal> {
        if let Some(taint) = self.tainted {
            return Err(LoadRefusal::Tainted { reason: taint.reason });
        }
        if now >= self.expires {
            return Err(LoadRefusal::Expired);
        }
        Ok(Loadable(self))
    }

    /// How many rows each participant has, and their digest.
    pub fn rows_by_participant(&self) -> BTreeMap<Pseudonym, (u64, Hash)> {
        self.files.iter().map(|file| (file.participant, (file.rows, file.rows_digest))).collect()
    }

    /// The participants in both versions whose rows differ. A rebuild after an erasure has none.
    pub fn changed_rows(&self, other: &Self) -> Vec<Pseudonym> {
        let others = other.rows_by_participant();
        let changed = |(name, rows): &(Pseudonym, (u64, Hash))| others.get(name).is_some_and(|other| other != rows);
        self.rows_by_participant().into_iter().filter(changed).map(|(name, _)| name).collect()
    }
}

/// A manifest that was neither tainted nor expired when it was asked: what opens files.
#[derive(Debug, Clone, Copy)]
pub struct Loadable<'a>(&'a Manifest);

impl<'a> Loadable<'a> {
    /// The manifest.
    pub fn manifest(self) -> &'a Manifest {
        self.0
    }

    /// A file by its name.
    pub fn file(self, name: &str) -> Option<&'a FileEntry> {
        self.0.files.iter().find(|file| file.name == name)
    }

    fn place(self, file: &FileEntry) -> Place {
        Place::new(self.0.dataset, self.0.version, &file.name)
    }

    /// The key for Parquet's own decryption of `file`, 32 bytes for AES-256-GCM.
    pub fn parquet_key(self, file: &FileEntry, key: &Dek) -> Zeroizing<[u8; 32]> {
        parquet_key(key, &self.place(file))
    }

    /// Opens a sealed stream: what it reads was verified.
    ///
    /// # Errors
    /// Those of the reader; `InvalidData` where the key is another's, or the file was altered.
    pub fn open_stream<R: Read>(self, file: &FileEntry, key: &Dek, sealed: R) -> io::Result<StreamOpener<R>> {
        StreamOpener::new(key, &self.place(file), sealed)
    }
}

/// Why a dataset does not load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoadRefusal {
    /// No manifest of this format.
    #[error("this is no dataset manifest of a format this version reads")]
    Malformed,
    /// Something it was made of is gone.
    #[error("the dataset is tainted ({reason:?}); rebuild it, and delete this version")]
    Tainted {
        /// Why.
        reason: TaintReason,
    },
    /// Its day has come.
    #[error("the dataset has expired; rebuild it from what may still be used")]
    Expired,
}
