//! rustfmt, clippy, and the tests of the workspace.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, bail};

use super::{Outcome, interop};
use crate::child;
use crate::house::{House, STEP_LIMIT};

/// `cargo fmt --check`.
pub fn format(house: &House) -> Result<Outcome> {
    must_succeed(&mut house.cargo(&["fmt", "--all", "--check"]), "run `cargo fmt`")
}

/// Clippy over everything; a warning is an error.
pub fn clippy(house: &House) -> Result<Outcome> {
    let args = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    must_succeed(&mut house.cargo(&args), "mend the lints above, or give an exception its reason")
}

/// `cargo test` over everything. Tests that ask an independent reader find it through the environment.
pub fn tests(house: &House) -> Result<Outcome> {
    let mut command = house.cargo(&["test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
    command.envs(interop::readers(house));
    told(&mut command)
}

/// Runs tests and tells what they said: everything if one failed; otherwise how many passed, and every line that says
/// `SKIPPED`, which the test harness would keep to itself.
pub fn told(command: &mut Command) -> Result<Outcome> {
    let output = child::output_with_progress(command, STEP_LIMIT)?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        println!("{text}");
        bail!("{}", failures(&text));
    }
    let (words, skipped) = summary(&text);
    for line in skipped {
        println!("{line}");
    }
    Ok(Outcome::Passed(words))
}

/// What tests that passed said, in short, and the lines in which one says that it skipped something.
fn summary(text: &str) -> (String, BTreeSet<&str>) {
    let skipped: BTreeSet<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("SKIPPED")).collect();
    let passed = passed(text);
    let words = match skipped.len() {
        0 => format!("{passed} tests"),
        count => format!("{passed} tests, {count} SKIPPED something, see above"),
    };
    (words, skipped)
}

/// The tests that failed, by name, if the harness got as far as naming them.
fn failures(text: &str) -> String {
    let named = text.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let names: Vec<&str> = named.collect();
    if names.is_empty() {
        "the tests do not build, or ended early".into()
    } else {
        format!("failed: {}", names.join(", "))
    }
}

/// How many tests passed, over all test programs.
fn passed(text: &str) -> usize {
    let results = text.lines().filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next());
    results.filter_map(|count| count.parse::<usize>().ok()).sum()
}

/// Runs a command and turns anything but success into an error.
pub fn must_succeed(command: &mut Command, advice: &str) -> Result<Outcome> {
    if !child::run(command, STEP_LIMIT)?.success() {
        bail!("{advice}");
    }
    Ok(Outcome::Passed(String::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_said_is_read() {
        let text = "test a::b ... ok\ntest a::c ... FAILED\ntest result: ok. 12 passed; 0 failed\ntest result: ok. 3 passed;\n";
        assert_eq!(passed(text), 15);
        assert_eq!(failures(text), "failed: a::c");
    }

    #[test]
    fn a_skip_is_counted_and_told() {
        let (words, skipped) = summary("SKIPPED: no data\ntest result: ok. 2 passed;\n");
        assert_eq!(words, "2 tests, 1 SKIPPED something, see above");
        assert_eq!(skipped, ["SKIPPED: no data"].into());
        assert_eq!(summary("test result: ok. 2 passed;").0, "2 tests");
    }
}
