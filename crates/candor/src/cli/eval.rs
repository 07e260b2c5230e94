//! `candor eval`

use anyhow::Result;

use crate::cli::Outcome;

/// Measure how well what Candor promises is kept, on data of others.
#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    #[command(subcommand)]
    what: Eval,
}

#[derive(Debug, clap::Subcommand)]
enum Eval {}

impl EvalArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.what {}
    }
}
