//! Invariant 3: a journal takes sealed chunks, not bytes.
use candor_store::SpoolWriter;

pub fn store(spool: &mut SpoolWriter, plain: &[u8]) {
    spool.append_journal(0, plain).ok();
}
