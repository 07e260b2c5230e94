//! What a source saw, before anything was decided about it. Memory only.

use std::fmt;

use candor_model::Actor;
use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::{Button, Press};
use candor_model::key::{NamedKey, PhysicalKey};
use candor_model::unit::Ticks;
use zeroize::Zeroize;

/// One observation on its way to the wall.
///
/// It cannot be serialised, displayed, compared or looked into; `Debug` is blind; its text is wiped when it is dropped.
pub struct Raw(pub(crate) Observation);

impl Raw {
    /// Wraps what a source saw. From here on only this crate reads it.
    pub fn new(observation: Observation) -> Self {
        Self(observation)
    }

    /// Whether it is input of a device: a key, a button, a motion, a wheel. Says nothing of which.
    pub const fn is_input(&self) -> bool {
        use Observed::{Button, Key, Move, Scroll};
        matches!(self.0.what, Key { .. } | Button { .. } | Move { .. } | Scroll { .. })
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw(..)")
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        match &mut self.0.what {
            Observed::Key { physical, logical, .. } => {
                physical.0.zeroize();
                if let LogicalKey::Char(c) | LogicalKey::Dead(c) = logical {
                    c.zeroize();
                }
            }
            Observed::Window { app, title, origin } => {
                app.zeroize();
                title.zeroize();
                origin.zeroize();
            }
            Observed::Field { value: Some(value), .. } | Observed::Value(value) => value.text.zeroize(),
            Observed::Edited { inserted, .. } => inserted.zeroize(),
            Observed::Committed { text } => text.zeroize(),
            Observed::Element(seen) => seen.name.zeroize(),
            Observed::Move { .. }
            | Observed::Button { .. }
            | Observed::Scroll { .. }
            | Observed::Field { value: None, .. }
            | Observed::Caret { .. }
            | Observed::Gap { .. } => {}
        }
    }
}

/// What a source fills in: when, who, what.
pub struct Observation {
    /// Ticks since the session's start, in the session's clock unit.
    pub at: Ticks,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    pub what: Observed,
}

/// What a source can see. Positions and scroll distances as in [`candor_model::What`].
pub enum Observed {
    /// A key went down or up; a repeat is another down.
    Key {
        /// Which way.
        press: Press,
        /// Where the key is.
        physical: PhysicalKey,
        /// What it means under the layout and modifiers of the moment.
        logical: LogicalKey,
    },
    /// The pointer moved.
    Move {
        /// Horizontal position.
        x: i32,
        /// Vertical position.
        y: i32,
        /// Whether a button was down.
        drag: bool,
    },
    /// A pointer button went down or up.
    Button {
        /// Which way.
        press: Press,
        /// Which button.
        button: Button,
        /// Horizontal position.
        x: i32,
        /// Vertical position.
        y: i32,
    },
    /// The wheel or a touchpad scrolled.
    Scroll {
        /// Horizontal distance, 1/120 notch.
        dx: i32,
        /// Vertical distance, 1/120 notch.
        dy: i32,
        /// Horizontal position.
        x: i32,
        /// Vertical position.
        y: i32,
    },
    /// Another window has the focus. What was known of the focused field ends here: a source that names fields names one
    /// next.
    Window {
        /// The application.
        app: String,
        /// The window's title.
        title: String,
        /// The web origin it shows, where the source knows.
        origin: Option<String>,
    },
    /// Another field has the focus.
    Field {
        /// Which element it is, where the source can tell one from another: once secret, always secret.
        element: Option<ElementId>,
        /// What kind of field.
        role: Role,
        /// Whether it holds a secret.
        secret: Secrecy,
        /// What it holds now, where the source can read it; an empty field has an empty text.
        value: Option<FieldText>,
    },
    /// What the focused field holds now, read from the application: the text model is brought in step with it. It tells
    /// the wall something and is not an event of its own.
    Value(FieldText),
    /// The focused field changed other than by the keys that were told: a paste, a completion, a replacement.
    Edited {
        /// Where, in characters from the field's start.
        start: usize,
        /// How many characters went.
        removed: usize,
        /// What came in their place.
        inserted: String,
    },
    /// An input method or a compose sequence put this in at the caret. The keys since the last such commit, or since the
    /// sequence began, made it: those the source told as [`LogicalKey::Composing`] or [`LogicalKey::Dead`].
    Committed {
        /// The text.
        text: String,
    },
    /// The caret is here now, in characters from the field's start, however it got there.
    Caret {
        /// Where the next character goes.
        at: usize,
        /// Where the selection began; `at` where nothing is selected.
        anchor: usize,
    },
    /// An element that an action concerns, told after what it belongs to.
    Element(SeenElement),
    /// The source knows that it missed something.
    Gap {
        /// Why.
        cause: GapCause,
    },
}

impl Observed {
    /// A field of which the source knows nothing more.
    pub const fn field(role: Role, secret: Secrecy) -> Self {
        Self::Field { element: None, role, secret, value: None }
    }
}

/// An element of an application, by a number that the source gave it; the same number is the same element for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub u64);

/// What a source saw of an element under the pointer, or of the one in focus.
///
/// It comes after what it belongs to: that of a press after the press, before another window has the focus and before the
/// next press; that of the focus after the [`Observed::Field`] with the same `id`, before another field or window. The
/// first one counts. Later than that nobody knows what it belongs to, and it is left out. It may carry the time of what it
/// belongs to: the session's clock never runs backwards.
pub struct SeenElement {
    /// Whether it lay under the last press of a button, or has the focus.
    pub of: ElementOf,
    /// Which element it is, as in [`Observed::Field`].
    pub id: Option<ElementId>,
    /// Whether what it holds is secret: a field that masks what is typed. A button holds nothing, and is not.
    pub secret: Secrecy,
    /// What kind of element it is.
    pub role: ElementRole,
    /// Its accessible name, where it has one.
    pub name: Option<String>,
    /// Its left edge, from the screen's left edge.
    pub x: i32,
    /// Its upper edge, from the screen's upper edge.
    pub y: i32,
    /// How wide it is, in the position unit.
    pub width: u32,
    /// How high it is, in the position unit.
    pub height: u32,
}

/// What a field holds: its text, and where the caret is in it, in characters.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldText {
    /// The whole text.
    pub text: String,
    /// Where the next character goes; nothing where the source cannot tell.
    pub caret: Option<usize>,
    /// The other end of the selection; `caret` where nothing is selected.
    pub anchor: Option<usize>,
}

impl FieldText {
    /// A field with nothing in it.
    pub const fn empty() -> Self {
        Self { text: String::new(), caret: Some(0), anchor: Some(0) }
    }
}

impl fmt::Debug for FieldText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldText(..)")
    }
}

/// What a key means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LogicalKey {
    /// It prints nothing.
    Named(NamedKey),
    /// It prints this.
    Char(char),
    /// It waits for another key to be combined with.
    Dead(char),
    /// It went to an input method; [`Observed::Committed`] says what came of it.
    Composing,
    /// The source cannot tell.
    Unidentified,
}

/// What kind of field has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A field to type text into, of one line or of many: the source cannot tell.
    Text,
    /// A field of one line.
    Line,
    /// A field of many lines, where Enter begins another.
    Lines,
    /// A field that masks what is typed.
    Password,
    /// A terminal, where the source cannot tell what runs in it.
    Terminal,
    /// A shell's line in a terminal, edited as readline does: the source knows that the shell is at its prompt.
    CommandLine,
    /// Anything that takes no text.
    Other,
    /// The source cannot tell.
    Unknown,
}

/// Whether the focused field holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The source cannot tell: its text is withheld.
    Unknown,
}

/// Why a source missed something. After a pause or a loss the source names the window and the field in focus again, as
/// far as it names them at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// The recorder was paused.
    Paused,
    /// The source lost events.
    Lost,
    /// The file holds values outside the screen or the clock's order.
    Malformed,
}
