//! Keys that are held: named keys, shortcuts, modifiers.

use std::sync::Arc;

use candor_model::Ticks;
use candor_model::key::{Key, NamedKey, PhysicalKey};

use super::slots::SlotId;
use super::typing::Typed;
use super::{Action, Modifiers, Reducer, Step, StepKey};

/// More modifiers than any keyboard has; a source that never releases them does not fill the memory.
const MODIFIERS_MAX: usize = 16;

#[derive(Debug)]
pub(super) struct HeldKey {
    slot: SlotId,
    key: Key,
    what: StepKey,
    start: Ticks,
    count: u32,
    app: Option<Arc<str>>,
    modifiers: Modifiers,
    released_at: Option<Ticks>,
    pub(super) left_at: Option<Ticks>,
    events: u32,
}

#[derive(Debug)]
pub(super) struct HeldModifier {
    slot: SlotId,
    key: Key,
    name: NamedKey,
    bit: Modifiers,
    start: Ticks,
    app: Option<Arc<str>>,
    used: bool,
    pub(super) left_at: Option<Ticks>,
    events: u32,
}

impl HeldKey {
    fn into_step(self, now: Ticks) -> Step {
        let Self { what: key, count, .. } = self;
        let hotkey = !self.modifiers.is_empty() || matches!(key, StepKey::Symbol(_));
        Step {
            start: self.start,
            end: self.released_at.or(self.left_at).unwrap_or(now),
            app: self.app,
            modifiers: self.modifiers,
            action: if hotkey { Action::Hotkey { key, count } } else { Action::Press { key, count } },
            element: None,
            unmatched: self.released_at.is_none(),
            chord: false,
            events: self.events,
        }
    }
}

impl Reducer {
    pub(super) fn key_down(&mut self, key: Key) {
        match key {
            Key::Shape(shape) => self.type_one(Typed::Withheld(shape)),
            Key::Text(c) => self.type_one(Typed::Text(c)),
            Key::Named { name: NamedKey::Backspace, .. } if self.rub_out() => {}
            // They change what the keys mean, like Shift: the shapes are what came of it.
            Key::Named { name: NamedKey::CapsLock | NamedKey::NumLock | NamedKey::ScrollLock, .. } => {
                self.tally.modifiers += 1;
            }
            Key::Named { name, .. } => match Modifiers::of(name) {
                Some(bit) => self.modifier_down(key, name, bit),
                None => {
                    // As a rule it moves the focus.
                    self.focus.take_if(|_| name == NamedKey::Tab);
                    self.press(key, StepKey::Named(name));
                }
            },
            Key::Shortcut { symbol, .. } => self.press(key, StepKey::Symbol(symbol)),
        }
    }

    pub(super) fn key_up(&mut self, key: Key) {
        match key {
            Key::Named { name: NamedKey::CapsLock | NamedKey::NumLock | NamedKey::ScrollLock, .. } => {
                self.tally.modifiers += 1;
            }
            Key::Named { name, .. } if Modifiers::of(name).is_some() => self.modifier_up(key),
            Key::Named { .. } | Key::Shortcut { .. } if self.release_key(key) => {}
            Key::Shape(_) | Key::Text(_) | Key::Named { name: NamedKey::Backspace, .. } => match &mut self.typing {
                Some(run) => run.events = run.events.saturating_add(1),
                None => self.tally.loose += 1,
            },
            _ => self.tally.loose += 1,
        }
    }

    fn press(&mut self, key: Key, what: StepKey) {
        let (now, fine) = (self.now, self.limits.fine);
        if let Some(held) = self.keys.iter_mut().find(|held| held.key == key)
            && held.released_at.is_none_or(|released| fine && released == now)
            && held.events < u32::MAX - 2
        {
            held.released_at = None;
            held.left_at = None;
            held.count += 1;
            held.events += 1;
            return;
        }
        let modifiers = self.held_modifiers();
        if matches!(what, StepKey::Symbol(_)) && !modifiers.is_command() {
            // Its modifier went down where nobody saw it. Exporting the symbol alone would make typed text of it.
            self.tally.loose += 1;
            return;
        }
        self.use_modifiers();
        self.close_typing();
        self.close_scroll();
        self.close_click();
        self.settle_released_keys();
        let slot = self.open_slot();
        let (app, start) = (self.app.clone(), now);
        let held =
            HeldKey { slot, key, what, start, count: 1, app, modifiers, released_at: None, left_at: None, events: 1 };
        self.keys.push(held);
    }

    fn release_key(&mut self, key: Key) -> bool {
        let now = self.now;
        let same = |held: &HeldKey| held.key == key || same_place(held.key, key);
        let Some(held) = self.keys.iter_mut().find(|held| held.released_at.is_none() && same(held)) else {
            return false;
        };
        held.released_at = Some(now);
        held.events += 1;
        if !self.limits.fine {
            self.settle_released_keys();
        }
        true
    }

    /// Completes the keys that were released; until then a press in the same tick would be auto-repeat.
    pub(super) fn settle_released_keys(&mut self) {
        let now = self.now;
        for held in self.keys.extract_if(.., |held| held.released_at.is_some()) {
            self.slots.fill(held.slot, Some(held.into_step(now)));
        }
    }

    fn modifier_down(&mut self, key: Key, name: NamedKey, bit: Modifiers) {
        if let Some(held) = self.modifiers.iter_mut().find(|held| held.key == key) {
            held.events = held.events.saturating_add(1);
            return;
        }
        if self.modifiers.len() >= MODIFIERS_MAX {
            let oldest = self.modifiers.remove(0);
            self.settle_modifier(oldest, true);
        }
        let (slot, start, app) = (self.open_slot(), self.now, self.app.clone());
        self.modifiers.push(HeldModifier { slot, key, name, bit, start, app, used: false, left_at: None, events: 1 });
    }

    fn modifier_up(&mut self, key: Key) {
        let Some(at) = self.modifiers.iter().position(|held| held.key == key) else {
            self.tally.loose += 1;
            return;
        };
        let mut held = self.modifiers.remove(at);
        held.events = held.events.saturating_add(1);
        self.settle_modifier(held, false);
        if !self.held_modifiers().is_command() {
            // With its modifier gone the source may report a shortcut's release as that of a text key.
            let now = self.now;
            for held in self.keys.iter_mut().filter(|held| matches!(held.what, StepKey::Symbol(_))) {
                held.released_at.get_or_insert(now);
            }
        }
    }

    /// A modifier is a step of its own only where it was held for nothing, and long enough to have been meant. Shift and
    /// AltGr alone do nothing.
    fn settle_modifier(&mut self, held: HeldModifier, unmatched: bool) {
        let end = if unmatched { held.left_at.unwrap_or(self.now) } else { self.now };
        if held.used || !held.bit.is_command() || end - held.start <= self.limits.lone_modifier {
            self.tally.modifiers += u64::from(held.events);
            return self.slots.fill(held.slot, None);
        }
        self.close_typing();
        self.close_scroll();
        self.close_click();
        let step = Step {
            start: held.start,
            end,
            app: held.app,
            modifiers: Modifiers::NONE,
            action: Action::Press { key: StepKey::Named(held.name), count: 1 },
            element: None,
            unmatched,
            chord: false,
            events: held.events,
        };
        self.slots.fill(held.slot, Some(step));
    }

    pub(super) fn held_modifiers(&self) -> Modifiers {
        self.modifiers.iter().fold(Modifiers::NONE, |set, held| set.union(held.bit))
    }

    /// Whatever is held changes the action that begins now: none of it is a step of its own any more.
    pub(super) fn use_modifiers(&mut self) {
        for held in self.modifiers.iter_mut().filter(|held| !held.used) {
            held.used = true;
            self.slots.fill(held.slot, None);
        }
    }

    pub(super) fn release_all_keys(&mut self) {
        for held in std::mem::take(&mut self.modifiers) {
            self.settle_modifier(held, true);
        }
        let now = self.now;
        for held in std::mem::take(&mut self.keys) {
            self.slots.fill(held.slot, Some(held.into_step(now)));
        }
    }

    pub(super) fn release_key_in(&mut self, slot: SlotId) {
        let now = self.now;
        for held in self.keys.extract_if(.., |held| held.slot == slot) {
            self.slots.fill(slot, Some(held.into_step(now)));
        }
    }
}

/// The release of a shortcut may carry another symbol than its press, where Shift changed in between.
fn same_place(held: Key, key: Key) -> bool {
    match (held, key) {
        (Key::Shortcut { physical: a, .. }, Key::Shortcut { physical: b, .. }) => a == b && a != PhysicalKey::UNKNOWN,
        _ => false,
    }
}
