//! Release decisions: (records, request, approvals, now) → [`Grant`], or a [`Refusal`] with every reason. Format:
//! `spec/release.md`; the rules themselves: `policies/*.cedar`, embedded.
//!
//! Architecture invariants: no I/O, no clock, no randomness. Only [`decide`] makes a [`Grant`]; it cannot be cloned,
//! stored or sent. Default deny, and anything odd is a no: an unknown rule, a policy that does not fit the schema, a
//! diagnostic of any kind (invariant 6). Not modelled yet: who manages whom, quotas, measurements of the workroom.
#![forbid(unsafe_code)]

mod decide;
mod engine;
mod facts;
mod grant;
mod reason;
mod records;
#[cfg(test)]
mod tests;

pub use decide::decide;
pub use engine::{LoadError, check_policy, policy_hash};
pub use grant::{GRANT_SECS_MAX, Grant};
pub use reason::{Item, Reason, Refusal};
pub use records::{Material, Records, RecordsError, Subject};
