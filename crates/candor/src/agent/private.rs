//! What a participant keeps to themselves: values that are looked for in everything recorded, and applications and sites
//! that are private besides the defaults. `private.json` in the participant's folder, and the key of the fingerprints in
//! `keys/personal.key`. Neither is ever uploaded.

use anyhow::{Context, Result, bail};
use candor_redact::{ContextRule, Contexts, PersonalEntry, PersonalKey, PersonalList};
use serde::{Deserialize, Serialize};

use crate::agent::Home;
use crate::files;
use crate::keys::{self, Kind};

const FILE: &str = "private.json";
const KEY: &str = "keys/personal.key";
const LABEL_CHARS_MAX: usize = 60;

/// What lies in `private.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Private {
    /// The values, as fingerprints.
    pub(crate) named: Vec<Named>,
    /// Applications.
    pub(crate) applications: Vec<String>,
    /// Sites.
    pub(crate) sites: Vec<String>,
}

/// A value that the participant named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// What the participant calls it.
    pub(crate) label: String,
    /// When it was named, in Unix seconds.
    pub(crate) added: u64,
    /// What is kept of it.
    entry: PersonalEntry,
}

impl Private {
    /// What was named so far; nothing where nothing was.
    ///
    /// # Errors
    /// Where the file cannot be read: to record as if nothing had been named would show what was.
    pub(crate) fn read(home: &Home) -> Result<Self> {
        let path = home.dir().join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_str(&files::read_private_text(&path)?).context(FILE)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// As [`files::write_private`].
    pub(crate) fn write(&self, home: &Home) -> Result<()> {
        files::write_private(&home.dir().join(FILE), &serde_json::to_vec_pretty(self)?)
    }

    /// Names a value. The value is not kept.
    ///
    /// # Errors
    /// Where the label is taken, no label, or tells the value; where the value is too short or too long to look for.
    pub(crate) fn name(&mut self, home: &Home, label: &str, value: &str, now: u64) -> Result<()> {
        if label.trim().is_empty() || label.chars().count() > LABEL_CHARS_MAX || label.contains(char::is_control) {
            bail!("a label has 1 to {LABEL_CHARS_MAX} characters; choose another");
        }
        if self.named.iter().any(|named| named.label == label) {
            bail!("`{label}` is named already; remove it first, or choose another label");
        }
        let entry = PersonalList::fingerprint(&make_key(home)?, value)?;
        if let Some(same) = self.named.iter().find(|named| named.entry == entry) {
            bail!("the same value is named already, as `{}`", same.label);
        }
        let mut told = Vec::new();
        PersonalList::from_entries(&make_key(home)?, vec![entry.clone()])?.find(label, &mut told);
        if !told.is_empty() {
            bail!("the label tells what you name, and labels are kept readable; choose another");
        }
        self.named.push(Named { label: label.to_owned(), added: now, entry });
        Ok(())
    }

    /// Forgets the value with this label, and says whether there was one.
    pub(crate) fn forget(&mut self, label: &str) -> bool {
        let before = self.named.len();
        self.named.retain(|named| named.label != label);
        self.named.len() < before
    }

    /// What is looked for in everything that is recorded.
    ///
    /// # Errors
    /// Where an entry or the key is missing or damaged.
    pub(crate) fn personal(&self, home: &Home) -> Result<PersonalList> {
        if self.named.is_empty() {
            return Ok(PersonalList::empty());
        }
        let key = read_key(home)
            .context("the key of your private list; `candor private remove` each value, then name it again")?;
        Ok(PersonalList::from_entries(&key, self.named.iter().map(|named| named.entry.clone()).collect())?)
    }

    /// The contexts that are private besides the defaults.
    pub(crate) fn rules(&self) -> Vec<ContextRule> {
        let applications = self.applications.iter().cloned().map(ContextRule::Application);
        applications.chain(self.sites.iter().cloned().map(ContextRule::Origin)).collect()
    }

    /// Adds an application or a site; says whether it is new. After an error this is not to be written.
    ///
    /// # Errors
    /// Where it could never match.
    pub(crate) fn add(&mut self, rule: &ContextRule) -> Result<bool> {
        let (list, name) = self.list(rule);
        let new = !list.contains(name);
        if new {
            list.push(name.clone());
        }
        Contexts::new(&self.rules())?;
        Ok(new)
    }

    /// Removes an application or a site that was added; says whether it was there.
    pub(crate) fn remove(&mut self, rule: &ContextRule) -> bool {
        let (list, name) = self.list(rule);
        let before = list.len();
        list.retain(|one| one != name);
        list.len() < before
    }

    fn list<'a>(&mut self, rule: &'a ContextRule) -> (&mut Vec<String>, &'a String) {
        match rule {
            ContextRule::Application(name) => (&mut self.applications, name),
            ContextRule::Origin(site) => (&mut self.sites, site),
        }
    }
}

fn read_key(home: &Home) -> Result<PersonalKey> {
    Ok(PersonalKey::from_bytes(*keys::read_seed(&home.dir().join(KEY), Kind::Personal)?))
}

/// The key, drawn at random where there is none yet.
fn make_key(home: &Home) -> Result<PersonalKey> {
    let path = home.dir().join(KEY);
    if !path.exists() {
        keys::write_seed(&path, Kind::Personal, &keys::random())?;
    }
    read_key(home)
}

#[cfg(test)]
mod tests {
    use candor_model::{DeviceId, Hash, ParticipantId, ProgramId, VaultIdentity};
    use candor_redact::Context as Place;

    use super::*;
    use crate::agent::home::Member;
    use crate::invitation::Role;

    fn home(dir: &std::path::Path) -> Home {
        files::private_dir(&dir.join("keys")).unwrap();
        let vault = VaultIdentity(candor_model::PublicKey::from_bytes(
            ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes(),
        ));
        let member = Member {
            role: Role::Participant,
            device: DeviceId::from_bytes([1; 16]),
            participant: Some(ParticipantId::from_bytes([2; 16])),
            principal: None,
            program: ProgramId::from_bytes([3; 16]),
            url: "https://localhost:1".into(),
            pin: Hash::of(b""),
            vault,
        };
        Home::create(dir, member).unwrap()
    }

    #[test]
    fn what_is_named_is_found_and_kept_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path());
        let mut private = Private::read(&home).unwrap();
        private.name(&home, "my street", "12 Larkspur Lane", 7).unwrap();
        private.write(&home).unwrap();
        let private = Private::read(&home).unwrap();
        let mut found = Vec::new();
        private.personal(&home).unwrap().find("at 12, larkspur lane", &mut found);
        assert_eq!(found.len(), 1);
        for file in [FILE, KEY] {
            let text = std::fs::read_to_string(dir.path().join(file)).unwrap().to_lowercase();
            assert!(!text.contains("larkspur"), "{file}");
        }
    }

    #[test]
    fn a_label_is_one_value_and_does_not_tell_it() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path());
        let mut private = Private::default();
        private.name(&home, "street", "12 Larkspur Lane", 7).unwrap();
        for (label, value) in [
            ("street", "other value"),
            ("again", "12 larkspur lane"),
            ("Greymalkin", "greymalkin"),
            (" ", "other value"),
            ("short", "abc"),
        ] {
            let error = private.name(&home, label, value, 7).unwrap_err().to_string();
            assert!(!error.contains(value), "{error}");
        }
        assert_eq!(private.named.len(), 1);
        assert!(private.forget("street") && !private.forget("street"));
    }

    #[test]
    fn a_list_whose_key_is_gone_is_an_error_and_not_an_empty_list() {
        let dir = tempfile::tempdir().unwrap();
        let home = home(dir.path());
        let mut private = Private::default();
        private.name(&home, "street", "12 Larkspur Lane", 7).unwrap();
        std::fs::remove_file(dir.path().join(KEY)).unwrap();
        assert!(private.personal(&home).is_err());
        private.forget("street");
        assert!(private.personal(&home).unwrap().is_empty());
    }

    #[test]
    fn own_contexts_are_added_once_and_can_be_taken_back() {
        let mut private = Private::default();
        let (app, site) = (ContextRule::Application("Diary".into()), ContextRule::Origin("forum.example".into()));
        assert!(private.add(&app).unwrap() && !private.add(&app).unwrap() && private.add(&site).unwrap());
        assert!(private.clone().add(&ContextRule::Origin("not a site".into())).is_err());
        let contexts = Contexts::new(&private.rules()).unwrap();
        assert_ne!(contexts.judge("diary", "", None), Place::Open);
        assert_ne!(contexts.judge("firefox", "", Some("https://forum.example")), Place::Open);
        assert!(private.remove(&app) && !private.remove(&app));
        assert_eq!(private.rules(), [site]);
    }
}
