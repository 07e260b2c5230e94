//! A sealed segment as bytes: header, signature, chunks.

use candor_model::header::{Form, HeaderError};
use candor_model::{Hash, Header};
use ed25519_dalek::{Signature, VerifyingKey};

use crate::journal::check_cut;
use crate::keys::Wrap;

/// What a signature of a header signs first, so that it is valid for nothing else.
pub(crate) const HEADER_LABEL: &[u8] = b"candor segment header v1";

/// A sealed segment: ciphertext with its signed header. The only thing a store takes.
///
/// Made by sealing, or read from bytes after the device's signature and the framing were checked. Whether the chunks
/// open is known only to who holds the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSegment {
    header: Header,
    bytes: Vec<u8>,
}

impl SealedSegment {
    /// Where the chunks begin.
    pub const BODY: usize = Header::LEN + 64;

    pub(crate) fn from_parts(header: Header, bytes: Vec<u8>) -> Self {
        Self { header, bytes }
    }

    /// Reads a segment and checks its header, the device's signature and the framing of its chunks.
    ///
    /// # Errors
    /// [`SegmentError`] says what is wrong; it names the segment's number where the header could be read.
    pub fn parse(bytes: Vec<u8>, device: &VerifyingKey) -> Result<Self, SegmentError> {
        let header = check_header(&bytes, device)?;
        check_framing(&header, bytes.get(Self::BODY..).unwrap_or_default(), device)?;
        Ok(Self { header, bytes })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The whole object.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name under which a vault stores it: the hash of the whole object.
    pub fn object_hash(&self) -> Hash {
        Hash::of(&self.bytes)
    }
}

/// A segment with the wraps of its key. The wraps part from the object at once: the vault's goes to the broker, the
/// participant's to the device's shelf.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The object.
    pub segment: SealedSegment,
    /// The key for the vault; absent for remarks, which only the participant opens.
    pub vault: Option<Wrap>,
    /// The key for the participant.
    pub participant: Wrap,
}

/// Reads and verifies a header with its signature from the start of `bytes`.
///
/// # Errors
/// [`SegmentError`] as for [`SealedSegment::parse`].
pub fn check_header(bytes: &[u8], device: &VerifyingKey) -> Result<Header, SegmentError> {
    let (encoded, rest) = bytes.split_first_chunk::<{ Header::LEN }>().ok_or(SegmentError::NoHeader)?;
    let (signature, _) = rest.split_first_chunk::<64>().ok_or(SegmentError::NoHeader)?;
    let header = Header::decode(encoded)?;
    device
        .verify_strict(&[HEADER_LABEL, encoded].concat(), &Signature::from_bytes(signature))
        .map_err(|_| SegmentError::Signature { number: header.number })?;
    Ok(header)
}

/// What a frame of the body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A chunk with another to follow.
    More,
    /// The last chunk.
    Last,
    /// The device's signature under a journal that ended without its last chunk.
    Cut,
}

/// The longest frame content: a chunk of at most this many bytes, tag included.
pub(crate) const FRAME_MAX: usize = 1 << 20;

/// One frame of the body, and what follows it.
pub(crate) struct Frame<'a> {
    pub(crate) kind: FrameKind,
    pub(crate) content: &'a [u8],
    pub(crate) rest: &'a [u8],
}

/// Appends a frame. The check (the first 4 bytes of the content's SHA-256) lets a reader without the key see a torn
/// write; it proves nothing against an attacker, whom the AEAD stops.
pub(crate) fn put_frame(out: &mut Vec<u8>, kind: FrameKind, content: &[u8]) {
    out.push(kind as u8);
    out.extend_from_slice(&(content.len() as u32).to_be_bytes());
    out.extend(Hash::of(content).0.iter().take(4));
    out.extend_from_slice(content);
}

/// Reads the next frame; nothing where the bytes are torn.
pub(crate) fn next_frame(bytes: &[u8]) -> Option<Frame<'_>> {
    let (&[kind], rest) = bytes.split_first_chunk()?;
    let kind = match kind {
        0 => FrameKind::More,
        1 => FrameKind::Last,
        2 => FrameKind::Cut,
        _ => return None,
    };
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let (check, rest) = rest.split_first_chunk::<4>()?;
    let len = u32::from_be_bytes(*len) as usize;
    let (content, rest) = rest.split_at_checked(len).filter(|_| len <= FRAME_MAX)?;
    Hash::of(content).0.starts_with(check).then_some(Frame { kind, content, rest })
}

/// How many bytes of `body` are whole chunk frames, and how many frames that is. What follows is a torn write.
pub(crate) fn whole_frames(body: &[u8]) -> (usize, u32) {
    let (mut rest, mut frames) = (body, 0);
    while let Some(frame) = next_frame(rest).filter(|frame| frame.kind == FrameKind::More) {
        rest = frame.rest;
        frames += 1;
    }
    (body.len() - rest.len(), frames)
}

fn check_framing(header: &Header, body: &[u8], device: &VerifyingKey) -> Result<(), SegmentError> {
    let torn = SegmentError::Torn { number: header.number };
    let (whole, chunks) = whole_frames(body);
    let (before, tail) = body.split_at_checked(whole).ok_or(torn)?;
    let end = next_frame(tail).ok_or(torn)?;
    let allowed = match end.kind {
        FrameKind::More => false,
        FrameKind::Last => header.form == Form::Compact,
        FrameKind::Cut => header.form == Form::Journal && check_cut(header.hash(), chunks, before, end.content, device),
    };
    if allowed && end.rest.is_empty() { Ok(()) } else { Err(torn) }
}

/// Bytes that are no sealed segment of the expected device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentError {
    /// Too short to hold a header.
    #[error("the bytes end within the segment header; fetch the segment again")]
    NoHeader,
    /// The header is not one this version knows.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The device did not sign this header.
    #[error("segment {number}: the header is not signed by the expected device")]
    Signature {
        /// The segment's number.
        number: u32,
    },
    /// The chunks end early, or something follows them.
    #[error("segment {number}: torn: the chunks end early, or bytes follow the last one")]
    Torn {
        /// The segment's number.
        number: u32,
    },
    /// Only a journal can be cut.
    #[error("segment {number}: it is not a journal")]
    NotAJournal {
        /// The segment's number.
        number: u32,
    },
}
