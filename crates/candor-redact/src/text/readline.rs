//! GNU readline with its default (Emacs) bindings, as bash has it: "Bindable Readline Commands" in its manual.

use candor_model::key::NamedKey as K;

use super::field::Known;
use super::motion::{Motion, Step};
use super::{Effect, EventId, Makers, Stroke, TextField};
use crate::raw::LogicalKey;

/// What counts as a word for a command.
#[derive(Clone, Copy)]
enum Word {
    /// Letters and digits.
    Alphanumeric,
    /// All but blanks.
    NonBlank,
}

impl Word {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Alphanumeric => c.is_alphanumeric(),
            Self::NonBlank => !c.is_whitespace(),
        }
    }
}

impl TextField {
    pub(super) fn readline(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        let joins = std::mem::take(&mut self.kill.joins);
        let Stroke { shift, ctrl, alt, meta, .. } = *stroke;
        match stroke.logical {
            _ if meta => self.lose(),
            LogicalKey::Char(c) if ctrl && !alt && !shift => self.readline_control(id, c.to_ascii_lowercase(), joins),
            LogicalKey::Char(c) if alt && !ctrl => self.readline_meta(id, c, joins),
            LogicalKey::Named(K::Backspace) if alt && !ctrl && !shift => {
                self.kill_word_back(id, Word::Alphanumeric, joins)
            }
            LogicalKey::Named(name) if !ctrl && !alt && !shift => self.readline_named(id, name),
            LogicalKey::Named(K::Backspace) if shift && !ctrl && !alt => self.delete_to(Motion::CharLeft, id),
            _ => self.lose(),
        }
    }

    fn readline_named(&mut self, id: EventId, name: K) -> Effect {
        match name {
            K::ArrowLeft => self.go(Motion::CharLeft, false),
            K::ArrowRight => self.go(Motion::CharRight, false),
            K::Home => self.go_end(0),
            K::End => self.go_end(usize::MAX),
            K::Backspace => self.delete_to(Motion::CharLeft, id),
            K::Delete => self.delete_to(Motion::CharRight, id),
            // What runs now may read the keys; the source names the next prompt.
            K::Enter => {
                self.lose();
                Effect::Submitted
            }
            // History, completion, and whatever a terminal makes of the others.
            _ => self.lose(),
        }
    }

    fn readline_control(&mut self, id: EventId, c: char, joins: bool) -> Effect {
        match c {
            'a' => self.go_end(0),
            'e' => self.go_end(usize::MAX),
            'b' => self.go(Motion::CharLeft, false),
            'f' => self.go(Motion::CharRight, false),
            'h' => self.delete_to(Motion::CharLeft, id),
            // On an empty line it ends the shell.
            'd' if self.cells.iter().any(super::Cell::is_live) => self.delete_to(Motion::CharRight, id),
            'k' => self.kill_to(id, usize::MAX, joins),
            'u' => self.kill_to(id, 0, joins),
            'w' => self.kill_word_back(id, Word::NonBlank, joins),
            'y' => self.yank(id),
            't' => self.transpose(id),
            'l' => Effect::Nothing,
            _ => self.lose(),
        }
    }

    fn readline_meta(&mut self, id: EventId, c: char, joins: bool) -> Effect {
        match c.to_ascii_lowercase() {
            'b' => match self.word_back(Word::Alphanumeric) {
                Step::To(place) => self.go_place(place),
                Step::Edge => Effect::Moved,
                Step::Outside | Step::Differs => self.caret_lost(),
            },
            'f' => match self.word_ahead() {
                Step::To(place) => self.go_place(place),
                Step::Edge => Effect::Moved,
                Step::Outside | Step::Differs => self.caret_lost(),
            },
            'd' => match self.word_ahead() {
                Step::To(place) => self.kill(id, self.caret, place, joins),
                Step::Edge => Effect::Nothing,
                Step::Outside | Step::Differs => self.lose(),
            },
            // A command that is not followed, or the third level of a Mac's keyboard.
            _ => {
                self.insert(id, c);
                self.lose()
            }
        }
    }

    fn go_end(&mut self, end: usize) -> Effect {
        if !self.text_known() {
            return self.caret_lost();
        }
        self.known = Known::Synced;
        self.go_place(end.min(self.cells.len()))
    }

    fn go_place(&mut self, place: usize) -> Effect {
        self.caret = self.settle(place);
        Effect::Moved
    }

    fn kill_to(&mut self, id: EventId, end: usize, joins: bool) -> Effect {
        if self.known != Known::Synced {
            return self.lose();
        }
        let end = end.min(self.cells.len());
        self.kill(id, self.caret.min(end), self.caret.max(end), joins)
    }

    fn kill_word_back(&mut self, id: EventId, word: Word, joins: bool) -> Effect {
        match self.word_back(word) {
            Step::To(place) => self.kill(id, place, self.caret, joins),
            Step::Edge => Effect::Nothing,
            Step::Outside | Step::Differs => self.lose(),
        }
    }

    /// Kills in between; kills in a row add up.
    fn kill(&mut self, id: EventId, from: usize, to: usize, joins: bool) -> Effect {
        let killed = self.copy(from, to);
        if killed.0.is_empty() {
            return Effect::Nothing;
        }
        let old = std::mem::take(&mut self.kill.text);
        self.kill.text = match (joins, to <= self.caret) {
            (false, _) => killed,
            (true, true) => killed.followed_by(old),
            (true, false) => old.followed_by(killed),
        };
        self.kill.joins = true;
        self.delete(from, to, id);
        Effect::Deleted
    }

    fn yank(&mut self, id: EventId) -> Effect {
        let text = std::mem::take(&mut self.kill.text);
        // Killed before this field was, perhaps.
        if text.0.is_empty() || self.known != Known::Synced {
            return self.lose();
        }
        self.insert_copy(id, &text);
        self.kill.text = text;
        Effect::Inserted
    }

    /// Swaps the characters before and at the caret, at the end the last two, and steps over them.
    fn transpose(&mut self, id: EventId) -> Effect {
        if self.known != Known::Synced {
            return self.lose();
        }
        let second = self.live_from(self.caret).or_else(|| self.live_behind(self.caret));
        let first = second.and_then(|second| self.live_behind(second));
        let (Some(first), Some(second)) = (first, second) else { return Effect::Nothing };
        if self.char_left(self.caret) == Step::Differs || self.char_right(first) == Step::Differs {
            return self.lose();
        }
        let (left, right) = (self.copy(first, first + 1), self.copy(second, second + 1));
        self.delete(first, second + 1, id);
        for cell in right.0.iter().chain(&left.0) {
            self.insert_made(cell.ch, Makers::with(&cell.made_by, id));
        }
        Effect::Inserted
    }

    fn word_back(&self, word: Word) -> Step {
        if self.known == Known::CaretLost {
            return Step::Differs;
        }
        let (mut place, mut inside) = (self.caret, false);
        loop {
            match self.char_left(place) {
                Step::To(at) => {
                    let holds = self.cells.get(at).is_some_and(|cell| word.holds(cell.ch));
                    if inside && !holds {
                        return Step::To(place);
                    }
                    inside |= holds;
                    place = at;
                }
                Step::Edge if place < self.caret => return Step::To(place),
                other => return other,
            }
        }
    }

    fn word_ahead(&self) -> Step {
        if self.known == Known::CaretLost {
            return Step::Differs;
        }
        let (mut place, mut inside) = (self.caret, false);
        loop {
            match self.char_right(place) {
                Step::To(next) => {
                    let holds = next
                        .checked_sub(1)
                        .and_then(|at| self.cells.get(at))
                        .is_some_and(|cell| cell.ch.is_alphanumeric());
                    if inside && !holds {
                        return Step::To(place);
                    }
                    inside |= holds;
                    place = next;
                }
                Step::Edge if place > self.caret => return Step::To(place),
                other => return other,
            }
        }
    }
}
