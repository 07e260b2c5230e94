//! Sources of events: importers of recordings made by other tools now, live adapters of the operating system later.
//!
//! Architecture invariant: a source emits [`candor_redact::Raw`] and nothing else. What it saw can then only go to the
//! wall; reports and errors say how many, which line and why, never what.
//!
//! The importers sit behind the feature `import`, which the device flavour lacks.

#[cfg(feature = "import")]
pub mod import;
