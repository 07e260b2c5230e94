//! The segment: column codec, seal and open; the keys that wrap its key; the key shelf; the chain of segments.
//!
//! Format: `spec/segment.md`. Suite: X-Wing, HKDF-SHA256, ChaCha20-Poly1305, Ed25519, all from libraries.
//!
//! Architecture invariant: what goes in is [`candor_redact::Redacted`]; plaintext comes out only as [`Opened`], only here.
//! No I/O and no clock; randomness is an argument.
#![forbid(unsafe_code)]

mod chain;
mod codec;
mod journal;
mod keys;
mod open;
mod segment;
mod session;
mod shelf;
mod small_order;
mod stream;

pub use chain::{ChainError, ChainRecord, Link};
pub use codec::BlockError;
pub use journal::{Journal, SealedChunk, cut_journal};
pub use keys::{
    Dek, Encapsulation, Identity, KeyError, Recipient, RecipientRole, Rewrapped, Wrap, WrapKey, open_rewrapped, rewrap,
};
pub use open::{OpenError, Opened, open, open_remarks};
pub use segment::{Sealed, SealedSegment, SegmentError, check_header};
pub use session::{SEGMENT_EVENTS_MAX, SealError, SessionSealer};
pub use shelf::{RowId, ShelfError, ShelfKey};
