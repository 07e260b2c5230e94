//! The demo with the wall in place: what its summary has to say.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Outcome;
use crate::child;
use crate::house::{Flavour, House, STEP_LIMIT};

/// Runs the demo and holds its summary to the figures below.
pub fn with_the_wall(house: &House) -> Result<Outcome> {
    if !is_written(&house.root) {
        return Ok(Outcome::Skipped("crates/candor/src/demo is not written yet".into()));
    }
    let (succeeded, summary) = run(house, &house.program(Flavour::Full, false)?)?;
    let problems = problems(&summary);
    if !succeeded || !problems.is_empty() {
        bail!("the demo does not hold: {} in {summary}", problems.join(", "));
    }
    Ok(Outcome::Passed(format!("{} events, {} segments", summary["events_sealed"], summary["segments"])))
}

/// Whether there is a demo to run.
pub fn is_written(root: &Path) -> bool {
    let source = root.join("crates/candor/src");
    source.join("demo").is_dir() || source.join("demo.rs").is_file()
}

/// Runs a program's demo: whether it ended well, and its summary.
pub fn run(house: &House, program: &Path) -> Result<(bool, Value)> {
    let mut command = house.command(program);
    command.args(["demo", "--json"]);
    let output = child::output_with_progress(&mut command, STEP_LIMIT)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).context("the demo printed nothing")?;
    let summary = serde_json::from_str(line).with_context(|| format!("the demo's last line is no JSON: {line}"))?;
    Ok((output.status.success(), summary))
}

/// What a summary says that it must not.
fn problems(summary: &Value) -> Vec<String> {
    let number = |key: &str| summary[key].as_u64();
    let mut found = Vec::new();
    for key in
        ["events_in", "events_sealed", "sealed_bytes", "segments", "steps", "canaries_planted", "releases", "tainted"]
    {
        if number(key).is_none_or(|value| value == 0) {
            found.push(format!("`{key}` should be above 0"));
        }
    }
    for key in ["canary_hits", "releases_without_intent", "opened_after_erase"] {
        // A count or a yes/no; both have to say that nothing happened.
        if number(key) != Some(0) && summary[key].as_bool() != Some(false) {
            found.push(format!("`{key}` should be 0"));
        }
    }
    for key in ["log_verified", "rebuilt_identical"] {
        if summary[key].as_bool() != Some(true) {
            found.push(format!("`{key}` should be true"));
        }
    }
    for key in ["bytes_per_event", "erase_secs"] {
        if summary[key].as_f64().is_none() {
            found.push(format!("`{key}` is missing"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "events_in": 10, "events_sealed": 9, "sealed_bytes": 900, "bytes_per_event": 100.0, "segments": 3, "steps": 4,
            "canary_hits": 0, "canaries_planted": 6, "releases": 1, "releases_without_intent": 0, "log_verified": true,
            "erase_secs": 0.2, "opened_after_erase": false, "tainted": 1, "rebuilt_identical": true,
        })
    }

    #[test]
    fn each_key_of_the_summary_is_looked_at() {
        assert_eq!(problems(&good()), Vec::<String>::new());
        for key in good().as_object().unwrap().keys() {
            let mut without = good();
            without.as_object_mut().unwrap().remove(key);
            assert_eq!(problems(&without).len(), 1, "{key}");
        }
        let mut leaky = good();
        leaky["canary_hits"] = json!(1);
        assert_eq!(problems(&leaky).len(), 1);
    }
}
