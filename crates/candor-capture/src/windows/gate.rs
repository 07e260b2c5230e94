//! Where events wait until it is known which window and which field they were meant for.
//!
//! The desktop tells of a key at once, and of the focus when an application gets round to it: a secret's first keys come
//! before the news that the field is secret. So every key waits for [`HOLD`], and then for an answer about the focus that
//! was asked for after that. What an answer changes holds
//!
//! - from the oldest waiting event on, where it is stricter: each of them may have been meant for the secret;
//! - from the answer on, where it is laxer: none of them is known to have been meant for the open field.
//!
//! Between two windows, or two names of one, each may be the private one: what waits belongs to neither, and its field is
//! unknown. A key that waits for an answer too long leaves under an unknown field as well. The wall withholds the text of
//! both.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use candor_model::Ticks;
use candor_redact::Secrecy;

use super::field::Field;

/// How long everything waits: news of the focus that is slower than this is too late. Nearly twenty times the slowest that
/// was measured (Chromium under X11, 8 to 13 ms, on a loaded machine).
pub(super) const HOLD: Duration = Duration::from_millis(250);
/// How long a key waits for an answer at most. An application that says nothing for so long is hung.
pub(super) const PATIENCE: Duration = Duration::from_millis(1_500);

/// The window in focus. Its names go into an observation and nowhere else.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Window {
    pub(super) app: String,
    pub(super) title: String,
}

/// What was found when somebody looked at the focus.
pub(super) struct Answer {
    pub(super) asked: Instant,
    pub(super) answered: Instant,
    /// How often the desktop had told of another element in focus when it was asked, and when it was answered.
    pub(super) moves: (u64, u64),
    pub(super) window: Window,
    pub(super) field: Field,
}

/// What leaves the gate.
pub(super) enum Settled<D> {
    Device(D),
    Window(Window),
    Field(Field),
}

struct Waiting<D> {
    at: Ticks,
    read: Instant,
    what: Awaited<D>,
}

enum Awaited<D> {
    Key(D),
    Other(D),
    Window(Window),
    Field(Field),
}

impl<D> Awaited<D> {
    const fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }

    const fn is_device(&self) -> bool {
        matches!(self, Self::Key(_) | Self::Other(_))
    }
}

/// The events that wait, oldest first.
pub(super) struct Gate<D> {
    waiting: VecDeque<Waiting<D>>,
    /// The field that was let out last.
    shown: Option<Field>,
    /// The window and the field of whatever comes behind all that waits.
    latest: Option<(Window, Field)>,
    followed: Option<Followed>,
}

impl<D> Default for Gate<D> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), shown: None, latest: None, followed: None }
    }
}

impl<D> Gate<D> {
    /// An event of a device's key, or of anything else, that was read then.
    pub(super) fn device(&mut self, at: Ticks, read: Instant, is_key: bool, device: D) {
        self.insert(at, read, if is_key { Awaited::Key(device) } else { Awaited::Other(device) });
    }

    /// What was found in focus.
    pub(super) fn answer(&mut self, at: Ticks, answer: Answer) {
        let Answer { asked, answered, moves: (before, after), window, field } = answer;
        if field.secret == Secrecy::Yes {
            self.cover(field);
        }
        if before != after {
            // The focus moved while it was looked at: this says nothing but that a secret is near.
            return;
        }
        let (followed, unseen) = Followed::next(self.followed.take(), asked, before, field);
        self.followed = Some(followed);
        let same_window = self.latest.as_ref().is_some_and(|(latest, _)| *latest == window);
        if field.secret == Secrecy::Unknown || unseen || !same_window {
            self.cover(Field::UNKNOWN);
        }
        let same_field = same_window && self.latest.as_ref().is_some_and(|(_, latest)| *latest == field);
        if !same_window {
            self.insert(at, answered, Awaited::Window(window.clone()));
        }
        if !same_field {
            self.insert(at, answered, Awaited::Field(field));
            self.latest = Some((window, field));
        }
    }

    /// No event that waits is let out under a laxer field than this one.
    fn cover(&mut self, by: Field) {
        let Some(first) = self.waiting.iter().find(|waiting| waiting.what.is_device()) else { return };
        let (at, read) = (first.at, first.read);
        let laxer = |field: &Field| strictness(field.secret) < strictness(by.secret);
        let waiting = self.waiting.iter_mut().filter_map(|waiting| match &mut waiting.what {
            Awaited::Field(field) => Some(field),
            _ => None,
        });
        for field in waiting.chain(self.latest.iter_mut().map(|(_, field)| field)).filter(|field| laxer(field)) {
            *field = by;
        }
        let ahead = self.waiting.iter().take_while(|waiting| !waiting.what.is_device());
        let is_covered = ahead.into_iter().any(|waiting| matches!(waiting.what, Awaited::Field(_)));
        if !is_covered && self.shown.as_ref().is_none_or(laxer) {
            self.waiting.push_front(Waiting { at, read, what: Awaited::Field(by) });
        }
    }

    /// Events were lost: what was in focus meanwhile is not known, and the next answer names it anew.
    pub(super) fn forget(&mut self) {
        self.cover(Field::UNKNOWN);
        self.latest = None;
    }

    /// In the order of reading: an answer and an event may overtake each other between two threads.
    fn insert(&mut self, at: Ticks, read: Instant, what: Awaited<D>) {
        let later = self.waiting.iter().rev().take_while(|waiting| waiting.read > read).count();
        let place = self.waiting.len() - later;
        let at = self.waiting.get(place).map_or(at, |next| next.at.min(at));
        self.waiting.insert(place, Waiting { at, read, what });
    }

    /// Whether the focus must be looked at: a key has waited for [`HOLD`], and no answer was asked for since.
    pub(super) fn asks(&self, now: Instant) -> bool {
        let key = self.waiting.iter().find(|waiting| waiting.what.is_key());
        key.is_some_and(|key| now.saturating_duration_since(key.read) >= HOLD && !self.is_confirmed(key.read))
    }

    fn is_confirmed(&self, read: Instant) -> bool {
        self.followed.as_ref().is_some_and(|last| last.asked.saturating_duration_since(read) >= HOLD)
    }

    /// Lets out what has waited for long enough.
    pub(super) fn settle(&mut self, now: Instant, mut out: impl FnMut(Ticks, Settled<D>)) {
        while let Some(Waiting { read, what, .. }) = self.waiting.front() {
            let age = now.saturating_duration_since(*read);
            let unconfirmed = what.is_key() && !self.is_confirmed(*read);
            if what.is_device() && (age < HOLD || unconfirmed && age < PATIENCE) {
                break;
            }
            if unconfirmed {
                self.cover(Field::UNKNOWN);
            }
            let Some(Waiting { at, what, .. }) = self.waiting.pop_front() else { break };
            let settled = match what {
                Awaited::Key(device) | Awaited::Other(device) => Settled::Device(device),
                Awaited::Window(window) => Settled::Window(window),
                Awaited::Field(field) => Settled::Field(*self.shown.insert(field)),
            };
            out(at, settled);
        }
    }

    /// When the oldest that waits happened.
    pub(super) fn oldest(&self) -> Option<Ticks> {
        self.waiting.front().map(|waiting| waiting.at)
    }
}

/// The last answer, to tell whether every field that had the focus was seen.
struct Followed {
    asked: Instant,
    field: Field,
    moves: u64,
    /// When a field was seen of which the desktop had told nothing yet.
    early: Option<Instant>,
}

impl Followed {
    /// The answer after `last`, and whether a field came and went unseen between them: each move that was told is of a
    /// field that is seen now for the first time, or was seen before it was told.
    fn next(last: Option<Self>, asked: Instant, moves: u64, field: Field) -> (Self, bool) {
        let Some(last) = last else { return (Self { asked, field, moves, early: None }, false) };
        // A change that is never told excuses no later move.
        let early = last.early.filter(|since| asked.saturating_duration_since(*since) < HOLD);
        let now = (field != last.field).then_some(asked);
        let told = moves.saturating_sub(last.moves);
        let seen = u64::from(early.is_some()) + u64::from(now.is_some());
        let early = if told < seen { now.or(early) } else { None };
        (Self { asked, field, moves, early }, told > seen)
    }
}

fn strictness(secret: Secrecy) -> u8 {
    match secret {
        Secrecy::No => 0,
        Secrecy::Unknown => 1,
        Secrecy::Yes => 2,
    }
}

#[cfg(test)]
mod tests;
