//! Every system call that changes the disk, in one place: a test can fail, or stop at, each of them.
//!
//! Files are 0600 and are opened without following links. "Durable" means: the file's fsync and, after a creation or a
//! rename, the folder's fsync have returned.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

#[cfg(test)]
pub(crate) mod faults;

/// What went wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// No space, or a quota or file size limit is reached.
    #[error("the disk is full: `{}`; nothing acknowledged is lost; free some space, then go on", path.display())]
    Full {
        /// The file that did not fit.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl DiskError {
    pub(crate) fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full { path },
            _ => Self::Io { doing, path, source },
        }
    }

    /// Whether the file simply is not there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == ErrorKind::NotFound)
    }
}

type Result<T> = std::result::Result<T, DiskError>;

/// Asks the test's plan whether this call happens. Writes may be torn: the plan says how many bytes get through.
fn step(call: Call<'_>) -> io::Result<()> {
    #[cfg(test)]
    return faults::step(call);
    #[cfg(not(test))]
    {
        let _ = call;
        Ok(())
    }
}

/// A call that changes the disk.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(test), expect(dead_code, reason = "only the tests' fault plan looks inside"))]
pub(crate) enum Call<'a> {
    Create(&'a Path),
    Write(&'a std::fs::File, &'a Path, &'a [u8], Option<u64>),
    Truncate(&'a Path, u64),
    Sync(&'a Path),
    SyncDir(&'a Path),
    Rename(&'a Path, &'a Path),
    Remove(&'a Path),
    MakeDir(&'a Path),
}

/// An open file.
#[derive(Debug)]
pub(crate) struct File {
    file: std::fs::File,
    path: PathBuf,
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

impl File {
    /// Makes a file; one that exists already is an error.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let error = |source| DiskError::new("create", path, source);
        step(Call::Create(path)).map_err(error)?;
        let file = options().write(true).create_new(true).open(path).map_err(error)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Opens a file for reading and writing; the position is at its end.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let error = |source| DiskError::new("open", path, source);
        let mut file = options().write(true).open(path).map_err(error)?;
        file.seek(SeekFrom::End(0)).map_err(error)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Opens a file for appending, and makes it where it is missing. The folder must be synced by the caller then.
    pub(crate) fn open_or_create(path: &Path) -> Result<(Self, bool)> {
        match Self::open(path) {
            Err(error) if error.is_missing() => Ok((Self::create(path)?, true)),
            opened => Ok((opened?, false)),
        }
    }

    /// Writes at the present position.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let error = |source| DiskError::new("write", &self.path, source);
        step(Call::Write(&self.file, &self.path, bytes, None)).map_err(error)?;
        self.file.write_all(bytes).map_err(error)
    }

    /// Writes at `offset`.
    pub(crate) fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let error = |source| DiskError::new("write", &self.path, source);
        step(Call::Write(&self.file, &self.path, bytes, Some(offset))).map_err(error)?;
        self.file.write_all_at(bytes, offset).map_err(error)
    }

    /// Cuts the file at `len` bytes and goes on from there.
    pub(crate) fn truncate(&mut self, len: u64) -> Result<()> {
        let error = |source| DiskError::new("truncate", &self.path, source);
        step(Call::Truncate(&self.path, len)).map_err(error)?;
        self.file.set_len(len).map_err(error)?;
        self.file.seek(SeekFrom::Start(len)).map(|_| ()).map_err(error)
    }

    /// Returns once everything written is on the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        let error = |source| DiskError::new("sync", &self.path, source);
        step(Call::Sync(&self.path)).map_err(error)?;
        self.file.sync_all().map_err(error)
    }

    /// The length in bytes.
    pub(crate) fn len(&self) -> Result<u64> {
        self.file.metadata().map(|meta| meta.len()).map_err(|source| DiskError::new("look at", &self.path, source))
    }

    /// Reads exactly `len` bytes at `offset`.
    pub(crate) fn read_at(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, offset).map_err(|source| DiskError::new("read", &self.path, source))?;
        Ok(bytes)
    }
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let error = |source| DiskError::new("read", path, source);
    let mut bytes = Vec::new();
    options().open(path).map_err(error)?.read_to_end(&mut bytes).map_err(error)?;
    Ok(bytes)
}

/// Reads a whole file; nothing where there is none.
pub(crate) fn read_if_any(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path) {
        Err(error) if error.is_missing() => Ok(None),
        bytes => bytes.map(Some),
    }
}

/// Renames; what lay at `to` is replaced.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    let error = |source| DiskError::new("rename", from, source);
    step(Call::Rename(from, to)).map_err(error)?;
    std::fs::rename(from, to).map_err(error)
}

/// Removes a file; one that is missing already is no error.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let error = |source| DiskError::new("remove", path, source);
    step(Call::Remove(path)).map_err(error)?;
    match std::fs::remove_file(path) {
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(()),
        done => done.map_err(error),
    }
}

/// Returns once the folder's names are on the disk.
pub(crate) fn sync_dir(path: &Path) -> Result<()> {
    let error = |source| DiskError::new("sync", path, source);
    step(Call::SyncDir(path)).map_err(error)?;
    std::fs::File::open(path).and_then(|dir| dir.sync_all()).map_err(error)
}

/// Makes a folder, 0700; one that exists already is no error.
pub(crate) fn make_dir(path: &Path) -> Result<()> {
    let error = |source| DiskError::new("make the folder", path, source);
    step(Call::MakeDir(path)).map_err(error)?;
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Err(source) if source.kind() == ErrorKind::AlreadyExists => Ok(()),
        done => done.map_err(error),
    }
}

/// What a file is called while it is being written. Recovery deletes these.
pub(crate) const TEMP_SUFFIX: &str = ".tmp";

/// Writes a file so that it is there whole or not at all: temp name, fsync, rename. The folder is not synced yet.
///
/// On a full disk the temp file is removed, so that it does not keep the disk full.
pub(crate) fn write_whole(dir: &Path, name: &str, parts: &[&[u8]]) -> Result<()> {
    let temp = dir.join(format!("{name}{TEMP_SUFFIX}"));
    let written = (|| {
        remove(&temp)?;
        let mut file = File::create(&temp)?;
        parts.iter().try_for_each(|part| file.append(part))?;
        file.sync()
    })();
    if let Err(error) = written {
        let _ = remove(&temp);
        return Err(error);
    }
    rename(&temp, &dir.join(name))
}

/// [`write_whole`], durable on return.
pub(crate) fn write_durably(dir: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    write_whole(dir, name, &[bytes])?;
    sync_dir(dir)
}

/// The names in a folder, sorted.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>> {
    let error = |source| DiskError::new("list", dir, source);
    let entries = std::fs::read_dir(dir).map_err(error)?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(error)?;
    names.sort();
    Ok(names)
}

/// Opens a file that exists for its lock alone; says whether it was made.
pub(crate) fn open_lock(path: &Path) -> Result<(std::fs::File, bool)> {
    File::open_or_create(path).map(|(file, made)| (file.file, made))
}

/// Removes an empty folder.
pub(crate) fn remove_dir(path: &Path) -> Result<()> {
    let error = |source| DiskError::new("remove", path, source);
    step(Call::Remove(path)).map_err(error)?;
    std::fs::remove_dir(path).map_err(error)
}

/// Makes a folder, 0700, and makes sure of its name, also where a crash had left it unsynced.
pub(crate) fn make_dir_durably(path: &Path) -> Result<()> {
    make_dir(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        Some(_) => sync_dir(Path::new(".")),
        None => Ok(()),
    }
}
