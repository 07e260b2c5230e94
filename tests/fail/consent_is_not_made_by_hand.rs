//! Invariant 1: only candor-consent makes a live consent.
use candor_consent::LiveConsent;

pub fn pretend(other: LiveConsent) -> LiveConsent {
    LiveConsent { import: true, ..other }
}
