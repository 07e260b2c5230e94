//! What a participant names: found in a text without being kept readable.
//!
//! A participant may name anything: a home address, a child's name, the name of a merger. Of each value this keeps its
//! length, a tag of 16 bits and up to eight fingerprints of 6 to 13 bits, each of four characters that stand somewhere in
//! the value (a value of fewer than eight characters has one fingerprint, of 30 bits, over all of it). A text holds the
//! value where three fifths of the fingerprints follow each other at about the right distances; all of them do where it
//! is typed whole. Both sides are folded first (see [`fold`]): case, accents, width, blanks and hyphens do not count.
//!
//! # What somebody gets who steals the list
//!
//! - **The list without the device key**: lengths and labels. Fingerprints are masked with HMAC-SHA256 under that key.
//! - **The list and the key** (whoever reads the participant's home folder has both): an offline test for guesses.
//!   Anything that can be guessed will be: a first name, a birthday, an address in a known town. Fingerprints are short
//!   so that many values fit them: about 45 bits in all for a value of 12 characters, and a random one has 62, so some
//!   hundred thousand fit; but a value that is made of words has fewer bits than that and is as good as known. The list
//!   is no place for passwords that still open something.
//! - Nothing of the list is uploaded; nothing of it is in any segment.
//!
//! Why there is no longer hash of the whole value: it would not find more, and it would confirm every guess beyond doubt.
//! Why the fingerprints are a universal hash and not HMAC itself: one is taken at every character of every text, and HMAC
//! would make that a hundred times slower. Its parameters are HMAC-SHA256 of the device key, and the mask keeps whoever
//! has the list alone from solving for them.

mod entry;
mod fold;
mod hash;
mod search;

use std::ops::Range;

use crate::detect::{Finding, Kind};

pub use entry::{PersonalEntry, PersonalError};
pub use hash::PersonalKey;
use search::{Index, Search};

/// What a participant named, ready to be looked for.
#[derive(Clone, Default)]
pub struct PersonalList {
    index: Index,
}

impl PersonalList {
    /// Nothing named.
    pub fn empty() -> Self {
        Self::default()
    }

    /// What is kept of a value.
    ///
    /// # Errors
    /// Where `value` is so short that it would be found everywhere, or so long that a part of it should be named.
    pub fn fingerprint(key: &PersonalKey, value: &str) -> Result<PersonalEntry, PersonalError> {
        PersonalEntry::new(key, value)
    }

    /// The list of these entries, made under the same `key`.
    ///
    /// # Errors
    /// Where an entry is of a version this code does not know, or damaged: to look for less than was named would fail
    /// open.
    pub fn from_entries(key: &PersonalKey, entries: Vec<PersonalEntry>) -> Result<Self, PersonalError> {
        Ok(Self { index: Index::new(key, &entries)? })
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Appends where `text` holds what was named, whole or in part, in order of where it ends. A part that was recognised
    /// is taken to stand in the whole value: what lies around it, as far as the value reaches, belongs to the finding.
    pub fn find(&self, text: &str, out: &mut Vec<Finding>) {
        if self.index.is_empty() {
            return;
        }
        let first = out.len();
        let mut search = Search::new(&self.index);
        fold::fold(text, |folded| {
            if let Some(span) = search.push(folded) {
                add(out, first, span);
            }
        });
    }

    /// How much of `text`, in bytes, is settled: whatever is appended, no byte before becomes part of another finding.
    pub fn settled(&self, text: &str) -> usize {
        if self.index.is_empty() { text.len() } else { fold::start_of_last(text, self.index.reach()) }
    }
}

/// Adds a span to the findings from `first` on. Each further fingerprint of one value tells the same place again, a little
/// longer.
fn add(out: &mut Vec<Finding>, first: usize, mut span: Range<usize>) {
    while let Some(last) = out.get(first..).and_then(<[Finding]>::last).filter(|last| last.span.end >= span.start) {
        span = last.span.start.min(span.start)..last.span.end.max(span.end);
        out.pop();
    }
    out.push(Finding { span, kind: Kind::Personal, rule: "personal" });
}

impl std::fmt::Debug for PersonalList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonalList").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
