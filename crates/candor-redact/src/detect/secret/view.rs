//! A text as one decision sees it.

use std::cell::Cell;

/// How far past its trigger a decision may look, in bytes. What is longer is one token, which no decision cuts.
pub(super) const REACH: usize = 1024;

/// A text, and whether a decision about it asked for more than there is.
///
/// INVARIANT (settled): a decision reads what follows its trigger only through [`View::at`] and what is built on it. One that
/// never asked for a byte past the end decides the same however the text goes on.
pub(super) struct View<'t> {
    text: &'t str,
    stop: usize,
    open: Cell<bool>,
}

impl<'t> View<'t> {
    /// Sees `reach` bytes past `trigger`.
    pub(super) fn reaching(text: &'t str, trigger: usize, reach: usize) -> Self {
        Self { text, stop: trigger.saturating_add(reach), open: Cell::new(false) }
    }

    /// Whether the decision may change when the text goes on.
    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// The byte at `i`; nothing past the end or out of reach.
    pub(super) fn at(&self, i: usize) -> Option<u8> {
        if i >= self.stop {
            return None;
        }
        let byte = self.text.as_bytes().get(i).copied();
        if byte.is_none() {
            self.open.set(true);
        }
        byte
    }

    /// The byte before `i`. Looking back never leaves a decision open.
    pub(super) fn before(&self, i: usize) -> Option<u8> {
        i.checked_sub(1).and_then(|i| self.text.as_bytes().get(i).copied())
    }

    /// Where the run of `class` that begins at `i` ends.
    pub(super) fn run(&self, mut i: usize, class: impl Fn(u8) -> bool) -> usize {
        while self.at(i).is_some_and(&class) {
            i += 1;
        }
        i
    }

    /// Where the run of `class` that ends at `i` begins, at most `max` bytes back.
    pub(super) fn back(&self, end: usize, max: usize, class: impl Fn(u8) -> bool) -> usize {
        let mut i = end;
        while end - i < max && self.before(i).is_some_and(&class) {
            i -= 1;
        }
        i
    }

    /// Whether `literal` stands at `i`, in any case.
    pub(super) fn has(&self, i: usize, literal: &str) -> bool {
        literal.bytes().enumerate().all(|(n, byte)| self.at(i + n).is_some_and(|at| at.eq_ignore_ascii_case(&byte)))
    }

    /// The text between two places that were already read.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(self.floor(start)..self.floor(end)).unwrap_or_default()
    }

    /// The nearest place between characters at or before `i`.
    pub(super) fn floor(&self, i: usize) -> usize {
        floor(self.text, i)
    }
}

/// The nearest place between characters at or before `i`.
pub(super) fn floor(text: &str, i: usize) -> usize {
    text.floor_char_boundary(i)
}

/// Space within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Space of any kind.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Part of a word of any language: bytes of other scripts count as letters.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Part of a name in code or configuration.
pub(super) fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}
