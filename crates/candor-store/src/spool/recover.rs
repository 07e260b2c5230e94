//! After a crash: what can be saved is saved, what cannot is counted, and nothing unknown is touched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use candor_model::header::Schema;
use candor_seal::{RowId, SealedSegment, check_header, cut_journal};
use ed25519_dalek::SigningKey;

use super::clock::{Now, Stamp};
use super::marks::{self, Mark};
use super::pack::{self, Builder, Item, schema_byte};
use super::session::{self, Session, journal_path, read_wraps};
use super::{LOCK, Spool, SpoolError, shelf};
use crate::disk::{self, File, TEMP_SUFFIX};

/// What recovery did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Journals that were cut and are segments now.
    pub journals: u32,
    /// Bytes of torn writes that were cut off.
    pub torn_bytes: u64,
    /// Numbers that never became durable though a later one did; they get tombstones.
    pub lost: u32,
    /// Half-written files that were removed.
    pub temp_files: u32,
}

/// The condition of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// What this version writes, whole.
    Ok,
    /// Left half-written by a crash; recovery deals with it.
    Torn,
    /// Not what was written.
    Damaged(String),
    /// Nothing the spool knows; it is left alone.
    Unknown,
}

/// One file and its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Its condition.
    pub condition: Condition,
}

impl Spool {
    /// Cuts and signs what journals a crash left, makes segments of them, and removes temp files. Sessions with a
    /// writer at work are left alone. Running it again, also after it was itself stopped, changes nothing more.
    ///
    /// `device` signs the cuts; journals of another device are left as they are.
    ///
    /// # Errors
    /// [`SpoolError`] where the disk fails; run it again then.
    pub fn recover(&self, device: &SigningKey, now: Now) -> Result<Recovered, SpoolError> {
        let mut state = self.state();
        let mut done = Recovered { temp_files: remove_temps(self.root())?, ..Recovered::default() };
        let accepted = state.clock.advance(self.root(), &now)?;
        for session in state.sessions.values_mut().filter(|session| !session.writing) {
            done.temp_files += remove_temps(&session.dir)?;
            if session.about.device == device.verifying_key() {
                session.recover_journals(device, accepted, &mut done)?;
            }
        }
        remove_unborn(self.root())?;
        let mut rows = BTreeSet::new();
        state.sessions.values().try_for_each(|session| session.rows(&mut rows))?;
        if state.sessions.values().all(|session| !session.writing) {
            state.shelf.compact(|row: RowId| rows.contains(&row))?;
        }
        Ok(done)
    }

    /// Looks at every file of the spool, and changes none.
    ///
    /// # Errors
    /// [`SpoolError::Disk`] where a folder cannot be listed.
    pub fn fsck(&self) -> Result<Vec<Finding>, SpoolError> {
        let state = self.state();
        let mut findings = Vec::new();
        for name in disk::names(self.root())? {
            let path = self.root().join(&name);
            let session = name.parse().ok().and_then(|id| state.sessions.get(&id));
            match session {
                Some(session) => session.fsck(&mut findings)?,
                None => findings.push(Finding { condition: root_condition(&name, &path), path }),
            }
        }
        Ok(findings)
    }
}

fn root_condition(name: &str, path: &Path) -> Condition {
    match name {
        LOCK | "clock" | shelf::SHELF | shelf::RING => Condition::Ok,
        shelf::RING_NEXT => Condition::Torn,
        _ if name.ends_with(TEMP_SUFFIX) => Condition::Torn,
        _ if name.parse::<candor_model::SessionId>().is_ok() && is_unborn(path) => Condition::Torn,
        _ => Condition::Unknown,
    }
}

fn remove_temps(dir: &Path) -> Result<u32, SpoolError> {
    let temps: Vec<String> = disk::names(dir)?.into_iter().filter(|name| name.ends_with(TEMP_SUFFIX)).collect();
    temps.iter().try_for_each(|name| disk::remove(&dir.join(name)))?;
    Ok(u32::try_from(temps.len()).unwrap_or(u32::MAX))
}

/// A session's folder whose beginning a crash stopped: it holds no more than encapsulations.
fn is_unborn(dir: &Path) -> bool {
    disk::names(dir)
        .is_ok_and(|names| names.iter().all(|name| name == session::ENCAPSULATIONS || name.ends_with(TEMP_SUFFIX)))
}

fn remove_unborn(root: &Path) -> Result<(), SpoolError> {
    for name in disk::names(root)? {
        let dir = root.join(&name);
        if name.parse::<candor_model::SessionId>().is_ok() && is_unborn(&dir) {
            for name in disk::names(&dir)? {
                disk::remove(&dir.join(name))?;
            }
            disk::remove_dir(&dir)?;
        }
    }
    Ok(())
}

impl Session {
    fn recover_journals(
        &mut self,
        device: &SigningKey,
        accepted: Stamp,
        done: &mut Recovered,
    ) -> Result<(), SpoolError> {
        for number in self.journals()? {
            let place = (schema_byte(Schema::Events), number);
            if !self.entries.contains_key(&place) && !self.marks.is_gone(Schema::Events, number) {
                self.recover_journal(number, device, accepted, done)?;
            }
            self.remove_journal(number)?;
        }
        let events = schema_byte(Schema::Events);
        let lost: Vec<Mark> = (self.marks.acknowledged..self.event_numbers_end())
            .filter(|number| !self.entries.contains_key(&(events, *number)))
            .filter(|number| !self.marks.is_gone(Schema::Events, *number))
            .map(|number| Mark::Lost { number })
            .collect();
        if !lost.is_empty() {
            self.marks.add(&lost)?;
            done.lost += u32::try_from(lost.len()).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    /// Makes a segment of one journal. A journal whose head was torn never held an event.
    fn recover_journal(
        &mut self,
        number: u32,
        device: &SigningKey,
        accepted: Stamp,
        done: &mut Recovered,
    ) -> Result<(), SpoolError> {
        let Some(bytes) = disk::read_if_any(&journal_path(&self.dir, number))? else { return Ok(()) };
        let Some((header, vault)) = read_wraps(&self.dir, number)? else { return Ok(()) };
        let before = bytes.len();
        let Ok(segment) = cut_journal(bytes, device) else { return Ok(()) };
        if segment.header().hash() != header || segment.header().context != self.about.context {
            return Err(SpoolError::Damaged {
                path: journal_path(&self.dir, number),
                why: "it is not the journal its wraps belong to",
            });
        }
        // What the cut added: a frame head and a signature.
        done.torn_bytes += (before as u64 + 73).saturating_sub(segment.as_bytes().len() as u64);
        let mut builder = Builder::new(self.next_pack);
        builder.add(&Item { segment: &segment, vault }, accepted);
        let parts = builder.parts(std::iter::once(segment.as_bytes()));
        disk::write_whole(&self.dir, &pack::name(self.next_pack), &parts)?;
        disk::sync_dir(&self.dir)?;
        self.next_pack = self.next_pack.saturating_add(1);
        for entry in builder.entries {
            self.entries.insert((schema_byte(entry.schema), entry.number), entry);
        }
        done.journals += 1;
        Ok(())
    }

    fn fsck(&self, findings: &mut Vec<Finding>) -> Result<(), SpoolError> {
        for name in disk::names(&self.dir)? {
            let path = self.dir.join(&name);
            let condition = match name.as_str() {
                session::ABOUT | session::ENCAPSULATIONS | session::HOLD | marks::NAME => Condition::Ok,
                _ if name.ends_with(TEMP_SUFFIX) => Condition::Torn,
                _ if pack::number_of(&name).is_some() => self.fsck_pack(&name, &path),
                _ if name.ends_with(session::WRAPS_SUFFIX) => self.open_or_torn(),
                _ if name.ends_with(session::JOURNAL_SUFFIX) => match disk::read(&path) {
                    Ok(bytes) if check_header(&bytes, &self.about.device).is_ok() => self.open_or_torn(),
                    Ok(bytes) if bytes.len() >= SealedSegment::BODY => {
                        Condition::Damaged("its header is not one the device signed".into())
                    }
                    Ok(_) => Condition::Torn,
                    Err(error) => Condition::Damaged(error.to_string()),
                },
                _ => Condition::Unknown,
            };
            findings.push(Finding { path, condition });
        }
        Ok(())
    }

    fn open_or_torn(&self) -> Condition {
        if self.writing { Condition::Ok } else { Condition::Torn }
    }

    fn fsck_pack(&self, name: &str, path: &Path) -> Condition {
        let checked = (|| {
            let number = pack::number_of(name).unwrap_or_default();
            let file = File::open(path)?;
            for entry in pack::scan(path, number)? {
                let segment = SealedSegment::parse(entry.object(&file, path)?, &self.about.device);
                let header = segment.map(|segment| segment.header().clone());
                let fits = header.is_ok_and(|header| {
                    header.hash() == entry.header
                        && header.context == self.about.context
                        && (header.schema, header.number) == (entry.schema, entry.number)
                });
                if !fits {
                    let why = "a segment is not what the device signed";
                    return Err(SpoolError::Damaged { path: path.to_owned(), why });
                }
            }
            Ok(())
        })();
        checked.map_or_else(|error: SpoolError| Condition::Damaged(error.to_string()), |()| Condition::Ok)
    }
}
