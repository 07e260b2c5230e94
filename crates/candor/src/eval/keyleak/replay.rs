//! The attackers: three ways to read an outgoing stream as text.

use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, NamedKey};

/// Stands for a character that cannot be read: a shape, a surrogate, a gap.
pub(super) const UNREADABLE: char = '\u{fffc}';

/// A stream of events, read three ways.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Views {
    /// Every character in the order of its key.
    pub(super) printed: String,
    /// The text that stands in the end.
    pub(super) standing: String,
    /// The same, with what was deleted still in its place.
    pub(super) inlined: String,
}

impl Views {
    /// Reads `events`; `visible` says for each, by its number, whether its character may be read.
    pub(super) fn read<'a>(events: impl Iterator<Item = &'a Event>, visible: impl Fn(usize) -> bool) -> Self {
        let mut reader = Reader::default();
        for (number, event) in events.enumerate() {
            reader.take(event, visible(number));
        }
        let cells = || reader.cells.iter();
        Self {
            printed: reader.printed.iter().collect(),
            standing: cells().filter(|cell| !cell.deleted).map(|cell| cell.ch).collect(),
            inlined: cells().map(|cell| cell.ch).collect(),
        }
    }

    pub(super) fn all(&self) -> [&str; 3] {
        [&self.printed, &self.standing, &self.inlined]
    }
}

/// The text that an event shows.
pub(super) fn shown(event: &Event) -> Option<char> {
    match event.what {
        What::Key { press: Press::Down, key: Key::Text(c) } => Some(c),
        What::Key { press: Press::Down, key: Key::Shortcut { symbol, .. } } => Some(symbol),
        _ => None,
    }
}

/// A naive editor: one buffer, since fields have no names in what comes out.
#[derive(Default)]
struct Reader {
    printed: Vec<char>,
    cells: Vec<Seen>,
    /// The caret is before the cell with this number; deleted cells count.
    caret: usize,
    anchor: usize,
    shift: bool,
}

struct Seen {
    ch: char,
    deleted: bool,
}

impl Reader {
    fn take(&mut self, event: &Event, visible: bool) {
        match &event.what {
            What::Key { press: Press::Down, key: Key::Text(c) } if visible => {
                self.printed.push(*c);
                self.insert(*c);
            }
            What::Key { press: Press::Down, key: Key::Text(_) | Key::Shape(_) }
            | What::Surrogate { .. }
            | What::Gap => {
                self.printed.push(UNREADABLE);
                self.insert(UNREADABLE);
            }
            // A command is no text, but a letter in it can be read all the same.
            What::Key { press: Press::Down, key: Key::Shortcut { symbol, .. } } if visible => {
                self.printed.push(*symbol)
            }
            What::Key { press, key: Key::Named { name: NamedKey::Shift, .. } } => self.shift = *press == Press::Down,
            What::Key { press: Press::Down, key: Key::Named { name, .. } } => self.command(*name),
            _ => {}
        }
    }

    fn command(&mut self, name: NamedKey) {
        match name {
            NamedKey::Backspace if self.caret == self.anchor => {
                if let Some(at) = self.before(self.caret) {
                    self.delete(at..at + 1);
                }
            }
            NamedKey::Delete if self.caret == self.anchor => {
                if let Some(at) = self.after(self.caret) {
                    self.delete(at..at + 1);
                }
            }
            NamedKey::Backspace | NamedKey::Delete => self.delete(self.selection()),
            NamedKey::ArrowLeft => self.go(self.before(self.caret).unwrap_or(0)),
            NamedKey::ArrowRight => self.go(self.after(self.caret).map_or(self.cells.len(), |at| at + 1)),
            NamedKey::Home => self.go(0),
            NamedKey::End => self.go(self.cells.len()),
            NamedKey::Enter => self.insert('\n'),
            _ => {}
        }
    }

    fn insert(&mut self, ch: char) {
        self.delete(self.selection());
        self.cells.insert(self.caret, Seen { ch, deleted: false });
        self.caret += 1;
        self.anchor = self.caret;
    }

    fn delete(&mut self, range: std::ops::Range<usize>) {
        // What comes next stands after what was deleted here.
        self.caret = range.end;
        self.anchor = self.caret;
        for cell in self.cells.get_mut(range).unwrap_or_default() {
            cell.deleted = true;
        }
    }

    fn go(&mut self, to: usize) {
        self.caret = to;
        if !self.shift {
            self.anchor = to;
        }
    }

    fn selection(&self) -> std::ops::Range<usize> {
        self.caret.min(self.anchor)..self.caret.max(self.anchor)
    }

    fn before(&self, at: usize) -> Option<usize> {
        self.cells.get(..at)?.iter().rposition(|cell| !cell.deleted)
    }

    fn after(&self, at: usize) -> Option<usize> {
        let found = self.cells.get(at..)?.iter().position(|cell| !cell.deleted)?;
        Some(at + found)
    }
}

/// The longest stretch of `secret` that stands in `text`, unreadable characters aside; its length, and where it begins
/// in `secret`.
pub(super) fn longest_common(secret: &[char], text: &str) -> (usize, usize) {
    let mut best = (0, 0);
    let mut row = vec![0_usize; secret.len() + 1];
    for c in text.chars() {
        let mut diagonal = 0;
        for (at, (&mine, cell)) in secret.iter().zip(row.iter_mut().skip(1)).enumerate() {
            let length = if mine == c && c != UNREADABLE { diagonal + 1 } else { 0 };
            diagonal = std::mem::replace(cell, length);
            if length > best.0 {
                best = (length, at + 1 - length);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use candor_model::Actor;
    use candor_model::key::PhysicalKey;

    use super::*;

    fn event(key: Key) -> Event {
        Event { at: 0, actor: Actor::Human, what: What::Key { press: Press::Down, key } }
    }

    fn named(name: NamedKey) -> Event {
        event(Key::Named { physical: PhysicalKey(0), name })
    }

    #[test]
    fn a_deleted_character_is_read_in_two_of_three_ways() {
        let mut events: Vec<Event> = "abx".chars().map(|c| event(Key::Text(c))).collect();
        events.push(named(NamedKey::Backspace));
        events.push(event(Key::Text('c')));
        events.push(named(NamedKey::ArrowLeft));
        events.push(named(NamedKey::ArrowLeft));
        events.push(event(Key::Text('d')));
        let views = Views::read(events.iter(), |_| true);
        assert_eq!(views.all(), ["abxcd", "adbc", "adbxc"]);
        let nothing = Views::read(events.iter(), |_| false);
        assert!(nothing.all().iter().all(|view| view.chars().all(|c| c == UNREADABLE)));
    }

    #[test]
    fn the_longest_stretch_in_common_is_found() {
        let secret: Vec<char> = "4111222".chars().collect();
        assert_eq!(longest_common(&secret, "ab1112x"), (4, 1));
        assert_eq!(longest_common(&secret, "\u{fffc}\u{fffc}"), (0, 0));
    }
}
