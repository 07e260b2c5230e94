//! Where things were done, as far as a dataset tells.

use candor_model::Element;

use crate::reduce::{Action, Step};
use crate::row::POSITION_STEPS;

/// How places are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRule {
    /// As they were, in pixels from the screen's top left corner.
    Exact,
    /// As one of `columns` × `rows` fields of the part of the screen that the session touched.
    Grid {
        /// Fields side by side.
        columns: u16,
        /// Fields on top of each other.
        rows: u16,
    },
}

/// How datasets tell places. Where the element is known, its rectangle stands beside the place, so that whoever trains can
/// aim at either; a place relative to it would say no less. A grid of 25 × 25 halves what SapiMouse's places tell and coarser ones no more, but no rule takes away
/// what the mix of actions tells, and a model of computer use needs targets: `candor eval reident` has the figures.
pub const PLACES: PlaceRule = PlaceRule::Exact;

/// The size of the screen that places of a grid are told on, in pixels.
pub const CANVAS: (i64, i64) = (1_920, 1_080);

/// The places of one session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    rule: PlaceRule,
    low: (i64, i64),
    high: (i64, i64),
}

impl Places {
    /// For a session of these steps.
    pub(crate) fn new(rule: PlaceRule, steps: &[Step]) -> Self {
        let (mut low, mut high) = ((i64::MAX, i64::MAX), (i64::MIN, i64::MIN));
        for (x, y) in steps.iter().flat_map(|step| targets(&step.action)).flatten() {
            let (x, y) = (x.into(), y.into());
            (low, high) = ((low.0.min(x), low.1.min(y)), (high.0.max(x), high.1.max(y)));
        }
        Self { rule, low, high }
    }

    /// The rectangle of an element: left and upper edge, width, height. On a grid nobody is told: it would say where in its
    /// field a place lies.
    pub(crate) fn rectangle(&self, element: &Element, scale: i64) -> Option<[i64; 4]> {
        let Element { x, y, width, height, .. } = *element;
        let told = [x.into(), y.into(), width.into(), height.into()].map(|part: i64| part * scale);
        (self.rule == PlaceRule::Exact).then_some(told)
    }

    /// A place in the session's unit, of `scale` row positions, as the row has it.
    pub(crate) fn tell(&self, (x, y): (i32, i32), scale: i64) -> (i64, i64) {
        let (x, y) = (i64::from(x), i64::from(y));
        match self.rule {
            PlaceRule::Exact => (x * scale, y * scale),
            PlaceRule::Grid { columns, rows } => (
                field(x, self.low.0, self.high.0, columns, CANVAS.0),
                field(y, self.low.1, self.high.1, rows, CANVAS.1),
            ),
        }
    }
}

/// The middle of the field of a side that `at` lies in.
fn field(at: i64, low: i64, high: i64, fields: u16, side: i64) -> i64 {
    let fields = i64::from(fields.max(1));
    let span = high.saturating_sub(low).max(0) + 1;
    let number = ((at.saturating_sub(low)).clamp(0, span - 1) * fields / span).clamp(0, fields - 1);
    (2 * number + 1) * side * POSITION_STEPS / (2 * fields)
}

/// Where a step was aimed at.
fn targets(action: &Action) -> [Option<(i32, i32)>; 2] {
    match action {
        Action::Click { x, y, .. } | Action::LongPress { x, y, .. } | Action::Scroll { x, y, .. } => {
            [Some((*x, *y)), None]
        }
        Action::Drag { path, .. } => [path.first(), path.last()].map(|end| end.map(|end| (end.x, end.y))),
        Action::Type { .. } | Action::Press { .. } | Action::Hotkey { .. } | Action::Gap => [None, None],
    }
}
