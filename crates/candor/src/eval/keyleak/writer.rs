//! Types a labelled text the way people do, and writes down what was really typed.

use std::ops::Range;

use candor_redact::Observed;

use super::field::Field;
use super::layout::Layout;
use super::random::Random;
use super::rhythm::Rhythm;
use super::scenario::{Scenario, plan};
use super::truth::{By, Mark, Origin, Session, Span};
use super::typist::{CHAT, EDITOR, OFFICE, Typist};
use super::values;

/// A character and what it belongs to.
type Script = [(char, Mark)];

/// What the typist is given.
pub(super) struct Task<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Its marked stretches, in bytes and in order, with their types, and whether the detectors cover them.
    pub(super) spans: Vec<(Range<usize>, &'a str, bool)>,
    /// Values of other texts, with their types, to be typed and deleted.
    pub(super) pool: &'a [(String, String)],
    /// Slips a character.
    pub(super) typo_rate: f64,
    /// Whether things happen that the source does not tell.
    pub(super) out_of_step: bool,
    /// Which secrets go into password fields, and how they are typed: all else is the same in every variant.
    pub(super) secrets: u64,
}

/// Types a text.
pub(super) fn sit(task: &Task<'_>, rhythm: &Rhythm, mut random: Random) -> Session {
    let layout = random.pick(&Layout::ALL).copied().unwrap_or(Layout::Us);
    let mut typist = Typist::new(random, layout, rhythm);
    typist.first.multi_line = task.text.contains('\n');
    let mut writer = Writer { typist, task, late: Vec::new(), second: Vec::new(), floor: 0 };
    writer.write();
    writer.leave()
}

struct Writer<'a> {
    typist: Typist<'a>,
    task: &'a Task<'a>,
    late: Vec<Late>,
    /// What is still to be typed into a second field.
    second: Vec<(char, Mark)>,
    /// From where on the text was typed straight on, so that its last characters are the field's last.
    floor: usize,
}

/// What is put right in the end: the unit it concerns.
enum Late {
    Replace(usize, (char, Mark)),
    InsertAfter(usize, (char, Mark)),
    Remove(usize),
}

impl Writer<'_> {
    fn write(&mut self) {
        let script = self.script();
        let plan = plan(&script, self.task.out_of_step, &mut self.typist.random);
        self.typist.window(EDITOR);
        self.typist.tell_field();
        let mut at = 0;
        for (stop, scenario) in plan {
            if stop < at {
                continue;
            }
            self.run(script.get(at..stop).unwrap_or_default());
            at = self.play(scenario, &script, stop);
        }
        self.run(script.get(at..).unwrap_or_default());
        // A value that was never finished is no span that anybody could find.
        while !self.second.is_empty() {
            self.interleave(script.len());
        }
        if self.typist.random.chance(0.08) {
            self.split_card();
        }
        self.correct_late();
        self.typist.rest(40_000);
    }

    /// The text's characters with what each belongs to; makes the labelled spans.
    fn script(&mut self) -> Vec<(char, Mark)> {
        let mut script = Vec::new();
        let mut spans = self.task.spans.iter().peekable();
        let mut current: Option<(usize, &Range<usize>)> = None;
        for (at, c) in self.task.text.char_indices() {
            while spans.peek().is_some_and(|(range, ..)| range.start < at) {
                spans.next();
            }
            if current.is_some_and(|(_, range)| at >= range.end) {
                current = None;
            }
            if let (None, Some((range, typ, covered))) = (current, spans.next_if(|(range, ..)| range.start == at)) {
                let text: Vec<char> = self.task.text.get(range.clone()).unwrap_or_default().chars().collect();
                let span = self.span(typ, text, Origin::Labelled, Scenario::Plain);
                if let Some(span) = self.typist.spans.get_mut(span) {
                    span.covered = *covered;
                }
                current = Some((span, range));
            }
            let mark = current.map(|(span, range)| {
                let place = self.task.text.get(range.start..at).map_or(0, |before| before.chars().count());
                Mark { span: Some(span), place: Some(place) }
            });
            // A carriage return is no key of its own.
            if c != '\r' {
                script.push((if c == '\t' { ' ' } else { c }, mark.unwrap_or_default()));
            }
        }
        script
    }

    fn span(&mut self, typ: &str, text: Vec<char>, origin: Origin, scenario: Scenario) -> usize {
        self.typist.spans.push(Span { typ: typ.to_owned(), text, origin, scenario, covered: true });
        self.typist.spans.len() - 1
    }

    /// A span of its own and its characters.
    fn value(&mut self, typ: &str, text: &str, origin: Origin, scenario: Scenario) -> Vec<(char, Mark)> {
        let span = self.span(typ, text.chars().collect(), origin, scenario);
        text.chars().enumerate().map(|(place, c)| (c, Mark { span: Some(span), place: Some(place) })).collect()
    }

    fn note(&mut self, script: &Script, scenario: Scenario) {
        for span in script.iter().filter_map(|(_, mark)| mark.span) {
            if let Some(span) = self.typist.spans.get_mut(span) {
                span.scenario = scenario;
            }
        }
    }

    // Typing with slips.

    fn run(&mut self, script: &Script) {
        let mut at = 0;
        while let Some(&(c, mark)) = script.get(at) {
            if self.typist.random.chance(self.task.typo_rate) {
                at = self.slip(script, at, c, mark);
            } else {
                self.typist.put(c, mark);
                at += 1;
            }
        }
    }

    /// Types `c` with a slip and puts it right; returns where to go on. The shares are those of the reference simulation.
    fn slip(&mut self, script: &Script, at: usize, c: char, mark: Mark) -> usize {
        let kind = self.typist.random.unit();
        let wrong = self.typist.layout.beside(c, &mut self.typist.random).unwrap_or(c);
        let slip = Mark { span: mark.span, place: None };
        if kind < 0.70 {
            self.typist.put(wrong, slip);
            self.typist.pause(200);
            self.typist.backspace();
            self.typist.put(c, mark);
            return at + 1;
        }
        let most = if kind < 0.88 { 6 } else { 8 };
        let more = self.typist.random.between(1, most).min(script.len() - at - 1);
        let ahead = script.get(at + 1..=at + more).unwrap_or_default();
        if kind < 0.88 {
            self.typist.put(wrong, slip);
            self.straight(ahead);
            self.typist.pause(300);
            (0..=more).for_each(|_| self.typist.backspace());
            return at;
        }
        if kind < 0.95 {
            self.straight(ahead);
            self.typist.pause(300);
            (0..more).for_each(|_| self.typist.left(false));
            self.typist.put(c, mark);
            if ahead.iter().any(|(c, _)| *c == '\n') || self.typist.random.chance(0.5) {
                (0..more).for_each(|_| self.typist.right(false));
            } else {
                self.typist.end();
            }
            return at + 1 + more;
        }
        self.typist.put(c, mark);
        self.typist.put(c, slip);
        self.typist.pause(200);
        self.typist.left(false);
        self.typist.delete();
        at + 1
    }

    fn straight(&mut self, script: &Script) {
        script.iter().for_each(|&(c, mark)| self.typist.put(c, mark));
    }

    // What happens besides.

    /// Plays a scenario before the character `at`; returns where typing goes on.
    fn play(&mut self, scenario: Scenario, script: &Script, at: usize) -> usize {
        let here = script.get(at..=at).unwrap_or_default();
        self.note(here, scenario);
        let next = match scenario {
            Scenario::Plain | Scenario::SplitCard => at,
            Scenario::LateCorrection => self.spoil(script, at),
            Scenario::CaretWalk => self.walk(at),
            Scenario::SelectKeys => self.type_over(scenario, at),
            Scenario::SelectClick => self.type_over_word(at),
            Scenario::Paste => self.paste(script, at, true),
            Scenario::UntoldPaste => self.paste(script, at, false),
            Scenario::HeldBackspace => self.hold_backspace(script, at),
            Scenario::Retracted | Scenario::HalfRetracted => self.retract(scenario, at),
            Scenario::LeaveFocus => self.leave_focus(at),
            Scenario::Interleaved => self.interleave(at),
            Scenario::Composed => self.compose(script, at),
            Scenario::Password => self.password(at),
            Scenario::UntoldClick => self.click_untold(script, at),
            Scenario::UnknownKey => {
                self.typist.unknown_key();
                at
            }
            Scenario::Undo => self.undo(at),
            Scenario::Overwrite => self.overwrite(script, at),
        };
        // After these the field no longer ends with what was typed last.
        self.floor = next.max(at);
        if !self.typist.field().in_step && self.typist.random.chance(0.4) {
            self.typist.pause(1_500);
            self.typist.tell_value();
        }
        next
    }

    fn spoil(&mut self, script: &Script, at: usize) -> usize {
        let Some(&(c, mark)) = script.get(at) else { return at };
        let random = &mut self.typist.random;
        let wrong = match c.to_digit(10) {
            Some(digit) => char::from_digit((digit + 1 + u32::from(random.chance(0.5))) % 10, 10),
            None => self.typist.layout.beside(c, random),
        };
        let kind = self.typist.random.unit();
        let last = self.typist.field().cells.last().map(|cell| cell.unit);
        match (last, wrong) {
            (Some(last), _) if kind < 0.25 => {
                self.late.push(Late::InsertAfter(last, (c, mark)));
                at + 1
            }
            (_, Some(wrong)) => {
                self.typist.put(wrong, Mark { place: None, ..mark });
                let unit = self.typist.units.len() - 1;
                let extra = kind < 0.40;
                self.late.push(if extra { Late::Remove(unit) } else { Late::Replace(unit, (c, mark)) });
                if extra { at } else { at + 1 }
            }
            (_, None) => at,
        }
    }

    fn correct_late(&mut self) {
        for late in std::mem::take(&mut self.late) {
            let minutes = self.typist.random.chance(0.5);
            let (low, high) = if minutes { (60_000, 720_000) } else { (15_000, 60_000) };
            let wait = self.typist.random.millis(low, high);
            self.typist.rest(wait);
            if self.typist.focus != 0 {
                self.typist.go_to(0, false);
            }
            let (Late::Replace(unit, _) | Late::InsertAfter(unit, _) | Late::Remove(unit)) = late;
            let Some(at) = self.typist.field().cells.iter().position(|cell| cell.unit == unit) else { continue };
            self.reach(at + 1);
            if matches!(late, Late::Replace(..) | Late::Remove(_)) {
                self.typist.backspace();
            }
            if let Late::Replace(_, (c, mark)) | Late::InsertAfter(_, (c, mark)) = late {
                self.typist.put(c, mark);
            }
            self.typist.pause(500);
        }
    }

    /// Brings the caret to `to`, with the arrows or with a click that the source tells.
    fn reach(&mut self, to: usize) {
        let from = self.typist.field().caret;
        if from.abs_diff(to) > 40 || self.typist.random.chance(0.3) {
            self.typist.click_at(to, true);
        } else {
            (to..from).for_each(|_| self.typist.left(false));
            (from..to).for_each(|_| self.typist.right(false));
        }
    }

    fn walk(&mut self, at: usize) -> usize {
        let one_line = self.typist.field().cells.iter().all(|cell| cell.ch != '\n');
        if one_line && self.typist.random.chance(0.3) {
            self.typist.home();
            self.typist.pause(600);
            self.typist.end();
            return at;
        }
        let steps = self.typist.random.between(1, 25).min(self.typist.field().caret);
        (0..steps).for_each(|_| self.typist.left(false));
        self.typist.pause(400);
        (0..steps).for_each(|_| self.typist.right(false));
        at
    }

    fn type_over(&mut self, scenario: Scenario, at: usize) -> usize {
        let (typ, text) = values::any(&mut self.typist.random);
        let value = self.value(typ, &text, Origin::Retracted, scenario);
        self.run(&value);
        self.typist.pause(800);
        value.iter().for_each(|_| self.typist.left(true));
        at
    }

    fn type_over_word(&mut self, at: usize) -> usize {
        let start = self.typist.field().caret;
        let word = self.word();
        self.straight(&word);
        self.typist.double_click(start..start + word.len());
        at
    }

    fn word(&mut self) -> Vec<(char, Mark)> {
        let word = self.typist.random.pick(&values::WORDS).copied().unwrap_or_default();
        word.chars().map(|c| (c, Mark::default())).collect()
    }

    fn words(&mut self) -> Vec<(char, Mark)> {
        let mut words = Vec::new();
        for _ in 0..self.typist.random.between(1, 4) {
            words.extend(self.word());
            words.push((' ', Mark::default()));
        }
        words
    }

    /// Pastes the word or span at `at`.
    fn paste(&mut self, script: &Script, at: usize, told: bool) -> usize {
        let rest = script.get(at..).unwrap_or_default();
        let span = rest.first().and_then(|(_, mark)| mark.span);
        let stays = |(c, mark): &(char, Mark)| mark.span == span && (span.is_some() || !c.is_whitespace());
        let word = rest.iter().take_while(|it| stays(it)).count().max(1).min(rest.len());
        let pasted = rest.get(..word).unwrap_or_default();
        let mut observation = self.typist.command('v');
        if told {
            let start = self.typist.field().caret;
            let inserted = pasted.iter().map(|(c, _)| c).collect();
            self.typist.see(Observed::Edited { start, removed: 0, inserted });
            observation = self.typist.observations.len() - 1;
        } else {
            self.typist.field().in_step = false;
        }
        let by = std::mem::replace(&mut self.typist.by, if told { By::Paste } else { By::Unseen });
        pasted.iter().for_each(|&(c, mark)| self.typist.appear(c, mark, observation));
        self.typist.by = by;
        self.typist.pause(400);
        at + word
    }

    fn hold_backspace(&mut self, script: &Script, at: usize) -> usize {
        let ahead = self.typist.random.between(3, 12).min(script.len() - at);
        let ahead = script.get(at..at + ahead).unwrap_or_default();
        self.note(ahead, Scenario::HeldBackspace);
        self.straight(ahead);
        self.typist.pause(500);
        let extra = self.typist.random.between(0, 3).min(at - self.floor);
        self.typist.hold_backspace(ahead.len() + extra);
        at - extra
    }

    fn retract(&mut self, scenario: Scenario, at: usize) -> usize {
        let other = self.typist.random.pick(self.task.pool).cloned().filter(|_| self.typist.random.chance(0.5));
        let (typ, mut text) = other.unwrap_or_else(|| {
            let (typ, text) = values::any(&mut self.typist.random);
            (typ.to_owned(), text)
        });
        let mut origin = Origin::Retracted;
        if scenario == Scenario::HalfRetracted {
            let count = text.chars().count();
            text = text.chars().take(self.typist.random.between(count * 2 / 5, count * 4 / 5).max(1)).collect();
            origin = Origin::HalfRetracted;
        }
        let value = self.value(&typ, &text, origin, scenario);
        self.run(&value);
        let slow = self.typist.random.chance(0.15);
        let wait = if slow { self.typist.random.millis(35_000, 90_000) } else { self.typist.random.millis(300, 3_000) };
        self.typist.pause(wait);
        match self.typist.random.between(0, 2) {
            0 => value.iter().for_each(|_| self.typist.backspace()),
            1 => self.typist.hold_backspace(value.len()),
            _ => {
                value.iter().for_each(|_| self.typist.left(true));
                self.typist.delete();
            }
        }
        at
    }

    /// The number of the other field with this element, made where there is none.
    fn open(&mut self, element: u64) -> usize {
        let others = &mut self.typist.others;
        let found = others.iter().position(|field| field.element.0 == element);
        let at = found.unwrap_or_else(|| {
            others.push(Field::new(element));
            others.len() - 1
        });
        at + 1
    }

    fn leave_focus(&mut self, at: usize) -> usize {
        let (app, element) = match self.typist.random.between(0, 2) {
            0 => (Some(OFFICE), 2),
            1 => (Some(CHAT), 3),
            _ => (None, 4),
        };
        let field = self.open(element);
        if let Some(app) = app {
            self.typist.window(app);
        }
        self.typist.go_to(field, false);
        if app == Some(CHAT) {
            self.typist.by = By::Elsewhere;
        }
        let words = self.words();
        self.run(&words);
        self.typist.by = By::Key;
        if app.is_some() {
            self.typist.window(EDITOR);
        }
        self.typist.go_to(0, false);
        at
    }

    /// Types a third of another text into a second field.
    fn interleave(&mut self, at: usize) -> usize {
        if self.second.is_empty() {
            let mut script = self.words();
            let (typ, text) = values::any(&mut self.typist.random);
            script.extend(self.value(typ, &text, Origin::Placed, Scenario::Interleaved));
            self.second = script;
        }
        let third = self.second.len().min(12);
        let now: Vec<_> = self.second.drain(..third).collect();
        let field = self.open(5);
        self.typist.go_to(field, false);
        let end = self.typist.field().cells.len();
        self.typist.field().place(end, false);
        self.run(&now);
        self.typist.go_to(0, false);
        at
    }

    fn compose(&mut self, script: &Script, at: usize) -> usize {
        let rest = script.get(at..).unwrap_or_default();
        let word = rest.iter().take_while(|(c, _)| c.is_alphanumeric()).count();
        self.typist.put_composed(rest.get(..word).unwrap_or_default());
        at + word
    }

    fn password(&mut self, at: usize) -> usize {
        let field = self.open(9);
        self.typist.go_to_secret(field);
        let secret = self.typist.random.fork(self.task.secrets);
        let rest = std::mem::replace(&mut self.typist.random, secret);
        let text = values::password(&mut self.typist.random);
        let value = self.value("PASSWORD_FIELD", &text, Origin::Password, Scenario::Password);
        self.typist.by = By::Elsewhere;
        self.run(&value);
        self.typist.by = By::Key;
        self.typist.random = rest;
        let tab = self.typist.random.chance(0.5);
        self.typist.go_to(0, tab);
        at
    }

    fn split_card(&mut self) {
        let text = values::card(&mut self.typist.random, "");
        let value = self.value("CREDIT_CARD", &text, Origin::Placed, Scenario::SplitCard);
        for (part, element) in value.chunks(4).zip(11..) {
            let field = self.open(element);
            self.typist.go_to(field, element > 11);
            self.run(part);
        }
    }

    // What the source does not tell.

    fn click_untold(&mut self, script: &Script, at: usize) -> usize {
        let end = self.typist.field().cells.len();
        let somewhere = self.typist.random.between(0, end);
        self.typist.click_at(somewhere, false);
        let more = if self.typist.random.chance(0.5) { 0 } else { self.typist.random.between(1, 6) };
        let astray = script.get(at..).unwrap_or_default();
        let astray = astray.get(..more.min(astray.len())).unwrap_or_default();
        self.note(astray, Scenario::UntoldClick);
        self.straight(astray);
        let end = self.typist.field().cells.len();
        self.typist.click_at(end, false);
        at + astray.len()
    }

    fn undo(&mut self, at: usize) -> usize {
        let count = self.typist.random.between(3, 8).min(at - self.floor);
        self.typist.command('z');
        let field = self.typist.field();
        field.in_step = false;
        let gone = field.cells.split_off(field.cells.len().saturating_sub(count));
        field.place(usize::MAX, false);
        if self.typist.random.chance(0.3) {
            self.typist.command('y');
            let field = self.typist.field();
            field.cells.extend(gone);
            field.place(usize::MAX, false);
            return at;
        }
        at - count
    }

    fn overwrite(&mut self, script: &Script, at: usize) -> usize {
        let count = self.typist.random.between(1, 6).min(at - self.floor);
        self.typist.toggle_insert();
        (0..count).for_each(|_| self.typist.left(false));
        let again = script.get(at - count..at).unwrap_or_default();
        self.note(again, Scenario::Overwrite);
        self.straight(again);
        self.typist.toggle_insert();
        at
    }

    fn leave(mut self) -> Session {
        let mut standing = vec![false; self.typist.units.len()];
        for cell in [&self.typist.first].into_iter().chain(&self.typist.others).flat_map(|field| &field.cells) {
            if let Some(stands) = standing.get_mut(cell.unit) {
                *stands = true;
            }
        }
        for (unit, stands) in self.typist.units.iter_mut().zip(standing) {
            unit.erased = !stands;
        }
        let text = self.typist.first.text();
        let times = self.typist.observations.iter().map(|observation| observation.at).collect();
        let Typist { observations, units, spans, secret, .. } = self.typist;
        Session { observations, times, units, spans, secret, text }
    }
}
