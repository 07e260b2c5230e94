//! From the wall to the disk: one session's redactor, sealer and spool writer, and the rules of when what is durable.
//!
//! A second after it passed the wall an event is durable: in a closed segment where one closed meanwhile, else in the
//! open segment's journal. A segment closes after five minutes of session time or at its most events.
//!
//! What the wall takes back is destroyed wherever it is: in the open segment, whose journal is then replaced at once, or in
//! a closed one, which becomes a tombstone as a whole. What the wall's last inspection refuses is never sealed.

use std::collections::BTreeSet;
use std::ops::Range;

use candor_model::Ticks;
use candor_model::event::What;
use candor_model::header::SessionContext;
use candor_redact::{Outgoing, Raw, Redacted, Redactor, Remark, Rule, Settings, Tally};
use candor_seal::{Journal, Recipient, SEGMENT_EVENTS_MAX, SealError, SessionSealer, ShelfKey};
use candor_store::spool::{Durable, Now, Spool, SpoolError, SpoolWriter};
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;

/// The longest span of session time in one segment: the smallest span that can be erased.
pub const SEGMENT_SECS: u64 = 300;
/// How long events wait before they are written; with the fsyncs they are durable within a second.
pub const COMMIT_MS: u64 = 800;
/// How long one encapsulation serves, and until the open segment closes: stolen memory opens no more than this.
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
    out: Outgoing,
    events: Vec<Redacted>,
    /// The ordinal of the first of `events`.
    first: u64,
    /// The segments that were closed and can still be taken back.
    closed: Vec<Closed>,
    /// Closed segments to be destroyed at the next commit.
    doomed: BTreeSet<u32>,
    /// Of what the redactor stored: taken back one by one, and given up with their segment.
    taken_back: u64,
    given_up: u64,
    /// How many of `events` are in the journal.
    journaled: usize,
    journal: Option<Journal>,
    remarks: Vec<Remark>,
    number: u32,
    remarks_number: u32,
    committed_ms: u64,
    encapsulated_ms: u64,
    renewal_due: bool,
}

/// A closed segment: its number, the ordinals of its events, and its time.
struct Closed {
    number: u32,
    ordinals: Range<u64>,
    /// How many of its events stand for observations.
    observed: u64,
    from: Ticks,
    to: Ticks,
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
        settings: Settings,
        scope: Option<&str>,
        now_ms: u64,
        mut rng: R,
    ) -> Result<Self, RecordError> {
        let segment_ticks = context.clock_unit.ticks_in_secs(SEGMENT_SECS);
        let device = to.device.verifying_key();
        let sealer = SessionSealer::new(context, &to.vault, &to.participant, to.device, &mut rng)?;
        let spool = spool.begin_session(sealer.context(), &device, to.hold_back_secs, sealer.encapsulations())?;
        Ok(Self {
            redactor: Redactor::new(settings, scope),
            sealer,
            spool,
            rng,
            segment_ticks,
            out: Outgoing::default(),
            events: Vec::new(),
            first: 0,
            closed: Vec::new(),
            doomed: BTreeSet::new(),
            taken_back: 0,
            given_up: 0,
            journaled: 0,
            journal: None,
            remarks: Vec::new(),
            number: 0,
            remarks_number: 0,
            committed_ms: now_ms,
            encapsulated_ms: now_ms,
            renewal_due: false,
        })
    }

    /// Takes one observation through the wall. Call [`Recorder::tick`] at least each second, and after each batch.
    ///
    /// # Errors
    /// [`RecordError`] where a full segment could not be sealed.
    pub fn push(&mut self, raw: Raw) -> Result<(), RecordError> {
        self.redactor.push(raw, &mut self.out);
        self.collect()
    }

    /// Tells the wall the time, on the source's clock, where the source is silent: see [`Redactor::tick`].
    ///
    /// # Errors
    /// As [`Recorder::push`].
    pub fn silence(&mut self, source: Ticks) -> Result<(), RecordError> {
        self.redactor.tick(source, &mut self.out);
        self.collect()
    }

    /// Takes what left the wall into the open segment, which closes where it is full; then what the wall takes back.
    fn collect(&mut self) -> Result<(), RecordError> {
        self.remarks.append(&mut self.out.remarks);
        let mut result = Ok(());
        for event in std::mem::take(&mut self.out.events) {
            let full = self.events.first().is_some_and(|first| {
                event.event().at.saturating_sub(first.event().at) >= self.segment_ticks
                    || self.events.len() > EVENTS_SOFT_MAX
            });
            if full && result.is_ok() {
                result = self.close_segment();
            }
            // Also where closing failed, as on a full disk: what passed the wall is not given up.
            self.events.push(event);
        }
        result.and(self.take_back())
    }

    /// Destroys what the wall takes back. Its ordinals are of any age.
    fn take_back(&mut self) -> Result<(), RecordError> {
        let mut rewrite = false;
        for ordinal in std::mem::take(&mut self.out.retracted) {
            let at = ordinal.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
            if let Some((at, event)) = at.and_then(|at| Some((at, self.events.get_mut(at)?))) {
                let when = event.event().at;
                let observed = u64::from(event.is_observed());
                event.forget();
                rewrite |= at < self.journaled;
                self.taken_back += observed;
                self.remarks.push(Remark { from: when, to: when, rule: Rule::LateEvidence, events: Some(observed) });
            } else if let Some(place) = self.closed.iter().position(|closed| closed.ordinals.contains(&ordinal)) {
                let Closed { number, observed, from, to, .. } = self.closed.remove(place);
                self.given_up += observed;
                self.remarks.push(Remark { from, to, rule: Rule::LateEvidence, events: Some(observed) });
                self.doomed.insert(number);
            }
        }
        // A journal is never edited: the segment is closed under a fresh key, and replaces it.
        if rewrite { self.close_segment() } else { Ok(()) }
    }

    /// Makes durable what has waited for a second; renews the encapsulations when their hour is over and the open segment
    /// closes. Closing it for that would write down how much of the hour the session's clock stood in secret fields.
    ///
    /// # Errors
    /// [`RecordError::Spool`] where the disk is full or fails: nothing durable is lost; stop recording, and call
    /// [`Recorder::commit`] again when the cause is gone.
    pub fn tick(&mut self, now_ms: u64, now: impl FnOnce() -> Result<Now, SpoolError>) -> Result<(), RecordError> {
        if now_ms.saturating_sub(self.encapsulated_ms) >= ENCAPSULATION_MS {
            self.encapsulated_ms = now_ms;
            self.renewal_due = true;
            if self.events.is_empty() {
                self.renew()?;
            }
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
        let doomed = std::mem::take(&mut self.doomed);
        if !doomed.is_empty()
            && let Err(error) = self.spool.destroy(&doomed, &ShelfKey::generate(&mut self.rng))
        {
            self.doomed = doomed;
            return Err(error.into());
        }
        self.inspect();
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
        self.redactor.finish(&mut self.out);
        self.collect()?;
        self.close_segment()?;
        // What was just closed may be what is to be destroyed.
        self.commit(now)?;
        let tally = self.tally();
        let durable = self.spool.finish(now)?;
        Ok(Recorded { tally, segments: self.number, durable })
    }

    /// How many events went where so far.
    pub fn tally(&self) -> Tally {
        let mut tally = self.redactor.tally();
        tally.stored = tally.stored.saturating_sub(self.taken_back + self.given_up);
        tally.withheld += self.taken_back;
        tally.dropped += self.given_up;
        tally
    }

    /// What is on the disk of it so far.
    pub fn durable(&self) -> Durable {
        self.spool.durable()
    }

    /// Looks at the open segment through an attacker's eyes, and gives it up where something shows.
    fn inspect(&mut self) {
        let Err(leak) = self.redactor.inspect(&self.events) else { return };
        tracing::error!(kind = leak.kind.as_str(), rule = leak.rule, "{leak}");
        if let (Some(first), Some(last)) = (self.events.first(), self.events.last()) {
            let (from, to, events) = (first.event().at, last.event().at, observed(&self.events));
            self.remarks.push(Remark { from, to, rule: Rule::FailedCheck, events: Some(events) });
        }
        self.given_up += observed(&self.events);
        self.first += self.events.len() as u64;
        self.events.clear();
        if self.journal.take().is_some() {
            self.doomed.insert(self.number);
            self.number += 1;
            self.journaled = 0;
        }
    }

    fn close_segment(&mut self) -> Result<(), RecordError> {
        self.inspect();
        self.redactor.flush_remarks(&mut self.remarks);
        if !self.remarks.is_empty() {
            self.spool.push(self.sealer.seal_remarks(self.remarks_number, &self.remarks, &mut self.rng)?)?;
            self.remarks_number += 1;
            self.remarks.clear();
        }
        let (Some(from), Some(to)) = (self.events.first(), self.events.last()) else { return Ok(()) };
        let (from, to) = (from.event().at, to.event().at);
        let end = self.first + self.events.len() as u64;
        let count = observed(&self.events);
        // Many gaps in a row would tell how many keys were taken back, and when.
        self.events.dedup_by(|later, earlier| is_gap(later) && is_gap(earlier));
        self.spool.push(self.sealer.seal_events(self.number, &self.events, &mut self.rng)?)?;
        self.closed.push(Closed { number: self.number, ordinals: self.first..end, observed: count, from, to });
        // Older ones are out of the wall's reach, and may be at the vault.
        let reach = self.segment_ticks.saturating_mul(candor_redact::RETRACT_SECS / SEGMENT_SECS + 1);
        self.closed.retain(|closed| to.saturating_sub(closed.to) <= reach);
        self.first = end;
        self.number += 1;
        self.events.clear();
        self.journal = None;
        self.journaled = 0;
        self.renew()
    }

    /// Begins another encapsulation, if one is due.
    fn renew(&mut self) -> Result<(), RecordError> {
        if self.renewal_due {
            self.sealer.renew(&mut self.rng)?;
            self.spool.add_encapsulations(self.sealer.encapsulations())?;
            self.renewal_due = false;
        }
        Ok(())
    }
}

fn observed(events: &[Redacted]) -> u64 {
    events.iter().filter(|event| event.is_observed()).count() as u64
}

fn is_gap(event: &Redacted) -> bool {
    matches!(event.event().what, What::Gap)
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
