//! What waits, and what it has to do with the focus.

use std::sync::Arc;
use std::time::Instant;

use candor_model::event::Press;
use candor_model::key::NamedKey;
use candor_model::{Actor, Ticks};
use candor_redact::{ElementId, FieldText, LogicalKey, Observed, Role, Secrecy};

use crate::a11y::Field;
use crate::x11::window::Seen;

pub(super) struct Waiting {
    pub(super) at: Ticks,
    pub(super) read: Instant,
    pub(super) actor: Actor,
    pub(super) what: Awaited,
}

pub(super) enum Awaited {
    Input {
        what: Observed,
        part: Part,
    },
    /// A secret field was left, and something since then may have moved the focus on: as [`Part::Cause`].
    Turn {
        passed: bool,
    },
    Window(Seen),
    /// Nothing where nobody knows the field, or not yet.
    Field(Option<Arc<Field>>),
    /// What this field holds.
    Value {
        element: ElementId,
        value: FieldText,
    },
}

/// What an input has to do with the focus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// It prints, in the field that it belongs to.
    Text { shows: char, landed: bool },
    /// It may move the focus; `passed`: it has not.
    Cause { passed: bool },
    /// It may take away what was typed just before.
    Erase,
    /// None of these.
    Plain,
}

/// Where something is typed, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// A field that shows what is typed.
    Text(ElementId),
    /// An element that takes commands.
    Commands,
    Secret,
    #[default]
    Unknown,
}

impl Place {
    pub(super) fn of(field: Option<&Field>) -> Self {
        let Some(field) = field else { return Self::Unknown };
        match (field.secret, field.role) {
            (Secrecy::Yes, _) | (_, Role::Password) => Self::Secret,
            (Secrecy::No, Role::Text | Role::Line | Role::Lines) => Self::Text(field.element),
            (Secrecy::No, Role::Other) => Self::Commands,
            (Secrecy::No | Secrecy::Unknown, _) => Self::Unknown,
        }
    }
}

impl Waiting {
    /// What begins here, where something else than an input waits.
    pub(super) fn place(&self) -> Option<Place> {
        match &self.what {
            Awaited::Input { .. } | Awaited::Turn { .. } | Awaited::Value { .. } => None,
            Awaited::Window(_) => Some(Place::Unknown),
            Awaited::Field(field) => Some(Place::of(field.as_deref())),
        }
    }

    pub(super) fn part(&self) -> Option<Part> {
        match self.what {
            Awaited::Input { part, .. } => Some(part),
            Awaited::Turn { passed } => Some(Part::Cause { passed }),
            Awaited::Value { .. } => Some(Part::Plain),
            Awaited::Window(_) | Awaited::Field(_) => None,
        }
    }

    pub(super) fn lands(&mut self) {
        match &mut self.what {
            Awaited::Input { part: Part::Text { landed, .. }, .. } => *landed = true,
            Awaited::Input { part: Part::Cause { passed }, .. } | Awaited::Turn { passed } => *passed = true,
            Awaited::Input { part: Part::Erase | Part::Plain, .. }
            | Awaited::Window(_)
            | Awaited::Field(_)
            | Awaited::Value { .. } => {}
        }
    }
}

/// What an input has to do with the focus. `command`: whether a modifier is held that makes it one.
pub(super) fn part(what: &Observed, command: bool) -> Part {
    let moves = Part::Cause { passed: false };
    match what {
        Observed::Key { press: Press::Down, logical, .. } => match logical {
            LogicalKey::Char(shows) if !command => Part::Text { shows: *shows, landed: false },
            LogicalKey::Named(NamedKey::Backspace | NamedKey::Delete) if !command => Part::Erase,
            LogicalKey::Named(name) if is_modifier(*name) => Part::Plain,
            // Up and down leave a field of one line, these do not.
            LogicalKey::Named(NamedKey::ArrowLeft | NamedKey::ArrowRight | NamedKey::Home | NamedKey::End)
                if !command =>
            {
                Part::Plain
            }
            LogicalKey::Char(_) | LogicalKey::Named(_) | LogicalKey::Unidentified => moves,
            LogicalKey::Dead(_) | LogicalKey::Composing => Part::Plain,
        },
        Observed::Committed { text } => {
            text.chars().next().map_or(Part::Plain, |shows| Part::Text { shows, landed: false })
        }
        Observed::Button { press: Press::Down, .. } => moves,
        _ => Part::Plain,
    }
}

fn is_modifier(name: NamedKey) -> bool {
    use NamedKey::*;
    matches!(name, Shift | Control | Alt | AltGraph | Meta | CapsLock | NumLock | ScrollLock | Fn | Compose)
}
