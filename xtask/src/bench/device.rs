//! How large the program is that a participant installs.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::child;
use crate::house::{Flavour, House, STEP_LIMIT};
use crate::report::{Report, Row};

/// The benchmark.
pub fn run(house: &House, _files: &[PathBuf]) -> Result<Report> {
    let program = house.program(Flavour::Device, true)?;
    let megabytes = |path: &PathBuf| -> Result<f64> {
        let size = std::fs::metadata(path).with_context(|| format!("look at `{}`", path.display()))?.len();
        Ok(f64::from(u32::try_from(size).context("a program of 4 GB")?) / 1e6)
    };
    let mut rows = vec![Row::new("device_binary_mb", megabytes(&program)?, "MB")];
    let stripped = program.with_extension("stripped");
    let mut strip = house.command("strip");
    strip.arg("-o").arg(&stripped).arg(&program);
    // binutils come with gcc; without them one row is missing, which a reader sees.
    if child::run(&mut strip, STEP_LIMIT).is_ok_and(|status| status.success()) {
        rows.push(Row::new("device_binary_stripped_mb", megabytes(&stripped)?, "MB"));
    }
    Ok(Report { name: "device".into(), rows })
}
