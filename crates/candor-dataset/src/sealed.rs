//! A derived file's ciphertext: a stream of chunks under a key derived from the participant's file key and the file's
//! place, so that a file is valid in one place only. Format: `spec/dataset.md`, "Sealed files".
//!
//! Not provided: hiding a file's length, and opening from the middle.

use std::io::{self, Read, Write};

use candor_model::DatasetId;
use candor_seal::Dek;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Plaintext bytes in a chunk; only the last holds fewer.
pub const CHUNK: usize = 64 << 10;
const TAG: usize = 16;
const MAGIC: [u8; 5] = *b"CNDD\x01";
/// Magic, salt, commitment.
const HEAD: usize = 5 + 16 + 32;

/// Where a derived file belongs: what its key is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// The file `name` of a dataset's version.
    pub fn new(dataset: DatasetId, version: u32, name: &str) -> Self {
        Self(format!("{dataset}/{version}/{name}"))
    }

    /// A key for one use in this place: HKDF-SHA256 of the file key, `info` = label, a zero byte, the place.
    pub(crate) fn derive(&self, key: &Dek, salt: &[u8], label: &str) -> Zeroizing<[u8; 32]> {
        let info = [label.as_bytes(), &[0], self.0.as_bytes()].concat();
        let mut out = Zeroizing::new([0; 32]);
        // 32 bytes are within what HKDF-SHA256 gives (RFC 5869: 255 blocks), so this cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(salt), key.expose().as_slice()).expand(&info, out.as_mut_slice());
        out
    }
}

/// The key that Parquet's encryption uses for the file at `place`: AES-256-GCM for footer and columns alike. What a
/// workroom gives PyArrow or Spark.
pub fn parquet_key(file_key: &Dek, place: &Place) -> Zeroizing<[u8; 32]> {
    place.derive(file_key, &[], "candor dataset parquet v1")
}

struct Chunks {
    cipher: ChaCha20Poly1305,
    head: [u8; HEAD],
    number: u32,
}

impl Chunks {
    fn new(key: &Dek, place: &Place, salt: [u8; 16]) -> Self {
        let commitment = place.derive(key, &salt, "candor dataset commit v1");
        let mut head = [0; HEAD];
        for (slot, byte) in head.iter_mut().zip(MAGIC.into_iter().chain(salt).chain(*commitment)) {
            *slot = byte;
        }
        let cipher = ChaCha20Poly1305::new(&Key::from(*place.derive(key, &salt, "candor dataset stream v1")));
        Self { cipher, head, number: 0 }
    }

    /// STREAM (Hoang et al. 2015): a prefix, the chunk's number, and whether it is the last. The key is the file's own,
    /// so the prefix is zeros.
    fn nonce(&mut self, last: bool) -> io::Result<Nonce> {
        let mut nonce = [0; 12];
        let number = self.number.to_be_bytes();
        for (slot, byte) in nonce.iter_mut().skip(7).zip(number.into_iter().chain([u8::from(last)])) {
            *slot = byte;
        }
        self.number = self.number.checked_add(1).ok_or_else(|| io::Error::other("a sealed file is too long"))?;
        Ok(Nonce::from(nonce))
    }

    fn seal(&mut self, msg: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.nonce(last)?;
        let payload = Payload { msg, aad: &self.head };
        self.cipher.encrypt(&nonce, payload).map_err(|_| io::Error::other("a chunk could not be sealed"))
    }

    fn open(&mut self, msg: &[u8], last: bool) -> io::Result<Vec<u8>> {
        let (number, nonce) = (self.number, self.nonce(last)?);
        self.cipher.decrypt(&nonce, Payload { msg, aad: &self.head }).map_err(|_| {
            let text = format!("chunk {number} was altered, or is missing, reordered or cut off; fetch the file again");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }
}

/// Seals what is written to it. [`Self::finish`] marks the end; without it the file does not open.
#[must_use = "a sealed file that is not finished does not open"]
pub struct StreamSealer<W: Write> {
    chunks: Chunks,
    plain: Zeroizing<Vec<u8>>,
    out: W,
}

impl<W: Write> StreamSealer<W> {
    /// Begins a file at `place`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(key: &Dek, place: &Place, mut out: W, rng: &mut impl CryptoRng) -> io::Result<Self> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let chunks = Chunks::new(key, place, salt);
        out.write_all(&chunks.head)?;
        Ok(Self { chunks, plain: Zeroizing::new(Vec::with_capacity(2 * CHUNK)), out })
    }

    /// Seals the last chunk and hands the writer back.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        let last = self.chunks.seal(&self.plain, true)?;
        self.out.write_all(&last)?;
        Ok(self.out)
    }
}

impl StreamSealer<Vec<u8>> {
    /// The ciphertext made since the last call.
    pub fn take_sealed(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

impl<W: Write> Write for StreamSealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // One chunk at a time: the buffer never grows, so no copy of plaintext is left behind by a move.
        let take = bytes.len().min(CHUNK);
        self.plain.extend(bytes.iter().take(take));
        // A full chunk waits until another byte shows that it is not the last.
        if self.plain.len() > CHUNK {
            let rest = Zeroizing::new(self.plain.split_off(CHUNK));
            let sealed = self.chunks.seal(&self.plain, false)?;
            self.out.write_all(&sealed)?;
            self.plain.clear();
            self.plain.extend_from_slice(&rest);
        }
        Ok(take)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens a sealed file, chunk by chunk: what it gives out was verified, and the end is known to be the end.
pub struct StreamOpener<R: Read> {
    chunks: Chunks,
    input: R,
    sealed: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    done: bool,
}

impl<R: Read> StreamOpener<R> {
    /// Opens the file of `place`.
    ///
    /// # Errors
    /// Those of the reader; `InvalidData` where it is no sealed file, or one of another place or key.
    pub fn new(key: &Dek, place: &Place, mut input: R) -> io::Result<Self> {
        let invalid = |text| io::Error::new(io::ErrorKind::InvalidData, text);
        let mut head = [0; HEAD];
        input.read_exact(&mut head)?;
        let (magic, rest) = head.split_first_chunk::<5>().ok_or_else(|| invalid("no sealed file"))?;
        let (salt, _) = rest.split_first_chunk::<16>().ok_or_else(|| invalid("no sealed file"))?;
        if *magic != MAGIC {
            return Err(invalid("this is no sealed file of a dataset, or one of a newer version"));
        }
        let chunks = Chunks::new(key, place, *salt);
        if chunks.head != head {
            return Err(invalid("the key is of another file, participant, dataset or version"));
        }
        let plain = Zeroizing::new(Vec::new());
        Ok(Self { chunks, input, sealed: Vec::new(), plain, at: 0, done: false })
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        // One byte more than a chunk tells whether another follows.
        let want = CHUNK + TAG + 1 - self.sealed.len();
        self.input.by_ref().take(want as u64).read_to_end(&mut self.sealed)?;
        let last = self.sealed.len() <= CHUNK + TAG;
        let rest = self.sealed.split_off(self.sealed.len().min(CHUNK + TAG));
        self.plain = Zeroizing::new(self.chunks.open(&self.sealed, last)?);
        (self.sealed, self.at, self.done) = (rest, 0, last);
        Ok(())
    }
}

impl<R: Read> Read for StreamOpener<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() && !self.done {
            self.next_chunk()?;
        }
        let mut rest = self.plain.get(self.at..).unwrap_or_default();
        let taken = rest.read(out)?;
        self.at += taken;
        Ok(taken)
    }
}
