//! `candor upload`, `candor status`, `candor fsck`

use anyhow::Result;
use candor_store::spool::{Condition, Now, SegmentState};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

#[cfg(feature = "device")]
use crate::agent::live;
use crate::agent::uploader::{self, Patience, Progress};
use crate::agent::{Home, consent, erase, spool_report};
use crate::cli::{HomeArg, Outcome, print_json, when};

/// Bring what is past its hold-back to the vault.
///
/// Waits for a vault that is away; stop it at any time, and the next run goes on where this one was.
#[derive(Debug, clap::Args)]
pub(super) struct UploadArgs {
    #[command(flatten)]
    home: HomeArg,
    /// Stop at the first time the vault is not reached.
    #[arg(long)]
    once: bool,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl UploadArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        #[cfg(feature = "device")]
        let spool = match live::reach(&home, live::Request::Upload)? {
            live::Reached::Spool(spool) => spool,
            live::Reached::Recorder(said) => return Ok(self.leave_to(said)),
        };
        #[cfg(not(feature = "device"))]
        let spool = home.spool()?;
        let bar =
            ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {bytes_per_sec} {msg}")?);
        let mut watch = |progress: Progress<'_>| match progress {
            Progress::Ready(count) => {
                bar.set_length(bar.position() + count as u64);
                bar.set_message("");
            }
            Progress::Sent => bar.inc(1),
            Progress::Waiting(error, wait) => bar.set_message(format!("{error}; again in {} s", wait.as_secs() + 1)),
        };
        let patience = if self.once { Patience::Once } else { Patience::Forever };
        // Decisions go before data: a withdrawal must not wait behind recordings.
        let client = home.client()?;
        if let Err(error) = erase::deliver_decisions(&home, &client) {
            eprintln!("candor: {error:#}");
            if !self.once {
                eprintln!(
                    "candor: what is due waits for the vault; Ctrl-C ends this and loses nothing, `--once` does not wait"
                );
            }
        }
        let done = uploader::run(&home, &spool, patience, &mut watch)?;
        bar.finish_and_clear();
        let held = spool.status(&Now::read()?)?;
        let held = held.iter().filter(|one| matches!(one.state, SegmentState::Held { .. })).count();
        for (session, why) in &done.refused {
            eprintln!("candor: the vault refused session `{session}`, which stays here: {why}");
        }
        if self.json {
            let refused: Vec<_> =
                done.refused.iter().map(|(session, why)| json!({ "session": session, "why": why })).collect();
            print_json(&json!({ "sent": done.sent, "bytes": done.bytes, "held_back": held, "refused": refused }));
        } else {
            println!("{} segments ({} bytes) uploaded; {held} held back", done.sent, done.bytes);
        }
        Ok(if done.refused.is_empty() { Outcome::Done } else { Outcome::No })
    }
}

#[cfg(feature = "device")]
impl UploadArgs {
    /// A recorder that runs uploads by itself what is due, and was told to look now.
    fn leave_to(&self, mut said: serde_json::Value) -> Outcome {
        let mut take = |name| said.as_object_mut().and_then(|said| said.remove(name)).unwrap_or_default();
        let (spool, refused) = (take("spool"), take("refused"));
        let any = refused.as_array().is_some_and(|refused| !refused.is_empty());
        if self.json {
            let held = spool.get("held_back").cloned();
            print_json(
                &json!({ "recorder": said.get("recorder"), "held_back": held, "refused": refused, "spool": spool }),
            );
        } else {
            println!(
                "the recorder that runs uploads each minute what is due, and looks now; `candor status` counts it"
            );
            if any {
                println!("the vault refused some sessions at the last attempt; `candor status --json` names them");
            }
        }
        if any { Outcome::No } else { Outcome::Done }
    }
}

/// Show whether recording is possible, what is stored and what waits.
#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl StatusArgs {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        let reached = home.client().and_then(|client| {
            home.refresh_program(&client)?;
            if home.member().participant.is_some() {
                erase::deliver_decisions(&home, &client)?;
            }
            Ok(())
        });
        let (program, _) = home.program()?;
        let live = if home.member().participant.is_some() { Some(consent::live(&home)) } else { None };
        let mut report = json!({
            "role": home.member().role, "program": program.name, "state": program.state,
            "vault_reached": reached.is_ok(), "url": home.member().url,
        });
        if let Some(live) = &live {
            extend(
                &mut report,
                json!({
                    "consent": live.is_ok(), "why_not": live.as_ref().err().map(ToString::to_string),
                    "erasures_unconfirmed": erase::undelivered(&home)?,
                }),
            );
            extend(&mut report, recorder_report(&home)?);
        }
        if self.json {
            print_json(&report);
        } else {
            print_status(&report);
        }
        Ok(match live {
            Some(Err(_)) => Outcome::No,
            _ => Outcome::Done,
        })
    }
}

/// What a recorder that runs says of itself; else what the spool holds.
fn recorder_report(home: &Home) -> Result<serde_json::Value> {
    #[cfg(feature = "device")]
    let spool = match live::reach(home, live::Request::Status)? {
        live::Reached::Spool(spool) => spool,
        live::Reached::Recorder(mut said) => {
            let spool = said.as_object_mut().and_then(|said| said.remove("spool"));
            extend(&mut said, spool.unwrap_or_default());
            return Ok(said);
        }
    };
    #[cfg(not(feature = "device"))]
    let spool = home.spool()?;
    let mut report = json!({ "recorder": "stopped" });
    extend(&mut report, spool_report(&spool, &Now::read()?)?);
    Ok(report)
}

fn extend(report: &mut serde_json::Value, more: serde_json::Value) {
    if let (Some(report), serde_json::Value::Object(more)) = (report.as_object_mut(), more) {
        report.extend(more);
    }
}

fn print_status(report: &serde_json::Value) {
    for (name, value) in report.as_object().into_iter().flatten() {
        let text = match (name.as_str(), value) {
            (_, serde_json::Value::Null) => continue,
            ("last_stored_at", value) => value.as_u64().map(when).unwrap_or_default(),
            (_, serde_json::Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        };
        println!("{:<22} {text}", name.replace('_', " "));
    }
}

/// Look at every file of your spool, and change none.
#[derive(Debug, clap::Args)]
pub(super) struct Fsck {
    #[command(flatten)]
    home: HomeArg,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

impl Fsck {
    pub(super) fn run(self) -> Result<Outcome> {
        let home = self.home.open()?;
        // Not `home.spool()`: that recovers, and this changes nothing that was recorded.
        let fresh = candor_seal::ShelfKey::generate(&mut crate::keys::rng());
        let spool = candor_store::Spool::open(&home.dir().join("spool"), &fresh)?;
        let findings = spool.fsck()?;
        let bad: Vec<_> = findings.iter().filter(|one| one.condition != Condition::Ok).collect();
        let word = |condition: &Condition| match condition {
            Condition::Ok => "ok".to_owned(),
            Condition::Torn => "torn by a crash; the next recording or upload recovers it".to_owned(),
            Condition::Damaged(why) => format!("damaged: {why}"),
            Condition::Unknown => "not a file of the spool; left alone".to_owned(),
        };
        if self.json {
            let list: Vec<_> =
                bad.iter().map(|one| json!({ "path": one.path, "condition": word(&one.condition) })).collect();
            print_json(&json!({ "files": findings.len(), "findings": list }));
        } else {
            for one in &bad {
                println!("{}: {}", one.path.display(), word(&one.condition));
            }
            println!("{} files, {} of them not in order", findings.len(), bad.len());
        }
        Ok(if bad.is_empty() { Outcome::Done } else { Outcome::No })
    }
}
