//! What came out, against what was typed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use candor_model::event::{Event, Press, What};
use candor_model::key::Key;
use candor_model::unit::Ticks;

use super::align::{Owner, align};
use super::replay::{Views, longest_common};
use super::scenario::Scenario;
use super::truth::{By, Origin, Session, Unit};
use super::wall::Outcome;

/// A stretch this long that an attacker reads is no chance.
const STRETCH_MIN: usize = 4;

/// The longest a segment stays open, in milliseconds (DESIGN.md, "Keys"): it is destroyed as a whole.
const SEGMENT: Ticks = 300_000;

/// Counts over all sessions.
#[derive(Debug, Default)]
pub(super) struct Score {
    pub(super) texts: usize,
    pub(super) observations: usize,
    pub(super) spent: Duration,
    /// Spans of which nothing leaked, and all, by type: those that the detectors cover.
    pub(super) covered: BTreeMap<String, Share>,
    /// The same for every labelled span.
    pub(super) labelled: BTreeMap<String, Share>,
    /// Covered spans that leaked, by what happened while they were typed.
    pub(super) leaked_in: BTreeMap<Scenario, usize>,
    /// Characters of covered spans that were read, of all.
    pub(super) leaked: Share,
    pub(super) retracted_spans: usize,
    /// Characters read of values that were typed and deleted, where the detectors know the value, and of all.
    pub(super) retracted_leaked: usize,
    pub(super) retracted_leaked_all: usize,
    pub(super) half_retracted_leaked: usize,
    pub(super) password_events: usize,
    /// Sessions of which others see something else when other secrets are typed, in another rhythm, into password fields.
    pub(super) password_tells: usize,
    /// Characters typed in an application that may not be recorded, of which anything came out.
    pub(super) elsewhere: usize,
    /// Characters outside spans that did not come out, of all.
    pub(super) over: Share,
    /// The same where a retraction destroys its whole segment.
    pub(super) over_segments: Share,
    /// Text events in step and outside spans that came out as shapes, of all text events in step; what was deleted again
    /// is to come out as one, and is in neither.
    pub(super) forced: Share,
    /// Events whose character nobody typed at that time.
    pub(super) unplaced: usize,
    pub(super) hold_ms: Vec<u64>,
    pub(super) hold_events: Vec<u64>,
}

/// So many of so many.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) part: usize,
    pub(super) whole: usize,
}

impl Share {
    pub(super) fn count(&mut self, counts: bool) {
        self.part += usize::from(counts);
        self.whole += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn ratio(self) -> f64 {
        self.part as f64 / self.whole as f64
    }

    /// The lower end of Wilson's 95 % interval.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn low(self) -> f64 {
        let (n, p, z) = (self.whole as f64, self.ratio(), 1.959_964_f64);
        let centre = p + z * z / (2.0 * n);
        let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        (centre - spread) / (1.0 + z * z / n)
    }
}

impl Score {
    /// Adds what came out of a session.
    pub(super) fn add(&mut self, session: &Session, outcome: &Outcome) {
        self.texts += 1;
        self.observations += session.times.len();
        self.spent += outcome.spent;
        let reading = Reading::new(session, outcome);
        self.unplaced += reading.owners.iter().filter(|owner| **owner == Owner::Nobody).count();
        self.add_spans(&reading);
        self.add_password_events(&reading);
        self.add_usefulness(&reading);
        self.add_holds(&reading);
    }

    fn add_spans(&mut self, reading: &Reading<'_>) {
        for (number, span) in reading.session.spans.iter().enumerate() {
            let leaked = reading.leaked(number);
            match span.origin {
                Origin::Labelled | Origin::Placed => {
                    if span.origin == Origin::Labelled {
                        self.labelled.entry(span.typ.clone()).or_default().count(leaked == 0);
                    }
                    if span.covered {
                        self.covered.entry(span.typ.clone()).or_default().count(leaked == 0);
                        self.leaked.part += leaked;
                        self.leaked.whole += span.text.len();
                        *self.leaked_in.entry(span.scenario).or_default() += usize::from(leaked > 0);
                    }
                }
                Origin::Retracted => {
                    self.retracted_spans += 1;
                    self.retracted_leaked += if span.covered { leaked } else { 0 };
                    self.retracted_leaked_all += leaked;
                }
                Origin::HalfRetracted => self.half_retracted_leaked += leaked,
                Origin::Password => self.password_events += leaked,
            }
        }
    }

    /// Whatever the session's clock places at the moment at which it stood still, but for the releases of what was held.
    fn add_password_events(&mut self, reading: &Reading<'_>) {
        let moments: BTreeSet<Ticks> =
            reading.session.secret.iter().map(|(from, _)| reading.session.clock(*from)).collect();
        let tells = |event: &Event| {
            !matches!(
                event.what,
                What::Key { press: Press::Up, .. } | What::Button { press: Press::Up, .. } | What::Window { .. }
            )
        };
        let found = reading.outcome.released.iter().filter(|it| moments.contains(&it.event.at) && tells(&it.event));
        self.password_events += found.count();
    }

    fn add_usefulness(&mut self, reading: &Reading<'_>) {
        let destroyed: BTreeSet<Ticks> = (reading.outcome.retracted.iter())
            .filter_map(|number| Some(reading.outcome.released.get(*number)?.at / SEGMENT))
            .collect();
        for (unit, &shown) in reading.session.units.iter().zip(&reading.shown) {
            if unit.by == By::Elsewhere && unit.mark.span.is_none() {
                self.elsewhere += usize::from(shown.is_some());
            }
            if !matches!(unit.by, By::Key) || !unit.in_step || unit.ch == '\n' {
                continue;
            }
            let plain = unit.mark.span.is_none();
            if let Some(number) = shown.filter(|_| !unit.erased) {
                self.forced.count(plain && reading.is_shape(number));
            }
            if plain && !unit.erased {
                let text = shown.filter(|number| !reading.is_shape(*number));
                let kept = text.is_some_and(|number| !reading.outcome.retracted.contains(&number));
                self.over.count(!kept);
                let segment = text.and_then(|number| Some(reading.outcome.released.get(number)?.at / SEGMENT));
                self.over_segments.count(segment.is_none_or(|segment| destroyed.contains(&segment)));
            }
        }
    }

    fn add_holds(&mut self, reading: &Reading<'_>) {
        let clocks: Vec<Ticks> = reading.session.times.iter().map(|time| reading.session.clock(*time)).collect();
        for (released, owner) in reading.outcome.released.iter().zip(&reading.owners) {
            let observation = match owner {
                Owner::Unit(unit) => reading.session.units.get(*unit).map(|unit| unit.observation),
                Owner::Nobody | Owner::None => None,
            };
            let latest = || clocks.partition_point(|clock| *clock <= released.event.at).saturating_sub(1);
            let observation = observation.unwrap_or_else(latest);
            let source = reading.session.times.get(observation).copied().unwrap_or(0);
            self.hold_ms.push(released.at.saturating_sub(source));
            self.hold_events.push(released.seen.saturating_sub(observation + 1) as u64);
        }
    }
}

/// A session beside what came out of it.
struct Reading<'a> {
    session: &'a Session,
    outcome: &'a Outcome,
    owners: Vec<Owner>,
    /// For each unit the event that showed it, as a character or as a shape.
    shown: Vec<Option<usize>>,
    /// What others' views hold that belongs to no span.
    innocent: Views,
}

impl<'a> Reading<'a> {
    fn new(session: &'a Session, outcome: &'a Outcome) -> Self {
        let owners = align(session, outcome);
        let mut shown = vec![None; session.units.len()];
        for (number, owner) in owners.iter().enumerate() {
            if let Owner::Unit(unit) = owner
                && let Some(shown) = shown.get_mut(*unit)
            {
                *shown = Some(number);
            }
        }
        let mut reading = Self { session, outcome, owners, shown, innocent: Views::default() };
        reading.innocent = reading.views(|owner| reading.unit(owner).is_some_and(|unit| unit.mark.span.is_none()));
        reading
    }

    fn unit(&self, owner: Owner) -> Option<&Unit> {
        match owner {
            Owner::Unit(unit) => self.session.units.get(unit),
            Owner::Nobody | Owner::None => None,
        }
    }

    fn is_shape(&self, number: usize) -> bool {
        let what = self.outcome.released.get(number).map(|released| &released.event.what);
        matches!(what, Some(What::Key { key: Key::Shape(_), .. }))
    }

    /// The attackers' views of what was not destroyed, with only those characters readable that `visible` lets.
    fn views(&self, visible: impl Fn(Owner) -> bool) -> Views {
        let kept: Vec<(&Event, Owner)> = (self.outcome.released.iter().zip(&self.owners).enumerate())
            .filter(|(number, _)| !self.outcome.retracted.contains(number))
            .map(|(_, (released, owner))| (&released.event, *owner))
            .collect();
        Views::read(kept.iter().map(|(event, _)| *event), |at| kept.get(at).is_some_and(|(_, owner)| visible(*owner)))
    }

    /// How many characters of a span can be read: those that came out at their place, or the longest stretch that stands
    /// in one of the attackers' views and is not found outside spans, whichever is more.
    fn leaked(&self, number: usize) -> usize {
        let Some(span) = self.session.spans.get(number) else { return 0 };
        let read: BTreeSet<usize> = (self.session.units.iter().zip(&self.shown))
            .filter(|(unit, _)| unit.mark.span == Some(number))
            .filter(|(_, shown)| shown.is_some_and(|it| !self.is_shape(it) && !self.outcome.retracted.contains(&it)))
            .filter_map(|(unit, _)| unit.mark.place)
            .collect();
        let mine = |owner: Owner| {
            owner == Owner::Nobody || self.unit(owner).is_some_and(|unit| unit.mark.span == Some(number))
        };
        if !self.owners.iter().any(|owner| mine(*owner)) {
            return read.len();
        }
        let views = self.views(mine);
        let stretches = views.all().map(|view| {
            let (length, start) = longest_common(&span.text, view);
            let stretch: String = span.text.iter().skip(start).take(length).collect();
            let explained = self.innocent.all().iter().any(|view| view.contains(&stretch));
            if length < STRETCH_MIN || explained { 0 } else { length }
        });
        stretches.into_iter().fold(read.len(), usize::max)
    }
}
