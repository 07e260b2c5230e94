//! KeyLeak: what leaks from a *keystroke stream*, after the wall.
//!
//! Labelled texts are typed by a simulated person (`writer`, `typist`) with real people's rhythms (`rhythm`), slips, late
//! corrections, caret moves, selections, pastes, values typed and deleted, forms, password fields. What a good source would
//! see of it goes through the wall (`wall`), which is let know the time every 100 ms, and what comes out, less what was
//! retracted, is read the way an attacker would (`replay`) and held against what was typed (`align`, `score`).
//!
//! # The dump
//! One JSON object a line and text; times in milliseconds.
//!
//! `truth.jsonl`: `id`; `text`, what the first field held in the end; `characters`, every character that came into a field,
//! in order: `observation`, the number of the observation that brought it, `at` on the source's clock, `clock` on the
//! session's (which stands still in secret fields), `text`, `span` and `place` (which span it was typed for, and where in
//! it; no place for a slip), `by` (`key`, `paste`, `unseen`: the source did not tell it, `elsewhere`: typed where nothing may
//! come out), `in_step` (the source had told all there was to tell), `erased` (gone in the end); `spans`: `type`, `text`,
//! `origin` (`labelled`, `retracted`: typed and deleted, `half-retracted`, `placed`: in another field or in several,
//! `password`), `scenario`, `covered` (the detectors find all of it in the finished text), `observations`; `secret`: when
//! secret fields had the focus, and where the session's clock stood.
//!
//! `outgoing.jsonl`: `id`; `events`, in the order in which they came out: `event` as a segment stores it, `released` when on
//! the source's clock, `seen` how many observations the wall had taken by then; `retracted`: which of them, counted from 0,
//! are destroyed before they are uploaded.

mod align;
mod cut;
mod dump;
mod field;
mod layout;
mod random;
mod replay;
mod rhythm;
mod scenario;
mod score;
mod table;
#[cfg(test)]
mod tests;
mod truth;
mod typist;
mod values;
mod wall;
mod writer;

use std::ops::Range;
use std::path::PathBuf;

use anyhow::Result;
use candor_redact::detect::{Detector, Finding};

use super::Report;
use super::formats::{Format, Record};
use super::replay::{ReplayFormat, replay};
use super::types::is_structured;
use dump::Dump;
use random::Random;
use rhythm::Rhythm;
use score::Score;
use truth::{Origin, Session};
use wall::{Candor, Wall, drive};
use writer::{Task, sit};

/// What is to be typed, and how.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Files of labelled texts, or folders of them.
    pub(crate) texts: Vec<PathBuf>,
    /// How they are written.
    pub(crate) format: Format,
    /// The folder of Aalto recordings whose rhythms are used.
    pub(crate) typing: PathBuf,
    /// Slips a character, 0 to 1.
    pub(crate) typo_rate: f64,
    /// What chance begins with.
    pub(crate) seed: u64,
    /// Whether things happen that the source does not tell.
    pub(crate) out_of_step: bool,
    /// At most so many texts, evenly spread over the files.
    pub(crate) limit: Option<usize>,
    /// Where truth and outgoing records are written.
    pub(crate) dump: Option<PathBuf>,
}

/// Types the texts into Candor's wall and reports what leaked.
///
/// # Errors
/// Files that cannot be read, or hold nothing of the format; a dump that cannot be written.
pub(crate) fn keyleak(settings: &Settings) -> Result<Report> {
    let report = run(settings, &Rhythm::read(&settings.typing)?, &Candor::boxed)?;
    let replayed = replay(ReplayFormat::Aalto, std::slice::from_ref(&settings.typing))?;
    Ok(table::with_replay(report, &replayed))
}

fn run(settings: &Settings, rhythm: &Rhythm, wall: &dyn Fn() -> Box<dyn Wall>) -> Result<Report> {
    let records: Vec<Record> = settings.format.read(&settings.texts)?.into_iter().flat_map(cut::sittings).collect();
    let covers = Coverage::new();
    let pool = pool(&records, &covers);
    let mut dump = settings.dump.as_deref().map(Dump::new).transpose()?;
    let mut score = Score::default();
    let chosen = chosen(records.len(), settings.limit);
    for (done, &id) in chosen.iter().enumerate() {
        let Some(record) = records.get(id) else { continue };
        let mut task = Task {
            text: &record.text,
            spans: covers.spans(record),
            pool: &pool,
            typo_rate: settings.typo_rate,
            out_of_step: settings.out_of_step,
            secrets: 0,
        };
        let sit = |task: &Task<'_>| sit(task, rhythm, Random::new(settings.seed, id as u64));
        let mut session = sit(&task);
        covers.mark_made_up(&mut session);
        let outcome = drive(&mut session, wall());
        score.add(&session, &outcome);
        if !session.secret.is_empty() {
            task.secrets = 1;
            let other = drive(&mut sit(&task), wall());
            score.password_tells += usize::from(!outcome.looks_like(&other));
        }
        if let Some(dump) = &mut dump {
            dump.add(id, &session, &outcome)?;
        }
        if (done + 1) % 100 == 0 {
            eprintln!("{} of {} texts", done + 1, chosen.len());
        }
    }
    if let Some(dump) = dump {
        dump.finish()?;
    }
    Ok(Report { name: "keyleak", rows: table::rows(&mut score) })
}

/// Which texts are typed: all, or `limit` of them, evenly spread.
fn chosen(count: usize, limit: Option<usize>) -> Vec<usize> {
    let take = limit.unwrap_or(count).min(count);
    (0..take).map(|number| number * count / take).collect()
}

/// Values of the texts to be typed and deleted elsewhere: those that can be recognised without the words around them.
fn pool(records: &[Record], covers: &Coverage) -> Vec<(String, String)> {
    let golds = records.iter().flat_map(|record| record.gold.iter().map(move |gold| (record, gold)));
    golds
        .filter(|(_, gold)| is_structured(&gold.typ))
        .filter_map(|(record, gold)| Some((gold.typ.clone(), record.text.get(gold.span.clone())?.to_owned())))
        .filter(|(_, value)| !value.contains(char::is_control) && covers.covers(value, &(0..value.len())))
        .collect()
}

/// What the detectors find in a finished text: only what they find there can be expected of the stream.
struct Coverage {
    detector: Detector,
}

impl Coverage {
    fn new() -> Self {
        Self { detector: Detector::new() }
    }

    fn find(&self, text: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.detector.find(text, &mut findings);
        findings
    }

    fn covers(&self, text: &str, span: &Range<usize>) -> bool {
        within(span, &self.find(text))
    }

    /// A text's marked stretches in order, without those that overlap an earlier one.
    fn spans<'a>(&self, record: &'a Record) -> Vec<(Range<usize>, &'a str, bool)> {
        let findings = self.find(&record.text);
        let mut spans: Vec<(Range<usize>, &str, bool)> = (record.gold.iter())
            .map(|gold| (gold.span.clone(), gold.typ.as_str(), within(&gold.span, &findings)))
            .collect();
        spans.sort_by_key(|(span, ..)| (span.start, std::cmp::Reverse(span.end)));
        let mut end = 0;
        spans.retain(|(span, ..)| {
            let apart = span.start >= end && !span.is_empty();
            end = if apart { span.end } else { end };
            apart
        });
        spans
    }

    /// The same for what the typist made up.
    fn mark_made_up(&self, session: &mut Session) {
        for span in session.spans.iter_mut().filter(|span| span.origin != Origin::Labelled) {
            let text: String = span.text.iter().collect();
            span.covered = self.covers(&text, &(0..text.len()));
        }
    }
}

/// Whether findings, together, hold every byte of `span`.
fn within(span: &Range<usize>, findings: &[Finding]) -> bool {
    let mut found: Vec<&Range<usize>> = findings.iter().map(|finding| &finding.span).collect();
    found.sort_by_key(|found| found.start);
    let reached = found.iter().fold(
        span.start,
        |reached, found| {
            if found.start <= reached { reached.max(found.end) } else { reached }
        },
    );
    reached >= span.end
}
