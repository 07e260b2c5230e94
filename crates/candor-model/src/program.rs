//! A program: who records, what for, under which notice, into which vault. Format: `spec/consent.md`.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::ProgramId;
use crate::public_key::VaultIdentity;
use crate::purpose::Purposes;
use crate::text::TextRules;

/// A day, the hold-back of a participant who chose none.
pub const HOLD_BACK_SECS_DEFAULT: u64 = 86_400;

/// A program as its vault publishes it, and what a device compares a consent with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The program.
    pub id: ProgramId,
    /// What people call it.
    pub name: String,
    /// Who answers for it.
    pub controller: Controller,
    /// The notice now in force. Another notice needs another consent.
    pub notice: NoticeRef,
    /// The vault that recordings go to. Another vault needs another consent.
    pub vault: VaultIdentity,
    /// What it may use recordings for; participants choose among these.
    pub purposes: Purposes,
    /// Whether files may be imported.
    pub allow_import: bool,
    /// The applications whose names may leave the wall; participants choose among these.
    pub applications: Vec<String>,
    /// What may be kept of text, at most; participants choose as much or less. A record without it allows shapes.
    #[serde(default)]
    pub text: TextRules,
    /// Applications that are private here besides those that are private everywhere.
    #[serde(default)]
    pub private_applications: Vec<String>,
    /// Sites that are private here besides those that are private everywhere: hosts or origins.
    #[serde(default)]
    pub private_origins: Vec<String>,
    /// k: below this many people nothing about them is shown or built.
    pub min_people: u32,
    /// The hold-back offered to participants, in seconds. Each participant's own choice is in the consent record.
    #[serde(default = "hold_back_default")]
    pub hold_back_secs: u64,
    /// Counts every change of the program's state, a pause included. Never decreases.
    pub epoch: u64,
    /// Whether it runs.
    pub state: RunState,
}

const fn hold_back_default() -> u64 {
    HOLD_BACK_SECS_DEFAULT
}

/// Whether a program records and releases, or does neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It does.
    Run,
    /// It does not: recorders stop, nothing is released.
    Paused,
}

/// Who answers for a program (the controller, in the law's word).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// The name.
    pub name: String,
    /// How to reach them.
    pub contact: String,
}

/// Which notice: two texts that differ in a byte are two notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeRef {
    /// The SHA-256 of the text's bytes.
    pub hash: Hash,
    /// Its version; a later notice has a higher one.
    pub version: u32,
    /// The language it was shown in (BCP 47).
    pub language: String,
}

/// What a participant is shown before deciding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The text, exactly as shown.
    pub text: String,
    /// Its version.
    pub version: u32,
    /// Its language (BCP 47).
    pub language: String,
}

impl Notice {
    /// The reference that a program and a consent carry.
    pub fn to_ref(&self) -> NoticeRef {
        NoticeRef { hash: Hash::of(self.text.as_bytes()), version: self.version, language: self.language.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_differs_in_one_byte_is_another() {
        let notice = |text: &str| Notice { text: text.to_owned(), version: 1, language: "en".to_owned() }.to_ref();
        assert_eq!(notice("We record keys."), notice("We record keys."));
        assert_ne!(notice("We record keys."), notice("We record keys. "));
    }
}
