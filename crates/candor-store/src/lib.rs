//! Durable things: the device's spool; with the feature `vault` also objects, metadata and the log.
//!
//! Architecture invariant: sealed bytes only. What goes in is [`candor_seal::SealedSegment`] and wrapped keys; nothing
//! here can open a segment, and no error carries more than ids, numbers and paths.
#![forbid(unsafe_code)]

mod disk;
#[cfg(feature = "vault")]
pub mod log;
#[cfg(feature = "vault")]
pub mod meta;
#[cfg(feature = "vault")]
mod objects;
pub mod spool;
#[cfg(test)]
mod testing;
#[cfg(feature = "vault")]
mod vault;

pub use disk::DiskError;
#[cfg(feature = "vault")]
pub use log::{Draft, Log, LogError, LogReport, Logged, Queued};
#[cfg(feature = "vault")]
pub use meta::{MetaError, MetaStore};
#[cfg(feature = "vault")]
pub use objects::{ObjectError, Objects};
pub use spool::{Now, SegmentId, Spool, SpoolError, SpoolWriter};
#[cfg(feature = "vault")]
pub use vault::{VaultError, VaultStore};
