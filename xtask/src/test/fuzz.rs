//! Every fuzz target for a while: the tests whose name begins with `fuzz_`, two at a time.
//!
//! A target is an ordinary test (bolero) that reads `CANDOR_FUZZ_SECS`. The list comes from the test programs themselves,
//! so a new target is found without being named here. See fuzz/README.md.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Outcome;
use crate::child;
use crate::house::{House, STEP_LIMIT};

/// How many targets run beside each other.
const AT_ONCE: usize = 2;

/// One target.
#[derive(Clone)]
struct Target {
    program: PathBuf,
    /// Where cargo would run it: its package's folder.
    folder: PathBuf,
    /// The test's full name.
    test: String,
}

/// The step.
pub fn run(house: &House) -> Result<Outcome> {
    let targets = targets(house)?;
    if targets.is_empty() {
        return Ok(Outcome::Skipped("no test's name begins with `fuzz_`".into()));
    }
    let count = targets.len();
    let queue = Mutex::new(targets);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(target) = queue.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return };
                    if let Err(error) = fuzz(house, &target) {
                        println!("{}: {error:#}", target.test);
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(target.test);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !failed.is_empty() {
        bail!("{} of {count} targets failed: {}", failed.len(), failed.join(", "));
    }
    Ok(Outcome::Passed(format!("{count} targets, {} s each", house.fuzz_secs)))
}

fn fuzz(house: &House, target: &Target) -> Result<()> {
    println!("-- {} for {} s", target.test, house.fuzz_secs);
    let mut command = house.command(&target.program);
    command.current_dir(&target.folder).env("CARGO_MANIFEST_DIR", &target.folder);
    command.args(["--exact", &target.test]).env("CANDOR_FUZZ_SECS", house.fuzz_secs.to_string());
    // A target that does not stop by itself hangs on some input.
    let output = child::output(&mut command, Duration::from_secs(house.fuzz_secs * 3 + 120))?;
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn targets(house: &House) -> Result<Vec<Target>> {
    let args = ["test", "--quiet", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"];
    let messages = child::text(&mut house.cargo(&args), STEP_LIMIT)?;
    let mut targets = Vec::new();
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line).context("cargo printed a message that is no JSON")?;
        let Some((program, folder)) = test_program(&message) else { continue };
        let list = child::text(
            house.command(&program).current_dir(&folder).args(["--list", "--format", "terse"]),
            STEP_LIMIT,
        )?;
        for test in fuzz_tests(&list) {
            targets.push(Target { program: program.clone(), folder: folder.clone(), test: test.to_owned() });
        }
    }
    Ok(targets)
}

/// The test program that a message of cargo announces, and its package's folder.
fn test_program(message: &Value) -> Option<(PathBuf, PathBuf)> {
    let program = message["executable"].as_str().filter(|_| message["profile"]["test"] == true)?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    Some((program.into(), folder.into()))
}

/// The names in a test program's list whose last part begins with `fuzz_`.
fn fuzz_tests(list: &str) -> impl Iterator<Item = &str> {
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    names.filter(|name| name.rsplit("::").next().is_some_and(|last| last.starts_with("fuzz_")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn targets_are_found_by_name() {
        let list = "parse::tests::fuzz_header: test\nfuzz_of_old::round_trip: test\nfuzz_bench: benchmark\n\n";
        assert_eq!(fuzz_tests(list).collect::<Vec<_>>(), ["parse::tests::fuzz_header"]);
    }

    #[test]
    fn only_test_programs_are_asked() {
        let message =
            |test: bool| json!({"executable": "/t/x-1", "manifest_path": "/a/b/Cargo.toml", "profile": {"test": test}});
        assert_eq!(test_program(&message(true)), Some(("/t/x-1".into(), "/a/b".into())));
        assert_eq!(test_program(&message(false)), None);
    }
}
