//! What is sealed has passed the wall.
use candor_redact::Raw;
use candor_seal::Journal;

pub fn skip_the_wall(journal: &mut Journal, raw: &[Raw]) {
    journal.append(raw).ok();
}
