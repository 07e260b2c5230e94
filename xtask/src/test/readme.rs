//! The documents name commands of the program; the program has to know them.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::{Outcome, demo};
use crate::child;
use crate::house::{Flavour, House, STEP_LIMIT};
use crate::tidy;

/// Asks the program for help on every command that a document tells a reader to type.
pub fn commands(house: &House) -> Result<Outcome> {
    if !demo::is_written(&house.root) {
        return Ok(Outcome::Skipped("crates/candor/src/demo is not written yet".into()));
    }
    let tree = tidy::Tree::read(house)?;
    let candor = house.program(Flavour::Full, false)?;
    let mut asked: BTreeSet<Vec<String>> = BTreeSet::new();
    let mut problems = Vec::new();
    for typed in tidy::commands::typed(&tree) {
        let Some(words) = of_the_program(&typed.words) else { continue };
        if !asked.insert(words.clone()) {
            continue;
        }
        let mut help = house.command(&candor);
        help.args(&words).arg("--help");
        let output = child::output(&mut help, STEP_LIMIT)?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !text.contains(&words.join(" ")) {
            problems.push(format!("{}:{}: the program knows no `{}`", typed.path, typed.line, words.join(" ")));
        }
    }
    if !problems.is_empty() {
        bail!("{}", problems.join("\n  "));
    }
    Ok(Outcome::Passed(format!("{} commands", asked.len())))
}

/// The subcommands of a typed command, if it runs the program: `candor log verify DIR` gives `log verify`.
fn of_the_program(words: &[String]) -> Option<Vec<String>> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.as_slice() {
        ["candor", rest @ ..] => rest,
        ["cargo", "run", flags @ ..] => flags.split(|word| *word == "--").nth(1)?,
        _ => return None,
    };
    let plain = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    Some(rest.iter().take_while(plain).map(|word| (*word).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_command_is_told_from_others() {
        let parse = |line: &str| of_the_program(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(parse("cargo run --release -- demo --json"), Some(vec!["demo".into()]));
        assert_eq!(parse("candor log verify ./log"), Some(vec!["log".into(), "verify".into()]));
        assert_eq!(parse("cargo xtask test"), None);
    }
}
