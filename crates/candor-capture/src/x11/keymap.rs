//! What a key means under the layout, group and modifiers of the moment, by the X Keyboard Extension's tables (XKBproto,
//! "Interpreting Keyboard State").

use candor_redact::LogicalKey;
use kbvm::Keysym;
use x11rb::connection::RequestConnection;
use x11rb::protocol::xkb::{
    self, ConnectionExt as _, EventType, ID, KeySymMap, KeyType, MapPart, SelectEventsAux, VMod,
};
use x11rb::rust_connection::RustConnection;

use super::wire::is_before;
use super::{gone, names};
use crate::source::CaptureError;

const LOCK: u16 = 1 << 1;
/// Where an event's state has the group.
const GROUP_SHIFT: u16 = 13;
/// What a key does with a group that it does not have; without either it begins anew with the first.
const CLAMP: u8 = 1 << 6;
const REDIRECT: u8 = 1 << 7;

/// The layout that holds now, and the one that held when keys were pressed that are read only now.
pub(super) struct Layout {
    now: Keymap,
    before: Option<Before>,
}

/// A layout that was read, and when it was changed: once, or more often than it could be read.
struct Before {
    keymap: Keymap,
    first: u32,
    last: u32,
}

/// What the server said of layouts since it was read last.
#[derive(Default)]
pub(super) struct Changes {
    times: Option<(u32, u32)>,
    keyboard: bool,
}

impl Changes {
    /// Keys mean something else since that time of the server.
    pub(super) fn note(&mut self, time: u32) {
        self.times = Some((self.times.map_or(time, |(first, _)| first), time));
    }

    /// Another keyboard types, or this one has another layout altogether. The first key of another keyboard is what brings
    /// it about, and is told with a time that may be earlier.
    pub(super) fn note_keyboard(&mut self) {
        self.keyboard = true;
    }
}

/// The symbols of each key, and the types that say how modifiers choose among them.
struct Keymap {
    first: u8,
    keys: Vec<KeySymMap>,
    types: Vec<KeyType>,
}

impl Layout {
    /// Begins to listen for other layouts.
    pub(super) fn watch(connection: &RustConnection) -> Result<Self, CaptureError> {
        let lacks = "the X server has no XKEYBOARD extension; Candor needs it to know what keys mean";
        if connection.extension_information(xkb::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
            return Err(CaptureError::Unfit(lacks));
        }
        if !connection.xkb_use_extension(1, 0).map_err(gone)?.reply().map_err(gone)?.supported {
            return Err(CaptureError::Unfit(lacks));
        }
        let events = EventType::NEW_KEYBOARD_NOTIFY | EventType::MAP_NOTIFY;
        let parts = MapPart::KEY_TYPES | MapPart::KEY_SYMS;
        let (none, aux) = (EventType::default(), SelectEventsAux::new());
        let asked = connection.xkb_select_events(ID::USE_CORE_KBD.into(), none, events, parts, parts, &aux);
        asked.map_err(gone)?.check().map_err(gone)?;
        Ok(Self { now: Keymap::read(connection)?, before: None })
    }

    /// Reads it anew where it was changed.
    pub(super) fn follow(&mut self, connection: &RustConnection, changes: Changes) -> Result<(), CaptureError> {
        if changes.keyboard || changes.times.is_some() {
            let keymap = std::mem::replace(&mut self.now, Keymap::read(connection)?);
            let times = changes.times.filter(|_| !changes.keyboard);
            self.before = times.map(|(first, last)| Before { keymap, first, last });
        }
        Ok(())
    }

    /// The symbol of the key with this code while `state` holds, at that time; 0 where it has none, or nobody knows which.
    pub(super) fn symbol(&self, keycode: u8, state: u16, time: u32) -> u32 {
        let now = self.now.symbol(keycode, state);
        let Some(before) = self.before.as_ref().filter(|before| is_before(time, before.last)) else { return now };
        let then = before.keymap.symbol(keycode, state);
        if is_before(time, before.first) || then == now { then } else { 0 }
    }
}

impl Keymap {
    fn read(connection: &RustConnection) -> Result<Self, CaptureError> {
        let (keyboard, parts) = (ID::USE_CORE_KBD.into(), MapPart::KEY_TYPES | MapPart::KEY_SYMS);
        let (none, no_modifiers) = (MapPart::default(), VMod::default());
        let asked =
            connection.xkb_get_map(keyboard, parts, none, 0, 0, 0, 0, 0, 0, 0, 0, no_modifiers, 0, 0, 0, 0, 0, 0);
        let reply = asked.map_err(gone)?.reply().map_err(gone)?;
        let (keys, types) = (reply.map.syms_rtrn.unwrap_or_default(), reply.map.types_rtrn.unwrap_or_default());
        Ok(Self { first: reply.first_key_sym, keys, types })
    }

    fn symbol(&self, keycode: u8, state: u16) -> u32 {
        self.look(keycode, state).unwrap_or_default()
    }

    fn look(&self, keycode: u8, state: u16) -> Option<u32> {
        let key = self.keys.get(usize::from(keycode.checked_sub(self.first)?))?;
        let group = group(key, (state >> GROUP_SHIFT) & 3)?;
        let kind = self.types.get(usize::from(*key.kt_index.get(group)?))?;
        let chooses = u16::from(kind.mods_mask);
        let entry = kind.map.iter().position(|entry| entry.active && u16::from(entry.mods_mask) == state & chooses);
        let level = entry.and_then(|at| kind.map.get(at)).map_or(0, |entry| usize::from(entry.level));
        let kept = entry.and_then(|at| kind.preserve.get(at)).map_or(0, |kept| u16::from(kept.mask));
        let symbol = *key.syms.get(group * usize::from(key.width) + level)?;
        // Caps Lock that did not choose a level makes capitals.
        let capitals = state & LOCK != 0 && chooses & !kept & LOCK == 0;
        Some(if capitals { Keysym(symbol).to_uppercase().0 } else { symbol })
    }
}

/// The group of this key that is used while that one is in effect.
fn group(key: &KeySymMap, effective: u16) -> Option<usize> {
    let groups = usize::from(key.group_info & 0x0f);
    let effective = usize::from(effective);
    match () {
        () if groups == 0 => None,
        () if effective < groups => Some(effective),
        () if key.group_info & CLAMP != 0 => Some(groups - 1),
        () if key.group_info & REDIRECT != 0 => {
            Some(usize::from((key.group_info >> 4) & 3)).map(|other| if other < groups { other } else { 0 })
        }
        () => Some(effective % groups),
    }
}

/// What a symbol means alone. A key with none cannot be told.
pub(super) fn meaning(symbol: u32) -> LogicalKey {
    if let Some(name) = names::named(symbol) {
        return LogicalKey::Named(name);
    }
    if let Some(accent) = names::dead(symbol) {
        return LogicalKey::Dead(accent);
    }
    let c = Keysym(symbol).char().filter(|c| !c.is_control());
    c.map_or(LogicalKey::Unidentified, LogicalKey::Char)
}

#[cfg(test)]
mod tests {
    use candor_model::key::NamedKey;
    use x11rb::protocol::xkb::{KTMapEntry, ModDef};
    use x11rb::protocol::xproto::ModMask;

    use super::*;

    const SHIFT: u16 = 1;
    const NUM_LOCK: u16 = 1 << 4;
    const LEVEL_THREE: u16 = 1 << 7;
    const SECOND: u16 = 1 << GROUP_SHIFT;

    fn kind(map: &[(u16, u8, u16)]) -> KeyType {
        let entry = |(mods, level, _): &(u16, u8, u16)| KTMapEntry {
            active: true,
            mods_mask: ModMask::from(*mods),
            level: *level,
            mods_mods: ModMask::from(*mods),
            ..KTMapEntry::default()
        };
        let preserve = |(.., kept): &(u16, u8, u16)| ModDef { mask: ModMask::from(*kept), ..ModDef::default() };
        KeyType {
            mods_mask: ModMask::from(map.iter().fold(0, |all, (mods, ..)| all | mods)),
            mods_mods: ModMask::default(),
            mods_vmods: VMod::default(),
            num_levels: 4,
            has_preserve: true,
            map: map.iter().map(entry).collect(),
            preserve: map.iter().map(preserve).collect(),
        }
    }

    fn key(kt_index: [u8; 4], group_info: u8, width: u8, syms: &[u32]) -> KeySymMap {
        KeySymMap { kt_index, group_info, width, syms: syms.to_vec() }
    }

    fn keymap() -> Keymap {
        let types = vec![
            kind(&[]),
            kind(&[(SHIFT, 1, 0), (LOCK, 1, 0)]),
            kind(&[(SHIFT, 1, 0)]),
            kind(&[(SHIFT, 1, 0), (LEVEL_THREE, 2, 0), (LOCK, 0, LOCK), (LEVEL_THREE | LOCK, 2, LOCK)]),
            kind(&[(NUM_LOCK, 1, 0)]),
        ];
        let keys = vec![
            // a A; 1 !; é É with œ on a third level; 7 on the keypad; a dead acute; nothing.
            key([1, 0, 0, 0], 1, 2, &[0x61, 0x41]),
            key([2, 0, 0, 0], 1, 2, &[0x31, 0x21]),
            key([3, 0, 0, 0], 1, 3, &[0xe9, 0xc9, 0x13bd]),
            key([4, 0, 0, 0], 1, 2, &[0xff95, 0xffb7]),
            key([0, 0, 0, 0], 1, 1, &[0xfe51]),
            key([0, 0, 0, 0], 0, 0, &[]),
            // Two groups, y and Cyrillic ze: they begin anew, the last stays, the second is for all others.
            key([0, 0, 0, 0], 2, 1, &[0x79, 0x6da]),
            key([0, 0, 0, 0], 2 | CLAMP, 1, &[0x79, 0x6da]),
            key([0, 0, 0, 0], 2 | REDIRECT | 1 << 4, 1, &[0x79, 0x6da]),
        ];
        Keymap { first: 8, keys, types }
    }

    #[test]
    fn a_key_means_what_its_type_makes_of_group_and_modifiers() {
        let keymap = keymap();
        let expect = [
            (8, 0, LogicalKey::Char('a')),
            (8, SHIFT, LogicalKey::Char('A')),
            (8, LOCK, LogicalKey::Char('A')),
            (8, LOCK | SHIFT, LogicalKey::Char('a')),
            (8, SECOND, LogicalKey::Char('a')),
            (9, LOCK, LogicalKey::Char('1')),
            (9, SHIFT, LogicalKey::Char('!')),
            (10, LEVEL_THREE, LogicalKey::Char('œ')),
            (10, LOCK, LogicalKey::Char('É')),
            (10, LEVEL_THREE | LOCK, LogicalKey::Char('Œ')),
            (11, 0, LogicalKey::Named(NamedKey::Home)),
            (11, NUM_LOCK, LogicalKey::Char('7')),
            (12, 0, LogicalKey::Dead('´')),
            (13, 0, LogicalKey::Unidentified),
            (14, SECOND, LogicalKey::Char('з')),
            (14, 2 * SECOND, LogicalKey::Char('y')),
            (15, 2 * SECOND, LogicalKey::Char('з')),
            (16, 2 * SECOND, LogicalKey::Char('з')),
            (16, 3 * SECOND, LogicalKey::Char('з')),
            (7, 0, LogicalKey::Unidentified),
            (17, 0, LogicalKey::Unidentified),
        ];
        for (n, (keycode, state, expected)) in expect.into_iter().enumerate() {
            assert!(meaning(keymap.symbol(keycode, state)) == expected, "case {n}");
        }
    }

    #[test]
    fn a_key_that_is_read_late_means_what_it_meant_when_it_was_pressed_or_nothing() {
        let layout = |symbol, keymap, (first, last)| {
            let kind = vec![kind(&[])];
            let now = Keymap { first: 8, keys: vec![key([0; 4], 1, 1, &[symbol])], types: kind };
            Layout { now, before: Some(Before { keymap, first, last }) }
        };
        let twice = layout(0x78, keymap(), (u32::MAX - 9, 5));
        let told = [u32::MAX - 10, u32::MAX - 9, 4, 5, 90].map(|time| twice.symbol(8, 0, time));
        assert_eq!(told, [0x61, 0, 0, 0x78, 0x78]);
        let same = layout(0x61, keymap(), (1, 5));
        assert_eq!(same.symbol(8, 0, 3), 0x61, "whatever it was between, both say the same");
    }
}
