//! How much a segment is worth as a demonstration: a verdict and its reason, told from its events alone.
//!
//! It judges the recording, not the person: what is missing from it, and whether a person made it. Whoever can read a
//! segment comes to the same verdict, so it is written nowhere.

use std::fmt;

use serde::Serialize;

use crate::event::{Actor, Event, Press, What};

/// Of a hundred events, from how many gaps on a segment is full of holes.
const HOLES_PCT: usize = 10;

/// A segment's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// Nothing speaks against it.
    Good,
    /// Nothing was done in it: no key, button or wheel.
    Empty,
    /// A person did none of it, as far as is known: software did, or nobody can tell.
    NotHuman,
    /// Much was left out of it: a tenth of its events are gaps, or more.
    Holes,
}

impl Quality {
    /// Judges the events of one segment.
    pub fn of(events: &[Event]) -> Self {
        let actions = || events.iter().filter(|event| is_action(&event.what));
        let gaps = events.iter().filter(|event| matches!(event.what, What::Gap)).count();
        if gaps > 0 && gaps * 100 >= events.len() * HOLES_PCT {
            Self::Holes
        } else if actions().next().is_none() {
            Self::Empty
        } else if actions().all(|event| event.actor != Actor::Human) {
            Self::NotHuman
        } else {
            Self::Good
        }
    }

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Empty => "empty",
            Self::NotHuman => "not-human",
            Self::Holes => "holes",
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Empty => "empty: no key, button or wheel in it",
            Self::NotHuman => "not human: software did it, or nobody can tell",
            Self::Holes => "full of holes: a tenth of it or more was left out",
        })
    }
}

const fn is_action(what: &What) -> bool {
    match what {
        What::Key { press, .. } | What::Button { press, .. } => matches!(press, Press::Down),
        What::Scroll { .. } => true,
        What::Move { .. } | What::Window { .. } | What::Surrogate { .. } | What::Element(_) | What::Gap => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Button;

    fn events(what: impl IntoIterator<Item = (Actor, What)>) -> Vec<Event> {
        what.into_iter().map(|(actor, what)| Event { at: 0, actor, what }).collect()
    }

    fn click(actor: Actor) -> (Actor, What) {
        (actor, What::Button { press: Press::Down, button: Button::LEFT, x: 1, y: 1 })
    }

    const MOVE: (Actor, What) = (Actor::Human, What::Move { x: 1, y: 1, drag: false });

    #[test]
    fn a_segment_is_as_good_as_what_a_person_did_in_it() {
        use Actor::{Human, Injected, Unknown};
        let gap = || (Human, What::Gap);
        for (what, verdict) in [
            (vec![click(Human), MOVE], Quality::Good),
            (vec![click(Injected), click(Human)], Quality::Good),
            (vec![click(Injected), click(Unknown), MOVE], Quality::NotHuman),
            (vec![MOVE; 20], Quality::Empty),
            (vec![], Quality::Empty),
            (vec![click(Human), gap()], Quality::Holes),
        ] {
            assert_eq!(Quality::of(&events(what.clone())), verdict, "{what:?}");
        }
        let few = std::iter::repeat_n(click(Human), 20).chain([gap()]);
        assert_eq!(Quality::of(&events(few)), Quality::Good, "one hole in twenty is no sieve");
    }
}
