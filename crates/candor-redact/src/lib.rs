//! The wall: [`Raw`] goes in, [`Redacted`] comes out.
//!
//! Architecture invariant: a [`Raw`] can be made by anybody and read by nobody outside this crate; a [`Redacted`] can be
//! made only here. There is no other way from a source to a segment. No I/O, clock or randomness: time comes with the
//! events.

#![cfg_attr(
    candor_no_wall,
    allow(dead_code, reason = "the build without the wall goes round what the wall is made of")
)]
mod context;
pub mod detect;
mod inspect;
mod keyboard;
mod personal;
mod queue;
mod raw;
mod redacted;
mod redactor;
pub mod regenerate;
mod remark;
mod settings;
mod spans;
pub mod text;
mod typing;

pub use context::{Context, ContextError, ContextRule, Contexts, PrivateKind};
pub use detect::{Detector, Finding, Kind};
pub use inspect::Leak;
pub use personal::{PersonalEntry, PersonalError, PersonalKey, PersonalList};
pub use raw::{ElementId, FieldText, GapCause, LogicalKey, Observation, Observed, Raw, Role, Secrecy, SeenElement};
pub use redacted::Redacted;
pub use redactor::{Outgoing, REDACTOR_VERSION, Redactor, Tally};
pub use remark::{Remark, Rule};
pub use settings::Settings;
pub use typing::{RETRACT_SECS, SessionKey};
