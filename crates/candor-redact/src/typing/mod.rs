//! What is typed, until it is known what may leave: the fields, the keys that wait, and what was found in them.
//!
//! A key leaves when it is behind the commit horizon: no pattern can still grow over its character, no edit is near, and
//! it has waited for the typist's own correction. What is found later than that is named in `retracted`, so that the
//! segment or the journal that holds it is destroyed before anybody else could have it.

mod fields;
mod groups;
mod scan;
mod strokes;
mod trail;
mod values;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candor_model::{TextPolicy, Ticks};

use self::fields::Fields;
use self::groups::Groups;
pub(crate) use self::groups::Shown;
use self::strokes::Strokes;
pub(crate) use self::trail::BREAK;
use self::trail::Trail;
pub use self::values::SessionKey;
use self::values::Values;
use crate::Rule;
use crate::detect::Detector;
use crate::personal::PersonalList;
use crate::raw::{ElementId, FieldText};
use crate::text::{Confidence, Effect, EventId, Stroke, TextField};

/// One for the process: its tables are constants, and take a while to build.
static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// So many ordinals are remembered, so that none is taken back twice.
const TAKEN_BACK_MAX: usize = 65_536;
/// A pause in typing after which what was typed so far is looked at, in milliseconds.
const PAUSE_MS: Ticks = 800;
/// How long a key waits at least, in milliseconds: most slips are corrected within that.
const LAG_MS: Ticks = 1_000;
/// How long the characters beside an edit wait for the next, in milliseconds.
const EDIT_MS: Ticks = 1_500;
/// How long what is only probable holds a key, in milliseconds: that a plain word goes on after a pause, or that an edit
/// reaches it. If it does after all, what left is taken back.
const DOUBT_MS: Ticks = 4_000;
/// How long a source may take to tell what was pasted, in milliseconds.
const TOLD_MS: Ticks = 500;
/// How many characters on either side of the caret an edit holds.
const EDIT_CELLS: usize = 16;
/// After so many new characters they are looked at without any other occasion.
const SCAN_EVERY: u32 = 64;
/// For how long what left can be taken back, in seconds. Text leaves only under a hold-back at least as long.
pub const RETRACT_SECS: Ticks = candor_model::text::SAFE_HOLD_BACK_SECS_MIN;

/// What becomes of a key that leaves.
pub(crate) enum Ruling {
    /// It shows its character.
    Text(char),
    /// It shows its class, or its name where it is no text.
    Plain,
    /// A surrogate or a gap stands for it and the rest of its group.
    Instead(Shown, Rule),
}

pub(crate) struct Typing {
    personal: PersonalList,
    values: Values,
    millisecond: f64,
    policy: TextPolicy,
    /// Whether the application in focus may give text at all.
    text_allowed: bool,
    strokes: Strokes,
    groups: Groups,
    fields: Fields,
    trail: Trail,
    /// Keys from here on were not looked at yet.
    scanned: EventId,
    /// Keys before this one belong to fields that were left, or to runs that a click ended: nothing grows over them.
    closed: EventId,
    /// Keys before this one have left.
    waiting_from: EventId,
    /// Keys that a pattern may still grow over; sorted.
    holding: Vec<EventId>,
    /// Keys of a plain word that may go on, and those that an edit may reach; sorted.
    doubtful: Vec<EventId>,
    /// How many characters came in since the last look, and whether the last of them was part of a word.
    inserted: u32,
    after_word: bool,
    last_stroke: Ticks,
    edited: Option<Ticks>,
    /// When something was pasted of which nobody told yet what it is.
    pasted: Option<Ticks>,
    now: Ticks,
    /// Ordinals of events to be taken back, and of those that were.
    retracted: Vec<u64>,
    taken_back: BTreeSet<u64>,
    /// The number of the stay in a field.
    visit: u32,
}

impl Typing {
    pub(crate) fn new(key: SessionKey, personal: PersonalList, ticks_per_second: Ticks) -> Self {
        Self {
            personal,
            values: Values::new(key),
            millisecond: ticks_per_second as f64 / 1_000.0,
            policy: TextPolicy::Shapes,
            text_allowed: false,
            strokes: Strokes::default(),
            groups: Groups::default(),
            fields: Fields::default(),
            trail: Trail::default(),
            scanned: 0,
            closed: 0,
            waiting_from: 0,
            holding: Vec::new(),
            doubtful: Vec::new(),
            after_word: false,
            inserted: 0,
            last_stroke: 0,
            edited: None,
            pasted: None,
            now: 0,
            retracted: Vec::new(),
            taken_back: BTreeSet::new(),
            visit: 0,
        }
    }

    fn ticks(&self, ms: Ticks) -> Ticks {
        (ms as f64 * self.millisecond) as Ticks
    }

    /// What the application in focus allows; the field that had the focus is left.
    pub(crate) fn application(&mut self, policy: TextPolicy, text_allowed: bool) {
        self.leave();
        self.visit = self.visit.wrapping_add(1);
        self.policy = policy;
        self.text_allowed = text_allowed;
    }

    pub(crate) fn policy(&self) -> TextPolicy {
        self.policy
    }

    /// Whether a name of a control may be seen here: text may, it is a label, and nobody finds anything in it.
    pub(crate) fn passes_label(&self, name: &str) -> bool {
        let text = self.policy == TextPolicy::Safe && self.text_allowed;
        let mut findings = Vec::new();
        if text && DETECTOR.is_label(name) {
            self.find_all(name, &mut findings);
            DETECTOR.find_typed(name, &mut findings);
            return findings.is_empty();
        }
        false
    }

    /// A field has the focus.
    pub(crate) fn enter(&mut self, element: Option<ElementId>, blank: TextField, value: Option<&FieldText>) {
        self.leave();
        self.visit = self.visit.wrapping_add(1);
        self.fields.enter(element, blank, value);
    }

    /// No field has the focus any more: nothing grows over what was typed.
    pub(crate) fn leave(&mut self) {
        self.nobody_told();
        self.scan();
        self.break_off(self.fields.is_known());
        self.fields.leave();
    }

    /// The word at the caret may go on where nobody sees what it becomes. `back`: or here, if somebody comes back; a word
    /// of letters can wait for that.
    fn break_off(&mut self, back: bool) {
        let (word, letters) = self.fields.field().word_at_caret();
        self.holding.retain(|id| word.contains(id));
        if !(back && letters) {
            self.cut_off();
        }
        self.close();
    }

    /// Whatever waits is decided with what is known now.
    fn close(&mut self) {
        self.closed = self.strokes.next();
        self.holding.clear();
        self.doubtful.clear();
        self.edited = None;
    }

    /// Nobody will tell what was pasted.
    fn nobody_told(&mut self) {
        if self.pasted.take().is_some() {
            self.cut_off();
            self.close();
        }
    }

    /// Nobody knows what came behind that which could still have grown.
    fn cut_off(&mut self) {
        for id in &self.holding {
            if let Some(state) = self.strokes.get_mut(*id) {
                state.cut_off = true;
            }
        }
    }

    /// Time passes. Due before each observation, and from time to time without one.
    pub(crate) fn at(&mut self, now: Ticks) {
        self.now = self.now.max(now);
        if self.pasted.is_some_and(|then| self.now.saturating_sub(then) >= self.ticks(TOLD_MS)) {
            self.nobody_told();
        }
        let unseen = self.scanned < self.strokes.next();
        let paused = unseen && self.now.saturating_sub(self.last_stroke) >= self.ticks(PAUSE_MS);
        let calm = self.edited.is_some_and(|then| self.now.saturating_sub(then) >= self.ticks(EDIT_MS));
        if paused || calm {
            if calm {
                self.edited = None;
            }
            self.scan();
        }
        self.strokes.forget_before(self.now.saturating_sub(self.ticks(RETRACT_SECS * 1_000)));
    }

    /// A key goes down in the focused field.
    pub(crate) fn stroke(&mut self, stroke: &Stroke) -> EventId {
        if !stroke.is_modifier() {
            self.nobody_told();
        }
        // What stands there now is looked at before an edit takes some of it away.
        if self.inserted > 0 && !stroke.is_insertion() {
            self.scan();
        }
        let before = self.fields.current().confidence();
        let id = self.strokes.push(self.now, self.visit);
        self.last_stroke = self.now;
        let effect = self.fields.current().key(id, stroke);
        self.took_effect(id, effect, before);
        id
    }

    /// An input method put a character in at the caret; those of one commit follow each other.
    pub(crate) fn committed(&mut self, c: char) -> EventId {
        self.nobody_told();
        let before = self.fields.current().confidence();
        let id = self.strokes.push(self.now, self.visit);
        self.last_stroke = self.now;
        self.fields.current().committed(id, c.encode_utf8(&mut [0; 4]));
        self.took_effect(id, Effect::Inserted, before);
        id
    }

    fn took_effect(&mut self, id: EventId, effect: Effect, before: Confidence) {
        let field = self.fields.current();
        let (after, inserted) = (field.confidence(), field.inserted_by(id));
        let shows = after == Confidence::Synced && self.text_allowed && self.policy == TextPolicy::Safe;
        if let (Some(c), Some(state)) = (inserted, self.strokes.get_mut(id)) {
            state.inserts = true;
            state.text = Some(c).filter(|c| shows && !c.is_control());
        }
        match (effect, inserted) {
            (Effect::Lost, _) if before != Confidence::Unknown => {
                self.scan();
                self.pasted = Some(self.now);
                if !self.fields.field().awaits_paste() {
                    self.nobody_told();
                }
            }
            (_, Some(c)) => {
                self.inserted += 1;
                let word = c.is_alphanumeric();
                // Where a word ends more is known of it, and where one begins of the one before.
                let boundary = std::mem::replace(&mut self.after_word, word) != word;
                if boundary || self.inserted >= SCAN_EVERY {
                    self.scan();
                }
            }
            (Effect::Submitted, None) => {
                self.scan();
                self.close();
            }
            (Effect::Deleted | Effect::Moved | Effect::Selected, None) => {
                self.edited = Some(self.now);
                self.scan();
            }
            (Effect::Inserted | Effect::Pending | Effect::Nothing | Effect::Lost, None) => {}
        }
    }

    /// The field changed other than by keys.
    pub(crate) fn edited(&mut self, start: usize, removed: usize, inserted: &str) {
        self.pasted = None;
        self.scan();
        let id = self.strokes.push(self.now, self.visit);
        self.fields.current().edited(id, start, removed, inserted);
        self.gone(id);
        self.scan();
    }

    /// The field's value was read.
    pub(crate) fn value(&mut self, value: &FieldText) {
        self.pasted = None;
        self.fields.current().value(value);
    }

    /// The caret was seen elsewhere.
    pub(crate) fn caret(&mut self, at: usize, anchor: usize) {
        self.nobody_told();
        self.scan();
        self.fields.current().caret(at, anchor);
    }

    /// The pointer was pressed: if it was in the field, the caret may be anywhere now.
    pub(crate) fn clicked(&mut self) {
        self.nobody_told();
        self.scan();
        self.break_off(false);
        let id = self.strokes.push(self.now, self.visit);
        self.fields.current().clicked(id);
        self.gone(id);
    }

    /// An observation that is no event of its own, and so need not leave.
    pub(crate) fn gone(&mut self, id: EventId) {
        if let Some(state) = self.strokes.get_mut(id) {
            state.left = Some((u64::MAX, false));
        }
    }

    /// Whether a key may leave.
    pub(crate) fn is_free(&self, id: EventId) -> bool {
        if id < self.closed {
            return true;
        }
        let waited = |ms| self.strokes.get(id).is_none_or(|state| self.now.saturating_sub(state.at) >= self.ticks(ms));
        let lag = if self.doubtful.binary_search(&id).is_ok() { DOUBT_MS } else { LAG_MS };
        id < self.scanned && waited(lag) && self.holding.binary_search(&id).is_err()
    }

    /// The character a key would show if it left now.
    fn shows(&self, id: EventId) -> Option<char> {
        let state = self.strokes.get(id)?;
        state.text.filter(|_| state.group.is_none() && !state.near && !state.cut_off)
    }

    /// What becomes of a key that leaves now. `forced`: it leaves although it is not free.
    pub(crate) fn rule(&mut self, id: EventId, forced: bool) -> Ruling {
        match self.strokes.get(id).map(|state| state.group) {
            Some(Some(group)) => Ruling::Instead(self.groups.show(group, &mut self.values), self.groups.rule(group)),
            _ => match self.shows(id).filter(|_| !forced) {
                Some(c) => Ruling::Text(c),
                None => Ruling::Plain,
            },
        }
    }

    /// The rule that redacted a key, if one did.
    pub(crate) fn redacted(&self, id: EventId) -> Option<Rule> {
        self.strokes.get(id)?.group.map(|group| self.groups.rule(group))
    }

    /// A key left as the event with this ordinal.
    pub(crate) fn left(&mut self, id: EventId, ordinal: u64, text: Option<char>) {
        if let Some(state) = self.strokes.get_mut(id) {
            state.left = Some((ordinal, text.is_some()));
        }
        self.waiting_from = id + 1;
        match text {
            Some(c) => self.trail.push(c, ordinal),
            None => self.trail.interrupt(),
        }
    }

    /// The release of a key left as the event with this ordinal.
    pub(crate) fn released(&mut self, id: EventId, ordinal: u64) {
        if let Some(state) = self.strokes.get_mut(id) {
            state.released = Some(ordinal);
        }
    }

    /// A key was left out: others see something else in its place.
    pub(crate) fn withheld(&mut self, id: EventId) {
        self.gone(id);
        self.waiting_from = id + 1;
    }

    /// Something left that is no text, and that stands between two texts.
    pub(crate) fn interrupted(&mut self) {
        self.trail.interrupt();
    }

    /// What left as the event with this ordinal is to be destroyed.
    fn take_back(&mut self, ordinal: u64) {
        if self.taken_back.insert(ordinal) {
            self.retracted.push(ordinal);
        }
        // Older ones are out of reach.
        if self.taken_back.len() > TAKEN_BACK_MAX {
            self.taken_back.pop_first();
        }
    }

    /// The ordinals of events that left and must be taken back, found since the last call.
    pub(crate) fn take_retracted(&mut self) -> impl Iterator<Item = u64> {
        std::mem::take(&mut self.retracted).into_iter()
    }

    /// Everything the session knows of values, for the inspection of what is about to be sealed.
    pub(crate) fn find_all(&self, text: &str, findings: &mut Vec<crate::Finding>) {
        DETECTOR.find(text, findings);
        self.personal.find(text, findings);
        self.values.find(text, findings);
    }
}
