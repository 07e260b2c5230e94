//! `candor log verify`

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::cli::{HomeArg, Outcome, print_json};

/// Check the log.
#[derive(Debug, clap::Args)]
pub(super) struct LogArgs {
    #[command(subcommand)]
    verb: LogVerb,
}

#[derive(Debug, clap::Subcommand)]
enum LogVerb {
    /// Recompute the whole tree from its tiles, and check the checkpoint's signature and that it continues an older one.
    Verify {
        /// The log's folder: a vault's `log`, or a copy of what `/log/` serves.
        #[arg(long, value_name = "DIR")]
        log: PathBuf,
        /// The log's key; where it is not named, the one that your candor folder knows.
        #[arg(long)]
        key: Option<String>,
        /// A checkpoint kept from earlier.
        #[arg(long, value_name = "FILE")]
        older: Option<PathBuf>,
        #[command(flatten)]
        home: HomeArg,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

impl LogArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        let LogVerb::Verify { log, key, older, home, json } = self.verb;
        let key = match key {
            Some(key) => key,
            None => home.open()?.program()?.1.log_key,
        };
        // What is no log, or no key, says nothing about tampering.
        if !log.join("checkpoint").is_file() {
            bail!("there is no log in `{}`; in a vault it is the folder `log`", log.display());
        }
        if key.split('+').count() < 3 {
            bail!("this is no verifier key; it has the form NAME+HASH+KEY");
        }
        let older = older.map(|path| std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display())));
        let report = match candor_store::log::verify(&log, &key, older.transpose()?.as_deref()) {
            Ok(report) => report,
            Err(error) => {
                eprintln!("candor: the log does not verify: {error}");
                return Ok(Outcome::No);
            }
        };
        if json {
            let kinds: serde_json::Map<String, serde_json::Value> =
                report.kinds.iter().map(|(kind, count)| (kind.as_str().to_owned(), (*count).into())).collect();
            print_json(&json!({
                "origin": report.origin, "entries": report.entries, "root": report.root, "kinds": kinds,
                "continues": report.continues, "verified": true,
            }));
        } else {
            println!("{}: {} entries, root `{}`", report.origin, report.entries, report.root);
            for (kind, count) in report.kinds.iter().filter(|(_, count)| *count > 0) {
                println!("  {kind:<10} {count}");
            }
            match report.continues {
                Some(size) => println!("it continues the checkpoint of {size} entries that you kept"),
                None => println!("verified; keep its checkpoint, and name it with `--older` next time"),
            }
        }
        Ok(Outcome::Done)
    }
}
