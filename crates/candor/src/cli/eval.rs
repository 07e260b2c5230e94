//! `candor eval`

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::Outcome;
use crate::eval::formats::Format;
use crate::eval::redact;

/// Measure how well what Candor promises is kept, on data of others.
#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    #[command(subcommand)]
    what: Eval,
}

#[derive(Debug, clap::Subcommand)]
enum Eval {
    /// How much of what people have marked in texts the detectors find, and how much else.
    ///
    /// Claimed are e-mail, web, IP and hardware addresses, telephone numbers, cards, accounts, national and personal ids,
    /// names, postal addresses, dates of birth, secrets and passwords. Types without a detector (organisations, places
    /// without a street, ages, titles, professions) have a row of their own and do not count in `recall/all`.
    Redact {
        /// How the files are written.
        #[arg(long, value_enum)]
        format: Format,
        /// Files, or folders of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print a JSON object on the last line.
        #[arg(long)]
        json: bool,
    },
}

impl EvalArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.what {
            Eval::Redact { format, files, json } => redact::redact(format, &files)?.print(json),
        }
        Ok(Outcome::Done)
    }
}
