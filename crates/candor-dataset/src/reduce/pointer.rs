//! Buttons, the pointer's path while one is held, and scrolling.

use std::sync::Arc;

use candor_model::event::Button;
use candor_model::{Element, Ticks};

use super::limits::within;
use super::slots::SlotId;
use super::{Action, Axis, Modifiers, Reducer, Step, Vertex};

#[derive(Debug)]
pub(super) struct HeldButton {
    pub(super) slot: SlotId,
    button: Button,
    start: Ticks,
    pub(super) at: (i32, i32),
    pub(super) element: Option<Arc<Element>>,
    path: Path,
    far: bool,
    chord: bool,
    /// Whether the press came soon and close enough after a click to count on.
    continues: bool,
    app: Option<Arc<str>>,
    modifiers: Modifiers,
    pub(super) left_at: Option<Ticks>,
    events: u32,
}

/// A click that another may follow.
#[derive(Debug)]
pub(super) struct PendingClick {
    pub(super) slot: SlotId,
    pub(super) step: Step,
    button: Button,
    count: u8,
    pub(super) first: (i32, i32),
    last: (i32, i32),
    last_start: Ticks,
}

#[derive(Debug)]
pub(super) struct ScrollRun {
    slot: SlotId,
    start: Ticks,
    last: Ticks,
    direction: (Axis, bool),
    sum: (i64, i64),
    at: (i32, i32),
    app: Option<Arc<str>>,
    modifiers: Modifiers,
    events: u32,
}

/// A path in bounded memory: when full, every other vertex goes, and from then on twice as many are left out.
#[derive(Debug)]
struct Path {
    kept: Vec<Vertex>,
    stride: u32,
    skipped: u32,
    last: Vertex,
}

impl Path {
    fn new(x: i32, y: i32) -> Self {
        let first = Vertex { after: 0, x, y };
        Self { kept: vec![first], stride: 1, skipped: 0, last: first }
    }

    fn push(&mut self, vertex: Vertex) {
        if (vertex.x, vertex.y) == (self.last.x, self.last.y) {
            return;
        }
        self.last = vertex;
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        // One place is left for the release.
        if self.kept.len() == Action::PATH_MAX - 1 {
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride = self.stride.saturating_mul(2);
        }
        self.kept.push(vertex);
    }

    fn finish(mut self) -> Vec<Vertex> {
        if self.kept.last() != Some(&self.last) {
            self.kept.push(self.last);
        }
        self.kept
    }
}

impl HeldButton {
    fn pass(&mut self, now: Ticks, x: i32, y: i32, drag: u32) {
        self.far |= !within(self.at, (x, y), drag);
        self.path.push(Vertex { after: now - self.start, x, y });
    }

    fn into_step(self, end: Ticks, action: Action, unmatched: bool) -> Step {
        let Self { start, app, modifiers, element, chord, events, .. } = self;
        Step { start, end, app, modifiers, action, element, unmatched, chord, events }
    }
}

impl Reducer {
    /// Ninety-eight events in a hundred end on the first line.
    pub(super) fn moved(&mut self, x: i32, y: i32) {
        let Some((first, _)) = self.buttons.split_first_mut() else {
            self.tally.moves += 1;
            return;
        };
        first.events = first.events.saturating_add(1);
        for held in &mut self.buttons {
            held.pass(self.now, x, y, self.limits.drag);
        }
    }

    pub(super) fn button_down(&mut self, button: Button, x: i32, y: i32) {
        self.use_modifiers();
        self.close_typing();
        self.close_scroll();
        self.settle_released_keys();
        if let Some(at) = self.buttons.iter().position(|held| held.button == button) {
            let lost = self.buttons.remove(at);
            self.lose_button(lost);
        }
        let modifiers = self.held_modifiers();
        let chord = !self.buttons.is_empty();
        let continues = !chord && self.click.as_ref().is_some_and(|click| self.follows(click, button, x, y, modifiers));
        if !continues {
            self.close_click();
        }
        for held in &mut self.buttons {
            held.chord = true;
        }
        let (slot, start, app) = (self.open_slot(), self.now, self.app.clone());
        let path = Path::new(x, y);
        self.pressed = Some(slot);
        self.pressed_at(x, y);
        self.buttons.push(HeldButton {
            slot,
            button,
            start,
            at: (x, y),
            element: None,
            path,
            far: false,
            chord,
            continues,
            app,
            modifiers,
            left_at: None,
            events: 1,
        });
    }

    fn follows(&self, click: &PendingClick, button: Button, x: i32, y: i32, modifiers: Modifiers) -> bool {
        click.button == button
            && click.count < 3
            && click.step.modifiers == modifiers
            && self.now - click.last_start <= self.limits.multi_click
            && within(click.last, (x, y), self.limits.click_apart)
    }

    pub(super) fn button_up(&mut self, button: Button, x: i32, y: i32) {
        let Some(at) = self.buttons.iter().position(|held| held.button == button) else {
            self.tally.loose += 1;
            return;
        };
        let mut held = self.buttons.remove(at);
        held.events = held.events.saturating_add(1);
        held.pass(self.now, x, y, self.limits.drag);
        let (slot, (x, y), now) = (held.slot, held.at, self.now);
        if held.far {
            self.close_click();
            let path = std::mem::replace(&mut held.path, Path::new(x, y)).finish();
            self.slots.fill(slot, Some(held.into_step(now, Action::Drag { button, path }, false)));
        } else if now - held.start > self.limits.long_press {
            self.close_click();
            self.slots.fill(slot, Some(held.into_step(now, Action::LongPress { button, x, y }, false)));
        } else {
            self.clicked(held);
        }
    }

    fn clicked(&mut self, held: HeldButton) {
        let (slot, button, at, last_start) = (held.slot, held.button, held.at, held.start);
        if held.chord {
            let action = Action::Click { button, count: 1, x: at.0, y: at.1 };
            return self.slots.fill(slot, Some(held.into_step(self.now, action, false)));
        }
        if let Some(click) = self.click.as_mut().filter(|_| held.continues) {
            click.count += 1;
            (click.last, click.last_start, click.step.end) = (at, last_start, self.now);
            click.step.events = click.step.events.saturating_add(held.events);
            click.step.element = click.step.element.take().or(held.element);
            return self.slots.fill(slot, None);
        }
        self.close_click();
        let step = held.into_step(self.now, Action::Gap, false);
        self.click = Some(PendingClick { slot, step, button, count: 1, first: at, last: at, last_start });
    }

    pub(super) fn close_click(&mut self) {
        let Some(PendingClick { slot, mut step, button, count, first: (x, y), .. }) = self.click.take() else { return };
        step.action = Action::Click { button, count, x, y };
        self.slots.fill(slot, Some(step));
    }

    /// A press whose release never came: how long it was held is not known, so it is no long press.
    fn lose_button(&mut self, mut held: HeldButton) {
        let (slot, button, (x, y)) = (held.slot, held.button, held.at);
        let end = held.left_at.unwrap_or(self.now);
        let path = std::mem::replace(&mut held.path, Path::new(x, y));
        let action = if held.far {
            let mut path = path.finish();
            path.retain(|vertex| vertex.after <= end - held.start);
            Action::Drag { button, path }
        } else {
            Action::Click { button, count: 1, x, y }
        };
        self.slots.fill(slot, Some(held.into_step(end, action, true)));
    }

    pub(super) fn release_all_buttons(&mut self) {
        for held in std::mem::take(&mut self.buttons) {
            self.lose_button(held);
        }
    }

    pub(super) fn release_button_in(&mut self, slot: SlotId) {
        if let Some(at) = self.buttons.iter().position(|held| held.slot == slot) {
            let held = self.buttons.remove(at);
            self.lose_button(held);
        }
    }

    pub(super) fn scrolled(&mut self, dx: i32, dy: i32, x: i32, y: i32) {
        if (dx, dy) == (0, 0) {
            self.tally.loose += 1;
            return;
        }
        self.use_modifiers();
        self.close_typing();
        self.close_click();
        self.settle_released_keys();
        let horizontal = dx.unsigned_abs() > dy.unsigned_abs();
        // A sum over both ways would say that nothing happened.
        let direction = if horizontal { (Axis::Horizontal, dx > 0) } else { (Axis::Vertical, dy > 0) };
        let (now, modifiers) = (self.now, self.held_modifiers());
        let goes_on = self.scroll.as_ref().is_some_and(|run| {
            run.direction == direction && run.modifiers == modifiers && now - run.last <= self.limits.scroll
        });
        if !goes_on {
            self.close_scroll();
        }
        let mut run = match self.scroll.take() {
            Some(run) => run,
            None => {
                let (slot, app, at) = (self.open_slot(), self.app.clone(), (x, y));
                ScrollRun { slot, start: now, last: now, direction, sum: (0, 0), at, app, modifiers, events: 0 }
            }
        };
        run.last = now;
        run.sum = (run.sum.0 + i64::from(dx), run.sum.1 + i64::from(dy));
        run.events = run.events.saturating_add(1);
        self.scroll = Some(run);
    }

    pub(super) fn close_scroll(&mut self) {
        let Some(run) = self.scroll.take() else { return };
        let ScrollRun { slot, start, last: end, direction: (axis, _), sum: (dx, dy), at: (x, y), .. } = run;
        let action = Action::Scroll { axis, dx, dy, x, y };
        let (app, modifiers, events) = (run.app, run.modifiers, run.events);
        let (element, unmatched, chord) = (None, false, false);
        let step = Step { start, end, app, modifiers, action, element, unmatched, chord, events };
        self.slots.fill(slot, Some(step));
    }
}
