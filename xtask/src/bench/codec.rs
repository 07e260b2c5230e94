//! Sealed bytes per event and speed, measured by `examples/bench_codec.rs` of the program's crate.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::house::House;
use crate::report::Report;

/// The benchmark.
pub fn run(house: &House, files: &[PathBuf]) -> Result<Report> {
    if files.is_empty() {
        bail!("name the recordings to measure: `cargo xtask bench codec FILE…`");
    }
    super::example(house, "candor", "codec", files, &[])
}
