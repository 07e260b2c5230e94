//! The member's side: what runs on the device of a participant, and what builders, custodians and operators use to talk
//! to the vault.
//!
//! Architecture invariant: nothing here serves, decides a release or opens what belongs to others.

#[cfg(feature = "dataset")]
pub(crate) mod builder;
pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod enrol;
pub(crate) mod erase;
pub(crate) mod home;
#[cfg(feature = "import")]
pub(crate) mod import;
pub(crate) mod lease;
#[cfg(feature = "device")]
pub(crate) mod live;
pub(crate) mod own;
pub(crate) mod pin;
pub(crate) mod private;
pub mod recorder;
pub(crate) mod recordings;
mod report;
#[cfg(any(feature = "device", feature = "import"))]
pub(crate) mod session;
pub(crate) mod uploader;

pub(crate) use home::Home;
pub(crate) use report::spool_report;
