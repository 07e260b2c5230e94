//! Recipients and identities, encapsulations, and the wrapping of segment keys.
//!
//! One HPKE encapsulation serves a recipient for at most an hour. Its exported secret K lives in memory only and wraps
//! the key (DEK) of each segment, each under a key of its own: HKDF(K, header hash). HPKE's own sealing sequence is not
//! used, because it opens only in order and a segment must open alone.

use std::fmt;

use candor_model::Hash;
use candor_model::header::SessionContext;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hkdf::Hkdf;
use hpke::aead::ChaCha20Poly1305 as HpkeAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver};
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::small_order::ends_in_small_order;

/// The HPKE exporter context of the wrapping secret K.
const EXPORT_WRAP: &[u8] = b"candor dek wrap v1";
/// The HPKE exporter context of a release's re-wrapping secret.
const EXPORT_RELEASE: &[u8] = b"candor release wrap v1";

/// Who can open: the public half of a key pair. Sealing needs nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(<XWing as Kem>::PublicKey);

impl Recipient {
    /// The length of the encoded key, in bytes (X-Wing: ML-KEM-768 then X25519).
    pub const LEN: usize = 1216;

    /// Reads an X-Wing public key.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] where the bytes are none, or their X25519 part is of small order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if ends_in_small_order(bytes) {
            return Err(KeyError::Malformed);
        }
        <XWing as Kem>::PublicKey::from_bytes(bytes).map(Self).map_err(|_| KeyError::Malformed)
    }

    /// The encoded key, [`Self::LEN`] bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", Hash::of(&self.to_bytes()))
    }
}

/// Who opens: the private half. The recorder process never holds one.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Identity([u8; 32]);

impl Identity {
    /// A fresh key pair.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self(seed)
    }

    /// The key pair of a stored 32-byte X-Wing seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(seed)
    }

    /// The seed, to be stored under another key.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    fn private(&self) -> Result<<XWing as Kem>::PrivateKey, KeyError> {
        <XWing as Kem>::PrivateKey::from_bytes(&self.0).map_err(|_| KeyError::Malformed)
    }

    /// The public half.
    ///
    /// # Errors
    /// [`KeyError::Malformed`], which no 32-byte seed causes today.
    pub fn recipient(&self) -> Result<Recipient, KeyError> {
        Ok(Recipient(XWing::sk_to_pk(&self.private()?)))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// Which of a session's two recipients an encapsulation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientRole {
    /// The vault's key pair for this participant, consent version and period.
    Vault,
    /// The participant's own.
    Participant,
}

/// One HPKE encapsulation: what a recipient needs, besides its identity, to derive K.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encapsulation {
    /// Whose.
    pub role: RecipientRole,
    /// Its number in the session, from 0; segment headers name it.
    pub number: u32,
    /// The encapsulated key, [`Self::LEN`] bytes.
    pub enc: Vec<u8>,
}

impl Encapsulation {
    /// The length of an X-Wing encapsulated key, in bytes.
    pub const LEN: usize = 1120;
}

/// The HPKE `info`: the place for which K is valid.
fn info(context: &SessionContext, role: RecipientRole, number: u32) -> Vec<u8> {
    let mut info = b"candor encapsulation v1".to_vec();
    info.extend_from_slice(context.program.as_bytes());
    info.extend_from_slice(context.participant.as_bytes());
    info.extend_from_slice(context.device.as_bytes());
    info.extend_from_slice(context.session.as_bytes());
    info.extend_from_slice(&context.consent_hash.0);
    info.extend_from_slice(&context.period.to_be_bytes());
    info.push(role as u8 + 1);
    info.extend_from_slice(&number.to_be_bytes());
    info
}

/// K: wraps segment keys for one recipient for at most an hour. Memory only.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WrapKey([u8; 32]);

impl WrapKey {
    /// Makes a fresh K for `recipient`, and what the recipient needs to derive it.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] where the recipient's key is no valid X-Wing key.
    pub fn encapsulate(
        recipient: &Recipient,
        context: &SessionContext,
        role: RecipientRole,
        number: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Encapsulation), KeyError> {
        let (secret, enc) = send(recipient, &info(context, role, number), EXPORT_WRAP, rng)?;
        Ok((Self(*secret), Encapsulation { role, number, enc }))
    }

    /// Derives K from an encapsulation.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] where `enc` is no X-Wing encapsulation. A foreign one gives another K, which unwraps
    /// nothing.
    pub fn decapsulate(
        identity: &Identity,
        context: &SessionContext,
        encapsulation: &Encapsulation,
    ) -> Result<Self, KeyError> {
        let info = info(context, encapsulation.role, encapsulation.number);
        receive(identity, &encapsulation.enc, &info, EXPORT_WRAP).map(|secret| Self(*secret))
    }

    fn cipher(&self, header: Hash) -> Result<ChaCha20Poly1305, KeyError> {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&header.0), &self.0)
            .expand(b"candor dek wrap key v1", key.as_mut_slice())
            .map_err(|_| KeyError::Malformed)?;
        Ok(ChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// Wraps a segment's key for the recipient of this K. Valid for the segment with that header only.
    ///
    /// # Errors
    /// [`KeyError::Malformed`], which 32-byte keys do not cause.
    pub fn wrap(&self, header: Hash, dek: &Dek) -> Result<Wrap, KeyError> {
        let payload = Payload { msg: &dek.0, aad: &header.0 };
        let bytes = self.cipher(header)?.encrypt(&Nonce::default(), payload).map_err(|_| KeyError::Malformed)?;
        bytes.try_into().map(Wrap).map_err(|_| KeyError::Malformed)
    }

    /// Unwraps a segment's key.
    ///
    /// # Errors
    /// [`KeyError::Foreign`] where the wrap was made for another recipient, session or header, or was altered.
    pub fn unwrap(&self, header: Hash, wrap: &Wrap) -> Result<Dek, KeyError> {
        let payload = Payload { msg: &wrap.0, aad: &header.0 };
        let bytes = self.cipher(header)?.decrypt(&Nonce::default(), payload).map_err(|_| KeyError::Foreign)?;
        Dek::from_slice(&Zeroizing::new(bytes))
    }
}

/// A segment's key. Memory only; a fresh one for every segment, so that nonces need not be remembered.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Dek(pub(crate) [u8; 32]);

impl Dek {
    /// A fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self(key)
    }

    /// A key from a row of the broker's shelf: of a segment whose period has ended, or of a derived file.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key, to be sealed on a shelf or given to a derived file's cipher.
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map(Self).map_err(|_| KeyError::Malformed)
    }

    fn expand(&self, label: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0).expand(label, out.as_mut_slice()).map_err(|_| KeyError::Malformed)?;
        Ok(out)
    }

    /// What the header carries to commit to this key.
    ///
    /// # Errors
    /// [`KeyError::Malformed`], which 32-byte keys do not cause.
    pub fn commitment(&self) -> Result<[u8; 32], KeyError> {
        self.expand(b"candor dek commit v1").map(|bytes| *bytes)
    }

    pub(crate) fn chunk_cipher(&self) -> Result<ChaCha20Poly1305, KeyError> {
        Ok(ChaCha20Poly1305::new(&Key::from(*self.expand(b"candor chunk v1")?)))
    }
}

impl fmt::Debug for Dek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dek(..)")
    }
}

/// A segment's key under K: 32 bytes and the tag. It never lies beside the segment's object in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrap(pub [u8; 48]);

/// Keys on their way to a builder: one encapsulation to the builder's ephemeral key, one wrap a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrapped {
    /// The encapsulated key.
    pub enc: Vec<u8>,
    /// Per segment: its header's hash and its wrapped key.
    pub wraps: Vec<(Hash, Wrap)>,
}

/// Re-wraps segment keys to an ephemeral key, bound to `binding` (the hash of the logged intent).
///
/// # Errors
/// [`KeyError::Malformed`] where the ephemeral key is no valid X-Wing key.
pub fn rewrap(
    ephemeral: &Recipient,
    binding: Hash,
    deks: &[(Hash, Dek)],
    rng: &mut impl CryptoRng,
) -> Result<Rewrapped, KeyError> {
    let (secret, enc) = send(ephemeral, &binding.0, EXPORT_RELEASE, rng)?;
    let key = WrapKey(*secret);
    let wraps = deks.iter().map(|(header, dek)| Ok((*header, key.wrap(*header, dek)?))).collect::<Result<_, _>>()?;
    Ok(Rewrapped { enc, wraps })
}

/// Opens what [`rewrap`] made.
///
/// # Errors
/// [`KeyError::Foreign`] where it was made for another key or another intent, or was altered.
pub fn open_rewrapped(ephemeral: &Identity, binding: Hash, keys: &Rewrapped) -> Result<Vec<(Hash, Dek)>, KeyError> {
    let key = WrapKey(*receive(ephemeral, &keys.enc, &binding.0, EXPORT_RELEASE)?);
    keys.wraps.iter().map(|(header, wrap)| Ok((*header, key.unwrap(*header, wrap)?))).collect()
}

fn send(
    recipient: &Recipient,
    info: &[u8],
    label: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<(Zeroizing<[u8; 32]>, Vec<u8>), KeyError> {
    let (enc, sender) =
        hpke::setup_sender_with_rng::<HpkeAead, HkdfSha256, XWing>(&OpModeS::Base, &recipient.0, info, rng)
            .map_err(|_| KeyError::Malformed)?;
    let mut secret = Zeroizing::new([0; 32]);
    sender.export(label, secret.as_mut_slice()).map_err(|_| KeyError::Malformed)?;
    Ok((secret, enc.to_bytes().to_vec()))
}

fn receive(identity: &Identity, enc: &[u8], info: &[u8], label: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    if ends_in_small_order(enc) {
        return Err(KeyError::Malformed);
    }
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| KeyError::Malformed)?;
    let receiver = setup_receiver::<HpkeAead, HkdfSha256, XWing>(&OpModeR::Base, &identity.private()?, &enc, info)
        .map_err(|_| KeyError::Malformed)?;
    let mut secret = Zeroizing::new([0; 32]);
    receiver.export(label, secret.as_mut_slice()).map_err(|_| KeyError::Malformed)?;
    Ok(secret)
}

/// What is wrong with a key or a wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no key or encapsulation of this suite.
    #[error("these bytes are no key of this suite; ask for the key again")]
    Malformed,
    /// It was made for somebody or something else, or was altered.
    #[error("the wrapped key was made for another recipient, session or segment, or was altered")]
    Foreign,
}
