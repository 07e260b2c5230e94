//! Folders and files that only their owner may read: home folders, keys, passphrases.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

/// No file of ours is longer.
const PRIVATE_BYTES_MAX: u64 = 4 << 20;

/// Makes a folder with mode 0700, or checks that the existing one is ours alone.
///
/// # Errors
/// Where it cannot be made, or belongs to somebody else, or others may enter it.
pub(crate) fn private_dir(path: &Path) -> Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => check_private_dir(path),
        Err(error) => Err(error).with_context(|| format!("cannot make the folder `{}`", path.display())),
    }
}

fn check_private_dir(path: &Path) -> Result<()> {
    let meta = path.symlink_metadata().with_context(|| format!("cannot look at `{}`", path.display()))?;
    if !meta.is_dir() {
        bail!("`{}` is not a folder; choose another", path.display());
    }
    if meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o077 != 0 {
        bail!("`{}` must belong to you and to nobody else; run `chmod 700` on it or choose another", path.display());
    }
    Ok(())
}

/// Writes a file with mode 0600: whole or not at all, and durable when this returns.
///
/// # Errors
/// Where a step of writing, syncing or renaming fails.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("cannot write `{}`", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = path.as_os_str().to_owned();
    draft.push(".draft");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).with_context(context),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.sync_all().with_context(context)?;
    std::fs::rename(&draft, path).with_context(context)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(context)
}

/// Reads a file that must be the caller's own and closed to everybody else. A link is refused.
///
/// # Errors
/// Where it cannot be read, is too long, or others may read it.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let context = || format!("cannot read `{}`", path.display());
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(nofollow).open(path).with_context(context)?;
    let meta = file.metadata().with_context(context)?;
    if !meta.is_file() || meta.uid() != rustix::process::geteuid().as_raw() || meta.mode() & 0o077 != 0 {
        bail!("`{}` must be a file that only you can read; run `chmod 600` on it", path.display());
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(PRIVATE_BYTES_MAX + 1).read_to_end(&mut bytes).with_context(context)?;
    if bytes.len() as u64 > PRIVATE_BYTES_MAX {
        bail!("`{}` is too long to be one of our files", path.display());
    }
    Ok(bytes)
}

/// [`read_private`] as text.
///
/// # Errors
/// As [`read_private`]; and where it is no UTF-8.
pub(crate) fn read_private_text(path: &Path) -> Result<Zeroizing<String>> {
    let bytes = read_private(path)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("`{}` is not text", path.display()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        write_private(&path, b"secret").unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(*read_private(&path).unwrap(), b"secret");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read_private(&path).is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&path, dir.path().join("link")).unwrap();
        assert!(read_private(&dir.path().join("link")).is_err(), "a link is refused");
        let open = dir.path().join("open");
        private_dir(&open).unwrap();
        private_dir(&open).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(private_dir(&open).is_err());
    }

    #[test]
    fn a_draft_left_by_a_crash_is_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("key.draft"), b"half").unwrap();
        write_private(&dir.path().join("key"), b"whole").unwrap();
        assert_eq!(*read_private(&dir.path().join("key")).unwrap(), b"whole");
    }
}
