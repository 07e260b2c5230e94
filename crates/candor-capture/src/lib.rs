//! Sources of events: importers of recordings made by other tools now, live adapters of the operating system later.
//!
//! Architecture invariant: a source emits [`candor_redact::Raw`] and nothing else. What it saw can then only go to the
//! wall; reports and errors say how many, which line and why, never what.
//!
//! The importers sit behind the feature `import`, which the device flavour lacks; the adapters of a desktop behind that
//! desktop's name.

#[cfg(feature = "x11")]
pub mod a11y;
#[cfg(feature = "import")]
pub mod import;
mod source;
#[cfg(all(feature = "x11", any(test, feature = "testing")))]
pub mod testing;
mod unsupported;
#[cfg(feature = "windows")]
pub mod windows;
#[cfg(feature = "x11")]
pub mod x11;

pub use source::{Capabilities, CaptureError, CaptureSource};
pub use unsupported::unsupported;
