//! Under a grant: open, reduce to steps, export, one sealed file per participant; lineage. Format: `spec/dataset.md`.
//!
//! Architecture invariants: events come in as candor-seal opened them; bytes go out sealed, through a [`sink::Sink`] that
//! takes nothing else. No clock and no wall-clock time; nothing crosses from one participant to another except counts.
//! Randomness is an argument, except for Parquet's nonces, which its writer draws itself.
#![forbid(unsafe_code)]

pub mod build;
pub mod export;
pub mod lineage;
pub mod manifest;
pub mod pace;
pub mod place;
pub mod provenance;
pub mod pseudonym;
pub mod reduce;
pub mod reident;
pub mod row;
pub mod sealed;
pub mod sink;
pub mod spec;
pub mod typed;

pub use build::{BuildError, Built, Order, ParticipantInput, Progress, SessionInput, build};
pub use lineage::{Lineage, Taint, TaintReason};
pub use manifest::{LoadRefusal, Loadable, Manifest};
pub use provenance::{Provenance, open_provenance, seal_provenance};
pub use pseudonym::{DatasetSecret, Pseudonym, SessionName, Split};
pub use spec::Spec;
