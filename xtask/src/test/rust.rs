//! rustfmt, clippy, and the tests of the workspace.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Outcome, interop};
use crate::child;
use crate::house::{House, STEP_LIMIT};

/// `cargo fmt --check`.
pub fn format(house: &House) -> Result<Outcome> {
    must_succeed(&mut house.cargo(&["fmt", "--all", "--check"]), "run `cargo fmt`")
}

/// Clippy over everything; a warning is an error.
pub fn clippy(house: &House) -> Result<Outcome> {
    let args = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    must_succeed(&mut house.cargo(&args), "mend the lints above, or give an exception its reason")
}

/// `cargo test` over everything. Tests that ask an independent reader find it through the environment.
pub fn tests(house: &House) -> Result<Outcome> {
    let mut command = house.cargo(&["test", "--quiet", "--workspace", "--no-fail-fast"]);
    command.envs(interop::readers(house));
    must_succeed(&mut command, "a test failed; its output is above")
}

/// Runs a command and turns anything but success into an error.
pub fn must_succeed(command: &mut Command, advice: &str) -> Result<Outcome> {
    if !child::run(command, STEP_LIMIT)?.success() {
        bail!("{advice}");
    }
    Ok(Outcome::Passed(String::new()))
}
