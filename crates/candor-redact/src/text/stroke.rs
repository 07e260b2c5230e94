//! What goes into the model and what it answers.

use candor_model::key::NamedKey;

use crate::raw::LogicalKey;

/// A key going down, with the modifiers of the moment. A repeat is another.
#[derive(Clone, Copy)]
pub struct Stroke {
    /// What the key means.
    pub logical: LogicalKey,
    /// Shift is down.
    pub shift: bool,
    /// Ctrl is down.
    pub ctrl: bool,
    /// Alt is down.
    pub alt: bool,
    /// Meta (Windows, Command) is down.
    pub meta: bool,
    /// AltGr is down.
    pub altgr: bool,
}

impl Stroke {
    /// A key alone.
    pub const fn plain(logical: LogicalKey) -> Self {
        Self { logical, shift: false, ctrl: false, alt: false, meta: false, altgr: false }
    }

    /// What it types as text: a character without Ctrl, Alt or Meta, or with AltGr, which Windows tells as Ctrl+Alt.
    pub(super) fn text(&self) -> Option<char> {
        match self.logical {
            LogicalKey::Char(c) if !c.is_control() => {
                let level = self.altgr || self.ctrl && self.alt;
                (!self.meta && (level || !self.ctrl && !self.alt)).then_some(c)
            }
            _ => None,
        }
    }

    /// Whether it only modifies others.
    pub(crate) fn is_modifier(&self) -> bool {
        use NamedKey as K;
        matches!(
            self.logical,
            LogicalKey::Named(
                K::Shift
                    | K::Control
                    | K::Alt
                    | K::AltGraph
                    | K::Meta
                    | K::CapsLock
                    | K::NumLock
                    | K::ScrollLock
                    | K::Fn
            )
        )
    }

    /// Whether Ctrl, Alt or Meta makes a command of it.
    pub(super) fn commands(&self) -> bool {
        self.ctrl || self.alt || self.meta
    }
}

/// Which keys edit, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bindings {
    /// A text widget of GTK, Qt, a browser or Windows: what they have in common.
    Desktop,
    /// A command line as GNU readline edits it with its Emacs bindings.
    Readline,
    /// A modal or unknown application: its keys are collected, and nothing is claimed.
    Opaque,
}

/// What the Enter key does in a field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lines {
    /// One line: Enter sends it.
    Single,
    /// Enter makes a new line.
    Multi,
    /// Nobody knows.
    #[default]
    Unknown,
}

/// How far the model can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It may be wrong even about what was typed last.
    Unknown,
    /// What was typed since the last break is known relative to a caret whose surroundings are not.
    Inferred,
    /// Text and caret are the field's.
    Synced,
}

/// What a key did to the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Text came in, whether or not a selection went for it.
    Inserted,
    /// Text went.
    Deleted,
    /// The caret moved, or is somewhere else now and the model cannot tell where.
    Moved,
    /// The selection changed.
    Selected,
    /// The field was sent off or left.
    Submitted,
    /// The key waits for others: a dead key, a compose sequence, an input method.
    Pending,
    /// Nothing.
    Nothing,
    /// The model cannot tell: confidence fell to [`Confidence::Unknown`], or already was there.
    Lost,
}
