//! Speed and memory of the detectors, measured by `examples/bench_redact.rs` of their crate, beside Presidio and
//! detect-secrets, which `xtask/peers/redact.py` runs on the same bytes.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::house::House;
use crate::report::Report;
use crate::test::machine;

/// What pins the peers.
const LIST: &str = "xtask/peers/requirements.txt";

/// The benchmark. Without files it measures the public texts in `../shared/data`, or in `$CANDOR_DATA`.
pub fn run(house: &House, files: &[PathBuf]) -> Result<Report> {
    let folder = house.target.join("xtask").join("peers");
    let settings: Vec<(&str, OsString)> = match machine::venv(house, &folder, LIST, &[]) {
        Ok(_) => vec![
            ("CANDOR_PEERS_PYTHON", folder.join("bin/python").into()),
            ("CANDOR_PEERS_SCRIPT", house.root.join("xtask/peers/redact.py").into()),
        ],
        Err(error) => {
            eprintln!("xtask: no peers to compare with: {error:#}");
            Vec::new()
        }
    };
    super::example(house, "candor-redact", "redact", files, &settings)
}
