//! Configuration files: `vault.toml` and `program.toml`. An unknown key is a start-up error that names key and line.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candor_model::program::{Controller, HOLD_BACK_SECS_DEFAULT, Notice};
use candor_model::text::TextScope;
use candor_model::{Purpose, Purposes, TextPolicy, TextRules};
use candor_redact::{ContextRule, Contexts};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How a vault runs. Every key has a default; each changes something that `tests/config.rs` sees.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VaultConfig {
    /// Where the gateway listens. Port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// The host names and addresses that members reach it by; the first stands in invitations. The certificate names
    /// them, and loopback, and nothing else.
    pub(crate) names: Vec<String>,
    /// Where objects lie; relative to the vault's folder.
    pub(crate) objects: PathBuf,
    /// How long a lease lasts, in seconds, 1 to 60.
    pub(crate) lease_secs: u32,
    /// How long an invitation can be used, in hours.
    pub(crate) invitation_hours: u32,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4180)),
            names: Vec::new(),
            objects: PathBuf::from("objects"),
            lease_secs: 60,
            invitation_hours: 72,
        }
    }
}

impl VaultConfig {
    /// What `candor vault init` writes: every key with its default.
    pub(crate) const TEMPLATE: &str = include_str!("vault.toml");

    /// Reads `vault.toml`.
    ///
    /// # Errors
    /// Where it cannot be read, a key is unknown, or a value is out of range.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let config: Self = read_toml(path)?;
        let name = path.display();
        if !(1..=candor_model::lease::LEASE_TTL_MS_MAX / 1000).contains(&config.lease_secs) {
            bail!("`{name}`: `lease_secs` is {}; 1 to 60 are allowed", config.lease_secs);
        }
        if config.invitation_hours == 0 {
            bail!("`{name}`: `invitation_hours` is 0; nobody could enrol");
        }
        Ok(config)
    }
}

/// A program as its operator describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgramConfig {
    /// What people call it.
    pub(crate) name: String,
    /// Who answers for it.
    pub(crate) controller: Controller,
    /// The notice that participants read.
    pub(crate) notice: NoticeConfig,
    /// What recordings may be used for.
    pub(crate) purposes: Vec<Purpose>,
    /// Whether files may be imported.
    #[serde(default)]
    pub(crate) allow_import: bool,
    /// The applications that may be named.
    #[serde(default)]
    pub(crate) applications: Vec<String>,
    /// What may be kept of text, at most: `none`, `shapes` or `safe`.
    #[serde(default)]
    pub(crate) text: TextPolicy,
    /// The same for single applications.
    #[serde(default)]
    pub(crate) text_of: BTreeMap<String, TextPolicy>,
    /// Applications that are private besides those that are private everywhere.
    #[serde(default)]
    pub(crate) private_applications: Vec<String>,
    /// Sites that are private besides those that are private everywhere: hosts or origins.
    #[serde(default)]
    pub(crate) private_origins: Vec<String>,
    /// Below this many people nothing about them is shown or built.
    pub(crate) min_people: u32,
    /// The hold-back offered to participants, in seconds.
    #[serde(default = "hold_back")]
    pub(crate) hold_back_secs: u64,
}

const fn hold_back() -> u64 {
    HOLD_BACK_SECS_DEFAULT
}

/// Where the notice lies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeConfig {
    /// The text; relative to `program.toml`.
    pub(crate) file: PathBuf,
    /// Its version; a later text has a higher one.
    pub(crate) version: u32,
    /// Its language (BCP 47).
    pub(crate) language: String,
}

impl ProgramConfig {
    /// Reads `program.toml` and the notice it names.
    ///
    /// # Errors
    /// Where one of the files cannot be read, a key is unknown, or a value could have no effect.
    pub(crate) fn read(path: &Path) -> Result<(Self, Notice)> {
        let config: Self = read_toml(path)?;
        let name = path.display();
        for rule in config.private_contexts() {
            if let Err(error) = Contexts::new([&rule]) {
                let (ContextRule::Application(word) | ContextRule::Origin(word)) = rule;
                bail!("`{name}`: `{word}`: {error}");
            }
        }
        if let Some(app) = config.text_of.keys().find(|app| !config.applications.contains(app)) {
            bail!("`{name}`: `text_of` names `{app}`, which is not among `applications`, so nothing of it is recorded");
        }
        let file = path.parent().unwrap_or(Path::new(".")).join(&config.notice.file);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read the notice `{}` that `{}` names", file.display(), path.display()))?;
        if text.trim().is_empty() {
            bail!("the notice `{}` is empty; say what is recorded and what for", file.display());
        }
        let notice = Notice { text, version: config.notice.version, language: config.notice.language.clone() };
        Ok((config, notice))
    }

    /// What may be kept of text, in the form of the program record.
    pub(crate) fn text(&self) -> TextRules {
        let scope =
            |(application, text): (&String, &TextPolicy)| TextScope { application: application.clone(), text: *text };
        TextRules { rest: self.text, applications: self.text_of.iter().map(scope).collect() }
    }

    /// What is private here besides what is private everywhere.
    fn private_contexts(&self) -> impl Iterator<Item = ContextRule> {
        let applications = self.private_applications.iter().cloned().map(ContextRule::Application);
        applications.chain(self.private_origins.iter().cloned().map(ContextRule::Origin))
    }

    /// The purposes as a set.
    pub(crate) fn purposes(&self) -> Purposes {
        self.purposes.iter().copied().collect()
    }
}

fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    toml::from_str(&text).map_err(|error| {
        let line =
            error.span().and_then(|span| text.get(..span.start)).map_or(1, |before| before.lines().count().max(1));
        // A span that starts a line counts the lines before it only.
        let starts_line = error
            .span()
            .is_some_and(|span| span.start > 0 && text.get(..span.start).is_some_and(|b| b.ends_with('\n')));
        anyhow::anyhow!("`{name}` line {}: {}", line + usize::from(starts_line), error.message())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_the_default() {
        assert_eq!(toml::from_str::<VaultConfig>(VaultConfig::TEMPLATE).unwrap(), VaultConfig::default());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.toml");
        std::fs::write(&path, "lease_secs = 30\n\nlisten_all = true\n").unwrap();
        let error = VaultConfig::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("`listen_all`"), "{error}");
        std::fs::write(&path, "lease_secs = 61\n").unwrap();
        assert!(VaultConfig::read(&path).unwrap_err().to_string().contains("lease_secs"));
    }
}
