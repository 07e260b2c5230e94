//! The wall under test, behind one joint, and the drive of a session through it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use candor_model::unit::Ticks;
use candor_model::{ClockUnit, Event, TextPolicy};
use candor_redact::{Observation, Raw, Redacted, Redactor, SessionKey, Settings};

use super::truth::Session;
use super::typist::{EDITOR, OFFICE};

/// How often the recorder lets the wall know the time, in milliseconds.
const TICK: Ticks = 100;

/// What a wall has put out since it was last asked.
#[derive(Default)]
pub(super) struct Outgoing {
    /// Events that others may see.
    pub(super) events: Vec<Event>,
    /// Which of all events put out so far, counted from 0, are to be destroyed before they are uploaded.
    pub(super) retracted: Vec<u64>,
}

/// A wall of one session. The benchmark's own tests put others in its place, so that it can be seen to fail.
pub(super) trait Wall {
    /// Takes one observation.
    fn push(&mut self, observation: Observation, out: &mut Outgoing);
    /// Time has passed.
    fn tick(&mut self, now: Ticks, out: &mut Outgoing);
    /// The session ends.
    fn finish(self: Box<Self>, out: &mut Outgoing);
}

/// Candor's own wall, letting text out where it is safe.
pub(super) struct Candor(Redactor);

impl Candor {
    pub(super) fn boxed() -> Box<dyn Wall> {
        let mut settings = Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([0x5a; 32]));
        settings.applications = [EDITOR, OFFICE].map(|name| (name.to_owned(), TextPolicy::Safe)).into();
        Box::new(Self(Redactor::new(settings, None)))
    }
}

impl Wall for Candor {
    fn push(&mut self, observation: Observation, out: &mut Outgoing) {
        let mut outgoing = candor_redact::Outgoing::default();
        self.0.push(Raw::new(observation), &mut outgoing);
        out.take(outgoing);
    }

    fn tick(&mut self, now: Ticks, out: &mut Outgoing) {
        let mut outgoing = candor_redact::Outgoing::default();
        self.0.tick(now, &mut outgoing);
        out.take(outgoing);
    }

    fn finish(mut self: Box<Self>, out: &mut Outgoing) {
        let mut outgoing = candor_redact::Outgoing::default();
        self.0.finish(&mut outgoing);
        out.take(outgoing);
    }
}

impl Outgoing {
    fn take(&mut self, outgoing: candor_redact::Outgoing) {
        self.events.extend(outgoing.events.into_iter().map(Redacted::into_event));
        self.retracted.extend(outgoing.retracted);
    }
}

/// What came out of a session.
pub(super) struct Outcome {
    /// Events in the order in which they came out.
    pub(super) released: Vec<Released>,
    /// Which of them were destroyed afterwards.
    pub(super) retracted: BTreeSet<usize>,
    /// Time spent in the wall.
    pub(super) spent: Duration,
}

impl Outcome {
    /// Whether nobody who reads what came out can tell the two apart.
    pub(super) fn looks_like(&self, other: &Self) -> bool {
        let events = self.released.iter().map(|released| &released.event);
        self.retracted == other.retracted && events.eq(other.released.iter().map(|released| &released.event))
    }
}

/// An event, and when it came out.
pub(super) struct Released {
    pub(super) event: Event,
    /// The source's clock at the call that put it out.
    pub(super) at: Ticks,
    /// How many observations the wall had taken by then.
    pub(super) seen: usize,
}

/// Drives a session's observations through a wall, and takes them from the session.
pub(super) fn drive(session: &mut Session, wall: Box<dyn Wall>) -> Outcome {
    let mut drive = Drive {
        wall: Some(wall),
        outcome: Outcome { released: Vec::new(), retracted: BTreeSet::new(), spent: Duration::ZERO },
        out: Outgoing::default(),
    };
    let mut now = 0;
    for (seen, observation) in std::mem::take(&mut session.observations).into_iter().enumerate() {
        let at = observation.at;
        while now + TICK <= at {
            now += TICK;
            drive.call(now, seen, |wall, out| wall.tick(now, out));
        }
        drive.call(at, seen + 1, |wall, out| wall.push(observation, out));
    }
    // The recorder runs on for a while after the last key.
    now = session.times.last().copied().unwrap_or(now);
    let seen = session.times.len();
    for _ in 0..10 {
        now += TICK;
        drive.call(now, seen, |wall, out| wall.tick(now, out));
    }
    drive.end(now, seen)
}

struct Drive {
    wall: Option<Box<dyn Wall>>,
    outcome: Outcome,
    out: Outgoing,
}

impl Drive {
    fn call(&mut self, at: Ticks, seen: usize, act: impl FnOnce(&mut dyn Wall, &mut Outgoing)) {
        let Some(wall) = &mut self.wall else { return };
        let start = Instant::now();
        act(wall.as_mut(), &mut self.out);
        self.outcome.spent += start.elapsed();
        self.collect(at, seen);
    }

    fn collect(&mut self, at: Ticks, seen: usize) {
        self.outcome.released.extend(self.out.events.drain(..).map(|event| Released { event, at, seen }));
        self.outcome.retracted.extend(self.out.retracted.drain(..).filter_map(|it| usize::try_from(it).ok()));
    }

    fn end(mut self, at: Ticks, seen: usize) -> Outcome {
        if let Some(wall) = self.wall.take() {
            let start = Instant::now();
            wall.finish(&mut self.out);
            self.outcome.spent += start.elapsed();
            self.collect(at, seen);
        }
        self.outcome
    }
}
