//! Asking for a lease. The time it counts from is taken before the request is sent.

use anyhow::Result;
use candor_consent::{LiveConsent, LiveLease};
use candor_model::{LeaseRequest, Nonce, SessionId};

use crate::agent::client::Client;
use crate::agent::home::Home;
use crate::wire::SignedRecord;
use crate::{clock, keys};

/// Asks the vault for a lease to record `session` under `consent`.
///
/// # Errors
/// Where the vault is not reached, refuses, or answers something else than this request.
#[cfg_attr(not(feature = "device"), expect(dead_code, reason = "only the recorder asks"))]
pub(crate) fn ask(home: &Home, client: &Client, consent: &LiveConsent, session: SessionId) -> Result<LiveLease> {
    let nonce = Nonce::from_bytes(keys::random());
    let request = LeaseRequest { session, device: home.member().device, consent: consent.consent(), nonce };
    let sent_at_ms = clock::boottime_ms();
    let answer: SignedRecord = client.post("/v1/leases", &request)?;
    Ok(LiveLease::accept(&answer.record, &request, consent, sent_at_ms)?)
}
