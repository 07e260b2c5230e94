//! Invariant 1: a live consent cannot be kept past the one that is withdrawn.
use candor_consent::LiveConsent;

pub fn keep(consent: &LiveConsent) -> LiveConsent {
    consent.clone()
}
