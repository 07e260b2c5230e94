//! Participants of the Aalto "136M keystrokes" study (Dhakal, Feit, Kristensson, Oulasvirta, CHI 2018): one key a row,
//! tab-separated, Latin-1.
//!
//! A row holds a press and its release; rows are in order of the presses, so releases wait until their time has come.
//! A participant's sections (one sentence each, typed into a field that is empty at first) form one session; the pauses
//! between them are time like any other. Where a row does not tell what was pressed an unidentified key follows it, once
//! a section: whoever replays the text is to know that it may differ.

use candor_model::event::Press;
use candor_redact::LogicalKey;

use crate::import::hand::{AaltoHand, AaltoRow, Pressed};
use crate::import::keys::Meaning;
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

/// How many bytes of LETTER tell one row from another: its longest names.
const LETTER_MAX: usize = 10;

/// The state between rows.
#[derive(Default)]
pub(crate) struct Aalto {
    participant: Option<Vec<u8>>,
    section: Option<Vec<u8>>,
    hand: AaltoHand,
    /// Whether this section's text is in doubt, and an unidentified key said so.
    doubtful: bool,
    previous: Option<Keystroke>,
    /// Releases to come, the next one last. At most [`KEYS_DOWN_MAX`].
    releases: Vec<(u64, Meaning)>,
}

/// A row without its identifiers and texts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Keystroke {
    press: u64,
    release: u64,
    letter: [u8; LETTER_MAX],
    code: u16,
}

impl Aalto {
    /// Reads one row. A row equal to the one before it in both times and the key is a duplicate.
    pub(crate) fn row(&mut self, line: &[u8], sink: &mut Sink) -> Result<Row, Reason> {
        let [participant, section, _, _, _, press, release, letter, code] = columns(line).ok_or(Reason::Columns)?;
        let press = number::nanos_from_millis(press).ok_or(Reason::Time)?;
        let release = number::nanos_from_millis(release).ok_or(Reason::Time)?;
        let code = number::small(code).ok_or(Reason::Field)?;
        if self.participant.get_or_insert_with(|| participant.to_vec()) != participant {
            return Err(Reason::AnotherPerson);
        }
        if release.saturating_sub(press) > HOLD_MAX {
            return Err(Reason::Hold);
        }
        let row = Keystroke { press, release, letter: start(letter), code };
        if self.previous == Some(row) {
            return Ok(Row::Duplicate);
        }
        self.previous = Some(row);

        self.release_until(if sink.clock.would_jump(press) { u64::MAX } else { press }, sink);
        if self.releases.len() >= KEYS_DOWN_MAX {
            return Err(Reason::KeysDown);
        }
        sink.report.started_unix_ms.get_or_insert(press / 1_000_000);
        sink.time(press);
        if self.section.as_deref() != Some(section) {
            self.section = Some(section.to_vec());
            self.doubtful = false;
            sink.text_field(true);
        }
        let pressed =
            self.hand.read(&AaltoRow { press: press / 1_000_000, release: release / 1_000_000, letter, code });
        if letter.is_empty() && pressed.key != LogicalKey::Unidentified {
            sink.report.oddities.keys_from_code += 1;
        }
        self.press(row, pressed, sink);
        Ok(Row::Imported)
    }

    /// The file's end.
    pub(crate) fn finish(&mut self, sink: &mut Sink) {
        self.release_until(u64::MAX, sink);
    }

    fn press(&mut self, row: Keystroke, pressed: Pressed, sink: &mut Sink) {
        if row.release < row.press {
            sink.report.oddities.early_releases += 1;
        }
        let release = row.release.max(row.press);
        let doubt = (pressed.doubtful && !self.doubtful).then_some(LogicalKey::Unidentified);
        self.doubtful |= pressed.doubtful || pressed.key == LogicalKey::Unidentified;
        for logical in pressed.first.into_iter().chain([pressed.key]).chain(doubt) {
            let key = Meaning::of(logical);
            if self.releases.iter().any(|(_, down)| down.same_key(&key)) {
                sink.report.oddities.key_repeats += 1;
            }
            sink.key(Press::Down, key);
            // Among releases at one time the key pressed first comes first.
            let place = self.releases.partition_point(|(at, _)| *at > release);
            self.releases.insert(place, (release, key));
        }
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

/// What tells a LETTER from others.
fn start(letter: &[u8]) -> [u8; LETTER_MAX] {
    let mut start = [0; LETTER_MAX];
    start.iter_mut().zip(letter).for_each(|(to, from)| *to = *from);
    start
}
