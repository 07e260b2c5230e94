//! Signed records: compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), as strict as the standard allows.
//!
//! Any JWS library can verify one. Ours accepts less than most: the header must be, byte for byte, the one header there
//! is for this kind of record and this key. So `alg: none`, `crit`, an embedded key, a record of another kind and a
//! second spelling of the same record are all refused by one comparison, and a record has exactly one hash.
//!
//! Bound: the kind of record, the signing key, every byte of the payload. Not provided: whose key it is, and whether
//! the record is recent; both are for the caller.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_model::{Hash, PublicKey, Typ};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest signed record, in bytes: it fits an entry of the log (C2SP tlog-tiles: below 65,536).
pub const JWS_BYTES_MAX: usize = 65_535;

/// A record whose signature was checked, or just made, here. There is no other way to have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    payload: T,
    compact: String,
    hash: Hash,
    signer: PublicKey,
}

impl<T> Signed<T> {
    /// What was signed.
    pub const fn payload(&self) -> &T {
        &self.payload
    }

    /// What was signed, without its signature.
    pub fn into_payload(self) -> T {
        self.payload
    }

    /// The compact JWS: what is stored and sent.
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// The SHA-256 of the compact JWS: how other records refer to this one.
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// The key that signed it.
    pub const fn signer(&self) -> PublicKey {
        self.signer
    }
}

/// Signs `payload` as a record of kind `typ`.
///
/// # Errors
/// [`SignError`] where the payload is no JSON, or the record would be longer than [`JWS_BYTES_MAX`].
///
/// # Example
/// ```
/// use candor_consent::{sign, verify, jws::public_key};
/// use candor_model::Typ;
///
/// const GREETING: Typ = Typ::new("example-greeting+jwt");
/// let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
/// let signed = sign(GREETING, "good morning".to_owned(), &key)?;
/// let read = verify::<String>(GREETING, signed.compact(), &public_key(&key))?;
/// assert_eq!(read, signed);
/// assert!(verify::<String>(Typ::CONSENT, signed.compact(), &public_key(&key)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign<T: Serialize>(typ: Typ, payload: T, key: &SigningKey) -> Result<Signed<T>, SignError> {
    let signer = public_key(key);
    let body = serde_json::to_vec(&payload).map_err(SignError::Payload)?;
    let mut compact = header(typ, &signer);
    compact.push('.');
    compact.push_str(&URL_SAFE_NO_PAD.encode(body));
    let signature = key.sign(compact.as_bytes());
    compact.push('.');
    compact.push_str(&URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    if compact.len() > JWS_BYTES_MAX {
        return Err(SignError::TooLong { bytes: compact.len() });
    }
    Ok(Signed { payload, hash: Hash::of(compact.as_bytes()), compact, signer })
}

/// Reads a record of kind `typ` signed by `key`. The signature is checked before a byte of the payload is parsed.
///
/// # Errors
/// [`JwsError`] says what is wrong; nothing of the record is returned then.
pub fn verify<T: DeserializeOwned>(typ: Typ, compact: &str, key: &PublicKey) -> Result<Signed<T>, JwsError> {
    let body = verified_body(typ, compact, key)?;
    let payload = serde_json::from_slice(&body).map_err(|_| JwsError::Payload { typ: typ.as_str() })?;
    Ok(Signed { payload, compact: compact.to_owned(), hash: Hash::of(compact.as_bytes()), signer: *key })
}

fn verified_body(typ: Typ, compact: &str, key: &PublicKey) -> Result<Vec<u8>, JwsError> {
    if compact.len() > JWS_BYTES_MAX {
        return Err(JwsError::TooLong { bytes: compact.len() });
    }
    let (signed, signature) = compact.rsplit_once('.').ok_or(JwsError::Shape)?;
    let (head, body) = signed.split_once('.').ok_or(JwsError::Shape)?;
    if head != header(typ, key) {
        return Err(why_header(head, typ, key));
    }
    let verifying = VerifyingKey::from_bytes(key.as_bytes()).map_err(|_| JwsError::Key)?;
    let signature = decode(signature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| JwsError::Signature)?;
    verifying.verify_strict(signed.as_bytes(), &signature).map_err(|_| JwsError::Signature)?;
    decode(body)
}

/// The one header there is, encoded. No value in it needs escaping.
fn header(typ: Typ, key: &PublicKey) -> String {
    let kid = thumbprint(key);
    URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}"}}"#))
}

/// Says which field makes a header another one; only the message depends on it.
fn why_header(head: &str, typ: Typ, key: &PublicKey) -> JwsError {
    let Ok(bytes) = decode(head) else { return JwsError::Encoding };
    let Ok(fields) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes) else {
        return JwsError::Header;
    };
    let is = |name, text: &str| fields.get(name).and_then(serde_json::Value::as_str) == Some(text);
    if !is("alg", "EdDSA") {
        JwsError::Algorithm
    } else if !is("typ", typ.as_str()) {
        JwsError::Typ { wanted: typ.as_str() }
    } else if !is("kid", &thumbprint(key)) {
        JwsError::OtherKey
    } else {
        JwsError::Header
    }
}

/// The RFC 7638 thumbprint of an Ed25519 key (RFC 8037 §2), base64url: the `kid` of a record's header.
pub fn thumbprint(key: &PublicKey) -> String {
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{key}"}}"#);
    URL_SAFE_NO_PAD.encode(Hash::of(jwk.as_bytes()).0)
}

/// The public half of a signing key, as records carry it.
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

/// Canonical only: no padding, no stray bits at the end, no other alphabet.
fn decode(text: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Encoding)
}

/// Why a record could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The payload has no JSON form.
    #[error("the record cannot be written as JSON")]
    Payload(#[source] serde_json::Error),
    /// It is too long.
    #[error("the signed record has {bytes} bytes; at most {JWS_BYTES_MAX} are allowed, so split it")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
}

/// Why a signed record was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// It is too long.
    #[error("the signed record has {bytes} bytes; at most {JWS_BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It does not have three parts.
    #[error("not a signed record: expected three parts with dots between them")]
    Shape,
    /// A part is no canonical base64url.
    #[error("a part of the signed record is not base64url without padding")]
    Encoding,
    /// The header has other fields, another order or blanks.
    #[error("the signed record's header is not exactly `alg`, `typ` and `kid`")]
    Header,
    /// Another algorithm, or none.
    #[error("the record is not signed with `EdDSA`")]
    Algorithm,
    /// A record of another kind.
    #[error("the signed record is of another kind; expected `{wanted}`")]
    Typ {
        /// The kind that was wanted.
        wanted: &'static str,
    },
    /// The header names another key.
    #[error("the record names another signing key")]
    OtherKey,
    /// The key to check with is no key.
    #[error("the key to check the signature with is not an Ed25519 key")]
    Key,
    /// The signature is wrong.
    #[error("the signature does not match the record")]
    Signature,
    /// The payload is not what this version knows.
    #[error("the record is correctly signed, but this version does not understand all of it as `{typ}`")]
    Payload {
        /// The kind that was wanted.
        typ: &'static str,
    },
}
