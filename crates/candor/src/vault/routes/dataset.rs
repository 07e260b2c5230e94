//! Datasets: registered with their lineage and the keys of their files, so that an erasure reaches them.

use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::{Extension, Json as Answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_broker::{BrokerError, DerivedFile};
use candor_model::{DatasetEntry, DatasetId, FileRef, Hash, PrincipalId};
use candor_seal::Dek;
use candor_store::meta::{DatasetRow, MetaError};
use zeroize::Zeroizing;

use crate::clock;
use crate::vault::Vault;
use crate::vault::gateway::{Json, to_the_end};
use crate::vault::problem::Failure;
use crate::vault::register::Member;
use crate::wire::{DatasetListed, DatasetRegistered, FileRegistered};

/// `POST /v1/datasets`
pub(crate) async fn register(
    State(vault): State<Arc<Vault>>,
    Extension(member): Extension<Member>,
    Json(asked): Json<DatasetRegistered>,
) -> Result<Answer<serde_json::Value>, Failure> {
    let builder = member.principal.ok_or_else(|| Failure::forbidden("only builders build", "ask a builder"))?;
    to_the_end(enter(vault, builder, asked)).await
}

async fn enter(
    vault: Arc<Vault>,
    builder: PrincipalId,
    asked: DatasetRegistered,
) -> Result<Answer<serde_json::Value>, Failure> {
    let mut sources: Vec<Hash> = asked.files.iter().flat_map(|file| file.sources.iter().copied()).collect();
    sources.sort_unstable();
    sources.dedup();
    if asked.files.is_empty() {
        return Err(Failure::bad("a dataset without files is none", "name its files and what they were made from"));
    }
    // Whoever never had the keys of its sources made no dataset of them.
    if !vault.register.were_granted(builder, &sources).await? {
        return Err(Failure::forbidden("its sources were not all released to you", "build it from what was released"));
    }
    // No erasure comes between the keys and the lineage that taints.
    let _shared = vault.intake.read().await;
    if vault.store.meta.dataset(asked.dataset, asked.version).await?.is_some() {
        return Err(taken());
    }
    let files = asked.files.iter().map(|file| derived(asked.dataset, file)).collect::<Result<Vec<_>, _>>()?;
    let terms = match vault.broker.store_file_keys(&files, asked.expires_at).await {
        Ok(terms) => terms,
        Err(error @ (BrokerError::Sources | BrokerError::OtherFile)) => {
            return Err(Failure::conflict(error.to_string(), "build the dataset again"));
        }
        Err(error) => return Err(error.into()),
    };
    let row = DatasetRow {
        id: asked.dataset,
        version: asked.version,
        manifest: asked.manifest,
        provenance: URL_SAFE_NO_PAD.decode(&asked.provenance).map_err(malformed)?,
        purpose: asked.purpose,
        created_at: clock::unix_secs(),
        // The broker's figure: no later than any source's consent, whatever the builder says.
        expires_at: terms.iter().map(|terms| terms.not_after).fold(asked.expires_at, u64::min),
        taint: None,
    };
    vault.store.meta.put_dataset(&row, &sources).await.map_err(|error| match error {
        MetaError::Taken { .. } => taken(),
        error => error.into(),
    })?;
    let DatasetRow { id: dataset, version, manifest, created_at: at, .. } = row;
    vault.log(DatasetEntry { dataset, version, manifest, tainted: false, at }).await?;
    Ok(Answer(serde_json::json!({})))
}

fn malformed(_: base64::DecodeError) -> Failure {
    Failure::bad("a part of the dataset is not base64url", "update candor")
}

fn taken() -> Failure {
    Failure::conflict("this version is registered", "register the next version")
}

fn derived(dataset: DatasetId, file: &FileRegistered) -> Result<DerivedFile, Failure> {
    let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(&file.key.0).map_err(malformed)?);
    let key = <[u8; 32]>::try_from(key.as_slice());
    let key = key.map_err(|_| Failure::bad("a file's key is not 32 bytes", "update candor"))?;
    let file_ref = FileRef { dataset, file: file.file };
    Ok(DerivedFile { file: file_ref, key: Dek::from_bytes(key), sources: file.sources.clone() })
}

/// `GET /v1/datasets`
pub(crate) async fn list(State(vault): State<Arc<Vault>>) -> Result<Answer<Vec<DatasetListed>>, Failure> {
    let rows = vault.store.meta.datasets().await?;
    let list = rows.into_iter().map(|row| DatasetListed {
        dataset: row.id,
        version: row.version,
        manifest: row.manifest,
        purpose: row.purpose,
        expires_at: row.expires_at,
        tainted: row.taint.is_some(),
    });
    Ok(Answer(list.collect()))
}
