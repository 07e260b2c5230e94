//! A hand that makes event streams, 1 ms and whole pixels; and people to make datasets of.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(dead_code, reason = "each test file uses a part")]

pub mod people;

use candor_dataset::reduce::{Action, Reducer, Step, Tally, TypedRun};
use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::{Button, Press, Surrogate};
use candor_model::key::{Key, NamedKey, PhysicalKey, Shape};
use candor_model::{Actor, ClockUnit, Event, PositionUnit, What};

#[derive(Debug, Clone, Default)]
pub struct Hand {
    pub now: u64,
    pub events: Vec<Event>,
}

pub fn named(name: NamedKey) -> Key {
    Key::Named { physical: PhysicalKey(0x80 + u16::from(name.code())), name }
}

pub fn symbol(symbol: char) -> Key {
    Key::Shortcut { physical: PhysicalKey(symbol as u16 % 0x70 + 4), symbol }
}

impl Hand {
    pub fn event(&mut self, what: What) -> &mut Self {
        self.events.push(Event { at: self.now, actor: Actor::Human, what });
        self
    }

    pub fn wait(&mut self, ticks: u64) -> &mut Self {
        self.now += ticks;
        self
    }

    pub fn down(&mut self, key: Key) -> &mut Self {
        self.event(What::Key { press: Press::Down, key })
    }

    pub fn up(&mut self, key: Key) -> &mut Self {
        self.event(What::Key { press: Press::Up, key })
    }

    pub fn tap(&mut self, key: Key) -> &mut Self {
        self.down(key).wait(30).up(key).wait(70)
    }

    pub fn text(&mut self, text: &str) -> &mut Self {
        text.chars().for_each(|c| {
            self.tap(Key::Shape(Shape::of(c)));
        });
        self
    }

    /// Text that redaction let pass.
    pub fn passed(&mut self, text: &str) -> &mut Self {
        text.chars().for_each(|c| {
            self.down(Key::Text(c)).wait(30).up(Key::Shape(Shape::of(c))).wait(70);
        });
        self
    }

    pub fn value(&mut self, of: Surrogate, number: u32) -> &mut Self {
        self.event(What::Surrogate { of, number }).wait(70)
    }

    pub fn go(&mut self, x: i32, y: i32) -> &mut Self {
        self.event(What::Move { x, y, drag: false })
    }

    pub fn press(&mut self, button: Button, x: i32, y: i32) -> &mut Self {
        self.event(What::Button { press: Press::Down, button, x, y })
    }

    pub fn release(&mut self, button: Button, x: i32, y: i32) -> &mut Self {
        self.event(What::Button { press: Press::Up, button, x, y })
    }

    pub fn click(&mut self, button: Button, x: i32, y: i32) -> &mut Self {
        self.press(button, x, y).wait(60).release(button, x, y).wait(60)
    }

    pub fn drag(&mut self, from: (i32, i32), to: (i32, i32)) -> &mut Self {
        self.press(Button::LEFT, from.0, from.1).wait(50);
        for part in 1..=10 {
            let between = |a: i32, b: i32| a + (b - a) * part / 10;
            self.go(between(from.0, to.0), between(from.1, to.1)).wait(20);
        }
        self.release(Button::LEFT, to.0, to.1).wait(100)
    }

    pub fn scroll(&mut self, dx: i32, dy: i32) -> &mut Self {
        self.event(What::Scroll { dx, dy, x: 5, y: 6 })
    }

    pub fn window(&mut self, app: &str) -> &mut Self {
        self.event(What::Window { app: app.to_owned() })
    }

    /// What was pressed or has the focus, at x and y, so wide and high.
    pub fn element(
        &mut self,
        of: ElementOf,
        role: ElementRole,
        name: Option<&str>,
        (x, y, width, height): (i32, i32, u32, u32),
    ) -> &mut Self {
        let name = name.map(str::to_owned);
        self.event(What::Element(Box::new(Element { of, role, name, x, y, width, height })))
    }

    pub fn gap(&mut self) -> &mut Self {
        self.event(What::Gap)
    }
}

pub fn hand() -> Hand {
    Hand { now: 1_000, events: Vec::new() }
}

pub fn reduce_in(clock: ClockUnit, position: PositionUnit, events: &[Event]) -> (Vec<Step>, Tally) {
    let mut steps = Vec::new();
    let mut emit = |step: Step| steps.push(step);
    let mut reducer = Reducer::new(clock, position);
    events.iter().for_each(|event| reducer.push(event.clone(), &mut emit));
    let tally = reducer.finish(&mut emit);
    assert!(tally.balances(), "{tally:?}");
    assert_eq!(tally.in_steps, steps.iter().map(|step| u64::from(step.events)).sum::<u64>());
    (steps, tally)
}

pub fn reduce(events: &[Event]) -> Vec<Step> {
    reduce_in(ClockUnit::MILLISECOND, PositionUnit::PIXEL, events).0
}

/// The steps in words, one a line.
pub fn words(steps: &[Step]) -> String {
    let word = |step: &Step| {
        let mut line: String = step.modifiers.iter().map(|key| format!("{}+", key.as_str())).collect();
        line += &match &step.action {
            Action::Click { button, count, x, y } => format!("click {} x{count} at {x},{y}", button.0),
            Action::LongPress { button, .. } => format!("long press {} for {}", button.0, step.end - step.start),
            Action::Drag { path, .. } => {
                let (first, last) = (path.first().unwrap(), path.last().unwrap());
                format!("drag {},{} to {},{}", first.x, first.y, last.x, last.y)
            }
            Action::Scroll { axis, dx, dy, x, y } => format!("scroll {axis:?} {dx},{dy} at {x},{y}"),
            Action::Type { typed } => {
                let run = |run: &TypedRun| match run {
                    TypedRun::Shapes(run) => format!("{:?}*{}", run.shape, run.count),
                    TypedRun::Text(text) => format!("{text:?}"),
                    TypedRun::Surrogate { of, number } => format!("{}_{number}", of.as_str()),
                };
                format!("type {}", typed.iter().map(run).collect::<Vec<_>>().join(" "))
            }
            Action::Press { key, count } => format!("press {key:?} x{count}"),
            Action::Hotkey { key, count } => format!("hotkey {key:?} x{count}"),
            Action::Gap => "gap".to_owned(),
        };
        if step.unmatched {
            line += " unmatched";
        }
        if step.chord {
            line += " chord";
        }
        line + "\n"
    };
    steps.iter().map(word).collect()
}
