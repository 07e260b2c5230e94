//! `candor eval reident`: who of many was it? Attackers that learned on what a dataset gives out, or on the recordings
//! themselves, are asked about other sessions of the same people.
//!
//! What each format's sessions are: Aalto, a sentence each, the first half of a person's to learn from and the second to be
//! asked about, then the other way round; Balabit, its training sessions to learn from, its test sessions one by one to be
//! asked about; SapiMouse, three minutes to learn from, one minute to be asked about.
//!
//! Released rows are attacked three times: whole, without places, and by their times alone; so a report says what still
//! tells. The whole rows are what counts.

mod consent;
mod path;
mod people;
mod raw;

use std::path::Path;

use anyhow::{Result, ensure};
use candor_dataset::reident::{Dice, Estimate, FUSED, Outcome, Summary, Trial, View, summary};

use self::people::Person;
use super::{Report, Row};

/// Whose recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Keys of the Aalto "136M keystrokes" study: a file a person.
    Aalto,
    /// Pointers of the Balabit challenge: `training_files/PERSON/` and `test_files/PERSON/`.
    Balabit,
    /// Pointers of SapiMouse: `PERSON/session_3min.csv` and `PERSON/session_1min.csv`.
    Sapimouse,
}

impl Format {
    /// How many rows, or strokes of a raw pointer, are one sample.
    const fn sample(self) -> usize {
        match self {
            Self::Aalto => usize::MAX,
            Self::Balabit => 20,
            Self::Sapimouse => 10,
        }
    }

    /// How many trials a seed takes: with few questions, more datasets.
    const fn trials(self) -> usize {
        match self {
            Self::Aalto => 2,
            Self::Balabit => 3,
            Self::Sapimouse => 8,
        }
    }
}

const SEEDS: u64 = 5;

/// Runs the evaluation.
pub(crate) fn run(format: Format, dir: &Path, raw: bool) -> Result<Report> {
    let people = people::read(format, dir)?;
    ensure!(
        people.len() >= 2,
        "fewer than two people with recordings to learn from and others to be asked about: see --format"
    );
    eprintln!("{} people", people.len());
    let source = if raw {
        Source::Raw(raw::recordings(format, &people))
    } else {
        Source::Released(path::sessions(format, &people)?)
    };
    let found = examine(format, &source, View::Whole)?;
    let mut report = report(&source.trial(format, View::Whole, 1, 0), raw, &found);
    if !raw {
        for (view, word) in VIEWS {
            eprintln!("{word}");
            let found = examine(format, &source, view)?;
            report.rows.push(Row::new(format!("rank1/all/{word}"), best(&found, LAST, |one| one.mean), ""));
            report.rows.push(Row::new(format!("rank1_upper/all/{word}"), best(&found, LAST, |one| one.upper), ""));
        }
    }
    Ok(report)
}

/// Fewer columns, to say what geometry tells and what time does.
const VIEWS: [(View, &str); 2] = [(View::Placeless, "without_places"), (View::Times, "times_only")];

/// The verdict on all trials.
fn examine(format: Format, source: &Source, view: View) -> Result<Vec<Summary>> {
    let seeds: Vec<Vec<Vec<Outcome>>> = std::thread::scope(|scope| {
        let one = |seed: u64| scope.spawn(move || trials(format, source, view, seed));
        let running: Vec<_> = (1..=SEEDS).map(one).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
    });
    ensure!(seeds.iter().all(|trials| !trials.is_empty()), "a trial broke off");
    Ok(summary(&seeds, &mut Dice::new(7)))
}

/// What attackers see.
enum Source {
    Raw(Vec<raw::Recording>),
    Released(Vec<path::Sessions>),
}

impl Source {
    fn trial(&self, format: Format, view: View, seed: u64, number: usize) -> Trial {
        let swap = format == Format::Aalto && number % 2 == 1;
        let people = match self {
            Self::Raw(people) => people.iter().map(|person| person.samples(format, swap)).collect(),
            Self::Released(people) => {
                let secret = path::secret(seed, number);
                people.iter().map(|person| person.samples(format, view, &secret, swap)).collect()
            }
        };
        Trial { people, seed: seed.wrapping_mul(1_000).wrapping_add(number as u64) }
    }
}

fn trials(format: Format, source: &Source, view: View, seed: u64) -> Vec<Vec<Outcome>> {
    let one = |number| {
        let outcomes = source.trial(format, view, seed, number).run();
        eprintln!("seed {seed}, trial {}", number + 1);
        outcomes
    };
    (0..format.trials()).map(one).collect()
}

fn report(trial: &Trial, raw: bool, found: &[Summary]) -> Report {
    let people = trial.people.len() as f64;
    let chance = 1.0 / people;
    let queries: usize = trial.people.iter().map(|person| person.queries.len()).sum();
    let train: usize = trial.people.iter().map(|person| person.train.len()).sum();
    let mut rows = vec![
        Row::new("people", people, ""),
        Row::new("samples_learned", train as f64, ""),
        Row::new("queries", queries as f64, ""),
        Row::new("chance", chance, ""),
    ];
    let words = FUSED.map(|size| if size == usize::MAX { "all".to_owned() } else { size.to_string() });
    for (size, word) in words.iter().enumerate() {
        rows.push(Row::new(format!("rank1/{word}"), best(found, size, |one| one.mean), ""));
        rows.push(Row::new(format!("rank1_upper/{word}"), best(found, size, |one| one.upper), ""));
    }
    let ratio = |part| best(found, LAST, part).map(|rank1| rank1 / chance);
    rows.push(Row::new("ratio_to_chance", ratio(|one| one.mean), ""));
    rows.push(Row::new("ratio_to_chance_upper", ratio(|one| one.upper), ""));
    rows.push(Row::new("eer", found.iter().filter_map(|one| one.eer).reduce(f64::min), ""));
    for one in found {
        let word = one.attacker.as_str();
        let all = one.rank1.last().copied().flatten();
        rows.push(Row::new(format!("rank1/all/{word}"), all.map(|one| one.mean), ""));
        rows.push(Row::new(format!("rank1_upper/all/{word}"), all.map(|one| one.upper), ""));
        rows.push(Row::new(format!("eer/{word}"), one.eer, ""));
    }
    Report { name: if raw { "reident-raw" } else { "reident" }, rows }
}

/// All samples together, in [`FUSED`].
const LAST: usize = FUSED.len() - 1;

/// What the attacker that is best at it got right with so many samples ([`FUSED`]).
fn best(found: &[Summary], size: usize, part: fn(Estimate) -> f64) -> Option<f64> {
    found.iter().filter_map(|one| one.rank1.get(size).copied().flatten()).map(part).reduce(f64::max)
}

/// Which of a person's sessions are learned from and which asked about.
fn parts<T>(person: &Person<T>, swap: bool) -> (&[T], &[T]) {
    if swap { (&person.asked, &person.learned) } else { (&person.learned, &person.asked) }
}
