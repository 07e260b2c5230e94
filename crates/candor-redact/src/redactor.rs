//! The rules: what leaves memory, and as what.

use std::collections::BTreeSet;

use candor_model::event::{Button, Event, Press, What, is_application_name};
use candor_model::unit::Ticks;
use candor_model::{Actor, key::Key};

use crate::keyboard::{Keyboard, Verdict};
use crate::raw::{GapCause, LogicalKey, Observation, Observed, Role, Secrecy};
use crate::spans::Spans;
use crate::{Raw, Redacted, Remark, Rule};

/// The version of these rules; every segment's header carries it.
pub const REDACTOR_VERSION: u16 = 1;

/// Which applications a program may record. Anything else is withheld.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Application names.
    pub applications: BTreeSet<String>,
}

/// How many events went where. `captured = stored + withheld + dropped`, outside secret fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Observations that reached the wall outside secret fields.
    pub captured: u64,
    /// Of those, how many left it as events.
    pub stored: u64,
    /// Of those, how many were withheld by a rule.
    pub withheld: u64,
    /// Of those, how many were given up because the session ended under them.
    pub dropped: u64,
    /// Marks the wall itself added: gaps, and the releases of keys and buttons held into a secret field.
    pub added: u64,
}

/// The wall of one session.
pub struct Redactor {
    allowed: Allowed,
    in_allowed_application: bool,
    field: Field,
    /// Whether the source ever named a field: then it has to name one after each window and each silence.
    names_fields: bool,
    keyboard: Keyboard,
    buttons: Vec<Button>,
    /// Where others last saw the pointer.
    pointer: (i32, i32),
    clock: Clock,
    spans: Spans,
    /// Whether a gap was marked since the last stored event: others see one gap, however much was left out.
    gap_marked: bool,
    tally: Tally,
}

enum Field {
    /// Open, or never spoken of by the source.
    Open,
    /// The source cannot tell, or has not yet. `told`: others saw the gap; a second one would begin to count keys.
    Unknown { told: bool },
    /// Secret since this source time; a window that took the focus meanwhile waits here.
    Secret { since: Ticks, window: Option<String> },
}

/// The session's clock: the source's, less what passed in secret fields; it never runs backwards.
#[derive(Default)]
struct Clock {
    cut: Ticks,
    last: Ticks,
}

impl Clock {
    fn read(&mut self, source: Ticks) -> Ticks {
        self.last = self.last.max(source.saturating_sub(self.cut));
        self.last
    }
}

impl Redactor {
    /// A wall that lets only `allowed` applications through. `scope` is the application in focus until the source names
    /// one: importers name the scope the consent speaks of; live sources give `None`, and nothing passes before a window
    /// on the list has the focus.
    pub fn new(allowed: Allowed, scope: Option<&str>) -> Self {
        Self {
            in_allowed_application: scope.is_some_and(|scope| allowed.applications.contains(scope)),
            allowed,
            field: Field::Open,
            names_fields: false,
            keyboard: Keyboard::default(),
            buttons: Vec::new(),
            pointer: (0, 0),
            clock: Clock::default(),
            spans: Spans::default(),
            gap_marked: false,
            tally: Tally::default(),
        }
    }

    /// Takes one observation; appends what others may know of it to `events`, and what only the participant may know of
    /// the rest to `remarks`.
    #[cfg(not(candor_no_wall))]
    pub fn push(&mut self, mut raw: Raw, events: &mut Vec<Redacted>, remarks: &mut Vec<Remark>) {
        let mut out = Out { events, remarks };
        let Observation { at, actor, what } = &mut raw.0;
        if let Observed::Field { role, secret, .. } = what {
            // A field that masks what is typed is secret, whatever else the source believes.
            let secret = if *role == Role::Password { Secrecy::Yes } else { *secret };
            self.names_fields = true;
            return self.field(*at, *actor, secret, &mut out);
        }
        if let Field::Secret { window, .. } = &mut self.field {
            if let Observed::Window { app, .. } = what {
                *window = Some(std::mem::take(app));
            }
            return;
        }
        if matches!(
            what,
            Observed::Value(_) | Observed::Edited { .. } | Observed::Committed { .. } | Observed::Caret { .. }
        ) {
            return;
        }
        self.tally.captured += 1;
        let (at, actor) = (self.clock.read(*at), *actor);
        match what {
            Observed::Window { app, .. } => {
                self.forget_field();
                self.window(at, actor, std::mem::take(app), &mut out);
            }
            Observed::Gap { cause } => self.source_gap(at, actor, *cause, &mut out),
            _ if !self.in_allowed_application => self.withhold(at, actor, Rule::ApplicationNotAllowed, &mut out),
            Observed::Key { press, physical, logical } => {
                let mut verdict = self.keyboard.judge(at, *press, *physical, *logical);
                let typed = matches!((*press, &verdict), (Press::Down, Verdict::Keep(_)));
                if typed && matches!(self.field, Field::Unknown { .. }) {
                    self.keyboard.withhold(*physical, *logical);
                    verdict = Verdict::Withheld;
                }
                self.key(at, actor, *press, verdict, *logical, &mut out);
            }
            Observed::Move { x, y, drag } => {
                self.pointer = (*x, *y);
                self.store(at, actor, What::Move { x: *x, y: *y, drag: *drag }, &mut out);
            }
            Observed::Button { press, button, x, y } => {
                let what = What::Button { press: *press, button: *button, x: *x, y: *y };
                self.pointer = (*x, *y);
                self.button(at, actor, *press, *button, what, &mut out);
            }
            Observed::Scroll { dx, dy, x, y } => {
                self.pointer = (*x, *y);
                self.emit_shift(at, actor, &mut out);
                self.store(at, actor, What::Scroll { dx: *dx, dy: *dy, x: *x, y: *y }, &mut out);
            }
            // Answered above: the focus rules come before the allow-list.
            Observed::Field { .. }
            | Observed::Value(_)
            | Observed::Edited { .. }
            | Observed::Committed { .. }
            | Observed::Caret { .. } => {}
        }
    }

    /// The build that must be caught: everything passes. Made by `cargo xtask test` only, to prove that the scan for
    /// planted canaries can fail.
    #[cfg(candor_no_wall)]
    pub fn push(&mut self, mut raw: Raw, events: &mut Vec<Redacted>, remarks: &mut Vec<Remark>) {
        let mut out = Out { events, remarks };
        let Observation { at, actor, what } = &mut raw.0;
        let (at, actor) = (self.clock.read(*at), *actor);
        self.tally.captured += 1;
        let what = match what {
            Observed::Key { press, physical, logical: LogicalKey::Char(symbol) } => {
                What::Key { press: *press, key: Key::Shortcut { physical: *physical, symbol: *symbol } }
            }
            Observed::Key { press, physical, logical: LogicalKey::Named(name) } => {
                What::Key { press: *press, key: Key::Named { physical: *physical, name: *name } }
            }
            Observed::Window { title, .. } => What::Window { app: std::mem::take(title) },
            Observed::Move { x, y, drag } => What::Move { x: *x, y: *y, drag: *drag },
            Observed::Button { press, button, x, y } => What::Button { press: *press, button: *button, x: *x, y: *y },
            Observed::Scroll { dx, dy, x, y } => What::Scroll { dx: *dx, dy: *dy, x: *x, y: *y },
            Observed::Key { .. }
            | Observed::Field { .. }
            | Observed::Value(_)
            | Observed::Edited { .. }
            | Observed::Committed { .. }
            | Observed::Caret { .. }
            | Observed::Gap { .. } => What::Gap,
        };
        self.store(at, actor, what, &mut out);
    }

    /// Closes the spans of what was withheld so far; due when a segment closes, so that its remarks are complete.
    pub fn flush_remarks(&mut self, remarks: &mut Vec<Remark>) {
        self.spans.flush(remarks);
    }

    /// The session's end: closes every open span.
    pub fn finish(mut self, remarks: &mut Vec<Remark>) -> Tally {
        for at in self.keyboard.forget_shift() {
            self.tally.withheld += 1;
            self.spans.add(Rule::TextModifier, at);
        }
        self.spans.flush(remarks);
        self.tally
    }

    /// How many events went where so far.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn field(&mut self, source: Ticks, actor: Actor, secret: Secrecy, out: &mut Out<'_>) {
        match (&mut self.field, secret) {
            (Field::Secret { .. }, Secrecy::Yes) => {}
            (_, Secrecy::Yes) => {
                let at = self.clock.read(source);
                self.release_all(at, actor, out);
                self.spans.flush(out.remarks);
                out.remarks.push(Remark { from: at, to: at, rule: Rule::SecretField, events: None });
                self.field = Field::Secret { since: source, window: None };
            }
            (Field::Secret { since, window }, _) => {
                // The clock stands still: what passed in the field never passed.
                self.clock.cut += source.saturating_sub(*since);
                let window = window.take();
                self.field = open_or_unknown(secret);
                if let Some(app) = window {
                    self.tally.captured += 1;
                    let at = self.clock.read(source);
                    self.window(at, actor, app, out);
                }
            }
            _ => self.field = open_or_unknown(secret),
        }
    }

    fn window(&mut self, at: Ticks, actor: Actor, app: String, out: &mut Out<'_>) {
        // A name that no segment can hold is nobody's to allow.
        let allowed = self.allowed.applications.contains(&app) && is_application_name(&app);
        if self.in_allowed_application && !allowed {
            self.release_all(at, actor, out);
        }
        self.in_allowed_application = allowed;
        if allowed {
            self.store(at, actor, What::Window { app }, out);
        } else {
            self.withhold(at, actor, Rule::ApplicationNotAllowed, out);
        }
    }

    fn source_gap(&mut self, at: Ticks, actor: Actor, cause: GapCause, out: &mut Out<'_>) {
        match cause {
            // What was held when the source went quiet may have come up unseen.
            GapCause::Paused | GapCause::Lost => {
                self.release_all(at, actor, out);
                self.forget_field();
            }
            GapCause::Malformed => {}
        }
        self.withhold(at, actor, Rule::SourceGap, out);
    }

    fn key(&mut self, at: Ticks, actor: Actor, press: Press, verdict: Verdict, logical: LogicalKey, out: &mut Out<'_>) {
        match verdict {
            Verdict::Unmatched => self.leave_out(at, Rule::UnmatchedRelease),
            Verdict::Pending => {}
            Verdict::TextModifier { events } => (0..events).for_each(|_| self.leave_out(at, Rule::TextModifier)),
            Verdict::Withheld => {
                let rule = if logical == LogicalKey::Unidentified { Rule::UnknownKey } else { Rule::UnknownField };
                if press == Press::Down && self.may_tell() {
                    self.withhold(at, actor, rule, out);
                } else {
                    self.leave_out(at, rule);
                }
            }
            Verdict::Keep(key) => {
                if !matches!(key, Key::Shape(_)) {
                    self.emit_shift(at, actor, out);
                }
                self.store(at, actor, What::Key { press, key }, out);
            }
        }
    }

    fn button(&mut self, at: Ticks, actor: Actor, press: Press, button: Button, what: What, out: &mut Out<'_>) {
        let held = self.buttons.iter().position(|held| *held == button);
        match (press, held) {
            (Press::Down, None) => self.buttons.push(button),
            (Press::Down, Some(_)) => {}
            (Press::Up, Some(index)) => {
                self.buttons.swap_remove(index);
            }
            (Press::Up, None) => return self.leave_out(at, Rule::UnmatchedRelease),
        }
        self.emit_shift(at, actor, out);
        self.store(at, actor, what, out);
    }

    /// A held Shift turned out to belong to a command or the pointer: others may see it after all.
    fn emit_shift(&mut self, at: Ticks, actor: Actor, out: &mut Out<'_>) {
        for key in self.keyboard.show_shift() {
            self.store(at, actor, What::Key { press: Press::Down, key }, out);
        }
    }

    /// Lets go of everything held, because its release will not be seen.
    fn release_all(&mut self, at: Ticks, actor: Actor, out: &mut Out<'_>) {
        let (shown, unresolved) = self.keyboard.release_all();
        for key in shown {
            self.add(at, actor, What::Key { press: Press::Up, key }, out);
        }
        unresolved.into_iter().for_each(|since| self.leave_out(since, Rule::TextModifier));
        let (x, y) = self.pointer;
        for button in std::mem::take(&mut self.buttons) {
            self.add(at, actor, What::Button { press: Press::Up, button, x, y }, out);
        }
    }

    /// What was known of the focused field no longer holds, until the source names one.
    fn forget_field(&mut self) {
        if self.names_fields {
            self.field = Field::Unknown { told: false };
        }
    }

    /// Whether others may see a gap for the key that was just withheld. In a field that may be secret they see one for
    /// the first key and none for the rest, or gaps between pointer events would tell how many there were, and when.
    fn may_tell(&mut self) -> bool {
        match &mut self.field {
            Field::Unknown { told } => !std::mem::replace(told, true),
            Field::Open | Field::Secret { .. } => true,
        }
    }

    fn store(&mut self, at: Ticks, actor: Actor, what: What, out: &mut Out<'_>) {
        self.tally.stored += 1;
        if self.gap_marked {
            self.gap_marked = false;
            self.spans.flush(out.remarks);
        }
        out.events.push(Redacted::new(Event { at, actor, what }));
    }

    fn add(&mut self, at: Ticks, actor: Actor, what: What, out: &mut Out<'_>) {
        self.tally.added += 1;
        out.events.push(Redacted::new(Event { at, actor, what }));
    }

    /// Leaves an event out and marks a gap for others.
    fn withhold(&mut self, at: Ticks, actor: Actor, rule: Rule, out: &mut Out<'_>) {
        self.leave_out(at, rule);
        if !self.gap_marked {
            self.gap_marked = true;
            self.add(at, actor, What::Gap, out);
        }
    }

    /// Leaves an event out that others need not miss: it adds nothing to what they see anyway.
    fn leave_out(&mut self, at: Ticks, rule: Rule) {
        self.tally.withheld += 1;
        self.spans.add(rule, at);
    }
}

fn open_or_unknown(secret: Secrecy) -> Field {
    match secret {
        Secrecy::No => Field::Open,
        Secrecy::Unknown | Secrecy::Yes => Field::Unknown { told: false },
    }
}

struct Out<'a> {
    events: &'a mut Vec<Redacted>,
    remarks: &'a mut Vec<Remark>,
}
