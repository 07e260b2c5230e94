//! The recordings themselves as attackers see them, to show that the attackers can bite.

use candor_dataset::reident::{self, Sample, name};

use super::people::Person;
use super::{Format, parts};

/// A person's sessions, each as samples.
pub(super) struct Recording(Person<Vec<Sample>>);

impl Recording {
    pub(super) fn samples(&self, format: Format, swap: bool) -> reident::Person {
        let (learned, asked) = parts(&self.0, swap);
        let train = learned.iter().flatten().cloned().collect();
        let queries = match format {
            Format::Aalto => vec![asked.iter().flatten().cloned().collect()],
            Format::Balabit | Format::Sapimouse => asked.to_vec(),
        };
        reident::Person { train, queries: queries.into_iter().filter(|samples: &Vec<_>| !samples.is_empty()).collect() }
    }
}

pub(super) fn recordings(format: Format, people: &[Person]) -> Vec<Recording> {
    let samples = |file: &Vec<u8>| match format {
        Format::Aalto => vec![keys(file)],
        Format::Balabit | Format::Sapimouse => strokes(&pointer(format, file), format.sample()),
    };
    people.iter().map(|person| Recording(person.map(samples))).collect()
}

/// A sentence typed: how long keys are held, and how far presses are apart, by the keys and by their order.
fn keys(file: &[u8]) -> Sample {
    let mut sample = Sample::default();
    let mut before: Option<(String, f64, f64)> = None;
    for line in file.split(|byte| *byte == b'\n').skip(1) {
        let columns: Vec<&str> =
            line.split(|byte| *byte == b'\t').filter_map(|part| std::str::from_utf8(part).ok()).collect();
        let [.., press, release, letter, _] = columns.as_slice() else { continue };
        let (Ok(press), Ok(release)) = (press.parse::<f64>(), release.parse::<f64>()) else { continue };
        let key = letter.to_lowercase();
        let log = |millis: f64| (millis.clamp(0.0, 5_000.0) + 10.0).ln();
        sample.values.push((name(&["hold", &key]), log(release - press)));
        sample.values.push((name(&["hold"]), log(release - press)));
        if let Some((last, pressed, released)) = &before {
            let apart = press - pressed;
            if (0.0..5_000.0).contains(&apart) {
                sample.values.push((name(&["apart", last, &key]), log(apart)));
                sample.values.push((name(&["apart"]), log(apart)));
                sample.values.push((name(&["flight"]), (press - released).clamp(-500.0, 2_000.0) / 300.0));
            }
            if letter.len() > 1 || last.len() > 1 {
                sample.marks.push(name(&[last, &key]));
            }
        }
        if letter.len() > 1 {
            sample.marks.push(name(&[&key]));
        }
        sample.text.push(name(&[&key]));
        before = Some((key, press, release));
    }
    sample
}

/// What a pointer row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pointer {
    Move,
    Drag,
    Press,
    Release,
    Scroll,
}

/// A pointer row: seconds, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PointerRow {
    pub(super) at: f64,
    pub(super) what: Pointer,
    pub(super) left: bool,
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The rows of a pointer file: client time, button, state, x, y at the end of each line. What is no row, off the screen, or
/// told twice in a row is left out.
pub(super) fn pointer(format: Format, file: &[u8]) -> Vec<PointerRow> {
    let second = if format == Format::Sapimouse { 1_000.0 } else { 1.0 };
    let row = |line: &[u8]| {
        let columns: Vec<&str> = std::str::from_utf8(line).ok()?.trim().split(',').collect();
        let [.., at, button, state, x, y] = columns.as_slice() else { return None };
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| (0.0..1e10).contains(number));
        let what = match (*button, *state) {
            ("Scroll", _) => Pointer::Scroll,
            (_, "Move") => Pointer::Move,
            (_, "Drag") => Pointer::Drag,
            (_, "Pressed") => Pointer::Press,
            (_, "Released") => Pointer::Release,
            _ => return None,
        };
        let (x, y) = (number(x).filter(|x| *x < 65_535.0)?, number(y).filter(|y| *y < 65_535.0)?);
        Some(PointerRow { at: number(at)? / second, what, left: *button != "Right", x, y })
    };
    let mut rows: Vec<PointerRow> = file.split(|byte| *byte == b'\n').filter_map(row).collect();
    rows.dedup();
    rows
}

/// Strokes (a movement up to a release, or a pause of a second) as samples of `size`.
fn strokes(rows: &[PointerRow], size: usize) -> Vec<Sample> {
    let ends = |a: &PointerRow, b: &PointerRow| a.what != Pointer::Release && b.at - a.at < 1.0;
    let strokes: Vec<&[PointerRow]> = rows.chunk_by(ends).filter(|stroke| stroke.len() >= 4).collect();
    let mut samples: Vec<Sample> = Vec::new();
    for (at, stroke) in strokes.iter().enumerate() {
        if samples.is_empty() || (at % size == 0 && strokes.len() - at > size / 2) {
            samples.push(Sample::default());
        }
        if let Some(sample) = samples.last_mut() {
            see(stroke, sample);
        }
    }
    samples
}

fn see(stroke: &[PointerRow], sample: &mut Sample) {
    let (Some(first), Some(last)) = (stroke.first(), stroke.last()) else { return };
    let mut value = |class: &str, value: f64| sample.values.push((name(&[class]), value));
    let takes = last.at - first.at;
    let way: f64 = pairs(stroke).map(|(a, b)| (b.x - a.x).hypot(b.y - a.y)).sum();
    let far = (last.x - first.x).hypot(last.y - first.y);
    let speeds = pairs(stroke).map(|(a, b)| (b.x - a.x).hypot(b.y - a.y) / (b.at - a.at).max(0.001));
    value("takes", (takes + 0.01).ln());
    value("way", way.ln_1p());
    value("straight", far / way.max(1.0));
    value("speed", (way / takes.max(0.01)).ln_1p());
    value("fastest", speeds.fold(0.0, f64::max).ln_1p());
    value("rows", (stroke.len() as f64 / takes.max(0.01)).ln_1p());
    value("to x", last.x);
    value("to y", last.y);
    for (a, b) in pairs(stroke) {
        let step = (b.at - a.at).clamp(0.0, 1.0);
        value("step", (step + 0.001).ln());
        match (a.what, b.what) {
            (Pointer::Press, Pointer::Release) => value("hold", step),
            (Pointer::Move, Pointer::Press) => value("settle", (step + 0.001).ln()),
            _ => {}
        }
    }
    let kind = format!("{:?}", last.what);
    let eighth = ((last.y - first.y).atan2(last.x - first.x) * 4.0 / std::f64::consts::PI).round();
    let place = |side: f64| format!("{} {}", (last.x / side) as i64, (last.y / side) as i64);
    let words = [
        name(&[&kind]),
        name(&["way", &eighth.to_string()]),
        name(&["25", &place(25.0)]),
        name(&["120", &place(120.0)]),
    ];
    sample.marks.extend(words);
    sample.text.extend([name(&[&kind]), name(&["way", &eighth.to_string()])]);
}

fn pairs(stroke: &[PointerRow]) -> impl Iterator<Item = (&PointerRow, &PointerRow)> {
    stroke.iter().zip(stroke.iter().skip(1))
}
