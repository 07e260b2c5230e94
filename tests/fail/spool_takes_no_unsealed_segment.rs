//! Invariant 3: the spool takes what was sealed, not bytes.
use candor_store::SpoolWriter;

pub fn store(spool: &mut SpoolWriter, plain: Vec<u8>) {
    spool.push(plain).ok();
}
