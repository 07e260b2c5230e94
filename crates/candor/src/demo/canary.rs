//! Canaries: invented secrets, planted as raw input, that no byte at rest may hold.

use candor_model::event::Press;
use candor_model::key::PhysicalKey;
use candor_model::{Actor, Ticks};
use candor_redact::{LogicalKey, Observation, Observed, Raw, Role, Secrecy};

use super::scan::Scanner;
use crate::keys;

/// Where a canary is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Typed into an ordinary field.
    Text,
    /// In a window's title.
    Title,
    /// Typed into a secret field.
    SecretField,
}

/// A token nobody could type by chance.
pub(super) struct Canary {
    token: String,
    place: Place,
}

impl Canary {
    /// A fresh token for a place.
    pub(super) fn new(place: Place) -> Self {
        let digits: String = keys::random::<12>().iter().map(|byte| char::from(b'A' + byte % 26)).collect();
        Self { token: format!("CANARY-{digits}"), place }
    }

    /// The observations that plant it at `at`, in the window of `app`; they take `self.ticks()` ticks.
    pub(super) fn plant(&self, at: Ticks, app: &str, out: &mut Vec<Raw>) {
        let mut now = at;
        let mut see = |what| {
            now += 1;
            out.push(Raw::new(Observation { at: now, actor: Actor::Human, what }));
        };
        let window = |title: &str| Observed::Window { app: app.into(), title: title.into(), origin: None };
        match self.place {
            Place::Title => {
                see(window(&self.token));
                see(window("untitled"));
                // After a window the wall waits for its field; until then keys are withheld.
                see(Observed::field(Role::Text, Secrecy::No));
            }
            Place::Text => self.type_it(see),
            Place::SecretField => {
                see(Observed::field(Role::Password, Secrecy::Yes));
                self.type_it(&mut see);
                see(Observed::field(Role::Text, Secrecy::No));
            }
        }
    }

    fn type_it(&self, mut see: impl FnMut(Observed)) {
        for c in self.token.chars() {
            let key = |press| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical: LogicalKey::Char(c) };
            see(key(Press::Down));
            see(key(Press::Up));
        }
    }

    /// How long planting takes, at most.
    pub(super) fn ticks(&self) -> Ticks {
        self.token.len() as Ticks * 2 + 4
    }
}

/// A scanner for these canaries.
pub(super) fn scanner(canaries: &[Canary]) -> Scanner {
    Scanner::new(canaries.iter().map(|canary| canary.token.as_str()))
}
