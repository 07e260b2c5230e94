//! The device's key shelf: the participant's wraps, sealed under the ring key.
//!
//! Erasing seals the surviving rows under a fresh ring key and destroys the old one, so that a copy of the shelf or of
//! the segments taken before opens nothing without a copy of the old key. Not provided: on flash and on copy-on-write
//! file systems, overwriting the old key's file does not promise that no stale block keeps it; full-disk encryption
//! covers that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candor_model::Hash;
use candor_seal::{RowId, ShelfKey, Wrap};

use super::SpoolError;
use crate::disk::{self, File};

pub(super) const SHELF: &str = "shelf";
pub(super) const RING: &str = "ring.key";
pub(super) const RING_NEXT: &str = "ring.key.next";
const MAGIC: &[u8; 8] = b"cndrsh01";
/// Magic, then the name of the ring key that seals the rows.
const HEAD: usize = 40;
/// Row id 32, sealed wrap 64, check 4.
const ROW: usize = 100;
const SEALED: usize = 64;

/// The shelf, with its key in memory.
#[derive(Debug)]
pub(super) struct DeviceShelf {
    root: PathBuf,
    key: ShelfKey,
    rows: BTreeMap<RowId, [u8; SEALED]>,
    file: Option<File>,
    len: u64,
}

/// The public name of a ring key; says nothing about it.
fn ring_id(key: &ShelfKey) -> Hash {
    Hash::of_parts("candor ring id v1", &[key.expose().as_slice()])
}

impl DeviceShelf {
    /// Opens the shelf, and finishes an erasure that a crash stopped. Where there is none, `fresh` becomes its key.
    pub(super) fn load(root: &Path, fresh: &ShelfKey) -> Result<Self, SpoolError> {
        let path = root.join(SHELF);
        let Some(bytes) = disk::read_if_any(&path)? else {
            return Self::create(root, fresh);
        };
        let damaged = |why| SpoolError::Damaged { path: path.clone(), why };
        let (head, rows) = bytes.split_at_checked(HEAD).ok_or(damaged("it is no shelf of this version"))?;
        let ring = head.strip_prefix(MAGIC).ok_or(damaged("it is no shelf of this version"))?;
        let key = find_key(root, ring)?.ok_or(damaged("the ring key that seals it is missing"))?;
        let mut shelf = Self { root: root.to_owned(), key, rows: BTreeMap::new(), file: None, len: HEAD as u64 };
        for row in rows.as_chunks::<ROW>().0 {
            let Some((id, sealed)) = decode(row) else { break };
            shelf.rows.insert(id, sealed);
            shelf.len += ROW as u64;
        }
        // A row that was read must not be taken for durable before it is.
        shelf.file()?.sync()?;
        Ok(shelf)
    }

    fn create(root: &Path, fresh: &ShelfKey) -> Result<Self, SpoolError> {
        disk::write_durably(root, RING, fresh.expose().as_slice())?;
        let key = ShelfKey::from_bytes(*fresh.expose());
        let head = [&MAGIC[..], &ring_id(&key).0].concat();
        disk::write_durably(root, SHELF, &head)?;
        Ok(Self { root: root.to_owned(), key, rows: BTreeMap::new(), file: None, len: HEAD as u64 })
    }

    /// The participant's wrap of a segment's key.
    pub(super) fn get(&self, header: Hash) -> Result<Wrap, SpoolError> {
        let id = RowId::wrap(header);
        let sealed = self.rows.get(&id).ok_or(candor_seal::ShelfError)?;
        let wrap = self.key.open(id, sealed)?;
        Ok(Wrap(wrap.as_slice().try_into().map_err(|_| candor_seal::ShelfError)?))
    }

    pub(super) fn has(&self, header: Hash) -> bool {
        self.rows.contains_key(&RowId::wrap(header))
    }

    /// Adds rows; durable on return. Rows that are there already stay as they are.
    pub(super) fn add(&mut self, wraps: &[(Hash, Wrap)]) -> Result<(), SpoolError> {
        let mut rows = Vec::new();
        let mut bytes = Vec::new();
        for (header, wrap) in wraps.iter().filter(|(header, _)| !self.has(*header)) {
            let id = RowId::wrap(*header);
            let sealed: [u8; SEALED] = self.key.seal(id, &wrap.0)?.try_into().map_err(|_| candor_seal::ShelfError)?;
            encode(&mut bytes, id, &sealed);
            rows.push((id, sealed));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let file = self.file()?;
        if let Err(error) = file.append(&bytes).and_then(|()| file.sync()) {
            // Opening anew cuts what was half written.
            self.file = None;
            return Err(error.into());
        }
        self.len += bytes.len() as u64;
        self.rows.extend(rows);
        Ok(())
    }

    /// Writes the shelf without the rows that `keep` refuses, under the same key. Tidies only; it erases nothing.
    pub(super) fn compact(&mut self, keep: impl Fn(RowId) -> bool) -> Result<(), SpoolError> {
        if self.rows.keys().all(|id| keep(*id)) {
            return Ok(());
        }
        let rows = self.rows.iter().filter(|(id, _)| keep(**id)).map(|(id, sealed)| (*id, *sealed)).collect();
        self.replace(rows, ring_id(&self.key))
    }

    /// Seals the rows that `keep` accepts under `fresh` and destroys the old key. What is not kept cannot be opened by
    /// anybody from then on. Stopped half-way, opening the shelf finishes it.
    pub(super) fn erase(&mut self, keep: impl Fn(RowId) -> bool, fresh: &ShelfKey) -> Result<(), SpoolError> {
        let fresh = ShelfKey::from_bytes(*fresh.expose());
        let mut rows = BTreeMap::new();
        for (id, sealed) in self.rows.iter().filter(|(id, _)| keep(**id)) {
            let wrap = self.key.open(*id, sealed)?;
            let sealed = fresh.seal(*id, &wrap)?.try_into().map_err(|_| candor_seal::ShelfError)?;
            rows.insert(*id, sealed);
        }
        disk::write_durably(&self.root, RING_NEXT, fresh.expose().as_slice())?;
        self.replace(rows, ring_id(&fresh))?;
        self.key = fresh;
        destroy_old_key(&self.root)
    }

    fn replace(&mut self, rows: BTreeMap<RowId, [u8; SEALED]>, ring: Hash) -> Result<(), SpoolError> {
        let mut bytes = [&MAGIC[..], &ring.0].concat();
        rows.iter().for_each(|(id, sealed)| encode(&mut bytes, *id, sealed));
        disk::write_durably(&self.root, SHELF, &bytes)?;
        (self.file, self.len, self.rows) = (None, bytes.len() as u64, rows);
        Ok(())
    }

    fn file(&mut self) -> Result<&mut File, SpoolError> {
        let path = self.root.join(SHELF);
        if self.file.is_none() {
            let mut file = File::open(&path)?;
            if file.len()? != self.len {
                file.truncate(self.len)?;
            }
            self.file = Some(file);
        }
        self.file.as_mut().ok_or(SpoolError::Damaged { path, why: "it cannot be opened" })
    }
}

/// Finds the key that seals the shelf: the present one, or the next one where an erasure got that far.
fn find_key(root: &Path, ring: &[u8]) -> Result<Option<ShelfKey>, SpoolError> {
    let key_in = |name: &str| -> Result<Option<ShelfKey>, SpoolError> {
        let key = disk::read_if_any(&root.join(name))?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        Ok(key.map(ShelfKey::from_bytes).filter(|key| ring_id(key).0 == ring))
    };
    if let Some(key) = key_in(RING)? {
        disk::remove(&root.join(RING_NEXT))?;
        return Ok(Some(key));
    }
    let next = key_in(RING_NEXT)?;
    if next.is_some() {
        // The rename of the shelf may not be on the disk yet; the old key must outlive the old shelf.
        disk::sync_dir(root)?;
        destroy_old_key(root)?;
    }
    Ok(next)
}

/// Overwrites the old ring key and puts the next one in its place.
fn destroy_old_key(root: &Path) -> Result<(), SpoolError> {
    let old = File::open(&root.join(RING))?;
    old.write_at(&[0; 32], 0)?;
    old.sync()?;
    disk::rename(&root.join(RING_NEXT), &root.join(RING))?;
    Ok(disk::sync_dir(root)?)
}

fn encode(out: &mut Vec<u8>, id: RowId, sealed: &[u8; SEALED]) {
    let check = Hash::of_parts("", &[&id.0.0, sealed]);
    out.extend_from_slice(&id.0.0);
    out.extend_from_slice(sealed);
    out.extend(check.0.iter().take(4));
}

fn decode(row: &[u8; ROW]) -> Option<(RowId, [u8; SEALED])> {
    let (id, rest) = row.split_first_chunk::<32>()?;
    let (sealed, check) = rest.split_first_chunk::<SEALED>()?;
    Hash::of_parts("", &[id, sealed]).0.starts_with(check).then_some((RowId(Hash(*id)), *sealed))
}
