//! Verifying a log from its folder alone: no database, no network, and of secrets nothing.

use std::path::Path;

use candor_model::{EntryKind, Leaf};
use tlog_tiles::tile::Tile;
use tlog_tiles::{
    Checkpoint, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, record_hash, stored_hashes,
    tree_hash,
};

use super::tree::{CHECKPOINT, HEIGHT, bundle_path, read_bundle, read_tile};
use super::{LogError, note};
use crate::disk;

/// What was verified. There is a report only where everything holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// The log's name.
    pub origin: String,
    /// How many entries it has, each proven to be included.
    pub entries: u64,
    /// The root of the tree.
    pub root: candor_model::Hash,
    /// How many entries of each kind.
    pub kinds: Vec<(EntryKind, u64)>,
    /// How many tiles were compared with the entries, byte for byte.
    pub tiles: u64,
    /// The size of the older checkpoint that this log was proven to continue.
    pub continues: Option<u64>,
}

/// Verifies the log in `dir`: the signature of its checkpoint by `verifier_key` (C2SP signed-note form), every tile
/// against the entries, the inclusion of each entry, and that it continues the log of an `older` checkpoint.
///
/// Not provided: that the log showed everybody the same tree; only witnesses can tell.
///
/// # Errors
/// [`LogError`] names the first thing that does not hold.
pub fn verify(dir: &Path, verifier_key: &str, older: Option<&[u8]>) -> Result<LogReport, LogError> {
    let checkpoint = note::open(&disk::read(&dir.join(CHECKPOINT))?, verifier_key)?;
    let (size, root) = (checkpoint.size(), *checkpoint.hash());
    let mut hashes = Hashes(Vec::new());
    let mut leaves = Vec::new();
    let mut kinds: Vec<(EntryKind, u64)> = EntryKind::ALL.iter().map(|kind| (*kind, 0)).collect();
    for number in 0..size.div_ceil(1 << HEIGHT) {
        for entry in read_entries(dir, number, size)? {
            let index = leaves.len() as u64;
            let leaf = Leaf::from_bytes(&entry).map_err(|error| LogError::Leaf { index, error })?;
            kinds.iter_mut().filter(|(kind, _)| *kind == leaf.kind).for_each(|(_, count)| *count += 1);
            let added = stored_hashes(index, &entry, &hashes).map_err(LogError::math)?;
            hashes.0.extend(added);
            leaves.push(record_hash(&entry));
        }
    }
    if tree_hash(size, &hashes).map_err(LogError::math)? != root {
        return Err(LogError::Root);
    }
    let tiles = compare_tiles(dir, size, &hashes)?;
    for (index, leaf) in (0..).zip(&leaves) {
        let proof = prove_record(size, index, &hashes).map_err(LogError::math)?;
        check_record(&proof, size, root, index, *leaf).map_err(|_| LogError::Inclusion { index })?;
    }
    let continues = older.map(|older| continues(&checkpoint, older, verifier_key, &hashes)).transpose()?;
    Ok(LogReport {
        origin: checkpoint.origin().to_owned(),
        entries: size,
        root: candor_model::Hash(root.0),
        kinds: kinds.into_iter().filter(|(_, count)| *count > 0).collect(),
        tiles,
        continues,
    })
}

fn read_entries(dir: &Path, number: u64, size: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let width = (size - (number << HEIGHT)).min(1 << HEIGHT);
    read_bundle(&dir.join(bundle_path(number, width)), width)
}

fn compare_tiles(dir: &Path, size: u64, hashes: &Hashes) -> Result<u64, LogError> {
    let tiles = Tile::new_tiles(HEIGHT, 0, size);
    for tile in &tiles {
        let wanted = tile.read_data(hashes).map_err(LogError::math)?;
        if read_tile(dir, tile)? != wanted {
            let path = dir.join(super::tree::tile_path(tile));
            return Err(LogError::Damaged { path, why: "the tile is not that of the entries" });
        }
    }
    Ok(tiles.len() as u64)
}

fn continues(now: &Checkpoint, older: &[u8], verifier_key: &str, hashes: &Hashes) -> Result<u64, LogError> {
    let older = note::open(older, verifier_key)?;
    let broken = LogError::Consistency { older: older.size(), now: now.size() };
    if older.size() > now.size() {
        return Err(broken);
    }
    if older.size() == 0 || older.size() == now.size() {
        let same = older.size() == 0 || older.hash() == now.hash();
        return if same { Ok(older.size()) } else { Err(broken) };
    }
    let proof = prove_tree(now.size(), older.size(), hashes).map_err(LogError::math)?;
    match check_tree(&proof, now.size(), *now.hash(), older.size(), *older.hash()) {
        Ok(()) => Ok(older.size()),
        Err(_) => Err(broken),
    }
}

/// Every hash of the tree, in storage order, computed from the entries.
struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let read = |index: &u64| usize::try_from(*index).ok().and_then(|index| self.0.get(index)).copied();
        indexes.iter().map(|index| read(index).ok_or(tlog_tiles::Error::IndexesNotInTree)).collect()
    }
}
