//! Where things are, and how cargo is called.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::child;

/// A step that runs longer than this hangs.
pub const STEP_LIMIT: Duration = Duration::from_secs(45 * 60);

/// What cargo builds a program from when it is asked for that program alone.
const ALONE: &[&str] = &["--package", "candor"];

/// Examples make cargo choose the features of dependencies as it does for `cargo test --workspace`. Without them it would
/// build a third of the dependencies a second time, with a feature more or less.
pub const SAME_AS_TESTS: &[&str] = &["--workspace", "--examples"];

/// The repository and the folder its builds go to.
pub struct House {
    /// The repository's root.
    pub root: PathBuf,
    /// Cargo's target folder, wherever the caller keeps it.
    pub target: PathBuf,
    /// Seconds that each fuzz target gets.
    pub fuzz_secs: u64,
}

/// Which features the program is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Everything.
    Full,
    /// What a participant's machine gets.
    Device,
}

impl Flavour {
    /// Its name, as a folder and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Device => "device",
        }
    }

    /// What cargo is told.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Full => &[],
            Self::Device => &["--no-default-features", "--features", "device"],
        }
    }
}

impl House {
    /// Finds the repository this program was built from, and asks cargo where builds go.
    pub fn find() -> Result<Self> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.parent().context("xtask lies in no workspace")?.to_path_buf();
        let mut house = Self { target: root.join("target"), root, fuzz_secs: 60 };
        let metadata = house.cargo_json(&["metadata", "--no-deps", "--format-version", "1"])?;
        house.target = metadata["target_directory"].as_str().context("cargo names no target directory")?.into();
        Ok(house)
    }

    /// A command that runs in the repository's root.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, the same one that started us. Variables that cargo set for this program itself are taken away: a build
    /// script that reads them would otherwise be rebuilt.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command.args(args);
        command
    }

    /// Runs cargo and reads its standard output as one JSON object.
    pub fn cargo_json(&self, args: &[&str]) -> Result<Value> {
        let text = child::text(&mut self.cargo(args), STEP_LIMIT)?;
        serde_json::from_str(&text).with_context(|| format!("`cargo {}` printed no JSON", args.join(" ")))
    }

    /// Our own corner of the target folder, made if need be.
    pub fn scratch(&self, name: &str) -> Result<PathBuf> {
        let path = self.target.join("xtask").join(name);
        std::fs::create_dir_all(&path).with_context(|| format!("make `{}`", path.display()))?;
        Ok(path)
    }

    /// Builds the program and copies it aside, so that the next build of another flavour cannot take its place.
    pub fn program(&self, flavour: Flavour, release: bool) -> Result<PathBuf> {
        let mut args = vec!["build", "--quiet", "--bin", "candor"];
        args.extend(flavour.flags());
        if release {
            args.push("--release");
        }
        args.extend(if flavour == Flavour::Full && !release { SAME_AS_TESTS } else { ALONE });
        if !child::run(&mut self.cargo(&args), STEP_LIMIT)?.success() {
            bail!("the {} flavour does not build", flavour.name());
        }
        let built = self.target.join(if release { "release" } else { "debug" }).join("candor");
        self.keep(&built, &format!("{}{}", flavour.name(), if release { "-release" } else { "" }))
    }

    /// Copies a built program to a folder of its own.
    pub fn keep(&self, built: &Path, folder: &str) -> Result<PathBuf> {
        let kept = self.scratch(folder)?.join("candor");
        // A program that still runs cannot be written to, but it can be replaced.
        let _ = std::fs::remove_file(&kept);
        std::fs::copy(built, &kept).with_context(|| format!("copy `{}`", built.display()))?;
        Ok(kept)
    }
}
