//! Keys: physical positions as USB HID usages, named keys with the W3C `KeyboardEvent.key` names, and shapes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A key's position as a usage of USB HID page 7 (Keyboard/Keypad), whatever the layout prints on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PhysicalKey(pub u16);

impl PhysicalKey {
    /// Usage 0, "reserved": the source does not tell where the key is.
    pub const UNKNOWN: Self = Self(0);

    /// Whether the key lies on the keypad (usages 0x53 to 0x63).
    pub const fn is_keypad(self) -> bool {
        self.0 >= 0x53 && self.0 <= 0x63
    }
}

macro_rules! named_keys {
    ($($name:ident)*) => {
        /// A key that prints nothing, by its W3C `KeyboardEvent.key` name (UI Events KeyboardEvent key Values).
        ///
        /// The wire form is the position in this list: new names go at the end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the names are the W3C's, and say it")]
        pub enum NamedKey { $($name,)* }

        impl NamedKey {
            /// Every named key, in wire order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The W3C name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        impl FromStr for NamedKey {
            type Err = UnknownKey;

            fn from_str(name: &str) -> Result<Self, UnknownKey> {
                match name { $(stringify!($name) => Ok(Self::$name),)* _ => Err(UnknownKey) }
            }
        }
    };
}

named_keys! {
    Shift Control Alt AltGraph Meta CapsLock NumLock ScrollLock Fn Compose
    Backspace Delete Insert Tab Enter Escape
    ArrowLeft ArrowRight ArrowUp ArrowDown Home End PageUp PageDown
    Undo Redo Cut Copy Paste Find Help ContextMenu Pause PrintScreen
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24
    AudioVolumeUp AudioVolumeDown AudioVolumeMute MediaPlayPause MediaTrackNext MediaTrackPrevious MediaStop
    BrightnessUp BrightnessDown Power Sleep WakeUp
    BrowserBack BrowserForward BrowserRefresh BrowserHome BrowserSearch BrowserFavorites
    LaunchMail LaunchApplication1 LaunchApplication2 Convert NonConvert KanaMode
}

impl NamedKey {
    /// The position in the wire order.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The key at a wire position; nothing where this version knows none.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

/// A key name this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown key name")]
pub struct UnknownKey;

/// What is left of a key that typed text: which class of character it was, never which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A letter of any script, and a dead or compose key that will become one.
    Letter,
    /// A decimal digit, keypad included.
    Digit,
    /// Blank space.
    Space,
    /// Anything else that prints.
    Punctuation,
    /// A line's end.
    Newline,
}

impl Shape {
    /// Every shape, in wire order.
    pub const ALL: [Self; 5] = [Self::Letter, Self::Digit, Self::Space, Self::Punctuation, Self::Newline];

    /// The class of a character.
    pub fn of(c: char) -> Self {
        match c {
            '\n' | '\r' => Self::Newline,
            c if c.is_whitespace() => Self::Space,
            c if c.is_alphabetic() => Self::Letter,
            c if c.is_numeric() => Self::Digit,
            _ => Self::Punctuation,
        }
    }
}

/// A key as others may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    /// A text key, position and character both replaced.
    Shape(Shape),
    /// A key that prints nothing.
    Named {
        /// Where it is.
        physical: PhysicalKey,
        /// What it is.
        name: NamedKey,
    },
    /// A character that was typed and that redaction let pass: only under the policy `text = "safe"`, and only on the
    /// way down; its release is a shape. [`is_text`] holds for it: a line's end is [`Shape::Newline`].
    Text(char),
    /// A key pressed with Ctrl, Alt or Meta: a command, not text.
    Shortcut {
        /// Where it is.
        physical: PhysicalKey,
        /// What it would print alone.
        symbol: char,
    },
}

impl Key {
    /// The key of a character that redaction let pass: text, or a shape where [`is_text`] does not hold.
    pub fn typed(c: char) -> Self {
        if is_text(c) { Self::Text(c) } else { Self::Shape(Shape::of(c)) }
    }
}

/// Whether a character may be a [`Key::Text`]: any but control characters (Unicode `Cc`), which a terminal would obey.
pub fn is_text(c: char) -> bool {
    !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_survive_a_round_trip() {
        for key in NamedKey::ALL {
            assert_eq!(key.as_str().parse(), Ok(*key));
            assert_eq!(NamedKey::from_code(key.code()), Some(*key));
        }
        assert_eq!(NamedKey::from_code(u8::MAX), None);
        assert_eq!("NoSuchKey".parse::<NamedKey>(), Err(UnknownKey));
    }

    #[test]
    fn what_a_terminal_obeys_is_never_text() {
        for c in ['\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(Key::typed(c), Key::Shape(Shape::of(c)));
        }
        assert!(['a', ' ', '\u{a0}', '漢', '😀'].into_iter().all(|c| Key::typed(c) == Key::Text(c)));
    }

    #[test]
    fn shapes_follow_unicode_classes() {
        assert_eq!(Shape::of('ß'), Shape::Letter);
        assert_eq!(Shape::of('٣'), Shape::Digit);
        assert_eq!(Shape::of('\u{a0}'), Shape::Space);
        assert_eq!(Shape::of('€'), Shape::Punctuation);
        assert_eq!(Shape::of('\r'), Shape::Newline);
    }
}
