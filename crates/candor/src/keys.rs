//! Secret keys on disk: one file each, one line each, the kind named in front.

use std::path::Path;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use getrandom::SysRng;
use rand_core::{Rng, UnwrapErr};
use zeroize::Zeroizing;

use crate::files;

/// The operating system's randomness. It ends the process where the system has none, since nothing can go on then.
pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// Bytes drawn at random: for ids, tokens and seeds.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rng().fill_bytes(&mut bytes);
    bytes
}

/// What a key file holds. A file of one kind is never read as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An Ed25519 seed.
    Signing,
    /// An X-Wing seed.
    Opening,
    /// What the fingerprints of a participant's private list are made with.
    Personal,
    /// The secret of a dataset, at its builder.
    #[cfg(feature = "dataset")]
    Dataset,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Signing => "candor-ed25519-secret",
            Self::Opening => "candor-xwing-secret",
            Self::Personal => "candor-personal-secret",
            #[cfg(feature = "dataset")]
            Self::Dataset => "candor-dataset-secret",
        }
    }
}

/// Writes a seed to its file.
///
/// # Errors
/// As [`files::write_private`].
pub(crate) fn write_seed(path: &Path, kind: Kind, seed: &[u8; 32]) -> Result<()> {
    let line = Zeroizing::new(format!("{} {}\n", kind.word(), URL_SAFE_NO_PAD.encode(seed)));
    files::write_private(path, line.as_bytes())
}

/// Reads a seed from its file.
///
/// # Errors
/// As [`files::read_private`]; and where the file holds no key of this kind.
pub(crate) fn read_seed(path: &Path, kind: Kind) -> Result<Zeroizing<[u8; 32]>> {
    let text = files::read_private_text(path)?;
    let Some((word, seed)) = text.trim_end().split_once(' ') else {
        bail!("`{}` is no key file", path.display());
    };
    if word != kind.word() {
        bail!("`{}` holds another kind of key than `{}`", path.display(), kind.word());
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(seed).unwrap_or_default());
    let seed = bytes.as_slice().try_into().with_context(|| format!("the key in `{}` is damaged", path.display()))?;
    Ok(Zeroizing::new(seed))
}

/// Reads an Ed25519 key.
///
/// # Errors
/// As [`read_seed`].
pub(crate) fn read_signing(path: &Path) -> Result<SigningKey> {
    Ok(SigningKey::from_bytes(&*read_seed(path, Kind::Signing)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_its_own_kind_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        write_seed(&path, Kind::Signing, &[7; 32]).unwrap();
        assert_eq!(*read_seed(&path, Kind::Signing).unwrap(), [7; 32]);
        assert!(read_seed(&path, Kind::Opening).is_err());
    }
}
