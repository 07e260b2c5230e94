//! `cargo xtask bench NAME`: figures, measured on the spot, beside the best known elsewhere.
//!
//! A benchmark is a function here that returns a [`Report`]. One that has to call the libraries lives in a crate as
//! `examples/bench_NAME.rs`, built in release and run by [`example`], so that xtask itself stays small.

mod capture;
mod codec;
mod device;
mod redact;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::house::{House, STEP_LIMIT};
use crate::report::Report;

/// One benchmark: its name, what it measures, and how.
struct Bench {
    name: &'static str,
    about: &'static str,
    run: fn(&House, &[PathBuf]) -> Result<Report>,
}

/// All benchmarks. To add one, write `bench/NAME.rs` and list it here.
const BENCHES: &[Bench] = &[
    Bench {
        name: "capture",
        about: "what a live recording loses, costs, and how fast it stops, beside pynput",
        run: capture::run,
    },
    Bench { name: "codec", about: "FILE…: sealed bytes per event, and speed, beside other formats", run: codec::run },
    Bench { name: "device", about: "size of the device flavour's program", run: device::run },
    Bench {
        name: "redact", about: "[FILE…]: speed and memory of all detectors, beside Presidio's", run: redact::run
    },
];

/// The names of all benchmarks.
pub fn names() -> Vec<&'static str> {
    BENCHES.iter().map(|bench| bench.name).collect()
}

/// Prints the benchmarks and what each measures.
pub fn list() {
    for Bench { name, about, .. } in BENCHES {
        println!("{name:<10} {about}");
    }
}

/// Runs a benchmark and prints its report.
pub fn run(house: &House, name: &str, json: bool, files: &[PathBuf]) -> Result<()> {
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == name) else {
        bail!("there is no benchmark `{name}`; there are: {}", names().join(", "));
    };
    let here = std::env::current_dir().context("find the current folder")?;
    let files: Vec<PathBuf> = files.iter().map(|file| here.join(file)).collect();
    let report = (bench.run)(house, &files)?;
    print!("{}", report.to_table());
    if json {
        println!("{}", report.to_json());
    }
    Ok(())
}

/// Builds `examples/bench_NAME.rs` of a package in release and runs it with the files as arguments and `settings` in its
/// environment. Its progress goes to standard error; the last line of its standard output is the report.
pub fn example(
    house: &House,
    package: &str,
    name: &str,
    files: &[PathBuf],
    settings: &[(&str, OsString)],
) -> Result<Report> {
    let example = format!("bench_{name}");
    let source = house.root.join("crates").join(package).join("examples").join(format!("{example}.rs"));
    if !source.exists() {
        bail!("`{}` is not written yet", source.display());
    }
    let args = ["build", "--release", "--quiet", "--package", package, "--example", &example];
    if !child::run(&mut house.cargo(&args), STEP_LIMIT)?.success() {
        bail!("`{example}` does not build");
    }
    let mut command = house.command(house.target.join("release/examples").join(&example));
    command.args(files).envs(settings.iter().map(|(name, value)| (name, value)));
    Report::from_output(&child::text(&mut command, STEP_LIMIT)?)
}
