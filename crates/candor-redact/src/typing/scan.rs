//! Looking at what was typed: the views of the field, and the trail of what left.

use std::collections::BTreeSet;

use zeroize::{Zeroize, Zeroizing};

use super::strokes::StrokeState;
use super::trail::BREAK;
use super::{DETECTOR, EDIT_CELLS, Typing};
use crate::detect::{Finding, Kind};
use crate::text::{EventId, Window};

/// A field that holds only digits and so few characters is a part of something: of a card, a date, a code.
const FRAGMENT_CHARS_MAX: usize = 40;

/// What was found in a view: the keys that made it, and what it is.
struct Hit {
    ids: BTreeSet<EventId>,
    /// Those that made earlier attempts at it.
    attempts: Vec<EventId>,
    kind: Kind,
    value: Zeroizing<String>,
}

/// What one look at a field found.
#[derive(Default)]
struct Look {
    hits: Vec<Hit>,
    near: Vec<EventId>,
    holding: Vec<EventId>,
    doubtful: Vec<EventId>,
    /// Those whose characters stand in the field, wherever else they stood before.
    standing: BTreeSet<EventId>,
}

impl Typing {
    /// Looks at the focused field, and decides which keys are free to leave.
    pub(super) fn scan(&mut self) {
        self.scanned = self.strokes.next();
        self.inserted = 0;
        let mut windows = self.fields.field().windows();
        windows.iter_mut().skip(1).for_each(|window| self.blank(window));
        let mut look = Look::default();
        let Some(live) = windows.first().filter(|_| windows.iter().any(|window| !window.view.cells.is_empty())) else {
            self.holding.clear();
            self.doubtful.clear();
            return;
        };
        let fragment = is_fragment(&live.view.text);
        // Whether the characters that stand in the field are near a finding is decided anew; of those that were deleted
        // it stays.
        let waiting = self.waiting_from;
        look.standing = self.fields.field().events_of(&live.view, 0..live.view.cells.len()).collect();
        for id in look.standing.range(waiting..) {
            if let Some(state) = self.strokes.get_mut(*id) {
                state.near = false;
            }
        }
        for window in &windows {
            self.look_at(window, fragment, &mut look);
        }
        let deletions = windows.get(1).map(|inlined| self.fields.field().deletions(&inlined.view)).unwrap_or_default();
        self.settle(look, &deletions);
    }

    /// What was redacted and deleted is blank: nobody will see it, so nothing joins up with it.
    fn blank(&mut self, window: &mut Window) {
        let view = &mut window.view;
        let redacted = |at: usize| {
            if !self.fields.field().is_gone(view, at) {
                return false;
            }
            let mut events = self.fields.field().events_of(view, at..at + 1);
            events.any(|id| self.strokes.get(id).is_some_and(|state| state.group.is_some()))
        };
        let mut text = String::with_capacity(view.text.len() * 3);
        text.extend(view.text.chars().enumerate().map(|(at, c)| if redacted(at) { BREAK } else { c }));
        std::mem::swap(&mut view.text, &mut text);
        text.zeroize();
    }

    fn look_at(&mut self, window: &Window, fragment: bool, look: &mut Look) {
        let Window { view, caret } = window;
        let text = view.text.as_str();
        let places = Places::of(text);
        let before = slice(text, 0..places.byte(*caret));
        let mut findings = Vec::new();
        self.find_all(text, &mut findings);
        for finding in merge(text, findings) {
            let (field, range) = (self.fields.field(), places.chars(&finding.span));
            let ids = field.envelope(view, range.clone()).into_iter().collect();
            let attempts = field.first_attempts(view, range);
            look.hits.push(Hit {
                ids,
                attempts,
                kind: finding.kind,
                value: slice(text, finding.span).to_owned().into(),
            });
        }
        let mut near = Vec::new();
        if fragment {
            near.push(Finding { span: 0..text.len(), kind: Kind::Secret, rule: "fragment" });
        }
        DETECTOR.find_typed(text, &mut near);
        for finding in near {
            look.near.extend(self.fields.field().envelope(view, places.chars(&finding.span)));
        }
        // Nothing grows over what was redacted already.
        let open = before.rfind(BREAK).map_or(0, |at| at + BREAK.len_utf8());
        let growing = slice(before, open..before.len());
        let settled = open + DETECTOR.settled(growing).min(self.personal.settled(growing));
        // The word that the caret stands before may yet be joined with what comes.
        let after = slice(text, before.len()..text.len()).chars();
        let joined = after.take_while(|c| !c.is_whitespace() && *c != BREAK).count();
        let held = places.chars(&(settled..before.len())).start..caret + joined;
        let plain = is_plain_word(slice(text, settled..places.byte(held.end)));
        let holding = if plain { &mut look.doubtful } else { &mut look.holding };
        holding.extend(self.fields.field().events_of(view, held));
        if self.edited.is_some() {
            let beside = caret.saturating_sub(EDIT_CELLS)..(caret + EDIT_CELLS).min(view.cells.len());
            look.doubtful.extend(self.fields.field().events_of(view, beside));
        }
    }

    fn settle(&mut self, look: Look, deletions: &[(EventId, EventId)]) {
        let Look { hits, near, mut holding, mut doubtful, standing } = look;
        for id in near {
            if let Some(state) = self.strokes.get_mut(id) {
                state.near = true;
                // Its beginning may have left before it looked like anything.
                if let Some((ordinal, true)) = state.left {
                    self.take_back(ordinal);
                }
            }
        }
        for hit in hits {
            // Where only shapes leave, a surrogate would tell more than they do.
            if self.policy == candor_model::TextPolicy::Safe || hit.kind.surrogate().is_none() {
                self.redact(hit);
            }
        }
        for (made_by, deleted_by) in deletions {
            // What somebody took back shows nothing: half a value tells no matcher what it was going to be.
            let Some(state) = self.strokes.get_mut(*made_by) else { continue };
            state.near |= !standing.contains(made_by);
            let group = state.group;
            // Who deletes what was redacted is not to be counted either.
            if let (Some(group), Some(state)) = (group, self.strokes.get_mut(*deleted_by)) {
                state.group.get_or_insert(group);
            }
        }
        for held in [&mut holding, &mut doubtful] {
            held.retain(|id| *id >= self.waiting_from);
            held.sort_unstable();
        }
        (self.holding, self.doubtful) = (holding, doubtful);
    }

    /// Redacts the keys of a finding: those that made or took away its characters, and those between them that moved in
    /// it. What has left already is taken back.
    fn redact(&mut self, hit: Hit) {
        let Hit { mut ids, attempts, kind, value } = hit;
        let visits: BTreeSet<u32> = ids.iter().filter_map(|id| Some(self.strokes.get(*id)?.visit)).collect();
        if let (Some(first), Some(last)) = (ids.first().copied(), ids.last().copied()) {
            let between = |state: &StrokeState| !state.inserts && visits.contains(&state.visit);
            ids.extend((first..last).filter(|id| self.strokes.get(*id).is_some_and(between)));
        }
        ids.extend(attempts);
        // What was read from the field, or typed too long ago, is nobody's to show or to take back.
        ids.retain(|id| self.strokes.get(*id).is_some());
        if ids.is_empty() {
            return;
        }
        let existing = ids.iter().find_map(|id| self.strokes.get(*id)?.group);
        let waits = ids.iter().any(|id| self.strokes.get(*id).is_some_and(|state| state.left.is_none()));
        if existing.is_none() && !waits {
            self.values.learn(kind, &value);
        }
        let group = self.groups.put(existing, kind, if waits { &value } else { "" });
        let secret = kind.surrogate().is_none();
        for id in ids {
            let Some(state) = self.strokes.get_mut(id) else { continue };
            let new = state.group.replace(group).is_none();
            let (left, released) = (state.left, state.released);
            if let Some((ordinal, _)) = left.filter(|(ordinal, text)| new && *ordinal != u64::MAX && (*text || secret))
            {
                self.take_back(ordinal);
                // That somebody let go of a key at all is nobody's then.
                released.into_iter().for_each(|ordinal| self.take_back(ordinal));
            }
        }
    }

    /// Looks at what is about to leave together with what left before it, whatever field it came from: an attacker reads
    /// them in one.
    pub(crate) fn look_at_trail(&mut self, leaving: &[Option<EventId>]) {
        let shown: Vec<(Option<EventId>, char)> =
            leaving.iter().map(|id| (*id, id.and_then(|id| self.shows(id)).unwrap_or(BREAK))).collect();
        if shown.iter().all(|(_, c)| *c == BREAK) {
            return;
        }
        let mut text = Zeroizing::new(self.trail.text().to_owned());
        let old = self.trail.chars();
        text.extend(shown.iter().map(|(_, c)| *c));
        let places = Places::of(&text);
        let mut findings = Vec::new();
        self.find_all(&text, &mut findings);
        for finding in merge(&text, findings) {
            let cells = places.chars(&finding.span);
            let value = slice(&text, finding.span);
            let ids: BTreeSet<EventId> = cells.clone().filter_map(|at| shown.get(at.checked_sub(old)?)?.0).collect();
            if ids.is_empty() {
                continue;
            }
            let late: Vec<u64> = cells.filter_map(|at| self.trail.ordinal(at)).collect();
            late.into_iter().for_each(|ordinal| self.take_back(ordinal));
            let value = Zeroizing::new(value.to_owned());
            self.redact(Hit { ids, attempts: Vec::new(), kind: finding.kind, value });
        }
    }
}

/// Whether it is a word as most are, with the sign that ends it and blanks: small letters of a script that has them.
fn is_plain_word(text: &str) -> bool {
    let word = text.trim().trim_end_matches(['.', ',', ';', ':', '!', '?', '"', '\'', ')']);
    let is_letter = |c: char| c.is_lowercase() || c == '\'';
    !word.is_empty() && word.chars().all(is_letter)
}

/// Whether a field's text is only a part of something: digits, and no word beside them.
fn is_fragment(text: &str) -> bool {
    let mut letters = 0;
    let mut word = false;
    for c in text.chars() {
        letters = if c.is_alphabetic() { letters + 1 } else { 0 };
        word |= letters >= 3;
    }
    !word && text.chars().count() <= FRAGMENT_CHARS_MAX && text.contains(|c: char| c.is_numeric())
}

/// Findings that overlap become one. Of several kinds the one that shows least wins, then the longest. A word is redacted
/// whole: a slip in it may have ended the finding.
fn merge(text: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.iter_mut().for_each(|finding| finding.span = whole_words(text, &finding.span));
    findings.sort_by_key(|finding| (finding.span.start, std::cmp::Reverse(finding.span.end)));
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        match merged.last_mut() {
            Some(last) if finding.span.start < last.span.end => {
                if last.kind.surrogate().is_some() && finding.kind.surrogate().is_none() {
                    last.kind = finding.kind;
                }
                last.span.end = last.span.end.max(finding.span.end);
            }
            _ => merged.push(finding),
        }
    }
    merged
}

/// A range with the rest of the words that it begins and ends in, in scripts that put blanks between words.
fn whole_words(text: &str, span: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    let in_word = |c: &char| c.is_alphanumeric() && *c < '\u{590}';
    let (before, found, after) =
        (slice(text, 0..span.start), slice(text, span.clone()), slice(text, span.end..text.len()));
    let length = |rest: &mut dyn Iterator<Item = char>| rest.take_while(in_word).map(char::len_utf8).sum::<usize>();
    let back = if found.starts_with(|c| in_word(&c)) { length(&mut before.chars().rev()) } else { 0 };
    let ahead = if found.ends_with(|c| in_word(&c)) { length(&mut after.chars()) } else { 0 };
    span.start - back..span.end + ahead
}

/// Where the characters of a text begin, in bytes.
struct Places(Vec<usize>);

impl Places {
    fn of(text: &str) -> Self {
        Self(text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect())
    }

    fn byte(&self, char: usize) -> usize {
        self.0.get(char).or(self.0.last()).copied().unwrap_or(0)
    }

    /// The characters of a range of bytes, those cut into included.
    fn chars(&self, bytes: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let start = self.0.partition_point(|byte| *byte <= bytes.start).saturating_sub(1);
        start..self.0.partition_point(|byte| *byte < bytes.end).min(self.0.len() - 1)
    }
}

/// A part of a text; nothing where the bounds lie inside a character.
fn slice(text: &str, range: std::ops::Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}
