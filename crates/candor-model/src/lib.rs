//! Candor's words and wire formats: ids, units, events, the segment header, consent records, grants, log entries.
//!
//! Architecture invariant: no I/O, no clock and no randomness here; and nothing here can hold a typed character
//! next to a place where it could be written. What a source saw lives in `candor_redact::Raw`, which is not serialisable.

pub mod consent;
pub mod element;
pub mod event;
pub mod grant;
pub mod hash;
pub mod header;
pub mod id;
pub mod key;
pub mod lease;
pub mod log_entry;
pub mod principal;
pub mod program;
pub mod public_key;
pub mod purpose;
pub mod quality;
pub mod text;
pub mod typ;
pub mod unit;
pub mod vault_entry;

pub use consent::{ConsentRecord, Receipt, Withdrawal};
pub use element::{Element, ElementOf, ElementRole};
pub use event::{Actor, Event, What};
pub use grant::{
    Approval, EraseReceipt, EraseRequest, EraseWhat, FileRef, Intent, RefusalEntry, ReleaseEntry, ReleaseRequest,
    SegmentRef, SegmentSpan, Selection,
};
pub use hash::Hash;
pub use header::Header;
pub use id::{ConsentId, DatasetId, DeviceId, GrantId, ParticipantId, PrincipalId, ProgramId, SessionId};
pub use lease::{Lease, LeaseRequest};
pub use log_entry::{EntryKind, Leaf, LogEntry};
pub use principal::{CustodianRole, Nature, Principal, Role};
pub use program::{Notice, Program};
pub use public_key::{Nonce, OpeningKey, PublicKey, VaultIdentity};
pub use purpose::{Purpose, Purposes};
pub use quality::Quality;
pub use text::{TextPolicy, TextRules};
pub use typ::Typ;
pub use unit::{ClockUnit, PositionUnit, Ticks};
pub use vault_entry::{
    ConsentEntry, DatasetEntry, IngestEntry, PauseEntry, PrincipalEntry, ProgramEntry, WithdrawEntry,
};
