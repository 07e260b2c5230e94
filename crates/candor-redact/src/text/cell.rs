//! A character with its history.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroize;

use super::EventId;

/// A character that is, or was, in the field.
///
/// Its character is wiped when it is dropped.
pub struct Cell {
    /// The character.
    pub ch: char,
    /// Every event that made it: dead keys, the keys of a compose sequence or an input method, the key; for pasted or
    /// yanked text also those that typed it first. Empty for text that no known event made.
    pub made_by: Makers,
    /// The event that deleted it, where one is known.
    pub deleted_by: Option<EventId>,
    /// Whether it is in the field no more.
    pub gone: bool,
    /// Which run it belongs to: within a run the order of the cells is the field's; where one run lies relative to
    /// another is not known.
    pub run: u32,
    /// A line break after which the application may have begun the line by itself: what it put there is unknown.
    pub(super) begins_line: bool,
}

impl Cell {
    pub(super) fn new(ch: char, made_by: Makers, run: u32) -> Self {
        Self { ch, made_by, deleted_by: None, gone: false, run, begins_line: false }
    }

    /// Whether it is in the field.
    pub fn is_live(&self) -> bool {
        !self.gone
    }

    /// The event that completed it; nothing for text that no known event made.
    pub fn typed_at(&self) -> Option<EventId> {
        self.made_by.iter().max().copied()
    }

    pub(super) fn delete(&mut self, by: Option<EventId>) {
        if !self.gone {
            self.gone = true;
            self.deleted_by = by;
        }
    }

    /// Takes its place elsewhere; what stays behind is wiped when it is dropped.
    pub(super) fn relocate(&mut self) -> Self {
        Self { ch: self.ch, made_by: std::mem::take(&mut self.made_by), ..*self }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell(..)")
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.ch.zeroize();
    }
}

/// A short list of events, most often of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Makers(List);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum List {
    #[default]
    None,
    One(EventId),
    Many(Box<[EventId]>),
}

impl Makers {
    /// Those in `before`, then `id`.
    pub(super) fn with(before: &[EventId], id: EventId) -> Self {
        if before.is_empty() {
            return Self(List::One(id));
        }
        let mut ids: Vec<EventId> = before.to_vec();
        if !ids.contains(&id) {
            ids.push(id);
        }
        Self(List::Many(ids.into()))
    }
}

impl Deref for Makers {
    type Target = [EventId];

    fn deref(&self) -> &[EventId] {
        match &self.0 {
            List::None => &[],
            List::One(id) => std::slice::from_ref(id),
            List::Many(ids) => ids,
        }
    }
}
