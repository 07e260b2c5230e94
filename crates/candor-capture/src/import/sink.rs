//! Where a parser's events go: timed, attributed and counted.

use candor_model::event::{Button, Press};
use candor_model::{Actor, PositionUnit};
use candor_redact::{FieldText, GapCause, LogicalKey, Observation, Observed, Role, Secrecy};

use crate::import::clock::{Clock, Step};
use crate::import::keys::Meaning;
use crate::import::number::PIXELS_MAX;
use crate::import::report::Report;

/// Who caused what a file holds.
///
/// No known format tells injected events from others. Balabit's and Aalto's are studies of people, DuckTrack records
/// demonstrations by people; the session's `imported` flag tells a builder that nobody has checked.
const ACTOR: Actor = Actor::Human;

/// A position in the session's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// Where a parser's events go.
pub(crate) struct Sink {
    pub(crate) clock: Clock,
    pub(crate) report: Report,
    pub(crate) out: Vec<Observation>,
    positions: PositionUnit,
    buttons_down: u16,
    /// The gap emitted last, if nothing was since: one gap stands for many lines in a row.
    gap: Option<GapCause>,
}

impl Sink {
    pub(crate) fn new(clock: Clock, positions: PositionUnit, report: Report) -> Self {
        Self { clock, report, out: Vec::new(), positions, buttons_down: 0, gap: None }
    }

    /// The file shows this time; what follows happens then.
    pub(crate) fn time(&mut self, nanos: u64) {
        match self.clock.advance(nanos) {
            Step::Forward => {}
            Step::Back => self.report.oddities.clock_backwards += 1,
            Step::Jump => {
                self.report.oddities.clock_backwards += 1;
                self.report.oddities.clock_jumps += 1;
                self.gap(GapCause::Malformed);
            }
        }
    }

    /// Something is missing here.
    pub(crate) fn gap(&mut self, cause: GapCause) {
        if self.gap != Some(cause) {
            self.report.events.gaps += 1;
            self.emit(Observed::Gap { cause });
            self.gap = Some(cause);
        }
    }

    pub(crate) fn pointer(&mut self, at: Point, drag: bool) {
        self.report.events.moves += 1;
        self.event(Observed::Move { x: at.x, y: at.y, drag });
    }

    pub(crate) fn scroll(&mut self, at: Point, dx: i32, dy: i32) {
        self.report.events.scrolls += 1;
        self.event(Observed::Scroll { dx, dy, x: at.x, y: at.y });
    }

    pub(crate) fn button(&mut self, at: Point, press: Press, button: Button) {
        let bit = 1u16.checked_shl(button.0.into()).unwrap_or(0);
        let down = self.buttons_down & bit != 0;
        match press {
            Press::Down if down => self.report.oddities.unmatched_presses += 1,
            Press::Up if !down => self.report.oddities.unmatched_releases += 1,
            Press::Down | Press::Up => {}
        }
        match press {
            Press::Down => self.buttons_down |= bit,
            Press::Up => self.buttons_down &= !bit,
        }
        self.report.events.buttons += 1;
        self.event(Observed::Button { press, button, x: at.x, y: at.y });
    }

    pub(crate) fn any_button_down(&self) -> bool {
        self.buttons_down != 0
    }

    pub(crate) fn key(&mut self, press: Press, key: Meaning) {
        self.report.events.keys += 1;
        if key.logical == LogicalKey::Unidentified && press == Press::Down {
            self.report.oddities.unknown_keys += 1;
        }
        self.event(Observed::Key { press, physical: key.physical, logical: key.logical });
    }

    /// A text field gets the focus. It tells the wall something and is no event of its own.
    pub(crate) fn text_field(&mut self, empty: bool) {
        let value = empty.then(FieldText::empty);
        self.tell(Observed::Field { element: None, role: Role::Text, secret: Secrecy::No, value });
    }

    /// What tells the wall something of the field, and is no event of its own.
    pub(crate) fn tell(&mut self, what: Observed) {
        self.emit(what);
    }

    /// A position given in whole pixels within [`PIXELS_MAX`].
    pub(crate) fn point(&self, x: i32, y: i32) -> Point {
        let steps = i32::from(self.positions.steps());
        Point { x: x.saturating_mul(steps), y: y.saturating_mul(steps) }
    }

    /// A position given in pixels and fractions; nothing where it lies on no screen.
    pub(crate) fn point_from_float(&mut self, x: f64, y: f64) -> Option<Point> {
        let limit = f64::from(PIXELS_MAX);
        // `contains` is false for NaN.
        if !(-limit..=limit).contains(&x) || !(-limit..=limit).contains(&y) {
            return None;
        }
        let steps = f64::from(self.positions.steps());
        let (x, y) = (x * steps, y * steps);
        if x.fract() != 0.0 || y.fract() != 0.0 {
            self.report.oddities.rounded_positions += 1;
        }
        Some(Point { x: x.round() as i32, y: y.round() as i32 })
    }

    /// The file's end.
    pub(crate) fn finish(&mut self) {
        self.report.oddities.held_at_end += u64::from(self.buttons_down.count_ones());
    }

    fn event(&mut self, what: Observed) {
        self.gap = None;
        self.emit(what);
    }

    fn emit(&mut self, what: Observed) {
        let at = self.clock.ticks();
        self.report.span = at;
        self.out.push(Observation { at, actor: ACTOR, what });
    }
}
