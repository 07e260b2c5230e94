//! The rules: what leaves memory, and as what.

use std::collections::BTreeSet;

use crate::{Raw, Redacted, Remark};

/// The version of these rules; every segment's header carries it.
pub const REDACTOR_VERSION: u16 = 1;

/// Which applications a program may record. Anything else is withheld.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Application names.
    pub applications: BTreeSet<String>,
}

/// How many events went where. `captured = stored + withheld + dropped` outside secret fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Observations that reached the wall outside secret fields.
    pub captured: u64,
    /// Of those, how many left it as events.
    pub stored: u64,
    /// Of those, how many were withheld by a rule.
    pub withheld: u64,
    /// Of those, how many were given up because the session ended under them.
    pub dropped: u64,
    /// Marks the wall itself added: gaps and the releases of keys held into a secret field.
    pub added: u64,
}

/// The wall of one session.
pub struct Redactor {}

impl Redactor {
    /// A wall that lets only `allowed` applications through. `scope` is the application in focus until the source names
    /// one: importers name the scope the consent speaks of; live sources give `None`, and nothing passes before a window
    /// on the list has the focus.
    pub fn new(allowed: Allowed, scope: Option<&str>) -> Self {
        let _ = (allowed, scope);
        Self {}
    }

    /// Takes one observation and appends what may be known of it.
    pub fn push(&mut self, raw: Raw, events: &mut Vec<Redacted>, remarks: &mut Vec<Remark>) {
        let _ = (raw, events, remarks);
    }

    /// The session's end: closes every open span.
    pub fn finish(self, events: &mut Vec<Redacted>, remarks: &mut Vec<Remark>) -> Tally {
        let _ = (events, remarks);
        Tally::default()
    }
}
