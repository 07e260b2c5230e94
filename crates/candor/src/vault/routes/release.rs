//! Approvals and releases: the policy decides, the intent is logged, and only then keys leave.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{Path, State};
use axum::{Extension, Json as Answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::{Signed, verify};
use candor_model::{
    Approval, ConsentRecord, Hash, PrincipalId, RefusalEntry, ReleaseEntry, ReleaseRequest, SegmentRef, Selection, Typ,
};
use candor_policy::{Grant, Records, decide};
use candor_store::meta::{Link, Statement};

use crate::clock;
use crate::invitation::Role;
use crate::keys;
use crate::vault::Vault;
use crate::vault::gateway::{Json, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::wire::{ReleaseAsked, Released, ReleasedSegment, SegmentListed, SignedRecord};

fn principal(member: &Member) -> Result<PrincipalId, Failure> {
    member.principal.ok_or_else(|| Failure::forbidden("this is not for participants", "ask a builder or custodian"))
}

/// `POST /v1/approvals`
pub(crate) async fn approve(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(SignedRecord { record }): Json<SignedRecord>,
) -> Result<Answer<serde_json::Value>, Failure> {
    let approval: Signed<Approval> = verify(Typ::APPROVAL, &record, &member.signing_key)
        .map_err(|error| Failure::bad(error.to_string(), "sign the approval again"))?;
    let said = approval.payload();
    if said.custodian != principal(&member)? || member.role != Role::Custodian(said.role) {
        return Err(Failure::forbidden("the approval names another custodian or role", "approve in your own name"));
    }
    let statement = Statement {
        hash: approval.hash(),
        kind: Typ::APPROVAL.as_str().to_owned(),
        about: said.request,
        jws: record,
        at: clock::unix_secs(),
    };
    if vault.store.meta.put_statement(&statement).await? {
        vault.log(approval.into_payload()).await?;
    }
    Ok(Answer(serde_json::json!({})))
}

/// `POST /v1/releases`
pub(crate) async fn release(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(asked): Json<ReleaseAsked>,
) -> Result<Answer<Released>, Failure> {
    to_the_end(give_out(vault, member, asked)).await
}

async fn give_out(vault: Arc<Vault>, member: Member, asked: ReleaseAsked) -> Result<Answer<Released>, Failure> {
    let ReleaseAsked { request, selection } = asked;
    let builder = principal(&member)?;
    let request: Signed<ReleaseRequest> = verify(Typ::REQUEST, &request, &member.signing_key)
        .map_err(|error| Failure::bad(error.to_string(), "sign the request again"))?;
    if request.payload().builder != builder {
        return Err(Failure::forbidden("the request names another builder", "ask in your own name"));
    }
    let records = vault.broker.records(&selection).await?;
    let grant = match granted(&vault, &records, &request, &selection).await? {
        Ok(grant) => grant,
        Err(refusal) => {
            refuse(&vault, &request, &refusal).await?;
            return Err(Failure::forbidden(refusal.to_string(), "ask the custodians, or ask for less"));
        }
    };
    let segments = described(&vault, &records, &selection).await?;
    let headers: Vec<Hash> = selection.segments().iter().map(|at| at.header).collect();
    vault.register.put_granted(builder, &headers, grant.expires()).await?;
    // The turn is taken only for logging and releasing: everybody's releases go one by one through here.
    let turn = vault.broker.turn().await;
    let intent = match vault.log(grant.intent(turn.counter())).await {
        Ok(intent) => intent,
        Err(error) => {
            turn.give_up(&vault.store.meta, &mut keys::rng()).await?;
            return Err(error.into());
        }
    };
    let (leaf, counter) = (intent.leaf_hash(), intent.entry().counter);
    let released = turn.release(grant, intent, clock::unix_secs(), &mut keys::rng()).await;
    let keys = released.as_ref().map_or(0, |release| release.keys.wraps.len() as u64);
    vault.log(ReleaseEntry { intent: leaf, counter, keys, at: clock::unix_secs() }).await?;
    let release = released.map_err(|error| match error {
        candor_broker::ReleaseError::Broker(error) => Failure::from(error),
        error => Failure::forbidden(error.to_string(), "ask again; no key left"),
    })?;
    Ok(Answer(Released {
        intent: release.intent,
        counter: release.counter,
        enc: URL_SAFE_NO_PAD.encode(&release.keys.enc),
        wraps: release.keys.wraps.iter().map(|(hash, wrap)| (*hash, URL_SAFE_NO_PAD.encode(wrap.0))).collect(),
        segments,
        provenance_key: vault.provenance_key()?,
    }))
}

async fn granted(
    vault: &Vault,
    records: &Records,
    request: &Signed<ReleaseRequest>,
    selection: &Selection,
) -> Result<Result<Grant, candor_policy::Refusal>> {
    let statements = vault.store.meta.statements(request.hash()).await?;
    // One that no registered custodian signed in their own name counts for nothing.
    let approvals: Vec<_> = statements.iter().filter_map(|one| records.read_approval(&one.jws).ok()).collect();
    Ok(decide(records, request, selection, &approvals, clock::unix_secs()))
}

/// Where each segment lies, who signed it, and until when it may be used.
async fn described(vault: &Vault, records: &Records, selection: &Selection) -> Result<Vec<ReleasedSegment>> {
    let devices: BTreeMap<_, _> =
        vault.register.members().await?.into_iter().map(|member| (member.device, member.device_key)).collect();
    let mut described = Vec::with_capacity(selection.segments().len());
    for at in selection.segments() {
        let session = vault.store.meta.session(at.session).await?.context("a granted segment has a session")?;
        let object = vault.store.meta.segment(at.header).await?.and_then(|row| match row.link {
            Link::Segment { object, .. } => object,
            Link::Tombstone => None,
        });
        described.push(ReleasedSegment {
            header: at.header,
            object: object.context("a granted segment has an object")?,
            device_key: *devices.get(&session.device).context("a segment's device is enrolled")?,
            expires: expires(records, at).context("a granted segment rests on a consent")?,
        });
    }
    Ok(described)
}

/// When the consents a segment was sealed under expire.
fn expires(records: &Records, at: &SegmentRef) -> Option<u64> {
    let material = records.segments.get(at)?;
    let consents = &records.subjects.get(&material.participant)?.consents;
    let ends = consents.iter().filter_map(|one| {
        let signed = verify::<ConsentRecord>(Typ::CONSENT, &one.consent, &one.signing_key).ok()?;
        let named = material.consents.iter().any(|consent| consent.hash == signed.hash());
        named.then(|| signed.payload().event.validity.not_after)
    });
    ends.min()
}

async fn refuse(vault: &Vault, request: &Signed<ReleaseRequest>, refusal: &candor_policy::Refusal) -> Result<()> {
    let reasons = refusal.reasons.iter().map(|reason| reason.as_str().to_owned()).collect();
    let builder = request.payload().builder;
    vault.log(RefusalEntry { request: request.hash(), builder, reasons, at: clock::unix_secs() }).await?;
    Ok(())
}

/// `GET /v1/segments`: what a request can ask for. It names no person.
pub(crate) async fn list(State(vault): State<Arc<Vault>>) -> Result<Answer<Vec<SegmentListed>>, Failure> {
    let mut list = Vec::new();
    for member in vault.register.members().await? {
        let Some(participant) = member.participant else { continue };
        for session in vault.store.meta.sessions(participant).await? {
            for row in vault.store.meta.segments(session.session).await? {
                if let Link::Segment { header, object: Some(object), bytes } = row.link {
                    list.push(SegmentListed { session: row.session, number: row.number, header, object, bytes });
                }
            }
        }
    }
    // The order of members would tell which sessions are one person's.
    list.sort_by_key(|one| (one.session, one.number));
    Ok(Answer(list))
}

/// `GET /v1/objects/{object}`: ciphertext, for the participant whose it is, and for a builder who was granted it.
pub(crate) async fn object(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Path(object): Path<String>,
) -> Result<Vec<u8>, Failure> {
    let missing = || Failure::missing("object");
    let object: Hash = object.parse().map_err(|_| missing())?;
    let row = vault.store.meta.segment_by_object(object).await?.ok_or_else(missing)?;
    let Link::Segment { header, .. } = row.link else { return Err(missing()) };
    let allowed = match (member.participant, member.principal) {
        (Some(own), _) => vault.store.meta.session(row.session).await?.is_some_and(|row| row.participant == own),
        (None, Some(builder)) => vault.register.is_granted(builder, header, clock::unix_secs()).await?,
        (None, None) => false,
    };
    if allowed { Ok(vault.store.objects.get(object).await?) } else { Err(missing()) }
}
