//! A field that changed by something else than the keys: a paste, a completion, a choice. What it holds now is asked for once
//! nobody types, and tells the wall where its own model of the text has gone astray.
//!
//! What is read belongs after all keys that were typed before it. So it counts only where none waits any more and none was
//! typed from half a second before the question until the answer, and it never comes out in another field.

use std::time::{Duration, Instant};

use candor_model::{Actor, Ticks};
use candor_redact::{ElementId, FieldText};

use super::waiting::{Awaited, Part, Place, Waiting};
use super::{Hold, PASSED_AFTER};
use crate::a11y::Ask;

/// It is asked for no more often than this.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Stale {
    /// The field, and when it was last told that it changed.
    field: Option<(ElementId, Instant)>,
    asked: Option<Instant>,
}

impl Hold {
    /// The field shows something that no key explains.
    pub(super) fn strays(&mut self, element: ElementId, now: Instant) {
        self.stale.field = Some((element, now));
    }

    /// Asks what the field holds, where it is time.
    pub(super) fn reread(&mut self, now: Instant) {
        let Some((element, _)) = self.stale.field else { return };
        if self.last_place() != Place::Text(element) {
            self.stale.field = None;
            return;
        }
        let long = |since: Instant, pause| now.saturating_duration_since(since) >= pause;
        let quiet = self.busy.is_none_or(|busy| long(busy, PASSED_AFTER));
        if quiet
            && self.settled(element)
            && self.stale.asked.is_none_or(|asked| long(asked, PAUSE))
            && let Some(gate) = &self.gate
        {
            self.stale.asked = Some(now);
            gate.ask(Ask::Value { asked: now, element });
        }
    }

    /// What the field holds, where nothing has changed since that was asked.
    pub(super) fn holds_now(&mut self, asked: Instant, value: FieldText, now: Instant, last: Ticks) {
        let Some((element, changed)) = self.stale.field else { return };
        let typed = self.busy.is_some_and(|busy| busy >= asked);
        if self.stale.asked != Some(asked) || changed >= asked || typed || !self.settled(element) {
            return;
        }
        self.stale.field = None;
        let what = Awaited::Value { element, value };
        self.waiting.push_back(Waiting { at: last, read: now, actor: Actor::Unknown, what });
    }

    /// Whether all that was typed into the field is out, and nothing else is known to have the focus.
    fn settled(&self, element: ElementId) -> bool {
        self.place == Place::Text(element) && self.waiting.iter().all(|waiting| waiting.part() == Some(Part::Plain))
    }
}
