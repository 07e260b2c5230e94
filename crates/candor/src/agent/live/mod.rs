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
mod lending;
mod mode;
mod person;
mod recording;
mod renewal;
mod status;
mod stretch;
mod truth;
mod uploads;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use candor_capture::x11::surroundings::Seen;
use candor_consent::LiveLease;
use candor_model::SessionId;
use candor_redact::Tally;
use candor_store::Spool;

pub(crate) use self::control::{Reached, Request, ask, reach, take};
#[cfg(all(test, feature = "vault"))]
pub(crate) use self::forget::forget_last;
pub(crate) use self::forget::{Forgotten, forget};
pub(crate) use self::lending::{Lent, held, lent};
pub(crate) use self::mode::Wanted;

use self::control::Control;
use self::desk::Desk;
use self::mode::{Mode, Why};
use self::recording::Recording;
use self::renewal::Renewal;
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
    agent.say();
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
        let control = Control::listen(home, &spool)?;
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

    fn turn_to(&mut self, mode: Mode) {
        if mode == self.mode {
            return;
        }
        self.since_ms = clock::boottime_ms();
        self.mode = mode;
        self.say();
        if let Some(desk) = &self.desk {
            desk.show(&self.mode);
        }
    }

    fn say(&self) {
        match self.mode.why() {
            None => tracing::info!("{}", self.mode.word()),
            Some(why) => tracing::info!("{}: {why}", self.mode.word()),
        }
    }

    fn finish(mut self) -> Result<()> {
        self.end();
        if let Some(recording) = self.stuck.take() {
            self.close(recording);
        }
        Ok(())
    }
}
