//! What the broker knows, from its own store. Nothing in here is taken from who asks.

use std::collections::BTreeMap;

use candor_consent::jws::{JwsError, Signed, verify};
use candor_model::grant::ConsentRef;
use candor_model::{
    Approval, FileRef, ParticipantId, Principal, PrincipalId, Program, Purposes, ReleaseRequest, SegmentRef, Typ,
};
use serde::de::DeserializeOwned;

/// What [`crate::decide`] decides on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The program as it stands now.
    pub program: Program,
    /// Every registered principal.
    pub principals: Vec<Principal>,
    /// The people whose material is asked for.
    pub subjects: BTreeMap<ParticipantId, Subject>,
    /// Those of the segments asked for that the broker has keys of.
    pub segments: BTreeMap<SegmentRef, Material>,
    /// Those of the derived files asked for that the broker has keys of.
    pub files: BTreeMap<FileRef, Material>,
}

/// The consents of one participant, oldest first; the last one is the current one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Each with its receipt and with every withdrawal the participant ever sent.
    pub consents: Vec<candor_consent::Records>,
}

/// What the broker knows about a segment or a derived file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// Whose.
    pub participant: ParticipantId,
    /// The consents it was sealed under: one for a segment, at least one for a file.
    pub consents: Vec<ConsentRef>,
    /// What it was sealed for.
    pub purposes: Purposes,
    /// Until when the participant holds it back (Unix seconds).
    pub hold_back_until: u64,
    /// The first second in which it has expired; `None` for a segment, which lasts until it is erased.
    pub not_after: Option<u64>,
    /// Whether something its dataset was made of was erased.
    pub tainted: bool,
}

impl Records {
    /// The principal with this id. Two registrations under one id are none: unknown means no.
    pub fn principal(&self, id: PrincipalId) -> Option<&Principal> {
        let mut found = self.principals.iter().filter(|principal| principal.id == id);
        found.next().filter(|_| found.next().is_none())
    }

    /// Reads a builder's signed request with the key that builder is registered with.
    ///
    /// # Errors
    /// [`RecordsError`] where the builder is unknown or the signature is not theirs.
    pub fn read_request(&self, compact: &str) -> Result<Signed<ReleaseRequest>, RecordsError> {
        self.read(Typ::REQUEST, compact, |request: &ReleaseRequest| request.builder)
    }

    /// Reads a custodian's signed approval with the key that custodian is registered with.
    ///
    /// # Errors
    /// [`RecordsError`] where the custodian is unknown or the signature is not theirs.
    pub fn read_approval(&self, compact: &str) -> Result<Signed<Approval>, RecordsError> {
        self.read(Typ::APPROVAL, compact, |approval: &Approval| approval.custodian)
    }

    /// Tries every registered key; what the record then says about its signer must be that key's owner.
    fn read<T: DeserializeOwned>(
        &self,
        typ: Typ,
        compact: &str,
        by: impl Fn(&T) -> PrincipalId,
    ) -> Result<Signed<T>, RecordsError> {
        for principal in &self.principals {
            match verify::<T>(typ, compact, &principal.signing_key) {
                Ok(signed) if by(signed.payload()) == principal.id => return Ok(signed),
                Ok(_) | Err(JwsError::OtherKey) => {}
                Err(error) => return Err(RecordsError::Refused(error)),
            }
        }
        Err(RecordsError::Unknown)
    }
}

/// Why a signed record of a principal was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError {
    /// No registered principal signed it in their own name.
    #[error("no registered principal signed this in their own name; register them first")]
    Unknown,
    /// It is not correctly signed, or not understood.
    #[error(transparent)]
    Refused(JwsError),
}
