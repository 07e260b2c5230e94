//! Key names and codes of the known formats.

use candor_model::key::{NamedKey, PhysicalKey};
use candor_redact::LogicalKey;

/// What a file tells of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) logical: LogicalKey,
    pub(crate) physical: PhysicalKey,
}

impl Meaning {
    pub(crate) const UNKNOWN: Self = Self { logical: LogicalKey::Unidentified, physical: PhysicalKey::UNKNOWN };

    /// A key that prints `c`. Where it lies depends on the layout, which no format tells.
    pub(crate) const fn char(c: char) -> Self {
        Self { logical: LogicalKey::Char(c), physical: PhysicalKey::UNKNOWN }
    }

    /// A key of which most keyboards have one; others (Shift, Enter, the cursor keys and their keypad twins) stay unplaced.
    pub(crate) const fn named(name: NamedKey) -> Self {
        Self { logical: LogicalKey::Named(name), physical: place(name) }
    }

    /// The key of this meaning, placed where its name tells.
    pub(crate) const fn of(logical: LogicalKey) -> Self {
        match logical {
            LogicalKey::Named(name) => Self::named(name),
            _ => Self { logical, physical: PhysicalKey::UNKNOWN },
        }
    }

    const fn at(name: NamedKey, usage: u16) -> Self {
        Self { logical: LogicalKey::Named(name), physical: PhysicalKey(usage) }
    }

    /// Whether two events are of the same key. Shift may have changed between them, so case does not count.
    pub(crate) fn same_key(&self, other: &Self) -> bool {
        match (self.logical, other.logical) {
            (LogicalKey::Char(a), LogicalKey::Char(b)) => a == b || a.to_lowercase().eq(b.to_lowercase()),
            (a, b) => a == b && self.physical == other.physical,
        }
    }
}

/// The one place of a key in USB HID usages (HID Usage Tables, page 7), where it has one.
const fn place(name: NamedKey) -> PhysicalKey {
    use NamedKey as K;
    let code = name as u8;
    let usage = match name {
        K::Escape => 0x29,
        K::Backspace => 0x2a,
        K::Tab => 0x2b,
        K::CapsLock => 0x39,
        K::PrintScreen => 0x46,
        K::ScrollLock => 0x47,
        K::Pause => 0x48,
        K::NumLock => 0x53,
        K::ContextMenu => 0x65,
        _ if code >= K::F1 as u8 && code <= K::F12 as u8 => 0x3a + (code - K::F1 as u8) as u16,
        _ if code >= K::F13 as u8 && code <= K::F24 as u8 => 0x68 + (code - K::F13 as u8) as u16,
        _ => return PhysicalKey::UNKNOWN,
    };
    PhysicalKey(usage)
}

/// A key by its name in pynput (`pynput.keyboard.Key`), or by the one character it prints.
///
/// With Ctrl down some platforms give the control character instead of the letter: `ctrl` turns it back.
pub(crate) fn from_pynput(name: &str, ctrl: bool) -> Meaning {
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c @ '\x01'..='\x1a'), None) if ctrl => Meaning::char(char::from(c as u8 - 1 + b'a')),
        (Some(c), None) => from_char(c),
        _ => from_pynput_name(name),
    }
}

/// A key by the character it prints; a control character is the key that sends it.
pub(crate) fn from_char(c: char) -> Meaning {
    match c {
        '\x08' => Meaning::named(NamedKey::Backspace),
        '\t' => Meaning::named(NamedKey::Tab),
        '\n' | '\r' => Meaning::named(NamedKey::Enter),
        '\x1b' => Meaning::named(NamedKey::Escape),
        '\x7f' => Meaning::named(NamedKey::Delete),
        c if c.is_control() => Meaning::UNKNOWN,
        c => Meaning::char(c),
    }
}

fn from_pynput_name(name: &str) -> Meaning {
    use NamedKey as K;
    let key = match name {
        "space" => return Meaning::char(' '),
        "shift_l" => return Meaning::at(K::Shift, 0xe1),
        "shift_r" => return Meaning::at(K::Shift, 0xe5),
        "ctrl_l" => return Meaning::at(K::Control, 0xe0),
        "ctrl_r" => return Meaning::at(K::Control, 0xe4),
        "alt_l" => return Meaning::at(K::Alt, 0xe2),
        "alt_r" => return Meaning::at(K::Alt, 0xe6),
        "alt_gr" => return Meaning::at(K::AltGraph, 0xe6),
        "cmd_l" => return Meaning::at(K::Meta, 0xe3),
        "cmd_r" => return Meaning::at(K::Meta, 0xe7),
        "shift" => K::Shift,
        "ctrl" => K::Control,
        "alt" => K::Alt,
        "cmd" => K::Meta,
        "backspace" => K::Backspace,
        "caps_lock" => K::CapsLock,
        "delete" => K::Delete,
        "down" => K::ArrowDown,
        "end" => K::End,
        "enter" => K::Enter,
        "esc" => K::Escape,
        "home" => K::Home,
        "insert" => K::Insert,
        "left" => K::ArrowLeft,
        "media_next" => K::MediaTrackNext,
        "media_play_pause" => K::MediaPlayPause,
        "media_previous" => K::MediaTrackPrevious,
        "media_stop" => K::MediaStop,
        "media_volume_down" => K::AudioVolumeDown,
        "media_volume_mute" => K::AudioVolumeMute,
        "media_volume_up" => K::AudioVolumeUp,
        "menu" => K::ContextMenu,
        "num_lock" => K::NumLock,
        "page_down" => K::PageDown,
        "page_up" => K::PageUp,
        "pause" => K::Pause,
        "print_screen" => K::PrintScreen,
        "right" => K::ArrowRight,
        "scroll_lock" => K::ScrollLock,
        "tab" => K::Tab,
        "up" => K::ArrowUp,
        _ => return function_key(name).unwrap_or(Meaning::UNKNOWN),
    };
    Meaning::named(key)
}

/// `f1` to `f24`, in either case.
pub(crate) fn function_key(name: &str) -> Option<Meaning> {
    let number = name.strip_prefix(['f', 'F']).filter(|n| n.starts_with(|c| ('1'..='9').contains(&c)))?;
    let number: u8 = number.parse().ok().filter(|n| (1..=24).contains(n))?;
    NamedKey::from_code(NamedKey::F1.code() + number - 1).map(Meaning::named)
}

/// A key by its JavaScript `keyCode`, where the code alone tells it: the fixed codes, letters and keypad digits of
/// UI Events, "Legacy Key & Mouse Event Attributes". Digits and punctuation depend on Shift and layout and are not told.
pub(crate) fn from_key_code(code: u16) -> Meaning {
    use NamedKey as K;
    let key = match code {
        32 => return Meaning::char(' '),
        65..=90 => return Meaning::char(char::from((code as u8).to_ascii_lowercase())),
        96..=105 => return Meaning::char(char::from((code - 96) as u8 + b'0')),
        8 => K::Backspace,
        9 => K::Tab,
        13 => K::Enter,
        16 => K::Shift,
        17 => K::Control,
        18 => K::Alt,
        19 => K::Pause,
        20 => K::CapsLock,
        27 => K::Escape,
        33 => K::PageUp,
        34 => K::PageDown,
        35 => K::End,
        36 => K::Home,
        37 => K::ArrowLeft,
        38 => K::ArrowUp,
        39 => K::ArrowRight,
        40 => K::ArrowDown,
        45 => K::Insert,
        46 => K::Delete,
        91 | 92 => K::Meta,
        93 => K::ContextMenu,
        112..=135 => {
            let name = NamedKey::from_code(K::F1.code() + (code - 112) as u8);
            return name.map_or(Meaning::UNKNOWN, Meaning::named);
        }
        144 => K::NumLock,
        145 => K::ScrollLock,
        _ => return Meaning::UNKNOWN,
    };
    Meaning::named(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(meaning: Meaning) -> Option<(NamedKey, u16)> {
        match meaning.logical {
            LogicalKey::Named(name) => Some((name, meaning.physical.0)),
            LogicalKey::Char(_) | LogicalKey::Dead(_) | LogicalKey::Composing | LogicalKey::Unidentified => None,
        }
    }

    #[test]
    fn pynput_names_are_keys_and_single_characters_are_text() {
        assert!(from_pynput("space", false) == Meaning::char(' '));
        assert!(from_pynput("ß", false) == Meaning::char('ß'));
        assert_eq!(named(from_pynput("enter", false)), Some((NamedKey::Enter, 0)));
        assert_eq!(named(from_pynput("shift_r", false)), Some((NamedKey::Shift, 0xe5)));
        assert_eq!(named(from_pynput("f1", false)), Some((NamedKey::F1, 0x3a)));
        assert_eq!(named(from_pynput("f12", false)), Some((NamedKey::F12, 0x45)));
        assert_eq!(named(from_pynput("f24", false)), Some((NamedKey::F24, 0x73)));
    }

    #[test]
    fn a_name_nobody_knows_is_an_unidentified_key() {
        for name in ["", "f0", "f25", "f+1", "hyper", "ab", "<65027>", "\u{1}"] {
            assert!(from_pynput(name, false) == Meaning::UNKNOWN, "{name:?}");
        }
    }

    #[test]
    fn a_control_character_is_the_letter_while_ctrl_is_down_and_a_key_otherwise() {
        assert!(from_pynput("\u{3}", true) == Meaning::char('c'));
        assert!(from_pynput("\u{8}", true) == Meaning::char('h'));
        assert_eq!(named(from_pynput("\u{8}", false)), Some((NamedKey::Backspace, 0x2a)));
    }

    #[test]
    fn key_codes_tell_letters_but_not_digits_or_punctuation() {
        assert!(from_key_code(69) == Meaning::char('e'));
        assert!(from_key_code(97) == Meaning::char('1'));
        assert!(from_key_code(49) == Meaning::UNKNOWN);
        assert!(from_key_code(190) == Meaning::UNKNOWN);
        assert_eq!(named(from_key_code(123)), Some((NamedKey::F12, 0x45)));
    }
}
