//! The field the typist looks at: what a toolkit does with each key.

use std::ops::Range;

use candor_redact::{ElementId, FieldText};

/// A text field, with the unit that made each character.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) element: ElementId,
    /// Whether Enter makes a new line here.
    pub(super) multi_line: bool,
    pub(super) cells: Vec<Cell>,
    pub(super) caret: usize,
    anchor: usize,
    /// Whether typing replaces what follows the caret.
    pub(super) overwrite: bool,
    /// Whether the source has told everything that happened here since it last told the content.
    pub(super) in_step: bool,
}

/// A character in a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) ch: char,
    pub(super) unit: usize,
}

impl Field {
    pub(super) const fn new(element: u64) -> Self {
        let element = ElementId(element);
        Self { element, multi_line: false, cells: Vec::new(), caret: 0, anchor: 0, overwrite: false, in_step: true }
    }

    /// Content, caret and selection, as a good source tells them.
    pub(super) fn told(&self) -> FieldText {
        FieldText { text: self.text(), caret: Some(self.caret), anchor: Some(self.anchor) }
    }

    pub(super) fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.ch).collect()
    }

    pub(super) fn insert(&mut self, cell: Cell) {
        let replaces = self.overwrite && self.selection().is_empty() && self.caret < self.cells.len();
        self.remove(self.selection());
        if replaces {
            self.remove(self.caret..self.caret + 1);
        }
        self.cells.insert(self.caret, cell);
        self.place(self.caret + 1, false);
    }

    pub(super) fn backspace(&mut self) {
        let selection = self.selection();
        let last = self.caret.saturating_sub(1)..self.caret;
        self.remove(if selection.is_empty() { last } else { selection });
    }

    pub(super) fn delete(&mut self) {
        let selection = self.selection();
        let next = self.caret..(self.caret + 1).min(self.cells.len());
        self.remove(if selection.is_empty() { next } else { selection });
    }

    pub(super) fn left(&mut self, extend: bool) {
        let selection = self.selection();
        let collapses = !extend && !selection.is_empty();
        self.place(if collapses { selection.start } else { self.caret.saturating_sub(1) }, extend);
    }

    pub(super) fn right(&mut self, extend: bool) {
        let selection = self.selection();
        let collapses = !extend && !selection.is_empty();
        self.place(if collapses { selection.end } else { self.caret + 1 }, extend);
    }

    pub(super) fn home(&mut self) {
        let before = self.cells.get(..self.caret).unwrap_or_default();
        self.place(before.iter().rposition(|cell| cell.ch == '\n').map_or(0, |at| at + 1), false);
    }

    pub(super) fn end(&mut self) {
        let after = self.cells.get(self.caret..).unwrap_or_default();
        let rest = after.iter().position(|cell| cell.ch == '\n').unwrap_or(after.len());
        self.place(self.caret + rest, false);
    }

    /// Puts the caret to `at`; with `extend` the selection's other end stays.
    pub(super) fn place(&mut self, at: usize, extend: bool) {
        self.caret = at.min(self.cells.len());
        if !extend {
            self.anchor = self.caret;
        }
    }

    pub(super) fn select(&mut self, range: Range<usize>) {
        self.anchor = range.start.min(self.cells.len());
        self.caret = range.end.min(self.cells.len());
    }

    pub(super) fn anchor(&self) -> usize {
        self.anchor
    }

    fn selection(&self) -> Range<usize> {
        self.caret.min(self.anchor)..self.caret.max(self.anchor)
    }

    fn remove(&mut self, range: Range<usize>) {
        let start = range.start;
        if range.end <= self.cells.len() {
            self.cells.drain(range);
        }
        self.place(start, false);
    }
}
