//! After an erasure: does anything saved before it still open?

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candor_broker::{FileCustody, audit};

use super::people::Person;
use crate::agent::Home;
use crate::agent::own::Reader;

/// Copies of the vault and of one participant's device, taken before that participant erased: objects, databases with
/// their write-ahead logs, and both recipients' wraps.
pub(super) struct Saved {
    vault: PathBuf,
    device: PathBuf,
    name: &'static str,
}

impl Saved {
    /// Copies everything. The copy of custody's file shows that the other copies opened; the trial itself does without
    /// it, as the threat model says: who has that too has everything.
    pub(super) fn save(dir: &Path, person: &Person) -> Result<Self> {
        let saved = Self { vault: dir.join("saved-vault"), device: dir.join("saved-device"), name: person.name };
        copy(&dir.join("vault"), &saved.vault)?;
        copy(person.dir(), &saved.device)?;
        Ok(saved)
    }

    /// Whether the device is this person's.
    pub(super) fn is_of(&self, person: &Person) -> bool {
        self.name == person.name
    }

    /// The saved device, as its owner's programs open it.
    pub(super) fn home(&self) -> Result<Home> {
        Home::open(&self.device)
    }

    /// How many of the person's segments open: from the vault's copies with today's custody, and from the device's
    /// copies with today's ring key. With the saved ring key and the saved custody they must open, or this proves nothing.
    pub(super) fn opened_with_todays_custody(&self, vault: &Path, passphrase: &str, person: &Person) -> Result<u64> {
        let home = self.home()?;
        let participant = home.participant()?;
        let before = opened_on_device(&home)?;
        ensure!(before > 0, "the copies saved before the erasure do not open at all: the trial proves nothing");
        let device = self.device.with_extension("today");
        copy(&self.device, &device)?;
        let ring = |dir: &Path| dir.join("spool/ring.key");
        fs::copy(ring(person.dir()), ring(&device)).context("take today's ring key")?;
        let on_device = Home::open(&device).and_then(|home| opened_on_device(&home)).unwrap_or(0);
        let mut custody = FileCustody::open(&vault.join("custody.json"), passphrase)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (copy, today) = (self.vault.join("broker.db"), vault.join("broker.db"));
        let mut saved = FileCustody::open(&self.vault.join("custody.json"), passphrase)?;
        let could = runtime.block_on(audit::opens(&copy, &copy, &mut saved, participant))?;
        ensure!(could > 0, "the vault's copy does not open even with the custody of its day: the trial proves nothing");
        let in_vault = runtime.block_on(audit::opens(&copy, &today, &mut custody, participant))?;
        Ok(on_device + in_vault)
    }
}

/// How many segments the participant's identity opens in this home.
fn opened_on_device(home: &Home) -> Result<u64> {
    let spool = home.spool()?;
    let mut reader = Reader::new(home)?;
    Ok(spool.segments().into_iter().filter(|id| reader.open(&spool, *id).is_ok()).count() as u64)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    crate::files::private_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
