//! One stretch of recording after another: each begins with a lease of its own, and ends for a reason.

use candor_model::SessionId;
use candor_store::spool::Now;

use super::mode::{Mode, Why};
use super::recording::Recording;
use super::renewal::Answer;
use super::{AGAIN_MS, Agent, status};
use crate::agent::erase;
use crate::{clock, keys};

/// How soon a recorder looks again whether the vault has confirmed an erasure.
const CONFIRMED_MS: u64 = 10_000;

impl Agent {
    /// Begins a session where a lease is here; asks for one where none is.
    pub(super) fn begin(&mut self, now_ms: u64) {
        if now_ms < self.again_ms || self.stuck.is_some() {
            return;
        }
        if self.lease.is_none() || self.desk.is_none() {
            return;
        }
        if let Err(why) = self.check_erased() {
            (self.lease, self.again_ms) = (None, now_ms + CONFIRMED_MS);
            self.uploads.hurry();
            return self.halt(why);
        }
        let (Some(lease), Some(desk)) = (self.lease.take(), &self.desk) else { return };
        if let Err(error) = self.home.set_room_aside() {
            tracing::warn!("there is no room to set aside for forgetting on a full disk: {error:#}");
        }
        // What a crash of an earlier session left is recovered before another begins.
        let recovered = self.home.device_key().and_then(|key| Ok(self.spool.recover(&key, Now::read()?)?));
        // The indicator says so before the first event is taken in, not after.
        desk.show(&Mode::Recording);
        let begun = match recovered {
            Ok(_) => Recording::begin(&self.home, &self.spool, lease, |right| desk.source(right)),
            Err(error) => Err(Why::Disk(format!("{error:#}"))),
        };
        match begun {
            Ok(recording) => {
                self.recording = Some(recording);
                self.sessions += 1;
                self.turn_to(Mode::Recording);
            }
            Err(why) => {
                desk.show(&self.mode);
                // The id may be on the disk by now, and none is used twice.
                self.session = SessionId::from_bytes(keys::random());
                self.again_ms = now_ms + AGAIN_MS;
                self.halt(why);
            }
        }
    }

    /// That the vault confirmed what was erased: it may destroy the key of this time with it, and what is sealed for that
    /// key could never be uploaded.
    fn check_erased(&self) -> Result<(), Why> {
        match erase::undelivered(&self.home) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Why::Erasing),
            Err(error) => Err(Why::Disk(format!("{error:#}"))),
        }
    }

    /// Takes what the vault answered.
    pub(super) fn take(&mut self, answer: Answer) {
        match (answer, &mut self.recording) {
            (Answer::Lease(lease), Some(recording)) => recording.renew(lease),
            (Answer::Lease(lease), None) if lease.session() == self.session => self.lease = Some(lease),
            // An answer that came late, for a session that ended.
            (Answer::Lease(_), None) => {}
            (Answer::Refused(why), _) => {
                self.lease = None;
                self.halt(Why::Lease(why));
            }
            (Answer::NoConsent(why), _) => {
                self.lease = None;
                self.halt(Why::Consent(why));
            }
            // What is left of a lease holds; without one, that is why nothing is recorded.
            (Answer::Unreached(_), Some(_)) => {}
            (Answer::Unreached(why), None) => self.halt(Why::Lease(why)),
        }
    }

    /// Ends what is recorded, and says why; goes on by itself, but for what only the person may end.
    pub(super) fn halt(&mut self, why: Why) {
        match why {
            Why::Unseen(_) => {
                self.desk = None;
                self.pause(why);
            }
            Why::Silent => self.pause(why),
            why => {
                match &why {
                    Why::Disk(_) => self.set_aside(),
                    _ => self.end(),
                }
                if matches!(why, Why::Desktop(_)) {
                    self.desk = None;
                }
                if !self.wanted.paused {
                    self.turn_to(Mode::Waiting(why));
                }
            }
        }
    }

    /// Keeps a session that the disk does not take, without its source, until it does.
    pub(super) fn set_aside(&mut self) {
        if let Some(mut recording) = self.recording.take() {
            recording.close();
            self.stuck = Some(recording);
            self.again_ms = clock::boottime_ms() + AGAIN_MS;
        }
    }

    /// Ends the session under way; the next one has another id, and needs a lease of its own.
    pub(super) fn end(&mut self) {
        let Some(mut recording) = self.recording.take() else { return };
        recording.close();
        self.session = SessionId::from_bytes(keys::random());
        self.lease = None;
        self.renewal.hurry();
        if let Err(error) = recording.retry() {
            tracing::warn!("the disk does not take what was recorded; it is tried again: {error}");
            self.again_ms = clock::boottime_ms() + AGAIN_MS;
            self.stuck = Some(recording);
            return;
        }
        self.close(recording);
        self.uploads.hurry();
    }

    pub(super) fn close(&mut self, recording: Recording) {
        let (tally, session) = (recording.tally(), recording.session());
        self.lost += recording.lost();
        self.stored_ms = self.stored_ms.max(recording.stored_ms);
        match recording.end() {
            Ok(recorded) => status::add(&mut self.tally, recorded.tally),
            Err(error) => {
                tracing::error!(%session, "the end of a session is not durable: {error}");
                status::give_up(&mut self.tally, tally);
            }
        }
    }

    /// Ends the session that the disk did not take before, where it does now. No other begins until then.
    pub(super) fn unstick(&mut self, now_ms: u64) {
        let Some(mut recording) = self.stuck.take() else { return };
        if let Err(error) = recording.retry() {
            tracing::warn!("the disk still does not take what was recorded: {error}");
            self.again_ms = now_ms + AGAIN_MS;
            self.stuck = Some(recording);
            return;
        }
        self.session = SessionId::from_bytes(keys::random());
        self.lease = None;
        self.close(recording);
    }
}
