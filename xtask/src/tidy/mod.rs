//! What no compiler checks: who may depend on whom, where a wall may be switched off, which words may stand in the tree.
//!
//! Each check takes the [`Tree`] and says what is wrong with it; nothing here reads a file on its own, so that a test can
//! plant a violation for each.

mod code;
pub mod commands;
mod graph;
mod links;
mod source;
mod words;

use std::path::Path;

use anyhow::{Context, Result};

use crate::child;
use crate::house::{House, STEP_LIMIT};

/// The files that git tracks, or would: text, by path.
pub struct Tree {
    files: Vec<File>,
}

/// One text file.
pub struct File {
    /// Its path from the repository's root, with slashes.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Something that has to be mended.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    /// The file, and the line where one can be named.
    pub place: String,
    /// What is wrong and what to do.
    pub what: String,
}

/// One check: what it holds, and how.
type Check = (&'static str, fn(&Tree) -> Vec<Violation>);

/// All checks. To add one, write the function, add it here, and plant a violation in its test.
const CHECKS: &[Check] = &[
    ("the wall is switched off nowhere but in xtask", source::wall_switch),
    ("unsafe only in candor-capture", source::unsafe_code),
    ("no ignored tests", source::ignored_tests),
    ("no unfinished code", source::unfinished),
    ("pure crates read no clock and no files", source::purity),
    ("libraries are silent", source::prints),
    ("files with one noun", source::length),
    ("crate edges as designed", graph::edges),
    ("HTTP only in the program", graph::http),
    ("workspace lints everywhere", graph::lints),
    ("no letters that look like others", words::look_alikes),
    ("no registry hosts, no machine paths", words::hosts_and_paths),
    ("links and spec pages lead somewhere", links::targets),
    ("tests that documents name exist", links::named_tests),
    ("commands in the documents exist", commands::xtask_commands),
];

impl Tree {
    /// Reads what git tracks, and what it would.
    pub fn read(house: &House) -> Result<Self> {
        let mut git = house.command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let paths = child::text(&mut git, STEP_LIMIT).context("git has to be installed, and this a checkout")?;
        let mut files = Vec::new();
        for path in paths.split('\0').filter(|path| !path.is_empty()) {
            let text = match std::fs::read_to_string(house.root.join(path)) {
                Ok(text) => text,
                // A picture: it is there, and nothing to read.
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => String::new(),
                // A file deleted but not yet committed is still listed.
                Err(_) => continue,
            };
            files.push(File { path: path.to_owned(), text });
        }
        Ok(Self { files })
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.path.ends_with(".rs"))
    }

    /// One file.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files().find(|file| file.path == path)
    }

    /// Whether a file or a folder of this path is there.
    pub fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.files().any(|file| file.path == path || file.path.starts_with(&folder))
    }
}

impl File {
    /// The crate it belongs to: `candor-seal` of `crates/candor-seal/src/lib.rs`.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        Path::new(&self.path).file_name().and_then(|name| name.to_str()).unwrap_or(&self.path)
    }

    /// A violation in one of its lines, counted from 1.
    pub fn line(&self, line: usize, what: impl Into<String>) -> Violation {
        Violation { place: format!("{}:{line}", self.path), what: what.into() }
    }

    /// A violation of the file as a whole.
    pub fn whole(&self, what: impl Into<String>) -> Violation {
        Violation { place: self.path.clone(), what: what.into() }
    }
}

/// Runs all checks and prints what they find. Whether they found nothing.
pub fn run(house: &House) -> Result<bool> {
    let tree = Tree::read(house)?;
    let mut count = 0;
    for (name, check) in CHECKS {
        let violations = check(&tree);
        if !violations.is_empty() {
            eprintln!("tidy: {name}");
        }
        for Violation { place, what } in &violations {
            eprintln!("  {place}: {what}");
        }
        count += violations.len();
    }
    println!("tidy: {} files, {} checks, {count} to mend", tree.files.len(), CHECKS.len());
    Ok(count == 0)
}

#[cfg(test)]
pub(crate) mod planted {
    //! Trees that a test makes up.

    use super::*;

    /// A tree of these files.
    pub fn tree(files: &[(&str, &str)]) -> Tree {
        let file = |&(path, text): &(&str, &str)| File { path: path.into(), text: text.into() };
        Tree { files: files.iter().map(file).collect() }
    }

    /// The places that a check complains about.
    pub fn places(check: fn(&Tree) -> Vec<Violation>, files: &[(&str, &str)]) -> Vec<String> {
        check(&tree(files)).into_iter().map(|violation| violation.place).collect()
    }

    #[test]
    fn this_tree_is_tidy() {
        assert!(run(&House::find().unwrap()).unwrap(), "run `cargo xtask tidy`");
    }
}
