//! Events as they leave the wall: what a segment stores and a builder may one day read.
//!
//! Architecture invariant: no variant is for a window title or a field's content, a typed character is there only as
//! [`Key::Text`], and a name only where it labels a control ([`ElementRole::has_label`](crate::ElementRole::has_label)). candor-redact alone lets either
//! out. What can hold the rest is `candor_redact::Raw`.

use serde::{Deserialize, Serialize};

use crate::element::Element;
use crate::key::Key;
use crate::unit::Ticks;

/// One event of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Ticks since the session's start, in the session's clock unit. Never decreases within a session; time spent in
    /// secret fields is cut out.
    pub at: Ticks,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Who caused an event. "Human" datasets take only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person at this computer's own devices.
    Human,
    /// Synthetic input: XTEST, uinput, remote desktop.
    Injected,
    /// A software agent known as such.
    Agent,
    /// The source cannot tell.
    Unknown,
}

impl Actor {
    /// Every actor, in wire order.
    pub const ALL: [Self; 4] = [Self::Human, Self::Injected, Self::Agent, Self::Unknown];
}

/// What happened. Positions are in the session's position unit, from the screen's top left corner; scroll distances in
/// 1/120 of a wheel notch (the unit of libinput and Windows), positive right and down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum What {
    /// A key went down or up.
    Key {
        /// Which way.
        press: Press,
        /// Which key.
        key: Key,
    },
    /// The pointer moved, with no button down or (a drag) with one.
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
    /// Another application has the focus. Only applications on the allow-list have a name here.
    Window {
        /// The application's name on the allow-list.
        app: String,
    },
    /// A value of this kind was typed or shown here, and left out. The same number stands for the same value within a
    /// session, whatever its segment, and for nothing beyond it.
    Surrogate {
        /// The kind of value.
        of: Surrogate,
        /// Its number among the session's values of this kind, from 1.
        number: u32,
    },
    /// The element under the last press of a button, or the one that has the focus from here on. In a box: it is rare, and
    /// would make every other event half as large again.
    Element(Box<Element>),
    /// Something was left out here. Why, and how much, only the participant can read.
    Gap,
}

/// The kinds of value that may show as a surrogate: structured data whose kind tells nothing about a person. Secrets, and
/// whatever belongs to a special category, leave a gap instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surrogate {
    /// An e-mail address.
    Email,
    /// A web address that names a person or holds a token.
    Url,
    /// An IP address.
    Ip,
    /// A hardware address.
    Mac,
    /// A telephone number.
    Phone,
    /// A payment card's number.
    Card,
    /// A bank account.
    Account,
    /// A number that a state gave to a person.
    NationalId,
    /// A date of birth.
    BirthDate,
    /// A postal address.
    Address,
    /// A person's name.
    Name,
}

impl Surrogate {
    /// Every kind, in wire order.
    pub const ALL: [Self; 11] = [
        Self::Email,
        Self::Url,
        Self::Ip,
        Self::Mac,
        Self::Phone,
        Self::Card,
        Self::Account,
        Self::NationalId,
        Self::BirthDate,
        Self::Address,
        Self::Name,
    ];

    /// The word that stands in a text, `EMAIL` of `EMAIL_3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Url => "URL",
            Self::Ip => "IP",
            Self::Mac => "MAC",
            Self::Phone => "PHONE",
            Self::Card => "CARD",
            Self::Account => "ACCOUNT",
            Self::NationalId => "NATIONAL_ID",
            Self::BirthDate => "BIRTH_DATE",
            Self::Address => "ADDRESS",
            Self::Name => "NAME",
        }
    }
}

/// The longest name of an application, in bytes.
pub const APPLICATION_NAME_MAX: usize = 255;

/// Whether a segment can hold `name` as an application's: 1 to 255 bytes, no control character (Unicode's `Cc`), so that
/// a name cannot forge a line in a listing.
pub fn is_application_name(name: &str) -> bool {
    (1..=APPLICATION_NAME_MAX).contains(&name.len()) && !name.contains(char::is_control)
}

/// Down or up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Press {
    /// Pressed.
    Down,
    /// Released.
    Up,
}

/// A pointer button: 1 left, 2 middle, 3 right, 8 back, 9 forward (X11's numbers; 4 to 7 are scrolling and not used).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Button(pub u8);

impl Button {
    /// The primary button.
    pub const LEFT: Self = Self(1);
    /// The wheel.
    pub const MIDDLE: Self = Self(2);
    /// The secondary button.
    pub const RIGHT: Self = Self(3);
    /// The first thumb button.
    pub const BACK: Self = Self(8);
    /// The second thumb button.
    pub const FORWARD: Self = Self(9);
}
