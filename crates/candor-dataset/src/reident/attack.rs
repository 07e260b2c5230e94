//! The attackers by name.

use super::forest::Forest;
use super::habits::{Habits, threes};
use super::nearest::Nearest;
use super::profile::Profiles;
use super::{Dice, Sample};

/// A way to tell people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attacker {
    /// Scaled Manhattan over the profiles of classes.
    Profile,
    /// Nearest neighbours of feature means.
    Nearest,
    /// A random forest over feature means.
    Forest,
    /// Naive Bayes over what was done: actions, keys, shortcuts, shapes, pauses in buckets, places.
    Habits,
    /// Naive Bayes over three in a row.
    Style,
    /// All of them together, by the sum of their standard scores.
    Together,
}

/// Every attacker.
pub const ATTACKERS: [Attacker; 6] =
    [Attacker::Profile, Attacker::Nearest, Attacker::Forest, Attacker::Habits, Attacker::Style, Attacker::Together];

impl Attacker {
    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Nearest => "nearest",
            Self::Forest => "forest",
            Self::Habits => "habits",
            Self::Style => "style",
            Self::Together => "together",
        }
    }
}

/// All attackers, having learned.
pub(super) struct Learned {
    profile: Profiles,
    nearest: Nearest,
    forest: Forest,
    habits: Habits,
    style: Habits,
}

impl Learned {
    pub(super) fn learn(people: usize, train: &[(usize, &Sample)], dice: &mut Dice) -> Self {
        Self {
            profile: Profiles::learn(people, train),
            nearest: Nearest::learn(people, train),
            forest: Forest::learn(people, train, dice),
            habits: Habits::learn(people, train.iter().map(|(who, sample)| (*who, sample.marks.clone()))),
            style: Habits::learn(people, train.iter().map(|(who, sample)| (*who, threes(&sample.text)))),
        }
    }

    /// How well a sample fits each person, by each attacker but the last.
    pub(super) fn scores(&self, sample: &Sample) -> [Vec<f64>; 5] {
        [
            self.profile.scores(sample),
            self.nearest.scores(sample),
            self.forest.scores(sample),
            self.habits.scores(&sample.marks),
            self.style.scores(&threes(&sample.text)),
        ]
    }
}
