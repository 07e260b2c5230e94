//! What the recorder says of itself: what it does and why, what became of what was captured, how old the last event is.

use anyhow::Result;
use candor_redact::Tally;
use candor_store::spool::Now;
use serde_json::{Value, json};

use super::Agent;
use super::desk::Desk;
use crate::agent::spool_report;
use crate::clock;

impl Agent {
    /// The whole report.
    pub(super) fn status(&self) -> Result<Value> {
        let now_ms = clock::boottime_ms();
        let mut tally = self.tally;
        let recording = self.recording.as_ref().or(self.stuck.as_ref());
        if let Some(recording) = recording {
            add(&mut tally, recording.tally());
        }
        let capabilities = self.recording.as_ref().and_then(|recording| recording.capabilities());
        let stored_ms = recording.and_then(|recording| recording.stored_ms).or(self.stored_ms);
        let why = self.mode.why();
        Ok(json!({
            "recorder": self.mode.word(),
            "why": why.map(|why| why.word()),
            "why_text": why.map(ToString::to_string),
            "since_secs": now_ms.saturating_sub(self.since_ms) / 1_000,
            "session": self.recording.as_ref().map(|recording| recording.session()),
            "lease_ms": self.recording.as_ref().map(|recording| recording.lease_ms()),
            "indicator": self.desk.as_ref().is_some_and(Desk::is_visible),
            "text_fields_known": capabilities.is_some_and(|can| can.fields),
            "notice": recording.and_then(|recording| recording.notice()),
            "sessions": self.sessions,
            "captured": tally.captured, "stored": tally.stored, "withheld": tally.withheld, "dropped": tally.dropped,
            "waiting": tally.waiting,
            "lost": self.lost + recording.map_or(0, |recording| recording.lost()),
            "told": recording.map(|recording| recording.told()),
            "last_event_age_ms": stored_ms.map(|stored_ms| now_ms.saturating_sub(stored_ms)),
            "refused": self.uploads.refused().iter().map(|(session, why)| json!({ "session": session, "why": why }))
                .collect::<Vec<_>>(),
            "spool": spool_report(&self.spool, &Now::read()?)?,
        }))
    }
}

/// Adds what a session counted that did not end as it should: what waited in memory is dropped.
pub(super) fn give_up(total: &mut Tally, more: Tally) {
    add(total, Tally { dropped: more.dropped + more.waiting, waiting: 0, ..more });
}

/// Adds another session's counts.
pub(super) fn add(total: &mut Tally, more: Tally) {
    total.captured += more.captured;
    total.stored += more.stored;
    total.withheld += more.withheld;
    total.dropped += more.dropped;
    total.waiting += more.waiting;
    total.added += more.added;
}
