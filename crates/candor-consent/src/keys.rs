//! The participant's signing key. It never leaves the device; the operator does not hold it.

use std::fmt;

use candor_model::consent::{Erase, Withdrawal, WithdrawalStatus};
use candor_model::{ConsentId, ConsentRecord, Hash, PublicKey, Typ};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::jws::{self, SignError, Signed};

/// The secret half of the key pair a participant signs with. Wiped from memory when dropped; not printable.
pub struct ParticipantSigner {
    key: SigningKey,
}

impl ParticipantSigner {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_bytes(&seed)
    }

    /// A key from where [`ParticipantSigner::to_bytes`] was kept.
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(seed) }
    }

    /// The 32 secret bytes, for a keyring or a file only its owner can read.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        jws::public_key(&self.key)
    }

    /// Signs any record of the participant's.
    ///
    /// # Errors
    /// As [`jws::sign`].
    pub fn sign<T: Serialize>(&self, typ: Typ, payload: T) -> Result<Signed<T>, SignError> {
        jws::sign(typ, payload, &self.key)
    }

    /// Signs a consent record.
    ///
    /// # Errors
    /// As [`jws::sign`].
    pub fn consent(&self, record: ConsentRecord) -> Result<Signed<ConsentRecord>, SignError> {
        self.sign(Typ::CONSENT, record)
    }

    /// Signs the withdrawal of a consent record, decided at `at` (Unix seconds). Needs neither vault nor network.
    ///
    /// # Errors
    /// As [`jws::sign`].
    pub fn withdrawal(
        &self,
        consent: ConsentId,
        record: Hash,
        erase: Erase,
        at: u64,
    ) -> Result<Signed<Withdrawal>, SignError> {
        self.sign(Typ::WITHDRAWAL, Withdrawal { status: WithdrawalStatus::Withdrawn, consent, record, at, erase })
    }
}

impl fmt::Debug for ParticipantSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParticipantSigner").field("public_key", &self.public_key()).finish_non_exhaustive()
    }
}
