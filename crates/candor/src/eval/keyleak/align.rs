//! Which outgoing event shows which character.

use std::collections::BTreeMap;

use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, Shape};
use candor_model::unit::Ticks;

use super::replay::shown;
use super::truth::{By, Session};
use super::wall::Outcome;

/// How far an event's time may be from its character's, in milliseconds, where none fits exactly.
const DRIFT: Ticks = 100;

/// What an outgoing event turned out to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A character that was typed, by its number.
    Unit(usize),
    /// A character that nobody can place: it is held against every span.
    Nobody,
    /// No character.
    None,
}

/// Finds for each released event the character it shows, by time and content: the stream is in the order of time, and its
/// clock is the source's, less what passed in secret fields.
pub(super) fn align(session: &Session, outcome: &Outcome) -> Vec<Owner> {
    let mut waiting: BTreeMap<Ticks, Vec<usize>> = BTreeMap::new();
    for (number, unit) in session.units.iter().enumerate() {
        if unit.by != By::Unseen
            && let Some(time) = session.times.get(unit.observation)
        {
            waiting.entry(session.clock(*time)).or_default().push(number);
        }
    }
    let mut aligner = Aligner { session, waiting };
    outcome.released.iter().map(|released| aligner.owner(&released.event)).collect()
}

struct Aligner<'a> {
    session: &'a Session,
    waiting: BTreeMap<Ticks, Vec<usize>>,
}

impl Aligner<'_> {
    fn owner(&mut self, event: &Event) -> Owner {
        if let What::Key { press: Press::Down, key: Key::Shape(shape) } = event.what {
            let unit = self.take(event.at, event.at, |ch| Shape::of(ch) == shape);
            return unit.map_or(Owner::None, Owner::Unit);
        }
        let Some(c) = shown(event) else { return Owner::None };
        if matches!(event.what, What::Key { key: Key::Shortcut { .. }, .. }) {
            // The letter of a command is no text, unless it is a typed character that came out as one.
            return self.take(event.at, event.at, |ch| ch == c).map_or(Owner::None, Owner::Unit);
        }
        let exact = self.take(event.at, event.at, |ch| ch == c);
        let unit = exact.or_else(|| self.take(event.at.saturating_sub(DRIFT), event.at + DRIFT, |ch| ch == c));
        unit.map_or(Owner::Nobody, Owner::Unit)
    }

    /// The first character still waiting in that time that fits.
    fn take(&mut self, from: Ticks, to: Ticks, fits: impl Fn(char) -> bool) -> Option<usize> {
        let units = &self.session.units;
        for waiting in self.waiting.range_mut(from..=to).map(|(_, waiting)| waiting) {
            let fitting = |number: &usize| units.get(*number).is_some_and(|unit| fits(unit.ch));
            if let Some(at) = waiting.iter().position(fitting) {
                return Some(waiting.remove(at));
            }
        }
        None
    }
}
