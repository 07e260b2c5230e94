//! What a wall is told when it is built.

use std::collections::BTreeMap;

use candor_model::{ClockUnit, TextPolicy};

use crate::SessionKey;
use crate::context::Contexts;
use crate::personal::PersonalList;

/// What one session's wall lets through.
pub struct Settings {
    /// The applications that may be recorded, and what text each may give. Anything else is withheld.
    pub applications: BTreeMap<String, TextPolicy>,
    /// The private contexts in which nothing is recorded, whatever the application.
    pub contexts: Contexts,
    /// What the participant named, by fingerprint.
    pub personal: PersonalList,
    /// The unit of the source's clock.
    pub clock: ClockUnit,
    /// What surrogates' numbers are derived with.
    pub key: SessionKey,
}

impl Settings {
    /// The strictest settings that record anything: these applications, and of their text only shapes.
    pub fn shapes(applications: impl IntoIterator<Item = String>, clock: ClockUnit, key: SessionKey) -> Self {
        let applications = applications.into_iter().map(|name| (name, TextPolicy::Shapes)).collect();
        Self { applications, contexts: Contexts::default(), personal: PersonalList::empty(), clock, key }
    }
}
