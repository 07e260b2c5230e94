//! A step as a row: flat, in units that are the same for every session, and hashed the same way everywhere.

use std::collections::BTreeMap;

use candor_model::header::SessionContext;
use candor_model::{Element, Hash};
use candor_redact::regenerate::PathPoint;
use serde::{Deserialize, Serialize};

use crate::pace::Pace;
use crate::place::{PlaceRule, Places};
use crate::pseudonym::{DatasetSecret, Split};
use crate::reduce::{Action, Axis, Modifiers, Step, StepKey};
use crate::typed::{Numbers, shapes, text};

/// One row. The field names are the columns' names; `spec/dataset.md` has their units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The dataset's name of the session.
    pub session: String,
    /// The step's number in its session, from 0.
    pub step: i64,
    /// The split of the participant.
    pub split: String,
    /// When it began, µs since the session's start.
    pub start_us: i64,
    /// When it ended.
    pub end_us: i64,
    /// What was done: one of [`ACTIONS`].
    pub action: String,
    /// The button: 1 left, 2 middle, 3 right, 8 back, 9 forward.
    pub button: Option<i64>,
    /// How often.
    pub count: Option<i64>,
    /// Horizontal position, 1/256 px.
    pub x: Option<i64>,
    /// Vertical position, 1/256 px.
    pub y: Option<i64>,
    /// Horizontal scroll, 1/120 notch, positive right.
    pub dx: Option<i64>,
    /// Vertical scroll, 1/120 notch, positive down.
    pub dy: Option<i64>,
    /// The key: a W3C name, or a shortcut's symbol.
    pub key: Option<String>,
    /// The modifiers, `Control+Shift`; empty where there are none.
    pub modifiers: String,
    /// The shape of typed text, `L4 S1 D2`.
    pub shapes: Option<String>,
    /// Typed text with marks for what was withheld, `Dear ⟦L4⟧`; nothing where it is all shapes.
    pub text: Option<String>,
    /// A drag's path: µs after the start, x, y, and so on for every vertex.
    pub path: Option<Vec<i64>>,
    /// The element that was pressed, dragged or typed into: its role, by WAI-ARIA's word.
    pub element_role: Option<String>,
    /// Its name, where redaction let that pass.
    pub element_name: Option<String>,
    /// Its left edge, 1/256 px.
    pub element_x: Option<i64>,
    /// Its upper edge, 1/256 px.
    pub element_y: Option<i64>,
    /// Its width, 1/256 px.
    pub element_width: Option<i64>,
    /// Its height, 1/256 px.
    pub element_height: Option<i64>,
    /// The application, where it may be named.
    pub app: Option<String>,
    /// Whether the release was never seen.
    pub unmatched: bool,
    /// Whether another button was down meanwhile.
    pub chord: bool,
}

/// The words of the column `action`.
pub const ACTIONS: [&str; 8] = ["click", "long-press", "drag", "scroll", "type", "press", "hotkey", "gap"];

/// Steps of position in the rows, a pixel.
pub const POSITION_STEPS: i64 = 256;

/// The steps of one session as the rows that a dataset with this secret has: times and ways are made again from it
/// ([`crate::pace`]), places told by `rule`.
pub fn session_rows(context: &SessionContext, secret: &DatasetSecret, rule: PlaceRule, steps: Vec<Step>) -> Vec<Row> {
    let name = secret.session(context.session);
    let mut maker = RowMaker {
        session: name.to_string(),
        split: secret.split(context.participant),
        places: Places::new(rule, &steps),
        pace: Pace::new(context.clock_unit.micros(), secret.pace(name)),
        // Exact: a session's unit is a power of two up to 256 steps a pixel.
        position: POSITION_STEPS / i64::from(context.position_unit.steps()),
        next: 0,
        numbers: Numbers::default(),
    };
    steps.into_iter().map(|step| maker.row(step)).collect()
}

/// Lifts steps of one session into rows.
struct RowMaker {
    session: String,
    split: Split,
    places: Places,
    pace: Pace,
    position: i64,
    next: i64,
    numbers: Numbers,
}

impl RowMaker {
    fn row(&mut self, step: Step) -> Row {
        let drag = match &step.action {
            Action::Drag { path, .. } => path.first().zip(path.last()),
            _ => None,
        };
        let drag = drag.map(|(from, to)| (self.place(from.x, from.y), self.place(to.x, to.y)));
        let span = self.pace.step(&step, drag);
        let mut row = Row {
            session: self.session.clone(),
            step: self.next,
            split: self.split.as_str().to_owned(),
            start_us: whole(span.start),
            end_us: whole(span.end),
            modifiers: modifiers(step.modifiers),
            app: step.app.as_deref().map(str::to_owned),
            unmatched: step.unmatched,
            chord: step.chord,
            ..Row::default()
        };
        self.next += 1;
        let flat = |point: &PathPoint| [whole(point.after), point.x, point.y];
        row.path = drag.map(|_| span.path.iter().flat_map(flat).collect());
        if let Some(element) = step.element.as_deref() {
            self.element(element, &mut row);
        }
        self.action(step.action, &mut row);
        row
    }

    fn element(&self, element: &Element, row: &mut Row) {
        row.element_role = Some(element.role.as_str().to_owned());
        row.element_name = element.name.clone();
        if let Some([x, y, width, height]) = self.places.rectangle(element, self.position) {
            (row.element_x, row.element_y) = (Some(x), Some(y));
            (row.element_width, row.element_height) = (Some(width), Some(height));
        }
    }

    fn action(&mut self, action: Action, row: &mut Row) {
        let (places, position) = (self.places, self.position);
        let at = |x, y| {
            let (x, y) = places.tell((x, y), position);
            (Some(x), Some(y))
        };
        let word = match action {
            Action::Click { button, count, x, y } => {
                (row.button, row.count, (row.x, row.y)) = (Some(button.0.into()), Some(count.into()), at(x, y));
                "click"
            }
            Action::LongPress { button, x, y } => {
                (row.button, (row.x, row.y)) = (Some(button.0.into()), at(x, y));
                "long-press"
            }
            Action::Drag { button, path } => {
                row.button = Some(button.0.into());
                (row.x, row.y) = path.first().map_or((None, None), |first| at(first.x, first.y));
                "drag"
            }
            Action::Scroll { dx, dy, x, y, .. } => {
                (row.dx, row.dy, (row.x, row.y)) = (Some(dx), Some(dy), at(x, y));
                "scroll"
            }
            Action::Type { typed } => {
                (row.shapes, row.text) = (Some(shapes(&typed)), text(&typed, &mut self.numbers));
                "type"
            }
            Action::Press { key, count } => {
                (row.key, row.count) = (Some(key_text(key)), Some(count.into()));
                "press"
            }
            Action::Hotkey { key, count } => {
                (row.key, row.count) = (Some(key_text(key)), Some(count.into()));
                "hotkey"
            }
            Action::Gap => "gap",
        };
        word.clone_into(&mut row.action);
    }

    fn place(&self, x: i32, y: i32) -> (i64, i64) {
        self.places.tell((x, y), self.position)
    }
}

fn whole(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

impl Row {
    /// The axis of a scroll.
    pub fn axis(&self) -> Axis {
        let (dx, dy) = (self.dx.unwrap_or_default(), self.dy.unwrap_or_default());
        if dx.unsigned_abs() > dy.unsigned_abs() { Axis::Horizontal } else { Axis::Vertical }
    }

    /// The row's hash: SHA-256 of its canonical JSON (RFC 8785: keys sorted, no blanks), which every reader can make again
    /// from the columns. It says nothing about keys, nonces or file layout.
    pub fn hash(&self) -> Hash {
        // Sorted here, because whether serde_json's own map is depends on features that any crate may switch on. Rows
        // hold integers, text, truth values and lists of integers, so nothing below the top has keys.
        let fields = serde_json::to_value(self).unwrap_or_default();
        let fields: BTreeMap<_, _> = fields.as_object().into_iter().flatten().collect();
        Hash::of(&serde_json::to_vec(&fields).unwrap_or_default())
    }
}

/// The running digest of a participant's rows: each step hashes the digest so far and the next row's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsDigest {
    /// The digest; 32 zero bytes before the first row.
    pub digest: Hash,
    /// How many rows.
    pub rows: u64,
}

impl Default for RowsDigest {
    fn default() -> Self {
        Self { digest: Hash([0; 32]), rows: 0 }
    }
}

impl RowsDigest {
    /// Takes the next row.
    pub fn push(&mut self, row: &Row) {
        self.digest = Hash::of(&[self.digest.0, row.hash().0].concat());
        self.rows += 1;
    }
}

fn modifiers(set: Modifiers) -> String {
    set.iter().map(|key| key.as_str()).collect::<Vec<_>>().join("+")
}

fn key_text(key: StepKey) -> String {
    match key {
        StepKey::Named(name) => name.as_str().to_owned(),
        StepKey::Symbol(symbol) => symbol.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(steps: &[i64]) -> RowsDigest {
        let mut digest = RowsDigest::default();
        steps.iter().for_each(|step| digest.push(&Row { step: *step, ..Row::default() }));
        digest
    }

    #[test]
    fn a_digest_depends_on_every_row_and_their_order() {
        let all = [digest(&[1, 2, 3]), digest(&[2, 1, 3]), digest(&[9, 2, 3]), digest(&[2, 3]), digest(&[1, 2])];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other.digest != one.digest), "{at}");
        }
    }
}
