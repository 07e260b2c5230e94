//! Sealing: a session's sealer makes compact segments, journals and remarks.

use candor_model::header::{Form, Header, Schema, SessionContext};
use candor_redact::{Redacted, Remark};
use ed25519_dalek::{Signer, SigningKey};
use rand_core::CryptoRng;

use crate::codec::Encoder;
use crate::journal::Journal;
use crate::keys::{Dek, Encapsulation, KeyError, Recipient, RecipientRole, Wrap, WrapKey};
use crate::segment::{FrameKind, HEADER_LABEL, Sealed, SealedSegment, put_frame};
use crate::stream::{BadChunk, Chunks};

pub use crate::codec::BLOCK_EVENTS_MAX as SEGMENT_EVENTS_MAX;

/// Seals one session's segments to its two recipients. It cannot open what it sealed.
pub struct SessionSealer {
    context: SessionContext,
    vault: Party,
    participant: Party,
    device: SigningKey,
    encoder: Encoder,
}

struct Party {
    recipient: Recipient,
    key: WrapKey,
    encapsulation: Encapsulation,
}

impl Party {
    fn new(
        recipient: Recipient,
        context: &SessionContext,
        role: RecipientRole,
        number: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, KeyError> {
        let (key, encapsulation) = WrapKey::encapsulate(&recipient, context, role, number, rng)?;
        Ok(Self { recipient, key, encapsulation })
    }

    fn renew(&mut self, context: &SessionContext, rng: &mut impl CryptoRng) -> Result<(), KeyError> {
        let Encapsulation { role, number, .. } = self.encapsulation;
        let next = number.checked_add(1).ok_or(KeyError::Malformed)?;
        *self = Self::new(self.recipient.clone(), context, role, next, rng)?;
        Ok(())
    }
}

/// A segment's parts before its chunks are sealed.
pub(crate) struct Begun {
    pub(crate) header: Header,
    /// Header and signature.
    pub(crate) head: Vec<u8>,
    pub(crate) chunks: Chunks,
    pub(crate) vault: Option<Wrap>,
    pub(crate) participant: Wrap,
}

impl SessionSealer {
    /// A sealer for the session `context` describes, with fresh encapsulations to both recipients.
    ///
    /// # Errors
    /// [`SealError::Key`] where a recipient's key is no key of the suite.
    pub fn new(
        context: SessionContext,
        vault: &Recipient,
        participant: &Recipient,
        device: SigningKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        Ok(Self {
            vault: Party::new(vault.clone(), &context, RecipientRole::Vault, 0, rng)?,
            participant: Party::new(participant.clone(), &context, RecipientRole::Participant, 0, rng)?,
            context,
            device,
            encoder: Encoder::new().map_err(SealError::Codec)?,
        })
    }

    /// The session.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// The encapsulations in use: the vault's and the participant's. They must be durable before a wrap that needs them.
    pub fn encapsulations(&self) -> [&Encapsulation; 2] {
        [&self.vault.encapsulation, &self.participant.encapsulation]
    }

    /// Makes new encapsulations and forgets the old wrapping keys. Due every hour: memory stolen later opens nothing
    /// sealed before.
    ///
    /// # Errors
    /// [`SealError::Key`] where the numbers run out.
    pub fn renew(&mut self, rng: &mut impl CryptoRng) -> Result<(), SealError> {
        self.vault.renew(&self.context, rng)?;
        self.participant.renew(&self.context, rng)?;
        Ok(())
    }

    /// Seals at most [`SEGMENT_EVENTS_MAX`] events as compact segment `number` under a fresh key.
    ///
    /// # Errors
    /// [`SealError::TooMany`] where there are more.
    pub fn seal_events(
        &mut self,
        number: u32,
        events: &[Redacted],
        rng: &mut impl CryptoRng,
    ) -> Result<Sealed, SealError> {
        if events.len() > SEGMENT_EVENTS_MAX {
            return Err(SealError::TooMany);
        }
        let block = self.encoder.encode(events.iter().map(Redacted::event)).map_err(SealError::encoder)?;
        self.seal_whole(Schema::Events, number, &block, rng)
    }

    /// Seals what was left out and why, for the participant alone.
    ///
    /// # Errors
    /// [`SealError::TooMany`] where the remarks fill more than a chunk.
    pub fn seal_remarks(
        &mut self,
        number: u32,
        remarks: &[Remark],
        rng: &mut impl CryptoRng,
    ) -> Result<Sealed, SealError> {
        let json = serde_json::to_vec(remarks).map_err(|_| SealError::TooMany)?;
        if json.len() > crate::open::REMARKS_MAX {
            return Err(SealError::TooMany);
        }
        let block = zstd::bulk::compress(&json, 9).map_err(SealError::Codec)?;
        self.seal_whole(Schema::Remarks, number, &block, rng)
    }

    /// Opens a journal for segment `number`. Its wraps must be durable before its first chunk.
    ///
    /// # Errors
    /// [`SealError`] where zstd gets no memory.
    pub fn open_journal(&mut self, number: u32, rng: &mut impl CryptoRng) -> Result<Journal, SealError> {
        Journal::new(self.begin(Schema::Events, Form::Journal, number, rng)?)
    }

    fn seal_whole(
        &mut self,
        schema: Schema,
        number: u32,
        block: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Sealed, SealError> {
        let mut begun = self.begin(schema, Form::Compact, number, rng)?;
        let chunk = begun.chunks.seal(block, true)?;
        put_frame(&mut begun.head, FrameKind::Last, &chunk);
        let segment = SealedSegment::from_parts(begun.header, begun.head);
        Ok(Sealed { segment, vault: begun.vault, participant: begun.participant })
    }

    fn begin(&mut self, schema: Schema, form: Form, number: u32, rng: &mut impl CryptoRng) -> Result<Begun, SealError> {
        let dek = Dek::generate(rng);
        let header = Header {
            schema,
            form,
            context: self.context.clone(),
            number,
            encapsulation: self.vault.encapsulation.number,
            commitment: dek.commitment()?,
        };
        let encoded = header.encode();
        let signature = self.device.sign(&[HEADER_LABEL, &encoded].concat());
        let hash = header.hash();
        let vault = match schema {
            Schema::Events => Some(self.vault.key.wrap(hash, &dek)?),
            Schema::Remarks => None,
        };
        Ok(Begun {
            chunks: Chunks::new(&dek, hash)?,
            vault,
            participant: self.participant.key.wrap(hash, &dek)?,
            head: [&encoded[..], &signature.to_bytes()].concat(),
            header,
        })
    }
}

/// Why something was not sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// A key is unusable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// More than a segment holds.
    #[error("too much for one segment; close it earlier")]
    TooMany,
    /// The compressor failed.
    #[error("the compressor failed")]
    Codec(#[source] std::io::Error),
}

impl SealError {
    pub(crate) fn encoder(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::FileTooLarge => Self::TooMany,
            _ => Self::Codec(error),
        }
    }
}

impl From<BadChunk> for SealError {
    fn from(_: BadChunk) -> Self {
        Self::TooMany
    }
}
