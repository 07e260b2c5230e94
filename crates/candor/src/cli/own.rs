//! `candor show`, `candor erase`: what a participant sees and does with their own recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};

use anyhow::Result;
use candor_consent::Signed;
use candor_model::header::Schema;
use candor_model::key::Key;
use candor_model::{EraseReceipt, EraseWhat, Quality, SessionId, What};
use candor_store::SegmentId;
use candor_store::spool::Erased;
use serde_json::json;

use crate::agent::own::{Content, Reader};
use crate::agent::recordings::{Keeper, Recordings};
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

/// Where something could not be looked at, and may have had to go.
pub(super) const INCOMPLETE: &str =
    "candor: something that a crash left cannot be read and may belong to it; `candor fsck` names it";

/// What a session comes to.
#[derive(Debug, Default)]
struct Total {
    segments: u64,
    events: u64,
    gaps: u64,
    /// Typed characters that redaction let pass.
    text: u64,
    /// Values that a surrogate stands for, by kind.
    surrogates: BTreeMap<&'static str, u64>,
    remarks: BTreeMap<String, u64>,
    applications: BTreeMap<String, u64>,
    /// How many segments have which verdict.
    verdicts: BTreeMap<Quality, u64>,
    last_tick: u64,
}

impl Show {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let keeper = Keeper::reach(&home)?;
        let mut reader = Reader::new(&home)?;
        match self.session {
            Some(session) => print_session(keeper.recordings(), &mut reader, session),
            None => print_sessions(&keeper, &mut reader, self.json),
        }
    }
}

fn print_session(recordings: &dyn Recordings, reader: &mut Reader, session: SessionId) -> Result<Outcome> {
    if let Err(error) = erase::check_session(recordings, session) {
        eprintln!("candor: {error}");
        return Ok(Outcome::No);
    }
    let mut out = std::io::stdout().lock();
    for id in recordings.segments().into_iter().filter(|id| id.session == session) {
        let lines: Vec<serde_json::Value> = match reader.open(recordings, id)? {
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

fn print_sessions(keeper: &Keeper, reader: &mut Reader, as_json: bool) -> Result<Outcome> {
    let recordings = keeper.recordings();
    let mut totals: BTreeMap<SessionId, Total> = BTreeMap::new();
    for id in recordings.segments() {
        totals.entry(id.session).or_default().add(id, &reader.open(recordings, id)?)?;
    }
    let mut list = Vec::new();
    for (session, total) in &totals {
        let context = recordings.context(*session)?;
        let secs = context.clock_unit.nanos(total.last_tick) / 1_000_000_000;
        if as_json {
            list.push(json!({
                "session": session, "imported": context.imported, "segments": total.segments, "events": total.events,
                "gaps": total.gaps, "text_characters": total.text, "surrogates": total.surrogates, "seconds": secs, "left_out": total.remarks, "applications": total.applications,
                "quality": total.verdicts,
            }));
        } else {
            let kind = if context.imported { "imported" } else { "recorded" };
            println!("{session}  {kind}, {secs} s, {} events in {} segments", total.events, total.segments);
            if total.text > 0 {
                println!("    let {} typed characters pass", total.text);
            }
            for (kind, values) in &total.surrogates {
                println!("    stood in {values} times: {kind}");
            }
            for (rule, spans) in &total.remarks {
                println!("    left out {spans} times: {rule}");
            }
            for (verdict, segments) in &total.verdicts {
                println!("    {segments} segments are {verdict}");
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
    if keeper.is_recorder() {
        eprintln!(
            "a recorder runs: what it records now shows once its segment is closed, in five minutes or at the next pause"
        );
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
                *self.verdicts.entry(Quality::of(events)).or_default() += 1;
                for event in events {
                    match &event.what {
                        What::Gap => self.gaps += 1,
                        What::Key { key: Key::Text(_), .. } => self.text += 1,
                        What::Surrogate { of, .. } => *self.surrogates.entry(of.as_str()).or_default() += 1,
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
    /// Of the session, from this second after its start; rounded out to whole segments, which last minutes.
    #[arg(long, requires = "session", value_name = "SECONDS", allow_negative_numbers = true)]
    from: Option<f64>,
    /// Of the session, up to this second after its start; rounded out to whole segments, which last minutes.
    #[arg(long, requires = "session", value_name = "SECONDS", allow_negative_numbers = true)]
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
        let keeper = Keeper::hold(&home)?;
        let plan = match self.decide(&home, &keeper) {
            Ok(Some(plan)) => plan,
            Ok(None) => {
                eprintln!("nothing was erased");
                return keeper.go_on().map(|()| Outcome::No);
            }
            Err(error) => return keeper.go_on().and(Err(error)),
        };
        let (erased, whole) = keeper.erase(&home, plan)?;
        if !whole {
            eprintln!("{INCOMPLETE}");
        }
        let receipts = home.client().and_then(|client| erase::deliver(&home, &client));
        if let Err(error) = &receipts {
            eprintln!("candor: erased here; the vault does not know yet: {error:#}");
            eprintln!("candor: it will be told at the next `candor upload` or `candor status`");
        }
        // A recorder that runs may have told it first: the receipt is kept with the request.
        let receipt = erase::latest_receipt(&home)?;
        if self.json {
            print_json(&report(&erased, receipt.as_ref()));
        } else {
            print_report(&erased, receipt.as_ref());
            if keeper.is_recorder() {
                println!("the recorder is paused; `candor resume` goes on");
            }
        }
        Ok(if receipt.is_some() && whole { Outcome::Done } else { Outcome::No })
    }

    /// What is to go, once that is sure; nothing where the answer is no.
    fn decide(&self, home: &Home, keeper: &Keeper) -> Result<Option<erase::Plan>> {
        let plan = match self.plan(home, keeper.recordings()) {
            Ok(plan) => plan,
            Err(error) if error.is::<erase::NoPlan>() => {
                eprintln!("candor: {error}");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        preview(home, keeper.recordings(), &plan);
        if keeper.is_recorder() {
            eprintln!("the recorder is paused meanwhile");
        }
        let sure = self.yes || asked("erase?", "add `--yes` to erase without being asked")?;
        Ok(sure.then_some(plan))
    }

    fn plan(&self, home: &Home, recordings: &dyn Recordings) -> Result<erase::Plan> {
        Ok(match (self.session, self.from, self.to) {
            (None, _, _) => erase::Plan::everything(recordings),
            (Some(session), None, None) => {
                erase::check_session(recordings, session)?;
                erase::Plan::session(recordings, session)
            }
            (Some(session), from, to) => {
                erase::plan_span(home, recordings, session, from.unwrap_or(0.0), to.unwrap_or(f64::INFINITY))?
            }
        })
    }
}

/// Says what a plan would erase.
pub(super) fn preview(home: &Home, recordings: &dyn Recordings, plan: &erase::Plan) {
    let it = erase::extent(home, recordings, plan);
    let much = format!("{} events, {} segments", it.events, it.segments);
    let seconds = format!("seconds {} to {}", it.from_secs, it.to_secs);
    match &plan.what {
        EraseWhat::Everything => eprintln!("this erases everything: {} sessions, {much}", it.sessions),
        EraseWhat::Session { session } => eprintln!("this erases session `{session}`: {seconds}, {much}"),
        EraseWhat::Spans(spans) => {
            let sessions: BTreeSet<String> = spans.iter().map(|span| format!("`{}`", span.session)).collect();
            let sessions = sessions.into_iter().collect::<Vec<_>>().join(", ");
            eprintln!("this erases {seconds} of {sessions}: {much} (whole segments, so more than you named)");
        }
    }
    if it.unreadable > 0 {
        eprintln!("{} of these segments do not open here; they go too, their events are not counted", it.unreadable);
    }
    eprintln!("it goes on this device and in the vault, with the notes of what was left out in that time");
    eprintln!("keys of it that were released before cannot be recalled");
}

fn event_segments(erased: &Erased) -> usize {
    erased.segments.iter().filter(|id| id.schema == Schema::Events).count()
}

/// What went, as JSON. Segments are event segments, as `candor show` counts them.
pub(super) fn report(erased: &Erased, receipt: Option<&Signed<EraseReceipt>>) -> serde_json::Value {
    let receipt = receipt.map(Signed::payload);
    json!({ "segments": event_segments(erased), "tombstones": erased.tombstones.len(), "receipt": receipt })
}

/// What went, in words.
pub(super) fn print_report(erased: &Erased, receipt: Option<&Signed<EraseReceipt>>) {
    println!("{} segments are gone from this device", event_segments(erased));
    print_receipt(receipt);
}

/// What the vault says went.
pub(super) fn print_receipt(receipt: Option<&Signed<EraseReceipt>>) {
    if let Some(receipt) = receipt.map(Signed::payload) {
        println!("the vault erased {} segments and {} derived files", receipt.segments, receipt.files);
    }
}

/// Asks on the terminal; only `yes` is one. Without a terminal the answer is no, and `otherwise` says what to type.
pub(super) fn asked(question: &str, otherwise: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        eprintln!("candor: there is nobody to ask here; {otherwise}");
        return Ok(false);
    }
    eprint!("{question} Type `yes`: ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

#[cfg(test)]
mod tests {
    use candor_model::event::{Press, Surrogate};
    use candor_model::key::Shape;
    use candor_model::{Actor, Event};

    use super::*;

    #[test]
    fn a_total_counts_what_passed_and_what_was_stood_in_and_holds_none_of_it() {
        let key = |press, key| What::Key { press, key };
        let value = |of, number| What::Surrogate { of, number };
        let what = [
            key(Press::Down, Key::Text('q')),
            key(Press::Up, Key::Shape(Shape::Letter)),
            key(Press::Down, Key::Shape(Shape::Digit)),
            key(Press::Down, Key::Text('7')),
            value(Surrogate::Email, 1),
            value(Surrogate::Email, 1),
            value(Surrogate::Phone, 1),
            What::Gap,
        ];
        let events = what.into_iter().map(|what| Event { at: 1, actor: Actor::Human, what }).collect();
        let id = SegmentId { session: SessionId::from_bytes([1; 16]), schema: Schema::Events, number: 0 };
        let mut total = Total::default();
        total.add(id, &Content::Events(events)).unwrap();
        assert_eq!((total.text, total.gaps, total.events), (2, 1, 8));
        assert_eq!(total.surrogates, BTreeMap::from([("EMAIL", 2), ("PHONE", 1)]));
        assert!(!format!("{total:?}").contains('q'));
    }
}
