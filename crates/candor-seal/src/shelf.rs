//! The key shelf: every secret kept for one participant is a row sealed under that participant's shelf key.
//!
//! Erasing is one operation, here and in the vault: drop the rows, seal the survivors again under a fresh shelf key,
//! destroy the old one. Copies of the rows taken before help nobody who lacks the old key.

use std::fmt;

use candor_model::Hash;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The name of a row: what kind of secret, and which. A row is written once; other content gets another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub Hash);

impl RowId {
    /// The row of a segment key's wrap. The header's hash names it: a header commits to one key.
    pub fn wrap(header: Hash) -> Self {
        Self(Hash::of_parts("candor row wrap v1", &[&header.0]))
    }

    /// Any other row, by a label and what tells rows of that label apart.
    pub fn of(label: &str, parts: &[&[u8]]) -> Self {
        Self(Hash::of_parts(label, parts))
    }
}

/// The key of one participant's shelf.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ShelfKey([u8; 32]);

impl ShelfKey {
    /// A fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self(key)
    }

    /// A key that custody, or the device's ring file, unsealed.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key, to be sealed by custody or kept in the device's ring file.
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// Each row has a key of its own, so that a fixed nonce is used once.
    fn cipher(&self, row: RowId) -> Result<ChaCha20Poly1305, ShelfError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&row.0.0), &self.0)
            .expand(b"candor shelf row v1", key.as_mut_slice())
            .map_err(|_| ShelfError)?;
        Ok(ChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// Seals a secret as the content of a row; 16 bytes longer than the secret.
    ///
    /// # Errors
    /// [`ShelfError`] where the secret is too long for the AEAD (256 GiB).
    pub fn seal(&self, row: RowId, secret: &[u8]) -> Result<Vec<u8>, ShelfError> {
        self.cipher(row)?.encrypt(&Nonce::default(), Payload { msg: secret, aad: &row.0.0 }).map_err(|_| ShelfError)
    }

    /// Opens a row.
    ///
    /// # Errors
    /// [`ShelfError`] where the row belongs to another shelf key or name, or was altered.
    pub fn open(&self, row: RowId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, ShelfError> {
        self.cipher(row)?
            .decrypt(&Nonce::default(), Payload { msg: sealed, aad: &row.0.0 })
            .map(Zeroizing::new)
            .map_err(|_| ShelfError)
    }
}

impl fmt::Debug for ShelfKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShelfKey(..)")
    }
}

/// A row that this shelf key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key row does not open: it was erased, belongs to another shelf, or was altered")]
pub struct ShelfError;
