//! The bodies of the HTTP interface between a member's device and the vault. Signed records inside them are
//! `candor-model`'s and travel as compact JWSs.

use candor_model::program::Notice;
use candor_model::{
    DatasetId, DeviceId, Hash, OpeningKey, ParticipantId, PrincipalId, PublicKey, Purpose, Selection, SessionId,
    VaultIdentity,
};
use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

use crate::invitation::Role;

/// The longest JSON body, in bytes.
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

/// `POST /v1/invitations`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteRequest {
    /// What the invited one will be.
    pub(crate) role: Role,
    /// The SHA-256 over the token, as [`crate::invitation::Invitation`] says: the token itself stays with who invites.
    pub(crate) token_hash: Hash,
}

/// What was invited, and until when.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invited {
    /// Unix seconds after which the invitation is refused.
    pub(crate) expires_at: u64,
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

/// `POST /v1/releases`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseAsked {
    /// The signed request.
    pub(crate) request: String,
    /// The list it commits to.
    pub(crate) selection: Selection,
}

/// Keys on their way to the builder's process, wrapped to the request's ephemeral key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Released {
    /// The hash of the intent's leaf in the log, which the keys are bound to.
    pub(crate) intent: Hash,
    /// The custody counter's value.
    pub(crate) counter: u64,
    /// The encapsulated key, base64url.
    pub(crate) enc: String,
    /// Per segment or derived file: its name, and its wrapped key, base64url.
    pub(crate) wraps: Vec<(Hash, String)>,
    /// What a builder needs to fetch and check each segment.
    pub(crate) segments: Vec<ReleasedSegment>,
    /// What the provenance of a dataset is sealed to.
    pub(crate) provenance_key: OpeningKey,
}

/// One released segment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleasedSegment {
    /// Its header's hash.
    pub(crate) header: Hash,
    /// Its object.
    pub(crate) object: Hash,
    /// The key of the device that signed it.
    pub(crate) device_key: PublicKey,
    /// When the consent it rests on expires, Unix seconds.
    pub(crate) expires: u64,
}

/// `GET /v1/segments`: one that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentListed {
    /// The session.
    pub(crate) session: SessionId,
    /// Its number.
    pub(crate) number: u32,
    /// Its header's hash.
    pub(crate) header: Hash,
    /// The object's hash.
    pub(crate) object: Hash,
    /// The object's length.
    pub(crate) bytes: u64,
}

/// `POST /v1/datasets`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatasetRegistered {
    /// The dataset.
    pub(crate) dataset: DatasetId,
    /// Which build of it, from 0.
    pub(crate) version: u32,
    /// The hash of its manifest.
    pub(crate) manifest: Hash,
    /// Its provenance, sealed to the broker, base64url.
    pub(crate) provenance: String,
    /// What it was built for.
    pub(crate) purpose: Purpose,
    /// The first second in which it has expired.
    pub(crate) expires_at: u64,
    /// Its files, each of one participant.
    pub(crate) files: Vec<FileRegistered>,
}

/// One file of a dataset.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileRegistered {
    /// Which file.
    pub(crate) file: Hash,
    /// Its key, base64url. It goes on the shelf of the participant it was made from.
    pub(crate) key: SecretText,
    /// The header hashes of the segments it was made from.
    pub(crate) sources: Vec<Hash>,
}

/// A secret in text: wiped when dropped, never printed.
#[derive(Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct SecretText(pub(crate) String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// `GET /v1/datasets`: one version of one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatasetListed {
    /// The dataset.
    pub(crate) dataset: DatasetId,
    /// Which build of it.
    pub(crate) version: u32,
    /// The hash of its manifest.
    pub(crate) manifest: Hash,
    /// What it was built for.
    pub(crate) purpose: Purpose,
    /// The first second in which it has expired.
    pub(crate) expires_at: u64,
    /// Whether something it was made of was erased.
    pub(crate) tainted: bool,
}
