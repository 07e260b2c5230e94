//! A pack: the segments that one commit made durable, in one file. Format: `spec/spool.md`.
//!
//! A pack appears under its name whole or not at all. Only two things ever change in it: the vault's wraps are blotted
//! out when they are no longer needed, and a pack is written again without the segments that were erased.

use std::path::Path;

use candor_model::Hash;
use candor_model::header::Schema;
use candor_seal::{SealedSegment, Wrap};

use super::SpoolError;
use super::clock::Stamp;
use crate::disk::File;

const MAGIC: &[u8; 8] = b"cndrpk01";
/// len 4, schema 1, number 4, unix 8, counted 8, header hash 32, object hash 32, check 4, wrap 48.
const HEAD: usize = 141;
const CHECKED: usize = 89;
const WRAP_AT: u64 = 93;

/// Where a segment lies, and all that is known of it without its bytes.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) schema: Schema,
    pub(super) number: u32,
    pub(super) accepted: Stamp,
    pub(super) header: Hash,
    pub(super) object: Hash,
    pub(super) len: u32,
    /// Which pack.
    pub(super) pack: u32,
    /// Where its head begins in the pack.
    pub(super) at: u64,
}

/// A segment on its way into a pack.
pub(super) struct Item<'a> {
    pub(super) segment: &'a SealedSegment,
    pub(super) vault: Option<Wrap>,
}

pub(super) fn name(pack: u32) -> String {
    format!("pack-{pack:06}")
}

pub(super) fn number_of(name: &str) -> Option<u32> {
    name.strip_prefix("pack-").filter(|digits| digits.len() >= 6)?.parse().ok()
}

pub(super) fn schema_byte(schema: Schema) -> u8 {
    match schema {
        Schema::Events => 1,
        Schema::Remarks => 2,
    }
}

pub(super) fn schema_of(byte: u8) -> Option<Schema> {
    match byte {
        1 => Some(Schema::Events),
        2 => Some(Schema::Remarks),
        _ => None,
    }
}

/// The heads of a pack under construction; bodies are written from where they lie.
pub(super) struct Builder {
    pack: u32,
    at: u64,
    pub(super) heads: Vec<Vec<u8>>,
    pub(super) entries: Vec<Entry>,
}

impl Builder {
    pub(super) fn new(pack: u32) -> Self {
        Self { pack, at: MAGIC.len() as u64, heads: Vec::new(), entries: Vec::new() }
    }

    /// Adds a segment.
    pub(super) fn add(&mut self, item: &Item<'_>, accepted: Stamp) {
        let header = item.segment.header();
        let entry = Entry {
            schema: header.schema,
            number: header.number,
            accepted,
            header: header.hash(),
            object: item.segment.object_hash(),
            len: u32::try_from(item.segment.as_bytes().len()).unwrap_or(u32::MAX),
            pack: self.pack,
            at: self.at,
        };
        self.add_entry(entry, item.vault.map_or([0; 48], |wrap| wrap.0));
    }

    /// Adds what lies in another pack already.
    pub(super) fn add_entry(&mut self, mut entry: Entry, wrap: [u8; 48]) {
        (entry.pack, entry.at) = (self.pack, self.at);
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(&entry.len.to_be_bytes());
        head.push(schema_byte(entry.schema));
        head.extend_from_slice(&entry.number.to_be_bytes());
        head.extend_from_slice(&entry.accepted.unix.to_be_bytes());
        head.extend_from_slice(&entry.accepted.counted.to_be_bytes());
        head.extend_from_slice(&entry.header.0);
        head.extend_from_slice(&entry.object.0);
        head.extend(Hash::of(&head).0.iter().take(4));
        head.extend_from_slice(&wrap);
        self.at += (HEAD as u64) + u64::from(entry.len);
        self.heads.push(head);
        self.entries.push(entry);
    }

    /// The file's parts, in order.
    pub(super) fn parts<'a>(&'a self, bodies: impl Iterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
        let mut parts = vec![&MAGIC[..]];
        for (head, body) in self.heads.iter().zip(bodies) {
            parts.push(head);
            parts.push(body);
        }
        parts
    }
}

/// Reads the heads of a pack.
pub(super) fn scan(path: &Path, pack: u32) -> Result<Vec<Entry>, SpoolError> {
    let damaged = |why| SpoolError::Damaged { path: path.to_owned(), why };
    let file = File::open(path)?;
    let len = file.len()?;
    let mut at = MAGIC.len() as u64;
    if len < at || file.read_at(0, MAGIC.len())? != MAGIC {
        return Err(damaged("it is no pack of this version"));
    }
    let mut entries = Vec::new();
    while at < len {
        if len - at < HEAD as u64 {
            return Err(damaged("it ends within an entry"));
        }
        let entry =
            parse_head(&file.read_at(at, HEAD)?, pack, at).ok_or(damaged("an entry is not what was written"))?;
        at += HEAD as u64 + u64::from(entry.len);
        entries.push(entry);
    }
    if at == len { Ok(entries) } else { Err(damaged("it ends within a segment")) }
}

fn parse_head(head: &[u8], pack: u32, at: u64) -> Option<Entry> {
    let (checked, rest) = head.split_at_checked(CHECKED)?;
    if !rest.starts_with(Hash::of(checked).0.get(..4)?) {
        return None;
    }
    let (len, rest) = checked.split_first_chunk::<4>()?;
    let (&[schema], rest) = rest.split_first_chunk::<1>()?;
    let (number, rest) = rest.split_first_chunk::<4>()?;
    let (unix, rest) = rest.split_first_chunk::<8>()?;
    let (counted, rest) = rest.split_first_chunk::<8>()?;
    let (header, rest) = rest.split_first_chunk::<32>()?;
    let (object, _) = rest.split_first_chunk::<32>()?;
    Some(Entry {
        schema: schema_of(schema)?,
        number: u32::from_be_bytes(*number),
        accepted: Stamp { unix: u64::from_be_bytes(*unix), counted: u64::from_be_bytes(*counted) },
        header: Hash(*header),
        object: Hash(*object),
        len: u32::from_be_bytes(*len),
        pack,
        at,
    })
}

impl Entry {
    /// The vault's wrap; nothing where it was blotted out, or never was.
    pub(super) fn vault_wrap(&self, file: &File) -> Result<Option<Wrap>, SpoolError> {
        let bytes = file.read_at(self.at + WRAP_AT, 48)?;
        Ok(<[u8; 48]>::try_from(bytes).ok().filter(|wrap| *wrap != [0; 48]).map(Wrap))
    }

    /// Overwrites the vault's wrap with zeros. Not synced yet.
    pub(super) fn blot_wrap(&self, file: &File) -> Result<(), SpoolError> {
        Ok(file.write_at(&[0; 48], self.at + WRAP_AT)?)
    }

    /// The object; checked against its hash.
    pub(super) fn object(&self, file: &File, path: &Path) -> Result<Vec<u8>, SpoolError> {
        let bytes = file.read_at(self.at + HEAD as u64, self.len as usize)?;
        if Hash::of(&bytes) != self.object {
            return Err(SpoolError::Damaged { path: path.to_owned(), why: "a segment's bytes changed" });
        }
        Ok(bytes)
    }
}
