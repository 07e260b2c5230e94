//! Recording into the spool.

use std::collections::{BTreeMap, BTreeSet};

use candor_model::header::{Schema, SessionContext};
use candor_model::{Hash, SessionId};
use candor_seal::{Encapsulation, Journal, Sealed, SealedChunk, ShelfKey, Wrap};
use ed25519_dalek::VerifyingKey;

use super::clock::Now;
use super::marks::Mark;
use super::pack::{Builder, Item, name, schema_byte};
use super::session::{About, Session, journal_path, write_wraps};
use super::{SegmentId, Spool, SpoolError};
use crate::disk::{self, File};

/// What a session's writer has made durable so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durable {
    /// Closed segments, remarks included.
    pub segments: u64,
    /// Their bytes.
    pub segment_bytes: u64,
    /// Bytes in journals that are still open.
    pub journal_bytes: u64,
}

/// The one writer of a recording session. What it is given is durable when [`SpoolWriter::commit`] returns, not before.
///
/// After an error, what was not durable is still queued: commit again when the cause is gone. Dropping the writer
/// loses what is queued and leaves open journals to recovery, as a crash does.
#[must_use = "a writer that nobody commits stores nothing"]
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Spool,
    session: SessionId,
    queued: Vec<Sealed>,
    journals: BTreeMap<u32, OpenJournal>,
    durable: Durable,
}

#[derive(Debug)]
struct OpenJournal {
    header: Hash,
    file: Option<File>,
    len: u64,
    pending: Vec<u8>,
}

impl Spool {
    /// Begins a recording session; its context and encapsulations are durable on return. `hold_back_secs` is the
    /// consent's.
    ///
    /// # Errors
    /// [`SpoolError::SessionExists`] where it was begun before; [`SpoolError::Full`]; [`SpoolError::Disk`].
    pub fn begin_session(
        &self,
        context: &SessionContext,
        device: &VerifyingKey,
        hold_back_secs: u64,
        encapsulations: [&Encapsulation; 2],
    ) -> Result<SpoolWriter, SpoolError> {
        let mut state = self.state();
        let about = About { context: context.clone(), device: *device, hold_back_secs };
        let mut session = Session::create(self.root(), about, &encapsulations)?;
        session.writing = true;
        state.sessions.insert(context.session, session);
        drop(state);
        Ok(SpoolWriter {
            spool: self.clone(),
            session: context.session,
            queued: Vec::new(),
            journals: BTreeMap::new(),
            durable: Durable::default(),
        })
    }
}

impl SpoolWriter {
    /// The session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// What is durable so far.
    pub fn durable(&self) -> Durable {
        self.durable
    }

    /// Stores the encapsulations of a renewed sealer; durable on return, and due before the next segment is sealed.
    ///
    /// # Errors
    /// [`SpoolError`] where the disk does not take them.
    pub fn add_encapsulations(&mut self, encapsulations: [&Encapsulation; 2]) -> Result<(), SpoolError> {
        self.spool.state().session_mut(self.session)?.add_encapsulations(&encapsulations)
    }

    /// Opens a journal's file. Its wraps and its head are durable on return.
    ///
    /// # Errors
    /// [`SpoolError::Foreign`] where the number is taken; [`SpoolError`] where the disk does not take it.
    pub fn open_journal(&mut self, journal: &Journal) -> Result<(), SpoolError> {
        let number = journal.number();
        let (vault, participant) = journal.wraps();
        let mut state = self.spool.state();
        let session = state.session_mut(self.session)?;
        let taken = session.entries.contains_key(&(schema_byte(Schema::Events), number))
            || session.marks.is_gone(Schema::Events, number);
        if taken || self.journals.contains_key(&number) {
            return Err(SpoolError::Foreign { number });
        }
        let dir = session.dir.clone();
        state.shelf.add(&[(journal.header_hash(), participant)])?;
        write_wraps(&dir, number, journal.header_hash(), vault)?;
        let open = OpenJournal { header: journal.header_hash(), file: None, len: 0, pending: journal.head().to_vec() };
        self.durable.journal_bytes += self.journals.entry(number).or_insert(open).flush(&dir, number)?;
        Ok(())
    }

    /// Queues the next chunk of a journal; the next commit makes it durable.
    ///
    /// # Errors
    /// [`SpoolError::Foreign`] where no such journal is open.
    pub fn append_journal(&mut self, number: u32, chunk: &SealedChunk) -> Result<(), SpoolError> {
        let journal = self.journals.get_mut(&number).ok_or(SpoolError::Foreign { number })?;
        journal.pending.extend_from_slice(chunk.as_bytes());
        Ok(())
    }

    /// Queues a closed segment; the next commit makes it durable. It replaces the journal of its number.
    ///
    /// # Errors
    /// [`SpoolError::Foreign`] where it is another session's, or its number is taken.
    pub fn push(&mut self, sealed: Sealed) -> Result<(), SpoolError> {
        let header = sealed.segment.header();
        let number = header.number;
        let mut state = self.spool.state();
        let session = state.session_mut(self.session)?;
        let place = (header.schema, number);
        let taken = session.entries.contains_key(&(schema_byte(header.schema), number))
            || session.marks.is_gone(header.schema, number)
            || self.queued.iter().any(|other| (other.segment.header().schema, other.segment.header().number) == place);
        if taken || header.context != session.about.context {
            return Err(SpoolError::Foreign { number });
        }
        drop(state);
        self.queued.push(sealed);
        Ok(())
    }

    /// How many bytes are queued and not durable yet.
    pub fn queued_bytes(&self) -> u64 {
        let segments: usize = self.queued.iter().map(|sealed| sealed.segment.as_bytes().len()).sum();
        let journals: usize = self.journals.values().map(|journal| journal.pending.len()).sum();
        (segments + journals) as u64
    }

    /// Makes everything queued durable. With closed segments that is three fsyncs, however many they are: the shelf,
    /// the pack, the folder; and one for each journal that grew.
    ///
    /// # Errors
    /// [`SpoolError::Full`] where the disk is full: stop recording, keep the writer, commit again later.
    pub fn commit(&mut self, now: Now) -> Result<Durable, SpoolError> {
        let spool = self.spool.clone();
        let mut state = spool.state();
        let accepted = state.clock.advance(spool.root(), &now)?;
        let session = state.session_mut(self.session)?;
        let dir = session.dir.clone();
        // Erased since it was queued: it must not come back.
        self.queued.retain(|sealed| {
            let header = sealed.segment.header();
            !session.marks.is_gone(header.schema, header.number)
        });
        self.journals.retain(|number, _| !session.marks.is_gone(Schema::Events, *number));
        let replaced: Vec<u32> = self
            .queued
            .iter()
            .map(|sealed| sealed.segment.header())
            .filter(|header| header.schema == Schema::Events && self.journals.contains_key(&header.number))
            .map(|header| header.number)
            .collect();
        for (number, journal) in self.journals.iter_mut().filter(|(number, _)| !replaced.contains(number)) {
            self.durable.journal_bytes += journal.flush(&dir, *number)?;
        }
        if self.queued.is_empty() {
            return Ok(self.durable);
        }
        let rows: Vec<(Hash, Wrap)> =
            self.queued.iter().map(|sealed| (sealed.segment.header().hash(), sealed.participant)).collect();
        state.shelf.add(&rows)?;
        let session = state.session_mut(self.session)?;
        let mut builder = Builder::new(session.next_pack);
        for Sealed { segment, vault, .. } in &self.queued {
            builder.add(&Item { segment, vault: *vault }, accepted);
        }
        let parts = builder.parts(self.queued.iter().map(|sealed| sealed.segment.as_bytes()));
        disk::write_whole(&session.dir, &name(session.next_pack), &parts)?;
        disk::sync_dir(&session.dir)?;
        session.next_pack = session.next_pack.saturating_add(1);
        for entry in builder.entries {
            self.durable.segments += 1;
            self.durable.segment_bytes += u64::from(entry.len);
            session.entries.insert((schema_byte(entry.schema), entry.number), entry);
        }
        self.queued.clear();
        for number in replaced {
            if let Some(journal) = self.journals.remove(&number) {
                self.durable.journal_bytes = self.durable.journal_bytes.saturating_sub(journal.len);
            }
            session.remove_journal(number)?;
        }
        Ok(self.durable)
    }

    /// Ends the session: commits, and lets go of it. Commit before, so that nothing can be lost here.
    ///
    /// # Errors
    /// [`SpoolError::OpenJournal`] where a journal was not closed into a segment; else as for [`Self::commit`].
    pub fn finish(mut self, now: Now) -> Result<Durable, SpoolError> {
        let durable = self.commit(now)?;
        match self.journals.keys().next() {
            Some(&number) => Err(SpoolError::OpenJournal { number }),
            None => Ok(durable),
        }
    }

    /// Destroys event segments of this session because of what was learnt after they were sealed, in whatever state they
    /// are: queued, journal, or in a pack. They become tombstones. As [`Spool::erase`], it is decided durably first.
    ///
    /// # Errors
    /// [`SpoolError`] where the disk fails; the next [`Spool::open`] finishes what was decided.
    pub fn destroy(&mut self, numbers: &BTreeSet<u32>, fresh: &ShelfKey) -> Result<(), SpoolError> {
        let mut marks = Vec::new();
        for (number, journal) in self.journals.iter().filter(|(number, _)| numbers.contains(number)) {
            marks.push(Mark::Erased { schema: Schema::Events, number: *number, header: journal.header });
        }
        for header in self.queued.iter().map(|sealed| sealed.segment.header()) {
            if header.schema == Schema::Events && numbers.contains(&header.number) {
                marks.push(Mark::Erased { schema: Schema::Events, number: header.number, header: header.hash() });
            }
        }
        let mut state = self.spool.state();
        state.session_mut(self.session)?.marks.add(&marks)?;
        drop(state);
        let gone = |schema, number| schema == Schema::Events && numbers.contains(&number);
        self.queued.retain(|sealed| !gone(sealed.segment.header().schema, sealed.segment.header().number));
        self.journals.retain(|number, _| !gone(Schema::Events, *number));
        let id = |number: &u32| SegmentId { session: self.session, schema: Schema::Events, number: *number };
        let packed: Vec<SegmentId> = numbers.iter().map(id).collect();
        self.spool.erase(&packed, fresh)?;
        self.spool.state().settle(fresh, true)
    }

    /// Erases what is not closed yet, queued segments and open journals, and ends the session. Their numbers become
    /// tombstones; those of event segments are returned. For the rest of the erasure call [`Spool::erase`], which also destroys the journals' rows.
    ///
    /// # Errors
    /// [`SpoolError`] where the disk fails; [`Spool::erase`] then finishes what was decided.
    pub fn forget(self) -> Result<Vec<u32>, SpoolError> {
        let mut marks = Vec::new();
        for (number, journal) in &self.journals {
            marks.push(Mark::Erased { schema: Schema::Events, number: *number, header: journal.header });
        }
        for sealed in &self.queued {
            let header = sealed.segment.header();
            marks.push(Mark::Erased { schema: header.schema, number: header.number, header: header.hash() });
        }
        let mut state = self.spool.state();
        let session = state.session_mut(self.session)?;
        session.marks.add(&marks)?;
        session.settle()?;
        let events = marks.iter().filter_map(|mark| match mark {
            Mark::Erased { schema: Schema::Events, number, .. } => Some(*number),
            _ => None,
        });
        let numbers: BTreeSet<u32> = events.collect();
        Ok(numbers.into_iter().collect())
    }
}

impl Drop for SpoolWriter {
    fn drop(&mut self) {
        if let Ok(session) = self.spool.state().session_mut(self.session) {
            session.writing = false;
        }
    }
}

impl OpenJournal {
    /// Appends what is pending; durable on return. On failure the file is cut back, and everything stays pending.
    fn flush(&mut self, dir: &std::path::Path, number: u32) -> Result<u64, SpoolError> {
        if self.pending.is_empty() {
            return Ok(0);
        }
        let path = journal_path(dir, number);
        if self.file.is_none() {
            let (mut file, made) = File::open_or_create(&path)?;
            if made {
                disk::sync_dir(dir)?;
            }
            if file.len()? != self.len {
                file.truncate(self.len)?;
            }
            self.file = Some(file);
        }
        let Some(file) = self.file.as_mut() else { return Ok(0) };
        if let Err(error) = file.append(&self.pending).and_then(|()| file.sync()) {
            // Opening anew cuts what was half written; until then recovery would cut it.
            let _ = file.truncate(self.len);
            self.file = None;
            return Err(error.into());
        }
        let added = self.pending.len() as u64;
        self.len += added;
        self.pending.clear();
        Ok(added)
    }
}
