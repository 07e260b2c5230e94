//! What the wall asks of a field: who made what, and where the caret stands in a view.

use std::collections::HashSet;
use std::ops::Range;

use super::{Cell, EventId, Stroke, TextField, View};
use crate::raw::LogicalKey;

/// How much of a field is looked at around the caret: live characters, and cells with what was deleted among them.
/// Longer than any pattern, and the same work however long the field is.
const LIVE_BEFORE: usize = 512;
const LIVE_AFTER: usize = 192;
const CELLS_EITHER_SIDE: usize = 2_048;

/// How far before a finding earlier attempts at it are looked for, in cells; and how much longer they may be.
const ATTEMPT_REACH: usize = 160;
const ATTEMPT_SLACK: usize = 3;

/// So many characters in a row may have come in by a key that nobody knows.
const STRAYS_MAX: usize = 2;

/// A part of a field in one of several ways.
pub(crate) struct Window {
    pub(crate) view: View,
    /// How many of its characters lie before the caret; in the order of typing that is all of them.
    pub(crate) caret: usize,
}

impl TextField {
    /// What stands around the caret: as it is; where anything was deleted or typed out of order, also with what was
    /// deleted where it was, and in the order of typing; and where characters came in between that nobody typed, as a key
    /// that nobody knows puts them in, without those.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let places = self.around_caret();
        let cells = |place: &usize| self.cells.get(*place);
        let live: Vec<usize> = places.clone().filter(|place| cells(place).is_some_and(|cell| !cell.gone)).collect();
        let plain = live.len() == places.len() && places.clone().is_sorted_by_key(|p| cells(&p).map(Cell::typed_at));
        let without = self.without_strays(&live);
        let mut windows = vec![self.window(live)];
        if !plain {
            windows.push(self.window(places.clone().collect()));
            windows.push(self.window(self.in_order_of_typing(places)));
        }
        windows.extend(without.map(|places| self.window(places)));
        windows
    }

    fn in_order_of_typing(&self, places: Range<usize>) -> Vec<usize> {
        let cell = |place: &usize| self.cells.get(*place);
        let stands: HashSet<EventId> =
            places.clone().filter_map(|place| cell(&place).filter(|cell| !cell.gone)?.typed_at()).collect();
        // What was found elsewhere in the field is there as a cell of its own.
        let moved = |cell: &Cell| {
            cell.gone && cell.deleted_by.is_none() && cell.typed_at().is_some_and(|id| stands.contains(&id))
        };
        let is_typed = |cell: &Cell| !cell.made_by.is_empty() && !moved(cell);
        let mut typed: Vec<usize> = places.filter(|place| cell(place).is_some_and(is_typed)).collect();
        typed.sort_by_key(|place| cell(place).map(Cell::typed_at));
        typed
    }

    /// The places without one or two characters in a row that no key typed, if there are any between such that keys did.
    fn without_strays(&self, live: &[usize]) -> Option<Vec<usize>> {
        let untold = |place: &usize| self.cells.get(*place).is_none_or(|cell| cell.made_by.is_empty());
        let runs: Vec<&[usize]> = live.chunk_by(|a, b| untold(a) == untold(b)).collect();
        let strays = |run: &[usize]| run.len() <= STRAYS_MAX && run.iter().all(untold);
        let between = runs.get(1..runs.len().saturating_sub(1)).unwrap_or_default();
        between.iter().any(|run| strays(run)).then(|| {
            let kept = runs.iter().filter(|run| !strays(run));
            kept.flat_map(|run| run.iter().copied()).collect()
        })
    }

    /// The cells that are near the caret, as far as a pattern reaches.
    fn around_caret(&self) -> Range<usize> {
        let caret = self.caret.min(self.cells.len());
        let reach = |cells: &mut dyn Iterator<Item = &Cell>, live_max: usize| {
            let mut live = 0;
            cells
                .take(CELLS_EITHER_SIDE)
                .take_while(|cell| {
                    live += usize::from(!cell.gone);
                    live <= live_max
                })
                .count()
        };
        let (before, after) = self.cells.split_at(caret);
        let back = reach(&mut before.iter().rev(), LIVE_BEFORE);
        caret - back..caret + reach(&mut after.iter(), LIVE_AFTER)
    }

    fn window(&self, places: Vec<usize>) -> Window {
        let mut view = View::default();
        view.text.reserve_exact(places.len().saturating_mul(4));
        view.text.extend(places.iter().filter_map(|place| self.cells.get(*place)).map(|cell| cell.ch));
        let in_order = places.is_sorted();
        let caret = if in_order { places.partition_point(|place| *place < self.caret) } else { places.len() };
        view.cells = places;
        Window { view, caret }
    }

    /// The events that made, or took away, the characters of `view` in this range.
    pub(crate) fn events_of(&self, view: &View, range: Range<usize>) -> impl Iterator<Item = EventId> {
        let cells = view.cells.get(range).unwrap_or_default().iter().filter_map(|place| self.cells.get(*place));
        cells.flat_map(|cell| cell.made_by.iter().copied().chain(cell.deleted_by))
    }

    /// The same, with whatever was deleted between those characters and right beside them: a slip, or a first attempt at the
    /// same thing. In the order of typing there is no between. A field that was emptied is one long deletion: what lies far
    /// away in it is another thing.
    pub(crate) fn envelope(&self, view: &View, range: Range<usize>) -> Vec<EventId> {
        let places = view.cells.get(range.clone()).unwrap_or_default();
        let (Some(&first), Some(&last)) = (places.first(), places.last()) else { return Vec::new() };
        if !view.cells.is_sorted() {
            return self.events_of(view, range).collect();
        }
        let gone = |place: &usize| self.cells.get(*place).is_some_and(|cell| cell.gone);
        let reach = ATTEMPT_REACH.max(2 * places.len());
        let before = (0..first).rev().take(reach).take_while(gone).count();
        let after = (last + 1..self.cells.len()).take(reach).take_while(gone).count();
        let cells = self.cells.get(first - before..=last + after).unwrap_or_default();
        cells.iter().flat_map(|cell| cell.made_by.iter().copied().chain(cell.deleted_by)).collect()
    }

    /// The events of earlier attempts at the same thing that were deleted together with what stood before them: somebody
    /// went back over a slip further left, and typed all of it again. They are the last words of a stretch of deleted text
    /// before it, from one that begins as it does.
    pub(crate) fn first_attempts(&self, view: &View, range: Range<usize>) -> Vec<EventId> {
        let places = view.cells.get(range).unwrap_or_default();
        let cell = |place: usize| self.cells.get(place);
        let Some(first) = places.first().copied().filter(|_| view.cells.is_sorted()) else { return Vec::new() };
        let Some(begins) = cell(first).map(|cell| cell.ch.to_lowercase().next()) else { return Vec::new() };
        let alike = |place: usize| cell(place).is_some_and(|cell| cell.ch.to_lowercase().next() == begins);
        let word = |place: usize| cell(place).is_some_and(|cell| cell.ch.is_alphanumeric());
        let gone = |place: usize| cell(place).is_some_and(|cell| cell.gone);
        let mut events = Vec::new();
        let mut place = first;
        while place > first.saturating_sub(ATTEMPT_REACH) {
            let end = place;
            while place > 0 && gone(place - 1) {
                place -= 1;
            }
            let from = place.max(end.saturating_sub(places.len() + ATTEMPT_SLACK));
            let begin = (from..end).find(|at| alike(*at) && (*at == place || !word(at - 1)));
            let cells = begin.and_then(|begin| self.cells.get(begin..end)).unwrap_or_default();
            events.extend(cells.iter().flat_map(|cell| cell.made_by.iter().copied().chain(cell.deleted_by)));
            place = place.saturating_sub(1);
        }
        events
    }

    /// Whether character number `at` of `view` was deleted.
    pub(crate) fn is_gone(&self, view: &View, at: usize) -> bool {
        view.cells.get(at).and_then(|place| self.cells.get(*place)).is_some_and(|cell| cell.gone)
    }

    /// For the characters of `view` that were deleted: an event that made it, and the one that deleted it.
    pub(crate) fn deletions(&self, view: &View) -> Vec<(EventId, EventId)> {
        let cells = view.cells.iter().filter_map(|place| self.cells.get(*place));
        cells.filter_map(|cell| Some((*cell.made_by.first()?, cell.deleted_by?))).collect()
    }

    /// The character that this event put in last, if it did.
    pub(crate) fn inserted_by(&self, id: EventId) -> Option<char> {
        let behind = self.cells.get(self.caret.checked_sub(1)?)?;
        (behind.typed_at() == Some(id)).then_some(behind.ch)
    }

    /// The events that made the word that ends at the caret, and whether it is one of letters, with at most a sign at its end.
    pub(crate) fn word_at_caret(&self) -> (Vec<EventId>, bool) {
        let before = self.cells.get(self.floor..self.caret).unwrap_or_default().iter().rev();
        let word = || before.clone().filter(|cell| !cell.gone).take_while(|cell| !cell.ch.is_whitespace());
        let letters = word().skip_while(|cell| cell.ch.is_ascii_punctuation()).all(|cell| cell.ch.is_alphabetic());
        (word().flat_map(|cell| cell.made_by.iter().copied()).collect(), letters)
    }

    /// Whether something of unknown content was pasted, and may yet be told.
    pub(crate) fn awaits_paste(&self) -> bool {
        self.paste.is_some()
    }

    /// Nobody knows what happened to the field meanwhile.
    pub(crate) fn doubt(&mut self) {
        self.lose();
    }
}

impl Stroke {
    /// Whether it can only put a character in.
    pub(crate) fn is_insertion(&self) -> bool {
        matches!(self.logical, LogicalKey::Char(_)) && self.text().is_some()
    }
}
