//! The rules: what leaves memory, and as what.

mod element;

use std::collections::{BTreeMap, BTreeSet};

use candor_model::event::{Button, Press, What, is_application_name};
use candor_model::key::{Key, PhysicalKey, Shape};
use candor_model::{Actor, TextPolicy, Ticks};
use zeroize::Zeroizing;

use self::element::Untold;
use crate::context::{Context, Contexts};
use crate::inspect::{self, Leak};
use crate::keyboard::{Keyboard, Verdict};
use crate::queue::{Held, Queue, Waiting, withholds};
use crate::raw::{ElementId, GapCause, LogicalKey, Observation, Observed, Role, Secrecy};
use crate::settings::Settings;
use crate::text::{Bindings, Lines, TextField};
use crate::typing::Typing;
use crate::{Raw, Redacted, Remark, Rule};

/// The version of these rules; every segment's header carries it.
pub const REDACTOR_VERSION: u16 = 3;

/// What leaves the wall.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// What others may know, in order. The caller counts them from the session's first: that is an event's ordinal.
    pub events: Vec<Redacted>,
    /// What only the participant may know of the rest.
    pub remarks: Vec<Remark>,
    /// Ordinals of events that left before it was known what they are part of: whatever holds them is to be destroyed
    /// before it leaves the device ([`crate::RETRACT_SECS`]).
    pub retracted: Vec<u64>,
}

/// How many events went where. `captured = stored + withheld + dropped + waiting`, outside secret fields.
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
    /// Of those, how many wait for the commit horizon; none once the session has ended.
    pub waiting: u64,
    /// Marks the wall itself added: gaps, and the releases of keys and buttons held into a secret field.
    pub added: u64,
}

/// The wall of one session.
pub struct Redactor {
    applications: BTreeMap<String, TextPolicy>,
    contexts: Contexts,
    /// Why nothing passes in the window in focus; nothing where it may.
    barred: Option<Rule>,
    focus: Focus,
    untold: Untold,
    /// Whether the source ever named a field: then it has to name one after each window and each silence.
    names_fields: bool,
    /// Elements that were secret once, and so always are.
    secret_elements: BTreeSet<ElementId>,
    keyboard: Keyboard,
    buttons: Vec<Button>,
    /// Where others last saw the pointer.
    pointer: (i32, i32),
    clock: Clock,
    typing: Typing,
    queue: Queue,
    /// Every so many ticks of the session's clock the wall decides what leaves.
    beat: Ticks,
    /// The last beat that was.
    beaten: Ticks,
}

enum Focus {
    /// Open, or never spoken of by the source.
    Open,
    /// The source cannot tell, or has not yet. `told`: others saw the gap; a second one would begin to count keys.
    Unknown { told: bool },
    /// Secret since this source time; a window that took the focus meanwhile waits here.
    Secret { since: Ticks, window: Option<WindowSeen> },
}

/// How often the wall decides what leaves while nothing is observed.
const BEATS_PER_SECOND: Ticks = 10;

/// A window as the source saw it.
struct WindowSeen {
    app: String,
    title: Zeroizing<String>,
    origin: Option<Zeroizing<String>>,
}

/// The session's clock: the source's, less what passed in secret fields; it never runs backwards.
#[derive(Default)]
struct Clock {
    cut: Ticks,
    last: Ticks,
}

impl Clock {
    fn read(&mut self, source: Ticks) -> Ticks {
        self.last = self.at(source);
        self.last
    }

    fn at(&self, source: Ticks) -> Ticks {
        self.last.max(source.saturating_sub(self.cut))
    }
}

impl Redactor {
    /// A wall for one session. `scope` is the application in focus until the source names one: importers name the scope
    /// the consent speaks of; live sources give `None`, and nothing passes before a window on the list has the focus.
    pub fn new(settings: Settings, scope: Option<&str>) -> Self {
        let Settings { applications, contexts, personal, clock, key } = settings;
        let second = clock.ticks_in_secs(1);
        let policy = scope.and_then(|scope| applications.get(scope)).copied();
        let mut typing = Typing::new(key, personal, second);
        typing.application(policy.unwrap_or(TextPolicy::None), policy.is_some());
        Self {
            applications,
            contexts,
            barred: if policy.is_some() { None } else { Some(Rule::ApplicationNotAllowed) },
            focus: Focus::Open,
            untold: Untold::default(),
            names_fields: false,
            secret_elements: BTreeSet::new(),
            keyboard: Keyboard::default(),
            buttons: Vec::new(),
            pointer: (0, 0),
            clock: Clock::default(),
            typing,
            queue: Queue::new(second),
            beat: (second / BEATS_PER_SECOND).max(1),
            beaten: 0,
        }
    }

    /// Takes one observation. What may leave by now is appended to `out`: of this observation or of earlier ones.
    #[cfg(not(candor_no_wall))]
    pub fn push(&mut self, mut raw: Raw, out: &mut Outgoing) {
        let Observation { at, actor, what } = &mut raw.0;
        let (source, actor) = (*at, *actor);
        if let Observed::Field { element, role, secret, value } = what {
            // A field that masks what is typed is secret, whatever else the source believes; and once secret, always.
            let once = element.is_some_and(|element| self.secret_elements.contains(&element));
            let secret = if *role == Role::Password || once { Secrecy::Yes } else { *secret };
            if let (Secrecy::Yes, Some(element)) = (secret, *element) {
                self.secret_elements.insert(element);
            }
            self.names_fields = true;
            self.field(source, actor, secret, out);
            if matches!(self.focus, Focus::Open) {
                self.typing.enter(*element, blank_field(*role), value.as_ref());
                self.untold.field = Some(*element);
            } else {
                self.untold = Untold::default();
            }
            return self.pump(out);
        }
        if self.is_secret_element(what) {
            return;
        }
        if let Focus::Secret { window, .. } = &mut self.focus {
            if let Observed::Window { app, title, origin } = what {
                *window = Some(WindowSeen::take(app, title, origin));
            }
            return;
        }
        let at = self.arrive(source, out);
        self.observe(at, actor, what, out);
        self.pump(out);
    }

    fn observe(&mut self, at: Ticks, actor: Actor, what: &mut Observed, out: &mut Outgoing) {
        let in_field = self.barred.is_none() && matches!(self.focus, Focus::Open);
        match what {
            Observed::Value(value) if in_field => return self.typing.value(value),
            Observed::Edited { start, removed, inserted } if in_field => {
                return self.typing.edited(*start, *removed, inserted);
            }
            Observed::Caret { at, anchor } if in_field => return self.typing.caret(*at, *anchor),
            Observed::Committed { text } if in_field => return self.committed(at, actor, text, out),
            Observed::Value(_) | Observed::Edited { .. } | Observed::Caret { .. } | Observed::Committed { .. } => {
                return;
            }
            _ => self.queue.captured(),
        }
        match what {
            Observed::Window { app, title, origin } => {
                self.forget_field();
                let window = WindowSeen::take(app, title, origin);
                self.window(at, actor, window, out);
            }
            Observed::Gap { cause } => self.source_gap(at, actor, *cause, out),
            Observed::Element(seen) => self.element(at, actor, seen, out),
            _ if self.barred.is_some() => {
                let rule = self.barred.unwrap_or(Rule::ApplicationNotAllowed);
                self.put(at, actor, Waiting::Withhold(rule), out);
            }
            Observed::Key { press, physical, logical } => self.key(at, actor, *press, *physical, *logical, out),
            Observed::Move { x, y, drag } => {
                self.pointer = (*x, *y);
                self.store(at, actor, What::Move { x: *x, y: *y, drag: *drag }, out);
            }
            Observed::Button { press, button, x, y } => {
                let what = What::Button { press: *press, button: *button, x: *x, y: *y };
                self.pointer = (*x, *y);
                self.button(at, actor, *press, *button, what, out);
            }
            Observed::Scroll { dx, dy, x, y } => {
                self.pointer = (*x, *y);
                self.emit_shift(at, actor, out);
                self.store(at, actor, What::Scroll { dx: *dx, dy: *dy, x: *x, y: *y }, out);
            }
            // Answered before: the focus rules come before the allow-list, and the rest are no events.
            Observed::Field { .. }
            | Observed::Value(_)
            | Observed::Edited { .. }
            | Observed::Committed { .. }
            | Observed::Caret { .. } => {}
        }
    }

    /// Tells the wall the time, on the source's clock, where no observation does: what has waited for long enough leaves.
    /// Due a few times a second while a live source is silent.
    pub fn tick(&mut self, source: Ticks, out: &mut Outgoing) {
        if !matches!(self.focus, Focus::Secret { .. }) {
            self.beat_until(self.clock.at(source), out);
        }
    }

    /// What leaves is decided when something is observed, and at beats of the session's clock while anything waits. When
    /// the wall was told the time has no part in it: that would depend on how long the source's clock stood in a secret
    /// field, to the tick.
    fn beat_until(&mut self, now: Ticks, out: &mut Outgoing) {
        let mut next = (self.beaten / self.beat + 1) * self.beat;
        while next <= now && self.queue.waits() {
            self.typing.at(next);
            self.queue.pump(next, &mut self.typing, out);
            next += self.beat;
        }
        self.beaten = self.beaten.max(now);
    }

    /// The session's time of an observation, with all that was due before it done.
    fn arrive(&mut self, source: Ticks, out: &mut Outgoing) -> Ticks {
        let at = self.clock.read(source);
        self.beat_until(at, out);
        self.typing.at(at);
        at
    }

    /// The build that must be caught: everything passes. Made by `cargo xtask test` only, to prove that the scan for
    /// planted canaries can fail.
    #[cfg(candor_no_wall)]
    pub fn push(&mut self, mut raw: Raw, out: &mut Outgoing) {
        let Observation { at, actor, what } = &mut raw.0;
        let (at, actor) = (self.clock.read(*at), *actor);
        self.queue.captured();
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
            Observed::Element(seen) => element::shown(seen, seen.name.is_some() && seen.role.has_label()),
            Observed::Key { .. }
            | Observed::Field { .. }
            | Observed::Value(_)
            | Observed::Edited { .. }
            | Observed::Committed { .. }
            | Observed::Caret { .. }
            | Observed::Gap { .. } => What::Gap,
        };
        self.store(at, actor, what, out);
    }

    /// Closes the spans of what was withheld so far; due when a segment closes, so that its remarks are complete.
    pub fn flush_remarks(&mut self, remarks: &mut Vec<Remark>) {
        self.queue.spans().flush(remarks);
    }

    /// The session's end: whatever waits is decided and leaves, every open span is closed. Nothing may be pushed after it.
    pub fn finish(&mut self, out: &mut Outgoing) -> Tally {
        self.typing.leave();
        self.pump(out);
        for at in self.keyboard.forget_shift() {
            self.put(at, Actor::Unknown, Waiting::LeaveOut(Rule::TextModifier), out);
        }
        self.queue.spans().flush(&mut out.remarks);
        self.queue.tally()
    }

    /// How many events went where so far.
    pub fn tally(&self) -> Tally {
        self.queue.tally()
    }

    /// Looks once more at what is about to be sealed, as attackers would: what is typed joined in order, with its
    /// corrections carried out, and with what they took away left in; everything redacted in this session included.
    ///
    /// # Errors
    /// [`Leak`] where something shows that must not: the events are not to be sealed.
    pub fn inspect(&self, events: &[Redacted]) -> Result<(), Leak> {
        inspect::inspect(events, |text, findings| self.typing.find_all(text, findings))
    }

    fn field(&mut self, source: Ticks, actor: Actor, secret: Secrecy, out: &mut Outgoing) {
        match (&mut self.focus, secret) {
            (Focus::Secret { .. }, Secrecy::Yes) => {}
            (_, Secrecy::Yes) => {
                let at = self.arrive(source, out);
                self.typing.leave();
                self.release_all(at, actor, out);
                self.pump(out);
                self.queue.spans().flush(&mut out.remarks);
                out.remarks.push(Remark { from: at, to: at, rule: Rule::SecretField, events: None });
                self.focus = Focus::Secret { since: source, window: None };
            }
            (Focus::Secret { since, window }, _) => {
                // The clock stands still: what passed in the field never passed.
                self.clock.cut += source.saturating_sub(*since);
                let window = window.take();
                self.focus = open_or_unknown(secret);
                if let Some(window) = window {
                    self.queue.captured();
                    let at = self.clock.read(source);
                    self.window(at, actor, window, out);
                }
            }
            _ => {
                self.arrive(source, out);
                self.typing.leave();
                self.focus = open_or_unknown(secret);
            }
        }
    }

    fn window(&mut self, at: Ticks, actor: Actor, window: WindowSeen, out: &mut Outgoing) {
        let WindowSeen { app, title, origin } = window;
        let context = self.contexts.judge(&app, &title, origin.as_deref().map(String::as_str));
        // A name that no segment can hold is nobody's to allow.
        let policy = self.applications.get(&app).copied().filter(|_| is_application_name(&app));
        let barred = match (policy, &context) {
            (None, _) => Some(Rule::ApplicationNotAllowed),
            (Some(_), Context::Private(_)) => Some(Rule::PrivateContext),
            (Some(_), Context::Open | Context::Unknown) => None,
        };
        self.typing.application(policy.unwrap_or(TextPolicy::None), barred.is_none() && context == Context::Open);
        if self.barred.is_none() && barred.is_some() {
            self.release_all(at, actor, out);
        }
        self.barred = barred;
        match barred {
            None => self.store(at, actor, What::Window { app }, out),
            Some(rule) => self.put(at, actor, Waiting::Withhold(rule), out),
        }
    }

    fn source_gap(&mut self, at: Ticks, actor: Actor, cause: GapCause, out: &mut Outgoing) {
        match cause {
            // What was held when the source went quiet may have come up unseen.
            GapCause::Paused | GapCause::Lost => {
                self.release_all(at, actor, out);
                self.forget_field();
            }
            // What was typed there is not known, so what stands in the field is not.
            GapCause::Malformed => self.typing.clicked(),
        }
        self.put(at, actor, Waiting::Withhold(Rule::SourceGap), out);
    }

    fn key(
        &mut self,
        at: Ticks,
        actor: Actor,
        press: Press,
        physical: PhysicalKey,
        logical: LogicalKey,
        out: &mut Outgoing,
    ) {
        let mut verdict = self.keyboard.judge(at, press, physical, logical);
        let down = press == Press::Down;
        if down && matches!(verdict, Verdict::Keep(..)) && matches!(self.focus, Focus::Unknown { .. }) {
            self.keyboard.withhold(physical, logical);
            verdict = Verdict::Withheld;
        }
        match verdict {
            Verdict::Unmatched => self.put(at, actor, Waiting::LeaveOut(Rule::UnmatchedRelease), out),
            Verdict::Pending => {}
            Verdict::TextModifier { events } => {
                (0..events).for_each(|_| self.put(at, actor, Waiting::LeaveOut(Rule::TextModifier), out));
            }
            Verdict::Withheld => self.withheld(at, actor, down, logical, out),
            Verdict::Keep(key, _) if withholds(self.typing.policy(), &key) => {
                let waiting = if down {
                    // Its release belongs to nothing either, wherever it comes.
                    self.keyboard.withhold(physical, logical);
                    Waiting::Withhold(Rule::TextPolicy)
                } else {
                    Waiting::LeaveOut(Rule::TextPolicy)
                };
                self.put(at, actor, waiting, out);
            }
            Verdict::Keep(key, stroke) => {
                if !matches!(key, Key::Shape(_)) {
                    self.emit_shift(at, actor, out);
                }
                let what = What::Key { press, key };
                let waiting = match (press, stroke) {
                    (Press::Down, _) => {
                        let id = self.typing.stroke(&self.keyboard.stroke(logical));
                        self.keyboard.number(physical, logical, id);
                        Waiting::Stroke { id, what, added: false }
                    }
                    (Press::Up, Some(id)) => Waiting::Release { id, what, added: false },
                    (Press::Up, None) => Waiting::Store(what),
                };
                self.put(at, actor, waiting, out);
            }
        }
    }

    fn withheld(&mut self, at: Ticks, actor: Actor, down: bool, logical: LogicalKey, out: &mut Outgoing) {
        if down && matches!(self.focus, Focus::Open) {
            // The field heard it, whatever it was.
            let id = self.typing.stroke(&self.keyboard.stroke(logical));
            self.typing.gone(id);
        }
        let rule = match logical {
            LogicalKey::Unidentified => Rule::UnknownKey,
            LogicalKey::Composing => Rule::TextModifier,
            LogicalKey::Named(_) | LogicalKey::Char(_) | LogicalKey::Dead(_)
                if matches!(self.focus, Focus::Open) && self.typing.policy() == TextPolicy::None =>
            {
                Rule::TextPolicy
            }
            LogicalKey::Named(_) | LogicalKey::Char(_) | LogicalKey::Dead(_) => Rule::UnknownField,
        };
        let tells = down && logical != LogicalKey::Composing && self.may_tell();
        let waiting = if tells { Waiting::Withhold(rule) } else { Waiting::LeaveOut(rule) };
        self.put(at, actor, waiting, out);
    }

    fn committed(&mut self, at: Ticks, actor: Actor, text: &str, out: &mut Outgoing) {
        for (n, c) in text.chars().enumerate() {
            let id = self.typing.committed(c);
            let what = What::Key { press: Press::Down, key: Key::Shape(Shape::of(c)) };
            if n == 0 {
                self.queue.captured();
            }
            if self.typing.policy() == TextPolicy::None {
                self.typing.gone(id);
            }
            let waiting = match self.typing.policy() {
                TextPolicy::None if n == 0 => Waiting::Withhold(Rule::TextPolicy),
                TextPolicy::None => continue,
                TextPolicy::Shapes | TextPolicy::Safe => Waiting::Stroke { id, what, added: n > 0 },
            };
            self.put(at, actor, waiting, out);
        }
    }

    fn button(&mut self, at: Ticks, actor: Actor, press: Press, button: Button, what: What, out: &mut Outgoing) {
        let held = self.buttons.iter().position(|held| *held == button);
        match (press, held) {
            (Press::Down, None) => self.buttons.push(button),
            (Press::Down, Some(_)) => {}
            (Press::Up, Some(index)) => {
                self.buttons.swap_remove(index);
            }
            (Press::Up, None) => return self.put(at, actor, Waiting::LeaveOut(Rule::UnmatchedRelease), out),
        }
        if press == Press::Down {
            self.typing.clicked();
            self.untold.press = true;
        }
        self.emit_shift(at, actor, out);
        self.store(at, actor, what, out);
    }

    /// A held Shift turned out to belong to a command or the pointer: others may see it after all.
    fn emit_shift(&mut self, at: Ticks, actor: Actor, out: &mut Outgoing) {
        for key in self.keyboard.show_shift() {
            self.store(at, actor, What::Key { press: Press::Down, key }, out);
        }
    }

    /// Lets go of everything held, because its release will not be seen.
    fn release_all(&mut self, at: Ticks, actor: Actor, out: &mut Outgoing) {
        let (shown, unresolved) = self.keyboard.release_all();
        for (key, stroke) in shown {
            let what = What::Key { press: Press::Up, key };
            let waiting = match stroke {
                Some(id) => Waiting::Release { id, what, added: true },
                None => Waiting::Add(what),
            };
            self.put(at, actor, waiting, out);
        }
        for since in unresolved {
            self.put(since, actor, Waiting::LeaveOut(Rule::TextModifier), out);
        }
        let (x, y) = self.pointer;
        for button in std::mem::take(&mut self.buttons) {
            self.put(at, actor, Waiting::Add(What::Button { press: Press::Up, button, x, y }), out);
        }
    }

    /// What was known of the focused field no longer holds, until the source names one.
    fn forget_field(&mut self) {
        self.typing.leave();
        self.untold = Untold::default();
        if self.names_fields {
            self.focus = Focus::Unknown { told: false };
        }
    }

    /// Whether others may see a gap for the key that was just withheld. In a field that may be secret they see one for
    /// the first key and none for the rest, or gaps between pointer events would tell how many there were, and when.
    fn may_tell(&mut self) -> bool {
        match &mut self.focus {
            Focus::Unknown { told } => !std::mem::replace(told, true),
            Focus::Open | Focus::Secret { .. } => true,
        }
    }

    fn store(&mut self, at: Ticks, actor: Actor, what: What, out: &mut Outgoing) {
        self.put(at, actor, Waiting::Store(what), out);
    }

    fn put(&mut self, at: Ticks, actor: Actor, what: Waiting, out: &mut Outgoing) {
        self.queue.push(Held { at, actor, what }, &mut self.typing, out);
    }

    fn pump(&mut self, out: &mut Outgoing) {
        self.queue.pump(self.clock.last, &mut self.typing, out);
    }
}

/// A field of this role, with nothing known of its text.
fn blank_field(role: Role) -> TextField {
    match role {
        Role::Text => TextField::new(Bindings::Desktop, None),
        Role::Line => TextField::new(Bindings::Desktop, None).with_lines(Lines::Single),
        Role::Lines => TextField::new(Bindings::Desktop, None).with_lines(Lines::Multi),
        Role::CommandLine => TextField::new(Bindings::Readline, None),
        // What a key does there is not known: a terminal's program, a canvas, a remote desktop.
        Role::Password | Role::Terminal | Role::Other | Role::Unknown => TextField::new(Bindings::Opaque, None),
    }
}

fn open_or_unknown(secret: Secrecy) -> Focus {
    match secret {
        Secrecy::No => Focus::Open,
        Secrecy::Unknown | Secrecy::Yes => Focus::Unknown { told: false },
    }
}

impl WindowSeen {
    fn take(app: &mut String, title: &mut String, origin: &mut Option<String>) -> Self {
        Self {
            app: std::mem::take(app),
            title: Zeroizing::new(std::mem::take(title)),
            origin: origin.take().map(Zeroizing::new),
        }
    }
}
