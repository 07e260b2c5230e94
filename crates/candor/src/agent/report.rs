//! What the spool holds, in numbers.

use anyhow::Result;
use candor_store::Spool;
use candor_store::spool::{Now, SegmentState};
use serde_json::{Value, json};

/// How many segments stand where, their bytes, and how old the newest is.
///
/// # Errors
/// Where the spool cannot be read.
pub(crate) fn spool_report(spool: &Spool, now: &Now) -> Result<Value> {
    let states = spool.status(now)?;
    let count = |want: fn(&SegmentState) -> bool| states.iter().filter(|one| want(&one.state)).count();
    Ok(json!({
        "held_back": count(|state| matches!(state, SegmentState::Held { .. })),
        "ready": count(|state| matches!(state, SegmentState::Ready)),
        "uploaded": count(|state| matches!(state, SegmentState::Acknowledged)),
        "remarks": count(|state| matches!(state, SegmentState::Own)),
        "bytes": states.iter().map(|one| one.bytes).sum::<u64>(),
        "last_stored_at": states.iter().map(|one| one.accepted_at).max(),
        "last_stored_age_secs": states.iter().map(|one| one.age_secs).min(),
    }))
}
