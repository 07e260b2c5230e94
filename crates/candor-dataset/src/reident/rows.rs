//! Rows as an attacker sees them.

use candor_redact::regenerate::Pause;

use crate::row::{POSITION_STEPS, Row};

use super::{Sample, name};

/// Which columns an attacker looks at: who is told apart by fewer of them shows which of them tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All.
    Whole,
    /// All but `x`, `y`, `path`, `dx` and `dy`; what an end still tells of a distance stays.
    Placeless,
    /// `start_us` and `end_us` alone.
    Times,
}

impl View {
    /// The row without the columns that are not looked at.
    pub fn of(self, row: Row) -> Row {
        match self {
            Self::Whole => row,
            Self::Placeless => Row { x: None, y: None, path: None, dx: None, dy: None, ..row },
            Self::Times => Row { start_us: row.start_us, end_us: row.end_us, ..Row::default() },
        }
    }
}

/// The rows of one session as samples of at most `size` rows, gaps included; a rest shorter than half joins the last.
pub fn samples(rows: &[Row], size: usize) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    let mut before: Option<&Row> = None;
    for (at, row) in rows.iter().enumerate() {
        if samples.is_empty() || (at % size == 0 && rows.len() - at > size / 2) {
            samples.push(Sample::default());
        }
        if let Some(sample) = samples.last_mut() {
            see(row, before, sample);
        }
        before = Some(row);
    }
    samples
}

fn see(row: &Row, before: Option<&Row>, sample: &mut Sample) {
    let kind = row.action.as_str();
    let detail = detail(row);
    let mut value = |parts: &[&str], value: f64| sample.values.push((name(parts), value));
    let log = |micros: i64| (micros.max(0) as f64 + 1_000.0).ln();
    value(&["takes", kind], log(row.end_us - row.start_us));
    let pause = row.start_us - before.map_or(0, |before| before.end_us);
    let last = before.map_or("", |before| before.action.as_str());
    value(&["pause"], log(pause));
    value(&["pause", last, kind], log(pause));
    value(&["count", kind], (row.count.unwrap_or_default() as f64).ln_1p());
    if let (Some(x), Some(y)) = (row.x, row.y) {
        value(&["x", kind], x as f64);
        value(&["y", kind], y as f64);
        if let Some((a, b)) = before.and_then(|before| before.x.zip(before.y)) {
            value(&["away"], ((x - a).abs() as f64).hypot((y - b).abs() as f64).ln_1p());
        }
    }
    if let Some([_, x, y, .., far, to]) = row.path.as_deref() {
        value(&["drag"], ((far - x) as f64).hypot((to - y) as f64).ln_1p());
    }
    if let (Some(dx), Some(dy)) = (row.dx, row.dy) {
        value(&["scroll"], (dx as f64).hypot(dy as f64).ln_1p());
    }
    if let Some(shapes) = row.shapes.as_deref() {
        let length: f64 = runs(shapes).map(|(_, count)| count as f64).sum();
        value(&["length"], length.ln_1p());
        value(&["a character"], log(((row.end_us - row.start_us) as f64 / length.max(1.0)) as i64));
    }
    let bucket = format!("{:?}", Pause::of(pause.unsigned_abs()));
    let bucket = bucket.as_str();
    sample.marks.extend([
        name(&["action", &detail]),
        name(&["kind", kind]),
        name(&["bucket", bucket]),
        name(&["bucket", bucket, kind]),
        name(&["after", last, kind]),
    ]);
    if row.unmatched || row.chord {
        sample.marks.push(name(&["odd", kind]));
    }
    places(row, sample);
    sample.text.extend([name(&["pause", bucket]), name(&[&detail])]);
    if let Some(text) = row.text.as_deref() {
        // Authorship: what was let through, character by character.
        sample.marks.extend(text.split_whitespace().map(|word| name(&["word", &word.to_lowercase()])));
        sample.text.extend(text.chars().map(|c| name(&["char", c.encode_utf8(&mut [0; 4])])));
    }
    for (shape, count) in runs(row.shapes.as_deref().unwrap_or_default()) {
        let word = name(&["run", shape, &count.min(24).to_string()]);
        sample.marks.push(word);
        sample.text.push(word);
    }
}

/// The fields of a fine and of a coarse grid, as far as places are told.
fn places(row: &Row, sample: &mut Sample) {
    let (Some(x), Some(y)) = (row.x, row.y) else { return };
    for side in [25, 120, 480] {
        let field = |at: i64| (at / (side * POSITION_STEPS)).to_string();
        sample.marks.push(name(&["place", &side.to_string(), &field(x), &field(y)]));
    }
}

fn detail(row: &Row) -> String {
    let scrolled =
        |by: Option<i64>| by.unwrap_or_default().signum() * (by.unwrap_or_default().abs() / 120 + 1).ilog2() as i64;
    let (dx, dy) = (scrolled(row.dx), scrolled(row.dy));
    format!(
        "{} {} {} {dx} {dy} {} {}",
        row.action,
        row.button.unwrap_or_default(),
        row.count.unwrap_or_default().min(8),
        row.key.as_deref().unwrap_or_default(),
        row.modifiers
    )
}

/// `L4 S1` as (L, 4), (S, 1).
fn runs(shapes: &str) -> impl Iterator<Item = (&str, u32)> {
    shapes.split(' ').filter_map(|run| {
        let (shape, count) = run.split_at_checked(1)?;
        Some((shape, count.parse().ok()?))
    })
}
