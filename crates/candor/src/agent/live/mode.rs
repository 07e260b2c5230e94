//! What the recorder does at a moment, and why it does not record.

use std::fmt;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::agent::Home;
use crate::files;

const FILE: &str = "recorder.json";

/// What the recorder does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It records.
    Recording,
    /// Nothing is recorded until the person says so.
    Paused(Why),
    /// Nothing is recorded until the cause is gone; then it goes on by itself.
    Waiting(Why),
    /// It ends.
    Stopped,
}

/// Why nothing is recorded. The texts are ours and hold nothing of what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// It has only just begun, or is about to go on.
    Starting,
    /// The person asked for it.
    Asked,
    /// Something was forgotten; what comes after is for the person to decide.
    Forgot,
    /// The indicator was hidden, covered or destroyed.
    Unseen(String),
    /// Another window covers the indicator.
    Covered,
    /// Nobody was at the computer.
    Idle,
    /// The screen is locked.
    Locked,
    /// The screen is being shown to others.
    Shared,
    /// The vault has not confirmed yet what was erased.
    Erasing,
    /// Consent does not hold.
    Consent(String),
    /// The vault gave no lease.
    Lease(String),
    /// The desktop cannot be watched.
    Desktop(String),
    /// The disk is full or fails.
    Disk(String),
    /// Input was made of which the source told nothing, again and again.
    Silent,
}

impl Why {
    /// One word, for programs and for the indicator.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Asked => "asked",
            Self::Forgot => "forgot",
            Self::Unseen(_) => "unseen",
            Self::Covered => "covered",
            Self::Idle => "idle",
            Self::Locked => "locked",
            Self::Shared => "shared",
            Self::Erasing => "erasing",
            Self::Consent(_) => "consent",
            Self::Lease(_) => "lease",
            Self::Desktop(_) => "desktop",
            Self::Disk(_) => "disk",
            Self::Silent => "silent",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("it is about to begin"),
            Self::Asked => f.write_str("you paused it; `candor resume` goes on"),
            Self::Forgot => f.write_str("you had something forgotten; `candor resume` goes on"),
            Self::Unseen(how) => write!(f, "the indicator cannot be seen ({how}); `candor resume` shows it again"),
            Self::Covered => f.write_str("another window covers the indicator"),
            Self::Idle => f.write_str("nobody is at the computer"),
            Self::Locked => f.write_str("the screen is locked"),
            Self::Shared => f.write_str("the screen is being shared"),
            Self::Erasing => f.write_str("the vault has not confirmed what you erased; look at the log if it stays so"),
            Self::Silent => f.write_str(
                "input is made that the X server does not tell us, also after starting anew; look at the log, then \
                 `candor resume`",
            ),
            Self::Consent(why) | Self::Lease(why) | Self::Desktop(why) | Self::Disk(why) => f.write_str(why),
        }
    }
}

impl Mode {
    /// One word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Paused(_) => "paused",
            Self::Waiting(_) => "waiting",
            Self::Stopped => "stopped",
        }
    }

    /// Why it does not record, where it does not.
    pub(crate) const fn why(&self) -> Option<&Why> {
        match self {
            Self::Recording | Self::Stopped => None,
            Self::Paused(why) | Self::Waiting(why) => Some(why),
        }
    }
}

/// What a pause leaves on the disk: a restart must not record what was paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Whether the person paused the recorder.
    pub(crate) paused: bool,
}

impl Wanted {
    /// What was wanted last; recording, where nobody ever paused.
    ///
    /// # Errors
    /// Where the file is damaged: what it said cannot be guessed.
    pub(crate) fn read(home: &Home) -> Result<Self> {
        let path = home.dir().join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = files::read_private_text(&path)?;
        serde_json::from_str(&text).with_context(|| format!("`{}` is damaged; remove it and resume", path.display()))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// As [`files::write_private`].
    pub(crate) fn write(self, home: &Home) -> Result<()> {
        files::write_private(&home.dir().join(FILE), &serde_json::to_vec(&self)?)
    }
}
