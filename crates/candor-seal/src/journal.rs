//! The journal form: small chunks, each durable within a second, readable by nobody without the key.

use candor_model::Hash;
use candor_model::header::Form;
use candor_redact::Redacted;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::codec::Encoder;
use crate::keys::Wrap;
use crate::segment::{FrameKind, SealedSegment, SegmentError, check_header, put_frame, whole_frames};
use crate::session::{Begun, SealError};

/// What the device signs under a journal that ended early.
const CUT_LABEL: &[u8] = b"candor journal cut v1";

/// An open journal. Dropping it leaves a torn segment, still encrypted, which recovery cuts and signs.
#[must_use = "a journal that nobody appends to records nothing"]
pub struct Journal {
    begun: Begun,
    encoder: Encoder,
    /// How many events it holds.
    events: usize,
}

/// The next bytes of a journal's file: a sealed chunk. Only [`Journal::append`] makes one, so a store that takes it
/// cannot be given anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a chunk that is not written is lost, and no later one opens"]
pub struct SealedChunk(Vec<u8>);

impl SealedChunk {
    /// The bytes to append to the file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Journal {
    pub(crate) fn new(begun: Begun) -> Result<Self, SealError> {
        Ok(Self { begun, encoder: Encoder::new().map_err(SealError::Codec)?, events: 0 })
    }

    /// The first bytes of the file: header and signature.
    pub fn head(&self) -> &[u8] {
        &self.begun.head
    }

    /// The segment's header hash, which names the rows of its wraps.
    pub fn header_hash(&self) -> Hash {
        self.begun.header.hash()
    }

    /// The segment's number in its session.
    pub fn number(&self) -> u32 {
        self.begun.header.number
    }

    /// The wraps: the vault's and the participant's.
    pub fn wraps(&self) -> (Option<Wrap>, Wrap) {
        (self.begun.vault, self.begun.participant)
    }

    /// Seals events as the next chunk, to be appended to the file.
    ///
    /// # Errors
    /// [`SealError::TooMany`] where the journal would hold more than [`crate::SEGMENT_EVENTS_MAX`] events or 2^32 chunks, or
    /// where the events fill more than a chunk. Nothing is sealed then, and fewer events may follow.
    pub fn append(&mut self, events: &[Redacted]) -> Result<SealedChunk, SealError> {
        let total = self.events.saturating_add(events.len());
        if total > crate::SEGMENT_EVENTS_MAX {
            return Err(SealError::TooMany);
        }
        let block = self.encoder.encode(events.iter().map(Redacted::event)).map_err(SealError::encoder)?;
        let chunk = self.begun.chunks.seal(&block, false)?;
        let mut frame = Vec::new();
        put_frame(&mut frame, FrameKind::More, &chunk);
        self.events = total;
        Ok(SealedChunk(frame))
    }
}

/// What a cut signs: which segment, how many chunks, which bytes.
fn cut_message(header: Hash, chunks: u32, body: &[u8]) -> Vec<u8> {
    [CUT_LABEL, &header.0, &chunks.to_be_bytes(), &Hash::of(body).0].concat()
}

/// Makes a whole segment of a journal that a crash left behind: drops the torn tail and signs what is left.
///
/// # Errors
/// [`SegmentError`] where the header is torn, foreign or not a journal's.
pub fn cut_journal(mut bytes: Vec<u8>, device: &SigningKey) -> Result<SealedSegment, SegmentError> {
    let header = check_header(&bytes, &device.verifying_key())?;
    if header.form != Form::Journal {
        return Err(SegmentError::NotAJournal { number: header.number });
    }
    let (whole, chunks) = whole_frames(bytes.get(SealedSegment::BODY..).unwrap_or_default());
    bytes.truncate(SealedSegment::BODY + whole);
    let message = cut_message(header.hash(), chunks, bytes.get(SealedSegment::BODY..).unwrap_or_default());
    put_frame(&mut bytes, FrameKind::Cut, &device.sign(&message).to_bytes());
    Ok(SealedSegment::from_parts(header, bytes))
}

/// Checks the signature of a cut frame under the chunks before it.
pub(crate) fn check_cut(header: Hash, chunks: u32, body: &[u8], cut: &[u8], device: &VerifyingKey) -> bool {
    let Ok(signature) = <&[u8; 64]>::try_from(cut).map(Signature::from_bytes) else { return false };
    device.verify_strict(&cut_message(header, chunks, body), &signature).is_ok()
}
