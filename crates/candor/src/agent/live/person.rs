//! What the person says, by a command, a click or a key: it holds until they say otherwise.

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::control::{Call, Request};
use super::desk::Desk;
use super::lending::{Erasure, Gone};
use super::mode::{Mode, Why};
use super::recording::Recording;
use super::{AGAIN_MS, Agent, forget, status};
use crate::agent::erase;

/// A click that follows a pause so closely was meant for the pause too.
const DOUBLE_CLICK_MS: u64 = 700;
/// What whoever paused must know then.
const NOT_KEPT: &str =
    "it is paused, but the disk does not take that: after a restart it would record; free some room, or stop it";

impl Agent {
    pub(super) fn pause(&mut self, why: Why) {
        self.end();
        self.lease = None;
        self.want(true);
        self.turn_to(Mode::Paused(why));
    }

    pub(super) fn resume(&mut self) {
        self.want(false);
        self.truth.forgive();
        self.again_ms = 0;
        self.renewal.hurry();
        if self.recording.is_none() {
            self.turn_to(Mode::Waiting(Why::Starting));
        }
    }

    /// A click or the keys: a pause, or the end of one. Whoever clicks twice to be sure of the pause gets the pause.
    pub(super) fn toggle(&mut self, now_ms: u64) {
        if !self.wanted.paused {
            self.pause(Why::Asked);
        } else if now_ms.saturating_sub(self.since_ms) >= DOUBLE_CLICK_MS {
            self.resume();
        }
    }

    /// Keeps for the next start what is wanted, where the disk does not have it.
    pub(super) fn want(&mut self, paused: bool) {
        if self.kept && self.wanted.paused == paused {
            return;
        }
        self.wanted.paused = paused;
        let kept = self.wanted.write(&self.home);
        if let Err(error) = &kept {
            tracing::error!("what is wanted could not be kept for the next start: {error:#}");
        }
        self.kept = kept.is_ok();
    }

    /// Tries again what the disk did not take.
    pub(super) fn catch_up(&mut self, now_ms: u64) {
        if !self.kept && now_ms >= self.keep_ms {
            self.keep_ms = now_ms + AGAIN_MS;
            self.want(self.wanted.paused);
        }
        if now_ms >= self.again_ms {
            self.unstick(now_ms);
        }
    }

    pub(super) fn answer(&mut self, call: Call) {
        let answered = match call.request {
            Request::Status => Ok(()),
            Request::Pause => {
                self.pause(Why::Asked);
                if self.kept { Ok(()) } else { Err(anyhow!(NOT_KEPT)) }
            }
            Request::Resume => {
                self.resume();
                Ok(())
            }
            Request::Consent => {
                if let Some(Err(why)) = self.recording.as_mut().map(Recording::decide) {
                    self.halt(why);
                }
                self.renewal.hurry();
                Ok(())
            }
            Request::Stop => {
                self.end();
                self.stopped = true;
                self.turn_to(Mode::Stopped);
                Ok(())
            }
            Request::Upload => {
                self.uploads.hurry();
                Ok(())
            }
            Request::Forget { secs } => return self.forget(secs, &call),
            Request::Erase(ref erasure) => return call.reply(self.erase(erasure)),
            Request::List | Request::Sealed(_) => Err(anyhow!("the recorder is busy")),
        };
        call.reply(answered.and_then(|()| self.status()));
    }

    /// Destroys recordings, in whatever state they are, also those of the session under way, and stays paused.
    fn erase(&mut self, erasure: &Erasure) -> Result<Value> {
        self.pause(Why::Forgot);
        if self.stuck.as_ref().is_some_and(|stuck| erasure.names(stuck.session())) {
            self.let_go();
        }
        let whole = erase::make_ready(&self.home, &self.spool);
        let erased = erase::erase(&self.home, &self.spool, &erasure.plan(&self.spool, whole));
        self.uploads.hurry();
        self.miss_click();
        Ok(serde_json::to_value(Gone::new(erased?, whole))?)
    }

    /// A click that came meanwhile was meant for what was recorded, and does not go on with it.
    fn miss_click(&self) {
        let _ = self.desk.as_ref().is_some_and(Desk::toggled);
    }

    /// Gives up what the disk did not take.
    fn let_go(&mut self) {
        if let Some(stuck) = self.stuck.take() {
            self.lost += stuck.lost();
            status::give_up(&mut self.tally, stuck.tally());
        }
    }

    /// Destroys what was recorded lately, in whatever state it is, and stays paused.
    pub(super) fn forget(&mut self, secs: u64, call: &Call) {
        self.pause(Why::Forgot);
        self.let_go();
        let forgotten = forget(&self.home, &self.spool, secs);
        self.uploads.hurry();
        self.miss_click();
        call.reply(forgotten.map(|forgotten| serde_json::json!({ "forgotten": forgotten })));
    }
}
