//! Forgetting reaches every state that a segment can be in, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use candor_model::{Actor, ClockUnit, Hash, PositionUnit, SessionId};
use candor_redact::{Observation, Observed, Raw};
use candor_seal::Dek;
use candor_store::SegmentId;
use candor_store::spool::Now;
use proptest::prelude::*;

use super::*;
use crate::agent::live::{Wanted, forget_last};
use crate::agent::session::{self, SessionRecorder, Units};

/// How far a session got before somebody wants it forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is recorded at this moment: nothing of it is on the disk.
    Memory,
    /// It is recorded at this moment: its journal grows.
    Journal,
    /// The recorder was killed: a journal is left.
    Crashed,
    /// Sealed, and not uploaded.
    Spooled,
    /// The vault has it, and its answer was lost.
    Unanswered,
    /// The vault has it.
    Uploaded,
    /// And something was made of it.
    Derived,
}

const STATES: [State; 7] =
    [State::Memory, State::Journal, State::Crashed, State::Spooled, State::Unanswered, State::Uploaded, State::Derived];

fn begin(home: &Home, spool: &Spool, events: u64) -> (SessionId, SessionRecorder) {
    let live = consent::live(home).unwrap();
    let id = SessionId::from_bytes(keys::random());
    let units = Units { clock: ClockUnit::MILLISECOND, position: PositionUnit::PIXEL };
    let mut recorder = session::begin(home, spool, &live, id, units, Some("desk")).unwrap();
    for n in 0..events {
        // Some ten minutes of its own time, so that it has several segments.
        let what = Observed::Move { x: n as i32, y: 7, drag: false };
        recorder.push(Raw::new(Observation { at: n * 3_000, actor: Actor::Human, what })).unwrap();
    }
    (id, recorder)
}

fn copy(from: &Path, to: &Path) {
    assert!(std::process::Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// A member, what the vault could give of theirs, and what is recorded at this moment.
struct Trial {
    world: World,
    home: Home,
    spool: Spool,
    under_way: Vec<SessionRecorder>,
    start: Now,
}

impl Trial {
    fn new() -> Self {
        let world = World::new();
        let home = world.enrol(Role::Participant, "ada");
        consent::give(&home, agrees).unwrap();
        let spool = home.spool().unwrap();
        Self { world, home, spool, under_way: Vec::new(), start: Now::read().unwrap() }
    }

    fn at(&self, secs: u64) -> Now {
        Now { unix: self.start.unix + secs, boottime: self.start.boottime + secs, ..self.start }
    }

    /// Brings a session of its own to `state` at a time; returns it. Those that are recorded at this moment come last.
    fn bring(&mut self, state: State, secs: u64) -> SessionId {
        let now = self.at(secs);
        let (id, mut recorder) = begin(&self.home, &self.spool, 250);
        match state {
            State::Memory => self.under_way.push(recorder),
            State::Journal => {
                recorder.commit(now).unwrap();
                self.under_way.push(recorder);
            }
            State::Crashed => recorder.commit(now).unwrap(),
            State::Spooled | State::Unanswered | State::Uploaded | State::Derived => {
                recorder.finish(now).unwrap();
            }
        }
        match state {
            State::Uploaded => drop(upload(&self.home, &self.spool)),
            State::Derived => {
                upload(&self.home, &self.spool);
                self.derive(id);
            }
            State::Unanswered => self.lose_the_answer(),
            _ => {}
        }
        id
    }

    /// Uploads, and brings the device back to before it knew.
    fn lose_the_answer(&mut self) {
        let (dir, saved) = (self.home.dir().join("spool"), self.world.path("saved"));
        copy(&dir, &saved);
        upload(&self.home, &self.spool);
        assert!(self.under_way.is_empty(), "a copy of an open spool is none");
        self.spool = {
            let elsewhere = Spool::open(&self.world.path("none"), &candor_seal::ShelfKey::generate(&mut keys::rng()));
            drop(std::mem::replace(&mut self.spool, elsewhere.unwrap()));
            std::fs::remove_dir_all(&dir).unwrap();
            std::fs::rename(&saved, &dir).unwrap();
            self.home.spool().unwrap()
        };
        std::fs::remove_dir_all(self.world.path("none")).unwrap();
    }

    fn member(&self, role: Role, name: &str) -> Home {
        let dir = self.world.path(name);
        if dir.exists() { Home::open(&dir).unwrap() } else { self.world.enrol(role, name) }
    }

    fn builder(&self) -> Builder {
        Builder(self.member(Role::Builder, "ml"))
    }

    /// A dataset of one file, made of the session.
    fn derive(&self, of: SessionId) {
        let ml = self.builder();
        let listed: Vec<SegmentListed> = ml.segments().into_iter().filter(|one| one.session == of).collect();
        let request = ml.request(&listed);
        for role in [CustodianRole::Security, CustodianRole::Participants] {
            approve(&self.member(Role::Custodian(role), role.as_str()), &request);
        }
        ml.release(&request).unwrap();
        let sources: Vec<Hash> = listed.iter().map(|one| one.header).collect();
        let version = ml.datasets().len() as u32;
        ml.register(version, &(Hash(keys::random()), Dek::generate(&mut keys::rng()), sources)).unwrap();
    }

    fn ids(&self, of: &BTreeSet<SessionId>) -> BTreeSet<SegmentId> {
        self.spool.segments().into_iter().filter(|id| of.contains(&id.session)).collect()
    }
}

fn check(sessions: &[(State, bool)], running: bool) {
    let mut trial = Trial::new();
    let (old, recent) = (0, 7_200);
    let mut ordered = sessions.to_vec();
    // What is older came first; what is recorded at this moment is recent, and came last.
    let is_open = |state: State| matches!(state, State::Memory | State::Journal | State::Crashed);
    ordered.sort_by_key(|(state, is_recent)| (is_open(*state), *is_recent));
    let (mut gone, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let mut derived = Vec::new();
    for (state, is_recent) in ordered {
        let is_recent = is_recent || is_open(state);
        let id = trial.bring(state, if is_recent { recent } else { old });
        if is_recent {
            gone.insert(id)
        } else {
            kept.insert(id)
        };
        if state == State::Derived {
            derived.push(is_recent);
        }
    }
    let now = trial.at(recent + 5);
    // As the recorder does: what is under way ends first, and a journal that is left is recovered.
    for recorder in std::mem::take(&mut trial.under_way) {
        if running {
            recorder.finish(now).unwrap();
        }
    }
    trial.spool.recover(&trial.home.device_key().unwrap(), now).unwrap();
    let (before, keep) = (trial.ids(&gone), trial.ids(&kept));
    // A recorder that was killed before its first second was over leaves nothing to forget.
    let nothing = if running { 0 } else { sessions.iter().filter(|(state, _)| *state == State::Memory).count() };
    let found: BTreeSet<SessionId> = before.iter().map(|id| id.session).collect();
    assert_eq!(found.len(), gone.len() - nothing);

    let forgotten = forget_last(&trial.home, &trial.spool, 600, &now, true).unwrap();
    assert!(Wanted::read(&trial.home).unwrap().paused);
    assert!(trial.ids(&gone).is_empty(), "nothing recent is left here");
    assert_eq!(trial.ids(&kept), keep, "nothing else goes");
    for id in before {
        assert!(trial.spool.own(id).is_err());
    }
    let receipts = erase::deliver(&trial.home, &trial.home.client().unwrap()).unwrap();
    assert_eq!(receipts.len(), usize::from(forgotten.segments > 0), "one receipt");
    assert_eq!(erase::undelivered(&trial.home).unwrap(), 0);
    let ml = trial.builder();
    assert!(ml.segments().iter().all(|one| !gone.contains(&one.session)), "the vault gives nothing of it");
    assert_eq!(
        ml.datasets().iter().map(|one| one.tainted).collect::<Vec<_>>(),
        derived,
        "what was made of it is marked"
    );
    // Whatever is uploaded later brings none of it back.
    let later = upload(&trial.home, &trial.spool);
    assert!(later.refused.is_empty(), "{later:?}");
    assert!(ml.segments().iter().all(|one| !gone.contains(&one.session)));
    let again = forget_last(&trial.home, &trial.spool, 600, &now, true).unwrap();
    assert_eq!(again.segments, 0, "there is nothing more to forget");
    let mut reader = own::Reader::new(&trial.home).unwrap();
    for id in keep {
        drop(reader.open(&trial.spool, id).unwrap());
    }
}

#[test]
fn each_state_alone_is_reached_and_what_is_older_stays() {
    for state in STATES {
        check(&[(state, true), (State::Uploaded, false), (State::Spooled, false)], true);
        check(&[(state, true)], false);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_states_there_are_at_once_forgetting_reaches_the_recent_and_no_other(
        sessions in prop::collection::vec((prop::sample::select(&STATES[..]), any::<bool>()), 1..7),
        running in any::<bool>(),
    ) {
        check(&sessions, running);
    }
}
