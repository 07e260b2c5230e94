//! Steps: what a person did, in the units of the session.

use std::sync::Arc;

use candor_model::event::{Button, Surrogate};
use candor_model::key::{NamedKey, Shape};
use candor_model::{Element, Ticks};

/// One action of a trajectory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When it began, in ticks since the session's start.
    pub start: Ticks,
    /// When it ended.
    pub end: Ticks,
    /// The application that had the focus when it began, where it may be named.
    pub app: Option<Arc<str>>,
    /// The modifiers held when it began.
    pub modifiers: Modifiers,
    /// What was done.
    pub action: Action,
    /// What was pressed, dragged or typed into, where it was told.
    pub element: Option<Arc<Element>>,
    /// Whether the release was never seen: the end is where the focus changed, something was left out or the session
    /// ended.
    pub unmatched: bool,
    /// Whether another button was down meanwhile.
    pub chord: bool,
    /// How many events it was made of.
    pub events: u32,
}

/// What was done. Positions are in the session's position unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A button was pressed and released in one place, one to three times.
    Click {
        /// Which button.
        button: Button,
        /// How often: 1, 2 or 3.
        count: u8,
        /// Where the first press was.
        x: i32,
        /// Where the first press was.
        y: i32,
    },
    /// A button was held in one place for more than a second.
    LongPress {
        /// Which button.
        button: Button,
        /// Where.
        x: i32,
        /// Where.
        y: i32,
    },
    /// A button was held and the pointer left the place.
    Drag {
        /// Which button.
        button: Button,
        /// From press to release, at most [`Self::PATH_MAX`] vertices.
        path: Vec<Vertex>,
    },
    /// The wheel or a touchpad scrolled in one direction. Distances in 1/120 notch, positive right and down.
    Scroll {
        /// The greater of the two.
        axis: Axis,
        /// Horizontal distance.
        dx: i64,
        /// Vertical distance.
        dy: i64,
        /// Where it began.
        x: i32,
        /// Where it began.
        y: i32,
    },
    /// Text was typed.
    Type {
        /// What of it is known, in order; no two neighbours could be one.
        typed: Vec<TypedRun>,
    },
    /// A key that prints nothing, alone.
    Press {
        /// Which key.
        key: StepKey,
        /// How often: auto-repeat counts.
        count: u32,
    },
    /// A key with modifiers.
    Hotkey {
        /// Which key.
        key: StepKey,
        /// How often: auto-repeat counts.
        count: u32,
    },
    /// Something was left out here.
    Gap,
}

impl Action {
    /// The most vertices a drag's path keeps; a longer one is thinned evenly.
    pub const PATH_MAX: usize = 256;
}

/// A point of a drag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vertex {
    /// Ticks since the step's start.
    pub after: Ticks,
    /// Horizontal position.
    pub x: i32,
    /// Vertical position.
    pub y: i32,
}

/// The direction of a scroll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Left and right.
    Horizontal,
    /// Up and down.
    Vertical,
}

/// A part of what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedRun {
    /// Characters that were withheld: only their class is known.
    Shapes(ShapeRun),
    /// Characters that redaction let pass, at least one.
    Text(String),
    /// A value that was left out.
    Surrogate {
        /// Its kind.
        of: Surrogate,
        /// Its number in the session, from 1.
        number: u32,
    },
}

/// `count` characters of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeRun {
    /// The class.
    pub shape: Shape,
    /// How many, at least 1.
    pub count: u32,
}

/// The key of a press or hotkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKey {
    /// A key that prints nothing.
    Named(NamedKey),
    /// A shortcut's symbol.
    Symbol(char),
}

/// A set of modifiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modifiers(u8);

impl Modifiers {
    /// None.
    pub const NONE: Self = Self(0);
    /// Every modifier, in the order of bits.
    pub const ALL: [NamedKey; 5] =
        [NamedKey::Control, NamedKey::Alt, NamedKey::Meta, NamedKey::Shift, NamedKey::AltGraph];

    /// The set of one modifier; nothing where `key` is none.
    pub const fn of(key: NamedKey) -> Option<Self> {
        match key {
            NamedKey::Control => Some(Self(1)),
            NamedKey::Alt => Some(Self(2)),
            NamedKey::Meta => Some(Self(4)),
            NamedKey::Shift => Some(Self(8)),
            NamedKey::AltGraph => Some(Self(16)),
            _ => None,
        }
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether Ctrl, Alt or Meta is in the set: what makes a command of a text key.
    pub const fn is_command(self) -> bool {
        self.0 & 7 != 0
    }

    /// The bits: 1 Control, 2 Alt, 4 Meta, 8 Shift, 16 AltGraph.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The modifiers in the set, in the order of bits.
    pub fn iter(self) -> impl Iterator<Item = NamedKey> {
        Self::ALL.into_iter().enumerate().filter(move |(bit, _)| self.0 >> bit & 1 == 1).map(|(_, key)| key)
    }
}
