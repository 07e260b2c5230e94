//! The field as text, each character with the cell it comes from.

use zeroize::Zeroize;

use super::{Cell, TextField};

/// A rendering to scan. Its text is wiped when it is dropped and when it is filled anew.
#[derive(Default)]
pub struct View {
    /// The text.
    pub text: String,
    /// For each character of `text` the place of its cell in [`TextField::cells`].
    pub cells: Vec<usize>,
}

impl View {
    fn fill<'c>(&mut self, chars: usize, cells: impl Iterator<Item = (usize, &'c Cell)>) {
        self.text.zeroize();
        self.cells.clear();
        // Grown at once: a string that grows step by step leaves copies of itself behind.
        self.text.reserve_exact(chars.saturating_mul(4));
        for (place, cell) in cells {
            self.text.push(cell.ch);
            self.cells.push(place);
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl TextField {
    /// What is in the field, as far as the model knows.
    pub fn live(&self, out: &mut View) {
        let live = || self.cells().iter().enumerate().filter(|(_, cell)| cell.is_live());
        out.fill(live().count(), live());
    }

    /// The same with everything that was deleted, where it was.
    pub fn inlined(&self, out: &mut View) {
        out.fill(self.cells().len(), self.cells().iter().enumerate());
    }

    /// Everything that keys typed, in the order in which they did.
    pub fn printed(&self, out: &mut View) {
        let mut typed: Vec<_> = self.cells().iter().enumerate().filter(|(_, cell)| !cell.made_by.is_empty()).collect();
        // Cells of one event stay in field order: the sort is stable.
        typed.sort_by_key(|(_, cell)| cell.typed_at());
        out.fill(typed.len(), typed.into_iter());
    }
}
