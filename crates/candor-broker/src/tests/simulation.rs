//! Random lives of a vault against the plainest model there is: a list of segments, each alive or erased.
//!
//! A failure is: an erased segment opens, from the vault or from a database saved at any time with the custody of the end;
//! one that is alive does not; an erasure takes or leaves something else than it was asked to. No failure: a key that was
//! released before its erasure is still a key.

use candor_model::EraseWhat;
use proptest::prelude::*;
use proptest::sample::Index;

use super::erasing::{opens, with_todays_custody};
use super::world::{Segment, World, copy_database, rng, session};
use crate::erase::{Step, erase};

#[derive(Debug, Clone)]
enum Op {
    /// A person records so many segments in a new session, and uploads them.
    Record { person: u8, segments: u32 },
    /// A person erases part of one of their sessions.
    Span { person: u8, session: Index, first: u32, last: u32, drained: bool },
    /// A person erases one of their sessions.
    Session { person: u8, session: Index, drained: bool },
    /// A person erases all they have.
    Everything { person: u8 },
    /// As `Session`, but the broker dies after a step, and starts again.
    Interrupted { person: u8, session: Index, drained: bool, step: Step },
    /// The broker stops and starts.
    Restart,
    /// Somebody copies the database.
    Save,
}

const PEOPLE: std::ops::Range<u8> = 20..23;

fn op() -> impl Strategy<Value = Op> {
    let steps = vec![Step::Rows, Step::Generation, Step::Reseal, Step::Checkpoint, Step::Destroy];
    prop_oneof![
        5 => (PEOPLE, 1..5_u32).prop_map(|(person, segments)| Op::Record { person, segments }),
        2 => (PEOPLE, any::<Index>(), 0..3_u32, 0..3_u32, any::<bool>()).prop_map(
            |(person, session, first, more, drained)| Op::Span { person, session, first, last: first + more, drained }
        ),
        1 => (PEOPLE, any::<Index>(), any::<bool>())
            .prop_map(|(person, session, drained)| Op::Session { person, session, drained }),
        1 => PEOPLE.prop_map(|person| Op::Everything { person }),
        2 => (PEOPLE, any::<Index>(), any::<bool>(), prop::sample::select(steps))
            .prop_map(|(person, session, drained, step)| Op::Interrupted { person, session, drained, step }),
        1 => Just(Op::Restart),
        2 => Just(Op::Save),
    ]
}

/// A segment with who made it, in which session, and whether it is alive.
struct Known {
    person: u8,
    session: u8,
    segment: Segment,
    alive: bool,
}

struct Life {
    world: World,
    known: Vec<Known>,
    sessions: u8,
    saved: Vec<tempfile::TempDir>,
    /// Tells the requests to erase apart.
    requests: u64,
}

impl Life {
    async fn new() -> Self {
        let world = World::new().await;
        for person in PEOPLE {
            world.enrol(person).await;
        }
        Self { world, known: Vec::new(), sessions: 0, saved: Vec::new(), requests: 0 }
    }

    fn session_of(&self, person: u8, index: Index) -> Option<u8> {
        let mut sessions: Vec<u8> =
            self.known.iter().filter(|known| known.person == person).map(|known| known.session).collect();
        sessions.dedup();
        (!sessions.is_empty()).then(|| *index.get(&sessions))
    }

    async fn apply(mut self, op: Op) -> Self {
        match op {
            Op::Record { person, segments } => {
                self.sessions += 1;
                for segment in self.world.recorded(person, session(self.sessions), segments).await {
                    self.known.push(Known { person, session: self.sessions, segment, alive: true });
                }
            }
            Op::Span { person, session: index, first, last, drained } => {
                if let Some(of) = self.session_of(person, index) {
                    let what = EraseWhat::span(session(of), first, last);
                    self.erase(person, what, drained, None).await;
                }
            }
            Op::Session { person, session: index, drained } => {
                if let Some(of) = self.session_of(person, index) {
                    self.erase(person, EraseWhat::Session { session: session(of) }, drained, None).await;
                }
            }
            Op::Everything { person } => self.erase(person, EraseWhat::Everything, false, None).await,
            Op::Interrupted { person, session: index, drained, step } => {
                if let Some(of) = self.session_of(person, index) {
                    self.erase(person, EraseWhat::Session { session: session(of) }, drained, Some(step)).await;
                    self.saved.push(copy_database(&self.world.path()));
                    self.world = self.world.restart().await;
                }
            }
            Op::Restart => self.world = self.world.restart().await,
            Op::Save => self.saved.push(copy_database(&self.world.path())),
        }
        self
    }

    async fn erase(&mut self, person: u8, what: EraseWhat, drained: bool, stop: Option<Step>) {
        self.requests += 1;
        let request = self.world.erase_request_at(person, what.clone(), drained, self.requests);
        let erased = erase(&mut *self.world.broker.inner.lock().await, &request, &mut rng(), stop).await;
        let mut gone = 0;
        for known in self.known.iter_mut().filter(|known| known.person == person && known.alive) {
            let number = known.segment.header.number;
            let taken = match &what {
                EraseWhat::Spans(spans) => spans
                    .iter()
                    .any(|span| span.session == session(known.session) && (span.first..=span.last).contains(&number)),
                EraseWhat::Session { session: of } => *of == session(known.session),
                EraseWhat::Everything => true,
            };
            known.alive &= !taken;
            gone += usize::from(taken);
        }
        match erased {
            Ok(erased) => assert_eq!(erased.gone.segments().len(), gone),
            Err(error) => assert!(stop.is_some(), "{error}"),
        }
    }

    async fn check(&self) {
        let alive: Vec<Segment> =
            self.known.iter().filter(|known| known.alive).map(|known| known.segment.clone()).collect();
        if !alive.is_empty() {
            self.world.assert_opens(&alive).await;
        }
        for known in self.known.iter().filter(|known| !known.alive) {
            assert!(!opens(&self.world.broker, &known.segment, false, None).await);
            for saved in &self.saved {
                let thief = with_todays_custody(saved.path(), &self.world.path()).await;
                assert!(!opens(&thief, &known.segment, false, Some(&self.world.broker)).await);
                std::fs::remove_file(saved.path().join("custody")).unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_erased_means_erased_and_nothing_else_is_lost(ops in prop::collection::vec(op(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut life = Life::new().await;
            for op in ops {
                life = life.apply(op).await;
            }
            life.check().await;
        });
    }
}
