//! What a row of the Aalto study says was pressed.
//!
//! The study's page wrote a row when a key came up, with the key code of one event and the character of another. Where
//! two keys went down in the same instant one row holds both: the code is the first one's, the character the second's.
//! A key that was held is one row, however often it repeated, and some browsers gave no character at all.

use candor_model::key::NamedKey;
use candor_redact::LogicalKey;

use crate::import::keys::{self, Meaning};

/// From this on, in milliseconds, a held key has repeated on most systems; up to it, on none.
const REPEAT_AFTER_MS: u64 = 400;

/// The usual delay and interval of automatic repeat, in milliseconds (Windows' and X11's common settings).
const REPEAT_DELAY_MS: u64 = 500;
const REPEAT_INTERVAL_MS: u64 = 33;

/// The keys of one participant, row by row.
#[derive(Debug, Default)]
pub struct AaltoHand {
    /// Until when, in milliseconds of the file, Shift is down.
    shift_until: u64,
    /// Until when Ctrl or Alt is, with which a key types its third character.
    level_until: u64,
    caps: bool,
}

/// What a row of the study says.
#[derive(Debug, Clone, Copy)]
pub struct AaltoRow<'l> {
    /// PRESS_TIME, in milliseconds.
    pub press: u64,
    /// RELEASE_TIME, in milliseconds.
    pub release: u64,
    /// LETTER.
    pub letter: &'l [u8],
    /// KEYCODE.
    pub code: u16,
}

/// What was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// The key that the row's code tells, where that is another than its character's.
    pub first: Option<LogicalKey>,
    /// The row's own key.
    pub key: LogicalKey,
    /// How often the key probably repeated.
    pub repeats: u32,
    /// Whether the row does not tell for certain what was pressed, or how often.
    pub doubtful: bool,
}

impl AaltoHand {
    /// Reads one row; rows come in order of their presses.
    pub fn read(&mut self, row: &AaltoRow<'_>) -> Pressed {
        let key = from_letter(row.letter);
        let hold = row.release.saturating_sub(row.press);
        let pressed = match key.map(|key| key.logical) {
            None => self.of_code_alone(row),
            Some(LogicalKey::Char(c)) => self.with_char(row, c),
            Some(LogicalKey::Named(NamedKey::Backspace)) if hold > REPEAT_AFTER_MS => Pressed {
                repeats: repeats(hold),
                doubtful: true,
                ..self.plain(row, LogicalKey::Named(NamedKey::Backspace))
            },
            Some(key) => self.plain(row, key),
        };
        if let LogicalKey::Named(NamedKey::Control | NamedKey::Alt | NamedKey::AltGraph) = pressed.key {
            self.level_until = self.level_until.max(row.release);
        }
        match (pressed.first, pressed.key) {
            (Some(LogicalKey::Named(NamedKey::Shift)), _) | (_, LogicalKey::Named(NamedKey::Shift)) => {
                self.shift_until = self.shift_until.max(row.release);
            }
            (Some(LogicalKey::Named(NamedKey::CapsLock)), _) | (_, LogicalKey::Named(NamedKey::CapsLock)) => {
                self.caps = !self.caps;
            }
            // A letter shows what Caps Lock is, whatever became of its own row.
            (None, LogicalKey::Char(c)) if c.is_ascii_alphabetic() && !row.letter.is_empty() => {
                self.caps = c.is_ascii_uppercase() != self.shift(row);
            }
            _ => {}
        }
        pressed
    }

    fn shift(&self, row: &AaltoRow<'_>) -> bool {
        row.press < self.shift_until
    }

    /// A named key; a code that is another key's was pressed with it.
    fn plain(&self, row: &AaltoRow<'_>, key: LogicalKey) -> Pressed {
        let other = keys::from_key_code(row.code).logical;
        let merged = key != LogicalKey::Unidentified && other != LogicalKey::Unidentified && other != key;
        let first = if merged { Some(self.of_code(row).unwrap_or(other)) } else { None };
        Pressed { first, key, repeats: 0, doubtful: merged }
    }

    /// A row without a character: presses that fell together have left nothing of the second.
    fn of_code_alone(&self, row: &AaltoRow<'_>) -> Pressed {
        let key = self.of_code(row).unwrap_or(keys::from_key_code(row.code).logical);
        let text = matches!(key, LogicalKey::Char(c) if c != ' ');
        Pressed { first: None, key, repeats: 0, doubtful: text }
    }

    fn with_char(&self, row: &AaltoRow<'_>, c: char) -> Pressed {
        let (first, doubtful) = match row.code {
            8 => (Some(LogicalKey::Named(NamedKey::Backspace)), false),
            16 => (Some(LogicalKey::Named(NamedKey::Shift)), false),
            20 => (Some(LogicalKey::Named(NamedKey::CapsLock)), false),
            _ if row.press < self.level_until => (None, false),
            code => match on_us_keyboard(code) {
                Some(own) if !own.contains(&c) => match code {
                    32 | 65..=90 if c.is_ascii_graphic() || c == ' ' => (self.of_code(row), false),
                    // The stop, the comma and the slash lie there on most layouts; the other places differ.
                    188 | 190 | 191 if ",./<>?".contains(c) => (self.of_code(row), true),
                    _ if c.is_ascii_alphanumeric() || c == ' ' => (self.of_code(row), true),
                    _ => (None, false),
                },
                _ => (None, false),
            },
        };
        Pressed { first, key: LogicalKey::Char(c), repeats: 0, doubtful }
    }

    /// The character of the row's code on a US keyboard, under Shift and Caps Lock as they are.
    fn of_code(&self, row: &AaltoRow<'_>) -> Option<LogicalKey> {
        let [plain, shifted] = on_us_keyboard(row.code)?;
        let upper = self.shift(row) != (self.caps && plain.is_ascii_alphabetic());
        Some(LogicalKey::Char(if upper { shifted } else { plain }))
    }
}

fn repeats(hold: u64) -> u32 {
    let beyond = hold.checked_sub(REPEAT_DELAY_MS).map_or(0, |beyond| beyond / REPEAT_INTERVAL_MS + 1);
    u32::try_from(beyond).unwrap_or(u32::MAX).min(1_000)
}

/// What a key with this JavaScript `keyCode` types on a US keyboard, without and with Shift.
fn on_us_keyboard(code: u16) -> Option<[char; 2]> {
    Some(match code {
        32 => [' ', ' '],
        48 => ['0', ')'],
        49 => ['1', '!'],
        50 => ['2', '@'],
        51 => ['3', '#'],
        52 => ['4', '$'],
        53 => ['5', '%'],
        54 => ['6', '^'],
        55 => ['7', '&'],
        56 => ['8', '*'],
        57 => ['9', '('],
        65..=90 => {
            let lower = char::from(u8::try_from(code).ok()?.to_ascii_lowercase());
            [lower, lower.to_ascii_uppercase()]
        }
        96..=105 => {
            let digit = char::from_digit(u32::from(code - 96), 10)?;
            [digit, digit]
        }
        106 => ['*', '*'],
        107 => ['+', '+'],
        109 => ['-', '-'],
        110 => ['.', '.'],
        111 => ['/', '/'],
        // 59, 61 and 173 are Firefox's.
        59 | 186 => [';', ':'],
        61 | 187 => ['=', '+'],
        188 => [',', '<'],
        173 | 189 => ['-', '_'],
        190 => ['.', '>'],
        191 => ['/', '?'],
        192 => ['`', '~'],
        219 => ['[', '{'],
        220 => ['\\', '|'],
        221 => [']', '}'],
        222 => ['\'', '"'],
        _ => return None,
    })
}

/// The key by what the study wrote into LETTER; nothing where that is empty.
fn from_letter(letter: &[u8]) -> Option<Meaning> {
    use NamedKey as K;
    let name = match letter {
        [] => return None,
        [byte] => return Some(keys::from_char(char::from(*byte))),
        b"SHIFT" => K::Shift,
        b"CTRL" => K::Control,
        b"ALT" => K::Alt,
        b"WIN" => K::Meta,
        b"MENU" => K::ContextMenu,
        b"CAPS_LOCK" => K::CapsLock,
        b"NUM_LK" => K::NumLock,
        b"SCR_LK" => K::ScrollLock,
        b"BKSP" => K::Backspace,
        b"DELETE" => K::Delete,
        b"INSERT" => K::Insert,
        b"TAB" => K::Tab,
        b"ENTER" => K::Enter,
        b"ESC" => K::Escape,
        b"HOME" => K::Home,
        b"END" => K::End,
        b"PG_UP" => K::PageUp,
        b"PG_DN" => K::PageDown,
        b"ARW_LEFT" => K::ArrowLeft,
        b"ARW_RIGHT" => K::ArrowRight,
        b"ARW_UP" => K::ArrowUp,
        // The study's own spelling.
        b"ARw_DOWN" => K::ArrowDown,
        other => return Some(from_text(other)),
    };
    Some(Meaning::named(name))
}

/// A function key, or a character in the files' few stretches of UTF-8.
fn from_text(letter: &[u8]) -> Meaning {
    let Ok(text) = std::str::from_utf8(letter) else { return Meaning::UNKNOWN };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => keys::from_char(c),
        _ => keys::function_key(text).unwrap_or(Meaning::UNKNOWN),
    }
}
