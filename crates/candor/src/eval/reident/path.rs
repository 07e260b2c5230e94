//! The way of a real recording into a dataset: importer, wall, reducer, regeneration, rows.

use anyhow::{Context, Result};
use candor_capture::import::{Import, Options};
use candor_consent::LiveConsent;
use candor_dataset::DatasetSecret;
use candor_dataset::place::PLACES;
use candor_dataset::reduce::{Reducer, Step};
use candor_dataset::reident::{self, Sample, View};
use candor_dataset::row::session_rows;
use candor_model::event::{Button, Press};
use candor_model::header::SessionContext;
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Event, Hash, ParticipantId, PositionUnit, ProgramId, Purpose, Purposes,
    SessionId,
};
use candor_redact::{Observation, Observed, Outgoing, REDACTOR_VERSION, Raw, Redacted, Redactor, SessionKey, Settings};

use super::consent::{APP, NOW, consent};
use super::people::Person;
use super::raw::{Pointer, pointer};
use super::{Format, parts};

/// A person's sessions as steps: what a dataset is made of, whatever its secret.
pub(super) struct Sessions(Person<(SessionContext, Vec<Step>)>);

impl Sessions {
    /// As the dataset with this secret shows them to who looks at these columns.
    pub(super) fn samples(&self, format: Format, view: View, secret: &DatasetSecret, swap: bool) -> reident::Person {
        let (learned, asked) = parts(&self.0, swap);
        let samples = |(context, steps): &(SessionContext, Vec<Step>)| -> Vec<Sample> {
            let rows = session_rows(context, secret, PLACES, steps.clone());
            let rows: Vec<_> = rows.into_iter().map(|row| view.of(row)).collect();
            reident::samples(&rows, format.sample())
        };
        let train = learned.iter().flat_map(samples).collect();
        let queries = asked.iter().map(samples);
        let queries = match format {
            // All sentences together are asked about.
            Format::Aalto => vec![queries.flatten().collect()],
            Format::Balabit | Format::Sapimouse => queries.collect(),
        };
        reident::Person { train, queries: queries.into_iter().filter(|samples| !samples.is_empty()).collect() }
    }
}

/// Everybody's sessions as steps.
pub(super) fn sessions(format: Format, people: &[Person]) -> Result<Vec<Sessions>> {
    let consent = consent()?;
    let mut number = 0;
    let mut session = |person: usize, file: &Vec<u8>| {
        number += 1;
        let (clock, position, events) = events_of(&consent, format, file)?;
        let context = context(person as u128, number, clock, position);
        let mut steps = Vec::new();
        let mut emit = |step: Step| steps.push(step);
        let mut reducer = Reducer::new(clock, position);
        events.into_iter().for_each(|event| reducer.push(event, &mut emit));
        reducer.finish(&mut emit);
        Ok((context, steps))
    };
    let mut all = Vec::new();
    for (person, files) in people.iter().enumerate() {
        let learned = files.learned.iter().map(|file| session(person, file)).collect::<Result<_>>()?;
        let asked = files.asked.iter().map(|file| session(person, file)).collect::<Result<_>>()?;
        all.push(Sessions(Person { learned, asked }));
        if person % 100 == 99 {
            eprintln!("{} people read", person + 1);
        }
    }
    Ok(all)
}

/// A dataset's secret for one trial.
pub(super) fn secret(seed: u64, trial: usize) -> DatasetSecret {
    DatasetSecret::from_bytes(Hash::of(format!("reident {seed} {trial}").as_bytes()).0)
}

/// What passes the wall of one recording.
fn events_of(consent: &LiveConsent, format: Format, file: &[u8]) -> Result<(ClockUnit, PositionUnit, Vec<Event>)> {
    let (clock, position, raws) = match format {
        Format::Aalto | Format::Balabit => {
            let mut import = Import::from_reader(consent, NOW, file, "a recording", Options::default())?;
            let mut raws = Vec::new();
            while import.next_batch(NOW, &mut raws).context("a recording cannot be imported")? {}
            (import.clock_unit(), import.position_unit(), raws)
        }
        Format::Sapimouse => (ClockUnit::MILLISECOND, PositionUnit::PIXEL, sapimouse(file)),
    };
    let settings = Settings::shapes([APP.to_owned()], clock, SessionKey::new([6; 32]));
    let mut redactor = Redactor::new(settings, Some(APP));
    let mut out = Outgoing::default();
    raws.into_iter().for_each(|raw| redactor.push(raw, &mut out));
    redactor.finish(&mut out);
    Ok((clock, position, out.events.into_iter().map(Redacted::into_event).collect()))
}

/// A SapiMouse session, its doubled rows once.
fn sapimouse(file: &[u8]) -> Vec<Raw> {
    let rows = pointer(Format::Sapimouse, file);
    let begin = rows.first().map_or(0.0, |row| row.at);
    let (mut raws, mut at) = (Vec::new(), 0);
    for row in &rows {
        at = at.max(((row.at - begin) * 1_000.0) as u64);
        let (x, y) = (row.x as i32, row.y as i32);
        let button =
            |press| Observed::Button { press, button: if row.left { Button::LEFT } else { Button::RIGHT }, x, y };
        let what = match row.what {
            Pointer::Move => Observed::Move { x, y, drag: false },
            Pointer::Drag => Observed::Move { x, y, drag: true },
            Pointer::Press => button(Press::Down),
            Pointer::Release => button(Press::Up),
            Pointer::Scroll => continue,
        };
        raws.push(Raw::new(Observation { at, actor: Actor::Human, what }));
    }
    raws
}

fn context(person: u128, session: u128, clock_unit: ClockUnit, position_unit: PositionUnit) -> SessionContext {
    SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes((person + 1).to_be_bytes()),
        device: DeviceId::from_bytes([1; 16]),
        session: SessionId::from_bytes(session.to_be_bytes()),
        imported: true,
        clock_unit,
        position_unit,
        period: 1,
        consent: ConsentId::from_bytes([3; 16]),
        consent_hash: Hash([0; 32]),
        purposes: Purposes::from_iter([Purpose::TrainComputerUse]),
        redactor: REDACTOR_VERSION,
    }
}
