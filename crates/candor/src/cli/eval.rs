//! `candor eval`

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::Outcome;
use crate::eval::formats::Format;
use crate::eval::replay::{self, ReplayFormat};
use crate::eval::{keyleak, redact, reident};

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
    /// How much of what people have marked in texts can be read from the keys that type it, once past the wall.
    ///
    /// A simulated person types the texts with the rhythms of real ones, errs, corrects late, moves the caret, selects,
    /// pastes, types values and deletes them, fills a card into four fields, leaves half-way through, and enters passwords.
    /// `span_recall` speaks of the spans that the detectors cover in the finished text, `span_recall_all` of all. The same
    /// seed and files give the same figures, but for `us_per_event`.
    Keyleak {
        /// Labelled texts: files, or folders of them.
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        texts: Vec<PathBuf>,
        /// How they are written.
        #[arg(long, value_enum)]
        format: Format,
        /// A folder of Aalto recordings, for the rhythms.
        #[arg(long, value_name = "DIR")]
        typing: PathBuf,
        /// Slips a character, 0 to 1.
        #[arg(long, value_name = "R", default_value_t = 0.05, value_parser = share)]
        typo_rate: f64,
        /// What chance begins with.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Let things happen that the source does not tell: clicks, unknown keys, undo, pastes, overwriting.
        #[arg(long)]
        out_of_step: bool,
        /// Type at most so many texts, evenly spread over the files.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        /// Write what was typed and what came out to `truth.jsonl` and `outgoing.jsonl` in this folder, readable by anybody
        /// who can read the folder: the texts, and made-up values among them.
        #[arg(long, value_name = "DIR")]
        dump: Option<PathBuf>,
        /// Print a JSON object on the last line.
        #[arg(long)]
        json: bool,
    },
    /// Rebuild the texts of recorded typing from the keys alone.
    Replay(ReplayArgs),
    /// Try to tell whose recordings are whose from what a dataset shows of them.
    Reident {
        /// Whose recordings.
        #[arg(long)]
        format: reident::Format,
        /// The folder that holds them.
        dir: PathBuf,
        /// Attack what a dataset shows (default).
        #[arg(long, conflicts_with = "raw")]
        released: bool,
        /// Attack the recordings themselves: shows what the attackers can do.
        #[arg(long)]
        raw: bool,
        /// Print one JSON object on the last line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct ReplayArgs {
    /// Whose recordings.
    #[arg(long, value_enum)]
    format: ReplayFormat,
    /// Print one JSON object, too.
    #[arg(long)]
    json: bool,
    /// Files, or folders that hold them.
    #[arg(required = true, value_name = "DIR|FILE")]
    paths: Vec<PathBuf>,
}

/// A share from 0 to 1.
fn share(word: &str) -> Result<f64, String> {
    let share = word.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share lies between 0 and 1".to_owned()) }
}

impl EvalArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        match self.what {
            Eval::Redact { format, files, json } => redact::redact(format, &files)?.print(json),
            Eval::Keyleak { texts, format, typing, typo_rate, seed, out_of_step, limit, dump, json } => {
                let settings = keyleak::Settings { texts, format, typing, typo_rate, seed, out_of_step, limit, dump };
                keyleak::keyleak(&settings)?.print(json);
            }
            Eval::Replay(args) => {
                let sections = replay::replay(args.format, &args.paths)?;
                replay::report(args.format, &sections).print(args.json);
            }
            Eval::Reident { format, dir, released: _, raw, json } => {
                reident::run(format, &dir, raw)?.print(json);
            }
        }
        Ok(Outcome::Done)
    }
}
