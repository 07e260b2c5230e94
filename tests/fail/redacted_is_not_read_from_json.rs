//! Only the wall makes a redacted event; a parser does not.
use candor_redact::Redacted;

pub fn smuggle(json: &str) -> Option<Redacted> {
    serde_json::from_str(json).ok()
}
