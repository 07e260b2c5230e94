//! The typist's hands: keys with a person's rhythm, what they do to the field, and what a source sees of both.

use candor_model::Actor;
use candor_model::event::{Button, Press};
use candor_model::key::{NamedKey, PhysicalKey};
use candor_model::unit::Ticks;
use candor_redact::{LogicalKey, Observation, Observed, Role, Secrecy};

use super::field::{Cell, Field};
use super::layout::{Layout, Level, Stroke, Way};
use super::random::Random;
use super::rhythm::{Class, Rhythm};
use super::truth::{By, Mark, Span, Unit};

/// The application the typist works in, a second that may be recorded too, and one that may not.
pub(super) const EDITOR: &str = "editor";
pub(super) const OFFICE: &str = "office";
pub(super) const CHAT: &str = "chat";

/// How long a key is held before it repeats, and how fast it does (X11's defaults), in milliseconds.
const REPEAT_DELAY: u64 = 500;
const REPEAT_INTERVAL: u64 = 33;

/// A pause from which on nobody still holds a modifier, in milliseconds.
const PAUSE: u64 = 250;

/// Hands, eyes and a keyboard.
pub(super) struct Typist<'a> {
    pub(super) random: Random,
    pub(super) layout: Layout,
    rhythm: &'a Rhythm,
    /// The source's clock, in milliseconds.
    pub(super) now: Ticks,
    held: Vec<Held>,
    modifiers: Vec<NamedKey>,
    last: Class,
    pub(super) observations: Vec<Observation>,
    pub(super) units: Vec<Unit>,
    pub(super) spans: Vec<Span>,
    /// The field the text is for, and the others.
    pub(super) first: Field,
    pub(super) others: Vec<Field>,
    /// Which has the focus: 0 is the first, 1 the first of the others.
    pub(super) focus: usize,
    /// How what is typed now counts.
    pub(super) by: By,
    /// When secret fields had the focus.
    pub(super) secret: Vec<(Ticks, Ticks)>,
    pub(super) in_secret: bool,
}

/// A key on its way up.
struct Held {
    until: Ticks,
    physical: PhysicalKey,
    logical: LogicalKey,
}

impl<'a> Typist<'a> {
    pub(super) fn new(random: Random, layout: Layout, rhythm: &'a Rhythm) -> Self {
        Self {
            random,
            layout,
            rhythm,
            now: 0,
            held: Vec::new(),
            modifiers: Vec::new(),
            last: Class::Other,
            observations: Vec::new(),
            units: Vec::new(),
            spans: Vec::new(),
            first: Field::new(1),
            others: Vec::new(),
            focus: 0,
            by: By::Key,
            secret: Vec::new(),
            in_secret: false,
        }
    }

    /// The field in focus.
    pub(super) fn field(&mut self) -> &mut Field {
        match self.focus.checked_sub(1).and_then(|other| self.others.get_mut(other)) {
            Some(field) => field,
            None => &mut self.first,
        }
    }

    // What the source sees.

    pub(super) fn see(&mut self, what: Observed) {
        self.observations.push(Observation { at: self.now, actor: Actor::Human, what });
    }

    fn see_key(&mut self, press: Press, physical: PhysicalKey, logical: LogicalKey) {
        self.see(Observed::Key { press, physical, logical });
    }

    /// Time passes, and keys come up meanwhile.
    fn pass(&mut self, millis: u64) {
        let until = self.now + millis;
        while let Some(index) =
            (0..self.held.len()).filter(|&index| self.due(index) <= until).min_by_key(|&i| self.due(i))
        {
            let held = self.held.remove(index);
            self.now = self.now.max(held.until);
            self.see_key(Press::Up, held.physical, held.logical);
        }
        self.now = until;
    }

    fn due(&self, index: usize) -> Ticks {
        self.held.get(index).map_or(Ticks::MAX, |held| held.until)
    }

    /// The typist stops for so many milliseconds.
    pub(super) fn pause(&mut self, millis: u64) {
        if millis >= PAUSE {
            self.pass(PAUSE / 4);
            self.hold_modifiers(&[]);
            self.pass(millis - PAUSE / 4);
        } else {
            self.pass(millis);
        }
        self.last = Class::Other;
    }

    // Keys.

    /// Presses and lets go of modifiers until exactly these are held.
    fn hold_modifiers(&mut self, wanted: &[NamedKey]) {
        for name in std::mem::take(&mut self.modifiers) {
            if wanted.contains(&name) {
                self.modifiers.push(name);
            } else {
                self.see_key(Press::Up, position(name), LogicalKey::Named(name));
            }
        }
        for &name in wanted {
            if !self.modifiers.contains(&name) {
                self.modifiers.push(name);
                self.see_key(Press::Down, position(name), LogicalKey::Named(name));
            }
        }
    }

    /// A key goes down in the typist's rhythm; when it comes up is settled too. Returns the observation's number.
    fn strike(&mut self, physical: PhysicalKey, logical: LogicalKey, class: Class, modifiers: &[NamedKey]) -> usize {
        let interval = self.rhythm.interval(self.last, class, &mut self.random).max(2);
        let lead = if self.modifiers == modifiers { 0 } else { interval / 2 };
        self.pass(interval - lead);
        if lead > 0 {
            self.hold_modifiers(modifiers);
            self.pass(lead);
        }
        if let Some(index) = self.held.iter().position(|held| held.physical == physical) {
            let held = self.held.remove(index);
            self.see_key(Press::Up, held.physical, held.logical);
            self.pass(1);
        }
        self.see_key(Press::Down, physical, logical);
        let until = self.now + self.rhythm.hold(&mut self.random);
        self.held.push(Held { until, physical, logical });
        self.last = class;
        self.observations.len() - 1
    }

    fn stroke(&mut self, stroke: Stroke, logical: LogicalKey) -> usize {
        let modifiers: &[NamedKey] = match stroke.level {
            Level::Base => &[],
            Level::Shift => &[NamedKey::Shift],
            Level::AltGr => &[NamedKey::AltGraph],
        };
        self.strike(stroke.physical, logical, Class::of(stroke.symbol), modifiers)
    }

    /// Presses a key that prints nothing.
    fn named(&mut self, name: NamedKey, modifiers: &[NamedKey]) -> usize {
        let class = if name == NamedKey::Backspace { Class::Back } else { Class::Other };
        self.strike(position(name), LogicalKey::Named(name), class, modifiers)
    }

    /// Types one character, whatever that takes.
    pub(super) fn put(&mut self, ch: char, mark: Mark) {
        let observation = match self.layout.way(ch) {
            _ if ch == '\n' => self.named(NamedKey::Enter, &[]),
            Way::Key(stroke) => self.stroke(stroke, LogicalKey::Char(ch)),
            Way::Dead(dead, letter) => {
                self.stroke(dead, LogicalKey::Dead(dead.symbol));
                // Some sources tell the letter and leave the combining to the model; others tell what came of it.
                if self.random.chance(0.5) {
                    self.stroke(letter, LogicalKey::Char(letter.symbol))
                } else {
                    self.stroke(letter, LogicalKey::Composing);
                    self.commit(ch.to_string())
                }
            }
            Way::Compose => {
                self.compose_keys(2);
                self.commit(ch.to_string())
            }
        };
        self.appear(ch, mark, observation);
    }

    /// Types a word with an input method: its keys, then the word at once.
    pub(super) fn put_composed(&mut self, word: &[(char, Mark)]) {
        self.compose_keys(word.len());
        let observation = self.commit(word.iter().map(|(ch, _)| ch).collect());
        for (ch, mark) in word {
            self.appear(*ch, *mark, observation);
        }
    }

    fn compose_keys(&mut self, count: usize) {
        for _ in 0..count {
            // The letters' keys are usages 0x04 to 0x1d.
            let letter = u16::try_from(self.random.between(0x04, 0x1d)).unwrap_or(0x04);
            self.strike(PhysicalKey(letter), LogicalKey::Composing, Class::Other, &[]);
        }
    }

    fn commit(&mut self, text: String) -> usize {
        self.see(Observed::Committed { text });
        self.observations.len() - 1
    }

    /// A character comes into the field.
    pub(super) fn appear(&mut self, ch: char, mark: Mark, observation: usize) {
        let unit = self.units.len();
        let in_step = self.field().in_step;
        self.units.push(Unit { observation, ch, mark, by: self.by, in_step, erased: false });
        self.field().insert(Cell { ch, unit });
    }

    /// A key that the source cannot name; it may put something into the field.
    pub(super) fn unknown_key(&mut self) {
        let observation = self.strike(PhysicalKey::UNKNOWN, LogicalKey::Unidentified, Class::Other, &[]);
        self.field().in_step = false;
        if self.random.chance(0.5) {
            self.appear_unseen('~', observation);
        }
    }

    /// Something comes into the field that the source did not tell.
    pub(super) fn appear_unseen(&mut self, ch: char, observation: usize) {
        let by = std::mem::replace(&mut self.by, By::Unseen);
        self.appear(ch, Mark::default(), observation);
        self.by = by;
    }

    pub(super) fn backspace(&mut self) {
        self.named(NamedKey::Backspace, &[]);
        self.field().backspace();
    }

    pub(super) fn delete(&mut self) {
        self.named(NamedKey::Delete, &[]);
        self.field().delete();
    }

    /// Holds Backspace until it has deleted `count` characters.
    pub(super) fn hold_backspace(&mut self, count: usize) {
        let physical = position(NamedKey::Backspace);
        self.backspace();
        let release = self.held.iter().position(|held| held.physical == physical).map(|at| self.held.remove(at));
        for repeat in 1..count {
            self.pass(if repeat == 1 { REPEAT_DELAY } else { REPEAT_INTERVAL });
            self.see_key(Press::Down, physical, LogicalKey::Named(NamedKey::Backspace));
            self.field().backspace();
        }
        if let Some(held) = release {
            self.held.push(Held { until: self.now + REPEAT_INTERVAL / 2, ..held });
        }
    }

    pub(super) fn left(&mut self, extend: bool) {
        self.named(NamedKey::ArrowLeft, if extend { &[NamedKey::Shift] } else { &[] });
        self.field().left(extend);
    }

    pub(super) fn right(&mut self, extend: bool) {
        self.named(NamedKey::ArrowRight, if extend { &[NamedKey::Shift] } else { &[] });
        self.field().right(extend);
    }

    pub(super) fn home(&mut self) {
        self.named(NamedKey::Home, &[]);
        self.field().home();
    }

    pub(super) fn end(&mut self) {
        self.named(NamedKey::End, &[]);
        self.field().end();
    }

    /// Insert: from here on typing replaces, or no longer does.
    pub(super) fn toggle_insert(&mut self) {
        self.named(NamedKey::Insert, &[]);
        let field = self.field();
        field.overwrite = !field.overwrite;
        field.in_step = false;
    }

    /// A command with Ctrl. Returns the observation's number.
    pub(super) fn command(&mut self, symbol: char) -> usize {
        let physical = match self.layout.way(symbol) {
            Way::Key(stroke) => stroke.physical,
            Way::Dead(..) | Way::Compose => PhysicalKey::UNKNOWN,
        };
        let observation = self.strike(physical, LogicalKey::Char(symbol), Class::of(symbol), &[NamedKey::Control]);
        self.pass(20);
        self.hold_modifiers(&[]);
        observation
    }

    // The pointer and the focus.

    fn click(&mut self) {
        let (x, y) = (self.random.between(100, 900), self.random.between(100, 700));
        let (x, y) = (i32::try_from(x).unwrap_or(0), i32::try_from(y).unwrap_or(0));
        self.pause(300);
        self.see(Observed::Move { x, y, drag: false });
        self.pass(60);
        self.press_button(x, y);
    }

    fn press_button(&mut self, x: i32, y: i32) {
        self.see(Observed::Button { press: Press::Down, button: Button::LEFT, x, y });
        self.pass(70);
        self.see(Observed::Button { press: Press::Up, button: Button::LEFT, x, y });
        self.pass(20);
    }

    /// A click into the field that puts the caret to `at`; `told`: the source says where it is.
    pub(super) fn click_at(&mut self, at: usize, told: bool) {
        self.click();
        self.field().place(at, false);
        self.tell_caret(told);
    }

    /// A double click that selects `range`, and the source says so.
    pub(super) fn double_click(&mut self, range: std::ops::Range<usize>) {
        self.click();
        self.press_button(400, 300);
        self.field().select(range);
        self.tell_caret(true);
    }

    fn tell_caret(&mut self, told: bool) {
        if told {
            let (at, anchor) = (self.field().caret, self.field().anchor());
            self.see(Observed::Caret { at, anchor });
        } else {
            self.field().in_step = false;
        }
    }

    /// The source reads the field: whatever happened, its model can be right again.
    pub(super) fn tell_value(&mut self) {
        let value = self.field().told();
        self.see(Observed::Value(value));
        let overwrite = self.field().overwrite;
        self.field().in_step = !overwrite;
    }

    /// Another window.
    pub(super) fn window(&mut self, app: &str) {
        self.click();
        self.see(Observed::Window { app: app.to_owned(), title: "untitled".to_owned(), origin: None });
    }

    /// Goes to another field, by a click or by Tab, and the source says what is in it.
    pub(super) fn go_to(&mut self, focus: usize, tab: bool) {
        if tab {
            self.named(NamedKey::Tab, &[]);
        } else {
            self.click();
        }
        self.pass(5);
        self.focus = focus;
        self.tell_field();
    }

    /// The source names the field in focus.
    pub(super) fn tell_field(&mut self) {
        let value = self.field().told();
        let element = Some(self.field().element);
        let role = if self.field().multi_line { Role::Lines } else { Role::Line };
        self.leave_secret();
        self.see(Observed::Field { element, role, secret: Secrecy::No, value: Some(value) });
        let overwrite = self.field().overwrite;
        self.field().in_step = !overwrite;
        self.pass(30);
    }

    /// Goes to a password field of its own.
    pub(super) fn go_to_secret(&mut self, focus: usize) {
        self.click();
        self.pause(400);
        self.focus = focus;
        let element = Some(self.field().element);
        self.secret.push((self.now, self.now));
        self.in_secret = true;
        self.see(Observed::Field { element, role: Role::Password, secret: Secrecy::Yes, value: None });
        self.pass(30);
    }

    fn leave_secret(&mut self) {
        if let Some(last) = self.secret.last_mut().filter(|_| std::mem::take(&mut self.in_secret)) {
            last.1 = self.now;
        }
    }

    /// Lets go of everything and stops.
    pub(super) fn rest(&mut self, millis: u64) {
        self.pause(millis.max(1_000));
    }
}

/// Where the keys that print nothing are (HID page 7).
const fn position(name: NamedKey) -> PhysicalKey {
    PhysicalKey(match name {
        NamedKey::Enter => 0x28,
        NamedKey::Backspace => 0x2a,
        NamedKey::Tab => 0x2b,
        NamedKey::Insert => 0x49,
        NamedKey::Home => 0x4a,
        NamedKey::Delete => 0x4c,
        NamedKey::End => 0x4d,
        NamedKey::ArrowRight => 0x4f,
        NamedKey::ArrowLeft => 0x50,
        NamedKey::Control => 0xe0,
        NamedKey::Shift => 0xe1,
        NamedKey::AltGraph => 0xe6,
        _ => 0,
    })
}
