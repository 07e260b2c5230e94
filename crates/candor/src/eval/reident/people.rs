//! The files of a study, as sessions of people.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Format;

/// One person's sessions, or what became of them.
pub(super) struct Person<T = Vec<u8>> {
    /// To learn from.
    pub(super) learned: Vec<T>,
    /// To be asked about.
    pub(super) asked: Vec<T>,
}

impl<T> Person<T> {
    pub(super) fn map<U>(&self, to: impl Fn(&T) -> U) -> Person<U> {
        Person { learned: self.learned.iter().map(&to).collect(), asked: self.asked.iter().map(&to).collect() }
    }

    fn whole(&self) -> bool {
        !self.learned.is_empty() && !self.asked.is_empty()
    }
}

/// Everybody in `dir` who has both, in the order of their files' names. A session is the bytes of a file.
pub(super) fn read(format: Format, dir: &Path) -> Result<Vec<Person>> {
    let people: Vec<Person> = match format {
        Format::Aalto => {
            let files = entries(dir)?.into_iter().filter(|path| name(path).ends_with("_keystrokes.txt"));
            files.map(|path| Ok(halves(sections(&file(&path)?)))).collect::<Result<_>>()?
        }
        Format::Balabit => {
            let one = |path: PathBuf| {
                let asked = dir.join("test_files").join(name(&path));
                let asked = if asked.is_dir() { files(&asked)? } else { Vec::new() };
                Ok(Person { learned: files(&path)?, asked })
            };
            entries(&dir.join("training_files"))?.into_iter().map(one).collect::<Result<_>>()?
        }
        Format::Sapimouse => {
            let one = |path: PathBuf| {
                let session = |name: &str| -> Result<Vec<Vec<u8>>> {
                    let path = path.join(name);
                    if path.is_file() { Ok(vec![file(&path)?]) } else { Ok(Vec::new()) }
                };
                Ok(Person { learned: session("session_3min.csv")?, asked: session("session_1min.csv")? })
            };
            entries(dir)?.into_iter().filter(|path| path.is_dir()).map(one).collect::<Result<_>>()?
        }
    };
    Ok(people.into_iter().filter(Person::whole).collect())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let unread = || format!("cannot read the folder `{}`", dir.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).with_context(unread)? {
        paths.push(entry.with_context(unread)?.path());
    }
    paths.sort_unstable();
    Ok(paths)
}

fn files(dir: &Path) -> Result<Vec<Vec<u8>>> {
    entries(dir)?.iter().filter(|path| path.is_file()).map(|path| file(path)).collect()
}

fn file(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn halves(mut learned: Vec<Vec<u8>>) -> Person {
    let asked = learned.split_off(learned.len() / 2);
    Person { learned, asked }
}

/// The sections of an Aalto file, each as a file of its own: a sentence is a session.
fn sections(file: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = file.split_inclusive(|byte| *byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let section = |line: &[u8]| line.split(|byte| *byte == b'\t').nth(1).unwrap_or_default().to_vec();
    let mut sections: Vec<Vec<u8>> = Vec::new();
    let mut last = None;
    for line in lines {
        let this = Some(section(line));
        if this != last {
            sections.push(header.to_vec());
            last = this;
        }
        if let Some(file) = sections.last_mut() {
            file.extend_from_slice(line);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_becomes_a_file_with_the_header() {
        let found = sections(b"P\tS\n1\ta\tx\n1\ta\ty\n1\tb\tz\n");
        assert_eq!(found, [b"P\tS\n1\ta\tx\n1\ta\ty\n".to_vec(), b"P\tS\n1\tb\tz\n".to_vec()]);
        assert!(sections(b"").is_empty());
    }
}
