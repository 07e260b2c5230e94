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
#[cfg(feature = "eval")]
mod eval;
mod files;
mod invitation;
mod keys;
#[cfg(feature = "device")]
pub mod logs;
#[cfg(feature = "vault")]
mod vault;
mod wire;

/// Runs the program with the process's arguments.
pub fn run() -> std::process::ExitCode {
    // Memory holds what was captured before the wall, keys, and what keys opened: no crash may write it to a disk, and
    // no other process of the same user may read it. Where the system refuses, there is nothing better to do.
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    cli::run()
}
