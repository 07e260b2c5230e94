//! The program: what it is, and whether it runs.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use candor_model::program::RunState;
use serde::{Deserialize, Serialize};

use crate::vault::Vault;
use crate::vault::gateway::Json;
use crate::vault::problem::Failure;
use crate::wire::ProgramAnswer;

/// `GET /v1/program`
pub(crate) async fn get(State(vault): State<Arc<Vault>>) -> Result<Answer<ProgramAnswer>, Failure> {
    Ok(Answer(vault.program_answer().await?))
}

/// `POST /v1/state`, both ways.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateChange {
    /// Whether the program shall run.
    pub(crate) state: RunState,
}

/// What holds now.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateNow {
    /// Whether the program runs.
    pub(crate) state: RunState,
    /// The program's epoch.
    pub(crate) epoch: u64,
}

/// `POST /v1/state`: answered when no lease can be renewed and no release can begin any more.
pub(crate) async fn set_state(
    State(vault): State<Arc<Vault>>,
    Json(change): Json<StateChange>,
) -> Result<Answer<StateNow>, Failure> {
    let program = vault.set_state(change.state).await?;
    Ok(Answer(StateNow { state: program.state, epoch: program.epoch }))
}
