//! What may leave memory.

use candor_model::Event;

/// An event that has passed the wall. Only [`crate::Redactor`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    event: Event,
    observed: bool,
}

impl Redacted {
    pub(crate) fn new(event: Event, observed: bool) -> Self {
        Self { event, observed }
    }

    /// Nothing but that there was something: what is left of an event that has to be taken back.
    pub fn forget(&mut self) {
        (self.event.what, self.observed) = (candor_model::What::Gap, false);
    }

    /// Whether it stands for an observation of the source, and so counts; the wall adds marks and releases of its own.
    pub fn is_observed(&self) -> bool {
        self.observed
    }

    /// The event, to be stored.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The event, to be stored.
    pub fn into_event(self) -> Event {
        self.event
    }
}
