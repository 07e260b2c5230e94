//! Laws that hold for every stream: what a shift, a change of unit, a gap or a cut must not change.

mod common;

use candor_dataset::reduce::{Action, Reducer, Step};
use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::{Button, Press, Surrogate};
use candor_model::key::{Key, NamedKey, Shape};
use candor_model::{Actor, ClockUnit, Event, PositionUnit, What};
use common::{Hand, hand, named, reduce, reduce_in, symbol};
use proptest::collection::vec;
use proptest::prelude::*;

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        proptest::sample::select(Shape::ALL.to_vec()).prop_map(Key::Shape),
        proptest::sample::select(vec!['a', 'é', ' ', '⟦']).prop_map(Key::Text),
        proptest::sample::select(vec![
            NamedKey::Shift,
            NamedKey::Control,
            NamedKey::Meta,
            NamedKey::AltGraph,
            NamedKey::Backspace,
            NamedKey::Enter,
            NamedKey::ArrowUp,
        ])
        .prop_map(named),
        proptest::sample::select(vec!['c', 'v']).prop_map(symbol),
    ]
}

fn press() -> impl Strategy<Value = Press> {
    prop_oneof![Just(Press::Down), Just(Press::Up)]
}

fn what() -> impl Strategy<Value = What> {
    let place = || prop_oneof![9 => 0..20i32, 1 => any::<i32>()];
    prop_oneof![
        8 => (press(), key()).prop_map(|(press, key)| What::Key { press, key }),
        4 => (place(), place(), any::<bool>()).prop_map(|(x, y, drag)| What::Move { x, y, drag }),
        8 => (press(), 1..4u8, place(), place())
            .prop_map(|(press, button, x, y)| What::Button { press, button: Button(button), x, y }),
        3 => (-2..3i32, -2..3i32, place(), place()).prop_map(|(dx, dy, x, y)| What::Scroll { dx, dy, x, y }),
        1 => "[ab]".prop_map(|app| What::Window { app }),
        1 => (proptest::sample::select(&Surrogate::ALL[..2]), 1..3u32)
            .prop_map(|(of, number)| What::Surrogate { of, number }),
        2 => element(),
        1 => Just(What::Gap),
    ]
}

fn element() -> impl Strategy<Value = What> {
    let of = proptest::sample::select(&ElementOf::ALL[..]);
    let role = proptest::sample::select(vec![ElementRole::Button, ElementRole::Textbox]);
    let element = |(of, role, x, y, width, height)| Element { of, role, name: None, x, y, width, height };
    let parts = (of, role, -3..9i32, -3..9i32, 0..20u32, 0..20u32);
    parts.prop_map(move |parts| What::Element(Box::new(element(parts))))
}

fn stream() -> impl Strategy<Value = Vec<Event>> {
    let actor = prop_oneof![30 => Just(Actor::Human), 1 => Just(Actor::Injected)];
    let wait = prop_oneof![0..5u64, 0..500u64, 250..2_500u64];
    vec((wait, actor, what()), 0..120).prop_map(|events| {
        let mut at = 0;
        let timed = |(wait, actor, what)| {
            at += wait;
            Event { at, actor, what }
        };
        events.into_iter().map(timed).collect()
    })
}

fn shifted(events: &[Event], by: u64) -> impl Iterator<Item = Event> {
    events.iter().cloned().map(move |event| Event { at: event.at + by, ..event })
}

fn shift_step(step: &Step, by: u64) -> Step {
    Step { start: step.start + by, end: step.end + by, ..step.clone() }
}

/// The law for a work session of every kind of action, its hotkey never released.
#[test]
fn twenty_sessions_with_gaps_between_are_twenty_times_one() {
    let mut hand = hand();
    hand.window("editor").text("hello 12").click(Button::LEFT, 5, 5).click(Button::LEFT, 5, 5).drag((1, 1), (80, 9));
    hand.scroll(0, 120).scroll(0, 120).wait(900).down(named(NamedKey::Control)).wait(40).down(symbol('s'));
    let once = reduce(&hand.events);
    assert_eq!(once.len(), 5);
    assert_eq!(repeated(&hand), [once.as_slice(); 20].concat().len());
}

fn repeated(hand: &Hand) -> usize {
    let mut all = Vec::new();
    for turn in 0..20 {
        all.extend(shifted(&hand.events, turn * 100_000));
        all.push(Event { at: turn * 100_000 + 90_000, actor: Actor::Human, what: What::Gap });
    }
    reduce(&all).iter().filter(|step| step.action != Action::Gap).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// The helper checks that every event is counted once and that steps hold what the tally says.
    #[test]
    fn events_are_conserved_and_steps_ordered(events in stream()) {
        let end = events.last().map_or(0, |event| event.at);
        let steps = reduce(&events);
        prop_assert!(steps.is_sorted_by_key(|step| step.start));
        prop_assert!(steps.iter().all(|step| step.start <= step.end && step.end <= end));
    }

    #[test]
    fn a_stream_and_a_gap_twenty_times_is_twenty_times_the_stream(events in stream()) {
        let mut one = vec![Event { at: 0, actor: Actor::Human, what: What::Window { app: "a".to_owned() } }];
        one.extend(events);
        one.push(Event { at: one.last().unwrap().at, actor: Actor::Human, what: What::Gap });
        let all: Vec<_> = (0..20).flat_map(|turn| shifted(&one, turn * 1_000_000)).collect();
        let acts = |steps: Vec<Step>| steps.into_iter().filter(|step| step.action != Action::Gap).collect::<Vec<_>>();
        let once = acts(reduce(&one));
        let expected: Vec<_> =
            (0..20).flat_map(|turn| once.iter().map(move |step| shift_step(step, turn * 1_000_000))).collect();
        prop_assert_eq!(acts(reduce(&all)), expected);
    }

    #[test]
    fn a_shift_in_time_changes_nothing_else(events in stream(), by in 0..u64::MAX / 2) {
        let moved: Vec<_> = shifted(&events, by).collect();
        let expected: Vec<_> = reduce(&events).iter().map(|step| shift_step(step, by)).collect();
        prop_assert_eq!(reduce(&moved), expected);
    }

    #[test]
    fn a_finer_unit_changes_nothing_else(events in stream(), finer in 0..3u32) {
        let by = 10u64.pow(finer);
        let clock = ClockUnit::from_micros(1_000 / u32::try_from(by).unwrap()).unwrap();
        let fine: Vec<_> = events.iter().cloned().map(|event| Event { at: event.at * by, ..event }).collect();
        let expected: Vec<_> =
            reduce(&events).into_iter().map(|step| {
                let mut step = Step { start: step.start * by, end: step.end * by, ..step };
                if let Action::Drag { path, .. } = &mut step.action {
                    path.iter_mut().for_each(|vertex| vertex.after *= by);
                }
                step
            }).collect();
        prop_assert_eq!(reduce_in(clock, PositionUnit::PIXEL, &fine).0, expected);
    }

    /// Positions a billion apart do not fit when multiplied, so they are kept small here.
    #[test]
    fn a_finer_position_changes_nothing_else(mut events in stream(), bits in 0..9u32) {
        let by = 1 << bits;
        let scale = |events: &mut Vec<Event>, scale: &dyn Fn(i32) -> i32| {
            for event in events {
                if let What::Move { x, y, .. } | What::Button { x, y, .. } | What::Scroll { x, y, .. } = &mut event.what {
                    (*x, *y) = (scale(*x), scale(*y));
                }
                if let What::Element(element) = &mut event.what {
                    let Element { x, y, width, height, .. } = element.as_mut();
                    (*x, *y) = (scale(*x), scale(*y));
                    let length = |length: &u32| u32::try_from(scale(i32::try_from(*length).unwrap())).unwrap();
                    (*width, *height) = (length(width), length(height));
                }
            }
        };
        scale(&mut events, &|place| place % 10_000);
        let mut fine = events.clone();
        scale(&mut fine, &|place| place * by);
        let mut expected = reduce(&events);
        for step in &mut expected {
            step.element = step.element.take().map(|element| {
                let Element { of, role, name, x, y, width, height } = element.as_ref().clone();
                let (wide, high) = (width * u32::try_from(by).unwrap(), height * u32::try_from(by).unwrap());
                Element { of, role, name, x: x * by, y: y * by, width: wide, height: high }.into()
            });
            match &mut step.action {
                Action::Click { x, y, .. } | Action::LongPress { x, y, .. } | Action::Scroll { x, y, .. } => {
                    (*x, *y) = (*x * by, *y * by);
                }
                Action::Drag { path, .. } => {
                    path.iter_mut().for_each(|vertex| (vertex.x, vertex.y) = (vertex.x * by, vertex.y * by));
                }
                _ => {}
            }
        }
        let unit = PositionUnit::from_steps(u16::try_from(by).unwrap()).unwrap();
        prop_assert_eq!(reduce_in(ClockUnit::MILLISECOND, unit, &fine).0, expected);
    }

    /// Wherever a stream is cut, what was emitted stays: no step is taken back or changed by what follows.
    #[test]
    fn what_was_emitted_stays(events in stream(), cut in 0..120usize) {
        let all = reduce(&events);
        let mut reducer = Reducer::new(ClockUnit::MILLISECOND, PositionUnit::PIXEL);
        let mut early = Vec::new();
        events.iter().take(cut).for_each(|event| reducer.push(event.clone(), &mut |step| early.push(step)));
        prop_assert_eq!(&early, &all[..early.len()]);
    }

    /// Where a gap lies, cutting the stream there and reducing the halves apart gives the same steps.
    #[test]
    fn a_stream_may_be_cut_at_a_gap(mut before in stream(), after in stream()) {
        let middle = before.last().map_or(0, |event| event.at) + 1;
        before.push(Event { at: middle, actor: Actor::Human, what: What::Gap });
        let window = Event { at: middle, actor: Actor::Human, what: What::Window { app: "z".to_owned() } };
        let second: Vec<_> = std::iter::once(window).chain(shifted(&after, middle)).collect();
        let mut halves = reduce(&before);
        halves.extend(reduce(&second));
        halves.dedup_by(|b, a| a.action == Action::Gap && b.action == Action::Gap);
        prop_assert_eq!(reduce(&[before, second].concat()), halves);
    }
}
