//! Where sealed files go. Plaintext cannot: [`SealedBytes`] are made in this crate, behind the ciphers.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes that a cipher made.
#[derive(Clone, Copy)]
pub struct SealedBytes<'a>(&'a [u8]);

impl<'a> SealedBytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Takes a build's files. Nothing of a build is visible before [`Sink::commit`]; a sink dropped before leaves nothing.
pub trait Sink {
    /// Appends to the file `name`, which begins to exist with its first bytes.
    ///
    /// # Errors
    /// Those of the place behind it.
    fn append(&mut self, name: &str, bytes: SealedBytes<'_>) -> io::Result<()>;

    /// Makes every file durable and visible, the manifest last.
    ///
    /// # Errors
    /// Those of the place behind it.
    fn commit(&mut self, manifest: &[u8]) -> io::Result<()>;
}

/// The manifest's name in a folder.
pub const MANIFEST: &str = "manifest.json";

/// A folder of its own for one build, made by [`Self::create`] with nobody else's access.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    open: BTreeMap<String, File>,
    committed: bool,
}

impl Folder {
    /// A fresh folder.
    ///
    /// # Errors
    /// Those of the file system; that it exists is one of them.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        Ok(Self { path: path.to_owned(), open: BTreeMap::new(), committed: false })
    }

    fn partial(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}.partial"))
    }

    fn fresh(&self, name: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(self.partial(name))
    }
}

impl Sink for Folder {
    fn append(&mut self, name: &str, bytes: SealedBytes<'_>) -> io::Result<()> {
        if !self.open.contains_key(name) {
            let file = self.fresh(name)?;
            self.open.insert(name.to_owned(), file);
        }
        self.open.get_mut(name).map_or(Ok(()), |file| file.write_all(bytes.as_bytes()))
    }

    fn commit(&mut self, manifest: &[u8]) -> io::Result<()> {
        for (name, file) in &self.open {
            file.sync_all()?;
            fs::rename(self.partial(name), self.path.join(name))?;
        }
        let mut file = self.fresh(MANIFEST)?;
        file.write_all(manifest)?;
        file.sync_all()?;
        fs::rename(self.partial(MANIFEST), self.path.join(MANIFEST))?;
        File::open(&self.path)?.sync_all()?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.committed {
            // The folder is this build's own. What cannot be removed is ciphertext whose key nobody will ask for.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Keeps files in memory; for tests and small datasets.
#[derive(Debug, Default)]
pub struct Memory {
    /// Files by name; the manifest among them after the commit.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Sink for Memory {
    fn append(&mut self, name: &str, bytes: SealedBytes<'_>) -> io::Result<()> {
        self.files.entry(name.to_owned()).or_default().extend_from_slice(bytes.as_bytes());
        Ok(())
    }

    fn commit(&mut self, manifest: &[u8]) -> io::Result<()> {
        self.files.insert(MANIFEST.to_owned(), manifest.to_vec());
        Ok(())
    }
}
