//! What the recorder loses and costs at a display of its own, measured by `examples/bench_capture.rs` of the program's crate,
//! beside pynput, which `xtask/peers/capture.py` runs on the same input.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::house::{Flavour, House};
use crate::report::Report;
use crate::test::machine;

/// What pins the peer.
const LIST: &str = "xtask/peers/capture.txt";

/// The benchmark: three rates of input at a terminal, pauses and a hidden indicator, a soak at the fastest rate, a secret typed
/// as the focus moves to its field, and an editor on the accessibility bus. `CANDOR_BENCH_SECS` says how long the terminal and
/// the editor take (60), `CANDOR_BENCH_SOAK_SECS` the soak (60), `CANDOR_BENCH_TRIALS` how often the secret is typed (60).
pub fn run(house: &House, files: &[PathBuf]) -> Result<Report> {
    if !files.is_empty() {
        bail!("this benchmark makes its own input; name no files");
    }
    machine::provide(house, machine::DESKTOP)?;
    let device = house.program(Flavour::Device, true)?;
    let full = house.program(Flavour::Full, true)?;
    let mut settings: Vec<(&str, OsString)> = vec![("CANDOR_RECORDER", device.into()), ("CANDOR_PROGRAM", full.into())];
    let folder = house.target.join("xtask").join("peers-capture");
    match machine::venv(house, &folder, LIST, &["--no-deps"]) {
        Ok(_) => settings.extend([
            ("CANDOR_PEERS_PYTHON", OsString::from(folder.join("bin/python"))),
            ("CANDOR_PEERS_SCRIPT", house.root.join("xtask/peers/capture.py").into()),
        ]),
        Err(error) => eprintln!("xtask: no peer to compare with: {error:#}"),
    }
    super::example(house, "candor", "capture", &[], &settings)
}
