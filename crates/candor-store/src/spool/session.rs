//! One session's folder: what it holds, and what is known of it in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candor_model::Hash;
use candor_model::Header;
use candor_model::header::{Form, Schema, SessionContext};
use candor_seal::{Encapsulation, RecipientRole, RowId, Wrap};
use ed25519_dalek::VerifyingKey;

use super::SpoolError;
use super::marks::Marks;
use super::pack::{self, Entry, schema_byte};
use crate::disk::{self, File};

pub(super) const ABOUT: &str = "session";
pub(super) const ENCAPSULATIONS: &str = "encapsulations";
pub(super) const HOLD: &str = "hold";
pub(super) const JOURNAL_SUFFIX: &str = ".journal";
pub(super) const WRAPS_SUFFIX: &str = ".wraps";
const MAGIC: &[u8; 8] = b"cndrss01";
/// role 1, number 4, encapsulated key, check 4.
const ENCAPSULATION_LEN: usize = 5 + Encapsulation::LEN + 4;

/// What is public about a session and stays the same.
#[derive(Debug, Clone)]
pub struct About {
    /// The context that every segment's header repeats.
    pub context: SessionContext,
    /// The device that signs its headers.
    pub device: VerifyingKey,
    /// The hold-back that the consent names, in seconds.
    pub hold_back_secs: u64,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) dir: PathBuf,
    pub(super) about: About,
    pub(super) encapsulations: Vec<Encapsulation>,
    pub(super) entries: BTreeMap<(u8, u32), Entry>,
    pub(super) marks: Marks,
    pub(super) next_pack: u32,
    /// What holds now: the consent's, or shorter.
    pub(super) hold_back_secs: u64,
    /// Whether a writer is at work on it.
    pub(super) writing: bool,
}

impl Session {
    /// Makes the folder of a new session; durable on return.
    pub(super) fn create(root: &Path, about: About, encapsulations: &[&Encapsulation]) -> Result<Self, SpoolError> {
        let session = about.context.session;
        let dir = root.join(session.to_string());
        disk::make_dir(&dir)?;
        if dir.join(ABOUT).symlink_metadata().is_ok() {
            return Err(SpoolError::SessionExists { session });
        }
        let bytes: Vec<u8> = encapsulations.iter().flat_map(|one| encode_encapsulation(one)).collect();
        disk::write_whole(&dir, ENCAPSULATIONS, &[&bytes])?;
        disk::write_durably(&dir, ABOUT, &encode_about(&about))?;
        disk::sync_dir(root)?;
        Self::load(dir)?.ok_or(SpoolError::NoSession { session })
    }

    /// Reads a session's folder; nothing where it was never begun to the end.
    pub(super) fn load(dir: PathBuf) -> Result<Option<Self>, SpoolError> {
        let Some(bytes) = disk::read_if_any(&dir.join(ABOUT))? else { return Ok(None) };
        let damaged = SpoolError::Damaged { path: dir.join(ABOUT), why: "it is no session of this version" };
        let about = decode_about(&bytes).ok_or(damaged)?;
        let session = about.context.session;
        if dir.file_name().and_then(|name| name.to_str()) != Some(session.to_string().as_str()) {
            return Err(SpoolError::Damaged { path: dir, why: "the folder has another session's name" });
        }
        let hold = disk::read_if_any(&dir.join(HOLD))?.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        let hold_back_secs =
            hold.map_or(about.hold_back_secs, |secs| about.hold_back_secs.min(u64::from_be_bytes(secs)));
        let marks = Marks::load(&dir, session)?;
        let mut loaded = Self {
            encapsulations: load_encapsulations(&dir)?,
            entries: BTreeMap::new(),
            marks,
            next_pack: 0,
            hold_back_secs,
            writing: false,
            about,
            dir,
        };
        for name in disk::names(&loaded.dir)? {
            let Some(number) = pack::number_of(&name) else { continue };
            loaded.next_pack = loaded.next_pack.max(number.saturating_add(1));
            for entry in pack::scan(&loaded.dir.join(&name), number)? {
                loaded.entries.insert((schema_byte(entry.schema), entry.number), entry);
            }
        }
        Ok(Some(loaded))
    }

    pub(super) fn pack_path(&self, pack: u32) -> PathBuf {
        self.dir.join(pack::name(pack))
    }

    pub(super) fn entry(&self, schema: Schema, number: u32) -> Result<&Entry, SpoolError> {
        let session = self.about.context.session;
        if self.marks.is_gone(schema, number) {
            return Err(SpoolError::NoSegment { session, schema, number });
        }
        let entry = self.entries.get(&(schema_byte(schema), number));
        entry.ok_or(SpoolError::NoSegment { session, schema, number })
    }

    /// Every number that was used for event segments: stored, journaled, erased or lost.
    pub(super) fn event_numbers_end(&self) -> u32 {
        let events = schema_byte(Schema::Events);
        let stored = self.entries.keys().filter(|(schema, _)| *schema == events).map(|(_, number)| *number);
        let erased = self.marks.erased.keys().filter(|(schema, _)| *schema == events).map(|(_, number)| *number);
        let lost = self.marks.lost.iter().copied();
        stored.chain(erased).chain(lost).max().map_or(0, |last| last.saturating_add(1))
    }

    /// The rows of the shelf that belong to this session's segments.
    pub(super) fn rows(&self, rows: &mut BTreeSet<RowId>) -> Result<(), SpoolError> {
        let live = self.entries.values().filter(|entry| !self.marks.is_gone(entry.schema, entry.number));
        rows.extend(live.map(|entry| RowId::wrap(entry.header)));
        for number in self.journals()? {
            if let Some((header, _)) = read_wraps(&self.dir, number)? {
                rows.insert(RowId::wrap(header));
            }
        }
        Ok(())
    }

    /// The numbers of the journals in the folder.
    pub(super) fn journals(&self) -> Result<BTreeSet<u32>, SpoolError> {
        let names = disk::names(&self.dir)?;
        Ok(names
            .iter()
            .filter_map(|name| name.strip_suffix(JOURNAL_SUFFIX).or_else(|| name.strip_suffix(WRAPS_SUFFIX)))
            .filter_map(|digits| digits.parse().ok())
            .collect())
    }

    /// Adds encapsulations; durable on return.
    pub(super) fn add_encapsulations(&mut self, more: &[&Encapsulation]) -> Result<(), SpoolError> {
        let mut all = self.encapsulations.clone();
        all.extend(more.iter().copied().filter(|one| !self.encapsulations.contains(one)).cloned());
        let bytes: Vec<u8> = all.iter().flat_map(encode_encapsulation).collect();
        disk::write_durably(&self.dir, ENCAPSULATIONS, &bytes)?;
        self.encapsulations = all;
        Ok(())
    }

    /// Removes a journal. Its row on the shelf goes when the shelf is next written.
    pub(super) fn remove_journal(&self, number: u32) -> Result<(), SpoolError> {
        // The journal goes first: without its wraps its bytes would be a riddle to recovery.
        disk::remove(&journal_path(&self.dir, number))?;
        let wraps = wraps_path(&self.dir, number);
        if let Ok(file) = File::open(&wraps) {
            file.write_at(&[0; 84], 0)?;
            file.sync()?;
        }
        Ok(disk::remove(&wraps)?)
    }

    /// Blots out the vault's wraps of these segments; durable on return.
    pub(super) fn blot_wraps(&self, ids: impl IntoIterator<Item = (u8, u32)>) -> Result<(), SpoolError> {
        let mut packs: BTreeMap<u32, Vec<&Entry>> = BTreeMap::new();
        for entry in ids.into_iter().filter_map(|id| self.entries.get(&id)) {
            packs.entry(entry.pack).or_default().push(entry);
        }
        for (number, entries) in packs {
            let file = File::open(&self.pack_path(number))?;
            let mut changed = false;
            for entry in entries {
                if entry.vault_wrap(&file)?.is_some() {
                    entry.blot_wrap(&file)?;
                    changed = true;
                }
            }
            if changed {
                file.sync()?;
            }
        }
        Ok(())
    }

    /// Makes the packs agree with the marks: erased segments are in none. Returns the header hashes of what is erased.
    pub(super) fn settle(&mut self) -> Result<Vec<Hash>, SpoolError> {
        let gone: Vec<(u8, u32)> = self.marks.erased.keys().copied().collect();
        let headers: Vec<Hash> = self.marks.erased.values().flatten().copied().collect();
        if gone.is_empty() {
            return Ok(headers);
        }
        self.marks.sync()?;
        self.blot_wraps(gone.iter().copied())?;
        let packs: BTreeSet<u32> = gone.iter().filter_map(|id| self.entries.get(id)).map(|entry| entry.pack).collect();
        for pack in packs {
            self.rewrite_pack(pack)?;
        }
        for (schema, number) in gone {
            if schema == schema_byte(Schema::Events) {
                self.remove_journal(number)?;
            }
        }
        disk::sync_dir(&self.dir)?;
        Ok(headers)
    }

    fn rewrite_pack(&mut self, pack: u32) -> Result<(), SpoolError> {
        let path = self.pack_path(pack);
        let (gone, kept): (Vec<Entry>, Vec<Entry>) = self
            .entries
            .values()
            .filter(|entry| entry.pack == pack)
            .cloned()
            .partition(|entry| self.marks.is_gone(entry.schema, entry.number));
        if kept.is_empty() {
            disk::remove(&path)?;
        } else {
            let file = File::open(&path)?;
            let mut builder = pack::Builder::new(pack);
            let mut bodies = Vec::new();
            for entry in kept {
                bodies.push(entry.object(&file, &path)?);
                let wrap = entry.vault_wrap(&file)?.map_or([0; 48], |wrap| wrap.0);
                builder.add_entry(entry, wrap);
            }
            let parts = builder.parts(bodies.iter().map(Vec::as_slice));
            disk::write_whole(&self.dir, &pack::name(pack), &parts)?;
            for entry in builder.entries {
                self.entries.insert((schema_byte(entry.schema), entry.number), entry);
            }
        }
        gone.iter().for_each(|entry| {
            self.entries.remove(&(schema_byte(entry.schema), entry.number));
        });
        Ok(())
    }
}

pub(super) fn journal_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:06}{JOURNAL_SUFFIX}"))
}

fn wraps_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{number:06}{WRAPS_SUFFIX}"))
}

/// Writes the vault's wrap of a journal; durable on return.
pub(super) fn write_wraps(dir: &Path, number: u32, header: Hash, vault: Option<Wrap>) -> Result<(), SpoolError> {
    let content = [&header.0[..], &vault.map_or([0; 48], |wrap| wrap.0)].concat();
    let check = Hash::of(&content);
    let bytes: Vec<u8> = content.iter().chain(check.0.iter().take(4)).copied().collect();
    Ok(disk::write_durably(dir, &format!("{number:06}{WRAPS_SUFFIX}"), &bytes)?)
}

/// Reads a journal's header hash and its vault wrap; nothing where they are missing or blotted out.
pub(super) fn read_wraps(dir: &Path, number: u32) -> Result<Option<(Hash, Option<Wrap>)>, SpoolError> {
    let Some(bytes) = disk::read_if_any(&wraps_path(dir, number))? else { return Ok(None) };
    Ok((|| {
        let (content, check) = bytes.split_at_checked(80)?;
        let (header, wrap) = content.split_first_chunk::<32>()?;
        let wrap: [u8; 48] = wrap.try_into().ok()?;
        let whole = check.len() == 4 && Hash::of(content).0.starts_with(check);
        whole.then_some((Hash(*header), Some(Wrap(wrap)).filter(|wrap| wrap.0 != [0; 48])))
    })())
}

fn encode_about(about: &About) -> Vec<u8> {
    let header = Header {
        schema: Schema::Events,
        form: Form::Compact,
        context: about.context.clone(),
        number: 0,
        encapsulation: 0,
        commitment: [0; 32],
    };
    let content = [&MAGIC[..], &header.encode(), about.device.as_bytes(), &about.hold_back_secs.to_be_bytes()].concat();
    let check = Hash::of(&content);
    content.into_iter().chain(check.0.into_iter().take(4)).collect()
}

fn decode_about(bytes: &[u8]) -> Option<About> {
    let (content, check) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    if !Hash::of(content).0.starts_with(check) {
        return None;
    }
    let (header, rest) = content.strip_prefix(MAGIC)?.split_first_chunk::<{ Header::LEN }>()?;
    let (device, rest) = rest.split_first_chunk::<32>()?;
    Some(About {
        context: Header::decode(header).ok()?.context,
        device: VerifyingKey::from_bytes(device).ok()?,
        hold_back_secs: u64::from_be_bytes(rest.try_into().ok()?),
    })
}

fn encode_encapsulation(one: &Encapsulation) -> Vec<u8> {
    let role = match one.role {
        RecipientRole::Vault => 1,
        RecipientRole::Participant => 2,
    };
    let content = [&[role][..], &one.number.to_be_bytes(), &one.enc].concat();
    let check = Hash::of(&content);
    content.into_iter().chain(check.0.into_iter().take(4)).collect()
}

fn load_encapsulations(dir: &Path) -> Result<Vec<Encapsulation>, SpoolError> {
    let path = dir.join(ENCAPSULATIONS);
    let bytes = disk::read(&path)?;
    let damaged = || SpoolError::Damaged { path: path.clone(), why: "it holds no encapsulations" };
    let (records, rest) = bytes.as_chunks::<ENCAPSULATION_LEN>();
    if !rest.is_empty() {
        return Err(damaged());
    }
    records.iter().map(|record| decode_encapsulation(record).ok_or_else(damaged)).collect()
}

fn decode_encapsulation(record: &[u8]) -> Option<Encapsulation> {
    let (content, check) = record.split_at_checked(ENCAPSULATION_LEN - 4)?;
    if !Hash::of(content).0.starts_with(check) {
        return None;
    }
    let (&[role], rest) = content.split_first_chunk::<1>()?;
    let (number, enc) = rest.split_first_chunk::<4>()?;
    let role = match role {
        1 => RecipientRole::Vault,
        2 => RecipientRole::Participant,
        _ => return None,
    };
    Some(Encapsulation { role, number: u32::from_be_bytes(*number), enc: enc.to_vec() })
}
