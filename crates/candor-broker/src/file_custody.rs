//! Custody in a file with a passphrase. It is not a hardware module: who has a copy of the file and the passphrase has
//! the generations in it, also those destroyed since, and could turn the counter back. THREAT_MODEL says so.
//!
//! Format: JSON with the Argon2id parameters, a salt, a nonce, and the state sealed with XChaCha20-Poly1305, whose nonce
//! is long enough to be drawn at random for each write. Beside it `counter.json`, in clear, for whoever counts.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::custody::{Custody, CustodyError};

const FORMAT: &str = "candor-custody-v1";
const STATE: &[u8] = b"candor custody state v1";
const NONCE: usize = 24;

/// What a guess at the passphrase costs (Argon2id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Cost {
    /// RFC 9106 §4, the second recommended option, with one lane.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3 };
}

/// A custody file, open and locked.
pub struct FileCustody {
    path: PathBuf,
    cost: Cost,
    salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
    state: State,
    // Held while the custody is open: two brokers on one file would count twice.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    counter: u64,
    generations: Vec<Generation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Generation {
    number: u64,
    key: [u8; 32],
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    format: String,
    argon2id: Cost,
    salt: String,
    nonce: String,
    sealed: String,
}

/// The public figures beside the custody file.
#[derive(Serialize)]
struct Public {
    counter: u64,
    generation: u64,
}

impl FileCustody {
    /// Makes a custody file with one generation and the counter at 0.
    ///
    /// # Errors
    /// [`CustodyError::Exists`] where there is a file; an I/O error where it cannot be written.
    pub fn create(
        path: &Path,
        passphrase: &str,
        cost: Cost,
        rng: &mut (dyn CryptoRng + Send),
    ) -> Result<Self, CustodyError> {
        let lock = lock(path)?;
        if path.exists() {
            return Err(CustodyError::Exists);
        }
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let state = State { counter: 0, generations: vec![Generation::fresh(1, rng)] };
        let key = derive(passphrase, &salt, cost)?;
        let custody = Self { path: path.to_owned(), cost, salt, key, state, _lock: lock };
        custody.store(rng)?;
        Ok(custody)
    }

    /// Opens a custody file.
    ///
    /// # Errors
    /// [`CustodyError`] where it is not private, in use, of another format, or the passphrase is wrong.
    pub fn open(path: &Path, passphrase: &str) -> Result<Self, CustodyError> {
        let lock = lock(path)?;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            return Err(CustodyError::Readable);
        }
        let text = fs::read(path)?;
        let envelope: Envelope = serde_json::from_slice(&text).map_err(|_| CustodyError::Format)?;
        if envelope.format != FORMAT {
            return Err(CustodyError::Format);
        }
        let salt = decode(&envelope.salt)?.try_into().map_err(|_| CustodyError::Format)?;
        let key = derive(passphrase, &salt, envelope.argon2id)?;
        let nonce: [u8; NONCE] = decode(&envelope.nonce)?.try_into().map_err(|_| CustodyError::Format)?;
        let plain = decrypt(&key, &nonce, STATE, &decode(&envelope.sealed)?).ok_or(CustodyError::Passphrase)?;
        let state: State = serde_json::from_slice(&plain).map_err(|_| CustodyError::Format)?;
        if state.generations.is_empty() {
            return Err(CustodyError::Format);
        }
        let custody = Self { path: path.to_owned(), cost: envelope.argon2id, salt, key, state, _lock: lock };
        // A crash between the two writes leaves the public figure one behind.
        custody.publish()?;
        Ok(custody)
    }

    /// Where the public counter stands.
    pub fn counter_path(&self) -> PathBuf {
        self.path.with_file_name("counter.json")
    }

    fn store(&self, rng: &mut (dyn CryptoRng + Send)) -> Result<(), CustodyError> {
        let plain = Zeroizing::new(serde_json::to_vec(&self.state).map_err(|_| CustodyError::Format)?);
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let sealed = encrypt(&self.key, &nonce, STATE, &plain).ok_or(CustodyError::Format)?;
        let envelope = Envelope {
            format: FORMAT.to_owned(),
            argon2id: self.cost,
            salt: URL_SAFE_NO_PAD.encode(self.salt),
            nonce: URL_SAFE_NO_PAD.encode(nonce),
            sealed: URL_SAFE_NO_PAD.encode(sealed),
        };
        let text = serde_json::to_vec(&envelope).map_err(|_| CustodyError::Format)?;
        write_atomically(&self.path, &text, 0o600)?;
        self.publish()
    }

    fn publish(&self) -> Result<(), CustodyError> {
        let public = Public { counter: self.state.counter, generation: self.generation() };
        let text = serde_json::to_vec(&public).map_err(|_| CustodyError::Format)?;
        Ok(write_atomically(&self.counter_path(), &text, 0o644)?)
    }

    fn kek(&self, generation: u64) -> Result<&[u8; 32], CustodyError> {
        let found = self.state.generations.iter().find(|kept| kept.number == generation);
        found.map(|kept| &kept.key).ok_or(CustodyError::Gone { generation })
    }
}

impl Generation {
    fn fresh(number: u64, rng: &mut (dyn CryptoRng + Send)) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self { number, key }
    }
}

impl Custody for FileCustody {
    fn generation(&self) -> u64 {
        self.state.generations.iter().map(|kept| kept.number).max().unwrap_or(0)
    }

    fn oldest(&self) -> u64 {
        self.state.generations.iter().map(|kept| kept.number).min().unwrap_or(0)
    }

    fn seal(
        &self,
        generation: u64,
        place: &[u8],
        secret: &[u8],
        rng: &mut (dyn CryptoRng + Send),
    ) -> Result<Vec<u8>, CustodyError> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let sealed = encrypt(self.kek(generation)?, &nonce, place, secret).ok_or(CustodyError::Foreign)?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn unseal(&self, generation: u64, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let kek = self.kek(generation)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CustodyError::Foreign)?;
        decrypt(kek, nonce, place, sealed).ok_or(CustodyError::Foreign)
    }

    fn new_generation(&mut self, rng: &mut (dyn CryptoRng + Send)) -> Result<u64, CustodyError> {
        let number = self.generation() + 1;
        self.state.generations.push(Generation::fresh(number, rng));
        self.store(rng).map(|()| number)
    }

    fn destroy_below(&mut self, generation: u64, rng: &mut (dyn CryptoRng + Send)) -> Result<(), CustodyError> {
        self.kek(generation)?;
        self.state.generations.retain(|kept| kept.number >= generation);
        self.store(rng)
    }

    fn counter(&self) -> u64 {
        self.state.counter
    }

    fn increment_counter(&mut self, rng: &mut (dyn CryptoRng + Send)) -> Result<u64, CustodyError> {
        self.state.counter += 1;
        self.store(rng).map(|()| self.state.counter)
    }
}

impl fmt::Debug for FileCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCustody").field("path", &self.path).finish_non_exhaustive()
    }
}

fn derive(passphrase: &str, salt: &[u8; 16], cost: Cost) -> Result<Zeroizing<[u8; 32]>, CustodyError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| CustodyError::Format)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| CustodyError::Format)?;
    Ok(key)
}

fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], place: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: secret, aad: place };
    XChaCha20Poly1305::new(&Key::from(*key)).encrypt(&XNonce::from(*nonce), payload).ok()
}

fn decrypt(key: &[u8; 32], nonce: &[u8; NONCE], place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad: place };
    XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}

fn decode(text: &str) -> Result<Vec<u8>, CustodyError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| CustodyError::Format)
}

/// The lock is a file of its own, because the custody file is replaced at each write.
fn lock(path: &Path) -> Result<File, CustodyError> {
    let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(path.with_extension("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(CustodyError::Busy),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// After this returns, `path` holds `bytes`; after a crash before, the old content or none.
fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), std::io::Error> {
    let temporary = path.with_extension("new");
    // A leftover of a crash may have another mode; a fresh file has the one asked for.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
