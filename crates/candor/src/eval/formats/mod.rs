//! Labelled texts as others publish them.

mod brat;
mod conll;
mod creddata;
mod lines;
mod presidio;

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// How a file of labelled texts is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// JSON of presidio-research (`full_text`, `spans`), or of PII-synthetic (`text`, `NER` without offsets).
    Presidio,
    /// Pairs of `.txt` and BRAT `.ann`, for example MEDDOCAN.
    Brat,
    /// `lines.jsonl` of CredData lines, or `examples.jsonl` of secret rules.
    Creddata,
    /// Columns: token first, tag last, a blank line between sentences.
    Conll,
    /// Plain text in which nobody has marked anything.
    Lines,
}

/// A span that people have marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gold {
    /// Where, in bytes.
    pub(crate) span: Range<usize>,
    /// The data set's own word for its type.
    pub(crate) typ: String,
}

/// What is known of a text as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its gold spans say everything.
    Spans,
    /// It holds a secret; where there are no spans, nobody says where.
    Secret,
    /// It holds none, though it looks like it.
    NoSecret,
}

/// One text with what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) text: String,
    pub(crate) gold: Vec<Gold>,
    pub(crate) verdict: Verdict,
}

impl Format {
    /// Reads every record of `paths`; a folder stands for its files of this format, in order of their names.
    pub(crate) fn read(self, paths: &[PathBuf]) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for path in self.files(paths)? {
            match self {
                Self::Presidio => presidio::read(&path, &mut records)?,
                Self::Brat => brat::read(&path, &mut records)?,
                Self::Creddata => creddata::read(&path, &mut records)?,
                Self::Conll => conll::read(&path, &mut records)?,
                Self::Lines => lines::read(&path, &mut records)?,
            }
        }
        if records.is_empty() {
            bail!("the files hold no record of this format; see `candor eval redact --help`");
        }
        Ok(records)
    }

    fn files(self, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in paths {
            if !path.is_dir() {
                files.push(path.clone());
                continue;
            }
            let before = files.len();
            for entry in std::fs::read_dir(path).with_context(|| format!("cannot list `{}`", path.display()))? {
                let file = entry.with_context(|| format!("cannot list `{}`", path.display()))?.path();
                let ending = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
                if file.is_file() && self.endings().contains(&ending) {
                    files.push(file);
                }
            }
            if files.len() == before {
                bail!("`{}` has no file that ends in {}; name the files", path.display(), self.endings().join(" or "));
            }
            files.get_mut(before..).unwrap_or_default().sort();
        }
        Ok(files)
    }

    const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Presidio => &["json"],
            Self::Brat => &["txt"],
            Self::Creddata => &["jsonl"],
            Self::Conll => &["conll"],
            Self::Lines => &["txt", "md", "log"],
        }
    }
}

/// The text of a file; bytes that are no UTF-8 become U+FFFD, since old chat logs mix encodings.
fn text_of(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Byte offsets of code points: element `n` is where the `n`th begins, the last is the length.
fn offsets(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// The bytes of a span given in code points; nothing where it does not lie in the text.
fn bytes_of(offsets: &[usize], start: usize, end: usize) -> Option<Range<usize>> {
    let (start, end) = (*offsets.get(start)?, *offsets.get(end)?);
    (start < end).then_some(start..end)
}
