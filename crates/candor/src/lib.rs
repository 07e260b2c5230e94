//! Candor: honest recording of how consenting people work at a computer.
//!
//! Code map: `cli` parses words and prints; `agent` is what runs beside a person; `vault` is what serves; `wire` is the
//! HTTP between them. Configuration files, HTTP and the clock exist in this crate only.

pub mod agent;
mod cli;
mod clock;
#[cfg(feature = "vault")]
mod config;
#[cfg(all(feature = "dataset", feature = "import", feature = "vault"))]
mod demo;
mod files;
mod invitation;
mod keys;
#[cfg(feature = "vault")]
mod vault;
mod wire;

/// Runs the program with the process's arguments.
pub fn run() -> std::process::ExitCode {
    cli::run()
}
