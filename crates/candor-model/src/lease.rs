//! Leases: permission to record for at most a minute. Format: `spec/consent.md`.
//!
//! A lease has no wall-clock expiry that could be forged or drift. It counts from the sending of the request, on the
//! device's CLOCK_BOOTTIME (which runs through suspend), so a slow or held-back answer only shortens it.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::{ConsentId, DeviceId, ProgramId, SessionId};
use crate::program::RunState;
use crate::public_key::Nonce;

/// The longest a lease may last, in milliseconds.
pub const LEASE_TTL_MS_MAX: u32 = 60_000;

/// What a device asks for. The device keeps it, with the time it was sent, until the answer comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The session it will record.
    pub session: SessionId,
    /// The device.
    pub device: DeviceId,
    /// The consent record it will record under.
    pub consent: ConsentId,
    /// Fresh for every request; binds the answer to it.
    pub nonce: Nonce,
}

/// The vault's answer, signed by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// The program.
    pub program: ProgramId,
    /// The device that asked.
    pub device: DeviceId,
    /// The session.
    pub session: SessionId,
    /// The consent record.
    pub consent: ConsentId,
    /// That record's hash.
    pub consent_hash: Hash,
    /// The request's nonce.
    pub nonce: Nonce,
    /// How long it lasts from the sending of the request, in milliseconds; 1 to [`LEASE_TTL_MS_MAX`].
    pub ttl_ms: u32,
    /// Whether the program runs. A paused one answers too, so that a device can tell a pause from a lost vault.
    pub state: RunState,
    /// The notice in force.
    pub notice: Hash,
    /// The program's epoch.
    pub epoch: u64,
}
