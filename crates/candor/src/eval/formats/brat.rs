//! BRAT standoff: `name.txt` and `name.ann` beside it, lines `T<n> TAB TYPE START END[;START END…] TAB TEXT`, offsets in
//! code points (a byte order mark counts as one).

use std::path::Path;

use anyhow::{Context, Result};

use super::{Gold, Record, Verdict, bytes_of, offsets, text_of};

pub(super) fn read(path: &Path, records: &mut Vec<Record>) -> Result<()> {
    let text = text_of(&path.with_extension("txt"))?;
    let marks = path.with_extension("ann");
    let at = offsets(&text);
    let mut gold = Vec::new();
    for (number, line) in text_of(&marks)?.lines().enumerate().filter(|(_, line)| line.starts_with('T')) {
        read_mark(line, &at, &mut gold).with_context(|| {
            let (marks, line) = (marks.display(), number + 1);
            format!("`{marks}`, line {line}: not `T<n> TAB TYPE START END TAB TEXT` within its text")
        })?;
    }
    records.push(Record { text, gold, verdict: Verdict::Spans });
    Ok(())
}

fn read_mark(line: &str, at: &[usize], gold: &mut Vec<Gold>) -> Option<()> {
    let (typ, places) = line.split('\t').nth(1)?.split_once(' ')?;
    for place in places.split(';') {
        let (start, end) = place.trim().split_once(' ')?;
        let span = bytes_of(at, start.parse().ok()?, end.parse().ok()?)?;
        gold.push(Gold { span, typ: typ.to_owned() });
    }
    Some(())
}
