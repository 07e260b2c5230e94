//! Custody, the key shelves' rows, and the one place where keys leave. Format and rules: `spec/release.md`.
//!
//! Architecture invariants: keys leave through [`Turn::release`] only, which takes a [`candor_policy::Grant`] (only the
//! policy makes one) and a [`candor_store::Logged`] intent (only the log makes one); releasing without either does not
//! compile. No HTTP, no configuration, no clock: the time is an argument. Reading one's own data needs none of this: the
//! device has its own keys.
#![forbid(unsafe_code)]

mod accept;
pub mod audit;
mod broker;
mod custody;
mod db;
mod enrol;
mod erase;
mod file_custody;
mod records;
mod release;
mod shelf;
#[cfg(test)]
mod tests;

pub use accept::{AcceptError, Accepted};
pub use broker::{Broker, BrokerError};
pub use custody::{Custody, CustodyError};
pub use enrol::{DerivedFile, FileTerms};
pub use erase::{EraseError, Erased};
pub use file_custody::{Cost, FileCustody};
pub use release::{Release, ReleaseError, Turn};
