//! Keys on their way through the wall, by the number of the observation that they were.

use std::collections::VecDeque;

use candor_model::Ticks;
use zeroize::Zeroize;

use crate::text::EventId;

/// How many are remembered. Older ones have left the wall and can no longer be taken back.
const STROKES_MAX: usize = 65_536;

/// Which group of redacted keys a key belongs to.
pub(crate) type GroupId = u32;

/// One key going down, a repeat included, or one commit of an input method.
pub(crate) struct StrokeState {
    pub(crate) at: Ticks,
    /// In which stay in a field.
    pub(crate) visit: u32,
    /// The character it may show as: the field was in step, and the policy, application and context allow text.
    pub(crate) text: Option<char>,
    /// Whether it put a character into the field.
    pub(crate) inserts: bool,
    /// The finding it belongs to.
    pub(crate) group: Option<GroupId>,
    /// It is part of what may become a finding, or of one that was spoiled: never text.
    pub(crate) near: bool,
    /// The field was lost while more could still have come: never text, whatever is seen later.
    pub(crate) cut_off: bool,
    /// The ordinal of the event it left as, and whether as text.
    pub(crate) left: Option<(u64, bool)>,
    /// The ordinal of its release.
    pub(crate) released: Option<u64>,
}

#[derive(Default)]
pub(crate) struct Strokes {
    base: EventId,
    states: VecDeque<StrokeState>,
}

impl Strokes {
    pub(crate) fn next(&self) -> EventId {
        self.base + self.states.len() as EventId
    }

    pub(crate) fn push(&mut self, at: Ticks, visit: u32) -> EventId {
        if self.states.len() >= STROKES_MAX {
            self.states.pop_front();
            self.base += 1;
        }
        let state = StrokeState {
            at,
            visit,
            text: None,
            inserts: false,
            group: None,
            near: false,
            cut_off: false,
            left: None,
            released: None,
        };
        self.states.push_back(state);
        self.next() - 1
    }

    pub(crate) fn get(&self, id: EventId) -> Option<&StrokeState> {
        self.states.get(usize::try_from(id.checked_sub(self.base)?).ok()?)
    }

    pub(crate) fn get_mut(&mut self, id: EventId) -> Option<&mut StrokeState> {
        self.states.get_mut(usize::try_from(id.checked_sub(self.base)?).ok()?)
    }

    /// Forgets what was pressed before `then` and has left: it can no longer be taken back.
    pub(crate) fn forget_before(&mut self, then: Ticks) {
        while self.states.front().is_some_and(|state| state.at < then && state.left.is_some()) {
            self.states.pop_front();
            self.base += 1;
        }
    }
}

impl Drop for StrokeState {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}
