//! What a key means under the layout and the modifiers of the moment.

use candor_model::key::NamedKey;
use candor_redact::LogicalKey;

use super::scan;

/// What the modifiers and locks were before a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Held {
    pub(super) shift: bool,
    pub(super) control: bool,
    pub(super) alt: bool,
    pub(super) caps: bool,
    pub(super) num: bool,
}

/// What a layout says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    Nothing,
    Char(char),
    Dead(char),
    /// A ligature: more than one key can say.
    Several,
}

impl Printed {
    /// The answer of `ToUnicodeEx`: a count, negative for a dead key, and UTF-16.
    pub(super) fn from_utf16(count: i32, units: &[u16]) -> Self {
        let mut chars = char::decode_utf16(units.iter().copied().take(count.unsigned_abs() as usize));
        match (count, chars.next(), chars.next()) {
            (0, ..) | (_, None, _) => Self::Nothing,
            (_, Some(Ok(c)), None) if c.is_control() => Self::Nothing,
            (..0, Some(Ok(c)), None) => Self::Dead(c),
            (_, Some(Ok(c)), None) => Self::Char(c),
            _ => Self::Several,
        }
    }
}

/// `VK_PACKET`: software sends a character, in place of the scan code.
const PACKET: u32 = 0xe7;
/// `VK_PROCESSKEY`: an input method took the key.
const PROCESS: u32 = 0xe5;
/// `VK_RMENU`: the right Alt key.
const RIGHT_ALT: u32 = 0xa5;

/// Whether the right Alt key is AltGr, as the layout shows by the Ctrl key that it makes up ahead of it.
#[derive(Default)]
pub(super) struct AltGr {
    control: bool,
    is_altgr: bool,
}

impl AltGr {
    /// A key goes down or comes up. Nothing where nobody pressed it; otherwise whether the right Alt key is AltGr.
    pub(super) fn key(&mut self, down: bool, vk: u32, scan: u32) -> Option<bool> {
        if scan == scan::ALTGR_CONTROL {
            self.control = down;
            return None;
        }
        if vk == RIGHT_ALT && down {
            self.is_altgr = self.control;
        }
        Some(self.is_altgr)
    }
}

/// The key with the virtual code `vk` and this scan code. `altgr` says that the layout uses the right Alt key as AltGr,
/// `language` is the layout's, and `ask` asks the layout what the key prints with these modifiers.
pub(super) fn meaning(
    vk: u32,
    scan: u32,
    held: Held,
    altgr: bool,
    language: u16,
    mut ask: impl FnMut(Held) -> Printed,
) -> LogicalKey {
    if vk == PACKET {
        // A half of a character beyond 16 bits is none.
        let c = char::from_u32(scan).filter(|c| !c.is_control());
        return c.map_or(LogicalKey::Unidentified, LogicalKey::Char);
    }
    if vk == PROCESS {
        return LogicalKey::Composing;
    }
    if vk == RIGHT_ALT && altgr {
        return LogicalKey::Named(NamedKey::AltGraph);
    }
    if let Some(name) = named(vk) {
        return LogicalKey::Named(name);
    }
    // Ctrl and Alt together are AltGr, where the layout has something there; alone they make no text, and what the key
    // prints without them names the command.
    let alone = Held { control: false, alt: false, ..held };
    let level = if held.control && held.alt { held } else { alone };
    let printed = match ask(level) {
        Printed::Nothing if level != alone => ask(alone),
        printed => printed,
    };
    match printed {
        Printed::Nothing | Printed::Several => LogicalKey::Unidentified,
        // What an input method makes of it is not told; with Ctrl or Alt it takes none.
        Printed::Char(_) | Printed::Dead(_) if composes(language) && held.control == held.alt => LogicalKey::Composing,
        Printed::Char(c) => LogicalKey::Char(c),
        Printed::Dead(accent) => LogicalKey::Dead(accent),
    }
}

/// Whether text of this language is written through an input method: Chinese, Japanese, Korean, Vietnamese. Whether the
/// method is on at the moment is its secret; so it counts as on. (Primary language identifiers, MS-LCID.)
fn composes(language: u16) -> bool {
    matches!(language & 0x3ff, 0x04 | 0x11 | 0x12 | 0x2a)
}

/// What a key that prints nothing is called ("Virtual-Key Codes", Win32).
fn named(vk: u32) -> Option<NamedKey> {
    use NamedKey as N;
    Some(match vk {
        0x03 | 0x13 => N::Pause,
        0x08 => N::Backspace,
        0x09 => N::Tab,
        0x0d => N::Enter,
        0x10 | 0xa0 | 0xa1 => N::Shift,
        0x11 | 0xa2 | 0xa3 => N::Control,
        0x12 | 0xa4 | 0xa5 => N::Alt,
        0x14 => N::CapsLock,
        0x15 => N::KanaMode,
        0x1b => N::Escape,
        0x1c => N::Convert,
        0x1d => N::NonConvert,
        0x21 => N::PageUp,
        0x22 => N::PageDown,
        0x23 => N::End,
        0x24 => N::Home,
        0x25 => N::ArrowLeft,
        0x26 => N::ArrowUp,
        0x27 => N::ArrowRight,
        0x28 => N::ArrowDown,
        0x2c => N::PrintScreen,
        0x2d => N::Insert,
        0x2e => N::Delete,
        0x2f => N::Help,
        0x5b | 0x5c => N::Meta,
        0x5d => N::ContextMenu,
        0x5f => N::Sleep,
        0x70..=0x87 => *N::ALL.get(usize::from(N::F1.code()) + (vk - 0x70) as usize)?,
        0x90 => N::NumLock,
        0x91 => N::ScrollLock,
        0xa6 => N::BrowserBack,
        0xa7 => N::BrowserForward,
        0xa8 => N::BrowserRefresh,
        0xaa => N::BrowserSearch,
        0xab => N::BrowserFavorites,
        0xac => N::BrowserHome,
        0xad => N::AudioVolumeMute,
        0xae => N::AudioVolumeDown,
        0xaf => N::AudioVolumeUp,
        0xb0 => N::MediaTrackNext,
        0xb1 => N::MediaTrackPrevious,
        0xb2 => N::MediaStop,
        0xb3 => N::MediaPlayPause,
        0xb4 => N::LaunchMail,
        0xb6 => N::LaunchApplication1,
        0xb7 => N::LaunchApplication2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: u16 = 0x0409;
    const JAPANESE: u16 = 0x0411;
    const E: u32 = 0x45;

    /// A layout with a euro sign behind AltGr on one key, and nothing there on the others.
    fn layout(held: Held, euro: bool) -> Printed {
        match (held.control && held.alt, euro, held.shift != held.caps) {
            (true, true, _) => Printed::Char('€'),
            (true, false, _) => Printed::Nothing,
            (false, _, true) => Printed::Char('E'),
            (false, _, false) => Printed::Char('e'),
        }
    }

    fn check(held: Held, euro: bool, expect: LogicalKey) {
        let meaning = meaning(E, 0x12, held, true, ENGLISH, |held| layout(held, euro));
        assert!(meaning == expect, "{held:?}");
    }

    #[test]
    fn a_command_is_named_by_what_its_key_prints_alone() {
        let (control, alt) = (Held { control: true, ..Held::default() }, Held { alt: true, ..Held::default() });
        let both = Held { control: true, alt: true, ..Held::default() };
        check(Held::default(), true, LogicalKey::Char('e'));
        check(control, true, LogicalKey::Char('e'));
        check(alt, true, LogicalKey::Char('e'));
        check(both, true, LogicalKey::Char('€'));
        check(both, false, LogicalKey::Char('e'));
        check(Held { shift: true, ..Held::default() }, true, LogicalKey::Char('E'));
        check(Held { shift: true, caps: true, ..Held::default() }, true, LogicalKey::Char('e'));
    }

    #[test]
    fn what_an_input_method_may_take_is_not_text() {
        let japanese = |held| meaning(E, 0x12, held, false, JAPANESE, |held| layout(held, false));
        assert!(japanese(Held::default()) == LogicalKey::Composing);
        assert!(japanese(Held { control: true, ..Held::default() }) == LogicalKey::Char('e'));
        assert!(meaning(PROCESS, 0, Held::default(), false, ENGLISH, |_| Printed::Nothing) == LogicalKey::Composing);
    }

    #[test]
    fn the_right_alt_key_is_altgr_only_where_the_layout_has_one() {
        let right_alt = |altgr| meaning(RIGHT_ALT, 0x38, Held::default(), altgr, ENGLISH, |_| Printed::Nothing);
        assert!(right_alt(true) == LogicalKey::Named(NamedKey::AltGraph));
        assert!(right_alt(false) == LogicalKey::Named(NamedKey::Alt));
    }

    #[test]
    fn the_control_key_that_altgr_brings_was_pressed_by_nobody() {
        const LEFT_CONTROL: u32 = 0xa2;
        let mut altgr = AltGr::default();
        assert_eq!(altgr.key(true, LEFT_CONTROL, scan::ALTGR_CONTROL), None);
        assert_eq!(altgr.key(true, RIGHT_ALT, 0x38), Some(true));
        assert_eq!(altgr.key(false, LEFT_CONTROL, scan::ALTGR_CONTROL), None);
        assert_eq!(altgr.key(false, RIGHT_ALT, 0x38), Some(true), "it comes up as what it went down");
        assert_eq!(altgr.key(true, LEFT_CONTROL, 0x1d), Some(true), "a Ctrl key of one's own stays one");
        assert_eq!(altgr.key(true, RIGHT_ALT, 0x38), Some(false));
    }

    #[test]
    fn a_sent_character_is_itself_and_half_a_character_is_none() {
        let packet = |scan| meaning(PACKET, scan, Held::default(), false, ENGLISH, |_| Printed::Nothing);
        assert!(packet(0x20ac) == LogicalKey::Char('€'));
        assert!(packet(0xd83d) == LogicalKey::Unidentified);
        assert!(packet(0x07) == LogicalKey::Unidentified);
    }

    #[test]
    fn the_layouts_answer_is_read_as_it_is_meant() {
        let cases = [
            (0, vec![], Printed::Nothing),
            (1, vec![0x61], Printed::Char('a')),
            (-1, vec![0xb4], Printed::Dead('´')),
            (2, vec![0xd83d, 0xde00], Printed::Char('😀')),
            (2, vec![0x66, 0x69], Printed::Several),
            (1, vec![0x03], Printed::Nothing),
            (1, vec![0xd83d], Printed::Several),
            (1, vec![], Printed::Nothing),
        ];
        for (count, units, expect) in cases {
            assert_eq!(Printed::from_utf16(count, &units), expect, "{count} {units:?}");
        }
    }

    #[test]
    fn function_keys_are_in_a_row() {
        assert_eq!(named(0x70), Some(NamedKey::F1));
        assert_eq!(named(0x87), Some(NamedKey::F24));
        assert_eq!(named(0x41), None);
    }
}
