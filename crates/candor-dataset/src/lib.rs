//! Under a grant: open, reduce to steps, export, one sealed file per participant; lineage. Format: `spec/dataset.md`.
//!
//! Architecture invariants: events come in as opened by candor-seal; bytes go out sealed, through a [`build::Sink`] that
//! takes nothing else. No clock and no wall-clock time; nothing here crosses from one participant to another except
//! counts. Randomness is an argument, except for Parquet's nonces, which its writer draws itself.
#![forbid(unsafe_code)]

pub mod reduce;
