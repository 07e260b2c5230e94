//! The demo built without the wall: its scan has to find the canaries, or it would find nothing ever.
//!
//! Cargo is told to run this very program in the compiler's place for the workspace's crates; it hands over to the
//! compiler with one more `--cfg`. Cargo keeps what such a wrapper builds apart from everything else, and shares the
//! dependencies. The program that comes out is copied aside, then the honest one is put back.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use super::{Outcome, demo};
use crate::child;
use crate::house::{Flavour, House, SAME_AS_TESTS, STEP_LIMIT};

/// Set for the wrapper, and for nothing else.
const WRAPPING: &str = "CANDOR_XTASK_WRAP";

/// Whether cargo started this program in the compiler's place.
pub fn is_wrapper() -> bool {
    env::var_os(WRAPPING).is_some_and(|value| value == "no-wall")
}

/// Becomes the compiler that the arguments name, with the wall switched off.
pub fn wrap_rustc() -> ExitCode {
    let mut args = env::args_os().skip(1);
    let Some(rustc) = args.next() else {
        eprintln!("xtask: {WRAPPING} is set, but this is no call of a compiler; unset it");
        return ExitCode::from(2);
    };
    let error = Command::new(rustc).args(wrapped(args)).exec();
    eprintln!("xtask: the compiler cannot be started: {error}");
    ExitCode::from(2)
}

/// The compiler's arguments, and one more.
fn wrapped(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    args.chain(["--cfg".into(), "candor_no_wall".into()]).collect()
}

/// The step.
pub fn demo(house: &House) -> Result<Outcome> {
    if !demo::is_written(&house.root) {
        return Ok(Outcome::Skipped("crates/candor/src/demo is not written yet".into()));
    }
    // Cargo may have replaced our file since we started; this link still leads to it.
    let wrapper = house.scratch("no-wall")?.join("rustc-without-the-wall");
    let _ = std::fs::remove_file(&wrapper);
    std::fs::copy("/proc/self/exe", &wrapper).context("copy xtask, to run it in the compiler's place")?;
    let mut build = house.cargo(&["build", "--quiet", "--bin", "candor"]);
    build.args(SAME_AS_TESTS).env("RUSTC_WORKSPACE_WRAPPER", &wrapper).env(WRAPPING, "no-wall");
    let built = child::run(&mut build, STEP_LIMIT);
    let leaky = house.keep(&house.target.join("debug/candor"), "no-wall");
    house.program(Flavour::Full, false)?;
    if !built?.success() {
        bail!("the program does not build without the wall");
    }
    let leaky = leaky?;
    let (succeeded, summary) = demo::run(house, &leaky)?;
    let _ = std::fs::remove_file(&leaky);
    let (hits, planted) =
        (summary["canary_hits"].as_u64().unwrap_or(0), summary["canaries_planted"].as_u64().unwrap_or(0));
    if succeeded || hits == 0 || planted == 0 {
        bail!(
            "without the wall the scan found {hits} of {planted} canaries and the demo {}: the scan is blind",
            if succeeded { "passed" } else { "failed" }
        );
    }
    Ok(Outcome::Passed(format!("{hits} hits on {planted} canaries, as there should be")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_gets_one_more_argument() {
        let args = wrapped(["--crate-name", "candor"].map(OsString::from).into_iter());
        assert_eq!(args, ["--crate-name", "candor", "--cfg", "candor_no_wall"].map(OsString::from));
    }
}
