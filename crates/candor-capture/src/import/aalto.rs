//! Participants of the Aalto "136M keystrokes" study (Dhakal, Feit, Kristensson, Oulasvirta, CHI 2018): one key a row,
//! tab-separated, Latin-1.
//!
//! A row holds a press and its release; rows are in order of the presses, so releases wait until their time has come.
//! A participant's sections (one sentence each) form one session; the pauses between them are time like any other.

use candor_model::event::Press;
use candor_model::key::NamedKey;

use crate::import::keys::{self, Meaning};
use crate::import::number;
use crate::import::row::{Reason, Row};
use crate::import::sink::Sink;

/// The first line.
pub(crate) const HEADER: &[u8] =
    b"PARTICIPANT_ID\tTEST_SECTION_ID\tSENTENCE\tUSER_INPUT\tKEYSTROKE_ID\tPRESS_TIME\tRELEASE_TIME\tLETTER\tKEYCODE";

/// How many keys may be down at once; the study's typists reach four.
const KEYS_DOWN_MAX: usize = 64;

/// How long a key may be down, in nanoseconds: an hour. The study's longest is 50 s.
const HOLD_MAX: u64 = 3_600_000_000_000;

/// The state between rows.
#[derive(Default)]
pub(crate) struct Aalto {
    participant: Option<Vec<u8>>,
    previous: Option<Keystroke>,
    /// Releases to come, the next one last. At most [`KEYS_DOWN_MAX`].
    releases: Vec<(u64, Meaning)>,
}

/// A row without its identifiers and texts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Keystroke {
    press: u64,
    release: u64,
    key: Meaning,
    code: u16,
}

impl Aalto {
    /// Reads one row. A row equal to the one before it in both times and the key is a duplicate.
    pub(crate) fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        let [participant, _, _, _, _, press, release, letter, code] = columns(line).ok_or(Reason::Columns)?;
        let press = number::nanos_from_millis(press).ok_or(Reason::Time)?;
        let release = number::nanos_from_millis(release).ok_or(Reason::Time)?;
        let code = number::small(code).ok_or(Reason::Field)?;
        if self.participant.get_or_insert_with(|| participant.to_vec()) != participant {
            return Err(Reason::AnotherPerson);
        }
        if release.saturating_sub(press) > HOLD_MAX {
            return Err(Reason::Hold);
        }
        let written = from_letter(letter);
        let key = written.unwrap_or_else(|| keys::from_key_code(code));
        let row = Keystroke { press, release, key, code };
        if self.previous == Some(row) {
            return Ok(Row::Duplicate);
        }
        self.previous = Some(row);

        self.release_until(if sink.clock.would_jump(press) { u64::MAX } else { press }, sink);
        if self.releases.len() >= KEYS_DOWN_MAX {
            return Err(Reason::KeysDown);
        }
        if written.is_none() && key != Meaning::UNKNOWN {
            sink.report.oddities.keys_from_code += 1;
        }
        self.press(row, sink);
        Ok(Row::Imported)
    }

    /// The file's end.
    pub(crate) fn finish(&mut self, sink: &mut Sink) {
        self.release_until(u64::MAX, sink);
    }

    fn press(&mut self, row: Keystroke, sink: &mut Sink) {
        sink.report.started_unix_ms.get_or_insert(row.press / 1_000_000);
        sink.time(row.press);
        if self.releases.iter().any(|(_, down)| down.same_key(&row.key)) {
            sink.report.oddities.key_repeats += 1;
        }
        sink.key(Press::Down, row.key);
        if row.release < row.press {
            sink.report.oddities.early_releases += 1;
        }
        let release = row.release.max(row.press);
        // Among releases at one time the key pressed first comes first.
        let place = self.releases.partition_point(|(at, _)| *at > release);
        self.releases.insert(place, (release, row.key));
    }

    /// Emits the releases up to `nanos`.
    fn release_until(&mut self, nanos: u64, sink: &mut Sink) {
        while let Some((at, key)) = self.releases.pop_if(|(at, _)| *at <= nanos) {
            sink.time(at);
            sink.key(Press::Up, key);
        }
    }
}

fn columns(line: &[u8]) -> Option<[&[u8]; 9]> {
    let mut parts = line.split(|b| *b == b'\t');
    let mut next = || parts.next();
    let columns = [next()?, next()?, next()?, next()?, next()?, next()?, next()?, next()?, next()?];
    parts.next().is_none().then_some(columns)
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
