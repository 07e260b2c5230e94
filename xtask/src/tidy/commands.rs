//! Commands that the documents tell a reader to type. (That the program knows its own is step `readme` of the tests.)

use clap::CommandFactory;

use super::{Tree, Violation};
use crate::{Cli, bench, test};

/// A command in a code block of a document.
pub struct Typed {
    /// The document.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The command's words.
    pub words: Vec<String>,
}

/// Every line of every `sh` block in the tree's documents.
pub fn typed(tree: &Tree) -> Vec<Typed> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| file.path.ends_with(".md")) {
        let mut shell = false;
        for (index, line) in file.text.lines().enumerate() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                shell = matches!(language.trim(), "sh" | "bash" | "console");
                continue;
            }
            let words = line.trim().trim_start_matches("$ ").split(" #").next().unwrap_or_default();
            let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
            if shell && !words.is_empty() {
                found.push(Typed { path: file.path.clone(), line: index + 1, words });
            }
        }
    }
    found
}

/// `cargo xtask …` lines name a task, steps and benchmarks that exist.
pub fn xtask_commands(tree: &Tree) -> Vec<Violation> {
    let cli = Cli::command();
    let mut found = Vec::new();
    for Typed { path, line, words } in typed(tree) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ["cargo", "xtask", task, rest @ ..] = words.as_slice() else { continue };
        let plain = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with("--");
        let problem = match (cli.find_subcommand(task), *task) {
            (None, _) => Some(format!("`cargo xtask {task}` does not exist")),
            (Some(_), "test") => unknown(rest.iter().filter(plain), test::names()),
            (Some(_), "bench") => unknown(rest.iter().filter(plain).take(1), bench::names()),
            (Some(_), _) => None,
        };
        found.extend(problem.map(|what| Violation { place: format!("{path}:{line}"), what }));
    }
    found
}

fn unknown<'a>(mut words: impl Iterator<Item = &'a &'a str>, known: Vec<&str>) -> Option<String> {
    words
        .find(|word| !known.contains(word))
        .map(|word| format!("there is no `{word}`; there are: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::planted::places;
    use super::*;

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        let text = "cargo xtask nothing\n```sh\ncargo xtask test tidy --fuzz-secs 5  # all\ncargo xtask release\ncargo xtask test nostep\ncargo xtask bench nobench FILE\nls\n```\n";
        assert_eq!(places(xtask_commands, &[("README.md", text)]), ["README.md:4", "README.md:5", "README.md:6"]);
    }
}
