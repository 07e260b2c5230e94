//! The log's entries as leaves: salted commitments, so that what the log keeps for ever tells nothing once the salt is
//! erased. Format: `spec/release.md`, "The leaf".

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $byte:literal, $word:literal;)*) => {
        /// What an entry says. A closed list: an unknown kind stops the reader (invariant 6).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryKind { $($(#[$doc])* $name,)* }

        impl EntryKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The byte in the leaf.
            pub const fn byte(self) -> u8 {
                match self { $(Self::$name => $byte,)* }
            }

            /// The word in reports and tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

kinds! {
    /// A program was published or changed.
    Program = 1, "program";
    /// A consent record was stored.
    Consent = 2, "consent";
    /// A consent was withdrawn.
    Withdraw = 3, "withdraw";
    /// A segment was accepted.
    Ingest = 4, "ingest";
    /// A custodian approved a request.
    Approval = 5, "approval";
    /// Keys are about to be released.
    Intent = 6, "intent";
    /// Keys were released.
    Release = 7, "release";
    /// A request was refused.
    Refusal = 8, "refusal";
    /// Something was erased.
    Erase = 9, "erase";
    /// A dataset was registered, or marked tainted.
    Dataset = 10, "dataset";
    /// The program was paused or resumed.
    Pause = 11, "pause";
    /// Somebody other than a participant was enrolled.
    Principal = 12, "principal";
}

impl EntryKind {
    /// The kind with this byte.
    ///
    /// # Errors
    /// [`LeafError::Kind`] where there is none.
    pub fn from_byte(byte: u8) -> Result<Self, LeafError> {
        Self::ALL.iter().copied().find(|kind| kind.byte() == byte).ok_or(LeafError::Kind { byte })
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that can be logged.
pub trait LogEntry: Serialize + DeserializeOwned {
    /// What it says.
    const KIND: EntryKind;
}

/// The random number that hides an entry behind its commitment. Erasing it makes the leaf say nothing.
pub type Salt = [u8; 16];

/// One leaf of the log: what its tiles keep for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// What the entry says.
    pub kind: EntryKind,
    /// SHA-256 of salt, kind and the entry's canonical JSON.
    pub commitment: [u8; 32],
}

impl Leaf {
    /// The version of the leaf's format.
    pub const VERSION: u8 = 1;
    /// The length of every leaf, in bytes.
    pub const LEN: usize = 34;

    /// The bytes that the log's tree hashes.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (head, commitment) = bytes.split_at_mut(2);
        head.copy_from_slice(&[Self::VERSION, self.kind.byte()]);
        commitment.copy_from_slice(&self.commitment);
        bytes
    }

    /// Reads a leaf.
    ///
    /// # Errors
    /// [`LeafError`] where a byte is not one this version writes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LeafError> {
        let bytes: &[u8; Self::LEN] = bytes.try_into().map_err(|_| LeafError::Length { bytes: bytes.len() })?;
        let [version, kind, commitment @ ..] = *bytes;
        if version != Self::VERSION {
            return Err(LeafError::Version { version });
        }
        Ok(Self { kind: EntryKind::from_byte(kind)?, commitment })
    }
}

/// The leaf of an entry whose canonical JSON is `json`.
pub fn commitment(salt: &Salt, kind: EntryKind, json: &[u8]) -> Leaf {
    let digest = Sha256::new().chain_update(salt).chain_update([kind.byte()]).chain_update(json).finalize();
    Leaf { kind, commitment: digest.into() }
}

/// An entry's canonical JSON: keys sorted by their bytes, no blanks, integers only. One entry has one spelling.
///
/// # Errors
/// [`CanonicalError`] where the entry has no such form.
pub fn canonical_json<T: Serialize>(entry: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(entry).map_err(|_| CanonicalError::Json)?;
    let mut out = Vec::new();
    write_value(&value, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null | Value::Bool(_) => out.extend(value.to_string().bytes()),
        Value::Number(number) if number.is_f64() => return Err(CanonicalError::Float),
        Value::Number(number) => out.extend(number.to_string().bytes()),
        Value::String(text) => write_text(text, out)?,
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                out.extend((at > 0).then_some(b','));
                write_value(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            // Sorted here: whether serde_json's map is sorted depends on a feature that any dependency may switch on.
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_bytes());
            out.push(b'{');
            for (at, (name, field)) in fields.into_iter().enumerate() {
                out.extend((at > 0).then_some(b','));
                write_text(name, out)?;
                out.push(b':');
                write_value(field, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    serde_json::to_writer(out, text).map_err(|_| CanonicalError::Json)
}

/// An entry that has no canonical JSON: a programmer's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// It cannot be written as JSON.
    #[error("the log entry cannot be written as JSON")]
    Json,
    /// It holds a fraction, which has more than one spelling.
    #[error("the log entry holds a fraction; write whole numbers in a smaller unit")]
    Float,
}

/// A leaf that this version does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Its length.
    #[error("log leaf: {bytes} bytes, expected 34")]
    Length {
        /// How many bytes it has.
        bytes: usize,
    },
    /// Its version.
    #[error("log leaf: version {version} is not known; update this program")]
    Version {
        /// The version byte.
        version: u8,
    },
    /// Its kind.
    #[error("log leaf: kind {byte} is not known; update this program")]
    Kind {
        /// The kind byte.
        byte: u8,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_kind_version_or_length_is_refused() {
        let leaf = commitment(&[7; 16], EntryKind::Intent, b"{}").to_bytes();
        assert_eq!(Leaf::from_bytes(&leaf).map(Leaf::to_bytes), Ok(leaf));
        for kind in [0, 13, 255] {
            let mut other = leaf;
            other[1] = kind;
            assert_eq!(Leaf::from_bytes(&other), Err(LeafError::Kind { byte: kind }));
        }
        let mut later = leaf;
        later[0] = 2;
        assert_eq!(Leaf::from_bytes(&later), Err(LeafError::Version { version: 2 }));
        assert_eq!(Leaf::from_bytes(&leaf[..33]), Err(LeafError::Length { bytes: 33 }));
    }

    #[test]
    fn a_leaf_depends_on_salt_kind_and_entry() {
        let leaf = commitment(&[1; 16], EntryKind::Intent, b"{}");
        assert_ne!(leaf, commitment(&[2; 16], EntryKind::Intent, b"{}"));
        assert_ne!(leaf.commitment, commitment(&[1; 16], EntryKind::Release, b"{}").commitment);
        assert_ne!(leaf, commitment(&[1; 16], EntryKind::Intent, b"[]"));
    }

    #[test]
    fn canonical_json_does_not_depend_on_the_order_of_fields() {
        #[derive(Serialize)]
        struct Entry {
            b: u64,
            a: Vec<&'static str>,
        }
        let json = canonical_json(&Entry { b: u64::MAX, a: vec!["x\"", "\n"] }).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), r#"{"a":["x\"","\n"],"b":18446744073709551615}"#);
        assert_eq!(canonical_json(&0.5), Err(CanonicalError::Float));
    }
}
