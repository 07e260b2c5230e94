//! The Windows source: compiled for Windows and run under Wine, against real windows of Wine's.
//!
//! `docs/PLATFORMS.md` says what this proves and what it does not. The compiler is Debian's, which comes with the sources of
//! the standard library; its target folder is one of its own.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use super::Outcome;
use super::machine::{self, Need};
use crate::child;
use crate::house::{House, STEP_LIMIT};

const TARGET: &str = "x86_64-pc-windows-gnu";
const GCC: &str = "x86_64-w64-mingw32-gcc";
/// How long Wine may take.
const LIMIT: Duration = Duration::from_secs(900);

const NEEDS: &[Need] = &[
    Need { what: "a compiler for Windows", probe: &["/usr/bin/rustc", "--version"], package: "rustc-web" },
    Need {
        what: "the standard library's sources",
        probe: &["sh", "-c", "test -e \"$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock\""],
        package: "rust-web-src",
    },
    Need { what: "a linker for Windows", probe: &[GCC, "--version"], package: "gcc-mingw-w64-x86-64" },
    Need { what: "Wine", probe: &["test", "-x", "/usr/lib/wine/wine64"], package: "wine64" },
    Need { what: "Xvfb", probe: &["sh", "-c", "command -v xvfb-run"], package: "xvfb" },
    Need { what: "its cookies", probe: &["sh", "-c", "command -v xauth"], package: "xauth" },
    Need { what: "a window manager", probe: &["sh", "-c", "command -v openbox"], package: "openbox" },
    Need { what: "a hand", probe: &["sh", "-c", "command -v xdotool"], package: "xdotool" },
];

/// The step.
pub fn run(house: &House) -> Result<Outcome> {
    if let Err(error) = machine::provide(house, NEEDS) {
        return Ok(Outcome::Skipped(format!("{error:#}")));
    }
    let folder = house.scratch("wine")?;
    let deps = build(house, &folder)?;
    let library = deps.join("bcryptprimitives.dll");
    let mut gcc = house.command(GCC);
    gcc.args(["-shared", "-O2", "-o"]).arg(library);
    gcc.arg(house.root.join("tests/wine/bcryptprimitives.c")).arg("-ladvapi32");
    if !child::run(&mut gcc, STEP_LIMIT)?.success() {
        bail!("the library that Wine lacks does not build");
    }
    let mut wine = house.command("xvfb-run");
    wine.args(["-a", "-s", "-screen 0 1024x768x24 -nolisten tcp"]);
    wine.arg(house.root.join("tests/wine/run.sh")).arg(newest(&deps)?).arg(&folder);
    if !child::run(&mut wine, LIMIT)?.success() {
        bail!("the Windows source does not pass under Wine");
    }
    Ok(Outcome::Passed("compiled for Windows; run under Wine against its windows".into()))
}

/// Builds the tests; returns the folder they lie in.
fn build(house: &House, folder: &Path) -> Result<PathBuf> {
    let target = folder.join("target");
    let mut cargo = house.cargo(&["build", "--quiet", "--tests", "--release", "--target", TARGET]);
    cargo.args(["-Zbuild-std=std,panic_abort", "-Zpanic-abort-tests"]);
    cargo.args(["--package", "candor-capture", "--features", "windows"]).arg("--target-dir").arg(&target);
    cargo.envs([
        ("RUSTC", "/usr/bin/rustc"),
        ("RUSTC_BOOTSTRAP", "1"),
        ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", GCC),
    ]);
    if !child::run(&mut cargo, STEP_LIMIT)?.success() {
        bail!("the Windows source does not compile");
    }
    Ok(target.join(TARGET).join("release/deps"))
}

/// The newest test program: earlier builds may lie beside it.
fn newest(deps: &Path) -> Result<PathBuf> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(deps).with_context(|| format!("look into `{}`", deps.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("candor_capture-") && name.ends_with(".exe") {
            found.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    found.sort();
    Ok(found.pop().context("the build left no test program")?.1)
}
