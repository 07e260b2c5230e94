//! `cargo xtask test`: every step that CI runs, one after another, and what each took.
//!
//! A step that fails does not stop those after it: one run tells everything that is wrong. A step that cannot run yet, or
//! not on this machine, says so loudly and is counted as skipped, never as passed.

mod demo;
mod device;
mod fuzz;
mod interop;
mod licences;
pub mod machine;
pub mod no_wall;
mod oracle;
mod readme;
mod rust;
mod spdx;
mod wine;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::house::House;
use crate::tidy;

/// How a step ended, if not with an error.
pub enum Outcome {
    /// It held; a few words on what was seen.
    Passed(String),
    /// It did not run, and why.
    Skipped(String),
}

/// One step: its name, what it holds, and how.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&House) -> Result<Outcome>,
}

/// All steps, in order. To add one, write `fn(&House) -> Result<Outcome>` in a file beside this one and list it here.
const STEPS: &[Step] = &[
    Step { name: "machine", about: "tools that later steps need are here, or get installed", run: machine::prepare },
    Step { name: "tidy", about: "crate graph, walls and words", run: tidy_step },
    Step { name: "format", about: "rustfmt", run: rust::format },
    Step { name: "licences", about: "licences, banned and doubled crates in the lock file", run: licences::check },
    Step {
        name: "device-tree",
        about: "the device flavour holds no server, policy, importer or dataset code",
        run: device::tree,
    },
    Step { name: "clippy", about: "lints, all targets, warnings are errors", run: rust::clippy },
    Step { name: "unit", about: "cargo test over the workspace", run: rust::tests },
    Step { name: "device", about: "the device flavour builds and passes its tests alone", run: device::build },
    Step { name: "readme", about: "the program knows the commands that the documents name", run: readme::commands },
    Step { name: "interop", about: "readers that are not ours, in Python and Go", run: interop::run },
    Step { name: "oracle", about: "real text fields under Xvfb agree with the text model", run: oracle::run },
    Step { name: "wine", about: "the Windows source compiles, and passes under Wine", run: wine::run },
    Step { name: "demo", about: "the whole life of an event; no canary at rest", run: demo::with_the_wall },
    Step { name: "no-wall", about: "the same without the wall: the scan has to notice", run: no_wall::demo },
    Step { name: "fuzz", about: "every fuzz target for --fuzz-secs seconds", run: fuzz::run },
];

fn tidy_step(house: &House) -> Result<Outcome> {
    if !tidy::run(house)? {
        bail!("the tree is not tidy");
    }
    Ok(Outcome::Passed(String::new()))
}

/// The names of all steps.
pub fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Prints the steps and what each is for.
pub fn list() {
    for Step { name, about, .. } in STEPS {
        println!("{name:<12} {about}");
    }
}

/// Runs the named steps, or all. Whether none failed.
pub fn run(house: &House, wanted: &[String], fuzz_secs: u64) -> Result<bool> {
    let steps = chosen(wanted)?;
    let house = House { fuzz_secs, root: house.root.clone(), target: house.target.clone() };
    let begun = Instant::now();
    let mut results = Vec::new();
    for step in steps {
        println!("== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)(&house);
        let (verdict, words) = match outcome {
            Ok(Outcome::Passed(words)) => ("ok", words),
            Ok(Outcome::Skipped(why)) => {
                println!("SKIPPED: {why}");
                ("SKIPPED", why)
            }
            Err(error) => {
                println!("FAILED: {error:#}");
                ("FAILED", format!("{error:#}").lines().next().unwrap_or_default().to_owned())
            }
        };
        println!("== {}: {verdict} in {}\n", step.name, seconds(start.elapsed()));
        results.push((step.name, verdict, start.elapsed(), words));
    }
    for (name, verdict, took, words) in &results {
        println!("{name:<12} {verdict:<8} {:>9}  {words}", seconds(*took));
    }
    let failed = results.iter().filter(|(_, verdict, ..)| *verdict == "FAILED").count();
    let skipped = results.iter().filter(|(_, verdict, ..)| *verdict == "SKIPPED").count();
    println!("{} steps, {failed} failed, {skipped} skipped, in {}", results.len(), seconds(begun.elapsed()));
    Ok(failed == 0)
}

/// The steps of these names, in the order asked for; all steps if none is named.
fn chosen(wanted: &[String]) -> Result<Vec<&'static Step>> {
    if wanted.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let find = |name: &String| match STEPS.iter().find(|step| step.name == name) {
        Some(step) => Ok(step),
        None => bail!("there is no step `{name}`; the steps are: {}", names().join(", ")),
    };
    wanted.iter().map(find).collect()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_nobody_knows_is_refused() {
        assert!(chosen(&["tidy".into(), "nothing".into()]).is_err());
        assert_eq!(chosen(&["tidy".into()]).unwrap().len(), 1);
        assert_eq!(chosen(&[]).unwrap().len(), STEPS.len());
    }
}
