//! The tree of a log as C2SP tlog-tiles in a folder. Format: `spec/log.md`.
//!
//! Order of writing: tiles and entry bundles, each synced and renamed into place; their folders; then the checkpoint.
//! What no checkpoint covers does not exist: a crash before leaves files that the next append writes again.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use tlog_tiles::tile::Tile;
use tlog_tiles::{Hash, HashReader, stored_hash_index, stored_hashes, tree_hash};

use super::LogError;
use super::note::{self, NoteKey};
use crate::disk;

/// The height of a tile: 256 hashes.
pub(super) const HEIGHT: u8 = 8;
const WIDTH: u64 = 1 << HEIGHT;
pub(super) const CHECKPOINT: &str = "checkpoint";

/// The tree: its size and what is needed to make it grow.
pub(super) struct Tree {
    dir: PathBuf,
    key: NoteKey,
    size: u64,
    root: Hash,
    /// The entries of the last bundle, which is not full.
    edge: Vec<Vec<u8>>,
}

impl Tree {
    /// Opens a log, or begins one. Its right edge is checked against the signed checkpoint.
    pub(super) fn open(dir: &Path, key: NoteKey) -> Result<Self, LogError> {
        disk::make_dir_durably(dir)?;
        let mut tree = Self { dir: dir.to_owned(), key, size: 0, root: tlog_tiles::EMPTY_HASH, edge: Vec::new() };
        let Some(bytes) = disk::read_if_any(&dir.join(CHECKPOINT))? else {
            disk::write_durably(dir, CHECKPOINT, &tree.key.sign(0, tree.root)?)?;
            return Ok(tree);
        };
        let checkpoint = note::open(&bytes, tree.key.verifier_key())?;
        (tree.size, tree.root) = (checkpoint.size(), *checkpoint.hash());
        let stored = Stored::new(dir, tree.size);
        if tree.size > 0 && tree_hash(tree.size, &stored).map_err(|_| stored.error())? != tree.root {
            return Err(LogError::Damaged { path: dir.to_owned(), why: "the tiles are not those of the checkpoint" });
        }
        let partial = tree.size % WIDTH;
        if partial > 0 {
            let path = dir.join(bundle_path(tree.size / WIDTH, partial));
            tree.edge = read_bundle(&path, partial)?;
        }
        Ok(tree)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn root(&self) -> Hash {
        self.root
    }

    pub(super) fn verifier_key(&self) -> &str {
        self.key.verifier_key()
    }

    /// Appends leaves and returns the new size. Durable, and covered by a checkpoint, on return; on failure the log is
    /// as it was.
    pub(super) fn append(&mut self, leaves: &[Vec<u8>]) -> Result<u64, LogError> {
        if leaves.is_empty() {
            return Ok(self.size);
        }
        let stored = Stored::new(&self.dir, self.size);
        let mut size = self.size;
        for leaf in leaves {
            let hashes = stored_hashes(size, leaf, &stored).map_err(|_| stored.error())?;
            stored.add(stored_hash_index(0, size), &hashes);
            size += 1;
        }
        let root = tree_hash(size, &stored).map_err(|_| stored.error())?;
        let mut folders = BTreeSet::new();
        for tile in Tile::new_tiles(HEIGHT, self.size, size) {
            let data = tile.read_data(&stored).map_err(|_| stored.error())?;
            self.write(&tile_path(&tile), &data, &mut folders)?;
        }
        let edge = self.write_bundles(leaves, size, &mut folders)?;
        for folder in folders.iter().rev() {
            disk::sync_dir(folder)?;
        }
        disk::write_durably(&self.dir, CHECKPOINT, &self.key.sign(size, root)?)?;
        let old = self.size;
        (self.size, self.root, self.edge) = (size, root, edge);
        self.remove_partials(old);
        Ok(size)
    }

    fn write_bundles(
        &self,
        leaves: &[Vec<u8>],
        size: u64,
        folders: &mut BTreeSet<PathBuf>,
    ) -> Result<Vec<Vec<u8>>, LogError> {
        let mut entries = self.edge.clone();
        entries.extend_from_slice(leaves);
        let first = self.size / WIDTH;
        for (number, bundle) in (first..).zip(entries.chunks(WIDTH as usize)) {
            let mut bytes = Vec::new();
            for leaf in bundle {
                let len = u16::try_from(leaf.len()).map_err(|_| LogError::LeafTooLong)?;
                bytes.extend_from_slice(&len.to_be_bytes());
                bytes.extend_from_slice(leaf);
            }
            self.write(&bundle_path(number, bundle.len() as u64), &bytes, folders)?;
        }
        let edge = usize::try_from(size % WIDTH).unwrap_or(0);
        Ok(entries.split_off(entries.len() - edge))
    }

    /// Writes a file of the log; notes the folders to sync: those that hold a new name.
    fn write(&self, path: &str, bytes: &[u8], folders: &mut BTreeSet<PathBuf>) -> Result<(), LogError> {
        let path = self.dir.join(path);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Err(LogError::Damaged { path, why: "it has no name" });
        };
        let above: Vec<&Path> = folder.ancestors().take_while(|above| above.starts_with(&self.dir)).collect();
        for folder in above.into_iter().rev() {
            if folder != self.dir && !folders.contains(folder) {
                // Whether it was made now or before a crash: its name must be durable.
                disk::make_dir(folder)?;
            }
            folders.insert(folder.to_owned());
        }
        Ok(disk::write_whole(folder, name, &[bytes])?)
    }

    /// Removes the partial tiles and bundles that full ones replace. Failing to is no harm.
    fn remove_partials(&self, old: u64) {
        for tile in Tile::new_tiles(HEIGHT, old, self.size).iter().filter(|tile| u64::from(tile.width()) == WIDTH) {
            let mut full = vec![tile_path(tile)];
            if tile.level() == 0 {
                full.push(bundle_path(tile.level_index(), WIDTH));
            }
            for path in full {
                let folder = self.dir.join(format!("{path}.p"));
                for name in disk::names(&folder).unwrap_or_default() {
                    let _ = disk::remove(&folder.join(name));
                }
                let _ = disk::remove_dir(&folder);
            }
        }
    }
}

/// The path of a tile: as the crate spells it, without the height, which tlog-tiles fixes.
pub(super) fn tile_path(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1)
}

/// The path of an entry bundle with `width` entries.
pub(super) fn bundle_path(number: u64, width: u64) -> String {
    let width = u32::try_from(width.clamp(1, WIDTH)).unwrap_or(1);
    Tile::new(HEIGHT, 0, number, width, true).path().replacen("tile/8/data/", "tile/entries/", 1)
}

/// Reads an entry bundle of exactly `width` entries.
pub(super) fn read_bundle(path: &Path, width: u64) -> Result<Vec<Vec<u8>>, LogError> {
    let bytes = disk::read(path)?;
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    while let Some((len, after)) = rest.split_first_chunk::<2>() {
        let Some((entry, after)) = after.split_at_checked(usize::from(u16::from_be_bytes(*len))) else { break };
        entries.push(entry.to_vec());
        rest = after;
    }
    if rest.is_empty() && entries.len() as u64 == width {
        return Ok(entries);
    }
    Err(LogError::Damaged { path: path.to_owned(), why: "it is no bundle of the entries it should hold" })
}

/// Reads a tile; where a partial one was removed, the full one holds it.
pub(super) fn read_tile(dir: &Path, tile: &Tile) -> Result<Vec<u8>, disk::DiskError> {
    let wanted = tile.width() as usize * tlog_tiles::HASH_SIZE;
    match disk::read(&dir.join(tile_path(tile))) {
        Err(error) if error.is_missing() && u64::from(tile.width()) < WIDTH => {
            let full = Tile::new(HEIGHT, tile.level(), tile.level_index(), 1 << HEIGHT, false);
            let mut bytes = disk::read(&dir.join(tile_path(&full)))?;
            bytes.truncate(wanted);
            Ok(bytes)
        }
        bytes => bytes,
    }
}

/// The hashes of a tree of `size` leaves on the disk, and those added on top of it in memory.
struct Stored<'a> {
    dir: &'a Path,
    size: u64,
    added: RefCell<HashMap<u64, Hash>>,
    tiles: RefCell<HashMap<Tile, Vec<u8>>>,
    failed: RefCell<Option<LogError>>,
}

impl<'a> Stored<'a> {
    fn new(dir: &'a Path, size: u64) -> Self {
        Self { dir, size, added: RefCell::default(), tiles: RefCell::default(), failed: RefCell::default() }
    }

    fn add(&self, first: u64, hashes: &[Hash]) {
        self.added.borrow_mut().extend((first..).zip(hashes.iter().copied()));
    }

    /// Why the last read failed.
    fn error(&self) -> LogError {
        let damaged = LogError::Damaged { path: self.dir.to_owned(), why: "a tile is missing or too short" };
        self.failed.take().unwrap_or(damaged)
    }

    fn read(&self, index: u64) -> Result<Hash, tlog_tiles::Error> {
        if let Some(hash) = self.added.borrow().get(&index) {
            return Ok(*hash);
        }
        if index >= stored_hash_index(0, self.size) {
            return Err(tlog_tiles::Error::IndexesNotInTree);
        }
        let tile = Tile::from_index(HEIGHT, index).parent(0, self.size).ok_or(tlog_tiles::Error::BadMath)?;
        let mut tiles = self.tiles.borrow_mut();
        let data = match tiles.entry(tile) {
            Entry::Occupied(data) => data.into_mut(),
            Entry::Vacant(place) => place.insert(read_tile(self.dir, &tile).map_err(|error| {
                self.failed.replace(Some(error.into()));
                tlog_tiles::Error::InvalidTile
            })?),
        };
        tile.hash_at_index(data, index)
    }
}

impl HashReader for Stored<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        indexes.iter().map(|index| self.read(*index)).collect()
    }
}
