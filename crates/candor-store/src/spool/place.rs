//! Where a spool may lie: in a folder of the user's own, with no link and nobody else's folder on the way.

use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::SpoolError;
use crate::disk::{self, DiskError};

const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// Makes the folder where it is missing (its parent must exist), and checks it and every parent.
pub(super) fn secure(dir: &Path) -> Result<PathBuf, SpoolError> {
    let dir = std::path::absolute(dir).map_err(|source| DiskError::new("find", dir, source))?;
    if dir.components().any(|part| part == Component::ParentDir) {
        return Err(SpoolError::Place { path: dir, why: "its path has `..` in it; give the plain path" });
    }
    let parents: Vec<&Path> = dir.ancestors().skip(1).collect();
    for (above, parent) in parents.iter().enumerate().rev() {
        check_parent(parent, above == 0)?;
    }
    disk::make_dir_durably(&dir)?;
    check_own(&dir)?;
    Ok(dir)
}

fn look(path: &Path) -> Result<std::fs::Metadata, SpoolError> {
    let meta = path.symlink_metadata().map_err(|source| DiskError::new("look at", path, source))?;
    let fault = |why| Err(SpoolError::Place { path: path.to_owned(), why });
    if meta.file_type().is_symlink() {
        return fault("a link stands in its path; give the path it leads to");
    }
    if !meta.is_dir() {
        return fault("it is no folder; choose another place");
    }
    Ok(meta)
}

fn check_parent(path: &Path, direct: bool) -> Result<(), SpoolError> {
    let meta = look(path)?;
    let fault = |why| Err(SpoolError::Place { path: path.to_owned(), why });
    if meta.uid() != 0 && meta.uid() != rustix::process::geteuid().as_raw() {
        return fault("a folder above it belongs to another user; choose a folder in your home");
    }
    if meta.mode() & OTHERS_WRITE != 0 {
        if meta.mode() & STICKY == 0 {
            return fault("other users can write to a folder above it; choose a folder in your home");
        }
        if direct {
            return fault("it would lie in a folder that everybody shares; choose a folder in your home");
        }
    }
    Ok(())
}

fn check_own(path: &Path) -> Result<(), SpoolError> {
    let meta = look(path)?;
    let fault = |why| Err(SpoolError::Place { path: path.to_owned(), why });
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return fault("it belongs to another user; choose a folder of your own");
    }
    if meta.mode() & 0o077 != 0 {
        return fault("other users can enter it; run `chmod 700` on it, or choose another");
    }
    Ok(())
}
