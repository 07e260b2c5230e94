//! Opening: the one place where plaintext comes back.

use candor_model::header::Schema;
use candor_model::{Event, Header};
use candor_redact::Remark;

use crate::codec::{self, BlockError};
use crate::keys::{Dek, KeyError};
use crate::segment::{FrameKind, SealedSegment, next_frame};
use crate::session::SEGMENT_EVENTS_MAX;
use crate::stream::{BadChunk, Chunks};

/// The most bytes that the JSON of one segment's remarks has.
pub(crate) const REMARKS_MAX: usize = 16 << 20;

/// A segment that was opened. Whoever holds one holds plaintext.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// The segment's header.
    pub header: Header,
    /// Its events, times not decreasing.
    pub events: Vec<Event>,
}

/// Opens a segment of events.
///
/// # Errors
/// [`OpenError`] names the segment's number and what is wrong: a foreign key, a chunk altered, missing, reordered or
/// repeated, a segment of another schema, or a block no encoder wrote.
pub fn open(segment: &SealedSegment, dek: &Dek) -> Result<Opened, OpenError> {
    let header = segment.header();
    let mut events = Vec::new();
    let number = header.number;
    each_chunk(segment, dek, Schema::Events, |chunk, block| {
        let (before, last) = (events.len(), events.last().map(|event: &Event| event.at));
        codec::decode(block, &mut events).map_err(|source| OpenError::Block { number, chunk, source })?;
        if events.len() > SEGMENT_EVENTS_MAX {
            return Err(OpenError::TooMany { number, chunk });
        }
        // Within a block ticks cannot decrease: the steps between them have no sign.
        let ordered = events.get(before).is_none_or(|first| last <= Some(first.at));
        if ordered { Ok(()) } else { Err(OpenError::Order { number, chunk }) }
    })?;
    Ok(Opened { header: header.clone(), events })
}

/// Opens a segment of remarks.
///
/// # Errors
/// As [`open`].
pub fn open_remarks(segment: &SealedSegment, dek: &Dek) -> Result<Vec<Remark>, OpenError> {
    let number = segment.header().number;
    let mut remarks = Vec::new();
    let mut left = REMARKS_MAX;
    each_chunk(segment, dek, Schema::Remarks, |chunk, block| {
        let json = codec::expand(block, left).ok_or(OpenError::Remarks { number, chunk })?;
        left = left.saturating_sub(json.len());
        remarks.extend(read_remarks(&json).ok_or(OpenError::Remarks { number, chunk })?);
        Ok(())
    })?;
    Ok(remarks)
}

/// Remarks have one form, to the byte: what is read must be what would be written.
fn read_remarks(json: &[u8]) -> Option<Vec<Remark>> {
    let remarks: Vec<Remark> = serde_json::from_slice(json).ok()?;
    (serde_json::to_vec(&remarks).ok()? == json).then_some(remarks)
}

fn each_chunk(
    segment: &SealedSegment,
    dek: &Dek,
    schema: Schema,
    mut take: impl FnMut(u32, &[u8]) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    let header = segment.header();
    let number = header.number;
    if header.schema != schema {
        return Err(OpenError::Schema { number });
    }
    if dek.commitment()? != header.commitment {
        return Err(OpenError::ForeignKey { number });
    }
    let mut chunks = Chunks::new(dek, header.hash())?;
    let mut rest = segment.as_bytes().get(SealedSegment::BODY..).unwrap_or_default();
    let mut chunk = 0;
    while let Some(frame) = next_frame(rest).filter(|frame| frame.kind != FrameKind::Cut) {
        let last = frame.kind == FrameKind::Last;
        let block = chunks.open(frame.content, last).map_err(|BadChunk(chunk)| OpenError::Chunk { number, chunk })?;
        take(chunk, &block)?;
        chunk += 1;
        rest = frame.rest;
    }
    Ok(())
}

/// Why a segment does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The key is another segment's.
    #[error("segment {number}: this key is not the one the header commits to")]
    ForeignKey {
        /// The segment's number.
        number: u32,
    },
    /// A chunk was altered, or is not in its place.
    #[error("segment {number}: chunk {chunk} was altered, or is missing, reordered or repeated")]
    Chunk {
        /// The segment's number.
        number: u32,
        /// The chunk's number.
        chunk: u32,
    },
    /// The segment holds something else.
    #[error("segment {number}: it holds another kind of record")]
    Schema {
        /// The segment's number.
        number: u32,
    },
    /// A block is malformed.
    #[error("segment {number}: chunk {chunk}: {source}")]
    Block {
        /// The segment's number.
        number: u32,
        /// The chunk's number.
        chunk: u32,
        /// What is wrong with it.
        source: BlockError,
    },
    /// The remarks are malformed.
    #[error("segment {number}: chunk {chunk}: the remarks are malformed")]
    Remarks {
        /// The segment's number.
        number: u32,
        /// The chunk's number.
        chunk: u32,
    },
    /// More events than a segment holds: it would fill the reader's memory.
    #[error("segment {number}: chunk {chunk}: it holds more events than a segment may")]
    TooMany {
        /// The segment's number.
        number: u32,
        /// The number of the chunk that is too much.
        chunk: u32,
    },
    /// Time runs backwards between two chunks.
    #[error("segment {number}: chunk {chunk}: its events begin before those of the chunk before it end")]
    Order {
        /// The segment's number.
        number: u32,
        /// The chunk's number.
        chunk: u32,
    },
    /// A key is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
}
