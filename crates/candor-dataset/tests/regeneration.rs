//! What time tells in a dataset: what was done, and nobody's pace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use candor_dataset::DatasetSecret;
use candor_dataset::place::{PLACES, PlaceRule};
use candor_dataset::reduce::{Action, Step, Vertex};
use candor_dataset::reident::{self, ATTACKERS, Attacker, Dice, Sample, Trial, name, summary};
use candor_dataset::row::{Row, session_rows};
use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::Button;
use candor_model::key::NamedKey;
use candor_redact::regenerate::Pause;
use common::people::{context, secret};
use common::{hand, named, reduce};
use proptest::prelude::*;

fn rows(secret: &DatasetSecret, steps: &[Step]) -> Vec<Row> {
    session_rows(&context(1), secret, PLACES, steps.to_vec())
}

/// Typing, clicks, a drag, scrolling and keys; every interval `pace` times as long.
fn work(pace: u64) -> Vec<Step> {
    let mut hand = hand();
    hand.wait(1_000);
    for (turn, pause) in [100, 350, 1_200, 3_500, 12_000].into_iter().enumerate() {
        let x = 100 * i32::try_from(turn).unwrap();
        hand.text("hello you").wait(pause).click(Button::LEFT, x, 200).wait(600);
        hand.drag((x, 20), (300, 220)).wait(700).scroll(0, 120).wait(20).scroll(0, 240).wait(600);
        hand.tap(named(NamedKey::Tab)).wait(400);
    }
    let mut steps = reduce(&hand.events);
    // Nine tenths to eleven tenths keeps every pause in its bucket and every step what it is.
    for step in &mut steps {
        (step.start, step.end) = (step.start * pace / 10, step.end * pace / 10);
    }
    steps
}

#[test]
fn a_rebuild_repeats_every_row() {
    let steps = work(10);
    assert_eq!(rows(&secret(), &steps), rows(&secret(), &steps));
    let other = rows(&DatasetSecret::from_bytes([7; 32]), &steps);
    assert!(rows(&secret(), &steps).iter().zip(&other).any(|(one, other)| one.start_us != other.start_us));
}

#[test]
fn the_same_work_at_another_pace_has_the_same_rows() {
    let (slow, fast) = (work(10), work(9));
    assert_ne!(slow, fast);
    assert_eq!(rows(&secret(), &slow), rows(&secret(), &fast));
}

#[test]
fn a_drags_own_way_is_gone_and_its_ends_are_exact() {
    let bent = |bend: i32| {
        let mut steps = work(10);
        for step in &mut steps {
            if let Action::Drag { path, .. } = &mut step.action {
                let middle = Vertex { after: 77, x: path[0].x + bend, y: path[0].y - bend };
                path.insert(1, middle);
            }
        }
        session_rows(&context(1), &secret(), PlaceRule::Exact, steps)
    };
    assert_eq!(bent(5), bent(90));
    let drags: Vec<Row> = bent(5).into_iter().filter(|row| row.action == "drag").collect();
    assert_eq!(drags.len(), 5);
    for row in drags {
        let path = row.path.unwrap();
        assert_eq!((path[1], path[2]), (row.x.unwrap(), row.y.unwrap()));
        assert_eq!(path[path.len() - 2..], [300 * 256, 220 * 256]);
        assert_eq!(path[path.len() - 3], row.end_us - row.start_us);
    }
}

#[test]
fn a_place_on_a_grid_comes_without_the_rectangle_that_would_tell_where_in_its_field_it_lies() {
    let mut hand = hand();
    hand.press(Button::LEFT, 110, 60);
    hand.element(ElementOf::Press, ElementRole::Button, Some("Save"), (100, 50, 80, 24)).wait(9);
    let steps = reduce(&hand.release(Button::LEFT, 110, 60).events);
    let row = |rule| session_rows(&context(1), &secret(), rule, steps.clone()).remove(0);
    let told = |row: &Row| [row.element_x, row.element_y, row.element_width, row.element_height];
    let (exact, grid) = (row(PlaceRule::Exact), row(PlaceRule::Grid { columns: 5, rows: 5 }));
    assert_eq!(told(&exact), [100, 50, 80, 24].map(|part| Some(part * 256)));
    assert_eq!(told(&grid), [None; 4]);
    for row in [exact, grid] {
        assert_eq!((row.element_role.as_deref(), row.element_name.as_deref()), (Some("button"), Some("Save")));
    }
}

#[test]
fn what_was_done_within_a_hold_stays_within_it() {
    let mut hand = hand();
    hand.press(Button::LEFT, 0, 0).wait(100).go(50, 50).wait(900).tap(named(NamedKey::Escape)).wait(900);
    let steps = reduce(&hand.release(Button::LEFT, 200, 200).events);
    let rows = rows(&secret(), &steps);
    let [drag, key] = rows.as_slice() else { panic!("{rows:?}") };
    assert!(drag.start_us <= key.start_us && key.start_us <= drag.end_us, "{rows:?}");
}

/// Rollover is as good as a signature.
#[test]
fn keys_that_overlapped_come_one_after_the_other() {
    let mut hand = hand();
    hand.down(named(NamedKey::Tab)).wait(40).down(named(NamedKey::Enter)).wait(20).up(named(NamedKey::Tab));
    let steps = reduce(&hand.wait(10).up(named(NamedKey::Enter)).events);
    let rows = rows(&secret(), &steps);
    assert!(rows[1].start_us > rows[0].end_us, "{rows:?}");
}

fn step() -> impl Strategy<Value = Step> {
    let time = prop_oneof![0..20_000u64, any::<u64>()];
    let action = prop_oneof![
        (any::<u8>(), any::<i32>(), any::<i32>()).prop_map(|(count, x, y)| Action::Click {
            button: Button::LEFT,
            count,
            x,
            y
        }),
        (any::<i32>(), any::<i32>()).prop_map(|(x, y)| Action::LongPress { button: Button::LEFT, x, y }),
        prop::collection::vec((any::<u64>(), any::<i32>(), any::<i32>()), 0..4).prop_map(|path| Action::Drag {
            button: Button::LEFT,
            path: path.into_iter().map(|(after, x, y)| Vertex { after, x, y }).collect(),
        }),
        (any::<i64>(), any::<i64>()).prop_map(|(dx, dy)| Action::Scroll {
            axis: candor_dataset::reduce::Axis::Vertical,
            dx,
            dy,
            x: i32::MIN,
            y: i32::MAX
        }),
        Just(Action::Gap),
    ];
    (time.clone(), time, action).prop_map(|(start, end, action)| Step {
        element: None,
        start,
        end,
        app: None,
        modifiers: candor_dataset::reduce::Modifiers::NONE,
        action,
        unmatched: false,
        chord: false,
        events: 1,
    })
}

proptest! {
    #[test]
    fn no_step_is_too_strange(steps in prop::collection::vec(step(), 0..20)) {
        for rule in [PlaceRule::Exact, PlaceRule::Grid { columns: 0, rows: u16::MAX }] {
            let rows = session_rows(&context(1), &secret(), rule, steps.clone());
            prop_assert!(rows.iter().all(|row| row.start_us <= row.end_us));
            prop_assert!(rows.is_sorted_by_key(|row| row.start_us));
        }
    }

    #[test]
    fn a_pause_stays_in_its_bucket(pauses in prop::collection::vec(0..30_000u64, 1..20), seed: [u8; 32]) {
        let mut hand = hand();
        for pause in &pauses {
            hand.down(named(NamedKey::Tab)).wait(50).up(named(NamedKey::Tab)).wait(*pause + 1);
        }
        let steps = reduce(&hand.events);
        let rows = rows(&DatasetSecret::from_bytes(seed), &steps);
        for (steps, rows) in steps.windows(2).zip(rows.windows(2)) {
            let was = Pause::of((steps[1].start - steps[0].end) * 1_000);
            prop_assert_eq!(Pause::of((rows[1].start_us - rows[0].end_us) as u64), was);
        }
    }
}

/// Ten people, each with a pace of their own, and what attackers see of ten sessions each.
fn attack(samples: impl Fn(u8, &[Step], u64) -> Vec<Sample>) -> f64 {
    let seeds = 1..=5u64;
    let trials = seeds.map(|seed| {
        let mut dice = Dice::new(seed);
        let person = |who: u8| {
            let mut session = |number: u8| {
                let mut hand = hand();
                for _ in 0..12 {
                    let own = u64::from(who) * 12 + 40;
                    let mut wait = |from: u64| from + dice.below(15) as u64;
                    let (hold, gap) = (wait(own), wait(320 + 2 * own));
                    hand.down(named(NamedKey::Tab)).wait(hold).up(named(NamedKey::Tab)).wait(gap);
                }
                samples(who * 20 + number, &reduce(&hand.events), seed)
            };
            let train = (0..5).flat_map(&mut session).collect();
            let queries = (5..10).map(&mut session).collect();
            reident::Person { train, queries }
        };
        vec![Trial { people: (0..10).map(person).collect(), seed }.run()]
    });
    let found = summary(&trials.collect::<Vec<_>>(), &mut Dice::new(1));
    assert_eq!(found.len(), ATTACKERS.len());
    let best = found.iter().filter(|one| one.attacker != Attacker::Style).filter_map(|one| one.rank1[3]);
    best.map(|one| one.mean).fold(0.0, f64::max)
}

#[test]
fn attackers_tell_people_apart_by_their_time_but_not_by_the_dataset() {
    let raw = attack(|_, steps, _| {
        let own = |step: &Step| (name(&["hold"]), (step.end - step.start) as f64);
        let marks = vec![name(&["Tab"]); steps.len()];
        vec![Sample { values: steps.iter().map(own).collect(), marks: marks.clone(), text: marks }]
    });
    let released = attack(|session, steps, seed| {
        let mut context = context(1);
        context.session = candor_model::SessionId::from_bytes([session; 16]);
        let secret = DatasetSecret::from_bytes([u8::try_from(seed).unwrap(); 32]);
        reident::samples(&session_rows(&context, &secret, PLACES, steps.to_vec()), usize::MAX)
    });
    assert!(raw > 0.8, "the attackers have no teeth: {raw}");
    assert!(released < 0.2, "a tenth is chance: {released}");
}
