//! Consents, withdrawals and leases.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::{Extension, Json as Answer};
use candor_consent::{Records, Signed, decide, sign, verify};
use candor_model::consent::Receipt;
use candor_model::program::RunState;
use candor_model::{
    ConsentEntry, ConsentRecord, Lease, LeaseRequest, ParticipantId, Program, Typ, WithdrawEntry, Withdrawal,
};
use candor_store::meta::ConsentRow;

use crate::clock;
use crate::keys;
use crate::vault::Vault;
use crate::vault::gateway::{Json, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::vault::routes::enrol::tell_broker;
use crate::wire::SignedRecord;

/// The participant a request comes from.
pub(crate) fn participant(member: &Member) -> Result<ParticipantId, Failure> {
    member.participant.ok_or_else(|| Failure::forbidden("this is for participants", "enrol as one"))
}

/// `POST /v1/consents`: the record is stored, its key pair made, the receipt signed, and all of it logged. The same
/// record again gets the same receipt, or one for a new key pair where an erasure destroyed the old one.
pub(crate) async fn give(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(SignedRecord { record }): Json<SignedRecord>,
) -> Result<Answer<SignedRecord>, Failure> {
    let participant = participant(&member)?;
    let consent: Signed<ConsentRecord> = verify(Typ::CONSENT, &record, &member.signing_key)
        .map_err(|error| Failure::bad(error.to_string(), "sign a new consent"))?;
    if consent.payload().party.opening_key != member.opening_key {
        return Err(Failure::bad("the consent names another opening key than the one enrolled", "sign a new consent"));
    }
    // A vault that died while it enrolled them may not have told its broker; telling it again changes nothing.
    tell_broker(&vault, &member).await?;
    let (program, _) = vault.register.program().await?;
    let known = vault.store.meta.consent(consent.payload().header.id).await?;
    let mut records = Records::new(&consent);
    records.withdrawals.extend(known.iter().filter_map(|row| row.withdrawal.clone()));
    let receipt = receipt(&vault, &program, &consent, participant, known.as_ref()).await?;
    records.receive(&receipt);
    drop(decide(&records, &running(program), clock::unix_secs()).map_err(|reasons| not_live(&reasons))?);
    vault.broker.put_consent(&records).await?;
    if known.as_ref().is_none_or(|row| row.receipt.as_deref() != Some(receipt.compact())) {
        let row = ConsentRow {
            id: consent.payload().header.id,
            hash: consent.hash(),
            participant,
            jws: record,
            receipt: Some(receipt.compact().to_owned()),
            withdrawal: None,
            received_at: receipt.payload().received_at,
        };
        vault.store.meta.put_consent(&row).await?;
        let entry = ConsentEntry {
            participant,
            consent: row.id,
            record: row.hash,
            receipt: receipt.hash(),
            at: row.received_at,
        };
        vault.log_about(entry, participant).await?;
    }
    Ok(Answer(SignedRecord { record: receipt.compact().to_owned() }))
}

/// The stored receipt where its key pair still exists; a new one otherwise.
async fn receipt(
    vault: &Vault,
    program: &Program,
    consent: &Signed<ConsentRecord>,
    participant: ParticipantId,
    known: Option<&ConsentRow>,
) -> Result<Signed<Receipt>> {
    let id = consent.payload().header.id;
    let period = match vault.broker.last_period(participant, id).await? {
        Some((period, false)) => period,
        Some((period, true)) => period + 1,
        None => 0,
    };
    let stored = known.and_then(|row| row.receipt.as_deref());
    let stored = stored.map(|text| verify::<Receipt>(Typ::RECEIPT, text, &vault.vault_identity().0)).transpose()?;
    if let Some(stored) = stored.filter(|stored| stored.payload().period == period) {
        return Ok(stored);
    }
    let vault_key = vault.broker.new_period(participant, id, period, &mut keys::rng()).await?;
    let receipt = Receipt {
        program: program.id,
        consent: id,
        record: consent.hash(),
        received_at: clock::unix_secs(),
        period,
        vault_key,
    };
    Ok(sign(Typ::RECEIPT, receipt, &vault.identity)?)
}

/// A pause stops recording, not deciding: one may agree while it lasts.
fn running(program: Program) -> Program {
    Program { state: RunState::Run, ..program }
}

fn not_live(reasons: &[candor_consent::Reason]) -> Failure {
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    Failure::forbidden(reasons.join("; "), "run `candor consent show`, then decide again")
}

/// `POST /v1/withdrawals`: when this is answered, no release that rests on the consent can begin.
pub(crate) async fn withdraw(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(SignedRecord { record }): Json<SignedRecord>,
) -> Result<Answer<serde_json::Value>, Failure> {
    to_the_end(take_back(vault, member, record)).await
}

async fn take_back(vault: Arc<Vault>, member: Member, record: String) -> Result<Answer<serde_json::Value>, Failure> {
    let participant = participant(&member)?;
    let withdrawal: Signed<Withdrawal> = verify(Typ::WITHDRAWAL, &record, &member.signing_key)
        .map_err(|error| Failure::bad(error.to_string(), "sign a new withdrawal"))?;
    let consent = vault.store.meta.consent(withdrawal.payload().consent).await?;
    let consent = consent.filter(|row| row.participant == participant).ok_or_else(|| Failure::missing("consent"))?;
    // No upload that saw the consent still live comes after this.
    let _alone = vault.intake.write().await;
    vault.broker.withdraw(participant, &record).await?;
    if consent.withdrawal.is_none() {
        vault.store.meta.put_withdrawal(consent.id, &record).await?;
        let at = clock::unix_secs();
        let entry = WithdrawEntry { participant, consent: consent.id, withdrawal: withdrawal.hash(), at };
        vault.log_about(entry, participant).await?;
    }
    Ok(Answer(serde_json::json!({})))
}

/// `POST /v1/leases`: at most a minute of recording, for one session, bound to the request's nonce.
pub(crate) async fn lease(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(request): Json<LeaseRequest>,
) -> Result<Answer<SignedRecord>, Failure> {
    let participant = participant(&member)?;
    if request.device != member.device {
        return Err(Failure::forbidden("the lease is asked for another device", "ask from the device that records"));
    }
    let row = vault.store.meta.consent(request.consent).await?;
    let row = row.filter(|row| row.participant == participant).ok_or_else(|| Failure::missing("consent"))?;
    let (program, _) = vault.register.program().await?;
    let records = Records {
        participant,
        signing_key: member.signing_key,
        consent: row.jws,
        receipt: row.receipt,
        withdrawals: row.withdrawal.into_iter().collect(),
    };
    // A paused program answers too, so that a device can tell a pause from a vault that is away.
    let live = decide(&records, &running(program.clone()), clock::unix_secs()).map_err(|reasons| not_live(&reasons))?;
    let lease = Lease {
        program: program.id,
        device: member.device,
        session: request.session,
        consent: live.consent(),
        consent_hash: live.hash(),
        nonce: request.nonce,
        ttl_ms: vault.config.lease_secs * 1000,
        state: program.state,
        notice: program.notice.hash,
        epoch: program.epoch,
    };
    Ok(Answer(SignedRecord { record: sign(Typ::LEASE, lease, &vault.identity)?.compact().to_owned() }))
}
