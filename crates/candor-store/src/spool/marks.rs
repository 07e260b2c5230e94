//! What was decided about a session's segments: acknowledged, erased, lost. An append-only file of fixed records; a
//! torn last record was never decided.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use candor_model::header::Schema;
use candor_model::{Hash, SessionId};
use candor_seal::ChainRecord;

use super::SpoolError;
use super::pack::{schema_byte, schema_of};
use crate::disk::{self, File};

pub(super) const NAME: &str = "marks";
/// kind 1, schema 1, number 4, hash 32, check 4.
const LEN: usize = 42;

/// One decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The vault has it; the hash is the chain's head after it.
    Acknowledged { number: u32, head: Hash },
    /// Erased by the participant; the hash is the segment's header's.
    Erased { schema: Schema, number: u32, header: Hash },
    /// Never became durable, though a later one did.
    Lost { number: u32 },
}

/// All decisions of a session. The file is open only while it is written: a spool has thousands of sessions, a process few
/// descriptors.
#[derive(Debug)]
pub(super) struct Marks {
    path: PathBuf,
    len: u64,
    /// The chain's head after the last acknowledged number.
    pub(super) head: Hash,
    /// How many numbers, from 0, the vault has acknowledged.
    pub(super) acknowledged: u32,
    /// Erased, with the header hashes whose rows must be gone.
    pub(super) erased: BTreeMap<(u8, u32), Vec<Hash>>,
    /// Whether packs, journals and shelf agree with what was erased.
    pub(super) settled: bool,
    /// Lost event segments.
    pub(super) lost: BTreeSet<u32>,
}

impl Marks {
    pub(super) fn load(dir: &Path, session: SessionId) -> Result<Self, SpoolError> {
        let path = dir.join(NAME);
        let bytes = disk::read_if_any(&path)?.unwrap_or_default();
        let mut marks = Self {
            path,
            len: 0,
            head: ChainRecord::root(session),
            acknowledged: 0,
            erased: BTreeMap::new(),
            settled: true,
            lost: BTreeSet::new(),
        };
        for record in bytes.as_chunks::<LEN>().0 {
            let Some(mark) = decode(record) else { break };
            marks.note(mark);
            marks.len += LEN as u64;
        }
        Ok(marks)
    }

    fn note(&mut self, mark: Mark) {
        match mark {
            Mark::Acknowledged { number, head } => {
                self.acknowledged = number.saturating_add(1);
                self.head = head;
            }
            Mark::Erased { schema, number, header } => {
                self.settled = false;
                self.erased.entry((schema_byte(schema), number)).or_default().push(header);
            }
            Mark::Lost { number } => {
                self.lost.insert(number);
            }
        }
    }

    /// Whether nothing stands at this place any more.
    pub(super) fn is_gone(&self, schema: Schema, number: u32) -> bool {
        self.erased.contains_key(&(schema_byte(schema), number))
            || (schema == Schema::Events && self.lost.contains(&number))
    }

    /// Writes decisions; durable on return. On failure none of them counts.
    pub(super) fn add(&mut self, marks: &[Mark]) -> Result<(), SpoolError> {
        let bytes: Vec<u8> = marks.iter().flat_map(encode).collect();
        let mut file = self.file()?;
        // Where this fails, opening anew cuts what was half written.
        file.append(&bytes)?;
        file.sync()?;
        self.len += bytes.len() as u64;
        marks.iter().for_each(|mark| self.note(*mark));
        Ok(())
    }

    /// Makes sure that what was read is on the disk, before anything is done because of it.
    pub(super) fn sync(&self) -> Result<(), SpoolError> {
        if self.len > 0 {
            self.file()?.sync()?;
        }
        Ok(())
    }

    fn file(&self) -> Result<File, SpoolError> {
        let (mut file, made) = File::open_or_create(&self.path)?;
        if made && let Some(dir) = self.path.parent() {
            disk::sync_dir(dir)?;
        }
        if file.len()? != self.len {
            file.truncate(self.len)?;
        }
        Ok(file)
    }
}

fn encode(mark: &Mark) -> [u8; LEN] {
    let (kind, schema, number, hash) = match *mark {
        Mark::Acknowledged { number, head } => (1, 0, number, head),
        Mark::Erased { schema, number, header } => (2, schema_byte(schema), number, header),
        Mark::Lost { number } => (3, 0, number, Hash([0; 32])),
    };
    let mut bytes = [0; LEN];
    let record = [&[kind, schema][..], &number.to_be_bytes(), &hash.0].concat();
    let check = Hash::of(&record);
    for (slot, byte) in bytes.iter_mut().zip(record.iter().chain(&check.0)) {
        *slot = *byte;
    }
    bytes
}

fn decode(record: &[u8; LEN]) -> Option<Mark> {
    let (content, check) = record.split_at_checked(LEN - 4)?;
    if !Hash::of(content).0.starts_with(check) {
        return None;
    }
    let (&[kind, schema], rest) = content.split_first_chunk::<2>()?;
    let (number, rest) = rest.split_first_chunk::<4>()?;
    let number = u32::from_be_bytes(*number);
    let hash = Hash(rest.try_into().ok()?);
    match kind {
        1 => Some(Mark::Acknowledged { number, head: hash }),
        2 => Some(Mark::Erased { schema: schema_of(schema)?, number, header: hash }),
        3 => Some(Mark::Lost { number }),
        _ => None,
    }
}
