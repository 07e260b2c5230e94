//! Steps in the order of their starts, although they end in another order.

use std::collections::VecDeque;

use super::{Action, Step};

/// A place in the order of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotId(u64);

#[derive(Debug)]
enum Slot {
    Open,
    Void,
    Done(Step),
}

/// The places from the oldest open one on.
#[derive(Debug, Default)]
pub(super) struct Slots {
    first: u64,
    queue: VecDeque<Slot>,
    after_gap: bool,
}

/// How many steps may wait for an older one to end.
const SLOTS_MAX: usize = 256;

impl Slots {
    /// The oldest place, where no more can wait behind it.
    pub fn full(&self) -> Option<SlotId> {
        (self.queue.len() >= SLOTS_MAX).then_some(SlotId(self.first))
    }

    pub fn open(&mut self) -> SlotId {
        self.queue.push_back(Slot::Open);
        SlotId(self.first + self.queue.len() as u64 - 1)
    }

    /// Fills a place with its step, or gives it up.
    pub fn fill(&mut self, id: SlotId, step: Option<Step>) {
        let at = id.0.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        if let Some(slot) = at.and_then(|at| self.queue.get_mut(at)) {
            *slot = step.map_or(Slot::Void, Slot::Done);
        }
    }

    /// Hands over what waits for nothing; returns how many events are in it. Gaps with no step between them are one.
    pub fn drain(&mut self, emit: &mut impl FnMut(Step)) -> u64 {
        let mut events = 0;
        while let Some(slot) = self.queue.pop_front_if(|slot| !matches!(slot, Slot::Open)) {
            self.first += 1;
            if let Slot::Done(step) = slot {
                let gap = step.action == Action::Gap;
                let again = std::mem::replace(&mut self.after_gap, gap) && gap;
                if !again {
                    events += u64::from(step.events);
                    emit(step);
                }
            }
        }
        events
    }
}
