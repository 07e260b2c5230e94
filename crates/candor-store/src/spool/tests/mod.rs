//! What counts as failure here: a spool that does not open, a commit that was reported and is not there, an upload
//! before its time, anything in clear. What does not: queued segments that a crash takes.

mod crash;
mod full;
mod kill;
mod own;
mod place;
mod upload;

use std::path::Path;

use candor_model::SessionId;
use candor_model::header::Schema;
use candor_seal::ShelfKey;

use super::{Condition, Now, SegmentId, Spool, SpoolError};
use crate::testing::rng;

fn fresh() -> ShelfKey {
    ShelfKey::generate(&mut rng())
}

fn open(dir: &Path) -> Spool {
    Spool::open(dir, &fresh()).unwrap()
}

fn now(secs: u64) -> Now {
    Now { unix: 1_800_000_000 + secs, boot: [9; 16], boottime: 5_000 + secs }
}

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

fn id(session: SessionId, schema: Schema, number: u32) -> SegmentId {
    SegmentId { session, schema, number }
}

fn assert_sound(spool: &Spool, what: &str) {
    for finding in spool.fsck().unwrap() {
        assert_eq!(finding.condition, Condition::Ok, "{what}: {}", finding.path.display());
    }
}

fn gone<T>(result: Result<T, SpoolError>) -> bool {
    matches!(result, Err(SpoolError::NoSegment { .. }))
}
