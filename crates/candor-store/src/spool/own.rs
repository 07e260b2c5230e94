//! The participant's own data: reading it without asking anybody, and erasing it.

use std::collections::BTreeSet;

use candor_model::header::Schema;
use candor_seal::{Encapsulation, RecipientRole, SealedSegment, ShelfKey, Wrap};

use super::marks::Mark;
use super::pack::schema_byte;
use super::{SegmentId, Spool, SpoolError, State};
use crate::disk::File;

/// A segment with what the participant's identity needs to open it.
#[derive(Debug, Clone)]
pub struct Own {
    /// The object.
    pub segment: SealedSegment,
    /// The key, wrapped for the participant.
    pub wrap: Wrap,
    /// The encapsulation the wrap belongs to.
    pub encapsulation: Encapsulation,
}

/// What an erasure did on this device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Segments erased now, for the receipt.
    pub segments: Vec<SegmentId>,
    /// Those of them that the vault has: ask it to erase them too.
    pub uploaded: Vec<SegmentId>,
    /// Event segments that leave a tombstone in the chain instead.
    pub tombstones: Vec<SegmentId>,
}

impl Spool {
    /// One segment, to be opened by the participant.
    ///
    /// # Errors
    /// [`SpoolError::NoSegment`] where it was erased or never finished; [`SpoolError::Shelf`] where its row is gone.
    pub fn own(&self, id: SegmentId) -> Result<Own, SpoolError> {
        let mut state = self.state();
        let session = state.session_mut(id.session)?;
        let entry = session.entry(id.schema, id.number)?;
        let path = session.pack_path(entry.pack);
        let damaged = |why| SpoolError::Damaged { path: path.clone(), why };
        let bytes = entry.object(&File::open(&path)?, &path)?;
        let segment = SealedSegment::parse(bytes, &session.about.device)
            .map_err(|_| damaged("a segment is not what the device signed"))?;
        let header = entry.header;
        let encapsulation = session
            .encapsulations
            .iter()
            .find(|one| one.role == RecipientRole::Participant && one.number == segment.header().encapsulation)
            .cloned()
            .ok_or(damaged("the encapsulation of a segment is missing"))?;
        Ok(Own { segment, wrap: state.shelf.get(header)?, encapsulation })
    }

    /// The segments of every session that can be read, in order.
    pub fn segments(&self) -> Vec<SegmentId> {
        let state = self.state();
        let ids = state.sessions.iter().flat_map(|(session, found)| {
            found.entries.values().map(|entry| SegmentId {
                session: *session,
                schema: entry.schema,
                number: entry.number,
            })
        });
        ids.collect()
    }

    /// Erases segments: decided durably first, then the vault's wraps are blotted out, the objects removed, and the
    /// participant's rows destroyed by sealing the surviving ones under `fresh`. A crash in between is finished by the
    /// next [`Spool::open`]. Erasing again changes nothing more.
    ///
    /// A segment that the vault does not have becomes a tombstone in the chain. Journals that a crash left are reached
    /// once [`Spool::recover`] ran, open ones through [`super::SpoolWriter::forget`].
    ///
    /// # Errors
    /// [`SpoolError`] where the disk fails; what was decided is finished later.
    pub fn erase(&self, ids: &[SegmentId], fresh: &ShelfKey) -> Result<Erased, SpoolError> {
        let mut state = self.state();
        let mut erased = Erased::default();
        let sessions: BTreeSet<_> = ids.iter().map(|id| id.session).collect();
        for session in sessions {
            let found = state.session_mut(session)?;
            let mut marks = Vec::new();
            for id in ids.iter().filter(|id| id.session == session) {
                let Some(entry) = found.entries.get(&(schema_byte(id.schema), id.number)) else { continue };
                marks.push(Mark::Erased { schema: id.schema, number: id.number, header: entry.header });
                erased.segments.push(*id);
                match id.schema {
                    Schema::Events if id.number < found.marks.acknowledged => erased.uploaded.push(*id),
                    Schema::Events => erased.tombstones.push(*id),
                    Schema::Remarks => {}
                }
            }
            if !marks.is_empty() {
                found.marks.add(&marks)?;
            }
        }
        state.settle(fresh, !erased.segments.is_empty())?;
        Ok(erased)
    }
}

impl State {
    /// Makes packs and shelf agree with what was decided. The shelf gets a fresh key where a row of an erased segment
    /// is still on it, or where the caller knows that something was erased.
    pub(super) fn settle(&mut self, fresh: &ShelfKey, anew: bool) -> Result<(), SpoolError> {
        let mut gone = BTreeSet::new();
        for session in self.sessions.values_mut().filter(|session| !session.marks.settled) {
            gone.extend(session.settle()?);
        }
        if anew || gone.iter().any(|header| self.shelf.has(*header)) {
            // Only rows of what is there survive: the row of a journal that a segment replaced must not outlive it.
            let mut rows = BTreeSet::new();
            self.sessions.values().try_for_each(|session| session.rows(&mut rows))?;
            self.shelf.erase(|row| rows.contains(&row), fresh)?;
        }
        self.sessions.values_mut().for_each(|session| session.marks.settled = true);
        Ok(())
    }
}
