//! What edits do to the cells.

use super::field::{Clipboard, Known};
use super::motion::{Motion, Step};
use super::{Cell, Effect, EventId, Makers, TextField};

/// An iterator of known length.
struct Counted<I> {
    rest: I,
    left: usize,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.left = self.left.checked_sub(1)?;
        self.rest.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl TextField {
    /// Puts a character in at the caret.
    pub(super) fn insert(&mut self, id: EventId, ch: char) {
        let makers = self.makers(id);
        self.insert_made(ch, makers);
    }

    pub(super) fn insert_made(&mut self, ch: char, makers: Makers) {
        if self.known == Known::CaretLost {
            self.begin_run();
        }
        self.grow(1);
        let place = self.settle(self.caret);
        self.cells.insert(place, Cell::new(ch, makers, self.run));
        self.caret = place + 1;
    }

    /// Puts `count` characters in at the caret, each with what made it.
    pub(super) fn insert_all(&mut self, count: usize, text: impl Iterator<Item = (char, Makers)>) {
        if self.known == Known::CaretLost {
            self.begin_run();
        }
        self.grow(count);
        let (place, run) = (self.settle(self.caret), self.run);
        // Of a known length they go to their place at once, and nowhere else in memory.
        let cells = Counted { rest: text.map(|(ch, makers)| Cell::new(ch, makers, run)), left: count };
        self.cells.splice(place..place, cells);
        self.caret = place + count;
    }

    /// Puts text in again that events made before; `id` is what did it.
    pub(super) fn insert_copy(&mut self, id: EventId, text: &Clipboard) {
        self.insert_all(text.0.len(), text.0.iter().map(|cell| (cell.ch, Makers::with(&cell.made_by, id))));
    }

    /// Makes tombstones of the live cells from `from` to before `to`; the caret is where they were.
    pub(super) fn delete(&mut self, from: usize, to: usize, id: EventId) {
        for cell in self.cells.get_mut(from..to).unwrap_or_default() {
            cell.delete(Some(id));
        }
        self.caret = self.settle(to);
        self.anchor = None;
    }

    /// The selection's ends among the cells, if anything is selected.
    pub(super) fn selection(&self) -> Option<(usize, usize)> {
        let anchor = self.anchor.filter(|anchor| *anchor != self.caret)?;
        Some((anchor.min(self.caret), anchor.max(self.caret)))
    }

    /// What is selected goes, as it does before anything comes in its place. Whether anything went.
    pub(super) fn replace_selection(&mut self, id: EventId) -> bool {
        if std::mem::take(&mut self.everything) {
            self.delete(0, self.cells.len(), id);
            self.begin_run();
            return true;
        }
        let selection = self.selection();
        if let Some((from, to)) = selection {
            self.delete(from, to, id);
        }
        self.anchor = None;
        selection.is_some()
    }

    /// Moves the caret, with `select` holding on to where the selection began.
    pub(super) fn go(&mut self, motion: Motion, select: bool) -> Effect {
        if std::mem::take(&mut self.everything) {
            return self.caret_lost();
        }
        if !select && let Some((from, to)) = self.selection() {
            match motion {
                Motion::CharLeft => return self.place(from, None),
                Motion::CharRight => return self.place(to, None),
                // GTK goes to the selection's end, others go on from the caret.
                Motion::WordLeft | Motion::WordRight => return self.caret_lost(),
                Motion::LineStart | Motion::LineEnd | Motion::Start | Motion::End => {}
            }
        }
        // A selection that begins at an unknown place is as unknown.
        if select && self.known == Known::CaretLost {
            return Effect::Selected;
        }
        let anchor = select.then(|| self.anchor.unwrap_or(self.caret));
        match self.target(motion) {
            Step::To(place) => self.place(place, anchor),
            Step::Edge if select => Effect::Selected,
            Step::Edge => {
                self.anchor = None;
                Effect::Moved
            }
            Step::Outside | Step::Differs => self.caret_lost(),
        }
    }

    pub(super) fn place(&mut self, place: usize, anchor: Option<usize>) -> Effect {
        self.came_from = None;
        self.caret = self.settle(place);
        self.anchor = anchor.filter(|anchor| *anchor != self.caret);
        if self.known == Known::CaretLost {
            self.known = Known::Synced;
        }
        if anchor.is_some() { Effect::Selected } else { Effect::Moved }
    }

    /// Deletes from the caret to where `motion` leads, or what is selected.
    pub(super) fn delete_to(&mut self, motion: Motion, id: EventId) -> Effect {
        if self.replace_selection(id) {
            return Effect::Deleted;
        }
        if self.known == Known::CaretLost {
            self.begin_run();
            return Effect::Deleted;
        }
        match self.target(motion) {
            Step::To(place) => {
                self.delete(place.min(self.caret), place.max(self.caret), id);
                Effect::Deleted
            }
            Step::Edge => Effect::Nothing,
            // It reaches out of what is known: all in between went with it.
            Step::Outside => {
                let (from, to) =
                    if motion.is_back() { (self.floor, self.caret) } else { (self.caret, self.cells.len()) };
                self.delete(from, to, id);
                self.begin_run();
                Effect::Deleted
            }
            Step::Differs => self.lose(),
        }
    }

    /// Selects all there is.
    pub(super) fn select_all(&mut self) -> Effect {
        if self.text_known() {
            self.known = Known::Synced;
            self.caret = self.cells.len();
            let start = self.settle(0);
            self.anchor = Some(start).filter(|start| *start != self.caret);
            self.either_end = self.anchor.is_some();
        } else {
            self.everything = true;
            self.anchor = None;
        }
        Effect::Selected
    }

    /// A copy of the live cells in between.
    pub(super) fn copy(&self, from: usize, to: usize) -> Clipboard {
        let cells = self.cells.get(from..to).unwrap_or_default().iter().filter(|cell| cell.is_live());
        Clipboard(cells.map(|cell| Cell::new(cell.ch, cell.made_by.clone(), 0)).collect())
    }
}
