//! Opening: the one place where plaintext comes back.

use candor_model::header::Schema;
use candor_model::{Event, Header};
use candor_redact::Remark;

use crate::codec::{self, BlockError};
use crate::keys::{Dek, KeyError};
use crate::segment::{FrameKind, SealedSegment, next_frame};
use crate::stream::{BadChunk, Chunks};

/// The most bytes a remarks chunk expands to.
const REMARKS_MAX: usize = 16 << 20;

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
    each_chunk(segment, dek, Schema::Events, |block| {
        codec::decode(block, &mut events).map_err(|source| OpenError::Block { number: header.number, source })
    })?;
    let ordered = events.iter().zip(events.iter().skip(1)).all(|(a, b)| a.at <= b.at);
    if ordered {
        Ok(Opened { header: header.clone(), events })
    } else {
        Err(OpenError::Order { number: header.number })
    }
}

/// Opens a segment of remarks.
///
/// # Errors
/// As [`open`].
pub fn open_remarks(segment: &SealedSegment, dek: &Dek) -> Result<Vec<Remark>, OpenError> {
    let malformed = OpenError::Remarks { number: segment.header().number };
    let mut remarks = Vec::new();
    each_chunk(segment, dek, Schema::Remarks, |block| {
        let json = zstd::bulk::decompress(block, REMARKS_MAX).map_err(|_| malformed.clone())?;
        remarks.extend(serde_json::from_slice::<Vec<Remark>>(&json).map_err(|_| malformed.clone())?);
        Ok(())
    })?;
    Ok(remarks)
}

fn each_chunk(
    segment: &SealedSegment,
    dek: &Dek,
    schema: Schema,
    mut take: impl FnMut(&[u8]) -> Result<(), OpenError>,
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
    while let Some(frame) = next_frame(rest).filter(|frame| frame.kind != FrameKind::Cut) {
        let last = frame.kind == FrameKind::Last;
        let block = chunks.open(frame.content, last).map_err(|BadChunk(chunk)| OpenError::Chunk { number, chunk })?;
        take(&block)?;
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
    #[error("segment {number}: {source}")]
    Block {
        /// The segment's number.
        number: u32,
        /// What is wrong with it.
        source: BlockError,
    },
    /// The remarks are malformed.
    #[error("segment {number}: the remarks are malformed")]
    Remarks {
        /// The segment's number.
        number: u32,
    },
    /// Time runs backwards between two chunks.
    #[error("segment {number}: its events are out of order")]
    Order {
        /// The segment's number.
        number: u32,
    },
    /// A key is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
}
