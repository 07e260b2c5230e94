//! The bodies of the HTTP interface between a member's device and the vault. Signed records inside them are
//! `candor-model`'s and travel as compact JWSs.

#[cfg(any(feature = "vault", feature = "dataset"))]
mod others;

use candor_model::program::Notice;
use candor_model::{DeviceId, OpeningKey, ParticipantId, PrincipalId, PublicKey, VaultIdentity};
use serde::{Deserialize, Serialize};

#[cfg(any(feature = "vault", feature = "dataset"))]
pub(crate) use others::*;

use crate::invitation::Role;

/// The longest JSON body, in bytes.
#[cfg(feature = "vault")]
pub(crate) const JSON_BYTES_MAX: usize = 256 << 10;
/// The longest uploaded object, in bytes: a segment closes at 1 MiB, a journal that was cut may be a little longer.
pub(crate) const OBJECT_BYTES_MAX: usize = 8 << 20;
/// The header of an upload that carries the vault's wrap of the segment's key, base64url.
pub(crate) const WRAP_HEADER: &str = "candor-wrap";
/// The header of an upload that carries the segment's chain record, base64url.
pub(crate) const CHAIN_HEADER: &str = "candor-chain";

/// The header of a tombstone that names the consent its session was recorded under.
pub(crate) const CONSENT_HEADER: &str = "candor-consent";

/// Every error: what happened, and what to do. Never any content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// What happened.
    pub(crate) error: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// `POST /v1/enrol`. Everybody sends the same things, whatever the role turns out to be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolRequest {
    /// The invitation's token, base64url.
    pub(crate) token: String,
    /// A certificate signing request, DER in base64url.
    pub(crate) csr: String,
    /// What the device signs segments with.
    pub(crate) device_key: PublicKey,
    /// What the person signs records with.
    pub(crate) signing_key: PublicKey,
    /// What the person's own copies are sealed to.
    pub(crate) opening_key: OpeningKey,
}

/// The answer to [`EnrolRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrolled {
    /// What the invitation was for.
    pub(crate) role: Role,
    /// The device.
    pub(crate) device: DeviceId,
    /// The participant's pseudonym, for participants.
    pub(crate) participant: Option<ParticipantId>,
    /// The principal, for everybody else.
    pub(crate) principal: Option<PrincipalId>,
    /// The certificate, PEM.
    pub(crate) certificate: String,
    /// The program.
    pub(crate) program: ProgramAnswer,
}

/// `GET /v1/program`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgramAnswer {
    /// The vault's identity. Already known to who enrolled; an other one is refused.
    pub(crate) vault: VaultIdentity,
    /// The program, signed by it.
    pub(crate) program: String,
    /// The notice in force.
    pub(crate) notice: Notice,
    /// The log's verifier key (C2SP signed-note form).
    pub(crate) log_key: String,
}

/// One signed record, either way: consents, receipts, withdrawals, leases, approvals.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedRecord {
    /// The compact JWS.
    pub(crate) record: String,
}

/// `PUT /v1/segments/{hash}`, `PUT /v1/sessions/{session}/tombstones/{number}`: it is durable and its leaf is logged.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    /// The chain record that stands at this number, base64url: the one sent now, or what was accepted there before.
    pub(crate) record: String,
    /// Whether something had been accepted there before.
    pub(crate) again: bool,
}
