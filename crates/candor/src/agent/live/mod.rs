//! The recorder that runs beside a person: it records while consent and lease hold, the indicator can be seen and the person
//! wants it, and says at any time what it does and why.
//!
//! | what ends a recording | what follows |
//! |---|---|
//! | the person pauses, forgets; something hides the indicator | paused until the person resumes, also after a restart |
//! | idle, locked, shared, the indicator covered; no lease, no consent, no display, no room on the disk | waits, and goes on by itself |
//! | a source that tells less than there was, twice in a row | paused, and said so |
//!
//! Each stretch of recording is a session of its own: what was typed before a pause and what is typed after it are two.
//!
//! Architecture invariant: nothing here looks into what was captured; it counts.

mod control;
mod desk;
mod forget;
mod mode;
mod recording;
mod renewal;
mod status;
mod truth;
mod uploads;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use candor_capture::x11::surroundings::Seen;
use candor_consent::LiveLease;
use candor_model::SessionId;
use candor_redact::Tally;
use candor_store::Spool;
use candor_store::spool::Now;

pub(crate) use self::control::{Reached, Request, ask, reach, take};
#[cfg(all(test, feature = "vault"))]
pub(crate) use self::forget::forget_last;
pub(crate) use self::forget::{Forgotten, forget};
pub(crate) use self::mode::Wanted;

use self::control::{Call, Control};
use self::desk::Desk;
use self::mode::{Mode, Why};
use self::recording::Recording;
use self::renewal::{Answer, Renewal};
use self::truth::{Facts, Truth, Verdict};
use self::uploads::Uploads;
use crate::agent::Home;
use crate::{clock, keys};

/// How long one look at the source waits: what is asked of the recorder waits no longer.
const LOOK: Duration = Duration::from_millis(25);
/// How long one turn lasts while nothing is recorded.
const TURN: Duration = Duration::from_millis(50);
/// How often the surroundings are looked at.
const SURROUNDINGS_MS: u64 = 1_000;
/// How soon something that failed is tried again.
const AGAIN_MS: u64 = 2_000;
/// A click that follows a pause so closely was meant for the pause too.
const DOUBLE_CLICK_MS: u64 = 700;

/// What whoever paused must know then.
const NOT_KEPT: &str =
    "it is paused, but the disk does not take that: after a restart it would record; free some room, or stop it";

/// How the recorder was started.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The display; `DISPLAY` where none is given.
    pub(crate) display: Option<String>,
    /// Nobody at the computer for this long, in seconds, pauses.
    pub(crate) idle_secs: u64,
}

/// Runs until told to stop, by `candor stop` or by `stop`.
///
/// # Errors
/// Where this device cannot record at all: nobody enrolled, another recorder runs, a file is damaged.
pub(crate) fn run(home: &Home, options: Options, stop: &Arc<AtomicBool>) -> Result<()> {
    home.participant()?;
    if let Some(why) = candor_capture::unsupported() {
        bail!("{why}");
    }
    let mut agent = Agent::new(home, options)?;
    while !stop.load(Ordering::Relaxed) && !agent.stopped {
        agent.turn();
    }
    agent.finish()
}

struct Agent {
    home: Home,
    spool: Spool,
    options: Options,
    control: Control,
    renewal: Renewal,
    uploads: Uploads,
    wanted: Wanted,
    /// Whether the disk has what is wanted.
    kept: bool,
    keep_ms: u64,
    mode: Mode,
    /// CLOCK_BOOTTIME of the last change of mode.
    since_ms: u64,
    desk: Option<Desk>,
    seen: Seen,
    surroundings_ms: u64,
    recording: Option<Recording>,
    /// A session that the disk did not take.
    stuck: Option<Recording>,
    /// The id that a lease is asked for: the session under way, or the next.
    session: SessionId,
    lease: Option<LiveLease>,
    truth: Truth,
    again_ms: u64,
    /// Of the sessions that ended.
    tally: Tally,
    lost: u64,
    /// When an event was stored last.
    stored_ms: Option<u64>,
    sessions: u64,
    stopped: bool,
}

impl Agent {
    fn new(home: &Home, options: Options) -> Result<Self> {
        let spool = match control::reach(home, Request::Status)? {
            Reached::Spool(spool) => spool,
            Reached::Recorder(_) => bail!("a recorder runs already; `candor status` says what it does"),
        };
        // Listened first: a pause that finds nobody here is on the disk before it is read below.
        let control = Control::listen(home)?;
        let wanted = Wanted::read(home)?;
        let mode = if wanted.paused { Mode::Paused(Why::Asked) } else { Mode::Waiting(Why::Starting) };
        Ok(Self {
            control,
            renewal: Renewal::start(home.clone())?,
            uploads: Uploads::start(home.clone(), spool.clone())?,
            wanted,
            kept: true,
            keep_ms: 0,
            home: home.clone(),
            spool,
            options,
            mode,
            since_ms: clock::boottime_ms(),
            desk: None,
            seen: Seen::default(),
            surroundings_ms: 0,
            recording: None,
            stuck: None,
            session: SessionId::from_bytes(keys::random()),
            lease: None,
            truth: Truth::default(),
            again_ms: 0,
            tally: Tally::default(),
            lost: 0,
            stored_ms: None,
            sessions: 0,
            stopped: false,
        })
    }

    /// One turn: what the person asks first, then whether recording may go on, then the source.
    fn turn(&mut self) {
        while let Some(call) = self.control.next() {
            self.answer(call);
            if self.stopped {
                return;
            }
        }
        let now_ms = clock::boottime_ms();
        if self.desk.as_ref().is_some_and(Desk::toggled) {
            self.toggle(now_ms);
        }
        self.catch_up(now_ms);
        let checked = self.check(now_ms);
        let wanted = checked.is_ok() && !self.wanted.paused;
        if let Some(answer) = self.renewal.turn(wanted.then_some(self.session), now_ms) {
            self.take(answer);
        }
        if let Err(why) = checked {
            self.halt(why);
        } else if self.recording.is_none() && !self.wanted.paused {
            self.begin(now_ms);
        }
        match &mut self.recording {
            Some(recording) => {
                if let Err(why) = recording.look(LOOK) {
                    self.halt(why);
                }
            }
            None => thread::sleep(TURN),
        }
    }

    /// Whether what surrounds the recording allows it. Opens the display where it is not open yet.
    fn check(&mut self, now_ms: u64) -> Result<(), Why> {
        let Some(desk) = &mut self.desk else { return self.open(now_ms) };
        desk.check()?;
        if now_ms.saturating_sub(self.surroundings_ms) >= SURROUNDINGS_MS {
            self.surroundings_ms = now_ms;
            self.seen = desk.surroundings()?;
            self.check_truth(now_ms)?;
        }
        let idle = self.seen.idle_ms.is_some_and(|idle| idle >= self.options.idle_secs.saturating_mul(1_000));
        match self.seen {
            Seen { locked: true, .. } => Err(Why::Locked),
            Seen { shared: true, .. } => Err(Why::Shared),
            _ if idle => Err(Why::Idle),
            _ => Ok(()),
        }
    }

    fn open(&mut self, now_ms: u64) -> Result<(), Why> {
        // Whoever hid the indicator is answered once the person resumes.
        let unseen = matches!(self.mode, Mode::Paused(Why::Unseen(_))) && self.wanted.paused;
        if unseen || now_ms < self.again_ms {
            return Err(self.mode.why().cloned().unwrap_or(Why::Starting));
        }
        self.again_ms = now_ms + AGAIN_MS;
        let desk = Desk::open(self.options.display.as_deref())?;
        desk.show(&self.mode);
        self.desk = Some(desk);
        // What surrounded the person at another display says nothing of this one.
        (self.again_ms, self.surroundings_ms) = (0, 0);
        self.check(now_ms)
    }

    fn check_truth(&mut self, now_ms: u64) -> Result<(), Why> {
        let Some(recording) = &self.recording else { return Ok(()) };
        let durable = recording.durable();
        let facts = Facts {
            now_ms,
            idle_ms: self.seen.input_ms,
            told_ms: recording.told_ms,
            heard: recording.heard,
            stored: recording.tally().stored,
            bytes: durable.segment_bytes + durable.journal_bytes,
        };
        match self.truth.look(facts) {
            Verdict::Fine => Ok(()),
            Verdict::Rebind => {
                tracing::warn!("input is made that the source does not tell; the source is opened anew");
                self.end();
                Err(Why::Starting)
            }
            Verdict::Restart => {
                tracing::warn!("input is made that the source does not tell; the display is opened anew");
                self.end();
                self.desk = None;
                Err(Why::Starting)
            }
            Verdict::Hold => Err(Why::Silent),
            Verdict::Stuck => {
                Err(Why::Disk("what was recorded does not become durable; see whether the disk works".into()))
            }
        }
    }

    /// Begins a session where a lease is here; asks for one where none is.
    fn begin(&mut self, now_ms: u64) {
        if now_ms < self.again_ms || self.stuck.is_some() {
            return;
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

    /// Takes what the vault answered.
    fn take(&mut self, answer: Answer) {
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
    fn halt(&mut self, why: Why) {
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
    fn set_aside(&mut self) {
        if let Some(mut recording) = self.recording.take() {
            recording.close();
            self.stuck = Some(recording);
            self.again_ms = clock::boottime_ms() + AGAIN_MS;
        }
    }

    fn pause(&mut self, why: Why) {
        self.end();
        self.lease = None;
        self.want(true);
        self.turn_to(Mode::Paused(why));
    }

    fn resume(&mut self) {
        self.want(false);
        self.truth.forgive();
        self.again_ms = 0;
        self.renewal.hurry();
        if self.recording.is_none() {
            self.turn_to(Mode::Waiting(Why::Starting));
        }
    }

    /// A click or the keys: a pause, or the end of one. Whoever clicks twice to be sure of the pause gets the pause.
    fn toggle(&mut self, now_ms: u64) {
        if !self.wanted.paused {
            self.pause(Why::Asked);
        } else if now_ms.saturating_sub(self.since_ms) >= DOUBLE_CLICK_MS {
            self.resume();
        }
    }

    /// Keeps for the next start what is wanted, where the disk does not have it.
    fn want(&mut self, paused: bool) {
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
    fn catch_up(&mut self, now_ms: u64) {
        if !self.kept && now_ms >= self.keep_ms {
            self.keep_ms = now_ms + AGAIN_MS;
            self.want(self.wanted.paused);
        }
        if now_ms >= self.again_ms {
            self.unstick(now_ms);
        }
    }

    /// Ends the session under way; the next one has another id, and needs a lease of its own.
    fn end(&mut self) {
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

    fn close(&mut self, recording: Recording) {
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
    fn unstick(&mut self, now_ms: u64) {
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

    fn turn_to(&mut self, mode: Mode) {
        if mode == self.mode {
            return;
        }
        match mode.why() {
            None => tracing::info!("{}", mode.word()),
            Some(why) => tracing::info!("{}: {why}", mode.word()),
        }
        self.since_ms = clock::boottime_ms();
        self.mode = mode;
        if let Some(desk) = &self.desk {
            desk.show(&self.mode);
        }
    }

    fn answer(&mut self, call: Call) {
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
            Request::Forget { secs } => return self.forget(secs, &call),
        };
        let answer = answered.and_then(|()| self.status());
        let answer = answer.unwrap_or_else(|error: anyhow::Error| serde_json::json!({ "error": format!("{error:#}") }));
        // Whoever asked may have gone.
        let _ = call.answer.send(answer);
    }

    /// Destroys what was recorded lately, in whatever state it is, and stays paused.
    fn forget(&mut self, secs: u64, call: &Call) {
        self.pause(Why::Forgot);
        if let Some(stuck) = self.stuck.take() {
            self.lost += stuck.lost();
            status::give_up(&mut self.tally, stuck.tally());
        }
        let forgotten = forget(&self.home, &self.spool, secs);
        self.uploads.hurry();
        // A click that came meanwhile was meant for what was recorded, and does not go on with it.
        let _ = self.desk.as_ref().is_some_and(Desk::toggled);
        let answer = match forgotten {
            Ok(forgotten) => serde_json::json!({ "forgotten": forgotten }),
            Err(error) => serde_json::json!({ "error": format!("{error:#}") }),
        };
        let _ = call.answer.send(answer);
    }

    fn finish(mut self) -> Result<()> {
        self.end();
        if let Some(recording) = self.stuck.take() {
            self.close(recording);
        }
        Ok(())
    }
}
