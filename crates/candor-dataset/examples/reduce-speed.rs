//! How fast the reducer is, on a stream shaped like Balabit's office sessions. Prints millions of events a second.

use std::time::Instant;

use candor_dataset::reduce::{Reducer, Step};
use candor_model::event::{Button, Press};
use candor_model::key::{Key, Shape};
use candor_model::{Actor, ClockUnit, Event, PositionUnit, What};

/// About Balabit's mix: 9 in 10 are movement, every second one of them in a drag in some stretches.
fn stream(actions: i32) -> Vec<Event> {
    let (mut events, mut at) = (Vec::new(), 0);
    let mut put = |wait: u64, what| {
        at += wait;
        events.push(Event { at, actor: Actor::Human, what });
    };
    for turn in 0..actions {
        let (x, y) = (turn * 37 % 1900, turn * 91 % 1000);
        (0..40).for_each(|step| put(8, What::Move { x: x + step, y: y + step / 3, drag: false }));
        let (x, y) = (x + 40, y + 13);
        put(80, What::Button { press: Press::Down, button: Button::LEFT, x, y });
        let steps = if turn % 4 == 0 { 25 } else { 0 };
        (0..steps).for_each(|step| put(8, What::Move { x: x + step * 3, y, drag: true }));
        put(70, What::Button { press: Press::Up, button: Button::LEFT, x: x + steps * 3, y });
        if turn % 3 == 0 {
            (0..4).for_each(|_| put(40, What::Scroll { dx: 0, dy: 120, x, y }));
        }
        for shape in [Shape::Letter, Shape::Letter, Shape::Space].into_iter().take(turn as usize % 4) {
            put(90, What::Key { press: Press::Down, key: Key::Shape(shape) });
            put(40, What::Key { press: Press::Up, key: Key::Shape(shape) });
        }
    }
    events
}

fn main() {
    for round in 0..5 {
        let events = stream(60_000);
        let (count, mut steps) = (events.len(), 0u64);
        let mut emit = |step: Step| steps += u64::from(step.events > 0);
        let mut reducer = Reducer::new(ClockUnit::MILLISECOND, PositionUnit::PIXEL);
        let start = Instant::now();
        events.into_iter().for_each(|event| reducer.push(event, &mut emit));
        let tally = reducer.finish(&mut emit);
        let secs = start.elapsed().as_secs_f64();
        println!("round {round}: {count} events, {steps} steps, {:.1} M events/s", count as f64 / secs / 1e6);
        assert!(tally.balances());
    }
}
