//! Asking for keys, approving, and what the log says about it; erasing. Format: `spec/release.md`. Times are Unix seconds.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::{ConsentId, DatasetId, GrantId, ParticipantId, PrincipalId, ProgramId, SessionId};
use crate::log_entry::{EntryKind, LogEntry};
use crate::principal::CustodianRole;
use crate::public_key::{Nonce, OpeningKey};
use crate::purpose::Purpose;

/// One segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRef {
    /// The session.
    pub session: SessionId,
    /// Its number in the session.
    pub number: u32,
    /// Its header's hash.
    pub header: Hash,
}

/// One derived file of a dataset. It names no person: builders do not learn who it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// The dataset.
    pub dataset: DatasetId,
    /// Which of its files; the dataset's manifest says how it is derived.
    pub file: Hash,
}

/// What keys are asked for: a query already resolved. Sorted and without duplicates, so it has one commitment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SelectionParts")]
pub struct Selection {
    segments: Vec<SegmentRef>,
    files: Vec<FileRef>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectionParts {
    segments: Vec<SegmentRef>,
    files: Vec<FileRef>,
}

impl From<SelectionParts> for Selection {
    fn from(parts: SelectionParts) -> Self {
        Self::new(parts.segments, parts.files)
    }
}

impl Selection {
    /// A selection of segments and derived files, in any order.
    pub fn new(mut segments: Vec<SegmentRef>, mut files: Vec<FileRef>) -> Self {
        segments.sort_unstable();
        segments.dedup();
        files.sort_unstable();
        files.dedup();
        Self { segments, files }
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[SegmentRef] {
        &self.segments
    }

    /// The derived files, in order.
    pub fn files(&self) -> &[FileRef] {
        &self.files
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.files.is_empty()
    }

    /// What a signed request carries instead of the list, which may be longer than a signed record.
    pub fn commitment(&self) -> Hash {
        let mut segments = Vec::with_capacity(self.segments.len() * 52);
        for SegmentRef { session, number, header } in &self.segments {
            segments.extend_from_slice(session.as_bytes());
            segments.extend_from_slice(&number.to_be_bytes());
            segments.extend_from_slice(&header.0);
        }
        let files: Vec<u8> =
            self.files.iter().flat_map(|at| [&at.dataset.as_bytes()[..], &at.file.0].concat()).collect();
        Hash::of_parts("candor selection v1", &[&segments, &files])
    }
}

/// A builder asks for keys. Signed by the builder; custodians approve its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// The program.
    pub program: ProgramId,
    /// Who asks.
    pub builder: PrincipalId,
    /// What will run with the keys, in the builder's words, for the custodians to read.
    pub workload: String,
    /// What for.
    pub purpose: Purpose,
    /// The dataset that is built or read.
    pub dataset: DatasetId,
    /// The hash of the dataset's specification.
    pub spec: Hash,
    /// The commitment of the [`Selection`].
    pub selection: Hash,
    /// Where the keys go: a key pair made for this request only.
    pub ephemeral: OpeningKey,
    /// When it was asked.
    pub at: u64,
    /// The first second in which it no longer holds.
    pub expires: u64,
}

/// A custodian approves one request. Signed by the custodian. There is no record that says no: silence is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The hash of the signed request.
    pub request: Hash,
    /// Who approves.
    pub custodian: PrincipalId,
    /// For whom.
    pub role: CustodianRole,
    /// Yes.
    pub decision: Decision,
    /// When.
    pub at: u64,
    /// The first second in which it no longer holds.
    pub expires: u64,
}

impl LogEntry for Approval {
    const KIND: EntryKind = EntryKind::Approval;
}

/// What a custodian decided. A type with one value: a promise that cannot be varied yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Approved.
    Yes,
}

/// Which consent record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRef {
    /// The record.
    pub id: ConsentId,
    /// Its hash.
    pub hash: Hash,
}

/// What is logged before a key leaves: who gets which keys, what for, and on what authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The hash of the signed request.
    pub request: Hash,
    /// The grant.
    pub grant: GrantId,
    /// Who gets the keys.
    pub builder: PrincipalId,
    /// What for.
    pub purpose: Purpose,
    /// The dataset that is built or read.
    pub dataset: DatasetId,
    /// The commitment of the [`Selection`].
    pub selection: Hash,
    /// How many segments.
    pub segments: u64,
    /// How many derived files.
    pub files: u64,
    /// The SHA-256 of the ephemeral key.
    pub ephemeral: Hash,
    /// The hash of the policy that said yes.
    pub policy: Hash,
    /// The hashes of the approvals that counted.
    pub approvals: Vec<Hash>,
    /// The consents on which it rests, sorted.
    pub consents: Vec<ConsentRef>,
    /// The value that the custody counter takes with this release.
    pub counter: u64,
    /// When it was decided.
    pub at: u64,
}

impl LogEntry for Intent {
    const KIND: EntryKind = EntryKind::Intent;
}

/// What is logged after keys have left, or an intent came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseEntry {
    /// The hash of the intent's leaf.
    pub intent: Hash,
    /// The counter's value.
    pub counter: u64,
    /// How many keys left; 0 where the intent came to nothing.
    pub keys: u64,
    /// When.
    pub at: u64,
}

impl LogEntry for ReleaseEntry {
    const KIND: EntryKind = EntryKind::Release;
}

/// What is logged when a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalEntry {
    /// The hash of the signed request.
    pub request: Hash,
    /// Who asked.
    pub builder: PrincipalId,
    /// Why it was refused: the policy's words.
    pub reasons: Vec<String>,
    /// When.
    pub at: u64,
}

impl LogEntry for RefusalEntry {
    const KIND: EntryKind = EntryKind::Refusal;
}

/// What a participant wants erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum EraseWhat {
    /// Parts of sessions: a moment may lie in several.
    Spans(Vec<SegmentSpan>),
    /// One session.
    Session {
        /// The session.
        session: SessionId,
    },
    /// All that was ever recorded in this program.
    Everything,
}

impl EraseWhat {
    /// One part of one session.
    pub fn span(session: SessionId, first: u32, last: u32) -> Self {
        Self::Spans(vec![SegmentSpan { session, first, last }])
    }
}

/// A part of one session, already rounded out to whole segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpan {
    /// The session.
    pub session: SessionId,
    /// The first segment.
    pub first: u32,
    /// The last segment.
    pub last: u32,
}

/// A participant asks to erase. Signed by the participant; nobody approves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseRequest {
    /// The program.
    pub program: ProgramId,
    /// Whose.
    pub participant: ParticipantId,
    /// What.
    pub what: EraseWhat,
    /// Whether nothing sealed to the vault's present key pairs waits on the device. The vault then destroys the key
    /// pairs that the erased segments were sealed to as well, so that not even a wrap copied from a device helps.
    pub drained: bool,
    /// When.
    pub at: u64,
    /// Fresh for every request.
    pub nonce: Nonce,
}

/// What the vault erased. Signed by the vault; its hash is logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseReceipt {
    /// The hash of the signed request.
    pub request: Hash,
    /// Whose.
    pub participant: ParticipantId,
    /// How many segments.
    pub segments: u64,
    /// How many derived files.
    pub files: u64,
    /// The commitment of the [`Selection`] of both; the list is given beside the receipt.
    pub erased: Hash,
    /// The datasets marked tainted, sorted.
    pub datasets: Vec<DatasetId>,
    /// The custody generation from which on nothing of it opens.
    pub generation: u64,
    /// When it was complete.
    pub at: u64,
}

impl LogEntry for EraseReceipt {
    const KIND: EntryKind = EntryKind::Erase;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: u32) -> SegmentRef {
        SegmentRef { session: SessionId::from_bytes([1; 16]), number, header: Hash([number as u8; 32]) }
    }

    #[test]
    fn a_selection_has_one_commitment_whatever_its_order() {
        let one = Selection::new(vec![segment(2), segment(1), segment(2)], Vec::new());
        let other: Selection = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
        assert_eq!(one.segments(), [segment(1), segment(2)]);
        assert_eq!(one.commitment(), other.commitment());
        assert_ne!(one.commitment(), Selection::new(vec![segment(1)], Vec::new()).commitment());
        let file = FileRef { dataset: DatasetId::from_bytes([3; 16]), file: Hash([4; 32]) };
        assert_ne!(one.commitment(), Selection::new(one.segments().to_vec(), vec![file]).commitment());
    }

    #[test]
    fn an_unknown_field_or_word_is_refused() {
        assert!(serde_json::from_str::<EraseWhat>(r#""everything""#).is_ok());
        assert!(serde_json::from_str::<EraseWhat>(r#""most""#).is_err());
        assert!(serde_json::from_str::<Decision>(r#""no""#).is_err());
        assert!(serde_json::from_str::<Selection>(r#"{"segments":[],"files":[],"all":true}"#).is_err());
    }

    /// The example of the specification, which was computed without this code.
    #[test]
    fn the_leaf_of_the_specification_is_ours() {
        use crate::log_entry::{canonical_json, commitment};
        let spec = include_str!("../../../spec/release.md");
        let block = |fence: &str| spec.split_once(fence).unwrap().1.split_once("\n```").unwrap().0;
        let intent: Intent = serde_json::from_str(block("```json\n")).unwrap();
        let value = |name: &str| {
            let line = spec.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
            (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect::<Vec<_>>()
        };
        let salt = value("salt ").try_into().unwrap();
        let leaf = commitment(&salt, Intent::KIND, &canonical_json(&intent).unwrap()).to_bytes();
        assert_eq!(leaf.to_vec(), value("leaf "));
        assert_eq!(Hash::of(&[&[0][..], &leaf].concat()).0.to_vec(), value("hash "));
    }
}
