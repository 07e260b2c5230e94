//! An entry that is durably in the log.

use candor_model::Hash;

/// An entry of the log: sequenced, integrated, and covered by a checkpoint that is on disk. Only the log makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<T> {
    entry: T,
    index: u64,
    leaf_hash: Hash,
}

impl<T> Logged<T> {
    /// For the log alone, once the checkpoint that covers the entry is durable.
    #[allow(dead_code, reason = "the log calls it; remove this line when it lands")]
    pub(crate) const fn new(entry: T, index: u64, leaf_hash: Hash) -> Self {
        Self { entry, index, leaf_hash }
    }

    /// The entry.
    pub const fn entry(&self) -> &T {
        &self.entry
    }

    /// Its place in the log, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The hash of its leaf (RFC 6962: SHA-256 of a zero byte and the leaf's bytes).
    pub const fn leaf_hash(&self) -> Hash {
        self.leaf_hash
    }
}
