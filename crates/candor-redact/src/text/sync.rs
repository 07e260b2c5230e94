//! What a source tells of the field beside its keys, and how the model is brought in step with it.

use std::collections::HashMap;

use super::field::{Clipboard, Known};
use super::{CELLS_MAX, Cell, EventId, Makers, TextField};
use crate::raw::FieldText;

/// How many characters one observation may put into the model. More is no typing.
const TOLD_MAX: usize = CELLS_MAX / 4;

impl Known {
    /// As good, but no longer certain.
    pub(super) fn at_most_inferred(self) -> Self {
        match self {
            Self::Synced | Self::CaretLost | Self::Inferred => Self::Inferred,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl Clipboard {
    pub(super) fn followed_by(mut self, mut other: Self) -> Self {
        let mut cells = Vec::with_capacity(self.0.len() + other.0.len());
        cells.extend(self.0.iter_mut().chain(&mut other.0).map(Cell::relocate));
        Self(cells)
    }
}

impl TextField {
    /// An input method or a compose sequence put `text` in at the caret.
    pub fn committed(&mut self, id: EventId, text: &str) {
        (self.paste, self.came_from) = (None, None);
        self.kill.joins = false;
        let makers = self.makers(id);
        self.replace_selection(id);
        self.insert_told(text, &makers);
        if text.chars().nth(TOLD_MAX).is_some() {
            self.lose();
        }
        self.bound();
    }

    /// At `start` (characters from the field's start) `removed` characters gave way to `inserted`.
    pub fn edited(&mut self, id: EventId, start: usize, removed: usize, inserted: &str) {
        (self.kill.joins, self.came_from) = (false, None);
        let paste = self.paste.take();
        if let Some((_, known @ (Known::Synced | Known::CaretLost), caret)) = paste {
            // The paste is told: what was known before it holds again.
            self.known = known;
            (self.floor, self.caret, self.anchor) = (0, self.settle(caret), None);
        }
        let makers = match paste {
            Some((pasted, ..)) => Makers::with(&[pasted], id),
            None => self.makers(id),
        };
        let range = self
            .text_known()
            .then(|| Some((self.place_of(start)?, self.place_of(start.checked_add(removed)?)?)))
            .flatten();
        let long = inserted.chars().nth(TOLD_MAX).is_some();
        match range {
            Some((from, to)) if !long => self.splice(id, (from, to), inserted, &makers),
            // Told of a text that the model does not hold.
            _ => {
                self.lose();
                self.insert_told(inserted, &makers);
                self.begin_run();
            }
        }
        self.bound();
    }

    /// Puts in at most [`TOLD_MAX`] characters at the caret, all made by the same.
    fn insert_told(&mut self, text: &str, makers: &Makers) {
        self.insert_all(text.chars().take(TOLD_MAX).count(), text.chars().map(|ch| (ch, makers.clone())));
    }

    fn splice(&mut self, id: EventId, (from, to): (usize, usize), inserted: &str, makers: &Makers) {
        let known = self.known;
        // A caret behind the change keeps its text; one inside or at it goes to the new text's end.
        let behind = (self.caret > to).then(|| self.cells.len() - self.caret);
        self.known = Known::Synced;
        self.delete(from, to, id);
        self.insert_told(inserted, makers);
        if let Some(behind) = behind {
            self.caret = self.settle(self.cells.len() - behind);
        }
        // Where nobody knew the caret, a change elsewhere does not tell it.
        self.known = known;
    }

    /// The caret is at `at`, the selection's other end at `anchor`, in characters from the field's start.
    pub fn caret(&mut self, at: usize, anchor: usize) {
        (self.paste, self.came_from) = (None, None);
        self.everything = false;
        if self.known == Known::Synced && at == self.live_before(self.caret) {
            // Where the model expected it: nothing came in that it does not know.
            self.cells.iter_mut().for_each(|cell| cell.begins_line = false);
        }
        let local = |field: &Self, position: usize| field.place_of(position.checked_sub(field.origin?)?);
        if self.text_known() {
            self.origin = Some(0);
        } else if self.origin.is_none() {
            if self.floor < self.cells.len() {
                self.begin_run();
            }
            self.origin = Some(at);
        }
        match (local(self, at), local(self, anchor)) {
            (Some(caret), Some(anchor)) => {
                if self.live_before(caret) != self.live_before(self.caret) {
                    self.kill.joins = false;
                }
                self.caret = caret;
                self.anchor = (anchor != caret).then_some(anchor);
                if self.known == Known::CaretLost {
                    self.known = Known::Synced;
                }
            }
            _ if self.text_known() => {
                self.lose();
            }
            _ => {
                self.begin_run();
                self.origin = Some(at);
            }
        }
    }

    /// The field holds `value`: what the model held and is not there becomes tombstones, what is there and was not typed
    /// comes in without makers.
    pub fn value(&mut self, value: &FieldText) {
        (self.paste, self.came_from) = (None, None);
        self.everything = false;
        if value.text.chars().nth(CELLS_MAX / 2).is_some() {
            // Too long to hold: what is typed from here on is known by itself.
            self.known = Known::Inferred;
            self.begin_run();
            return;
        }
        let caret = match self.known {
            Known::Synced => Some(self.live_before(self.caret)),
            Known::CaretLost | Known::Inferred | Known::Unknown => None,
        };
        let changed = self.align(&value.text);
        // Read from the field, their order is certain again.
        self.cells.iter_mut().for_each(|cell| (cell.run, cell.begins_line) = (self.run, false));
        (self.floor, self.origin, self.anchor) = (0, Some(0), None);
        let told = value.caret.or(caret.filter(|_| !changed));
        match told.and_then(|caret| self.place_of(caret)) {
            Some(caret) => {
                self.known = Known::Synced;
                self.caret = caret;
                let anchor = value.anchor.and_then(|anchor| self.place_of(anchor));
                self.anchor = anchor.filter(|anchor| *anchor != caret);
            }
            None => {
                self.known = Known::CaretLost;
                self.caret = self.cells.len();
            }
        }
        self.bound();
    }

    /// Makes the live text `text`; whether it was another.
    fn align(&mut self, text: &str) -> bool {
        self.floor = 0;
        let live: Vec<usize> =
            self.cells.iter().enumerate().filter(|(_, cell)| cell.is_live()).map(|(place, _)| place).collect();
        let old = |place: &usize| self.cells.get(*place).map(|cell| cell.ch);
        let new = text.chars().count();
        let head = live.iter().zip(text.chars()).take_while(|(place, ch)| old(place) == Some(*ch)).count();
        let rest = live.len().min(new) - head;
        let back = live.iter().rev().zip(text.chars().rev()).take(rest);
        let tail = back.take_while(|(place, ch)| old(place) == Some(*ch)).count();
        if head + tail == live.len() && head + tail == new {
            return false;
        }
        let went = live.get(head..live.len() - tail).unwrap_or_default();
        let mut twins = self.twins(went);
        for place in went {
            if let Some(cell) = self.cells.get_mut(*place) {
                cell.delete(None);
            }
        }
        self.caret = went.last().map(|place| place + 1).or_else(|| live.get(head).copied()).unwrap_or(self.cells.len());
        self.known = Known::Synced;
        let mut made_by = |ch| twins.get_mut(&ch).and_then(Vec::pop).unwrap_or_default();
        self.insert_all(new - head - tail, text.chars().skip(head).map(|ch| (ch, made_by(ch))));
        true
    }

    /// The makers of what a key typed and that is no longer there, by character: where the same character turns up
    /// elsewhere in the field it may be that one, put back or corrected, and redacting it has to find its events.
    fn twins(&self, went: &[usize]) -> HashMap<char, Vec<Makers>> {
        let gone = self.cells.iter().filter(|cell| !cell.is_live());
        let went = went.iter().rev().filter_map(|place| self.cells.get(*place));
        let mut twins: HashMap<char, Vec<Makers>> = HashMap::new();
        for cell in gone.chain(went).filter(|cell| !cell.made_by.is_empty()) {
            twins.entry(cell.ch).or_default().push(cell.made_by.clone());
        }
        twins
    }
}
