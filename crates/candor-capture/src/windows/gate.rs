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
    /// When the last answer was asked for, and how often the focus had moved when it came.
    confirmed: Option<(Instant, u64)>,
}

impl<D> Default for Gate<D> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), shown: None, latest: None, confirmed: None }
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
        let skipped = self.confirmed.is_some_and(|(_, moves)| before > moves + 1);
        self.confirmed = Some((asked, before));
        let same_window = self.latest.as_ref().is_some_and(|(latest, _)| *latest == window);
        if field.secret == Secrecy::Unknown || skipped || !same_window {
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
        self.confirmed.is_some_and(|(asked, _)| asked.saturating_duration_since(read) >= HOLD)
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

fn strictness(secret: Secrecy) -> u8 {
    match secret {
        Secrecy::No => 0,
        Secrecy::Unknown => 1,
        Secrecy::Yes => 2,
    }
}

#[cfg(test)]
mod tests {
    use candor_redact::{ElementId, Role};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A gate, and what left it: one word for each.
    struct Bench {
        gate: Gate<char>,
        start: Instant,
        out: Vec<String>,
    }

    impl Bench {
        /// In an open field `a` of a window `w` that was let out already.
        fn new() -> Self {
            let mut bench = Self { gate: Gate::default(), start: Instant::now(), out: Vec::new() };
            bench.look(0, 0, "w", open(1));
            bench.settle(1);
            bench.out.clear();
            bench
        }

        fn key(&mut self, ms: u32, c: char) {
            self.gate.device(ms.into(), self.start + MS * ms, true, c);
        }

        fn look(&mut self, ms: u32, moves: u64, title: &str, field: Field) {
            self.look_during(ms, (moves, moves), title, field);
        }

        fn look_during(&mut self, ms: u32, moves: (u64, u64), title: &str, field: Field) {
            let (asked, answered) = (self.start + MS * ms, self.start + MS * (ms + 2));
            let window = Window { app: "app".to_owned(), title: title.to_owned() };
            self.gate.answer((ms + 2).into(), Answer { asked, answered, moves, window, field });
        }

        fn settle(&mut self, ms: u32) {
            let (out, mut last) = (&mut self.out, 0);
            self.gate.settle(self.start + MS * ms, |at, settled| {
                assert!(at >= last, "time goes on");
                last = at;
                out.push(match settled {
                    Settled::Device(c) => c.to_string(),
                    Settled::Window(window) => format!("window {}", window.title),
                    Settled::Field(Field { element: Some(ElementId(id)), secret: Secrecy::No, .. }) => {
                        format!("open {id}")
                    }
                    Settled::Field(Field { secret: Secrecy::Yes, .. }) => "secret".to_owned(),
                    Settled::Field(_) => "unknown".to_owned(),
                });
            });
        }
    }

    fn open(id: u64) -> Field {
        Field { element: Some(ElementId(id)), role: Role::Line, secret: Secrecy::No }
    }

    fn secret() -> Field {
        Field { element: Some(ElementId(9)), role: Role::Password, secret: Secrecy::Yes }
    }

    #[test]
    fn a_key_waits_for_the_hold_and_for_an_answer_asked_for_after_it() {
        let mut bench = Bench::new();
        bench.key(10, 'k');
        bench.look(100, 0, "w", open(1));
        bench.settle(400);
        assert!(bench.out.is_empty(), "an answer of before the hold says nothing of what comes late");
        assert!(bench.gate.asks(bench.start + MS * 400));
        bench.look(400, 0, "w", open(1));
        bench.settle(403);
        assert_eq!(bench.out, ["k"]);
    }

    #[test]
    fn keys_before_the_news_of_a_secret_belong_to_the_secret() {
        let mut bench = Bench::new();
        for (n, c) in ['a', 'b', 'c'].into_iter().enumerate() {
            bench.key(10 + u32::try_from(n).unwrap(), c);
        }
        bench.look(20, 1, "w", secret());
        bench.look(300, 1, "w", secret());
        bench.settle(302);
        assert_eq!(bench.out, ["secret", "a", "b", "c"]);
    }

    #[test]
    fn keys_before_the_news_of_an_open_field_belong_to_the_secret() {
        let mut bench = Bench::new();
        bench.look(5, 1, "w", secret());
        bench.key(10, 's');
        bench.key(40, 't');
        bench.look(50, 2, "w", open(2));
        bench.key(60, 'o');
        bench.look(320, 2, "w", open(2));
        bench.settle(320);
        assert_eq!(bench.out, ["secret", "s", "t", "open 2", "o"]);
    }

    #[test]
    fn an_open_field_that_is_still_awaited_is_covered_by_the_next_secret() {
        let mut bench = Bench::new();
        bench.look(5, 1, "w", secret());
        bench.key(10, 's');
        bench.look(20, 2, "w", open(2));
        bench.key(30, 'o');
        bench.look(40, 3, "w", secret());
        bench.look(400, 3, "w", secret());
        bench.settle(400);
        assert!(!bench.out.iter().any(|word| word.starts_with("open")), "{:?}", bench.out);
        assert_eq!(bench.out.first().map(String::as_str), Some("secret"));
    }

    #[test]
    fn keys_near_a_change_of_the_window_or_its_name_have_no_field() {
        let mut bench = Bench::new();
        bench.key(10, 'k');
        bench.look(20, 0, "other", open(2));
        bench.key(30, 'l');
        bench.look(300, 0, "other", open(2));
        bench.settle(300);
        assert_eq!(bench.out, ["unknown", "k", "window other", "open 2", "l"]);
    }

    #[test]
    fn a_field_that_came_and_went_unseen_is_unknown() {
        let mut bench = Bench::new();
        bench.key(10, 'k');
        bench.look(20, 2, "w", open(1));
        bench.look(300, 2, "w", open(1));
        bench.settle(300);
        assert_eq!(bench.out, ["unknown", "k", "open 1"]);
    }

    #[test]
    fn an_answer_during_which_the_focus_moved_counts_for_a_secret_alone() {
        let mut bench = Bench::new();
        bench.key(10, 'k');
        bench.look_during(300, (0, 1), "w", open(2));
        bench.settle(303);
        assert!(bench.out.is_empty());
        bench.look_during(310, (1, 2), "w", secret());
        bench.look(320, 2, "w", open(2));
        bench.settle(322);
        assert_eq!(bench.out, ["secret", "k", "open 2"]);
    }

    #[test]
    fn without_an_answer_a_key_leaves_under_an_unknown_field() {
        let mut bench = Bench::new();
        bench.key(10, 'k');
        bench.key(700, 'l');
        bench.settle(1_509);
        assert!(bench.out.is_empty());
        bench.settle(1_510);
        assert_eq!(bench.out, ["unknown", "k"]);
        bench.look(1_600, 0, "w", open(1));
        bench.settle(1_610);
        assert_eq!(bench.out, ["unknown", "k", "l", "open 1"], "`l` was typed while nobody answered");
    }

    #[test]
    fn the_pointer_waits_for_its_window_but_for_no_answer() {
        let mut bench = Bench::new();
        bench.gate.device(10, bench.start + MS * 10, false, 'm');
        bench.settle(259);
        assert!(bench.out.is_empty());
        assert!(!bench.gate.asks(bench.start + MS * 400));
        bench.settle(260);
        assert_eq!(bench.out, ["m"]);
    }

    #[test]
    fn an_event_that_an_answer_overtook_comes_before_it() {
        let mut bench = Bench::new();
        bench.look(20, 1, "w", secret());
        bench.look(50, 2, "w", open(2));
        bench.key(40, 's');
        bench.look(400, 2, "w", open(2));
        bench.settle(400);
        assert_eq!(bench.out, ["secret", "s", "open 2"]);
    }
}
