//! What is told of the focus, by the gate and by the window manager, and when it counts.
//!
//! It comes on other connections than the keys, and may overtake them. So it waits until all is in that was read before it
//! came; and the leaving of a secret field waits for what may have made it, lest the end of the secret come behind it.

use std::time::{Duration, Instant};

use candor_model::Ticks;

use super::waiting::{Part, Place};
use super::{Gate, Hold, Seen};
use crate::a11y::Told;

/// How long what is told waits for keys that it has overtaken.
pub(super) const GRACE: Duration = Duration::from_millis(30);
/// How long the leaving of a secret field waits for a key or press that may have made it: a page can move the focus by
/// itself.
const LEAVE_MAX: Duration = Duration::from_millis(300);

pub(super) enum News {
    Told(Told),
    Window(Seen),
}

impl Hold {
    /// Takes in what is told, as far as it counts by now. `reading`: when the first input was read that is not in yet.
    pub(in crate::x11) fn listen(&mut self, now: Instant, reading: Option<Instant>, last: Ticks) {
        while let Some((came, told)) = self.gate.as_ref().and_then(Gate::told) {
            self.news.push_back((came, News::Told(told)));
        }
        while self.news.front().is_some_and(|(came, news)| self.counts(*came, news, now, reading)) {
            let Some((came, news)) = self.news.pop_front() else { return };
            match news {
                News::Told(told) => self.told(told, came, last),
                News::Window(seen) => self.changed(seen, came, last),
            }
        }
    }

    fn counts(&self, came: Instant, news: &News, now: Instant, reading: Option<Instant>) -> bool {
        if self.gate.is_none() {
            return true;
        }
        let age = now.saturating_duration_since(came);
        let all_in = age >= GRACE && reading.is_none_or(|read| read > came);
        let leaves = match news {
            News::Window(_) | News::Told(Told::Left(_) | Told::Focus(_) | Told::Found { .. } | Told::Lost) => {
                self.last_place() == Place::Secret && !self.caused()
            }
            News::Told(_) => false,
        };
        age >= LEAVE_MAX || (all_in && !leaves)
    }

    /// Whether something waits that may have moved the focus out of the last field.
    fn caused(&self) -> bool {
        let last = self.waiting.iter().rev().map_while(|waiting| waiting.part());
        last.into_iter().any(|part| matches!(part, Part::Cause { .. }))
    }
}
