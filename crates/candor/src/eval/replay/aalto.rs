//! The Aalto study's sections: one sentence each, typed into a field that is empty at first.

use candor_capture::import::{AaltoHand, AaltoRow};
use candor_model::key::NamedKey;
use candor_redact::text::{Bindings, Lines, Stroke, TextField};
use candor_redact::{FieldText, LogicalKey};

use super::Section;

/// A pause, in milliseconds, after which the caret may have been put elsewhere: the study did not record the pointer.
const POINTER_PAUSE_MS: u64 = 2_000;

/// A first row that is this close to the section before, in milliseconds, and further from its own, belongs there: the
/// study's page wrote it only after the section had ended.
const LATE_ROW_MS: u64 = 2_000;

/// How long, in milliseconds, nobody holds a key that types while typing on.
const SECOND_PRESS_MS: u64 = 1_500;

/// The rows of one section.
struct Rows<'c> {
    truth: &'c [u8],
    rows: Vec<AaltoRow<'c>>,
}

/// Replays every section of a participant.
pub(super) fn sections(content: &[u8]) -> Vec<Section> {
    let mut sections = read(content);
    sections.iter_mut().for_each(add_second_presses);
    let late = move_late_rows(&mut sections);
    let mut hand = AaltoHand::default();
    let mut replayed: Vec<Section> = sections.iter().map(|section| replay(section, &mut hand)).collect();
    // Where one section's last key came late, another's may have been lost.
    if late {
        for section in &mut replayed {
            section.confidence = section.confidence.min(candor_redact::text::Confidence::Inferred);
        }
    }
    replayed
}

fn read(content: &[u8]) -> Vec<Rows<'_>> {
    let mut sections: Vec<(&[u8], Rows<'_>)> = Vec::new();
    for line in content.split(|byte| *byte == b'\n').skip(1) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some((section, truth, row)) = columns(line) else { continue };
        match sections.last_mut().filter(|(last, _)| *last == section) {
            Some((_, rows)) => rows.rows.push(row),
            None => sections.push((section, Rows { truth, rows: vec![row] })),
        }
    }
    sections.into_iter().map(|(_, rows)| rows).collect()
}

fn columns(line: &[u8]) -> Option<(&[u8], &[u8], AaltoRow<'_>)> {
    let columns: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
    let [_, section, _, truth, _, press, release, letter, code] = columns.as_slice() else { return None };
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u64>().ok();
    let code = u16::try_from(number(code)?).ok()?;
    Some((section, truth, AaltoRow { press: number(press)?, release: number(release)?, letter, code }))
}

/// A key whose release the page missed has no row until it is pressed again, and then one row for both presses: pressed
/// at the first, released at the second. It shows by a hold over other keys that is longer than any.
fn add_second_presses(section: &mut Rows<'_>) {
    let last = section.rows.last().map_or(0, |row| row.press);
    let spans = |row: &&AaltoRow<'_>| row.release.saturating_sub(row.press) > SECOND_PRESS_MS && last > row.press;
    let text = |row: &&AaltoRow<'_>| row.letter.len() == 1 || row.letter.is_empty();
    let mut again: Vec<_> = section.rows.iter().filter(spans).filter(text).copied().collect();
    again.iter_mut().for_each(|row| row.press = row.release.saturating_sub(1));
    section.rows.extend(again);
    section.rows.sort_by_key(|row| row.press);
}

/// Gives rows that came late back to their section, which in the file may be any other. Whether there were any.
fn move_late_rows(sections: &mut [Rows<'_>]) -> bool {
    let mut any = false;
    for index in 0..sections.len() {
        let Some([first, second, ..]) = sections.get(index).map(|section| section.rows.as_slice()) else { continue };
        let (press, own) = (first.press, second.press.saturating_sub(first.press));
        let ends = sections.iter().enumerate().filter(|(other, _)| *other != index);
        let ends = ends.filter_map(|(other, section)| Some((section.rows.last()?.press, other)));
        let Some((end, other)) = ends.filter(|(end, _)| *end <= press).max() else { continue };
        let gap = press - end;
        if gap < LATE_ROW_MS && own > 1_000.max(gap + gap / 2) {
            let row = sections.get_mut(index).map(|section| section.rows.remove(0));
            if let Some(section) = sections.get_mut(other) {
                section.rows.extend(row);
            }
            any = true;
        }
    }
    any
}

fn replay(section: &Rows<'_>, hand: &mut AaltoHand) -> Section {
    let empty = FieldText::empty();
    let mut field = TextField::new(Bindings::Desktop, Some(&empty)).with_lines(Lines::Single);
    let mut held = Held::default();
    let (mut id, mut last) = (0, None);
    let mut doubtful = false;
    for row in &section.rows {
        let pressed = hand.read(row);
        if last.is_some_and(|last| row.press.saturating_sub(last) >= POINTER_PAUSE_MS) {
            doubtful = true;
        }
        last = Some(row.press);
        for key in pressed.first.into_iter().chain([pressed.key]) {
            id += 1;
            field.key(id, &held.stroke(row, key));
        }
        for _ in 0..pressed.repeats {
            id += 1;
            field.key(id, &held.stroke(row, pressed.key));
        }
        doubtful |= pressed.doubtful;
    }
    if doubtful {
        field.key(id + 1, &Stroke::plain(LogicalKey::Unidentified));
    }
    // Latin-1 as the rest of the file.
    let truth = section.truth.iter().map(|byte| char::from(*byte)).collect();
    Section::of(&field, truth)
}

/// Until when each modifier is down.
#[derive(Default)]
struct Held {
    shift: u64,
    ctrl: u64,
    alt: u64,
    meta: u64,
}

impl Held {
    fn stroke(&mut self, row: &AaltoRow<'_>, logical: LogicalKey) -> Stroke {
        let until = match logical {
            LogicalKey::Named(NamedKey::Shift) => Some(&mut self.shift),
            LogicalKey::Named(NamedKey::Control) => Some(&mut self.ctrl),
            LogicalKey::Named(NamedKey::Alt) => Some(&mut self.alt),
            LogicalKey::Named(NamedKey::Meta) => Some(&mut self.meta),
            _ => None,
        };
        if let Some(until) = until {
            *until = row.release;
        }
        let down = |until: u64| row.press < until;
        Stroke {
            logical,
            shift: down(self.shift),
            ctrl: down(self.ctrl),
            alt: down(self.alt),
            meta: down(self.meta),
            altgr: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use candor_redact::text::Confidence;

    use super::*;

    /// Rows of section, press, release, letter and code.
    fn replayed(rows: &[(&str, u64, u64, &str, u16)]) -> Vec<(String, Confidence)> {
        let row = |(section, press, release, letter, code): &(&str, u64, u64, &str, u16)| {
            format!("7\t{section}\tshown\ttruth\t1\t{press}\t{release}\t{letter}\t{code}\n")
        };
        let content = format!("HEADER\n{}", rows.iter().map(row).collect::<String>());
        sections(content.as_bytes()).into_iter().map(|section| (section.replayed, section.confidence)).collect()
    }

    #[test]
    fn two_presses_of_one_row_are_both_typed() {
        let text = replayed(&[("1", 0, 50, "e", 71), ("1", 100, 150, "t", 84)]);
        assert_eq!(text, [("get".to_owned(), Confidence::Synced)]);
    }

    #[test]
    fn a_held_backspace_deletes_several_and_is_doubtful() {
        let text = replayed(&[("1", 0, 50, "a", 65), ("1", 100, 150, "b", 66), ("1", 200, 710, "BKSP", 8)]);
        assert_eq!(text, [(String::new(), Confidence::Unknown)]);
    }

    #[test]
    fn a_row_that_came_late_goes_to_the_section_it_ends() {
        let text = replayed(&[
            ("1", 0, 50, "a", 65),
            ("2", 200, 250, ".", 190),
            ("2", 5_000, 5_050, "b", 66),
            ("2", 5_100, 5_150, "c", 67),
        ]);
        assert_eq!(text, [("a.".to_owned(), Confidence::Inferred), ("bc".to_owned(), Confidence::Inferred)]);
    }

    #[test]
    fn a_row_over_many_others_is_two_presses() {
        let text = replayed(&[("1", 0, 4_000, "a", 65), ("1", 500, 550, "b", 66), ("1", 5_000, 5_050, "c", 67)]);
        assert_eq!(text, [("abac".to_owned(), Confidence::Unknown)]);
    }

    #[test]
    fn the_truth_is_not_looked_at() {
        let content = "HEADER\n7\t1\tshown\tother\t1\t0\t50\ta\t65\n";
        let sections = sections(content.as_bytes());
        assert!(
            sections.iter().all(|section| section.replayed == "a" && section.truth == "other" && !section.is_exact())
        );
    }
}
