//! Proper use: what the other files break, done as it is meant to be done. It compiles.
use std::path::Path;

use candor_broker::{Release, ReleaseError, Turn};
use candor_capture::import::{Import, ImportError, Options};
use candor_consent::{LiveConsent, Reason, Records, decide};
use candor_model::{Intent, Program};
use candor_policy::Grant;
use candor_redact::{Observation, Outgoing, Raw, Redacted, Redactor};
use candor_seal::{Journal, Sealed, SealedSegment};
use candor_store::{Draft, Log, Logged, ObjectError, Objects, SpoolWriter};
use rand_core::CryptoRng;

pub fn consented(records: &Records, program: &Program) -> Result<LiveConsent, Vec<Reason>> {
    decide(records, program, 0)
}

pub fn imported(consent: &LiveConsent, out: &mut Vec<Raw>) -> Result<(), ImportError> {
    Import::open(consent, 0, Path::new("events.jsonl"), Options::default())?.next_batch(0, out).map(drop)
}

pub fn redacted(seen: Observation, wall: &mut Redactor, out: &mut Outgoing) {
    wall.push(Raw::new(seen), out);
}

pub fn spooled(spool: &mut SpoolWriter, sealed: Sealed, journal: &mut Journal, events: &[Redacted]) {
    spool.push(sealed).ok();
    spool.append_journal(0, &journal.append(events).unwrap()).ok();
}

pub async fn stored(objects: &Objects, segment: &SealedSegment) -> Result<bool, ObjectError> {
    objects.put(segment).await
}

pub async fn logged(log: &Log, intent: Draft<Intent>) -> Option<Logged<Intent>> {
    log.append(intent).await.ok()
}

pub async fn released<R: CryptoRng + Send>(
    turn: Turn<'_>,
    grant: Grant,
    intent: Logged<Intent>,
    rng: &mut R,
) -> Result<Release, ReleaseError> {
    turn.release(grant, intent, 0, rng).await
}
