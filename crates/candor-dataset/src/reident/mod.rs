//! Who was it? Attackers that learn people from defended data and then name them: the measure of a release.
//!
//! An attacker gets what a builder gets, learns on it (a defence that only confuses who learned on raw data is none), and is
//! asked about other sessions of the same people. [`Trial`] is one such examination, [`summary`] the verdict over many.
//!
//! Architecture invariant: nothing here is part of a build. Randomness is a seed.

mod attack;
mod dice;
mod forest;
mod habits;
mod nearest;
mod profile;
mod rows;
mod summary;
mod trial;
mod vector;

pub use attack::{ATTACKERS, Attacker};
pub use dice::Dice;
pub use rows::{View, samples};
pub use summary::{Estimate, Summary, summary};
pub use trial::{FUSED, Outcome, Person, Trial};

/// A little of what one person did: what an attacker sees at once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// Measured values, each of a class: intervals, durations, distances.
    pub values: Vec<(u32, f64)>,
    /// What was done, without order.
    pub marks: Vec<u32>,
    /// What was done, in order, for those who read style from it.
    pub text: Vec<u32>,
}

/// A class, a mark or a letter from its name: FNV-1a. That two may meet costs an attacker nothing worth a table.
pub fn name(parts: &[&str]) -> u32 {
    let mut hash = 0x811c_9dc5u32;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash
}
