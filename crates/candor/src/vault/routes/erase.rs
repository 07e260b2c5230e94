//! Erasing: keys first, then the objects and the marks on what was derived.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::{Extension, Json as Answer};
use candor_broker::EraseError;
use candor_consent::{Signed, sign, verify};
use candor_model::{DatasetEntry, EraseRequest, Hash, Typ};
use candor_store::meta::{Link, Statement};

use crate::clock;
use crate::keys;
use crate::vault::Vault;
use crate::vault::gateway::{Json, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::vault::routes::consent::participant;
use crate::wire::SignedRecord;

/// `POST /v1/erasures`: when this is answered, nothing of it opens any more. The same request gets the same receipt.
pub(crate) async fn erase(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(SignedRecord { record }): Json<SignedRecord>,
) -> Result<Answer<SignedRecord>, Failure> {
    to_the_end(carry_out(vault, member, record)).await
}

async fn carry_out(vault: Arc<Vault>, member: Member, record: String) -> Result<Answer<SignedRecord>, Failure> {
    let participant = participant(&member)?;
    let request: Signed<EraseRequest> = verify(Typ::ERASE, &record, &member.signing_key)
        .map_err(|error| Failure::bad(error.to_string(), "sign the request again"))?;
    let (program, _) = vault.register.program().await?;
    if request.payload().participant != participant || request.payload().program != program.id {
        return Err(Failure::forbidden("the request is another participant's or program's", "sign one of your own"));
    }
    // Whatever is being taken in is in, and erased too; whatever comes later meets the erasure at the broker.
    let _alone = vault.intake.write().await;
    if let Some(receipt) = given(&vault, request.hash()).await? {
        return Ok(Answer(SignedRecord { record: receipt }));
    }
    let erased = vault.broker.erase(&request, &mut keys::rng()).await.map_err(|error| match error {
        EraseError::OtherSigner => Failure::forbidden(error.to_string(), "sign it with the enrolled key"),
        error => error.into(),
    })?;
    let now = clock::unix_secs();
    let headers: Vec<Hash> = erased.gone.segments().iter().map(|at| at.header).collect();
    delete_objects(&vault, &headers).await?;
    vault.store.meta.erase_segments(&headers, now).await?;
    taint(&vault, &headers, now).await?;
    let receipt = erased.receipt(now);
    vault.log_about(receipt.clone(), participant).await?;
    let receipt = sign(Typ::ERASE_RECEIPT, receipt, &vault.identity)?;
    keep(&vault, &request, &record, Typ::ERASE, request.hash()).await?;
    keep(&vault, &request, receipt.compact(), Typ::ERASE_RECEIPT, receipt.hash()).await?;
    Ok(Answer(SignedRecord { record: receipt.compact().to_owned() }))
}

/// Deletes the objects while their names are still known: after a crash in here, the repeated request finds the rest.
async fn delete_objects(vault: &Vault, headers: &[Hash]) -> Result<()> {
    for header in headers {
        let row = vault.store.meta.segment(*header).await?;
        if let Some(Link::Segment { object: Some(object), .. }) = row.map(|row| row.link) {
            vault.store.objects.delete(object).await?;
        }
    }
    Ok(())
}

/// The receipt of a request that was carried out before.
async fn given(vault: &Vault, request: Hash) -> Result<Option<String>> {
    let statements = vault.store.meta.statements(request).await?;
    let receipt = statements.into_iter().find(|one| one.kind == Typ::ERASE_RECEIPT.as_str());
    Ok(receipt.map(|one| one.jws))
}

async fn keep(vault: &Vault, request: &Signed<EraseRequest>, jws: &str, typ: Typ, hash: Hash) -> Result<()> {
    let (about, kind, at) = (request.hash(), typ.as_str().to_owned(), clock::unix_secs());
    vault.store.meta.put_statement(&Statement { hash, kind, about, jws: jws.to_owned(), at }).await?;
    Ok(())
}

/// Marks every dataset that was made of the erased segments.
async fn taint(vault: &Vault, headers: &[Hash], now: u64) -> Result<()> {
    for (dataset, version) in vault.store.meta.taint(headers, "a source was erased", now).await? {
        if let Some(row) = vault.store.meta.dataset(dataset, version).await? {
            let entry = DatasetEntry { dataset, version, manifest: row.manifest, tainted: true, at: now };
            vault.log(entry).await?;
        }
    }
    Ok(())
}
