//! Consent records, notices, receipts and leases, decided purely: records + program state + now → [`LiveConsent`] or
//! every reason why not. Format: `spec/consent.md`.
//!
//! Architecture invariants: no I/O, no clock, no randomness of its own. Only this crate makes a [`LiveConsent`], a
//! [`LiveLease`] or a [`CaptureRight`], and none of them can be cloned, stored or sent: permission is asked for again,
//! not kept (invariant 1).

pub mod jws;
pub mod keys;
pub mod lease;
pub mod live;
pub mod records;

pub use jws::{Signed, sign, verify};
pub use keys::ParticipantSigner;
pub use lease::{CaptureRefusal, CaptureRight, LeaseRefusal, LiveLease};
pub use live::{LiveConsent, Reason, decide};
pub use records::Records;
