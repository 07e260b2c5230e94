//! Truth and outgoing records as files, so that somebody else can score them.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::truth::{By, Session};
use super::wall::Outcome;

/// Two files that appear when everything is in them.
pub(super) struct Dump {
    dir: PathBuf,
    truth: BufWriter<NamedTempFile>,
    outgoing: BufWriter<NamedTempFile>,
}

impl Dump {
    /// Makes the folder where there is none.
    pub(super) fn new(dir: &Path) -> Result<Self> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder `{}`", dir.display()))?;
        let file = || {
            NamedTempFile::new_in(dir)
                .map(BufWriter::new)
                .with_context(|| format!("cannot make a file in `{}`", dir.display()))
        };
        Ok(Self { dir: dir.to_owned(), truth: file()?, outgoing: file()? })
    }

    /// Adds a session.
    pub(super) fn add(&mut self, id: usize, session: &Session, outcome: &Outcome) -> Result<()> {
        line(&mut self.truth, &truth(id, session)).context("cannot write the truth")?;
        line(&mut self.outgoing, &outgoing(id, outcome)).context("cannot write the outgoing records")
    }

    /// Gives both files their names.
    pub(super) fn finish(self) -> Result<()> {
        for (file, name) in [(self.truth, "truth.jsonl"), (self.outgoing, "outgoing.jsonl")] {
            let path = self.dir.join(name);
            let file = file.into_inner().context("cannot write the dump")?;
            file.persist(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(())
    }
}

fn line(file: &mut impl Write, value: &Value) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}

fn truth(id: usize, session: &Session) -> Value {
    let observations: Vec<Value> = (session.units.iter().enumerate())
        .map(|(number, unit)| {
            let at = session.times.get(unit.observation).copied().unwrap_or(0);
            json!({
                "character": number,
                "observation": unit.observation,
                "at": at,
                "clock": session.clock(at),
                "text": unit.ch,
                "span": unit.mark.span,
                "place": unit.mark.place,
                "by": match unit.by {
                    By::Key => "key",
                    By::Paste => "paste",
                    By::Unseen => "unseen",
                    By::Elsewhere => "elsewhere",
                },
                "in_step": unit.in_step,
                "erased": unit.erased,
            })
        })
        .collect();
    let spans: Vec<Value> = (session.spans.iter().enumerate())
        .map(|(number, span)| {
            let made: Vec<usize> = (session.units.iter())
                .filter(|unit| unit.mark.span == Some(number))
                .map(|unit| unit.observation)
                .collect();
            json!({
                "span": number,
                "type": span.typ,
                "text": span.text.iter().collect::<String>(),
                "origin": span.origin.as_str(),
                "scenario": span.scenario.as_str(),
                "covered": span.covered,
                "observations": made,
            })
        })
        .collect();
    let secret: Vec<Value> = session
        .secret
        .iter()
        .map(|(from, to)| json!({ "from": from, "to": to, "clock": session.clock(*from) }))
        .collect();
    json!({ "id": id, "text": session.text, "characters": observations, "spans": spans, "secret": secret })
}

fn outgoing(id: usize, outcome: &Outcome) -> Value {
    let events: Vec<Value> = (outcome.released.iter())
        .map(|released| json!({ "event": released.event, "released": released.at, "seen": released.seen }))
        .collect();
    json!({ "id": id, "events": events, "retracted": outcome.retracted })
}
