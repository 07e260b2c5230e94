//! What waits: events stay in memory until it is known which window and which field they belong to.
//!
//! Without a gate an event waits for a window manager that tells late. With one, every event waits [`HOLD`], and a key that
//! prints waits until the application has shown its character in a field that is not secret ([`crate::a11y`]): it has
//! landed. A key that lands nowhere is let go after [`HOLD_MAX`] as typed into a field nobody knows, and no text passes
//! there.
//!
//! What is told of the focus is put where it may have changed, before the keys that may have been meant for it: after the
//! last key that landed and after the first thing since then that moves a focus. Leaving a secret field counts from when it
//! was told, after everything read until then. Where nothing is told of a window, it is asked for ([`look`]).

mod landing;
mod look;
mod news;
mod stale;
#[cfg(test)]
mod tests;
mod waiting;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use candor_model::element::ElementOf;
use candor_model::event::Press;
use candor_model::{Actor, Ticks};
use candor_redact::{ElementId, LogicalKey, Observation, Observed, Role, Secrecy, SeenElement};
use zeroize::Zeroizing;

use self::look::Look;
use self::news::News;
use self::stale::Stale;
use self::waiting::{Awaited, Part, Place, Waiting, part};
use super::put;
use super::window::Seen;
use crate::a11y::{Ask, Field, Gate, Told, Why};

/// How long an event waits for a change of the window that came before it.
pub(super) const SETTLE: Duration = Duration::from_millis(60);
/// How long it waits for the focus, where a gate tells of it. Measured: see `a11y/tests/race.rs`.
const HOLD: Duration = Duration::from_millis(250);
/// How long something that may have moved the focus waits for that to be told, before the application is asked.
const PASSED_AFTER: Duration = Duration::from_millis(500);
/// How long a key waits to land.
const HOLD_MAX: Duration = Duration::from_millis(1_500);
/// A key that a field shows later than this may be another: the application stood still meanwhile.
const SHOWN_MAX: Duration = Duration::from_millis(500);
/// An application that has told of no field for so long since it has the focus tells of none.
const SILENT_AFTER: Duration = Duration::from_secs(3);
/// So often a field may keep a key to itself before nothing is expected of it.
const DOUBTS_MAX: u32 = 3;
/// So many insertions wait at most for keys behind something that may have moved the focus.
const LATE_MAX: usize = 256;

/// What waits, in the order in which it happened.
#[derive(Default)]
pub(super) struct Hold {
    gate: Option<Gate>,
    waiting: VecDeque<Waiting>,
    /// What was told and does not count yet, with when it came.
    news: VecDeque<(Instant, News)>,
    /// Where what leaves now was typed.
    place: Place,
    /// Whether something left since that place began that may have moved the focus.
    caused: bool,
    /// The field that has the focus, as far as it was told.
    belief: Option<(Arc<Field>, Instant)>,
    /// The window in focus.
    window: Option<Seen>,
    /// The window in which what leaves now was done, and the origin told of it.
    shown: Option<Seen>,
    origin: Option<String>,
    /// Since when that window has the focus, while its application has told of no field in it.
    silent: Option<Instant>,
    /// What has the focus is to be asked for.
    look: Option<Look>,
    /// The field has changed by something else than the keys.
    stale: Stale,
    /// When something was read last that prints or erases, or may have moved the focus.
    busy: Option<Instant>,
    /// What fields showed that no key could be found for yet.
    late: VecDeque<(Instant, ElementId, Zeroizing<String>)>,
    /// When the gate was asked last.
    asked: Option<Instant>,
    /// How many keys in a row the field did not show, and the fields of which nothing is expected any more.
    doubts: u32,
    mute: BTreeSet<ElementId>,
}

impl Hold {
    /// From here on this gate tells of the focus.
    pub(super) fn guard(&mut self, gate: Gate) {
        self.gate = Some(gate);
    }

    pub(super) fn gate(&self) -> Option<&Gate> {
        self.gate.as_ref()
    }

    /// How long an event waits at least.
    pub(super) fn least(&self) -> Duration {
        if self.gate.is_some() { HOLD } else { SETTLE }
    }

    /// The time of the first that waits.
    pub(super) fn first(&self) -> Option<Ticks> {
        self.waiting.front().map(|waiting| waiting.at)
    }

    /// How many moves and scrolls wait outside of secret fields. Keys and buttons are not counted before it is known where they
    /// went: they may be a password's, of which there is no count.
    pub(super) fn moves(&self) -> usize {
        let mut place = self.place;
        let counts = |waiting: &&Waiting| {
            place = waiting.place().unwrap_or(place);
            let moves = |what: &Observed| matches!(what, Observed::Move { .. } | Observed::Scroll { .. });
            place != Place::Secret && matches!(&waiting.what, Awaited::Input { what, .. } if moves(what))
        };
        self.waiting.iter().filter(counts).count()
    }

    /// Takes an input. `command`: whether a modifier is held that makes it one.
    pub(super) fn push(&mut self, at: Ticks, read: Instant, actor: Actor, what: Observed, command: bool) {
        let part = part(&what, command);
        if part != Part::Plain {
            self.busy = Some(read);
        }
        if let Observed::Button { press: Press::Down, x, y, .. } = what
            && let Some(gate) = &self.gate
            && let Some(process) = self.window.as_ref().and_then(|window| window.process)
        {
            gate.ask(Ask::Under { press: read, process, x, y });
        }
        self.waiting.push_back(Waiting { at, read, actor, what: Awaited::Input { what, part } });
    }

    /// Takes back the release read last: it was the server's half of an automatic repeat.
    pub(super) fn take_back(&mut self) {
        if matches!(
            self.waiting.back(),
            Some(Waiting { what: Awaited::Input { what: Observed::Key { press: Press::Up, .. }, .. }, .. })
        ) {
            self.waiting.pop_back();
        }
    }

    /// Another window has the focus, or it is called something else.
    pub(super) fn window(&mut self, seen: Seen, now: Instant) {
        self.news.push_back((now, News::Window(seen)));
    }

    /// Begins another window. Whatever was read just now may have been meant for it already: a window manager tells of a
    /// focus after it has moved.
    fn changed(&mut self, seen: Seen, now: Instant, last: Ticks) {
        let from = self.after_mark();
        let settling = |waiting: &Waiting| now.saturating_duration_since(waiting.read) < SETTLE;
        let index = match self.last_place() {
            Place::Secret => self.left_secret(),
            _ => (from..self.waiting.len())
                .find(|index| self.waiting.get(*index).is_some_and(settling))
                .unwrap_or(self.waiting.len()),
        };
        let other = self.window.as_ref().is_none_or(|window| window.window != seen.window);
        // Another window of the same process says anew what has the focus in it.
        let fresh = |since: Instant| !other || now.saturating_duration_since(since) < HOLD;
        let field = self.belief.as_ref().filter(|(field, since)| seen.is_of(field.process) && fresh(*since));
        // What it holds by now has to be asked for.
        let field = field.map(|(field, _)| Arc::new(field.anew()));
        if field.as_ref().is_some_and(|field| field.secret == Secrecy::No) {
            self.again();
        }
        self.window = Some(seen.clone());
        if other || field.is_some() {
            self.silent = field.is_none().then_some(now);
            self.look = field.is_none().then(|| Look::begin(now));
        }
        self.begin(index, last, now, field);
        self.insert(index, last, now, Awaited::Window(seen));
    }

    fn told(&mut self, told: Told, now: Instant, last: Ticks) {
        match told {
            Told::Focus(field) => self.focus(field, now, last),
            Told::Found { asked, field } => self.found(asked, field, now, last),
            Told::Left(element) => {
                if self.belief.as_ref().is_some_and(|(field, _)| field.element == element) {
                    self.leave(now, last);
                }
            }
            Told::Inserted { element, text } => self.inserted(element, &text, now),
            Told::Changed(element) => self.strays(element, now),
            Told::Value { asked, value } => self.holds_now(asked, value, now, last),
            Told::Holds { element, still } => {
                let field = self.belief.as_ref().filter(|(field, _)| still && field.element == element);
                if let Some(field) = field.map(|(field, _)| Arc::clone(field)) {
                    self.holds(&field, now, last);
                }
            }
            Told::Under { press, element } => self.under(press, element),
            Told::Lost => {
                self.late.clear();
                self.leave(now, last);
            }
        }
    }

    /// What lay under a press comes right after it, where that waits still.
    fn under(&mut self, press: Instant, element: SeenElement) {
        let pressed = |waiting: &Waiting| {
            let button = |what: &Observed| matches!(what, Observed::Button { press: Press::Down, .. });
            waiting.read == press && matches!(&waiting.what, Awaited::Input { what, .. } if button(what))
        };
        if let Some(index) = self.waiting.iter().position(pressed)
            && let Some(Waiting { at, read, actor, .. }) = self.waiting.get(index)
        {
            let (at, read, actor) = (*at, *read, *actor);
            let what = Awaited::Input { what: Observed::Element(element), part: Part::Plain };
            self.waiting.insert(index + 1, Waiting { at, read, actor, what });
        }
    }

    /// Nothing has the focus any more, as far as is known.
    fn leave(&mut self, now: Instant, last: Ticks) {
        self.resolve();
        self.belief = None;
        self.look = Some(Look::begin(now));
        let index = match self.last_place() {
            Place::Secret => self.left_secret(),
            Place::Unknown => return,
            Place::Text(_) | Place::Commands => self.moved(),
        };
        self.begin(index, last, now, None);
    }

    fn focus(&mut self, field: Arc<Field>, now: Instant, last: Ticks) {
        self.belief = Some((Arc::clone(&field), now));
        if !self.window.as_ref().is_some_and(|window| window.is_of(field.process)) {
            // Of a window that is not in focus, or not yet.
            return;
        }
        (self.silent, self.look) = (None, None);
        // Where it is known already that something else has the focus, but not what, it is this.
        let open = self.waiting.iter_mut().rev().find_map(|waiting| match &mut waiting.what {
            Awaited::Field(field) => Some(field),
            Awaited::Input { .. } | Awaited::Turn { .. } | Awaited::Window(_) | Awaited::Value { .. } => None,
        });
        if let Some(open @ None) = open {
            *open = Some(field);
            return;
        }
        self.resolve();
        let index = match self.last_place() {
            Place::Secret => self.left_secret(),
            Place::Unknown => self.after_mark(),
            Place::Text(_) | Place::Commands => self.moved(),
        };
        self.begin(index, last, now, Some(field));
    }

    /// Begins another field there. Which of several things made a secret field be left is not told, and the last may have
    /// moved the focus back into it: what follows shows first where it goes.
    fn begin(&mut self, index: usize, last: Ticks, now: Instant, field: Option<Arc<Field>>) {
        if self.last_place() == Place::Secret {
            self.insert(index, last, now, Awaited::Turn { passed: false });
        }
        self.insert(index, last, now, Awaited::Field(field));
    }

    /// Where the first thing begins that may be meant for another field than the last that was told.
    fn moved(&self) -> usize {
        let from = self.after_mark();
        let parts = || self.waiting.iter().enumerate().skip(from);
        let landed = |part| matches!(part, Some(Part::Text { landed: true, .. } | Part::Cause { passed: true }));
        let from = parts().rev().find(|(_, waiting)| landed(waiting.part())).map_or(from, |(index, _)| index + 1);
        let cause = |part| matches!(part, Some(Part::Cause { .. }));
        parts()
            .skip_while(|(index, _)| *index < from)
            .find(|(_, waiting)| cause(waiting.part()))
            .map_or(from, |(index, _)| index + 1)
    }

    /// Where a secret field ends that was left: after everything read until that was told. But where several things may have
    /// moved the focus, the last of them may have moved it on from there: it comes after.
    fn left_secret(&self) -> usize {
        let segment = self.waiting.iter().enumerate().skip(self.after_mark());
        let mut causes = segment.filter(|(_, waiting)| matches!(waiting.part(), Some(Part::Cause { .. })));
        let begun = self.waiting.iter().all(|waiting| waiting.part().is_some());
        let several = (begun && self.caused) || causes.next().is_some();
        causes.next_back().filter(|_| several).map_or(self.waiting.len(), |(index, _)| index)
    }

    /// Where what belongs to the last window or field begins.
    fn after_mark(&self) -> usize {
        self.waiting.iter().rposition(|waiting| waiting.part().is_none()).map_or(0, |index| index + 1)
    }

    fn last_place(&self) -> Place {
        self.waiting.iter().rev().find_map(|waiting| waiting.place()).unwrap_or(self.place)
    }

    fn insert(&mut self, index: usize, last: Ticks, now: Instant, what: Awaited) {
        let at = self.waiting.get(index).map_or(last, |waiting| waiting.at);
        self.waiting.insert(index.min(self.waiting.len()), Waiting { at, read: now, actor: Actor::Unknown, what });
    }

    fn again(&self) {
        if let Some(gate) = &self.gate {
            gate.ask(Ask::Again);
        }
    }

    /// Puts out what has waited for long enough.
    pub(super) fn settle(&mut self, now: Instant, out: &mut Vec<Observation>) {
        self.look(now);
        self.reread(now);
        while let Some(front) = self.waiting.front() {
            let waited = now.saturating_duration_since(front.read);
            match front.part() {
                None => {}
                Some(_) if waited < self.least() => break,
                Some(part) if self.stays(part, waited, now) => {
                    if waited < HOLD_MAX {
                        break;
                    }
                    self.doubt(part, out);
                    continue;
                }
                Some(_) => {}
            }
            let Some(waiting) = self.waiting.pop_front() else { break };
            self.put(waiting, out);
        }
    }

    /// Whether something that has waited its time must wait on, here.
    fn stays(&mut self, part: Part, waited: Duration, now: Instant) -> bool {
        let Place::Text(element) = self.place else { return false };
        let quiet = self.asked.is_none_or(|asked| now.saturating_duration_since(asked) > HOLD);
        let stays = match part {
            Part::Text { landed, .. } => !landed,
            // Where the focus is told anew behind it, it has moved or was asked for.
            Part::Cause { passed } => !passed && self.waiting.iter().all(|waiting| waiting.part().is_some()),
            Part::Erase | Part::Plain => false,
        };
        if stays && quiet && waited >= PASSED_AFTER {
            self.asked = Some(now);
            if let Some(gate) = &self.gate {
                gate.ask(Ask::Holds(element));
            }
        }
        stays
    }

    /// The field does not show what was typed, or it cannot be told whether the focus has moved: nobody knows where what
    /// follows went, until the field is told anew.
    fn doubt(&mut self, part: Part, out: &mut Vec<Observation>) {
        let Some(at) = self.first() else { return };
        if let Part::Text { .. } = part {
            self.doubts += 1;
        } else if let Some(waiting) = self.waiting.pop_front() {
            // It was typed where all before it was.
            self.put(waiting, out);
        }
        put(at, Actor::Unknown, Observed::field(Role::Unknown, Secrecy::Unknown), out);
        if let Place::Text(element) = self.place
            && self.doubts >= DOUBTS_MAX
        {
            self.mute.insert(element);
            if let Some(gate) = &self.gate {
                gate.because(Why::SilentField);
            }
        }
        self.place = Place::Unknown;
        self.again();
    }

    fn put(&mut self, Waiting { at, read, actor, what }: Waiting, out: &mut Vec<Observation>) {
        if let (Awaited::Input { part: Part::Text { .. }, .. }, Some(since), Some(gate)) =
            (&what, self.silent, &self.gate)
            && read.saturating_duration_since(since) > SILENT_AFTER
        {
            gate.because(Why::SilentApplication);
        }
        self.caused = match &what {
            Awaited::Input { part, .. } => self.caused || matches!(part, Part::Cause { .. }),
            Awaited::Turn { .. } | Awaited::Value { .. } => self.caused,
            Awaited::Window(_) | Awaited::Field(_) => false,
        };
        match what {
            Awaited::Window(seen) => {
                self.place = Place::Unknown;
                self.shown = Some(seen.clone());
                self.origin = match self.waiting.front() {
                    Some(Waiting { what: Awaited::Field(Some(field)), .. }) => field.origin.clone(),
                    _ => None,
                };
                let Seen { app, title, .. } = seen;
                put(at, Actor::Unknown, Observed::Window { app, title, origin: self.origin.clone() }, out);
            }
            Awaited::Field(field) => self.put_field(at, field.as_deref(), out),
            Awaited::Turn { .. } => {}
            Awaited::Value { element, value } => {
                if self.place == Place::Text(element) {
                    put(at, actor, Observed::Value(value), out);
                }
            }
            Awaited::Input { what, part } => {
                let what = match (what, part) {
                    // What prints where no text is expected is nobody's text.
                    (Observed::Key { press, physical, .. }, Part::Text { .. }) if self.place == Place::Commands => {
                        Observed::Key { press, physical, logical: LogicalKey::Unidentified }
                    }
                    (what, _) => what,
                };
                put(at, actor, what, out);
            }
        }
    }

    fn put_field(&mut self, at: Ticks, field: Option<&Field>, out: &mut Vec<Observation>) {
        self.place = Place::of(field);
        let Some(field) = field else {
            return put(at, Actor::Unknown, Observed::field(Role::Unknown, Secrecy::Unknown), out);
        };
        if field.origin != self.origin
            && self.place != Place::Secret
            && let Some(Seen { app, title, .. }) = self.shown.clone()
        {
            self.origin.clone_from(&field.origin);
            put(at, Actor::Unknown, Observed::Window { app, title, origin: self.origin.clone() }, out);
        }
        let Field { element, role, secret, value, face, .. } = field;
        if matches!(self.place, Place::Text(element) if self.mute.contains(&element)) {
            self.place = Place::Unknown;
            return put(at, Actor::Unknown, Observed::field(Role::Unknown, Secrecy::Unknown), out);
        }
        let seen = face.as_ref().and_then(|face| face.seen(ElementOf::Focus, *element, *secret));
        let (element, value) = (Some(*element), value.clone());
        put(at, Actor::Unknown, Observed::Field { element, role: *role, secret: *secret, value }, out);
        if let Some(seen) = seen {
            put(at, Actor::Unknown, Observed::Element(seen), out);
        }
    }
}
