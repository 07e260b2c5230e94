//! The AEAD STREAM of a segment's chunks: nonces count, the last chunk says so.
//!
//! Nonce: seven zero bytes, the chunk's number (big-endian `u32`), 1 for the last chunk and 0 before. The key is fresh
//! for every segment. AAD: the header's hash.

use candor_model::Hash;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};

use crate::keys::{Dek, KeyError};
use crate::segment::FRAME_MAX;

/// The length of the AEAD's tag, in bytes.
const TAG: usize = 16;

/// The cipher of one segment's chunks.
pub(crate) struct Chunks {
    cipher: ChaCha20Poly1305,
    header: Hash,
    next: u32,
}

/// A chunk that does not open, or one too many to seal.
pub(crate) struct BadChunk(pub(crate) u32);

impl Chunks {
    pub(crate) fn new(dek: &Dek, header: Hash) -> Result<Self, KeyError> {
        Ok(Self { cipher: dek.chunk_cipher()?, header, next: 0 })
    }

    /// The number of the next chunk advances only when the chunk was good.
    fn step<E>(
        &mut self,
        last: bool,
        run: impl FnOnce(&ChaCha20Poly1305, &Nonce, &[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, BadChunk> {
        let [a, b, c, d] = self.next.to_be_bytes();
        let nonce = Nonce::from([0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)]);
        let out = run(&self.cipher, &nonce, &self.header.0).map_err(|_| BadChunk(self.next))?;
        self.next = self.next.checked_add(1).ok_or(BadChunk(self.next))?;
        Ok(out)
    }

    /// Refuses what no frame holds before it uses up a number.
    pub(crate) fn seal(&mut self, msg: &[u8], last: bool) -> Result<Vec<u8>, BadChunk> {
        if msg.len() > FRAME_MAX - TAG {
            return Err(BadChunk(self.next));
        }
        self.step(last, |cipher, nonce, aad| cipher.encrypt(nonce, Payload { msg, aad }))
    }

    pub(crate) fn open(&mut self, msg: &[u8], last: bool) -> Result<Vec<u8>, BadChunk> {
        self.step(last, |cipher, nonce, aad| cipher.decrypt(nonce, Payload { msg, aad }))
    }
}
