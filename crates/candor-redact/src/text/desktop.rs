//! The bindings that GTK, Qt, Chromium, Firefox and Windows have in common.
//!
//! One exception is known and accepted: the oldest Windows edit control has no Ctrl+Backspace.

use candor_model::key::NamedKey as K;

use super::field::Known;
use super::motion::Motion;
use super::{Cell, Effect, EventId, Lines, Stroke, TextField};
use crate::raw::LogicalKey;

impl TextField {
    pub(super) fn desktop(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        match stroke.logical {
            LogicalKey::Named(name) => self.desktop_named(id, stroke, name),
            LogicalKey::Char(c) => self.desktop_shortcut(id, stroke, c),
            LogicalKey::Dead(_) | LogicalKey::Composing | LogicalKey::Unidentified => self.lose(),
        }
    }

    fn desktop_named(&mut self, id: EventId, stroke: &Stroke, name: K) -> Effect {
        let Stroke { shift, ctrl, .. } = *stroke;
        if stroke.alt || stroke.meta {
            return self.lose();
        }
        match name {
            K::ArrowLeft if ctrl => self.go(Motion::WordLeft, shift),
            K::ArrowLeft => self.go(Motion::CharLeft, shift),
            K::ArrowRight if ctrl => self.go(Motion::WordRight, shift),
            K::ArrowRight => self.go(Motion::CharRight, shift),
            K::Home if ctrl => self.go(Motion::Start, shift),
            K::Home => self.home(shift),
            K::End if ctrl => self.go(Motion::End, shift),
            K::End => match self.came_from.take() {
                Some(place) if !shift => self.place(place, None),
                _ => self.go(Motion::LineEnd, shift),
            },
            // Browsers go to an end of a one-line field, GTK leaves it, and a wrapped line is known to the screen only.
            K::ArrowUp | K::ArrowDown | K::PageUp | K::PageDown => {
                self.everything = false;
                self.caret_lost()
            }
            K::Backspace if ctrl && shift => self.lose(),
            // GTK's text view deletes the word with what is selected, others only that.
            K::Backspace | K::Delete if ctrl && (self.everything || self.selection().is_some()) => self.lose(),
            K::Backspace if ctrl => self.delete_to(Motion::WordLeft, id),
            K::Backspace => self.delete_to(Motion::CharLeft, id),
            K::Delete if ctrl && shift => self.lose(),
            K::Delete if ctrl => self.delete_to(Motion::WordRight, id),
            K::Delete if shift => self.cut(id),
            K::Delete => self.delete_to(Motion::CharRight, id),
            K::Cut => self.cut(id),
            K::Copy => self.keep_copy(),
            K::Insert if ctrl && !shift => self.keep_copy(),
            K::Paste => self.paste_own(id),
            K::Insert if shift && !ctrl => self.paste_own(id),
            K::Enter => self.desktop_enter(id, stroke),
            K::Tab => self.desktop_tab(id, stroke),
            // Overwriting in some toolkits, nothing in others; undone text; a closed list; a menu that takes the keys.
            K::Insert | K::Undo | K::Redo | K::Escape | K::ContextMenu => self.lose(),
            K::Convert | K::NonConvert | K::KanaMode => self.lose(),
            _ => Effect::Nothing,
        }
    }

    fn desktop_shortcut(&mut self, id: EventId, stroke: &Stroke, c: char) -> Effect {
        // Alt opens a menu, or types a code, or the third level of a Mac's keyboard: it may have been text.
        if !stroke.ctrl && !stroke.meta {
            self.typed(id, c);
            return self.lose();
        }
        if stroke.alt || stroke.meta || stroke.shift {
            return self.lose();
        }
        match c.to_ascii_lowercase() {
            'a' => self.select_all(),
            'c' => self.keep_copy(),
            'x' => self.cut(id),
            'v' => self.paste_own(id),
            // Saving leaves the text alone.
            's' => Effect::Nothing,
            _ => self.lose(),
        }
    }

    fn home(&mut self, select: bool) -> Effect {
        let end = (self.known == Known::Synced && !select && self.is_line_end(self.caret)).then_some(self.caret);
        let effect = self.go(Motion::LineStart, select);
        if self.known == Known::CaretLost {
            self.came_from = end;
        }
        effect
    }

    fn desktop_enter(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        match self.lines {
            Lines::Multi if !stroke.ctrl => {
                // Editors for code and lists begin the next line as this one began: blanks, or the sign of an item. What is
                // typed behind them is known; the way back over them is not.
                let indents = self.line_is_indented_or_listed() || self.line_was_begun();
                self.replace_selection(id);
                self.insert(id, '\n');
                if let Some(cell) = self.caret.checked_sub(1).and_then(|place| self.cells.get_mut(place)) {
                    cell.begins_line = indents;
                }
                Effect::Inserted
            }
            Lines::Unknown => {
                self.replace_selection(id);
                self.insert(id, '\n');
                self.begin_run();
                Effect::Submitted
            }
            // It may be emptied, or stay as it is.
            Lines::Single | Lines::Multi => {
                self.begin_run();
                Effect::Submitted
            }
        }
    }

    fn desktop_tab(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        if stroke.ctrl || self.lines == Lines::Single || stroke.shift {
            self.begin_run();
            return Effect::Submitted;
        }
        // A text view takes it as text, a browser leaves the field.
        self.replace_selection(id);
        self.insert(id, '\t');
        self.lose()
    }

    /// Whether the caret's line begins with a blank, or as an item of a list or a quotation does: `- `, `* `, `1. `, `> `.
    fn line_is_indented_or_listed(&self) -> bool {
        let before = self.cells.get(..self.caret).unwrap_or_default().iter().filter(|cell| cell.is_live());
        let line: Vec<&Cell> = before.rev().take_while(|cell| cell.ch != '\n').collect();
        let line = line.iter().rev().map(|cell| cell.ch);
        let digits = line.clone().take_while(char::is_ascii_digit).count();
        let mut rest = line.skip(digits);
        match rest.next() {
            Some(c) if digits == 0 && c.is_whitespace() => true,
            Some('-' | '*' | '+' | '>' | '\u{2022}') if digits == 0 => rest.next().is_some_and(char::is_whitespace),
            Some('.' | ')') => (1..=3).contains(&digits) && rest.next().is_some_and(char::is_whitespace),
            _ => false,
        }
    }

    /// Whether the application may have begun the caret's line by itself.
    fn line_was_begun(&self) -> bool {
        let before = self.cells.get(..self.caret).unwrap_or_default().iter().filter(|cell| cell.is_live());
        before.rev().find(|cell| cell.ch == '\n').is_some_and(|cell| cell.begins_line)
    }

    fn keep_copy(&mut self) -> Effect {
        if self.everything {
            self.clipboard = None;
        } else if self.known == Known::Synced {
            if let Some((from, to)) = self.selection() {
                self.clipboard = Some(self.copy(from, to));
            }
        } else {
            self.clipboard = None;
        }
        Effect::Nothing
    }

    fn cut(&mut self, id: EventId) -> Effect {
        self.keep_copy();
        if self.replace_selection(id) {
            return Effect::Deleted;
        }
        match self.known {
            Known::Synced => Effect::Nothing,
            // A selection made with the pointer may have gone.
            Known::CaretLost | Known::Inferred | Known::Unknown => {
                self.begin_run();
                Effect::Deleted
            }
        }
    }

    /// Pastes what this session cut or copied; another program may have changed it since.
    fn paste_own(&mut self, id: EventId) -> Effect {
        let (known, caret) = (self.known, self.caret);
        let Some(clipboard) = self.clipboard.take() else {
            // What was selected goes when the source tells so; otherwise nobody knows what stands there now.
            self.lose();
            self.paste = Some((id, known, caret));
            return Effect::Lost;
        };
        self.replace_selection(id);
        self.insert_copy(id, &clipboard);
        self.clipboard = Some(clipboard);
        self.known = self.known.at_most_inferred();
        Effect::Inserted
    }
}
