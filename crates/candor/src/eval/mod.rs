//! `candor eval`: how well what Candor promises is kept, measured on labelled and recorded data of others.
//!
//! Each evaluation is a module with one entry point that returns a [`Report`]. Files are the caller's and are only read;
//! no report, message or progress line quotes them.

pub(crate) mod formats;
pub(crate) mod keyleak;
pub(crate) mod redact;
pub(crate) mod reident;
pub(crate) mod replay;
mod report;
mod score;
mod types;

pub(crate) use report::{Report, Row};
