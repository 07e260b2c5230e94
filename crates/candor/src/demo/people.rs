//! The demo's participants: enrolment, consent, and recording with planted canaries.

use std::path::{Path, PathBuf};

use anyhow::Result;
use candor_capture::import::{Import, Options};
use candor_model::consent::Choice;
use candor_model::{ClockUnit, ConsentId, Event, Purpose};
use candor_redact::{Raw, Remark};
use candor_store::spool::Now;

use super::after::Saved;
use super::canary::{Canary, Place};
use super::figures::Figures;
use super::{NAMES, SCOPE, bar, enrol};
use crate::agent::own::{Content, Reader};
use crate::agent::{Home, consent, import};
use crate::invitation::Role;
use crate::vault::Running;
use crate::{clock, keys};

/// One participant: a folder of their own, and a recording.
pub(super) struct Person {
    pub(super) name: &'static str,
    dir: PathBuf,
    recording: PathBuf,
}

/// Enrols three people; recordings are dealt out in turn.
pub(super) fn enrol_all(dir: &Path, running: &Running, recordings: &[PathBuf]) -> Result<Vec<Person>> {
    let one = |(name, recording): (&'static str, &PathBuf)| {
        enrol(dir, running, Role::Participant, name)?;
        Ok(Person { name, dir: dir.join(name), recording: recording.clone() })
    };
    NAMES.into_iter().zip(recordings.iter().cycle()).map(one).collect()
}

impl Person {
    /// The folder, as the person's own programs open it.
    pub(super) fn home(&self) -> Result<Home> {
        Home::open(&self.dir)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Says yes to one purpose and to imports, as a stand-in, with no hold-back.
    pub(super) fn consent(&self) -> Result<()> {
        let now = clock::unix_secs();
        consent::give(&self.home()?, |program| Choice {
            purposes: [Purpose::TrainComputerUse].into_iter().collect(),
            applications: vec![SCOPE.into()],
            import: true,
            stand_in: true,
            hold_back_secs: 0,
            ..Choice::nothing(ConsentId::from_bytes(keys::random()), program, now, now + 86_400)
        })?;
        Ok(())
    }

    /// The recording through the wall into the spool, canaries before and after it.
    pub(super) fn record(&self, canaries: &mut Vec<Canary>, figures: &mut Figures) -> Result<()> {
        let home = self.home()?;
        let spool = home.spool()?;
        let live = consent::live(&home)?;
        let options = Options { clock_unit: Some(ClockUnit::MILLISECOND), ..Options::default() };
        let mut import = Import::open(&live, clock::unix_secs(), &self.recording, options)?;
        let (_, mut recorder) = import::begin(&home, &spool, &live, &import, SCOPE)?;
        let mut raws = Vec::new();
        plant(0, canaries, &mut raws);
        let bar = bar(0, &format!("{} records", self.name))?;
        loop {
            let more = import.next_batch(clock::unix_secs(), &mut raws)?;
            if !more {
                plant(import.report().span, canaries, &mut raws);
            }
            for raw in raws.drain(..) {
                recorder.push(raw)?;
            }
            recorder.tick(clock::boottime_ms(), Now::read)?;
            bar.set_length(recorder.tally().captured);
            bar.set_position(recorder.tally().captured);
            if !more {
                break;
            }
        }
        let recorded = recorder.finish(Now::read()?)?;
        bar.finish();
        figures.events_in += recorded.tally.captured;
        figures.segments += u64::from(recorded.segments);
        figures.sealed_bytes += recorded.durable.segment_bytes;
        Ok(())
    }

    /// The person's own sessions, opened with their own key; erased ones from the copy saved before.
    pub(super) fn own(&self, saved: &Saved) -> Result<Vec<OwnSession>> {
        let home = if saved.is_of(self) { saved.home()? } else { self.home()? };
        let spool = home.spool()?;
        let mut reader = Reader::new(&home)?;
        let mut sessions = Vec::new();
        for session in spool.sessions() {
            let clock = spool.about(session)?.context.clock_unit;
            let mut own = OwnSession { clock, events: Vec::new(), remarks: Vec::new() };
            for id in spool.segments().into_iter().filter(|id| id.session == session) {
                match reader.open(&spool, id)? {
                    Content::Events(events) => own.events.extend(events),
                    Content::Remarks(remarks) => own.remarks.extend(remarks),
                }
            }
            sessions.push(own);
        }
        Ok(sessions)
    }
}

/// One session, as its participant may see it.
pub(super) struct OwnSession {
    pub(super) clock: ClockUnit,
    pub(super) events: Vec<Event>,
    pub(super) remarks: Vec<Remark>,
}

fn plant(mut at: u64, canaries: &mut Vec<Canary>, raws: &mut Vec<Raw>) {
    for place in [Place::Text, Place::Title, Place::SecretField] {
        let canary = Canary::new(place);
        canary.plant(at, SCOPE, raws);
        at += canary.ticks();
        canaries.push(canary);
    }
}
