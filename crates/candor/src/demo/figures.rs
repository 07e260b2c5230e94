//! What the demo measured, in words and as JSON.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use candor_model::EntryKind;
use serde_json::{Value, json};

/// Counts intents in the log's entry bundles: a reader that is not ours in any line.
const COUNTER: &str = include_str!("../../../../tests/interop/count_intents.py");

/// The figures of one run.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(super) events_in: u64,
    pub(super) events_sealed: u64,
    pub(super) sealed_bytes: u64,
    pub(super) segments: u64,
    pub(super) steps: u64,
    pub(super) canary_hits: u64,
    pub(super) canaries_planted: u64,
    pub(super) scanned_bytes: u64,
    pub(super) releases: u64,
    pub(super) releases_without_intent: u64,
    pub(super) counted_by: &'static str,
    pub(super) log_entries: u64,
    pub(super) log_verified: bool,
    pub(super) erase_secs: f64,
    pub(super) opened_after_erase: u64,
    pub(super) tainted: u64,
    pub(super) rebuilt_identical: bool,
}

impl Figures {
    fn bytes_per_event(&self) -> f64 {
        self.sealed_bytes as f64 / self.events_in.max(1) as f64
    }

    /// Whether everything that must hold, held.
    pub(crate) fn hold(&self) -> bool {
        // A trial over nothing proves nothing: what was searched, sealed and built must be there.
        self.canary_hits == 0
            && self.canaries_planted > 0
            && self.events_sealed > 0
            && self.scanned_bytes > 0
            && self.steps > 0
            && self.releases > 0
            && self.releases_without_intent == 0
            && self.log_verified
            && self.opened_after_erase == 0
            && self.tainted > 0
            && self.rebuilt_identical
    }

    /// The figures by name, as people read them.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let yes = |it| if it { "yes".to_owned() } else { "NO".to_owned() };
        vec![
            ("events that reached the wall", self.events_in.to_string()),
            ("events sealed", format!("{} in {} segments", self.events_sealed, self.segments)),
            ("sealed bytes", format!("{} ({:.2} an event)", self.sealed_bytes, self.bytes_per_event())),
            ("steps in the dataset", self.steps.to_string()),
            ("canaries found", format!("{} of {} planted", self.canary_hits, self.canaries_planted)),
            ("bytes searched at rest", self.scanned_bytes.to_string()),
            ("releases", format!("{}, {} without an intent", self.releases, self.releases_without_intent)),
            ("intents counted by", self.counted_by.to_owned()),
            ("log verified", format!("{}, {} entries", yes(self.log_verified), self.log_entries)),
            ("erased in", format!("{:.2} s, on the device and in the vault", self.erase_secs)),
            ("opened after the erasure", self.opened_after_erase.to_string()),
            ("dataset versions tainted", self.tainted.to_string()),
            ("rebuilt with the same rows for all others", yes(self.rebuilt_identical)),
        ]
    }

    /// The figures for programs.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "events_in": self.events_in, "events_sealed": self.events_sealed, "sealed_bytes": self.sealed_bytes,
            "bytes_per_event": self.bytes_per_event(), "segments": self.segments, "steps": self.steps,
            "canary_hits": self.canary_hits, "canaries_planted": self.canaries_planted,
            "releases": self.releases, "releases_without_intent": self.releases_without_intent,
            "log_verified": self.log_verified, "erase_secs": self.erase_secs,
            "opened_after_erase": self.opened_after_erase, "tainted": self.tainted,
            "rebuilt_identical": self.rebuilt_identical,
        })
    }

    /// Verifies the log of a vault that stopped, and counts intents against custody's counter.
    pub(super) fn check_log(&mut self, vault: &Path, log_key: &str) -> Result<()> {
        let log = vault.join("log");
        let report = candor_store::log::verify(&log, log_key, None)?;
        self.log_verified = true;
        self.log_entries = report.entries;
        let intents = report.kinds.iter().find(|(kind, _)| *kind == EntryKind::Intent).map_or(0, |(_, count)| *count);
        let counter: Value = serde_json::from_slice(&std::fs::read(vault.join("counter.json"))?)?;
        self.releases = counter.get("counter").and_then(Value::as_u64).context("custody's counter")?;
        let (counted, by) = match count_elsewhere(vault)? {
            Some(counted) => (counted, "a reader in Python, and by us"),
            None => (intents, "us alone: there is no python3 here"),
        };
        self.counted_by = by;
        self.releases_without_intent = self.releases.saturating_sub(counted.min(intents));
        Ok(())
    }
}

/// How many intents the Python reader counts; nothing where there is no Python.
fn count_elsewhere(vault: &Path) -> Result<Option<u64>> {
    let spawned = Command::new("python3")
        .args(["-", "--count"])
        .arg(vault.join("log"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = spawned else { return Ok(None) };
    python.stdin.take().context("python's input")?.write_all(COUNTER.as_bytes())?;
    let output = python.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(Some(text.trim().parse().context("the Python reader did not count")?))
}
