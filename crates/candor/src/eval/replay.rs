//! `candor eval replay`: whether the text model rebuilds what people really typed.
//!
//! The recordings hold the keys and, apart, the text that came of them. The keys alone are replayed; the text is only
//! looked at afterwards, to compare.

mod aalto;
mod scriptlog;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use candor_redact::text::{Confidence, TextField, View};

use crate::eval::{Report, Row};

/// Whose recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReplayFormat {
    /// Participants of the Aalto "136M keystrokes" study; the truth is USER_INPUT.
    Aalto,
    /// ScriptLog sessions (`*_il_*.idfx`); the truth is the text beside them (`*_ft_*.txt`).
    Scriptlog,
}

/// One text, replayed.
pub(crate) struct Section {
    /// What the recording says came of the keys.
    pub(crate) truth: String,
    /// What the model holds at the end.
    pub(crate) replayed: String,
    /// What the model says of that.
    pub(crate) confidence: Confidence,
}

impl Section {
    fn of(field: &TextField, truth: String) -> Self {
        let mut view = View::default();
        field.live(&mut view);
        Self { truth, replayed: std::mem::take(&mut view.text), confidence: field.confidence() }
    }

    /// Whether the text is the truth; blanks at its end do not count.
    pub(crate) fn is_exact(&self) -> bool {
        self.truth.trim_end() == self.replayed.trim_end()
    }
}

/// Replays every recording among `paths`, files or folders.
///
/// # Errors
/// Where a file cannot be read or there is none.
pub(crate) fn replay(format: ReplayFormat, paths: &[PathBuf]) -> Result<Vec<Section>> {
    let mut sections = Vec::new();
    for path in recordings(format, paths)? {
        let content = std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        match format {
            ReplayFormat::Aalto => sections.extend(aalto::sections(&content)),
            ReplayFormat::Scriptlog => sections.push(scriptlog::section(&content, &final_text(&path)?)),
        }
    }
    if sections.is_empty() {
        bail!("there is no recording in this format; name its files or a folder that holds them");
    }
    Ok(sections)
}

/// What the replay found.
pub(crate) fn report(format: ReplayFormat, sections: &[Section]) -> Report {
    let percent = |count: usize| 100.0 * count as f64 / sections.len() as f64;
    let count = |what: fn(&Section) -> bool| sections.iter().filter(|section| what(section)).count();
    let synced = |section: &Section| section.confidence == Confidence::Synced;
    let exact = count(Section::is_exact);
    let unknown = count(|section| section.confidence != Confidence::Synced);
    let missed_known = sections.iter().filter(|section| synced(section) && !section.is_exact()).count();
    let mut exact = Row::new("replay_exact_pct", percent(exact), "%");
    if format == ReplayFormat::Aalto {
        // Each row's letter typed at the end, each Backspace taking the last: on the same files.
        (exact.peer, exact.peer_value) = (Some("naive replay"), Some(68.0));
    }
    Report {
        name: "replay",
        rows: vec![
            exact,
            Row::new("unknown_pct", percent(unknown), "%"),
            Row::new("missed_known_pct", percent(missed_known), "%"),
            Row::new("sections", sections.len() as f64, "texts"),
        ],
    }
}

fn recordings(format: ReplayFormat, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let ending = match format {
        ReplayFormat::Aalto => "_keystrokes.txt",
        ReplayFormat::Scriptlog => ".idfx",
    };
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() { folders.push(path.clone()) } else { files.push(path.clone()) }
    }
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read `{}`", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The text that a ScriptLog session ended with, from the file beside it.
fn final_text(session: &Path) -> Result<String> {
    let name =
        session.file_name().unwrap_or_default().to_string_lossy().replace("_il_", "_ft_").replace(".idfx", ".txt");
    let path = session.with_file_name(name);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}
