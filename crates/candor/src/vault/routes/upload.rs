//! Taking recordings in. An answer means: the object, its key row, the chain's row and the queued log entry are durable.

use std::sync::Arc;

use anyhow::Result;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json as Answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_broker::{AcceptError, BrokerError};
use candor_model::header::{Schema, SessionContext};
use candor_model::{ConsentId, ConsentRecord, Hash, Header, IngestEntry, PublicKey, SessionId};
use candor_seal::{ChainRecord, Encapsulation, Link, RecipientRole, SealedSegment, Wrap};
use candor_store::Draft;
use candor_store::meta::{Accepted as Stored, Link as StoredLink, MetaError, NewSegment};
use ed25519_dalek::VerifyingKey;

use crate::clock;
use crate::keys;
use crate::vault::Vault;
use crate::vault::gateway::{Raw, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::vault::routes::consent::participant;
use crate::wire::{Accepted, CHAIN_HEADER, CONSENT_HEADER, WRAP_HEADER};

/// `PUT /v1/sessions/{session}/encapsulations/{number}`
pub(crate) async fn encapsulation(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Path((session, number)): Path<(String, u32)>,
    Raw(body): Raw,
) -> Result<Answer<serde_json::Value>, Failure> {
    let session = session_id(&session)?;
    if body.len() != Encapsulation::LEN {
        return Err(Failure::bad("this is no encapsulation", "send its 1120 bytes"));
    }
    if vault.register.put_encapsulation(session, number, member.device, &body).await? {
        Ok(Answer(serde_json::json!({})))
    } else {
        Err(Failure::conflict("another encapsulation has this place", "record in a session of its own"))
    }
}

/// `PUT /v1/segments/{object}`
pub(crate) async fn segment(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Path(object): Path<String>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Answer<Accepted>, Failure> {
    to_the_end(take_segment(vault, member, object, headers, body)).await
}

async fn take_segment(
    vault: Arc<Vault>,
    member: Member,
    object: String,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer<Accepted>, Failure> {
    let object: Hash = object.parse().map_err(|_| Failure::bad("the address names no hash", "update candor"))?;
    if Hash::of(&body) != object {
        return Err(Failure::bad("the body has another hash than the address says", "send it again"));
    }
    let segment = SealedSegment::parse(body.to_vec(), &verifying(&member.device_key)?)
        .map_err(|error| Failure::bad(error.to_string(), "check the spool with `candor fsck`"))?;
    let header = segment.header().clone();
    let wrap: [u8; 48] = header_bytes(&headers, WRAP_HEADER)?;
    let record: [u8; ChainRecord::LEN] = header_bytes(&headers, CHAIN_HEADER)?;
    check_owner(&header, &member)?;
    let _shared = vault.intake.read().await;
    check_consent(&vault, &header.context).await?;
    let place = Place { session: header.context.session, number: header.number, consent: header.context.consent };
    let link = Link::Segment(header.hash());
    let (record, head) = match check_chain(&vault, &member, &place, &record, link).await? {
        Chain::Next(record, head) => (record, head),
        Chain::Again(accepted) => return Ok(Answer(accepted)),
    };
    let encapsulations = vault.register.encapsulations(place.session, member.device).await?;
    let encapsulations: Vec<Encapsulation> = encapsulations
        .into_iter()
        .map(|(number, enc)| Encapsulation { role: RecipientRole::Vault, number, enc })
        .collect();
    let now = clock::unix_secs();
    // The device uploads nothing before its hold-back is over, so it is over now.
    // Its key first: what does not open, or was erased, is not stored, so nobody can fill the disk with it.
    vault.broker.accept_keys(&header, &encapsulations, &Wrap(wrap), now).await.map_err(not_accepted)?;
    vault.store.objects.put(&segment).await?;
    let bytes = segment.as_bytes().len() as u64;
    let link = StoredLink::Segment { header: header.hash(), object: Some(object), bytes };
    accept(
        &vault,
        &member,
        &place,
        NewSegment { session: place.session, number: place.number, link, record, head, received_at: now },
    )
    .await
    .map(Answer)
}

/// `PUT /v1/sessions/{session}/tombstones/{number}`
pub(crate) async fn tombstone(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Path((session, number)): Path<(String, u32)>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Answer<Accepted>, Failure> {
    let no_consent = || Failure::bad("the consent of the session is missing", "update candor");
    let consent = headers.get(CONSENT_HEADER).and_then(|value| value.to_str().ok()).ok_or_else(no_consent)?;
    let consent: ConsentId = consent.parse().map_err(|_| no_consent())?;
    let row = vault.store.meta.consent(consent).await?;
    let participant = participant(&member)?;
    row.filter(|row| row.participant == participant).ok_or_else(|| Failure::missing("consent"))?;
    let place = Place { session: session_id(&session)?, number, consent };
    let _shared = vault.intake.read().await;
    let (record, head) = match check_chain(&vault, &member, &place, &body, Link::Tombstone).await? {
        Chain::Next(record, head) => (record, head),
        Chain::Again(accepted) => return Ok(Answer(accepted)),
    };
    let link = StoredLink::Tombstone;
    let received_at = clock::unix_secs();
    let new = NewSegment { session: place.session, number, link, record, head, received_at };
    accept(&vault, &member, &place, new).await.map(Answer)
}

/// Where in which chain.
struct Place {
    session: SessionId,
    number: u32,
    consent: ConsentId,
}

/// How an upload stands to the chain.
enum Chain {
    /// It is the next link; with the head after it.
    Next(ChainRecord, Hash),
    /// Something stands there already: this very link, or what a tombstone came too late for.
    Again(Accepted),
}

fn check_owner(header: &Header, member: &Member) -> Result<(), Failure> {
    let context = &header.context;
    if context.device != member.device || Some(context.participant) != member.participant {
        return Err(Failure::forbidden("the segment is another device's or participant's", "upload from that device"));
    }
    if header.schema != Schema::Events {
        return Err(Failure::bad("remarks are for the participant alone", "keep them on the device"));
    }
    Ok(())
}

/// The consent a segment names must be stored, not withdrawn, and cover what the header claims.
async fn check_consent(vault: &Vault, context: &SessionContext) -> Result<(), Failure> {
    let refuse = |error: &str| Err(Failure::forbidden(error, "erase the session, or keep it on the device"));
    let row = vault.store.meta.consent(context.consent).await?;
    let Some(row) = row.filter(|row| row.participant == context.participant && row.hash == context.consent_hash) else {
        return refuse("the segment names a consent that is not stored here");
    };
    if row.withdrawal.is_some() {
        return refuse("the consent was withdrawn, so nothing is added");
    }
    let (program, _) = vault.register.program().await?;
    let record: ConsentRecord = serde_json::from_slice(&payload(&row.jws)?)?;
    let covered = context.purposes.intersection(record.processing.purposes) == context.purposes;
    if context.program != program.id || !covered {
        return refuse("the segment claims more than its consent allows");
    }
    if context.imported && !(record.processing.import && program.allow_import) {
        return refuse("importing is not allowed by both the consent and the program");
    }
    Ok(())
}

/// The payload of a record whose signature was checked before it was stored.
fn payload(jws: &str) -> Result<Vec<u8>> {
    let body = jws.split('.').nth(1).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.decode(body)?)
}

async fn check_chain(
    vault: &Vault,
    member: &Member,
    place: &Place,
    record: &[u8],
    link: Link,
) -> Result<Chain, Failure> {
    let broken = |error: candor_seal::ChainError| Failure::bad(error.to_string(), "check the spool with `candor fsck`");
    let record = ChainRecord::decode(record, place.number).map_err(broken)?;
    if record.link != link {
        return Err(Failure::bad("the chain record is for something else", "check the spool with `candor fsck`"));
    }
    let session = vault.store.meta.put_session(place.session, participant(member)?, member.device, place.consent).await;
    let session = session.map_err(|error| match error {
        MetaError::Taken { .. } => {
            Failure::conflict("the session belongs to another device", "record in a session of its own")
        }
        error => error.into(),
    })?;
    if place.number > session.next {
        let remedy = format!("send segment {} first", session.next);
        return Err(Failure::conflict(format!("segment {} comes too early", place.number), remedy));
    }
    if place.number < session.next {
        let rows = vault.store.meta.segments(place.session).await?;
        let there =
            rows.into_iter().find(|row| row.number == place.number).ok_or_else(|| Failure::missing("segment"))?;
        if there.record.link == link || link == Link::Tombstone {
            let record = URL_SAFE_NO_PAD.encode(there.record.encode());
            return Ok(Chain::Again(Accepted { record, again: true }));
        }
        let error = format!("another segment {} was accepted", place.number);
        return Err(Failure::conflict(error, "keep the spool and ask for help"));
    }
    let head = record.verify(session.head, place.number, &verifying(&member.device_key)?).map_err(broken)?;
    Ok(Chain::Next(record, head))
}

async fn accept(vault: &Vault, member: &Member, place: &Place, new: NewSegment) -> Result<Accepted, Failure> {
    let (header, object) = match new.link {
        StoredLink::Segment { header, object, .. } => (Some(header), object),
        StoredLink::Tombstone => (None, None),
    };
    let entry = IngestEntry {
        session: place.session,
        number: place.number,
        header,
        object,
        head: new.head,
        at: new.received_at,
    };
    let draft = Draft::new(entry, keys::random())?.about(participant(member)?);
    let record = URL_SAFE_NO_PAD.encode(new.record.encode());
    match vault.store.meta.accept_segment(&new, draft).await {
        Ok(Stored::New(queued)) => {
            // Durable in the queue is enough for the device; the checkpoint that covers it follows.
            let log = vault.store.log.clone();
            tokio::spawn(async move {
                if let Err(error) = log.wait(queued).await {
                    tracing::error!("an accepted segment is queued but not sequenced yet: {error}");
                }
            });
            Ok(Accepted { record, again: false })
        }
        Ok(Stored::Again(_)) => Ok(Accepted { record, again: true }),
        Err(error @ (MetaError::Order { .. } | MetaError::Taken { .. })) => {
            Err(Failure::conflict(error.to_string(), "send the next segment"))
        }
        Err(error) => Err(error.into()),
    }
}

fn not_accepted(error: AcceptError) -> Failure {
    match error {
        // Retrying would never help, and hold up the device's other sessions.
        AcceptError::Broker(error @ BrokerError::PeriodEnded { .. }) => {
            Failure::new(StatusCode::GONE, error.to_string(), "erase the session, or keep it on the device")
        }
        AcceptError::Broker(error) => error.into(),
        AcceptError::Erased { .. } => {
            Failure::new(StatusCode::GONE, error.to_string(), "erase it on the device too: `candor erase`")
        }
        error => Failure::bad(error.to_string(), "check the spool with `candor fsck`"),
    }
}

fn session_id(text: &str) -> Result<SessionId, Failure> {
    text.parse().map_err(|_| Failure::bad("the address names no session", "update candor"))
}

fn verifying(key: &PublicKey) -> Result<VerifyingKey> {
    Ok(VerifyingKey::from_bytes(key.as_bytes())?)
}

fn header_bytes<const N: usize>(headers: &HeaderMap, name: &str) -> Result<[u8; N], Failure> {
    headers
        .get(name)
        .and_then(|value| URL_SAFE_NO_PAD.decode(value).ok())
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Failure::bad(format!("the header `{name}` is missing or damaged"), "update candor"))
}
