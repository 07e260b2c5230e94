//! Custody: what holds the key-encryption keys and the durable counter. A hardware module would implement the same trait.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Holds generations of the key-encryption key (KEK), which never leave it, and a counter that only grows.
///
/// Each change is durable before its method returns.
pub trait Custody: Send {
    /// The newest generation.
    fn generation(&self) -> u64;

    /// The oldest generation that is still there.
    fn oldest(&self) -> u64;

    /// Seals a few bytes under a generation, bound to `place`.
    ///
    /// # Errors
    /// [`CustodyError::Gone`] where the generation does not exist.
    fn seal(
        &self,
        generation: u64,
        place: &[u8],
        secret: &[u8],
        rng: &mut (dyn CryptoRng + Send),
    ) -> Result<Vec<u8>, CustodyError>;

    /// Opens what [`Custody::seal`] made.
    ///
    /// # Errors
    /// [`CustodyError::Gone`] where the generation was destroyed, [`CustodyError::Foreign`] where the bytes were sealed
    /// elsewhere.
    fn unseal(&self, generation: u64, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CustodyError>;

    /// Makes a fresh generation, one above the newest.
    ///
    /// # Errors
    /// [`CustodyError::Io`] where it could not be made durable; the generation may then exist.
    fn new_generation(&mut self, rng: &mut (dyn CryptoRng + Send)) -> Result<u64, CustodyError>;

    /// Destroys every generation below `generation`.
    ///
    /// # Errors
    /// [`CustodyError::Io`] where it could not be made durable; [`CustodyError::Gone`] where there is no such generation.
    fn destroy_below(&mut self, generation: u64, rng: &mut (dyn CryptoRng + Send)) -> Result<(), CustodyError>;

    /// How many intents to release there were.
    fn counter(&self) -> u64;

    /// Counts one more intent; returns the new value.
    ///
    /// # Errors
    /// [`CustodyError::Io`] where it could not be made durable; the value may then have grown.
    fn increment_counter(&mut self, rng: &mut (dyn CryptoRng + Send)) -> Result<u64, CustodyError>;
}

/// What went wrong in custody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The generation is not there: it was destroyed, or never existed.
    #[error("custody has no key generation {generation}; what was sealed under it stays closed")]
    Gone {
        /// The generation.
        generation: u64,
    },
    /// Not sealed by this generation for this place.
    #[error("the bytes were sealed by another custody, for another place, or were altered")]
    Foreign,
    /// The passphrase is wrong, or the file was altered.
    #[error("custody does not open: the passphrase is wrong or the file was altered")]
    Passphrase,
    /// The file is not a custody file of this version.
    #[error("not a custody file that this version reads")]
    Format,
    /// Others may read the file.
    #[error("the custody file is readable by others; make it private with `chmod 600`")]
    Readable,
    /// Another process uses it.
    #[error("the custody file is in use by another process; stop that one first")]
    Busy,
    /// There is a file already.
    #[error("there is a custody file already; it is never overwritten")]
    Exists,
    /// Reading or writing failed.
    #[error("custody: {0}")]
    Io(#[from] std::io::Error),
}
