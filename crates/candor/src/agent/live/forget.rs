//! Forgetting a moment: here at once, in the vault and in what was made of it as soon as the vault is reached.

use anyhow::Result;
use candor_model::header::Schema;
use candor_store::Spool;
use candor_store::spool::Now;
use serde::{Deserialize, Serialize};

use super::Wanted;
use crate::agent::{Home, erase};

/// What was forgotten on this device. The vault's receipt is the one of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forgotten {
    /// Event segments that are gone.
    pub(crate) segments: usize,
    /// Of them, how many the vault has and is asked to erase.
    pub(crate) uploaded: usize,
    /// How many seconds were asked for.
    pub(crate) secs: u64,
    /// Whether something could not be looked at: what a crash left cannot be read, and may be of that time.
    pub(crate) incomplete: bool,
}

/// Forgets, in the recorder or where none runs.
///
/// # Errors
/// As [`forget_last`].
pub(crate) fn forget(home: &Home, spool: &Spool, secs: u64) -> Result<Forgotten> {
    let whole = erase::make_ready(home, spool);
    forget_last(home, spool, secs, &Now::read()?, whole)
}

/// Destroys what was recorded in the last `secs` seconds, in whole segments, and leaves the recorder paused: also where it
/// does not run, or had been stopped. `whole`: the spool shows all that there is.
///
/// # Errors
/// Where the spool's disk fails; what was decided is finished at the next start. Where only the pause cannot be kept, the
/// recordings are gone all the same.
pub(crate) fn forget_last(home: &Home, spool: &Spool, secs: u64, now: &Now, whole: bool) -> Result<Forgotten> {
    let kept = Wanted { paused: true }.write(home);
    let plan = erase::Plan { whole, ..erase::plan_last(spool, secs, now)? };
    let incomplete = !whole;
    if plan.segments.is_empty() {
        return kept.map(|()| Forgotten { segments: 0, uploaded: 0, secs, incomplete });
    }
    let erased = erase::erase(home, spool, &plan)?;
    let segments = erased.segments.iter().filter(|id| id.schema == Schema::Events).count();
    kept.map(|()| Forgotten { segments, uploaded: erased.uploaded.len(), secs, incomplete })
}
