//! The bodies that operators, custodians and builders exchange with the vault. The device flavour has none of them.

use candor_model::{DatasetId, Hash, OpeningKey, PublicKey, Purpose, Selection, SessionId};
use serde::{Deserialize, Serialize};
use zeroize::ZeroizeOnDrop;

use crate::invitation::Role;

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
