//! What a dataset calls people and sessions, and which split they are in: a PRF of the dataset's secret (invariant 18).

use std::fmt;

use candor_model::{Hash, ParticipantId, SessionId};
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::pace::StepBits;

/// The secret of one dataset; its rebuilds share it, so that those who stayed keep their rows.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DatasetSecret([u8; 32]);

impl DatasetSecret {
    /// A fresh secret.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        Self(secret)
    }

    /// A secret that the broker kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret, to be sealed by the broker.
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// HMAC-SHA256 (RFC 2104) of a label, a zero byte and an id of fixed length.
    fn prf(&self, label: &str, id: &[u8; 16]) -> [u8; 32] {
        // HMAC takes keys of any length, so this hash of the label alone is never what comes out.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return Hash::of(label.as_bytes()).0 };
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(id);
        mac.finalize().into_bytes().into()
    }

    /// What the dataset calls a participant.
    pub fn pseudonym(&self, participant: ParticipantId) -> Pseudonym {
        Pseudonym(first_half(self.prf("candor dataset participant v1", participant.as_bytes())))
    }

    /// What the dataset calls a session. Sessions are listed in this order, which says nothing about when they were.
    pub fn session(&self, session: SessionId) -> SessionName {
        SessionName(first_half(self.prf("candor dataset session v1", session.as_bytes())))
    }

    /// The bits from which a session's times and paths are made again.
    pub(crate) fn pace(&self, session: SessionName) -> StepBits {
        StepBits::new(self.prf("candor dataset pace v1", &session.0))
    }

    /// The split of a participant: 8 in 10 train, 1 validation, 1 test. A person is in one split only.
    pub fn split(&self, participant: ParticipantId) -> Split {
        let [a, b, c, d, ..] = self.prf("candor dataset split v1", participant.as_bytes());
        match u32::from_be_bytes([a, b, c, d]) % 10 {
            0..=7 => Split::Train,
            8 => Split::Validation,
            _ => Split::Test,
        }
    }
}

impl fmt::Debug for DatasetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatasetSecret(..)")
    }
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or_default())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                // Ids of the model have one spelling and 16 bytes; the digits are read by their rule.
                let digits = text.strip_prefix($prefix).ok_or(NameError)?;
                let id: SessionId = format!("s-{digits}").parse().map_err(|_| NameError)?;
                Ok(Self(*id.as_bytes()))
            }
        }
    )*};
}

names! {
    /// What one dataset calls one participant.
    Pseudonym, "y-";
    /// What one dataset calls one session.
    SessionName, "t-";
}

/// Text that is no pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a dataset's name of a participant (`y-`) or session (`t-`) and 32 lower-case hexadecimal digits")]
pub struct NameError;

/// What part of training a participant's steps are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// To train on.
    Train,
    /// To choose between models.
    Validation,
    /// To measure with, once.
    Test,
}

impl Split {
    /// The word in rows and manifests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn participant(n: u8) -> ParticipantId {
        ParticipantId::from_bytes([n; 16])
    }

    #[test]
    fn one_pseudonym_per_participant_and_dataset() {
        let (one, other) = (DatasetSecret::from_bytes([1; 32]), DatasetSecret::from_bytes([2; 32]));
        assert_eq!(one.pseudonym(participant(1)), one.pseudonym(participant(1)));
        assert_ne!(one.pseudonym(participant(1)), one.pseudonym(participant(2)));
        assert_ne!(one.pseudonym(participant(1)), other.pseudonym(participant(1)));
        let text = one.pseudonym(participant(1)).to_string();
        assert_eq!(Pseudonym::try_from(text.clone()).unwrap().to_string(), text);
        assert!(SessionName::try_from(text.to_uppercase()).is_err());
    }

    /// Computed with Python: hmac.new(bytes([1]*32), b"candor dataset participant v1\0" + bytes([1]*16), "sha256").
    #[test]
    fn the_prf_is_plain_hmac() {
        let secret = DatasetSecret::from_bytes([1; 32]);
        assert_eq!(secret.pseudonym(participant(1)).to_string(), "y-4d6d2b4316e1f5f73954803258c1dd14");
    }

    #[test]
    fn splits_are_about_eight_one_one() {
        let secret = DatasetSecret::from_bytes([3; 32]);
        let train = (0..=255).filter(|n| secret.split(participant(*n)) == Split::Train).count();
        assert!((180..230).contains(&train), "{train}");
    }
}
