//! The column codec: a block of events as delta-coded columns in three zstd frames. Format: `spec/segment.md`, "Block".
//!
//! A value below 240 is one byte of its column's main stream; larger ones leave an escape there and the rest in a side
//! stream. That keeps the three kinds of bytes apart (kinds and time, positions, rests), which zstd's Huffman tables
//! reward: 6 % smaller than one stream of varints on Balabit's office sessions.

mod bytes;
mod decode;
mod encode;
mod zframe;

pub use decode::{BlockError, decode};
pub use encode::Encoder;
pub use zframe::expand;

/// The most events in one block, and in one segment.
pub const BLOCK_EVENTS_MAX: usize = 32_768;

/// The most bytes a block's frame expands to.
pub const EXPANDED_MAX: usize = 1 << 20;

/// Kinds, as the kind column stores them.
mod kind {
    pub const MOVE: u8 = 0;
    pub const DRAG: u8 = 1;
    pub const KEY_DOWN: u8 = 2;
    pub const KEY_UP: u8 = 3;
    pub const BUTTON_DOWN: u8 = 4;
    pub const BUTTON_UP: u8 = 5;
    pub const SCROLL: u8 = 6;
    pub const WINDOW: u8 = 7;
    pub const GAP: u8 = 8;
    pub const SURROGATE: u8 = 9;
    pub const ELEMENT: u8 = 10;

    /// Whether an event of this kind has a position in the columns of positions. An element's stands beside them: between
    /// two places of the pointer, its corner would make two leaps of one step.
    pub fn has_position(kind: u8) -> bool {
        matches!(kind, MOVE | DRAG | BUTTON_DOWN | BUTTON_UP | SCROLL)
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
