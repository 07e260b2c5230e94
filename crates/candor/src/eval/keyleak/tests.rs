//! The benchmark must be able to fail, and its truth must be true.

use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, Shape};
use candor_redact::{LogicalKey, Observation, Observed, Role};

use super::truth::By;
use super::wall::Outgoing;
use super::*;

/// Lets everything through, secret fields and all; its clock stands still in them, or nothing after them would be placed.
#[derive(Default)]
struct Open {
    secret_since: Option<u64>,
    cut: u64,
}

/// Lets nothing through.
struct Shut;

/// Shows what [`Open`] does, but takes it all back in the end.
#[derive(Default)]
struct Repenting(Open, u64);

impl Wall for Open {
    fn push(&mut self, observation: Observation, out: &mut Outgoing) {
        let Observation { at, actor, what } = observation;
        let clock = self.secret_since.unwrap_or(at) - self.cut;
        let mut put = |press, key| out.events.push(Event { at: clock, actor, what: What::Key { press, key } });
        match what {
            Observed::Key { press, logical: LogicalKey::Char(c), .. } => put(press, Key::Text(c)),
            Observed::Key { press, physical, logical: LogicalKey::Named(name) } => {
                put(press, Key::Named { physical, name })
            }
            Observed::Committed { text } => text.chars().for_each(|c| put(Press::Down, Key::Text(c))),
            Observed::Field { role: Role::Password, .. } => self.secret_since = Some(at),
            Observed::Field { .. } => self.cut += self.secret_since.take().map_or(0, |since| at - since),
            _ => {}
        }
    }
    fn tick(&mut self, _now: u64, _out: &mut Outgoing) {}
    fn finish(self: Box<Self>, _out: &mut Outgoing) {}
}

impl Wall for Shut {
    fn push(&mut self, _observation: Observation, _out: &mut Outgoing) {}
    fn tick(&mut self, _now: u64, _out: &mut Outgoing) {}
    fn finish(self: Box<Self>, _out: &mut Outgoing) {}
}

impl Wall for Repenting {
    fn push(&mut self, observation: Observation, out: &mut Outgoing) {
        let before = out.events.len();
        self.0.push(observation, out);
        self.1 += (out.events.len() - before) as u64;
    }
    fn tick(&mut self, _now: u64, _out: &mut Outgoing) {}
    fn finish(self: Box<Self>, out: &mut Outgoing) {
        out.retracted.extend(0..self.1);
    }
}

const TEXT: &str = "Dear all, Zoë, my card is 4012 8888 8888 1881 and I live at 12 Elm Road.\n\
    Please write to jane.roe@example.org before noon; it's for the garden party, and don't forget: 3 chairs!";

fn labelled() -> Vec<(std::ops::Range<usize>, &'static str, bool)> {
    let span = |value: &str| {
        let start = TEXT.find(value).unwrap();
        start..start + value.len()
    };
    vec![
        (span("4012 8888 8888 1881"), "CREDIT_CARD", true),
        (span("12 Elm Road"), "ADDRESS", true),
        (span("jane.roe@example.org"), "EMAIL_ADDRESS", true),
    ]
}

fn typed(seed: u64, typo_rate: f64, out_of_step: bool) -> Session {
    typed_with(0, seed, typo_rate, out_of_step)
}

fn typed_with(secrets: u64, seed: u64, typo_rate: f64, out_of_step: bool) -> Session {
    let pool = [("PHONE".to_owned(), "555-0148".to_owned())];
    let task = Task { text: TEXT, spans: labelled(), pool: &pool, typo_rate, out_of_step, secrets };
    sit(&task, &Rhythm::steady(120, 150), Random::new(seed, 0))
}

fn scored(out_of_step: bool, wall: fn() -> Box<dyn Wall>) -> Score {
    let mut score = Score::default();
    for seed in 0..40 {
        let mut session = typed(seed, 0.05, out_of_step);
        let outcome = drive(&mut session, wall());
        score.add(&session, &outcome);
    }
    score
}

#[test]
fn a_wall_that_lets_everything_pass_is_seen_to_leak() {
    for out_of_step in [false, true] {
        let score = scored(out_of_step, || Box::<Open>::default());
        let spans: usize = score.covered.values().map(|share| share.whole).sum();
        let kept: usize = score.covered.values().map(|share| share.part).sum();
        // What an input method or a paste brought does not pass the fake wall.
        assert!(kept * 20 < spans, "{kept} of {spans}");
        assert!(score.retracted_leaked_all > 50, "{}", score.retracted_leaked_all);
        assert!(score.half_retracted_leaked > 5, "{}", score.half_retracted_leaked);
        assert!(score.password_events > 20, "{}", score.password_events);
        assert!(score.leaked.part * 10 > score.leaked.whole * 9, "{:?}", score.leaked);
        assert!(score.over.ratio() < 0.05, "{:?}", score.over);
        assert_eq!(score.forced.part, 0);
        assert!(score.elsewhere > 5, "{}", score.elsewhere);
    }
}

#[test]
fn a_wall_that_withholds_everything_is_of_no_use() {
    let score = scored(false, || Box::new(Shut));
    assert!(score.covered.values().all(|share| share.part == share.whole));
    assert_eq!((score.leaked.part, score.retracted_leaked_all), (0, 0));
    assert_eq!((score.password_events, score.elsewhere), (0, 0));
    assert!(score.over.whole > 1_000 && score.over.part == score.over.whole, "{:?}", score.over);
}

#[test]
fn what_was_retracted_leaks_nothing_and_is_lost() {
    let score = scored(false, || Box::<Repenting>::default());
    assert!(score.covered.values().all(|share| share.part == share.whole));
    assert_eq!(score.retracted_leaked_all, 0);
    assert_eq!(score.over.part, score.over.whole);
    assert_eq!(score.over_segments.part, score.over_segments.whole);
}

#[test]
fn one_character_is_enough_to_leak_a_span() {
    struct Careless(Open);
    impl Wall for Careless {
        fn push(&mut self, observation: Observation, out: &mut Outgoing) {
            self.0.push(observation, out);
            for event in &mut out.events {
                if let What::Key { key: key @ Key::Text(_), .. } = &mut event.what
                    && *key != Key::Text('8')
                {
                    *key = Key::Shape(Shape::Letter);
                }
            }
        }
        fn tick(&mut self, _now: u64, _out: &mut Outgoing) {}
        fn finish(self: Box<Self>, _out: &mut Outgoing) {}
    }
    let score = scored(false, || Box::new(Careless(Open::default())));
    // A card that was pasted does not come out of the fake wall.
    let cards = score.covered["CREDIT_CARD"];
    assert!(cards.part * 10 < cards.whole, "{cards:?}");
    assert_eq!(score.covered["ADDRESS"].part, score.covered["ADDRESS"].whole);
}

#[test]
fn what_is_typed_out_of_time_is_held_against_every_span() {
    /// Tells everything late, at a time of its own.
    #[derive(Default)]
    struct Late(Open, Outgoing);
    impl Wall for Late {
        fn push(&mut self, observation: Observation, _out: &mut Outgoing) {
            self.0.push(observation, &mut self.1);
        }
        fn tick(&mut self, _now: u64, _out: &mut Outgoing) {}
        fn finish(self: Box<Self>, out: &mut Outgoing) {
            out.events.extend(self.1.events.into_iter().map(|event| Event { at: event.at + 1_000_000, ..event }));
        }
    }
    let score = scored(false, || Box::<Late>::default());
    assert!(score.unplaced > 1_000);
    assert!(score.leaked.part * 2 > score.leaked.whole, "{:?}", score.leaked);
}

#[test]
fn what_was_typed_gives_the_text_that_was_meant() {
    for seed in 0..200 {
        let session = typed(seed, 0.1, false);
        assert_eq!(session.text, TEXT, "seed {seed}");
        assert!(session.times.is_sorted(), "seed {seed}");
        for (number, span) in session.spans.iter().enumerate() {
            let standing = session.units.iter().filter(|unit| unit.mark.span == Some(number) && !unit.erased);
            let standing = standing.filter(|unit| !matches!(unit.by, By::Elsewhere)).count();
            let expected = match span.origin {
                Origin::Labelled => span.text.len(),
                Origin::Retracted | Origin::HalfRetracted | Origin::Password => 0,
                Origin::Placed => continue,
            };
            assert_eq!(standing, expected, "seed {seed}, {:?}", span.scenario);
        }
    }
}

#[test]
fn each_scenario_happens() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let session = typed(seed, 0.05, true);
        seen.extend(session.spans.iter().map(|span| span.scenario.as_str()));
    }
    for scenario in ["late-correction", "select-keys", "paste", "held-backspace", "retracted", "half-retracted"] {
        assert!(seen.contains(scenario), "{scenario}");
    }
    for scenario in ["leave-focus", "interleaved", "composed", "password", "split-card", "untold-click", "undo"] {
        assert!(seen.contains(scenario), "{scenario}");
    }
}

#[test]
fn the_same_seed_types_the_same() {
    let told = |session: &Session| {
        let units: Vec<_> = session.units.iter().map(|unit| (unit.observation, unit.ch, unit.mark)).collect();
        (session.times.clone(), units)
    };
    assert!(told(&typed(3, 0.05, true)) == told(&typed(3, 0.05, true)));
    assert!(told(&typed(3, 0.05, true)) != told(&typed(4, 0.05, true)));
}

#[test]
fn other_secrets_change_nothing_but_what_is_in_the_secret_field() {
    let mut different = 0;
    for seed in 0..100 {
        let (mut one, mut other) = (typed_with(0, seed, 0.05, true), typed_with(1, seed, 0.05, true));
        let outside = |session: &Session| -> Vec<_> {
            let units = session.units.iter().filter(|unit| unit.by != By::Elsewhere);
            units.map(|unit| (unit.ch, session.clock(session.times[unit.observation]))).collect()
        };
        assert!(outside(&one) == outside(&other), "seed {seed}");
        let seen = drive(&mut one, Box::<Open>::default()).looks_like(&drive(&mut other, Box::<Open>::default()));
        different += usize::from(!seen);
        assert!(drive(&mut one, Box::new(Shut)).looks_like(&drive(&mut other, Box::new(Shut))));
    }
    assert!(different > 5, "{different}");
}

#[test]
fn the_sessions_clock_stands_still_in_a_secret_field() {
    let mut session = typed(1, 0.0, false);
    session.secret = vec![(100, 400), (600, 700)];
    assert_eq!([50, 100, 250, 400, 500, 650, 800].map(|at| session.clock(at)), [50, 100, 100, 100, 200, 300, 400]);
}

#[test]
fn the_dump_holds_both_sides_and_appears_when_it_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut session = typed(5, 0.05, false);
    let outcome = drive(&mut session, Box::<Open>::default());
    let mut dump = Dump::new(&dir.path().join("out")).unwrap();
    dump.add(0, &session, &outcome).unwrap();
    assert!(!dir.path().join("out/truth.jsonl").exists());
    dump.finish().unwrap();
    let read = |name: &str| {
        let text = std::fs::read_to_string(dir.path().join("out").join(name)).unwrap();
        serde_json::from_str::<serde_json::Value>(text.trim_end()).unwrap()
    };
    assert_eq!(read("truth.jsonl")["text"], TEXT);
    assert_eq!(read("outgoing.jsonl")["events"].as_array().unwrap().len(), outcome.released.len());
}

#[test]
fn texts_are_spread_over_the_files() {
    assert_eq!(chosen(10, Some(4)), [0, 2, 5, 7]);
    assert_eq!(chosen(3, Some(9)), [0, 1, 2]);
    assert_eq!(chosen(3, None), [0, 1, 2]);
}
