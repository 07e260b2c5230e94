//! Datasets: registered with their lineage and the keys of their files, so that an erasure reaches them.

use std::sync::Arc;

use anyhow::Result;
use axum::Json as Answer;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_broker::BrokerError;
use candor_model::{DatasetEntry, FileRef, Hash};
use candor_seal::Dek;
use candor_store::meta::{DatasetRow, MetaError};
use zeroize::Zeroizing;

use crate::clock;
use crate::vault::Vault;
use crate::vault::gateway::Json;
use crate::vault::problem::Failure;
use crate::wire::{DatasetListed, DatasetRegistered};

/// `POST /v1/datasets`
pub(crate) async fn register(
    State(vault): State<Arc<Vault>>,
    Json(asked): Json<DatasetRegistered>,
) -> Result<Answer<serde_json::Value>, Failure> {
    let malformed = |_| Failure::bad("a part of the dataset is not base64url", "update candor");
    let mut sources: Vec<Hash> = asked.files.iter().flat_map(|file| file.sources.iter().copied()).collect();
    sources.sort_unstable();
    sources.dedup();
    let row = DatasetRow {
        id: asked.dataset,
        version: asked.version,
        manifest: asked.manifest,
        provenance: URL_SAFE_NO_PAD.decode(&asked.provenance).map_err(malformed)?,
        purpose: asked.purpose,
        created_at: clock::unix_secs(),
        expires_at: asked.expires_at,
        taint: None,
    };
    for file in &asked.files {
        let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(&file.key.0).map_err(malformed)?);
        let key = <[u8; 32]>::try_from(key.as_slice());
        let key = Dek::from_bytes(key.map_err(|_| Failure::bad("a file's key is not 32 bytes", "update candor"))?);
        let at = FileRef { dataset: asked.dataset, file: file.file };
        match vault.broker.store_file_key(&at, &key, &file.sources, asked.expires_at).await {
            Ok(_) => {}
            Err(error @ (BrokerError::Sources | BrokerError::OtherFile)) => {
                return Err(Failure::conflict(error.to_string(), "build the dataset again"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    vault.store.meta.put_dataset(&row, &sources).await.map_err(|error| match error {
        MetaError::Taken { .. } => Failure::conflict("this version is registered", "register the next version"),
        error => error.into(),
    })?;
    let DatasetRow { id: dataset, version, manifest, created_at: at, .. } = row;
    vault.log(DatasetEntry { dataset, version, manifest, tainted: false, at }).await?;
    Ok(Answer(serde_json::json!({})))
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
