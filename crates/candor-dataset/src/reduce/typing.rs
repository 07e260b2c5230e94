//! Runs of typing: shape tokens, and Backspace within the run.

use std::sync::Arc;

use candor_model::Ticks;
use candor_model::key::Shape;

use super::slots::SlotId;
use super::{Action, Modifiers, Reducer, ShapeRun, Step};

/// The most runs of equal shapes in one step; longer typing continues in another.
const SHAPES_MAX: usize = 1_024;

#[derive(Debug)]
pub(super) struct TypingRun {
    slot: SlotId,
    start: Ticks,
    last: Ticks,
    app: Option<Arc<str>>,
    shapes: Vec<ShapeRun>,
    pub(super) events: u32,
}

impl TypingRun {
    fn append(&mut self, shape: Shape) {
        match self.shapes.last_mut() {
            Some(run) if run.shape == shape => run.count = run.count.saturating_add(1),
            _ => self.shapes.push(ShapeRun { shape, count: 1 }),
        }
    }

    fn rub_out(&mut self) {
        if let Some(run) = self.shapes.last_mut() {
            run.count -= 1;
            if run.count == 0 {
                self.shapes.pop();
            }
        }
    }
}

impl Reducer {
    pub(super) fn type_shape(&mut self, shape: Shape) {
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
                TypingRun { slot, start: now, last: now, app: self.app.clone(), shapes: Vec::new(), events: 0 }
            }
        };
        run.append(shape);
        run.last = self.now;
        run.events += 1;
        self.typing = Some(run);
    }

    /// Takes a character back, where Backspace comes within a run that has one.
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
        if self.typing.as_ref().is_some_and(|run| run.shapes.is_empty()) {
            self.close_typing();
        }
        true
    }

    fn typing_is_over(&self, run: &TypingRun) -> bool {
        self.now - run.last > self.limits.typing || run.shapes.len() >= SHAPES_MAX || run.events == u32::MAX
    }

    pub(super) fn close_typing(&mut self) {
        let Some(TypingRun { slot, start, last, app, shapes, events }) = self.typing.take() else { return };
        if shapes.is_empty() {
            self.tally.undone += u64::from(events);
            return self.slots.fill(slot, None);
        }
        let action = Action::Type { shapes };
        let step =
            Step { start, end: last, app, modifiers: Modifiers::NONE, action, unmatched: false, chord: false, events };
        self.slots.fill(slot, Some(step));
    }
}
