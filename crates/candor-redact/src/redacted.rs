//! What may leave memory.

use candor_model::Event;

/// An event that has passed the wall. Only [`crate::Redactor`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted(Event);

impl Redacted {
    pub(crate) fn new(event: Event) -> Self {
        Self(event)
    }

    /// Nothing but that there was something: what is left of an event that has to be taken back.
    pub fn forget(&mut self) {
        self.0.what = candor_model::What::Gap;
    }

    /// The event, to be stored.
    pub fn event(&self) -> &Event {
        &self.0
    }

    /// The event, to be stored.
    pub fn into_event(self) -> Event {
        self.0
    }
}
