//! Which dataset was made of whom: kept by the vault, so that an erasure reaches every copy it made.

use std::collections::{BTreeMap, BTreeSet};

use candor_model::{DatasetId, Hash, ParticipantId};
use serde::{Deserialize, Serialize};

/// What one version of a dataset was made of. The vault persists it; builders never see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lineage {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its version.
    pub version: u32,
    /// For each participant, the header hashes of the segments.
    pub sources: BTreeMap<ParticipantId, BTreeSet<Hash>>,
    /// When the first of its sources expires, Unix seconds.
    pub expires: u64,
    /// Set once something it was made of is gone.
    pub taint: Option<Taint>,
}

/// Why a version must not be loaded any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// Since when, Unix seconds.
    pub since: u64,
    /// Why.
    pub reason: TaintReason,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaintReason {
    /// Something it was made of was erased.
    Erased,
    /// Somebody withdrew.
    Withdrawn,
    /// The operator took it back.
    Recalled,
}

impl Lineage {
    /// Whether it holds anything of this participant.
    pub fn uses(&self, participant: ParticipantId) -> bool {
        self.sources.contains_key(&participant)
    }

    /// Whether it holds any of these segments.
    pub fn uses_any(&self, segments: &BTreeSet<Hash>) -> bool {
        self.sources.values().any(|used| !used.is_disjoint(segments))
    }

    /// Marks it. The first mark stays: it says since when nothing should have been loaded.
    pub fn taint(&mut self, since: u64, reason: TaintReason) {
        self.taint.get_or_insert(Taint { since, reason });
    }
}

/// Marks every version that holds something of `participant`: all of them where `segments` is absent, else those that
/// hold one of these. Returns which are newly marked.
pub fn taint_all<'a>(
    lineages: impl IntoIterator<Item = &'a mut Lineage>,
    participant: ParticipantId,
    segments: Option<&BTreeSet<Hash>>,
    since: u64,
    reason: TaintReason,
) -> Vec<(DatasetId, u32)> {
    let mut marked = Vec::new();
    for lineage in lineages {
        let Some(used) = lineage.sources.get(&participant) else { continue };
        if lineage.taint.is_none() && segments.is_none_or(|gone| !used.is_disjoint(gone)) {
            lineage.taint(since, reason);
            marked.push((lineage.dataset, lineage.version));
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(version: u32, participant: u8, segment: u8) -> Lineage {
        let participant = ParticipantId::from_bytes([participant; 16]);
        let sources = BTreeMap::from([(participant, BTreeSet::from([Hash([segment; 32])]))]);
        Lineage { dataset: DatasetId::from_bytes([9; 16]), version, sources, expires: 100, taint: None }
    }

    #[test]
    fn an_erasure_marks_every_version_that_used_it_and_no_other() {
        let mut all = [lineage(1, 1, 1), lineage(2, 1, 2), lineage(3, 2, 1)];
        let person = ParticipantId::from_bytes([1; 16]);
        let gone = BTreeSet::from([Hash([1; 32])]);
        let versions =
            |marked: Vec<(DatasetId, u32)>| marked.into_iter().map(|(_, version)| version).collect::<Vec<_>>();
        assert_eq!(versions(taint_all(&mut all, person, Some(&gone), 50, TaintReason::Erased)), [1]);
        assert_eq!(versions(taint_all(&mut all, person, None, 60, TaintReason::Withdrawn)), [2]);
        assert_eq!(all[0].taint, Some(Taint { since: 50, reason: TaintReason::Erased }), "the first mark stays");
        assert_eq!(all[2].taint, None);
    }
}
