//! The buffer of one focused field, and what is known of it.

use candor_model::key::NamedKey;

use super::{Bindings, Cell, Confidence, Effect, EventId, Lines, Makers, Stroke};
use crate::raw::{FieldText, LogicalKey};

/// How many cells a field keeps, tombstones included. Beyond them the model is lost and the oldest half is dropped.
pub const CELLS_MAX: usize = 65_536;

/// How many keys may wait for an input method to commit.
const PENDING_MAX: usize = 256;

/// The text of one field since it got the focus.
pub struct TextField {
    pub(super) bindings: Bindings,
    pub(super) lines: Lines,
    pub(super) cells: Vec<Cell>,
    pub(super) known: Known,
    /// Where the current run begins: edits reach no further back. All of the field while its text is known.
    pub(super) floor: usize,
    /// The number of the current run.
    pub(super) run: u32,
    /// Where in the field the current run begins, in characters, where a source told.
    pub(super) origin: Option<usize>,
    /// The caret: a place among the cells, always before a live one or at the end.
    pub(super) caret: usize,
    /// The other end of the selection, if there is one.
    pub(super) anchor: Option<usize>,
    /// Select-all in a field whose text is not known.
    pub(super) everything: bool,
    /// Select-all, whose caret is at the start in some toolkits and at the end in others: the selection is known, but not
    /// which of its ends moves.
    pub(super) either_end: bool,
    /// Keys that wait: dead, composing.
    pub(super) pending: Vec<EventId>,
    pub(super) dead: Option<char>,
    pub(super) clipboard: Option<Clipboard>,
    pub(super) kill: Kill,
    /// A paste of unknown content, and what was known before it: the next observation may tell what it was.
    pub(super) paste: Option<(EventId, Known, usize)>,
    /// The end of a line from which Home went to the start of what the screen shows of it: End leads back.
    pub(super) came_from: Option<usize>,
}

/// What is known of the field. `CaretLost`: its text, but not the place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Synced,
    CaretLost,
    Inferred,
    Unknown,
}

/// Text that was cut or copied, with the events that made it.
#[derive(Default)]
pub struct Clipboard(pub(super) Vec<Cell>);

/// What readline killed last, and whether the next kill joins it.
#[derive(Default)]
pub(super) struct Kill {
    pub(super) text: Clipboard,
    pub(super) joins: bool,
}

impl TextField {
    /// A field that just got the focus; `value`: what it holds, where the source can read it.
    pub fn new(bindings: Bindings, value: Option<&FieldText>) -> Self {
        let mut field = Self {
            bindings,
            lines: Lines::Unknown,
            cells: Vec::new(),
            known: Known::Inferred,
            floor: 0,
            run: 0,
            origin: None,
            caret: 0,
            anchor: None,
            everything: false,
            either_end: false,
            pending: Vec::new(),
            dead: None,
            clipboard: None,
            kill: Kill::default(),
            paste: None,
            came_from: None,
        };
        if let Some(value) = value {
            field.value(value);
        }
        field
    }

    /// Says what Enter does here.
    #[must_use]
    pub fn with_lines(mut self, lines: Lines) -> Self {
        self.lines = lines;
        self
    }

    /// How far the model can be believed.
    pub fn confidence(&self) -> Confidence {
        match self.known {
            _ if self.bindings == Bindings::Opaque => Confidence::Unknown,
            Known::Synced => Confidence::Synced,
            Known::CaretLost | Known::Inferred => Confidence::Inferred,
            Known::Unknown => Confidence::Unknown,
        }
    }

    /// Every cell, live and gone, in the order of the field within each run.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Caret and anchor in characters from the field's start; nothing unless the model is [`Confidence::Synced`], and
    /// nothing behind a line that the application may have begun by itself.
    pub fn position(&self) -> Option<(usize, usize)> {
        let position = || Some((self.position_of(self.caret)?, self.position_of(self.anchor.unwrap_or(self.caret))?));
        (self.confidence() == Confidence::Synced).then(position).flatten()
    }

    /// What was cut or copied here last: to be given to the field that has the focus next.
    pub fn take_clipboard(&mut self) -> Option<Clipboard> {
        self.clipboard.take()
    }

    /// What a paste here would put in, as far as this session knows.
    pub fn set_clipboard(&mut self, clipboard: Option<Clipboard>) {
        self.clipboard = clipboard;
    }

    /// A key went down; returns what it did.
    pub fn key(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        if stroke.is_modifier() {
            return Effect::Nothing;
        }
        self.paste = None;
        if !matches!(stroke.logical, LogicalKey::Named(NamedKey::End)) {
            self.came_from = None;
        }
        let either_end = std::mem::take(&mut self.either_end);
        if either_end && stroke.shift && stroke.text().is_none() {
            self.caret_lost();
        }
        let effect = match stroke.logical {
            LogicalKey::Dead(accent) => self.dead_key(id, accent),
            LogicalKey::Composing | LogicalKey::Named(NamedKey::Compose) => {
                self.wait(id);
                Effect::Pending
            }
            LogicalKey::Unidentified => self.lose(),
            _ => match (stroke.text(), self.dead.take()) {
                (Some(c), None) => self.typed(id, c),
                (Some(c), Some(accent)) => self.accented(id, accent, c),
                (None, None) => self.command(id, stroke),
                // What becomes of an accent that nothing printable follows differs.
                (None, Some(_)) => {
                    self.command(id, stroke);
                    self.lose()
                }
            },
        };
        self.bound();
        effect
    }

    /// A click in the field: the caret may be anywhere, and a selection with it.
    pub fn clicked(&mut self, _id: EventId) {
        self.paste = None;
        self.kill.joins = false;
        self.everything = false;
        self.caret_lost();
    }

    fn command(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        match self.bindings {
            Bindings::Desktop => self.desktop(id, stroke),
            Bindings::Readline => self.readline(id, stroke),
            Bindings::Opaque => self.opaque(id, stroke),
        }
    }

    /// Keys of an application that nobody follows: what may be text is kept, whatever became of it.
    fn opaque(&mut self, id: EventId, stroke: &Stroke) -> Effect {
        match stroke.logical {
            LogicalKey::Char(c) if !stroke.ctrl && !stroke.meta => self.insert(id, c),
            LogicalKey::Named(NamedKey::Enter) => self.insert(id, '\n'),
            LogicalKey::Named(NamedKey::Backspace) if !stroke.commands() => {
                if let Some(place) = self.live_behind(self.caret) {
                    self.delete(place, self.caret, id);
                }
            }
            _ => {}
        }
        self.known = Known::Unknown;
        Effect::Lost
    }

    pub(super) fn typed(&mut self, id: EventId, c: char) -> Effect {
        self.kill.joins = false;
        self.replace_selection(id);
        self.insert(id, c);
        Effect::Inserted
    }

    fn dead_key(&mut self, id: EventId, accent: char) -> Effect {
        match self.dead.take() {
            None => {
                self.dead = Some(accent);
                self.wait(id);
                Effect::Pending
            }
            Some(first) => self.accented(id, first, accent),
        }
    }

    fn accented(&mut self, id: EventId, accent: char, c: char) -> Effect {
        if let Some(composed) = super::compose::compose(accent, c) {
            return self.typed(id, composed);
        }
        self.typed(id, accent);
        self.typed(id, c);
        self.lose()
    }

    fn wait(&mut self, id: EventId) {
        if self.pending.len() >= PENDING_MAX {
            self.pending.remove(0);
            self.lose();
        }
        self.pending.push(id);
    }

    /// The events that make what comes in now: those that waited, and `id`.
    pub(super) fn makers(&mut self, id: EventId) -> Makers {
        let makers = Makers::with(&self.pending, id);
        self.pending.clear();
        self.dead = None;
        makers
    }

    /// The caret is at a place in the field that the model does not know; the text is what it was.
    pub(super) fn caret_lost(&mut self) -> Effect {
        self.came_from = None;
        match self.known {
            Known::Synced | Known::CaretLost => {
                self.known = Known::CaretLost;
                self.anchor = None;
            }
            Known::Inferred | Known::Unknown => self.begin_run(),
        }
        Effect::Moved
    }

    /// The field's text is not what the model holds, or no longer in its order: what comes now is a run of its own.
    pub(super) fn begin_run(&mut self) {
        self.came_from = None;
        if self.floor < self.cells.len() || self.known == Known::CaretLost {
            self.run = self.run.saturating_add(1);
        }
        self.floor = self.cells.len();
        self.caret = self.floor;
        self.anchor = None;
        self.origin = None;
        if matches!(self.known, Known::Synced | Known::CaretLost) {
            self.known = Known::Inferred;
        }
    }

    /// Nobody knows what the key did.
    pub(super) fn lose(&mut self) -> Effect {
        self.begin_run();
        self.everything = false;
        self.kill.joins = false;
        self.known = Known::Unknown;
        Effect::Lost
    }

    /// Whether the text is the field's, wherever the caret may be.
    pub(super) fn text_known(&self) -> bool {
        matches!(self.known, Known::Synced | Known::CaretLost)
    }

    /// Drops the oldest half once there are too many cells.
    pub(super) fn bound(&mut self) {
        if self.cells.len() <= CELLS_MAX {
            return;
        }
        self.lose();
        let mut ages: Vec<_> = self.cells.iter().map(Cell::typed_at).collect();
        let (_, &mut oldest_kept, _) = ages.select_nth_unstable(CELLS_MAX / 2);
        self.rebuild(1, |cell| cell.typed_at() > oldest_kept);
        self.begin_run();
    }

    /// Moves the cells to keep into new memory with room for `more`, so that what was in the old is wiped.
    fn rebuild(&mut self, more: usize, keep: impl Fn(&Cell) -> bool) {
        let count = self.cells.iter().filter(|cell| keep(cell)).count();
        let mut cells = Vec::with_capacity((count + more).next_power_of_two().max(64));
        cells.extend(self.cells.iter_mut().filter(|cell| keep(cell)).map(Cell::relocate));
        self.cells = cells;
    }

    /// Makes room for so many more cells.
    pub(super) fn grow(&mut self, more: usize) {
        if self.cells.len() + more > self.cells.capacity() {
            self.rebuild(more, |_| true);
        }
    }
}
