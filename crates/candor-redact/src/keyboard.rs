//! Which keys are text, which are commands, and what is held.

use candor_model::event::Press;
use candor_model::key::{Key, NamedKey, PhysicalKey, Shape};
use candor_model::unit::Ticks;

use crate::raw::LogicalKey;
use crate::text::{EventId, Stroke};

/// How many different symbols one hold of Ctrl, Alt or Meta may show. Commands are short; whoever types on with a
/// modifier stuck types text.
const SHORTCUT_SYMBOLS_MAX: u32 = 4;

/// How many keys can be held at once. More are no hands but a file without releases: the oldest are forgotten.
const HELD_MAX: usize = 32;

/// What becomes of a key event.
pub(crate) enum Verdict {
    /// Others may see this key. On its way up: the number it went down with, where it was text or edited it.
    Keep(Key, Option<EventId>),
    /// Nothing of it.
    Withheld,
    /// Shift waits: what comes next says whether it belonged to text.
    Pending,
    /// It was part of typed text; so many events are now known to be.
    TextModifier {
        /// How many events.
        events: u64,
    },
    /// A release without a press.
    Unmatched,
}

#[derive(Default)]
pub(crate) struct Keyboard {
    held: Vec<Held>,
    /// Symbols shown in this hold of the modifiers: the last one, and how often it changed.
    last_symbol: Option<char>,
    symbols: u32,
    /// GTK's Ctrl+Shift+U was pressed, or a digit with Alt: what follows may be the code of a character.
    code_entry: bool,
}

struct Held {
    /// The number of its last way down.
    stroke: Option<EventId>,
    physical: PhysicalKey,
    logical: LogicalKey,
    state: State,
}

enum State {
    Shown(Key),
    Hidden,
    /// A Shift that was not needed yet, since this tick.
    Waiting(Ticks),
}

impl Keyboard {
    pub(crate) fn judge(&mut self, at: Ticks, press: Press, physical: PhysicalKey, logical: LogicalKey) -> Verdict {
        let held = self.held.iter().position(|held| held.is(physical, logical));
        match (press, held) {
            (Press::Up, None) => Verdict::Unmatched,
            (Press::Up, Some(index)) => {
                let held = self.held.remove(index);
                self.modifiers_changed();
                match held.state {
                    State::Shown(key) => Verdict::Keep(key, held.stroke),
                    State::Hidden if is_text_modifier(held.logical) => Verdict::TextModifier { events: 1 },
                    State::Hidden => Verdict::Withheld,
                    State::Waiting(_) => Verdict::TextModifier { events: 2 },
                }
            }
            (Press::Down, Some(index)) => match self.held.get(index).map(|held| &held.state) {
                // The modifier was let go first: from here on the key repeats as text.
                Some(State::Shown(Key::Shortcut { symbol, .. })) if !self.commanding() => {
                    Verdict::Keep(Key::Shape(Shape::of(*symbol)), None)
                }
                Some(State::Shown(key)) => Verdict::Keep(*key, None),
                Some(State::Hidden) if !is_text_modifier(logical) => Verdict::Withheld,
                _ => Verdict::TextModifier { events: 1 },
            },
            (Press::Down, None) => self.press(at, physical, logical),
        }
    }

    fn press(&mut self, at: Ticks, physical: PhysicalKey, logical: LogicalKey) -> Verdict {
        if self.held.len() >= HELD_MAX {
            // A Shift that waits was not counted yet, so it stays.
            match self.held.iter().position(|held| !matches!(held.state, State::Waiting(_))) {
                Some(oldest) => drop(self.held.remove(oldest)),
                None => return Verdict::TextModifier { events: 1 },
            }
            self.modifiers_changed();
        }
        let (state, verdict) = match logical {
            LogicalKey::Named(NamedKey::Shift) => (State::Waiting(at), Verdict::Pending),
            _ if is_text_modifier(logical) => (State::Hidden, Verdict::TextModifier { events: 1 }),
            LogicalKey::Unidentified | LogicalKey::Composing => (State::Hidden, Verdict::Withheld),
            LogicalKey::Named(name) => {
                let text = name == NamedKey::Enter && !self.commanding();
                let key = if text { Key::Shape(Shape::Newline) } else { Key::Named { physical, name } };
                (State::Shown(key), Verdict::Keep(key, None))
            }
            LogicalKey::Dead(_) => {
                (State::Shown(Key::Shape(Shape::Letter)), Verdict::Keep(Key::Shape(Shape::Letter), None))
            }
            LogicalKey::Char(c) => {
                let key = self.command(physical, c).unwrap_or(Key::Shape(Shape::of(c)));
                (State::Shown(key), Verdict::Keep(key, None))
            }
        };
        self.held.push(Held { stroke: None, physical, logical, state });
        verdict
    }

    /// The shortcut that `c` is part of, if it is one and not text.
    fn command(&mut self, physical: PhysicalKey, c: char) -> Option<Key> {
        let (control, alt) = (self.holds(NamedKey::Control), self.holds(NamedKey::Alt));
        let option = alt && !self.holds(NamedKey::Meta);
        // AltGr, and Ctrl+Alt which is AltGr elsewhere, type text; so does Alt with the keypad's digits. On a Mac Alt
        // alone is AltGr: many layouts have their brackets and the at sign there.
        let keypad = physical.is_keypad() || physical == PhysicalKey::UNKNOWN && c.is_ascii_digit();
        let text_level =
            self.holds(NamedKey::AltGraph) || control && alt || alt && keypad || option && c.is_ascii_punctuation();
        let symbol = if control && c.is_ascii_control() { char::from(c as u8 | 0x60) } else { c };
        if !self.commanding() || text_level || self.code_entry || !(symbol.is_ascii_graphic() || symbol == ' ') {
            return None;
        }
        if self.last_symbol != Some(symbol) {
            self.last_symbol = Some(symbol);
            self.symbols += 1;
        }
        if self.symbols > SHORTCUT_SYMBOLS_MAX {
            return None;
        }
        self.code_entry = control && self.holds(NamedKey::Shift) && symbol.eq_ignore_ascii_case(&'u')
            || option && symbol.is_ascii_digit();
        Some(Key::Shortcut { physical, symbol })
    }

    fn commanding(&self) -> bool {
        [NamedKey::Control, NamedKey::Alt, NamedKey::Meta].into_iter().any(|modifier| self.holds(modifier))
    }

    fn holds(&self, name: NamedKey) -> bool {
        self.held.iter().any(|held| held.logical == LogicalKey::Named(name))
    }

    fn modifiers_changed(&mut self) {
        if !self.commanding() {
            self.last_symbol = None;
            self.symbols = 0;
            self.code_entry = false;
        }
    }

    /// A key that went down has this number; its release will refer to it.
    pub(crate) fn number(&mut self, physical: PhysicalKey, logical: LogicalKey, stroke: EventId) {
        if let Some(held) = self.held.iter_mut().find(|held| held.is(physical, logical)) {
            held.stroke = Some(stroke);
        }
    }

    /// A key with the modifiers that are held, as the focused field sees it.
    pub(crate) fn stroke(&self, logical: LogicalKey) -> Stroke {
        Stroke {
            logical,
            shift: self.holds(NamedKey::Shift),
            ctrl: self.holds(NamedKey::Control),
            alt: self.holds(NamedKey::Alt),
            meta: self.holds(NamedKey::Meta),
            altgr: self.holds(NamedKey::AltGraph),
        }
    }

    /// A key that was judged is withheld after all, and so will its release be.
    pub(crate) fn withhold(&mut self, physical: PhysicalKey, logical: LogicalKey) {
        if let Some(held) = self.held.iter_mut().find(|held| held.is(physical, logical)) {
            held.state = State::Hidden;
        }
    }

    /// Shows every Shift that waited.
    pub(crate) fn show_shift(&mut self) -> Vec<Key> {
        let mut shown = Vec::new();
        for held in &mut self.held {
            if let (State::Waiting(_), LogicalKey::Named(name)) = (&held.state, held.logical) {
                let key = Key::Named { physical: held.physical, name };
                held.state = State::Shown(key);
                shown.push(key);
            }
        }
        shown
    }

    /// Forgets every Shift that waited; returns when each was pressed.
    pub(crate) fn forget_shift(&mut self) -> Vec<Ticks> {
        self.release_all().1
    }

    /// Forgets everything held; returns the keys others saw go down with their numbers, and when each waiting Shift was
    /// pressed.
    pub(crate) fn release_all(&mut self) -> (Vec<(Key, Option<EventId>)>, Vec<Ticks>) {
        let (mut shown, mut waiting) = (Vec::new(), Vec::new());
        for held in self.held.drain(..) {
            match held.state {
                State::Shown(key) => shown.push((key, held.stroke)),
                State::Waiting(since) => waiting.push(since),
                State::Hidden => {}
            }
        }
        self.modifiers_changed();
        (shown, waiting)
    }
}

impl Held {
    /// Whether this is the key of an event. Without a position the character tells, and Shift may have changed its case
    /// between press and release.
    fn is(&self, physical: PhysicalKey, logical: LogicalKey) -> bool {
        if physical != PhysicalKey::UNKNOWN || self.physical != PhysicalKey::UNKNOWN {
            return self.physical == physical;
        }
        match (self.logical, logical) {
            (LogicalKey::Char(a), LogicalKey::Char(b)) => a == b || a.to_lowercase().eq(b.to_lowercase()),
            (a, b) => a == b,
        }
    }
}

/// Modifiers and locks that only choose which character is typed.
fn is_text_modifier(logical: LogicalKey) -> bool {
    use NamedKey::{AltGraph, CapsLock, Compose, Convert, KanaMode, NonConvert, Shift};
    matches!(logical, LogicalKey::Named(Shift | AltGraph | CapsLock | Compose | Convert | NonConvert | KanaMode))
}
