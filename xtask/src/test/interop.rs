//! Readers that are not ours: they see the specifications and the bytes, never the Rust.
//!
//! A Python script `tests/interop/NAME.py` and a Go program `tests/interop/go-NAME/` are found by where they lie; names
//! that begin with an underscore are helpers. tests/interop/README.md says what each gets from the environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Outcome, machine};
use crate::child;
use crate::house::{Flavour, House, STEP_LIMIT};

/// What a test needs to find the readers: `CANDOR_PYTHON`, `CANDOR_GO` and the offline settings of Go.
pub fn readers(house: &House) -> Vec<(OsString, OsString)> {
    let mut found: Vec<(OsString, OsString)> = Vec::new();
    if let Some(python) = machine::python(house) {
        found.push(("CANDOR_PYTHON".into(), python.into()));
    }
    if let Some(go) = machine::go(house) {
        found.push(("CANDOR_GO".into(), go.into()));
        let fixed = [
            ("GOFLAGS", "-mod=mod"),
            ("GOPROXY", "off"),
            ("GOSUMDB", "off"),
            ("GOTOOLCHAIN", "local"),
            ("CGO_ENABLED", "0"),
        ];
        found.extend(fixed.map(|(name, value)| (name.into(), value.into())));
        let folder = house.target.join("xtask").join("go");
        for (name, part) in [("GOCACHE", "cache"), ("GOPATH", "path"), ("GOENV", "env")] {
            found.push((name.into(), folder.join(part).into()));
        }
    }
    found
}

/// Builds the Go programs, runs each, then runs the Python scripts.
pub fn run(house: &House) -> Result<Outcome> {
    let folder = house.root.join("tests/interop");
    let (programs, scripts) = found(&folder)?;
    if programs.is_empty() && scripts.is_empty() {
        return Ok(Outcome::Skipped("there is no reader in tests/interop yet".into()));
    }
    let (Some(python), Some(go)) = (machine::python(house), machine::go(house)) else {
        bail!("the Python environment is not there: run `cargo xtask test machine` first");
    };
    let binaries = house.scratch("interop")?;
    let candor = house.program(Flavour::Full, false)?;
    let prepared = |mut command: Command| {
        command.envs(readers(house)).env("CANDOR_BIN", &candor).env("CANDOR_ROOT", &house.root);
        command.env("CANDOR_VECTORS", house.root.join("testdata/vectors")).env("CANDOR_INTEROP_BIN", &binaries);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let mut failed = Vec::new();
    for program in &programs {
        let name = file_name(program);
        let binary = binaries.join(&name);
        let mut build = prepared(house.command(&go));
        build.current_dir(program).args(["build", "-o"]).arg(&binary).arg(".");
        let mut check = prepared(house.command(&binary));
        check.current_dir(program);
        println!("-- {name}");
        if !(child::run(&mut build, STEP_LIMIT)?.success() && child::run(&mut check, STEP_LIMIT)?.success()) {
            failed.push(name);
        }
    }
    for script in &scripts {
        println!("-- {}", file_name(script));
        let mut check = prepared(house.command(&python));
        check.arg(script);
        if !child::run(&mut check, STEP_LIMIT)?.success() {
            failed.push(file_name(script));
        }
    }
    if !failed.is_empty() {
        bail!("an independent reader disagrees: {}", failed.join(", "));
    }
    Ok(Outcome::Passed(format!("{} Go programs, {} Python scripts", programs.len(), scripts.len())))
}

/// The Go programs and the Python scripts in a folder, by name.
fn found(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("read `{}`", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| !file_name(path).starts_with('_'));
    paths.sort();
    let program = |path: &PathBuf| file_name(path).starts_with("go-") && path.join("go.mod").exists();
    let script = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "py");
    Ok((
        paths.iter().filter(|path| program(path)).cloned().collect(),
        paths.iter().filter(|path| script(path)).cloned().collect(),
    ))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_found_by_where_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["go-opener/go.mod", "go-empty/notes.txt", "log.py", "_shared.py", "requirements.txt"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let (programs, scripts) = found(folder.path()).unwrap();
        let names = |paths: Vec<PathBuf>| paths.iter().map(|path| file_name(path)).collect::<Vec<_>>();
        assert_eq!((names(programs), names(scripts)), (vec!["go-opener".to_owned()], vec!["log.py".to_owned()]));
    }
}
