//! `candor show`, `candor erase`: what a participant sees and does with their own recordings.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};

use anyhow::{Result, bail};
use candor_model::header::Schema;
use candor_model::{SessionId, What};
use candor_store::{SegmentId, Spool};
use serde_json::json;

use crate::agent::own::{Content, Reader};
use crate::agent::{Home, erase};
use crate::cli::{HomeArg, Outcome, print_json};

/// Show your own recordings, and what was left out of them.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Print every event and remark of this session, one JSON object a line.
    session: Option<SessionId>,
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

/// What a session comes to.
#[derive(Debug, Default)]
struct Total {
    segments: u64,
    events: u64,
    gaps: u64,
    remarks: BTreeMap<String, u64>,
    applications: BTreeMap<String, u64>,
    last_tick: u64,
}

impl Show {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let spool = home.spool()?;
        let mut reader = Reader::new(&home)?;
        match self.session {
            Some(session) => print_session(&spool, &mut reader, session),
            None => print_sessions(&spool, &mut reader, self.json),
        }
    }
}

fn print_session(spool: &Spool, reader: &mut Reader, session: SessionId) -> Result<Outcome> {
    spool.about(session)?;
    let mut out = std::io::stdout().lock();
    for id in spool.segments().into_iter().filter(|id| id.session == session) {
        let lines: Vec<serde_json::Value> = match reader.open(spool, id)? {
            Content::Events(events) => events.iter().map(serde_json::to_value).collect::<Result<_, _>>()?,
            Content::Remarks(remarks) => {
                remarks.iter().map(|remark| Ok(json!({ "left_out": remark }))).collect::<Result<_>>()?
            }
        };
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    Ok(Outcome::Done)
}

fn print_sessions(spool: &Spool, reader: &mut Reader, as_json: bool) -> Result<Outcome> {
    let mut totals: BTreeMap<SessionId, Total> = BTreeMap::new();
    for id in spool.segments() {
        totals.entry(id.session).or_default().add(id, &reader.open(spool, id)?)?;
    }
    let mut list = Vec::new();
    for (session, total) in &totals {
        let context = spool.about(*session)?.context;
        let secs = context.clock_unit.nanos(total.last_tick) / 1_000_000_000;
        if as_json {
            list.push(json!({
                "session": session, "imported": context.imported, "segments": total.segments, "events": total.events,
                "gaps": total.gaps, "seconds": secs, "left_out": total.remarks, "applications": total.applications,
            }));
        } else {
            let kind = if context.imported { "imported" } else { "recorded" };
            println!("{session}  {kind}, {secs} s, {} events in {} segments", total.events, total.segments);
            for (rule, spans) in &total.remarks {
                println!("    left out {spans} times: {rule}");
            }
            for app in total.applications.keys() {
                println!("    named application: {app}");
            }
        }
    }
    if as_json {
        print_json(&json!({ "sessions": list }));
    } else if totals.is_empty() {
        println!("nothing is recorded on this device");
    }
    Ok(Outcome::Done)
}

impl Total {
    fn add(&mut self, id: SegmentId, content: &Content) -> Result<()> {
        self.last_tick = self.last_tick.max(content.span().map_or(0, |(_, last)| last));
        match content {
            Content::Events(events) => {
                self.segments += u64::from(id.schema == Schema::Events);
                self.events += events.len() as u64;
                for event in events {
                    match &event.what {
                        What::Gap => self.gaps += 1,
                        What::Window { app } => *self.applications.entry(app.clone()).or_default() += 1,
                        _ => {}
                    }
                }
            }
            Content::Remarks(remarks) => {
                for remark in remarks {
                    let rule = serde_json::to_value(remark.rule)?;
                    *self.remarks.entry(rule.as_str().unwrap_or_default().to_owned()).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// Erase your recordings, here and in the vault.
#[derive(Debug, clap::Args)]
pub(super) struct EraseArgs {
    /// This session.
    #[arg(long, conflicts_with = "everything", required_unless_present = "everything")]
    session: Option<SessionId>,
    /// All that was ever recorded of you in this program.
    #[arg(long)]
    everything: bool,
    /// Of the session, from this second after its start.
    #[arg(long, requires = "session", value_name = "SECONDS")]
    from: Option<f64>,
    /// Of the session, up to this second after its start.
    #[arg(long, requires = "session", value_name = "SECONDS")]
    to: Option<f64>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl EraseArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let spool = home.spool()?;
        let plan = self.plan(&home, &spool)?;
        eprintln!("this erases {} segments on this device, and what the vault has of them:", plan.segments.len());
        eprintln!("  {}", serde_json::to_string(&plan.what)?);
        eprintln!("keys of them that were released before cannot be recalled");
        if !self.yes && !confirmed()? {
            return Ok(Outcome::No);
        }
        let erased = erase::erase(&home, &spool, &plan)?;
        let confirmed = home.client().and_then(|client| erase::deliver(&home, &client));
        if let Err(error) = &confirmed {
            eprintln!("candor: erased here; the vault does not know yet: {error:#}");
            eprintln!("candor: it will be told at the next `candor upload` or `candor status`");
        }
        let receipts = confirmed.unwrap_or_default();
        let receipt = receipts.last().map(|receipt| receipt.payload());
        if self.json {
            print_json(&json!({
                "segments": erased.segments.len(), "tombstones": erased.tombstones.len(), "receipt": receipt,
            }));
        } else {
            println!("{} segments are gone from this device", erased.segments.len());
            if let Some(receipt) = receipt {
                println!("the vault erased {} segments and {} derived files", receipt.segments, receipt.files);
            }
        }
        Ok(if receipt.is_some() { Outcome::Done } else { Outcome::No })
    }

    fn plan(&self, home: &Home, spool: &Spool) -> Result<erase::Plan> {
        Ok(match (self.session, self.from, self.to) {
            (None, _, _) => erase::plan_everything(spool),
            (Some(session), None, None) => erase::plan_session(spool, session),
            (Some(session), from, to) => {
                erase::plan_span(home, spool, session, from.unwrap_or(0.0), to.unwrap_or(f64::INFINITY))?
            }
        })
    }
}

fn confirmed() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("add `--yes` to erase without being asked");
    }
    eprint!("erase? (yes/no) ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
