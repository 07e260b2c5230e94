//! Candor's words and wire formats: ids, units, events, the segment header, consent records, grants, log entries.
//!
//! Architecture invariant: no I/O, no clock and no randomness here; and nothing here can hold a typed character
//! next to a place where it could be written. What a source saw lives in `candor_redact::Raw`, which is not serialisable.

pub mod event;
pub mod hash;
pub mod header;
pub mod id;
pub mod key;
pub mod purpose;
pub mod unit;

pub use event::{Actor, Event, What};
pub use hash::Hash;
pub use header::Header;
pub use id::{ConsentId, DatasetId, DeviceId, GrantId, ParticipantId, PrincipalId, ProgramId, SessionId};
pub use purpose::{Purpose, Purposes};
pub use unit::{ClockUnit, PositionUnit, Ticks};
