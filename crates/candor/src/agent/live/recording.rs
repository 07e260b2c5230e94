//! One session of a live desktop: the right to take input in is made anew for each look at the source.

use std::time::Duration;

use candor_capture::{Capabilities, CaptureSource};
use candor_consent::{CaptureRefusal, CaptureRight, LiveConsent, LiveLease};
use candor_model::{PositionUnit, SessionId};
use candor_redact::{Raw, Tally};
use candor_store::Spool;
use candor_store::spool::{Durable, Now};

use super::mode::Why;
use crate::agent::private::Private;
use crate::agent::recorder::{RecordError, Recorded};
use crate::agent::session::{self, SessionRecorder, Units};
use crate::agent::{Home, consent};
use crate::clock;

/// How often this device's own records are read anew: a withdrawal in another terminal needs no network.
const CONSENT_EVERY_MS: u64 = 500;

/// A session under way.
pub(super) struct Recording {
    home: Home,
    consent: LiveConsent,
    /// What the participant keeps out, as the wall knows it.
    private: Private,
    lease: LiveLease,
    source: Option<Box<dyn CaptureSource>>,
    recorder: SessionRecorder,
    raws: Vec<Raw>,
    decided_ms: u64,
    /// When the source last told of input; its beginning before that.
    pub(super) told_ms: u64,
    /// Whether the source told of any input.
    pub(super) heard: bool,
    /// When something passed the wall last.
    pub(super) stored_ms: Option<u64>,
    /// How many observations it told.
    told: u64,
    lost: u64,
    /// What waited in the source when it was closed.
    given_up: u64,
    /// What the person was told last of what is withheld.
    notice: Option<String>,
}

impl Recording {
    /// Begins the session that `lease` is for, with the source that `open` gives.
    ///
    /// # Errors
    /// [`Why`] nothing can be recorded.
    pub(super) fn begin(
        home: &Home,
        spool: &Spool,
        lease: LiveLease,
        open: impl FnOnce(&CaptureRight<'_>) -> Result<Box<dyn CaptureSource>, Why>,
    ) -> Result<Self, Why> {
        let consent = consent::live(home).map_err(|error| Why::Consent(format!("{error:#}")))?;
        // Read before the wall reads it: what is named in between ends the session again.
        let private = Private::read(home).map_err(|error| Why::Disk(format!("{error:#}")))?;
        let now_ms = clock::boottime_ms();
        let source = open(&right(&consent, &lease)?)?;
        let units = Units { clock: source.clock_unit(), position: PositionUnit::PIXEL };
        let recorder = session::begin(home, spool, &consent, lease.session(), units, None)
            .map_err(|error| Why::Disk(format!("{error:#}")))?;
        let home = home.clone();
        let told_ms = now_ms;
        let source = Some(source);
        Ok(Self {
            home,
            consent,
            private,
            lease,
            source,
            recorder,
            raws: Vec::new(),
            decided_ms: now_ms,
            told_ms,
            heard: false,
            stored_ms: None,
            told: 0,
            lost: 0,
            given_up: 0,
            notice: None,
        })
    }

    /// The session.
    pub(super) fn session(&self) -> SessionId {
        self.lease.session()
    }

    /// Takes a newer lease.
    pub(super) fn renew(&mut self, lease: LiveLease) {
        if lease.session() == self.lease.session() {
            self.lease = lease;
        }
    }

    /// Looks at the source once, waiting at most `wait` for something, and makes durable what is due.
    ///
    /// # Errors
    /// [`Why`] the session is to end now.
    pub(super) fn look(&mut self, wait: Duration) -> Result<(), Why> {
        let now_ms = clock::boottime_ms();
        if now_ms.saturating_sub(self.decided_ms) >= CONSENT_EVERY_MS {
            self.decided_ms = now_ms;
            self.decide()?;
        }
        let right = right(&self.consent, &self.lease)?;
        let Some(source) = &mut self.source else { return Ok(()) };
        let polled = source.poll(&right, wait, &mut self.raws);
        let settled = source.settled();
        if let Some(notice) = source.notice() {
            tracing::info!("{notice}");
            self.notice = Some(notice);
        }
        self.lost = source.lost();
        if !self.raws.is_empty() {
            if self.raws.iter().any(Raw::is_input) {
                (self.told_ms, self.heard) = (clock::boottime_ms(), true);
            }
            self.told += self.raws.len() as u64;
        }
        self.keep(settled).map_err(|error| Why::Disk(error.to_string()))?;
        polled.map_err(|error| Why::Desktop(error.to_string()))
    }

    /// Reads anew what the session rests on. Its wall, its recipients and its header are those of its beginning, so that
    /// whatever else holds now is for another session.
    ///
    /// # Errors
    /// [`Why`] the session is to end now.
    pub(super) fn decide(&mut self) -> Result<(), Why> {
        let consent = consent::live(&self.home).map_err(|error| Why::Consent(format!("{error:#}")))?;
        let private = Private::read(&self.home).map_err(|error| Why::Disk(format!("{error:#}")))?;
        let rests_on = |consent: &LiveConsent| (consent.hash(), consent.epoch(), consent.period());
        if rests_on(&consent) != rests_on(&self.consent) || private != self.private {
            tracing::info!("consent, program or what is private changed: another session begins");
            return Err(Why::Starting);
        }
        self.consent = consent;
        Ok(())
    }

    fn keep(&mut self, settled: Option<u64>) -> Result<(), RecordError> {
        let stored = self.recorder.tally().stored;
        let mut result = Ok(());
        for raw in self.raws.drain(..) {
            // Also where the disk is full: what passed the wall is not given up.
            result = result.and(self.recorder.push(raw));
        }
        result?;
        if let Some(settled) = settled {
            self.recorder.silence(settled)?;
        }
        if self.recorder.tally().stored > stored {
            self.stored_ms = Some(clock::boottime_ms());
        }
        self.recorder.tick(clock::boottime_ms(), Now::read)
    }

    /// Takes no more input in, from now on: what has not settled is given up.
    pub(super) fn close(&mut self) {
        self.given_up += self.source.take().map_or(0, |source| source.waiting());
    }

    /// Tries again to make durable what passed the wall.
    ///
    /// # Errors
    /// [`RecordError`] where the disk still does not take it.
    pub(super) fn retry(&mut self) -> Result<(), RecordError> {
        self.recorder.commit(Now::read()?)
    }

    /// Ends the session: what has not settled is given up, what passed the wall becomes durable.
    ///
    /// # Errors
    /// [`RecordError`] where the disk does not take it; what was durable stays, recovery signs it.
    pub(super) fn end(mut self) -> Result<Recorded, RecordError> {
        self.close();
        let given_up = self.given_up;
        let mut recorded = self.recorder.finish(Now::read()?)?;
        recorded.tally.captured += given_up;
        recorded.tally.dropped += given_up;
        Ok(recorded)
    }

    /// How many events went where, with those that wait in the source.
    pub(super) fn tally(&self) -> Tally {
        let waiting = self.source.as_ref().map_or(0, |source| source.waiting());
        let mut tally = self.recorder.tally();
        tally.captured += waiting + self.given_up;
        tally.waiting += waiting;
        tally.dropped += self.given_up;
        tally
    }

    /// What is on the disk of it.
    pub(super) fn durable(&self) -> Durable {
        self.recorder.durable()
    }

    /// How many observations the source lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// How long the lease lasts still, in milliseconds.
    pub(super) fn lease_ms(&self) -> u64 {
        self.lease.remaining_ms(clock::boottime_ms())
    }

    /// What the person should know of what is withheld.
    pub(super) fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// How many observations the source told.
    pub(super) fn told(&self) -> u64 {
        self.told
    }

    /// What the source can tell, while it is open.
    pub(super) fn capabilities(&self) -> Option<Capabilities> {
        self.source.as_ref().map(|source| source.capabilities())
    }
}

fn right<'a>(consent: &'a LiveConsent, lease: &'a LiveLease) -> Result<CaptureRight<'a>, Why> {
    CaptureRight::live(consent, lease, clock::unix_secs(), clock::boottime_ms()).map_err(|refusal| match refusal {
        CaptureRefusal::LeaseExpired => {
            Why::Lease("the vault gave no lease for a minute; recording goes on when it answers again".into())
        }
        refusal => Why::Consent(refusal.to_string()),
    })
}
