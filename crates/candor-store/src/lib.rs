//! Durable things: the device's spool; with the feature `vault` also objects, metadata and the log.
//!
//! Architecture invariant: sealed bytes only. What goes in is [`candor_seal::SealedSegment`] and wrapped keys; nothing
//! here can open a segment, and no error carries more than ids, numbers and paths.
#![forbid(unsafe_code)]

mod disk;
#[cfg(feature = "vault")]
mod logged;
pub mod spool;

pub use disk::DiskError;
#[cfg(feature = "vault")]
pub use logged::Logged;
pub use spool::{Now, SegmentId, Spool, SpoolError, SpoolWriter};
