//! The chain of a session's segments: a hole is legal only as a tombstone the device signed.

use candor_model::{Hash, SessionId};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// What a signature of a head signs first, so that it is valid for nothing else.
const HEAD_LABEL: &[u8] = b"candor chain head v1";

/// What stands at one place of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// The segment with this header hash.
    Segment(Hash),
    /// A segment destroyed before upload.
    Tombstone,
}

impl Link {
    fn tag_and_hash(self) -> (u8, [u8; 32]) {
        match self {
            Self::Segment(header) => (1, header.0),
            Self::Tombstone => (2, [0; 32]),
        }
    }
}

/// One link, signed by the device. Wire form: kind (1), header hash (32, zeros for a tombstone), signature (64); the
/// session and the number come from the place where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainRecord {
    /// What stands there.
    pub link: Link,
    /// The device's signature of the label `candor chain head v1` and the new head.
    pub signature: [u8; 64],
}

impl ChainRecord {
    /// The length of the wire form, in bytes.
    pub const LEN: usize = 97;

    /// The head before the first link.
    pub fn root(session: SessionId) -> Hash {
        Hash::of_parts("candor chain root v1", &[session.as_bytes()])
    }

    fn head(previous: Hash, number: u32, link: Link) -> Hash {
        let (tag, header) = link.tag_and_hash();
        Hash::of_parts("candor chain v1", &[&previous.0, &number.to_be_bytes(), &[tag], &header])
    }

    fn message(head: Hash) -> Vec<u8> {
        [HEAD_LABEL, &head.0].concat()
    }

    /// Appends a link; returns the record and the new head.
    pub fn append(previous: Hash, number: u32, link: Link, device: &SigningKey) -> (Self, Hash) {
        let head = Self::head(previous, number, link);
        (Self { link, signature: device.sign(&Self::message(head)).to_bytes() }, head)
    }

    /// Checks that this record follows `previous` as link `number`; returns the new head.
    ///
    /// # Errors
    /// [`ChainError`] names the number where the chain breaks.
    pub fn verify(&self, previous: Hash, number: u32, device: &VerifyingKey) -> Result<Hash, ChainError> {
        let head = Self::head(previous, number, self.link);
        let signature = Signature::from_bytes(&self.signature);
        device.verify_strict(&Self::message(head), &signature).map_err(|_| ChainError { number })?;
        Ok(head)
    }

    /// The wire form.
    pub fn encode(&self) -> Vec<u8> {
        let (tag, header) = self.link.tag_and_hash();
        [&[tag][..], &header, &self.signature].concat()
    }

    /// Reads the wire form; `number` is for the error.
    ///
    /// # Errors
    /// [`ChainError`] where the bytes are no record.
    pub fn decode(bytes: &[u8], number: u32) -> Result<Self, ChainError> {
        let error = ChainError { number };
        let (&[tag], rest) = bytes.split_first_chunk().ok_or(error)?;
        let (header, rest) = rest.split_first_chunk::<32>().ok_or(error)?;
        let signature = rest.try_into().map_err(|_| error)?;
        let link = match (tag, *header) {
            (1, header) => Link::Segment(Hash(header)),
            (2, header) if header == [0; 32] => Link::Tombstone,
            _ => return Err(error),
        };
        Ok(Self { link, signature })
    }
}

/// The chain does not continue here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("segment {number}: the chain breaks here: a segment is missing, repeated, out of order or foreign")]
pub struct ChainError {
    /// The number at which it breaks.
    pub number: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fits_in_one_place_only() {
        let device = SigningKey::from_bytes(&[1; 32]);
        let root = ChainRecord::root(SessionId::from_bytes([2; 16]));
        let (first, head) = ChainRecord::append(root, 0, Link::Segment(Hash([3; 32])), &device);
        let (second, end) = ChainRecord::append(head, 1, Link::Tombstone, &device);
        let key = device.verifying_key();
        assert_eq!(first.verify(root, 0, &key), Ok(head));
        assert_eq!(second.verify(head, 1, &key), Ok(end));
        // missing, repeated, renumbered, foreign session, re-labelled
        assert_eq!(second.verify(root, 1, &key), Err(ChainError { number: 1 }));
        assert_eq!(first.verify(head, 1, &key), Err(ChainError { number: 1 }));
        assert_eq!(first.verify(root, 1, &key), Err(ChainError { number: 1 }));
        assert!(first.verify(ChainRecord::root(SessionId::from_bytes([9; 16])), 0, &key).is_err());
        let relabelled = ChainRecord { link: Link::Tombstone, ..first.clone() };
        assert!(relabelled.verify(root, 0, &key).is_err());
        assert_eq!(ChainRecord::decode(&first.encode(), 0), Ok(first.clone()));
        assert_eq!(first.encode().len(), ChainRecord::LEN);
    }
}
