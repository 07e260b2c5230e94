//! ScriptLog sessions.

use candor_capture::import::{ScriptLogHand, ScriptLogReader, Told, What};
use candor_redact::FieldText;
use candor_redact::text::{Bindings, Lines, Stroke, TextField};

use super::Section;

/// Replays a session.
pub(super) fn section(content: &[u8], truth: &str) -> Section {
    let (mut reader, mut hand) = (ScriptLogReader::default(), ScriptLogHand::default());
    let mut field = None;
    let mut told = Vec::new();
    for event in content.split(|byte| *byte == b'\n').flat_map(|line| reader.line(trim(line))).flatten() {
        field.get_or_insert_with(|| begin(event.length == Some(0)));
        told.extend(hand.read(event));
    }
    told.extend(hand.finish());
    let mut field = field.unwrap_or_else(|| begin(true));
    for (id, told) in (1..).zip(told) {
        tell(&mut field, id, told);
    }
    Section::of(&field, truth.to_owned())
}

fn begin(empty: bool) -> TextField {
    TextField::new(Bindings::Desktop, empty.then(FieldText::empty).as_ref()).with_lines(Lines::Multi)
}

fn tell(field: &mut TextField, id: u64, told: Told) {
    match told.what {
        What::Caret { at, anchor } => field.caret(at, anchor),
        What::Edited { start, removed, inserted } => field.edited(id, start, removed, &inserted),
        What::Key { logical, .. } => drop(field.key(id, &Stroke::plain(logical))),
    }
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
