//! Public keys as they stand in records: bytes, base64url (RFC 4648 §5, no padding, canonical) in text and JSON.
//!
//! Nothing here computes; whether the bytes are a point or a lattice is for the crate that uses them.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

macro_rules! public_bytes {
    ($(#[$doc:meta])* $name:ident, $len:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $len]);

        impl $name {
            /// How many bytes it has.
            pub const LEN: usize = $len;

            /// From its bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = PublicKeyError;

            fn try_from(bytes: &[u8]) -> Result<Self, PublicKeyError> {
                bytes.try_into().map(Self).map_err(|_| PublicKeyError { bytes: $len })
            }
        }

        impl FromStr for $name {
            type Err = PublicKeyError;

            fn from_str(text: &str) -> Result<Self, PublicKeyError> {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PublicKeyError { bytes: $len })?;
                Self::try_from(bytes.as_slice())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text: String = self.to_string().chars().take(12).collect();
                write!(f, "{}({text}…)", stringify!($name))
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = PublicKeyError;

            fn try_from(text: String) -> Result<Self, PublicKeyError> {
                text.parse()
            }
        }
    };
}

public_bytes! {
    /// An Ed25519 public key: what a signature is checked with.
    PublicKey, 32
}

public_bytes! {
    /// An X-Wing public key (ML-KEM-768 encapsulation key, then X25519 key): what something is sealed to.
    OpeningKey, 1216
}

public_bytes! {
    /// A number used once, drawn at random by whoever asks.
    Nonce, 16
}

impl Copy for PublicKey {}
impl Copy for Nonce {}

/// A vault's identity: the key it signs receipts and leases with. A consent pins it (invariant 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VaultIdentity(pub PublicKey);

impl fmt::Display for VaultIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Text or bytes that are no key of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {bytes} bytes, in text as base64url without padding")]
pub struct PublicKeyError {
    /// How many bytes the key has.
    pub bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_spelling() {
        let key = PublicKey::from_bytes([0xfb; 32]);
        let text = key.to_string();
        assert_eq!(text.parse(), Ok(key));
        for other in [format!("{text}="), text.replace('-', "+"), format!("{}t", &text[..42]), text[..42].to_owned()] {
            assert_eq!(other.parse::<PublicKey>(), Err(PublicKeyError { bytes: 32 }), "{other}");
        }
    }
}
