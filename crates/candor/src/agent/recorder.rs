//! From the wall to the disk: one session's redactor, sealer and spool writer, and the rules of when what is durable.
//!
//! A second after it passed the wall an event is durable: in a closed segment where one closed meanwhile, else in the
//! open segment's journal. A segment closes after five minutes of session time or at its most events.

use candor_model::Ticks;
use candor_model::header::SessionContext;
use candor_redact::{Allowed, Raw, Redacted, Redactor, Remark, Tally};
use candor_seal::{Journal, Recipient, SEGMENT_EVENTS_MAX, SealError, SessionSealer};
use candor_store::spool::{Durable, Now, Spool, SpoolError, SpoolWriter};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;

/// The longest span of session time in one segment: the smallest span that can be erased.
pub const SEGMENT_SECS: u64 = 300;
/// How long events wait before they are written; with the fsyncs they are durable within a second.
pub const COMMIT_MS: u64 = 800;
/// How long one encapsulation serves: stolen memory opens no more than this.
pub const ENCAPSULATION_MS: u64 = 3_600_000;
/// An event may wait for its segment's close in memory beside its journal; room for one more batch.
const EVENTS_SOFT_MAX: usize = SEGMENT_EVENTS_MAX - 64;

/// Who can open the session, who signs it, and how long it is held back.
#[derive(Debug)]
pub struct Recipients {
    /// The vault's key for this participant, consent and period.
    pub vault: Recipient,
    /// The participant's own.
    pub participant: Recipient,
    /// The device's signing key.
    pub device: SigningKey,
    /// The consent's hold-back, in seconds.
    pub hold_back_secs: u64,
}

/// Records one session. What was pushed is durable after [`Recorder::tick`] said so, a second later at most.
#[must_use = "a recorder that is not finished leaves its journal to recovery"]
pub struct Recorder<R> {
    redactor: Redactor,
    sealer: SessionSealer,
    spool: SpoolWriter,
    rng: R,
    segment_ticks: Ticks,
    events: Vec<Redacted>,
    /// How many of `events` are in the journal.
    journaled: usize,
    journal: Option<Journal>,
    remarks: Vec<Remark>,
    number: u32,
    remarks_number: u32,
    committed_ms: u64,
    encapsulated_ms: u64,
    stored: u64,
}

impl<R: CryptoRng> Recorder<R> {
    /// Begins the session `context` describes. `scope` is the application that stands for those the source does not name;
    /// `now_ms` is CLOCK_BOOTTIME.
    ///
    /// # Errors
    /// [`RecordError`] where a key is unusable or the spool does not take the session.
    pub fn begin(
        spool: &Spool,
        context: SessionContext,
        to: Recipients,
        allowed: Allowed,
        scope: Option<&str>,
        now_ms: u64,
        mut rng: R,
    ) -> Result<Self, RecordError> {
        let segment_ticks = context.clock_unit.ticks_in_secs(SEGMENT_SECS);
        let device = to.device.verifying_key();
        let sealer = SessionSealer::new(context, &to.vault, &to.participant, to.device, &mut rng)?;
        let spool = spool.begin_session(sealer.context(), &device, to.hold_back_secs, sealer.encapsulations())?;
        Ok(Self {
            redactor: Redactor::new(allowed, scope),
            sealer,
            spool,
            rng,
            segment_ticks,
            events: Vec::new(),
            journaled: 0,
            journal: None,
            remarks: Vec::new(),
            number: 0,
            remarks_number: 0,
            committed_ms: now_ms,
            encapsulated_ms: now_ms,
            stored: 0,
        })
    }

    /// Takes one observation through the wall. Call [`Recorder::tick`] at least each second, and after each batch.
    ///
    /// # Errors
    /// [`RecordError`] where a full segment could not be sealed.
    pub fn push(&mut self, raw: Raw) -> Result<(), RecordError> {
        let before = self.events.len();
        self.redactor.push(raw, &mut self.events, &mut self.remarks);
        self.stored += (self.events.len() - before) as u64;
        let (Some(first), Some(last)) = (self.events.first(), self.events.last()) else { return Ok(()) };
        let too_long = last.event().at.saturating_sub(first.event().at) >= self.segment_ticks;
        if before > 0 && (too_long || self.events.len() > EVENTS_SOFT_MAX) {
            let next = self.events.split_off(before);
            let closed = self.close_segment();
            // Also where it failed, as on a full disk: what passed the wall is not given up.
            self.events.extend(next);
            closed?;
        }
        Ok(())
    }

    /// Makes durable what has waited for a second; renews the encapsulations when their hour is over.
    ///
    /// # Errors
    /// [`RecordError::Spool`] where the disk is full or fails: nothing durable is lost; stop recording, and call
    /// [`Recorder::commit`] again when the cause is gone.
    pub fn tick(&mut self, now_ms: u64, now: impl FnOnce() -> Result<Now, SpoolError>) -> Result<(), RecordError> {
        if now_ms.saturating_sub(self.encapsulated_ms) >= ENCAPSULATION_MS {
            self.close_segment()?;
            self.sealer.renew(&mut self.rng)?;
            self.spool.add_encapsulations(self.sealer.encapsulations())?;
            self.encapsulated_ms = now_ms;
        }
        if now_ms.saturating_sub(self.committed_ms) < COMMIT_MS {
            return Ok(());
        }
        self.committed_ms = now_ms;
        self.commit(now()?)
    }

    /// Makes durable everything that passed the wall.
    ///
    /// # Errors
    /// As [`Recorder::tick`].
    pub fn commit(&mut self, now: Now) -> Result<(), RecordError> {
        // Closed segments first: a crash in between must not leave later events durable before earlier ones.
        if self.spool.queued_bytes() > 0 {
            self.spool.commit(now)?;
        }
        let fresh = self.events.get(self.journaled..).unwrap_or_default();
        if !fresh.is_empty() {
            let journal = match &mut self.journal {
                Some(journal) => journal,
                empty => {
                    let journal = self.sealer.open_journal(self.number, &mut self.rng)?;
                    self.spool.open_journal(&journal)?;
                    empty.insert(journal)
                }
            };
            let frame = journal.append(fresh)?;
            self.spool.append_journal(self.number, &frame)?;
            self.journaled = self.events.len();
        }
        self.spool.commit(now)?;
        Ok(())
    }

    /// Ends the session: closes its last segment and makes it durable.
    ///
    /// # Errors
    /// As [`Recorder::tick`].
    pub fn finish(mut self, now: Now) -> Result<Recorded, RecordError> {
        self.close_segment()?;
        let mut remarks = std::mem::take(&mut self.remarks);
        let tally = self.redactor.finish(&mut remarks);
        if !remarks.is_empty() {
            self.spool.push(self.sealer.seal_remarks(self.remarks_number, &remarks, &mut self.rng)?)?;
        }
        let durable = self.spool.finish(now)?;
        Ok(Recorded { tally, segments: self.number, durable })
    }

    /// How many events went where so far.
    pub fn tally(&self) -> Tally {
        self.redactor.tally()
    }

    fn close_segment(&mut self) -> Result<(), RecordError> {
        self.redactor.flush_remarks(&mut self.remarks);
        if !self.remarks.is_empty() {
            self.spool.push(self.sealer.seal_remarks(self.remarks_number, &self.remarks, &mut self.rng)?)?;
            self.remarks_number += 1;
            self.remarks.clear();
        }
        if self.events.is_empty() {
            return Ok(());
        }
        self.spool.push(self.sealer.seal_events(self.number, &self.events, &mut self.rng)?)?;
        self.number += 1;
        self.events.clear();
        self.journal = None;
        self.journaled = 0;
        Ok(())
    }
}

/// What a finished session came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// How many events went where.
    pub tally: Tally,
    /// How many segments of events it has.
    pub segments: u32,
    /// What the spool holds of it.
    pub durable: Durable,
}

/// Why a session does not go on.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The spool failed.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}
