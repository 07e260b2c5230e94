//! What has the focus already is asked for, where a window has it and nobody tells of a field in it: after a start, after the
//! gate was away, after a field was left for nothing.
//!
//! An answer says what has the focus when it is given, not which keys came before. So a field that is found counts only where
//! nothing was typed or pressed for a while before the question and until the answer, and only while nothing else is told. A
//! secret one counts at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candor_model::Ticks;
use candor_redact::Secrecy;

use super::{HOLD, Hold, PASSED_AFTER};
use crate::a11y::{Ask, Field};

/// After a pause as long as this nobody asks again.
const PAUSE_MAX: Duration = Duration::from_secs(8);

pub(super) struct Look {
    /// When it is to be asked, and how long after that it is asked again.
    due: Instant,
    pause: Duration,
    asked: Option<Instant>,
}

impl Look {
    /// It may be told yet.
    pub(super) fn begin(now: Instant) -> Self {
        Self { due: now + HOLD, pause: HOLD, asked: None }
    }
}

impl Hold {
    /// Asks, where it is time.
    pub(super) fn look(&mut self, now: Instant) {
        let (Some(gate), Some(look)) = (&self.gate, &mut self.look) else { return };
        let Some(process) = self.window.as_ref().and_then(|window| window.process) else { return };
        let busy = self.busy.is_some_and(|busy| now.saturating_duration_since(busy) < PASSED_AFTER);
        if now < look.due || busy || look.pause >= PAUSE_MAX {
            return;
        }
        gate.ask(Ask::Find { asked: now, process });
        look.asked = Some(now);
        look.due = now + look.pause;
        look.pause *= 2;
    }

    /// What was found, where that was asked last, and nothing has been told or typed since.
    pub(super) fn found(&mut self, asked: Instant, field: Arc<Field>, now: Instant, last: Ticks) {
        if self.look.as_ref().and_then(|look| look.asked) != Some(asked) {
            return;
        }
        if field.secret == Secrecy::Yes || self.busy.is_none_or(|busy| busy < asked) {
            self.focus(field, now, last);
        }
    }
}
