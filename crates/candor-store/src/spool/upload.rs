//! What may leave for the vault, in order, and what the vault has.

use candor_model::header::Schema;
use candor_model::{Hash, SessionId};
use candor_seal::{Encapsulation, SealedSegment, Wrap};

use super::marks::Mark;
use super::pack::schema_byte;
use super::session::{HOLD, Session};
use super::{Now, SegmentId, Spool, SpoolError, State as SpoolState};
use crate::disk::{self, File};

/// The next thing to upload of a session.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The session.
    pub session: SessionId,
    /// The number; the chain record is signed for it.
    pub number: u32,
    /// The chain's head before it.
    pub previous: Hash,
    /// What stands there.
    pub item: UploadItem,
}

/// What stands at a number of the chain.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum UploadItem {
    /// A segment, with the vault's wrap of its key.
    Segment {
        /// The object.
        segment: SealedSegment,
        /// The key for the vault.
        vault: Wrap,
    },
    /// A segment that was erased, or lost, before it was uploaded.
    Tombstone,
}

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Held back for so many seconds more.
    Held {
        /// How many.
        secs: u64,
    },
    /// Free to be uploaded when its turn comes.
    Ready,
    /// The vault has it.
    Acknowledged,
    /// Stays on the device: the participant's remarks.
    Own,
}

/// One segment and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Which.
    pub id: SegmentId,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was accepted, Unix seconds.
    pub accepted_at: u64,
    /// How old it is, in seconds, by the wall clock or by the time the device was on since, whichever says less.
    pub age_secs: u64,
    /// Where it stands.
    pub state: State,
}

impl Spool {
    /// The next segment or tombstone of `session` to upload; nothing where all is uploaded or the next is held back.
    /// Strictly in number order: a segment that is held back also holds those after it.
    ///
    /// # Errors
    /// [`SpoolError`] where the segment cannot be read.
    pub fn next_upload(&self, session: SessionId, now: &Now) -> Result<Option<Upload>, SpoolError> {
        let mut state = self.state();
        state.clock.advance(self.root(), now)?;
        let Some(number) = state.ready(session, now)?.next() else { return Ok(None) };
        let session = state.session_mut(session)?;
        let upload =
            |item| Upload { session: session.about.context.session, number, previous: session.marks.head, item };
        if session.marks.is_gone(Schema::Events, number) {
            return Ok(Some(upload(UploadItem::Tombstone)));
        }
        let entry = session.entry(Schema::Events, number)?;
        let path = session.pack_path(entry.pack);
        let file = File::open(&path)?;
        let damaged = |why| SpoolError::Damaged { path: path.clone(), why };
        let vault = entry.vault_wrap(&file)?.ok_or(damaged("the vault's wrap is missing"))?;
        let segment = SealedSegment::parse(entry.object(&file, &path)?, &session.about.device)
            .map_err(|_| damaged("a segment is not what the device signed"))?;
        Ok(Some(upload(UploadItem::Segment { segment, vault })))
    }

    /// Everything that may be uploaded at `now`, in number order within each session.
    ///
    /// # Errors
    /// [`SpoolError`] where the count of held time cannot be written.
    pub fn uploadable(&self, now: &Now) -> Result<Vec<(SessionId, u32)>, SpoolError> {
        let mut state = self.state();
        state.clock.advance(self.root(), now)?;
        let sessions: Vec<SessionId> = state.sessions.keys().copied().collect();
        let mut ready = Vec::new();
        for session in sessions {
            ready.extend(state.ready(session, now)?.map(|number| (session, number)));
        }
        Ok(ready)
    }

    /// Notes that the vault has `number`, durably, and only then blots out the vault's wrap here. The object and the
    /// participant's row stay: own data is readable without asking anybody. `head` is the chain's head after it.
    ///
    /// Acknowledging what was acknowledged last once more changes nothing.
    ///
    /// # Errors
    /// [`SpoolError::Order`] where it is not the next one.
    pub fn acknowledge(&self, session: SessionId, number: u32, head: Hash) -> Result<(), SpoolError> {
        let mut state = self.state();
        let session = state.session_mut(session)?;
        let next = session.marks.acknowledged;
        if number.checked_add(1) == Some(next) && session.marks.head == head {
            return session.settle_acknowledged();
        }
        if number != next {
            return Err(SpoolError::Order { number, next });
        }
        session.marks.add(&[Mark::Acknowledged { number, head }])?;
        session.blot_wraps([(schema_byte(Schema::Events), number)])
    }

    /// Every segment and where it stands at `now`; tombstones are not listed.
    ///
    /// # Errors
    /// [`SpoolError`] where the count of held time cannot be written.
    pub fn status(&self, now: &Now) -> Result<Vec<Status>, SpoolError> {
        let mut state = self.state();
        state.clock.advance(self.root(), now)?;
        let mut all = Vec::new();
        for (id, session) in &state.sessions {
            for entry in session.entries.values() {
                let secs = state.clock.remaining(entry.accepted, session.hold_back_secs, now);
                let at = match (entry.schema, secs) {
                    (Schema::Remarks, _) => State::Own,
                    (Schema::Events, _) if entry.number < session.marks.acknowledged => State::Acknowledged,
                    (Schema::Events, 0) => State::Ready,
                    (Schema::Events, secs) => State::Held { secs },
                };
                all.push(Status {
                    id: SegmentId { session: *id, schema: entry.schema, number: entry.number },
                    bytes: u64::from(entry.len),
                    accepted_at: entry.accepted.unix,
                    age_secs: state.clock.age(entry.accepted, now),
                    state: at,
                });
            }
        }
        Ok(all)
    }

    /// The session's encapsulations; the vault gets those of its role only.
    ///
    /// # Errors
    /// [`SpoolError::NoSession`].
    pub fn encapsulations(&self, session: SessionId) -> Result<Vec<Encapsulation>, SpoolError> {
        Ok(self.state().session_mut(session)?.encapsulations.clone())
    }

    /// Shortens a session's hold-back; durable on return. The caller has checked that the participant signed it.
    ///
    /// # Errors
    /// [`SpoolError::HoldBack`] where it would get longer.
    pub fn shorten_hold_back(&self, session: SessionId, secs: u64) -> Result<(), SpoolError> {
        let mut state = self.state();
        let found = state.session_mut(session)?;
        let present = found.hold_back_secs;
        if secs > present {
            return Err(SpoolError::HoldBack { session, present });
        }
        disk::write_durably(&found.dir, HOLD, &secs.to_be_bytes())?;
        found.hold_back_secs = secs;
        Ok(())
    }
}

impl SpoolState {
    /// The numbers of a session that may go now, in order.
    fn ready(&mut self, session: SessionId, now: &Now) -> Result<impl Iterator<Item = u32>, SpoolError> {
        let session = self.sessions.get(&session).ok_or(SpoolError::NoSession { session })?;
        let (first, end) = (session.marks.acknowledged, session.event_numbers_end());
        let clock = &self.clock;
        Ok((first..end).take_while(move |number| {
            session.marks.is_gone(Schema::Events, *number)
                || session
                    .entry(Schema::Events, *number)
                    .is_ok_and(|entry| clock.remaining(entry.accepted, session.hold_back_secs, now) == 0)
        }))
    }
}

impl Session {
    /// Blots out vault's wraps of acknowledged segments that a crash left.
    pub(super) fn settle_acknowledged(&mut self) -> Result<(), SpoolError> {
        if self.marks.acknowledged == 0 {
            return Ok(());
        }
        self.marks.sync()?;
        let events = schema_byte(Schema::Events);
        self.blot_wraps((0..self.marks.acknowledged).map(|number| (events, number)))
    }
}
