//! Where the events went.

use serde::{Deserialize, Serialize};

/// Every event pushed is in exactly one of the other counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Events pushed.
    pub pushed: u64,
    /// Events that a step is made of.
    pub in_steps: u64,
    /// Pointer movement with no button down.
    pub moves: u64,
    /// Modifiers that changed other steps, or were touched too briefly to be one.
    pub modifiers: u64,
    /// Typing taken back within its run, down to nothing.
    pub undone: u64,
    /// Releases whose press is in no step, shortcuts whose modifier was not seen, scrolls by nothing.
    pub loose: u64,
    /// Changes of window.
    pub windows: u64,
    /// What was told of elements.
    #[serde(default)]
    pub elements: u64,
    /// Gaps.
    pub gaps: u64,
    /// Input that no human made: injected, by an agent, unknown.
    pub other_actors: u64,
}

impl Tally {
    /// Whether the counts add up.
    pub fn balances(&self) -> bool {
        let Self { in_steps, moves, modifiers, undone, loose, windows, elements, gaps, other_actors, .. } = *self;
        self.pushed == in_steps + moves + modifiers + undone + loose + windows + elements + gaps + other_actors
    }

    /// Adds another session's counts.
    pub fn add(&mut self, other: &Self) {
        let Self { pushed, in_steps, moves, modifiers, undone, loose, windows, elements, gaps, other_actors } = *other;
        self.pushed += pushed;
        self.in_steps += in_steps;
        self.moves += moves;
        self.modifiers += modifiers;
        self.undone += undone;
        self.loose += loose;
        self.windows += windows;
        self.elements += elements;
        self.gaps += gaps;
        self.other_actors += other_actors;
    }
}
