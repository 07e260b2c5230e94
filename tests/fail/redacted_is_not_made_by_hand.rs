//! Only the wall makes a redacted event.
use candor_model::Event;
use candor_redact::Redacted;

pub fn smuggle(event: Event) -> Redacted {
    Redacted { event, observed: true }
}
