//! Leases, and the right to capture: consent and lease together, for one moment.

use candor_model::lease::LEASE_TTL_MS_MAX;
use candor_model::program::RunState;
use candor_model::{Lease, LeaseRequest, SessionId, Typ};

use crate::jws::{JwsError, verify};
use crate::live::LiveConsent;

/// A lease that answered our own request. It runs out by itself, on CLOCK_BOOTTIME, counted from the sending.
///
/// Only [`LiveLease::accept`] makes one, and it cannot be cloned.
#[derive(Debug)]
#[must_use]
pub struct LiveLease {
    lease: Lease,
    sent_at_ms: u64,
}

impl LiveLease {
    /// Accepts the vault's answer to `request`, which was sent at `sent_at_ms` (milliseconds of CLOCK_BOOTTIME).
    /// The vault is the one that `consent` pins.
    ///
    /// # Errors
    /// [`LeaseRefusal`] says what does not fit; the recorder stays stopped, or stops when its last lease runs out.
    /// [`LeaseRefusal::Paused`] alone means: stop now.
    pub fn accept(
        compact: &str,
        request: &LeaseRequest,
        consent: &LiveConsent,
        sent_at_ms: u64,
    ) -> Result<Self, LeaseRefusal> {
        let lease: Lease = verify(Typ::LEASE, compact, &consent.vault().0)?.into_payload();
        let answers = [
            (lease.nonce == request.nonce, LeaseRefusal::OtherNonce),
            (lease.session == request.session, LeaseRefusal::OtherSession),
            (lease.device == request.device, LeaseRefusal::OtherDevice),
            (lease.program == consent.program(), LeaseRefusal::OtherProgram),
            (
                lease.consent == consent.consent()
                    && request.consent == consent.consent()
                    && lease.consent_hash == consent.hash(),
                LeaseRefusal::OtherConsent,
            ),
            (lease.notice == consent.notice(), LeaseRefusal::NoticeChanged),
            (lease.epoch >= consent.epoch(), LeaseRefusal::OldEpoch { lease: lease.epoch, known: consent.epoch() }),
            (lease.state == RunState::Run, LeaseRefusal::Paused),
            ((1..=LEASE_TTL_MS_MAX).contains(&lease.ttl_ms), LeaseRefusal::Ttl { ttl_ms: lease.ttl_ms }),
        ];
        match answers.into_iter().find(|(fits, _)| !fits) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(Self { lease, sent_at_ms }),
        }
    }

    /// Milliseconds left at `now_ms` (CLOCK_BOOTTIME); 0 once it ran out, and at any time before it was asked for: a
    /// clock that went back belongs to another boot.
    pub fn remaining_ms(&self, now_ms: u64) -> u64 {
        match now_ms.checked_sub(self.sent_at_ms) {
            Some(age) => u64::from(self.lease.ttl_ms).saturating_sub(age),
            None => 0,
        }
    }

    /// The session it was given for.
    pub const fn session(&self) -> SessionId {
        self.lease.session
    }

    /// The program's epoch when it was given.
    pub const fn epoch(&self) -> u64 {
        self.lease.epoch
    }
}

/// The right to take input in, now. The recorder makes a new one at least once a second and asks for it at every door;
/// while one is out, the consent it borrows cannot be withdrawn under it.
#[derive(Debug)]
#[must_use]
pub struct CaptureRight<'a> {
    consent: &'a LiveConsent,
    lease: Option<&'a LiveLease>,
}

impl<'a> CaptureRight<'a> {
    /// The right to record live input: consent and lease both hold (invariant 1).
    ///
    /// `now` is in Unix seconds, `now_boottime_ms` in milliseconds of CLOCK_BOOTTIME.
    ///
    /// # Errors
    /// [`CaptureRefusal`] says which of them does not.
    pub fn live(
        consent: &'a LiveConsent,
        lease: &'a LiveLease,
        now: u64,
        now_boottime_ms: u64,
    ) -> Result<Self, CaptureRefusal> {
        check_consent(consent, now)?;
        if consent.stand_in() {
            return Err(CaptureRefusal::StandIn);
        }
        if lease.lease.consent_hash != consent.hash() {
            return Err(CaptureRefusal::OtherLease);
        }
        if lease.remaining_ms(now_boottime_ms) == 0 {
            return Err(CaptureRefusal::LeaseExpired);
        }
        Ok(Self { consent, lease: Some(lease) })
    }

    /// The right to import a file: consent alone, where participant and program both allow imports.
    ///
    /// # Errors
    /// [`CaptureRefusal`] where the consent ended or does not allow it.
    pub fn import(consent: &'a LiveConsent, now: u64) -> Result<Self, CaptureRefusal> {
        check_consent(consent, now)?;
        if !consent.allows_import() {
            return Err(CaptureRefusal::NoImport);
        }
        Ok(Self { consent, lease: None })
    }

    /// The consent it rests on.
    pub const fn consent(&self) -> &'a LiveConsent {
        self.consent
    }

    /// Whether it is for a file: the session is then marked `imported`.
    pub const fn is_import(&self) -> bool {
        self.lease.is_none()
    }

    /// The session a live right is for; an import has none prescribed.
    pub fn session(&self) -> Option<SessionId> {
        self.lease.map(LiveLease::session)
    }
}

fn check_consent(consent: &LiveConsent, now: u64) -> Result<(), CaptureRefusal> {
    if consent.is_live(now) { Ok(()) } else { Err(CaptureRefusal::ConsentEnded) }
}

/// Why an answer is no lease for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaseRefusal {
    /// It is not signed by the vault the consent pins, or not understood.
    #[error("lease: {0}")]
    Refused(#[from] JwsError),
    /// It answers another request: an old answer played again, or one meant for somebody else.
    #[error("the lease answers another request")]
    OtherNonce,
    /// It is for another session.
    #[error("the lease is for another session")]
    OtherSession,
    /// It is for another device.
    #[error("the lease is for another device")]
    OtherDevice,
    /// It is for another program.
    #[error("the lease is for another program")]
    OtherProgram,
    /// It is for another consent record, or another version of ours.
    #[error("the lease is for another consent record")]
    OtherConsent,
    /// The vault has a new notice.
    #[error("the program has a new notice; ask the participant again")]
    NoticeChanged,
    /// It is older than what this device knows of the program.
    #[error("the lease is from epoch {lease} of the program, but epoch {known} has begun")]
    OldEpoch {
        /// The lease's.
        lease: u64,
        /// The newest known here.
        known: u64,
    },
    /// The program is paused.
    #[error("the program is paused; recording stops now")]
    Paused,
    /// It would last too long, or not at all.
    #[error("the lease lasts {ttl_ms} ms; 1 to {LEASE_TTL_MS_MAX} are allowed")]
    Ttl {
        /// How long.
        ttl_ms: u32,
    },
}

/// Why nothing may be captured now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptureRefusal {
    /// The consent no longer holds, or not yet.
    #[error("the consent does not hold now; decide again")]
    ConsentEnded,
    /// The participant stands in for a public data set.
    #[error("a stand-in for a public data set cannot be recorded live; import a file")]
    StandIn,
    /// The lease was given under another consent.
    #[error("the lease was given under another consent record; ask for a new one")]
    OtherLease,
    /// The lease ran out.
    #[error("the lease ran out; ask the vault for a new one")]
    LeaseExpired,
    /// Imports are not allowed.
    #[error("importing files is not allowed by both the participant's consent and the program")]
    NoImport,
}
