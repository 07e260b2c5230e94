//! `SPEC.toml`: what a builder asks for. Unknown keys are refused with their line (invariant 16).

use candor_model::{DatasetId, Purpose, SessionId};
use serde::{Deserialize, Serialize};

/// What to build.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The dataset; its rebuilds keep the id.
    pub dataset: DatasetId,
    /// What people call it.
    pub name: String,
    /// What it is for: every segment in it must have been sealed for this.
    pub purpose: Purpose,
    /// Below this many people it is not built.
    pub min_people: u32,
    /// Which files each participant gets.
    #[serde(default = "every_format")]
    pub formats: Vec<Format>,
    /// The screen's size in pixels, by which AgentNet's coordinates are divided. Absent: each session's own extent.
    #[serde(default)]
    pub screen: Option<(u32, u32)>,
    /// Which sessions to take.
    #[serde(default)]
    pub select: Select,
}

/// Which sessions to take. Absent: all that the grant allows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Select {
    /// Only these.
    pub sessions: Option<Vec<SessionId>>,
    /// Whether imported sessions are taken.
    pub imported: bool,
}

impl Default for Select {
    fn default() -> Self {
        Self { sessions: None, imported: true }
    }
}

/// A format of derived files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Parquet with its standard modular encryption.
    Parquet,
    /// AgentNet's JSON lines, sealed as a stream.
    Agentnet,
}

fn every_format() -> Vec<Format> {
    vec![Format::Parquet, Format::Agentnet]
}

impl Spec {
    /// Reads a `SPEC.toml`.
    ///
    /// # Errors
    /// [`SpecError`] names the line.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let spec: Self = toml::from_str(text).map_err(|error| SpecError::Toml {
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            message: error.message().lines().next().unwrap_or_default().to_owned(),
        })?;
        let refuse = |key, why| Err(SpecError::Value { line: line_of_key(text, key), key, why });
        if spec.min_people == 0 {
            return refuse("min_people", "a dataset needs at least one person");
        }
        if spec.screen.is_some_and(|(width, height)| width == 0 || height == 0) {
            return refuse("screen", "a screen has a width and a height");
        }
        let mut formats = spec.formats.clone();
        formats.sort();
        formats.dedup();
        if formats.is_empty() || formats.len() != spec.formats.len() {
            return refuse("formats", "name at least one format, each once");
        }
        Ok(spec)
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn line_of_key(text: &str, key: &str) -> usize {
    text.lines().position(|line| line.trim_start().starts_with(key)).unwrap_or_default() + 1
}

/// A specification that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// No TOML, an unknown key, a missing key, a value of the wrong kind.
    #[error("specification, line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A value that makes no sense.
    #[error("specification, line {line}: `{key}`: {why}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What to write instead.
        why: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "dataset = \"d-11111111111111111111111111111111\"\nname = \"office\"\n\
        purpose = \"train-computer-use\"\nmin_people = 3\n";

    #[test]
    fn the_short_form_takes_everything() {
        let spec = Spec::parse(GOOD).unwrap();
        assert_eq!((spec.formats.len(), spec.screen, spec.select.imported), (2, None, true));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Spec::parse(&format!("{GOOD}min_poeple = 1\n")).unwrap_err().to_string();
        assert!(error.starts_with("specification, line 5: unknown field `min_poeple`"), "{error}");
        let error = Spec::parse(&format!("{GOOD}[select]\n\nwho = 1\n")).unwrap_err().to_string();
        assert!(error.starts_with("specification, line 7: unknown field `who`"), "{error}");
    }

    #[test]
    fn values_without_sense_are_refused() {
        for (from, to, line) in [
            ("min_people = 3", "min_people = 0", 4),
            ("name = ", "screen = [0, 9]\nname = ", 2),
            ("name = ", "formats = []\nname = ", 2),
            ("name = ", "formats = [\"parquet\", \"parquet\"]\nname = ", 2),
            ("train-computer-use", "performance", 3),
        ] {
            let error = Spec::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.starts_with(&format!("specification, line {line}: ")), "{error}");
        }
    }
}
