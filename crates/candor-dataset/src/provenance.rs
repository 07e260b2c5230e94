//! Where each step came from: sealed to the broker, so that builders cannot link rows to people or segments.

use candor_model::{ConsentId, DatasetId, Hash, ParticipantId, Purpose, Purposes, SessionId};
use candor_seal::{Dek, Encapsulation, Identity, KeyError, Recipient, Rewrapped, Wrap, open_rewrapped, rewrap};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

use crate::pseudonym::{Pseudonym, SessionName};
use crate::sealed::{Place, StreamOpener, StreamSealer};

/// Where every row of one version came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its version.
    pub version: u32,
    /// What it may be used for.
    pub purpose: Purpose,
    /// The version of the reducer.
    pub reducer: u16,
    /// When it expires, Unix seconds.
    pub expires: u64,
    /// Whose.
    pub participants: Vec<ParticipantSource>,
}

/// One participant's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantSource {
    /// What the dataset calls them.
    pub name: Pseudonym,
    /// Who it is.
    pub participant: ParticipantId,
    /// Their sessions.
    pub sessions: Vec<SessionSource>,
}

/// One session's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSource {
    /// What the dataset calls it.
    pub name: SessionName,
    /// Which it is.
    pub session: SessionId,
    /// Whether it was imported.
    pub imported: bool,
    /// The consent it was recorded under.
    pub consent: ConsentId,
    /// That record's hash.
    pub consent_hash: Hash,
    /// What it was sealed for.
    pub purposes: Purposes,
    /// The version of the redaction rules.
    pub redactor: u16,
    /// When its consent expires, Unix seconds.
    pub expires: u64,
    /// Header hashes of its segments, in the order of their numbers.
    pub segments: Vec<Hash>,
    /// Which segments its steps came from: runs of steps with the same answer, in order.
    pub steps: Vec<StepRun>,
}

/// `steps` steps that came from the segments `from` to `to`, both included, counted in the session's list from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRun {
    /// How many steps.
    pub steps: u64,
    /// The first segment.
    pub from: u32,
    /// The last.
    pub to: u32,
}

impl SessionSource {
    /// The header hashes of the segments that a step came from; empty where the session has no such step.
    pub fn segments_of(&self, step: u64) -> &[Hash] {
        let mut first = 0u64;
        for run in &self.steps {
            first += run.steps;
            if step < first {
                return self.segments.get(run.from as usize..=run.to as usize).unwrap_or_default();
            }
        }
        &[]
    }
}

fn binding(dataset: DatasetId, version: u32) -> Hash {
    Hash::of_parts("candor provenance v1", &[dataset.as_bytes(), &version.to_be_bytes()])
}

fn place(dataset: DatasetId, version: u32) -> Place {
    Place::new(dataset, version, "provenance")
}

/// Seals a provenance to the broker: an X-Wing encapsulation, the wrapped key, then the JSON as a sealed stream.
///
/// # Errors
/// `InvalidInput` where the broker's key is malformed.
pub fn seal_provenance(broker: &Recipient, provenance: &Provenance, rng: &mut impl CryptoRng) -> io::Result<Vec<u8>> {
    let (dataset, version) = (provenance.dataset, provenance.version);
    let (key, bound) = (Dek::generate(rng), binding(dataset, version));
    let bad = |error: KeyError| io::Error::new(io::ErrorKind::InvalidInput, error);
    let wrapped = rewrap(broker, bound, &[(bound, key.clone())], rng).map_err(bad)?;
    let mut out = wrapped.enc;
    out.extend(wrapped.wraps.iter().flat_map(|(_, wrap)| wrap.0));
    let mut sealer = StreamSealer::new(&key, &place(dataset, version), out, rng)?;
    sealer.write_all(&serde_json::to_vec(provenance)?)?;
    sealer.finish()
}

/// Opens what [`seal_provenance`] made, in the broker.
///
/// # Errors
/// `InvalidData` where it was sealed to another broker, is of another dataset or version, or was altered.
pub fn open_provenance(broker: &Identity, dataset: DatasetId, version: u32, sealed: &[u8]) -> io::Result<Provenance> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "this is no provenance of that dataset and version");
    let (enc, rest) = sealed.split_at_checked(Encapsulation::LEN).ok_or_else(invalid)?;
    let (wrap, stream) = rest.split_first_chunk::<48>().ok_or_else(invalid)?;
    let bound = binding(dataset, version);
    let keys = Rewrapped { enc: enc.to_vec(), wraps: vec![(bound, Wrap(*wrap))] };
    let keys = open_rewrapped(broker, bound, &keys).map_err(|_| invalid())?;
    let (_, key) = keys.first().ok_or_else(invalid)?;
    let mut json = Vec::new();
    StreamOpener::new(key, &place(dataset, version), stream)?.read_to_end(&mut json)?;
    serde_json::from_slice(&json).map_err(|_| invalid())
}
