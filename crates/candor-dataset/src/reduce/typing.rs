//! Runs of typing: characters, shapes and values that were left out, and Backspace within the run.

use std::sync::Arc;

use candor_model::event::Surrogate;
use candor_model::key::Shape;
use candor_model::{Element, Ticks};

use super::slots::SlotId;
use super::{Action, Modifiers, Reducer, ShapeRun, Step, TypedRun};

/// The most parts in one step; longer typing continues in another.
const RUNS_MAX: usize = 1_024;
/// The most characters and values in one step: what a row may come to in memory.
const LENGTH_MAX: u32 = 16_384;

/// One thing typed: what Backspace takes back.
#[derive(Debug, Clone, Copy)]
pub(super) enum Typed {
    /// A character of which only the class is known.
    Withheld(Shape),
    /// A character that may be seen.
    Text(char),
    /// A value of this kind and number, left out.
    Value(Surrogate, u32),
}

#[derive(Debug)]
pub(super) struct TypingRun {
    slot: SlotId,
    start: Ticks,
    last: Ticks,
    app: Option<Arc<str>>,
    pub(super) element: Option<Arc<Element>>,
    typed: Vec<TypedRun>,
    length: u32,
    pub(super) events: u32,
}

impl TypingRun {
    fn append(&mut self, one: Typed) {
        self.length += 1;
        match (self.typed.last_mut(), one) {
            (Some(TypedRun::Shapes(run)), Typed::Withheld(shape)) if run.shape == shape => run.count += 1,
            (Some(TypedRun::Text(text)), Typed::Text(c)) => text.push(c),
            (_, Typed::Withheld(shape)) => self.typed.push(TypedRun::Shapes(ShapeRun { shape, count: 1 })),
            (_, Typed::Text(c)) => self.typed.push(TypedRun::Text(c.into())),
            (_, Typed::Value(of, number)) => self.typed.push(TypedRun::Surrogate { of, number }),
        }
    }

    fn rub_out(&mut self) {
        let emptied = match self.typed.last_mut() {
            Some(TypedRun::Shapes(run)) => {
                run.count -= 1;
                run.count == 0
            }
            Some(TypedRun::Text(text)) => {
                text.pop();
                text.is_empty()
            }
            Some(TypedRun::Surrogate { .. }) => true,
            None => return,
        };
        self.length -= 1;
        if emptied {
            self.typed.pop();
        }
    }
}

impl Reducer {
    pub(super) fn type_one(&mut self, one: Typed) {
        self.use_modifiers();
        self.close_click();
        self.close_scroll();
        self.settle_released_keys();
        if self.typing.as_ref().is_some_and(|run| self.typing_is_over(run)) {
            self.close_typing();
        }
        let mut run = match self.typing.take() {
            Some(run) => run,
            None => {
                let (slot, now) = (self.open_slot(), self.now);
                let (app, element) = (self.app.clone(), self.focus.clone());
                TypingRun { slot, start: now, last: now, app, element, typed: Vec::new(), length: 0, events: 0 }
            }
        };
        run.append(one);
        run.last = self.now;
        run.events += 1;
        self.typing = Some(run);
    }

    /// Takes a character or value back, where Backspace comes within a run that has one.
    pub(super) fn rub_out(&mut self) -> bool {
        if self.held_modifiers().is_command() {
            return false;
        }
        let Some(mut run) = self.typing.take() else { return false };
        if self.typing_is_over(&run) {
            self.typing = Some(run);
            return false;
        }
        self.use_modifiers();
        run.rub_out();
        run.last = self.now;
        run.events += 1;
        self.typing = Some(run);
        if self.typing.as_ref().is_some_and(|run| run.typed.is_empty()) {
            self.close_typing();
        }
        true
    }

    fn typing_is_over(&self, run: &TypingRun) -> bool {
        let full = run.typed.len() >= RUNS_MAX || run.length >= LENGTH_MAX || run.events == u32::MAX;
        full || self.now - run.last > self.limits.typing
    }

    pub(super) fn close_typing(&mut self) {
        let Some(run) = self.typing.take() else { return };
        let TypingRun { slot, start, last, app, element, typed, events, .. } = run;
        if typed.is_empty() {
            self.tally.undone += u64::from(events);
            return self.slots.fill(slot, None);
        }
        let action = Action::Type { typed };
        let (end, modifiers) = (last, Modifiers::NONE);
        let step = Step { start, end, app, modifiers, action, element, unmatched: false, chord: false, events };
        self.slots.fill(slot, Some(step));
    }
}
