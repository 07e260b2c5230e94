//! What the log says besides releases and erasures: programs, consents, accepted segments, datasets, pauses. Format:
//! `spec/release.md`, "The leaf". Times are Unix seconds.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::{ConsentId, DatasetId, ParticipantId, ProgramId, SessionId};
use crate::log_entry::{EntryKind, LogEntry};
use crate::principal::Principal;
use crate::program::RunState;

/// A program was published or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramEntry {
    /// The program.
    pub program: ProgramId,
    /// The hash of its signed record.
    pub record: Hash,
    /// Its epoch.
    pub epoch: u64,
    /// When.
    pub at: u64,
}

impl LogEntry for ProgramEntry {
    const KIND: EntryKind = EntryKind::Program;
}

/// Somebody who acts on the vault was enrolled: before they can, so that nobody approves or builds unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalEntry {
    /// Who, with role and key.
    pub principal: Principal,
    /// When.
    pub at: u64,
}

impl LogEntry for PrincipalEntry {
    const KIND: EntryKind = EntryKind::Principal;
}

/// A consent record was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentEntry {
    /// Whose.
    pub participant: ParticipantId,
    /// The record.
    pub consent: ConsentId,
    /// The record's hash.
    pub record: Hash,
    /// The hash of the vault's receipt, which names the key pair.
    pub receipt: Hash,
    /// When.
    pub at: u64,
}

impl LogEntry for ConsentEntry {
    const KIND: EntryKind = EntryKind::Consent;
}

/// A consent was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawEntry {
    /// Whose.
    pub participant: ParticipantId,
    /// The consent.
    pub consent: ConsentId,
    /// The withdrawal's hash.
    pub withdrawal: Hash,
    /// When the vault got it.
    pub at: u64,
}

impl LogEntry for WithdrawEntry {
    const KIND: EntryKind = EntryKind::Withdraw;
}

/// A link of a session's chain was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestEntry {
    /// The session.
    pub session: SessionId,
    /// The number.
    pub number: u32,
    /// The segment's header hash; nothing for a tombstone.
    pub header: Option<Hash>,
    /// The object's hash; nothing for a tombstone.
    pub object: Option<Hash>,
    /// The chain's head after it.
    pub head: Hash,
    /// When.
    pub at: u64,
}

impl LogEntry for IngestEntry {
    const KIND: EntryKind = EntryKind::Ingest;
}

/// A dataset was registered, or marked tainted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetEntry {
    /// The dataset.
    pub dataset: DatasetId,
    /// Which build of it.
    pub version: u32,
    /// The hash of its manifest.
    pub manifest: Hash,
    /// Whether something it was made of was erased.
    pub tainted: bool,
    /// When.
    pub at: u64,
}

impl LogEntry for DatasetEntry {
    const KIND: EntryKind = EntryKind::Dataset;
}

/// The program was paused or resumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseEntry {
    /// The program.
    pub program: ProgramId,
    /// Its new epoch.
    pub epoch: u64,
    /// Whether it runs now.
    pub state: RunState,
    /// When.
    pub at: u64,
}

impl LogEntry for PauseEntry {
    const KIND: EntryKind = EntryKind::Pause;
}
