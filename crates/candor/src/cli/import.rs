//! `candor import FILE…`

use std::path::PathBuf;

use anyhow::{Context, Result};
use candor_capture::import::{ImportError, Options};
use candor_model::ClockUnit;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::agent::consent;
use crate::agent::import::{Imported, import};
use crate::cli::{HomeArg, Outcome, print_json};

/// Import recordings made by other tools: DuckTrack, Balabit, Aalto, ScriptLog. Each is recognised by its content.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// The recordings; each becomes a session marked as imported.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The application, among those your consent speaks of, that stands for what the file does not name.
    #[arg(long, value_name = "APPLICATION")]
    scope: String,
    /// Stop at the first malformed line, and store nothing of that file.
    #[arg(long)]
    strict: bool,
    /// Microseconds a tick of the session's clock.
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 1_000)]
    clock: u32,
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl ImportArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let options =
            Options { strict: self.strict, clock_unit: Some(ClockUnit::from_micros(self.clock)?), position_unit: None };
        let live = consent::live(&home)?;
        let spool = home.spool()?;
        let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos} events, {per_sec}")?;
        for file in &self.files {
            std::fs::File::open(file)
                .with_context(|| format!("cannot read `{}`; nothing was imported", file.display()))?;
        }
        let mut done = Vec::new();
        let mut ended = Ok(Outcome::Done);
        for file in &self.files {
            let bar = ProgressBar::no_length().with_style(style.clone()).with_message(file.display().to_string());
            let imported = import(&home, &spool, &live, file, &self.scope, options, |events| bar.set_position(events));
            bar.finish_and_clear();
            match imported {
                Ok(imported) if self.json => done.push(to_json(&imported)),
                Ok(imported) => print(&imported),
                Err(error) => {
                    ended = refused(error);
                    break;
                }
            }
        }
        // What was imported before a file failed is stored, and is told.
        if self.json {
            print_json(&json!({ "imported": done }));
        }
        ended
    }
}

/// No consent is an answer; anything else is an error.
fn refused(error: anyhow::Error) -> Result<Outcome> {
    if !error.downcast_ref::<ImportError>().is_some_and(ImportError::is_refusal) {
        return Err(error);
    }
    eprintln!("candor: {error:#}");
    Ok(Outcome::No)
}

fn print(Imported { session, report, recorded }: &Imported) {
    println!("{} ({}): session `{session}`", report.file, report.format);
    println!("  {:<28} {:.3} s", "span", report.span_secs());
    for (what, count) in report.rows().into_iter().filter(|(_, count)| *count > 0) {
        println!("  {what:<28} {count}");
    }
    for malformed in &report.malformed {
        println!("  {}:{}: {}", report.file, malformed.line, malformed.reason);
    }
    let tally = recorded.tally;
    println!("  {:<28} {} of {}, {} withheld", "stored", tally.stored, tally.captured, tally.withheld);
    println!("  {:<28} {} in {} segments", "sealed bytes", recorded.durable.segment_bytes, recorded.segments);
}

fn to_json(Imported { session, report, recorded }: &Imported) -> serde_json::Value {
    let tally = recorded.tally;
    json!({
        "session": session, "report": report, "segments": recorded.segments,
        "sealed_bytes": recorded.durable.segment_bytes,
        "captured": tally.captured, "stored": tally.stored, "withheld": tally.withheld, "dropped": tally.dropped,
    })
}
