//! Reading one's own data: on this device, with one's own key, without asking anybody.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use candor_model::header::Schema;
use candor_model::{Event, SessionId};
use candor_redact::Remark;
use candor_seal::{Dek, Identity, RecipientRole, WrapKey, open, open_remarks};
use candor_store::SegmentId;
use candor_store::spool::Own;

use crate::agent::home::Home;
use crate::agent::recordings::Recordings;

/// Opens the participant's own segments. Holds their opening key, so the recorder never has one of these.
pub(crate) struct Reader {
    identity: Identity,
    /// K of each encapsulation met so far: deriving one costs more than opening a segment.
    keys: BTreeMap<(SessionId, u32), WrapKey>,
}

/// What a segment holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// Events as others may see them.
    Events(Vec<Event>),
    /// What was left out and why; only the participant can read this.
    Remarks(Vec<Remark>),
}

impl Content {
    /// The first and last tick.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        match self {
            Self::Events(events) => Some((events.first()?.at, events.last()?.at)),
            Self::Remarks(remarks) => {
                let first = remarks.iter().map(|remark| remark.from).min()?;
                Some((first, remarks.iter().map(|remark| remark.to).max()?))
            }
        }
    }
}

impl Reader {
    /// A reader with the participant's opening key.
    ///
    /// # Errors
    /// Where the key cannot be read.
    pub(crate) fn new(home: &Home) -> Result<Self> {
        Ok(Self { identity: home.opening()?, keys: BTreeMap::new() })
    }

    /// Opens one segment.
    ///
    /// # Errors
    /// Where it was erased, altered, or is not this participant's.
    pub(crate) fn open(&mut self, recordings: &dyn Recordings, id: SegmentId) -> Result<Content> {
        let own = recordings.own(id)?;
        let dek = self.dek(&own)?;
        let number = id.number;
        Ok(match id.schema {
            Schema::Events => Content::Events(open(&own.segment, &dek)?.events),
            Schema::Remarks => {
                Content::Remarks(open_remarks(&own.segment, &dek).with_context(|| format!("remarks {number}"))?)
            }
        })
    }

    fn dek(&mut self, own: &Own) -> Result<Dek> {
        let header = own.segment.header();
        let place = (header.context.session, header.encapsulation);
        anyhow::ensure!(own.encapsulation.role == RecipientRole::Participant, "this wrap is not for the participant");
        let key = match self.keys.entry(place) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(WrapKey::decapsulate(&self.identity, &header.context, &own.encapsulation)?)
            }
        };
        Ok(key.unwrap(header.hash(), &own.wrap)?)
    }
}
