//! What a key means under the layout and modifiers of the moment, by the core protocol's table of key symbols.

use candor_redact::LogicalKey;
use x11rb::protocol::xproto::GetKeyboardMappingReply;
use xkeysym::Keysym;

use super::names;

const SHIFT: u16 = 1;
const LOCK: u16 = 1 << 1;
/// Where XKB servers have Num Lock and the third level by default.
const NUM_LOCK: u16 = 1 << 4;
const LEVEL_THREE: u16 = 1 << 7;
const GROUP_SHIFT: u16 = 13;

/// The symbols of each key code: two of the first group, two of the second, then those of the third level.
pub(super) struct Keymap {
    first: u8,
    columns: usize,
    symbols: Vec<u32>,
}

impl Keymap {
    pub(super) fn new(first: u8, reply: GetKeyboardMappingReply) -> Self {
        Self { first, columns: usize::from(reply.keysyms_per_keycode), symbols: reply.keysyms }
    }

    /// What the key with this code means while `state` holds. A key with no symbol there cannot be told.
    pub(super) fn meaning(&self, keycode: u8, state: u16) -> LogicalKey {
        let symbol = self.symbol(keycode, state);
        if let Some(name) = names::named(symbol) {
            return LogicalKey::Named(name);
        }
        if let Some(accent) = names::dead(symbol) {
            return LogicalKey::Dead(accent);
        }
        match Keysym::from(symbol).key_char().filter(|c| !c.is_control()) {
            Some(c) if state & LOCK != 0 => LogicalKey::Char(in_capitals(c, state & SHIFT != 0)),
            Some(c) => LogicalKey::Char(c),
            None => LogicalKey::Unidentified,
        }
    }

    fn symbol(&self, keycode: u8, state: u16) -> u32 {
        let Some(key) = keycode.checked_sub(self.first).map(usize::from) else { return 0 };
        let at = |column: usize| {
            let symbol = (column < self.columns).then(|| self.symbols.get(key * self.columns + column)).flatten();
            symbol.copied().filter(|symbol| *symbol != 0)
        };
        let shift = usize::from(state & SHIFT != 0);
        let group = usize::from((state >> GROUP_SHIFT) & 3);
        if state & LEVEL_THREE != 0 {
            return at(4 + shift).or_else(|| at(4)).unwrap_or(0);
        }
        let base = if group == 0 { 0 } else { 2 };
        // On the keypad Num Lock stands for Shift.
        let is_keypad = |symbol: u32| (0xff80..=0xffbd).contains(&symbol);
        let level = if state & NUM_LOCK != 0 && at(base + 1).is_some_and(is_keypad) { 1 - shift } else { shift };
        at(base + level).or_else(|| at(base)).or_else(|| at(level)).or_else(|| at(0)).unwrap_or(0)
    }
}

/// Caps Lock makes letters capitals, and Shift undoes that.
fn in_capitals(c: char, shift: bool) -> char {
    let mut other = if shift { c.to_lowercase().collect::<Vec<_>>() } else { c.to_uppercase().collect() }.into_iter();
    match (other.next(), other.next()) {
        (Some(other), None) => other,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use candor_model::key::NamedKey;

    use super::*;

    fn keymap() -> Keymap {
        // a A, 7 on the keypad, e with a euro sign on the third level, a dead acute.
        let symbols = [
            [0x61, 0x41, 0, 0, 0, 0],
            [0xff95, 0xffb7, 0, 0, 0, 0],
            [0x65, 0x45, 0, 0, 0x20ac, 0],
            [0xfe51, 0xfe50, 0, 0, 0, 0],
        ];
        Keymap { first: 8, columns: 6, symbols: symbols.concat() }
    }

    #[test]
    fn a_key_means_what_its_level_says() {
        let keymap = keymap();
        let expect = [
            (8, 0, LogicalKey::Char('a')),
            (8, SHIFT, LogicalKey::Char('A')),
            (8, LOCK, LogicalKey::Char('A')),
            (8, LOCK | SHIFT, LogicalKey::Char('a')),
            (9, 0, LogicalKey::Named(NamedKey::Home)),
            (9, NUM_LOCK, LogicalKey::Char('7')),
            (9, NUM_LOCK | SHIFT, LogicalKey::Named(NamedKey::Home)),
            (10, LEVEL_THREE, LogicalKey::Char('€')),
            (11, 0, LogicalKey::Dead('´')),
            (12, 0, LogicalKey::Unidentified),
            (7, 0, LogicalKey::Unidentified),
        ];
        for (n, (keycode, state, meaning)) in expect.into_iter().enumerate() {
            assert!(keymap.meaning(keycode, state) == meaning, "case {n}");
        }
    }
}
