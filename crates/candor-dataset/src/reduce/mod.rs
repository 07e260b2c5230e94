//! The reducer: a session's events become steps, in one pass and constant memory. Rules: `spec/dataset.md`, "Steps".
//!
//! Architecture invariant: a step never spans a gap. Whatever is held or running when something was left out ends there.

mod element;
mod keys;
mod limits;
mod pointer;
mod slots;
mod step;
mod tally;
mod typing;

use std::sync::Arc;

use candor_model::event::Press;
use candor_model::unit::{ClockUnit, PositionUnit};
use candor_model::{Actor, Element, Event, Ticks, What};

use self::keys::{HeldKey, HeldModifier};
use self::limits::Limits;
use self::pointer::{HeldButton, PendingClick, ScrollRun};
use self::slots::{SlotId, Slots};
pub use self::step::{Action, Axis, Modifiers, ShapeRun, Step, StepKey, TypedRun, Vertex};
pub use self::tally::Tally;
use self::typing::{Typed, TypingRun};

/// The version of the rules; manifests carry it.
pub const REDUCER_VERSION: u16 = 3;

/// Reduces one session. Steps come out in the order of their starts.
#[derive(Debug)]
pub struct Reducer {
    limits: Limits,
    slots: Slots,
    tally: Tally,
    now: Ticks,
    app: Option<Arc<str>>,
    modifiers: Vec<HeldModifier>,
    keys: Vec<HeldKey>,
    buttons: Vec<HeldButton>,
    click: Option<PendingClick>,
    scroll: Option<ScrollRun>,
    typing: Option<TypingRun>,
    /// The last press, until its element is told.
    pressed: Option<SlotId>,
    /// The element in focus, as far as anybody told.
    focus: Option<Arc<Element>>,
}

impl Reducer {
    /// A reducer for a session in these units.
    pub fn new(clock: ClockUnit, position: PositionUnit) -> Self {
        Self {
            limits: Limits::new(clock, position),
            slots: Slots::default(),
            tally: Tally::default(),
            now: 0,
            app: None,
            modifiers: Vec::new(),
            keys: Vec::new(),
            buttons: Vec::new(),
            click: None,
            scroll: None,
            typing: None,
            pressed: None,
            focus: None,
        }
    }

    /// Takes the next event; `emit` gets the steps it completes.
    ///
    /// Events that are not human are dropped and counted, and leave a gap behind. Where a segment is missing, the caller
    /// pushes [`What::Gap`].
    pub fn push(&mut self, event: Event, emit: &mut impl FnMut(Step)) {
        self.tally.pushed += 1;
        self.now = self.now.max(event.at);
        match event.what {
            What::Window { app } => self.window(&app),
            // It tells of an action, and is none: whose it is, the action says.
            What::Element(element) => {
                self.tally.elements += 1;
                self.element(*element);
            }
            What::Gap => {
                self.tally.gaps += 1;
                self.gap();
            }
            _ if event.actor != Actor::Human => {
                self.tally.other_actors += 1;
                self.gap();
            }
            What::Move { x, y, .. } => return self.moved(x, y),
            What::Button { press: Press::Down, button, x, y } => self.button_down(button, x, y),
            What::Button { press: Press::Up, button, x, y } => self.button_up(button, x, y),
            What::Scroll { dx, dy, x, y } => self.scrolled(dx, dy, x, y),
            What::Surrogate { of, number } => self.type_one(Typed::Value(of, number)),
            What::Key { press: Press::Down, key } => self.key_down(key),
            What::Key { press: Press::Up, key } => self.key_up(key),
        }
        self.tally.in_steps += self.slots.drain(emit);
    }

    /// The session's end: whatever is still held is closed and flagged. Says where every event went.
    pub fn finish(mut self, emit: &mut impl FnMut(Step)) -> Tally {
        self.interrupt();
        self.tally.in_steps += self.slots.drain(emit);
        self.tally
    }

    /// Another window has the focus: runs end. What is held stays, because a press that raises a window is released in
    /// the new one; but if its release never comes, it counts as released now.
    fn window(&mut self, app: &str) {
        self.tally.windows += 1;
        self.close_typing();
        self.close_scroll();
        (self.pressed, self.focus) = (None, None);
        if self.app.as_deref() != Some(app) {
            self.app = Some(Arc::from(app));
        }
        let now = self.now;
        let left = self.buttons.iter_mut().map(|held| &mut held.left_at);
        let left = left.chain(self.keys.iter_mut().map(|held| &mut held.left_at));
        for left_at in left.chain(self.modifiers.iter_mut().map(|held| &mut held.left_at)) {
            left_at.get_or_insert(now);
        }
    }

    /// Something was left out.
    fn gap(&mut self) {
        self.interrupt();
        let id = self.open_slot();
        self.slots.fill(id, Some(self.step(Action::Gap)));
    }

    fn interrupt(&mut self) {
        (self.pressed, self.focus) = (None, None);
        self.close_typing();
        self.close_scroll();
        self.close_click();
        self.release_all_buttons();
        self.release_all_keys();
    }

    /// Reserves the next place in the order of steps. Holding something while hundreds of steps pass would need a buffer
    /// without bound: the oldest is closed instead, and flagged where it
    /// was a hold.
    fn open_slot(&mut self) -> SlotId {
        if let Some(oldest) = self.slots.full() {
            self.close_typing();
            self.close_scroll();
            self.close_click();
            self.release_button_in(oldest);
            self.release_key_in(oldest);
        }
        self.slots.open()
    }

    fn step(&self, action: Action) -> Step {
        let (app, modifiers, at) = (self.app.clone(), Modifiers::NONE, self.now);
        Step { start: at, end: at, app, modifiers, action, element: None, unmatched: false, chord: false, events: 0 }
    }
}
