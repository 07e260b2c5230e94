//! Where the caret goes, and where toolkits do not agree on it.

use super::field::Known;
use super::{Lines, TextField};

/// A way through the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    CharLeft,
    CharRight,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Start,
    End,
}

/// A line of so many characters is not broken on any screen.
const UNBROKEN_MAX: usize = 16;

/// Where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// To this place among the cells.
    To(usize),
    /// Nowhere: the field ends here.
    Edge,
    /// Out of the run that is known.
    Outside,
    /// Toolkits differ, or the place depends on what only the screen tells.
    Differs,
}

impl Motion {
    pub(super) fn is_back(self) -> bool {
        matches!(self, Self::CharLeft | Self::WordLeft | Self::LineStart | Self::Start)
    }
}

impl TextField {
    /// Where `motion` leads from the caret.
    pub(super) fn target(&self, motion: Motion) -> Step {
        if self.lines != Lines::Single && matches!(motion, Motion::LineStart | Motion::LineEnd) {
            return self.line_limit(motion);
        }
        if self.known == Known::CaretLost
            && !matches!(motion, Motion::LineStart | Motion::LineEnd | Motion::Start | Motion::End)
        {
            return Step::Differs;
        }
        match motion {
            Motion::CharLeft => self.char_left(self.caret),
            Motion::CharRight => self.char_right(self.caret),
            Motion::WordLeft => self.word_left(),
            Motion::WordRight => self.word_right(),
            Motion::LineStart | Motion::Start if self.text_known() => Step::To(0),
            Motion::LineEnd | Motion::End if self.text_known() => Step::To(self.cells.len()),
            Motion::LineStart | Motion::Start | Motion::LineEnd | Motion::End => Step::Outside,
        }
    }

    /// Where Home and End lead in a field of many lines: a long one is broken on the screen, and they stop there; and Home
    /// may stop behind blanks.
    fn line_limit(&self, motion: Motion) -> Step {
        if self.known != Known::Synced || self.lines != Lines::Multi {
            return Step::Differs;
        }
        let live = |place: &usize| self.cells.get(*place).is_some_and(super::Cell::is_live);
        let is_break = |place: usize| self.ch(place) == Some('\n');
        let start = (0..self.caret).rev().find(|place| is_break(*place)).map_or(0, |found| found + 1);
        let end = (self.caret..self.cells.len()).find(|place| is_break(*place)).unwrap_or(self.cells.len());
        let begun = start.checked_sub(1).and_then(|place| self.cells.get(place)).is_some_and(|cell| cell.begins_line);
        let blank = self.live_from(start).and_then(|place| self.ch(place)).is_some_and(char::is_whitespace);
        match motion {
            _ if begun || blank || (start..end).filter(live).count() > UNBROKEN_MAX => Step::Differs,
            Motion::LineStart => Step::To(start),
            _ => Step::To(end),
        }
    }

    /// Whether a line ends at `place`.
    pub(super) fn is_line_end(&self, place: usize) -> bool {
        self.live_from(place).is_none_or(|next| self.ch(next) == Some('\n'))
    }

    /// The next live cell from `place` on.
    pub(super) fn live_from(&self, place: usize) -> Option<usize> {
        let ahead = self.cells.iter().enumerate().skip(place);
        ahead.into_iter().find(|(_, cell)| cell.is_live()).map(|(found, _)| found)
    }

    /// The last live cell of the run before `place`.
    pub(super) fn live_behind(&self, place: usize) -> Option<usize> {
        let behind = self.cells.get(self.floor..place).unwrap_or_default();
        behind.iter().rposition(|cell| cell.is_live()).map(|found| self.floor + found)
    }

    /// The same place, past the tombstones there: what comes in follows what went before it.
    pub(super) fn settle(&self, place: usize) -> usize {
        self.live_from(place).unwrap_or(self.cells.len())
    }

    pub(super) fn live_before(&self, place: usize) -> usize {
        self.cells.iter().take(place).filter(|cell| cell.is_live()).count()
    }

    /// The place of the live character number `position`, or the end; nothing beyond it, nor behind a line whose beginning
    /// is unknown.
    pub(super) fn place_of(&self, position: usize) -> Option<usize> {
        let live = self.cells.iter().enumerate().skip(self.floor).filter(|(_, cell)| cell.is_live());
        let mut left = position;
        for (place, cell) in live {
            if left == 0 {
                return Some(place);
            }
            if cell.begins_line {
                return None;
            }
            left -= 1;
        }
        (left == 0).then_some(self.cells.len())
    }

    /// How many characters stand before `place`; nothing behind a line whose beginning is unknown.
    pub(super) fn position_of(&self, place: usize) -> Option<usize> {
        let before = || self.cells.iter().take(place).filter(|cell| cell.is_live());
        (!before().any(|cell| cell.begins_line)).then(|| before().count())
    }

    fn ch(&self, place: usize) -> Option<char> {
        self.cells.get(place).filter(|cell| cell.is_live()).map(|cell| cell.ch)
    }

    /// What is beyond the last known character.
    fn brink(&self) -> Step {
        if self.text_known() { Step::Edge } else { Step::Outside }
    }

    pub(super) fn char_left(&self, from: usize) -> Step {
        let Some(place) = self.live_behind(from) else { return self.brink() };
        let ahead = self.live_from(from).and_then(|place| self.ch(place));
        if self.stands_alone(place) && ahead.is_none_or(stands_alone) { Step::To(place) } else { Step::Differs }
    }

    pub(super) fn char_right(&self, from: usize) -> Step {
        let Some(place) = self.live_from(from) else { return self.brink() };
        let next = self.live_from(place + 1).and_then(|place| self.ch(place));
        if self.stands_alone(place) && next.is_none_or(stands_alone) { Step::To(place + 1) } else { Step::Differs }
    }

    fn stands_alone(&self, place: usize) -> bool {
        self.cells.get(place).is_some_and(|cell| cell.is_live() && stands_alone(cell.ch) && !cell.begins_line)
    }

    /// Back over blanks and one word. Every toolkit stops at the start of a plain word that follows a blank; at
    /// punctuation, digits beside letters, apostrophes and in scripts without blanks they differ.
    fn word_left(&self) -> Step {
        let mut place = self.caret;
        let mut behind = self.live_behind(place);
        let mut word = None;
        while let Some((at, c)) = behind.and_then(|at| Some((at, self.ch(at)?))) {
            match (WordClass::of(c), word) {
                (WordClass::Blank, None) => {}
                (WordClass::Blank, Some(_)) => return Step::To(place),
                (WordClass::Other, _) => return Step::Differs,
                (class, Some(word)) if class != word => return Step::Differs,
                (class, _) => word = Some(class),
            }
            place = at;
            behind = self.live_behind(place);
        }
        match (self.brink(), word) {
            (Step::Edge, _) if place < self.caret => Step::To(place),
            (brink, _) => brink,
        }
    }

    /// Ahead to a word's end, or the next one's start, as the platform has it: the same only in a field's last word.
    fn word_right(&self) -> Step {
        let mut word = None;
        for cell in self.cells.iter().skip(self.caret).filter(|cell| cell.is_live()) {
            match (WordClass::of(cell.ch), word) {
                (WordClass::Blank | WordClass::Other, _) => return Step::Differs,
                (class, Some(word)) if class != word => return Step::Differs,
                (class, _) => word = Some(class),
            }
        }
        match self.brink() {
            Step::Edge if word.is_some() => Step::To(self.cells.len()),
            brink => brink,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WordClass {
    Blank,
    Letter,
    Digit,
    Other,
}

impl WordClass {
    fn of(c: char) -> Self {
        match c {
            ' ' => Self::Blank,
            '0'..='9' => Self::Digit,
            c if c < '\u{530}' && c.is_alphabetic() && stands_alone(c) => Self::Letter,
            _ => Self::Other,
        }
    }
}

/// Whether a character is one step of the caret in every toolkit: none that combines with its neighbours, none written
/// from right to left, no emoji, of which some toolkits delete half. (Unicode blocks; what is not listed is not claimed.)
fn stands_alone(c: char) -> bool {
    matches!(c,
        ' '..='~'
        | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{2ff}'
        | '\u{370}'..='\u{482}' | '\u{48a}'..='\u{52f}'
        | '\u{1e00}'..='\u{1fff}'
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20bf}'
        | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\n' | '\t')
}
