//! A build: segments that a release opened become sealed files, one participant after the other, in bounded memory.
//!
//! Memory: one session's rows, and one row group. Nothing is visible before the sink's commit.

mod part;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use candor_model::header::{Schema, SessionContext};
use candor_model::{Actor, Event, Hash, ParticipantId, What};
use candor_seal::{Dek, OpenError, Opened};
use parquet::errors::ParquetError;
use rand_core::CryptoRng;

use self::part::Part;
use crate::export::parquet::schema;
use crate::lineage::Lineage;
use crate::manifest::{FileEntry, Manifest, Units, file_key_name};
use crate::pace::REGENERATOR_VERSION;
use crate::place::PLACES;
use crate::provenance::{ParticipantSource, Provenance, SessionSource, StepRun};
use crate::pseudonym::{DatasetSecret, Pseudonym};
use crate::reduce::{REDUCER_VERSION, Reducer, Step, Tally};
use crate::row::{Row, session_rows};
use crate::sink::Sink;
use crate::spec::Spec;

/// What is built, and as which version.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The specification.
    pub spec: &'a Spec,
    /// The version: one more than the last. A version is never built twice under the same file keys.
    pub version: u32,
    /// The dataset's secret, the same for every version.
    pub secret: &'a DatasetSecret,
}

/// One participant's part of the input.
pub struct ParticipantInput<'a> {
    /// Who.
    pub participant: ParticipantId,
    /// A fresh key for this participant's files in this version; [`file_key_name`] names it.
    pub file_key: Dek,
    /// Their sessions, in any order.
    pub sessions: Vec<SessionInput<'a>>,
}

/// One session's part of the input.
pub struct SessionInput<'a> {
    /// What every segment of it is bound to.
    pub context: SessionContext,
    /// When its consent expires, Unix seconds.
    pub expires: u64,
    /// Its segments in the order of their numbers, opened one by one. A number that is missing becomes a gap.
    pub segments: Box<dyn Iterator<Item = Result<Opened, OpenError>> + 'a>,
}

/// How far a build is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Participants done.
    pub participants: usize,
    /// Of how many.
    pub of: usize,
    /// Events read.
    pub events: u64,
    /// Rows written.
    pub rows: u64,
}

/// What a build made, besides the files in the sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// For builders.
    pub manifest: Manifest,
    /// For the vault.
    pub lineage: Lineage,
    /// For the broker: [`crate::seal_provenance`].
    pub provenance: Provenance,
}

/// Builds one version of a dataset.
///
/// Participants are taken in the order of their pseudonyms. Who has nothing that the specification selects has no file
/// and does not count towards `min_people`.
///
/// # Errors
/// [`BuildError`]; the sink was not committed then.
pub fn build(
    order: Order<'_>,
    inputs: Vec<ParticipantInput<'_>>,
    sink: &mut dyn Sink,
    rng: &mut impl CryptoRng,
    progress: &mut dyn FnMut(Progress),
) -> Result<Built, BuildError> {
    let inputs = selected(order, inputs)?;
    let mut builder = Builder::new(order, inputs.len());
    for (pseudonym, input) in inputs {
        builder.participant(pseudonym, input, sink, rng)?;
        builder.progress.participants += 1;
        progress(builder.progress);
    }
    let built = builder.finish()?;
    sink.commit(&built.manifest.to_json())?;
    Ok(built)
}

/// What the specification takes, by pseudonym; each participant's sessions by their names.
fn selected<'a>(
    order: Order<'_>,
    inputs: Vec<ParticipantInput<'a>>,
) -> Result<BTreeMap<Pseudonym, ParticipantInput<'a>>, BuildError> {
    let select = &order.spec.select;
    let mut chosen = BTreeMap::new();
    for mut input in inputs {
        input.sessions.retain(|session| {
            let context = &session.context;
            (select.imported || !context.imported)
                && select.sessions.as_ref().is_none_or(|only| only.contains(&context.session))
        });
        input.sessions.sort_by_key(|session| order.secret.session(session.context.session));
        if input.sessions.iter().any(|session| session.context.participant != input.participant) {
            return Err(BuildError::Foreign { number: 0 });
        }
        let twice = |pair: &[SessionInput<'_>]| matches!(pair, [a, b] if a.context.session == b.context.session);
        if input.sessions.windows(2).any(twice) {
            return Err(BuildError::Twice);
        }
        if input.sessions.is_empty() {
            continue;
        }
        if chosen.insert(order.secret.pseudonym(input.participant), input).is_some() {
            return Err(BuildError::Twice);
        }
    }
    enough(order.spec, chosen.len())?;
    Ok(chosen)
}

fn enough(spec: &Spec, people: usize) -> Result<(), BuildError> {
    let min_people = spec.min_people;
    if people < min_people as usize { Err(BuildError::TooFew { min_people }) } else { Ok(()) }
}

/// What grows while participants pass.
struct Builder<'a> {
    order: Order<'a>,
    progress: Progress,
    tally: Tally,
    files: Vec<FileEntry>,
    redactors: BTreeSet<u16>,
    expires: u64,
    sources: BTreeMap<ParticipantId, BTreeSet<Hash>>,
    participants: Vec<ParticipantSource>,
}

impl<'a> Builder<'a> {
    fn new(order: Order<'a>, of: usize) -> Self {
        Self {
            order,
            progress: Progress { of, ..Progress::default() },
            tally: Tally::default(),
            files: Vec::new(),
            redactors: BTreeSet::new(),
            expires: u64::MAX,
            sources: BTreeMap::new(),
            participants: Vec::new(),
        }
    }

    fn participant(
        &mut self,
        name: Pseudonym,
        input: ParticipantInput<'_>,
        sink: &mut dyn Sink,
        rng: &mut impl CryptoRng,
    ) -> Result<(), BuildError> {
        let ParticipantInput { participant, file_key, sessions } = input;
        let split = self.order.secret.split(participant);
        let mut part = Part::new(self.order, name, &file_key, rng)?;
        let mut sources = Vec::new();
        for session in sessions {
            let (rows, source) = self.session(session)?;
            // A session of gaps would say only that somebody was there.
            if rows.iter().all(|row| row.action == "gap") {
                continue;
            }
            part.session(&source.name.to_string(), rows, sink)?;
            sources.push(source);
        }
        let key = file_key_name(self.order.spec.dataset, self.order.version, name);
        let files = part.finish(key, split, sink)?;
        if files.is_empty() {
            return Ok(());
        }
        self.progress.rows += files.iter().map(|file| file.rows).max().unwrap_or_default();
        self.files.extend(files);
        let hashes = sources.iter().flat_map(|session| session.segments.iter().copied());
        self.sources.insert(participant, hashes.collect());
        for source in &sources {
            self.expires = self.expires.min(source.expires);
            self.redactors.insert(source.redactor);
        }
        self.participants.push(ParticipantSource { name, participant, sessions: sources });
        Ok(())
    }

    /// Reduces one session.
    fn session(&mut self, input: SessionInput<'_>) -> Result<(Vec<Row>, SessionSource), BuildError> {
        let context = input.context;
        let name = self.order.secret.session(context.session);
        let mut reducer = Reducer::new(context.clock_unit, context.position_unit);
        let (mut steps, mut segments) = (Vec::new(), Segments::default());
        let mut emit = |step: Step| steps.push(step);
        for opened in input.segments {
            let opened = opened?;
            let hole = segments.next(&opened, &context, self.order.spec)?;
            let at = opened.events.first().map_or(segments.last, |event| event.at);
            if hole {
                reducer.push(Event { at, actor: Actor::Unknown, what: What::Gap }, &mut emit);
            }
            self.progress.events += opened.events.len() as u64;
            opened.events.into_iter().for_each(|event| reducer.push(event, &mut emit));
        }
        let tally = reducer.finish(&mut emit);
        self.tally.add(&tally);
        let spans: Vec<_> = steps.iter().map(|step| (step.start, step.end)).collect();
        let rows = session_rows(&context, self.order.secret, PLACES, steps);
        let source = SessionSource {
            name,
            session: context.session,
            imported: context.imported,
            consent: context.consent,
            consent_hash: context.consent_hash,
            purposes: context.purposes,
            redactor: context.redactor,
            expires: input.expires,
            steps: segments.runs(&spans),
            segments: segments.hashes,
        };
        Ok((rows, source))
    }

    fn finish(self) -> Result<Built, BuildError> {
        let Order { spec, version, .. } = self.order;
        enough(spec, self.participants.len())?;
        // Whole days: the second at which somebody's consent ends would tell when they gave it.
        let expires = self.expires - self.expires % 86_400;
        let units = Units { time: "us".to_owned(), position: "1/256 px".to_owned(), scroll: "1/120 notch".to_owned() };
        let schema = schema();
        let columns = schema.fields().iter().map(|field| (field.name().clone(), field.data_type().to_string()));
        let manifest = Manifest {
            format: Manifest::FORMAT,
            dataset: spec.dataset,
            name: spec.name.clone(),
            version,
            purpose: spec.purpose,
            expires,
            tainted: None,
            min_people: spec.min_people,
            reducer: REDUCER_VERSION,
            regenerator: REGENERATOR_VERSION,
            redactors: self.redactors.into_iter().collect(),
            units,
            schema: columns.collect(),
            withheld: WITHHELD.map(str::to_owned).to_vec(),
            events: self.tally,
            files: self.files,
        };
        let lineage = Lineage { dataset: spec.dataset, version, sources: self.sources, expires, taint: None };
        let (dataset, purpose) = (spec.dataset, spec.purpose);
        let reducer = REDUCER_VERSION;
        let provenance = Provenance { dataset, version, purpose, reducer, expires, participants: self.participants };
        Ok(Built { manifest, lineage, provenance })
    }
}

/// What no builder gets, in any dataset.
const WITHHELD: [&str; 8] = [
    "wall-clock time: times are relative to each session's start, and the order of sessions says nothing",
    "how fast anybody is: intervals, durations and ways of drags are drawn from a population; of a pause its bucket is kept",
    "typed characters, but where a session's policy lets text pass and redaction found nothing in it: shapes otherwise",
    "values in typed text that point at a person: a kind and a number of this dataset, the same for the same value in a session",
    "window titles and the contents of fields",
    "names of elements, but labels of controls where a session's policy lets text pass",
    "what was left out, why, and how much: one generic gap stands for it",
    "who, on which device, under which consent",
];

/// The segments of a session as they pass.
#[derive(Default)]
struct Segments {
    next: u32,
    last: u64,
    hashes: Vec<Hash>,
    /// Per segment, its first and last tick.
    spans: Vec<(u64, u64)>,
}

impl Segments {
    /// Checks that this segment may come next, and says whether one is missing before it. Checked here although the
    /// release checked it too: what goes into a dataset cannot be taken back.
    fn next(&mut self, opened: &Opened, context: &SessionContext, spec: &Spec) -> Result<bool, BuildError> {
        let header = &opened.header;
        let number = header.number;
        if header.context != *context || header.schema != Schema::Events {
            return Err(BuildError::Foreign { number });
        }
        if !header.context.purposes.contains(spec.purpose) {
            return Err(BuildError::Purpose { number });
        }
        let first = opened.events.first().map_or(self.last, |event| event.at);
        if number < self.next || first < self.last {
            return Err(BuildError::Order { number });
        }
        let hole = number > self.next;
        self.next = number.saturating_add(1);
        self.last = opened.events.last().map_or(first, |event| event.at);
        self.hashes.push(header.hash());
        self.spans.push((first, self.last));
        Ok(hole)
    }

    /// Which segments each step came from. A step that ends in the tick where a segment begins is said to touch it: too
    /// much is safe, too little is not.
    fn runs(&self, steps: &[(u64, u64)]) -> Vec<StepRun> {
        let mut runs: Vec<StepRun> = Vec::new();
        for (start, end) in steps {
            let from = self.spans.partition_point(|(_, last)| last < start);
            let to = self.spans.partition_point(|(first, _)| first <= end).saturating_sub(1).max(from);
            let (from, to) = (from as u32, to as u32);
            match runs.last_mut() {
                Some(run) if (run.from, run.to) == (from, to) => run.steps += 1,
                _ => runs.push(StepRun { steps: 1, from, to }),
            }
        }
        runs
    }
}

/// Why a dataset was not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Too few people.
    #[error("fewer than {min_people} people are in the selection; a smaller dataset would show persons")]
    TooFew {
        /// How many it takes.
        min_people: u32,
    },
    /// A participant or session was given twice.
    #[error("a participant or session was given twice")]
    Twice,
    /// A segment of another session, or of remarks.
    #[error("segment {number}: it is not of the session it was given for")]
    Foreign {
        /// Its number.
        number: u32,
    },
    /// A segment that was not sealed for this purpose.
    #[error("segment {number}: it was not sealed for the purpose of this dataset")]
    Purpose {
        /// Its number.
        number: u32,
    },
    /// Segments out of order.
    #[error("segment {number}: it is out of order, or was given twice")]
    Order {
        /// Its number.
        number: u32,
    },
    /// A segment does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A sealed file could not be written.
    #[error("a sealed file could not be written")]
    Io(#[from] io::Error),
    /// The Parquet library refused.
    #[error("a Parquet file could not be made")]
    Parquet(#[from] ParquetError),
}
