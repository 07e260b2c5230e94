//! The log as C2SP tlog-tiles lays it out: static files, for everybody.

use std::sync::Arc;

use axum::extract::{Path, State};

use crate::vault::Vault;
use crate::vault::problem::Failure;

/// `GET /log/checkpoint`
pub(crate) async fn checkpoint(State(vault): State<Arc<Vault>>) -> Result<Vec<u8>, Failure> {
    Ok(vault.store.log.checkpoint()?)
}

/// `GET /log/tile/…`
pub(crate) async fn tile(State(vault): State<Arc<Vault>>, Path(path): Path<String>) -> Result<Vec<u8>, Failure> {
    // `tile/<level or entries>/<x001/…/nnn>[.p/<width>]`: nothing else names a file here.
    let part = |part: &str| {
        part == "entries"
            || (!part.is_empty() && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'x' | b'.' | b'p')))
    };
    if path.len() > 100 || !path.split('/').all(|it| part(it) && it != "." && it != "..") {
        return Err(Failure::missing("tile"));
    }
    tokio::fs::read(vault.store.log.dir().join("tile").join(path)).await.map_err(|_| Failure::missing("tile"))
}
