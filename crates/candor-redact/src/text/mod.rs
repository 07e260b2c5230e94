//! The text of a field, rebuilt from the keys that were pressed in it.
//!
//! A [`TextField`] lives as long as a field has the focus. It holds a cell for every character that was typed there, and
//! each cell knows every event that made it; what is deleted stays as a tombstone, because it is still in the stream.
//! Where the keys alone do not tell what an application did, the model says so ([`Confidence`]) instead of guessing:
//! toolkits differ in what a word is, where Home goes, what Escape undoes.
//!
//! Architecture invariant: no character that a key could have typed is missing from [`TextField::inlined`] and
//! [`TextField::printed`], however lost the model is, up to [`CELLS_MAX`].

mod cell;
mod compose;
mod desktop;
mod edit;
mod field;
mod look;
mod motion;
mod readline;
mod stroke;
mod sync;
#[cfg(test)]
mod tests;
mod view;

pub use cell::{Cell, Makers};
pub use field::{CELLS_MAX, Clipboard, TextField};
pub(crate) use look::Window;
pub use stroke::{Bindings, Confidence, Effect, Lines, Stroke};
pub use view::View;

/// The number of an observation in its session.
pub type EventId = u64;
