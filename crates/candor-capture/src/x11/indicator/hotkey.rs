//! The key that asks for a pause while another window has the focus.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::ErrorKind;
use x11rb::protocol::xproto::{ConnectionExt as _, GrabMode, KeyPressEvent, ModMask, Window};
use x11rb::rust_connection::RustConnection;

/// A key and what is held with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hotkey {
    /// What the key bears, on any level (X11/keysymdef.h).
    pub keysym: u32,
    /// The modifiers of the core protocol, as bits: Control is 4, Alt is 8 (`Mod1`) on nearly all keyboards.
    pub modifiers: u16,
}

impl Hotkey {
    /// Control, Alt and the Pause key.
    pub const CTRL_ALT_PAUSE: Self = Self { keysym: 0xff13, modifiers: 4 | 8 };
}

/// Whether the hotkey works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HotkeyState {
    /// None is wanted.
    None,
    /// It works.
    Works,
    /// Another program has it.
    Taken,
    /// This keyboard has no such key.
    NoSuchKey,
}

/// Num Lock and Scroll Lock (X11/keysymdef.h).
const LOCKS: [u32; 2] = [0xff7f, 0xff14];

/// The hotkey at the server.
pub(super) struct Grab {
    wanted: Option<Hotkey>,
    /// Key code and modifiers of each combination that is ours.
    held: Vec<(u8, ModMask)>,
    /// When it was released last, by the server's clock.
    released: Option<u32>,
}

impl Grab {
    pub(super) fn new(wanted: Option<Hotkey>) -> Self {
        Self { wanted, held: Vec::new(), released: None }
    }

    /// Takes the hotkey, by the keyboard as it is now: together with each of the locks that may be on. What is ours already
    /// stays so throughout: layouts change with the first key on another keyboard, and that may be this one.
    pub(super) fn renew(&mut self, connection: &RustConnection, root: Window) -> Result<HotkeyState, ReplyError> {
        let Some(Hotkey { keysym, modifiers }) = self.wanted else { return Ok(HotkeyState::None) };
        let keyboard = Keyboard::read(connection)?;
        let locks = keyboard.lock_variants(connection)?;
        let codes = keyboard.codes(keysym);
        let with_locks =
            |code: &u8| locks.iter().map(|locks| (*code, ModMask::from(modifiers | locks))).collect::<Vec<_>>();
        let all: Vec<(u8, ModMask)> = codes.iter().flat_map(with_locks).collect();
        self.free(connection, root, |old| !all.contains(old))?;
        for (code, modifiers) in all {
            if self.held.contains(&(code, modifiers)) {
                continue;
            }
            match connection.grab_key(false, root, modifiers, code, GrabMode::ASYNC, GrabMode::ASYNC)?.check() {
                Ok(()) => self.held.push((code, modifiers)),
                Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Access => {
                    // Half a hotkey, one that works while Num Lock is off, would be a riddle.
                    self.free(connection, root, |_| true)?;
                    return Ok(HotkeyState::Taken);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(if codes.is_empty() { HotkeyState::NoSuchKey } else { HotkeyState::Works })
    }

    fn free(
        &mut self,
        connection: &RustConnection,
        root: Window,
        is_old: impl Fn(&(u8, ModMask)) -> bool,
    ) -> Result<(), ReplyError> {
        for (code, modifiers) in self.held.extract_if(.., |held| is_old(held)) {
            connection.ungrab_key(code, root, modifiers)?.ignore_error();
        }
        Ok(())
    }

    /// Whether this press asks for something: one of the server's own, while the key is held, does not.
    pub(super) fn is_asked(&self, press: &KeyPressEvent) -> bool {
        self.released != Some(press.time)
    }

    pub(super) fn release(&mut self, release: &KeyPressEvent) {
        self.released = Some(release.time);
    }
}

/// What each key bears.
struct Keyboard {
    first: u8,
    per_key: usize,
    keysyms: Vec<u32>,
}

impl Keyboard {
    fn read(connection: &RustConnection) -> Result<Self, ReplyError> {
        let setup = connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let reply = connection.get_keyboard_mapping(first, last.saturating_sub(first).saturating_add(1))?.reply()?;
        Ok(Self { first, per_key: usize::from(reply.keysyms_per_keycode).max(1), keysyms: reply.keysyms })
    }

    fn codes(&self, keysym: u32) -> Vec<u8> {
        let keys = (self.first..=u8::MAX).zip(self.keysyms.chunks(self.per_key));
        keys.filter(|(_, borne)| borne.contains(&keysym)).map(|(code, _)| code).collect()
    }

    /// Each set of locks that may be on.
    fn lock_variants(&self, connection: &RustConnection) -> Result<Vec<u16>, ReplyError> {
        let mapping = connection.get_modifier_mapping()?.reply()?;
        let mut variants = vec![0, u16::from(ModMask::LOCK)];
        for code in LOCKS.iter().flat_map(|lock| self.codes(*lock)) {
            let rows = mapping.keycodes.chunks(usize::from(mapping.keycodes_per_modifier()).max(1));
            let Some(row) = rows.take(8).position(|row| row.contains(&code)) else { continue };
            let with: Vec<u16> = variants.iter().map(|locks| locks | 1 << row).collect();
            variants.extend(with);
        }
        variants.sort_unstable();
        variants.dedup();
        Ok(variants)
    }
}
