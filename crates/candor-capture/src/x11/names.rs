//! What key codes and key symbols are called elsewhere.

use candor_model::key::{NamedKey, PhysicalKey};

/// For each usage of USB HID page 7 the Linux key code (`usb_kbd_keycode` of Linux, drivers/hid/usbhid/usbkbd.c, up to the
/// keypad and the F keys), 0 where there is none. X key codes of evdev devices are 8 more.
const LINUX_BY_USAGE: [u8; 116] = [
    0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44,
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 0, 39, 40, 41, 51, 52, 53, 58, 59, 60, 61,
    62, 63, 64, 65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106, 105, 108, 103, 69, 98, 55, 74,
    78, 96, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, 86, 127, 116, 117, 183, 184, 185, 186, 187, 188, 189, 190, 191,
    192, 193, 194,
];

/// The modifiers, from usage 0xe0 on.
const LINUX_MODIFIERS: [u8; 8] = [29, 42, 56, 125, 97, 54, 100, 126];

/// Where the key with this X key code is.
pub(super) fn physical(keycode: u8) -> PhysicalKey {
    let Some(linux) = keycode.checked_sub(8).filter(|code| *code != 0) else { return PhysicalKey::UNKNOWN };
    let plain = LINUX_BY_USAGE.iter().position(|code| *code == linux);
    let modifier = || LINUX_MODIFIERS.iter().position(|code| *code == linux).map(|at| at + 0xe0);
    plain.or_else(modifier).and_then(|usage| u16::try_from(usage).ok()).map_or(PhysicalKey::UNKNOWN, PhysicalKey)
}

/// What a key symbol that prints nothing is called (X11/keysymdef.h, X11/XF86keysym.h).
pub(super) fn named(keysym: u32) -> Option<NamedKey> {
    use NamedKey as N;
    Some(match keysym {
        0xffe1 | 0xffe2 => N::Shift,
        0xffe3 | 0xffe4 => N::Control,
        0xffe9 | 0xffea => N::Alt,
        0xffe7 | 0xffe8 | 0xffeb | 0xffec => N::Meta,
        0xfe03 | 0xff7e | 0xfe11 => N::AltGraph,
        0xffe5 | 0xffe6 => N::CapsLock,
        0xff7f => N::NumLock,
        0xff14 => N::ScrollLock,
        0xff20 => N::Compose,
        0xff08 => N::Backspace,
        0xffff | 0xff9f => N::Delete,
        0xff63 | 0xff9e => N::Insert,
        0xff09 | 0xfe20 | 0xff89 => N::Tab,
        0xff0d | 0xff8d => N::Enter,
        0xff1b => N::Escape,
        0xff51 | 0xff96 => N::ArrowLeft,
        0xff52 | 0xff97 => N::ArrowUp,
        0xff53 | 0xff98 => N::ArrowRight,
        0xff54 | 0xff99 => N::ArrowDown,
        0xff50 | 0xff95 => N::Home,
        0xff57 | 0xff9c => N::End,
        0xff55 | 0xff9a => N::PageUp,
        0xff56 | 0xff9b => N::PageDown,
        0xff65 => N::Undo,
        0xff66 => N::Redo,
        0xff68 => N::Find,
        0xff6a => N::Help,
        0xff67 => N::ContextMenu,
        0xff13 => N::Pause,
        0xff61 => N::PrintScreen,
        0xff23 => N::Convert,
        0xff22 => N::NonConvert,
        0xffbe..=0xffd5 => *N::ALL.get(usize::from(N::F1.code()) + (keysym - 0xffbe) as usize)?,
        0x1008_ff13 => N::AudioVolumeUp,
        0x1008_ff11 => N::AudioVolumeDown,
        0x1008_ff12 => N::AudioVolumeMute,
        0x1008_ff14 => N::MediaPlayPause,
        0x1008_ff17 => N::MediaTrackNext,
        0x1008_ff16 => N::MediaTrackPrevious,
        0x1008_ff15 => N::MediaStop,
        0x1008_ff26 => N::BrowserBack,
        0x1008_ff27 => N::BrowserForward,
        0x1008_ff57 => N::Copy,
        0x1008_ff58 => N::Cut,
        0x1008_ff6d => N::Paste,
        _ => return None,
    })
}

/// The accent that a dead key waits with (X11/keysymdef.h).
pub(super) fn dead(keysym: u32) -> Option<char> {
    Some(match keysym {
        0xfe50 => '`',
        0xfe51 => '´',
        0xfe52 => '^',
        0xfe53 => '~',
        0xfe54 => '¯',
        0xfe55 => '˘',
        0xfe56 => '˙',
        0xfe57 => '¨',
        0xfe58 => '˚',
        0xfe59 => '˝',
        0xfe5a => 'ˇ',
        0xfe5b => '¸',
        0xfe5c => '˛',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_codes_are_where_the_usb_tables_put_them() {
        for (keycode, usage) in
            [(38, 0x04), (9, 0x29), (65, 0x2c), (50, 0xe1), (62, 0xe5), (108, 0xe6), (90, 0x62), (95, 0x44)]
        {
            assert_eq!(physical(keycode), PhysicalKey(usage), "key code {keycode}");
        }
        assert_eq!(physical(0), PhysicalKey::UNKNOWN);
        assert_eq!(physical(8), PhysicalKey::UNKNOWN);
    }

    #[test]
    fn function_keys_are_in_a_row() {
        assert_eq!(named(0xffbe), Some(NamedKey::F1));
        assert_eq!(named(0xffd5), Some(NamedKey::F24));
        assert_eq!(named(0x61), None);
    }
}
