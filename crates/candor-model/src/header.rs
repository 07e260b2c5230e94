//! The segment header: everything a segment's ciphertext is bound to. Format: `spec/segment.md`.

use std::fmt;

use crate::hash::Hash;
use crate::id::{ConsentId, DeviceId, ParticipantId, ProgramId, SessionId};
use crate::purpose::Purposes;
use crate::unit::{ClockUnit, PositionUnit};

/// What stays the same for every segment of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionContext {
    /// The program the recording was made for.
    pub program: ProgramId,
    /// The participant's pseudonym in that program.
    pub participant: ParticipantId,
    /// The device that recorded, or imported.
    pub device: DeviceId,
    /// The session.
    pub session: SessionId,
    /// Whether the session was made from a file instead of live input.
    pub imported: bool,
    /// The unit of time.
    pub clock_unit: ClockUnit,
    /// The unit of position.
    pub position_unit: PositionUnit,
    /// The period of the participant's key pair that the vault's wrap is for.
    pub period: u32,
    /// The consent record under which it was recorded.
    pub consent: ConsentId,
    /// That record's hash.
    pub consent_hash: Hash,
    /// What the participant allowed when it was sealed.
    pub purposes: Purposes,
    /// The version of the rules that redacted it.
    pub redactor: u16,
}

/// What a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schema {
    /// Redacted events.
    Events,
    /// Remarks about what was left out; sealed to the participant alone.
    Remarks,
}

/// How a segment was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Small chunks, made durable each second.
    Journal,
    /// What closing a journal re-encodes it to.
    Compact,
}

/// The header of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What the segment holds.
    pub schema: Schema,
    /// How it was written.
    pub form: Form,
    /// The session.
    pub context: SessionContext,
    /// The segment's number in its session and schema, from 0.
    pub number: u32,
    /// Which of the session's encapsulations the wraps of this segment's key belong to, from 0.
    pub encapsulation: u32,
    /// HKDF of the segment's key, checked before the first chunk: the AEAD does not commit to its key.
    pub commitment: [u8; 32],
}

/// The suite byte: X-Wing, HKDF-SHA256, ChaCha20-Poly1305, Ed25519.
pub const SUITE: u8 = 1;
/// The first bytes of a segment.
pub const MAGIC: [u8; 4] = *b"CNDR";
/// The version of the format.
pub const VERSION: u8 = 1;

impl Header {
    /// The length of every header, in bytes.
    pub const LEN: usize = 4 + 5 + 4 * 16 + 4 + 2 + 4 + 16 + 32 + 4 + 2 + 4 + 4 + 32;

    /// The bytes that are signed, hashed and bound to every chunk.
    pub fn encode(&self) -> [u8; Self::LEN] {
        let SessionContext { clock_unit, position_unit, period, purposes, redactor, imported, .. } = self.context;
        let mut out = Writer { bytes: [0; Self::LEN], at: 0 };
        out.put(&MAGIC);
        out.put(&[VERSION, SUITE, self.schema as u8 + 1, self.form as u8 + 1, u8::from(imported)]);
        out.put(self.context.program.as_bytes());
        out.put(self.context.participant.as_bytes());
        out.put(self.context.device.as_bytes());
        out.put(self.context.session.as_bytes());
        out.put(&clock_unit.micros().to_be_bytes());
        out.put(&position_unit.steps().to_be_bytes());
        out.put(&period.to_be_bytes());
        out.put(self.context.consent.as_bytes());
        out.put(&self.context.consent_hash.0);
        out.put(&purposes.bits().to_be_bytes());
        out.put(&redactor.to_be_bytes());
        out.put(&self.number.to_be_bytes());
        out.put(&self.encapsulation.to_be_bytes());
        out.put(&self.commitment);
        debug_assert_eq!(out.at, Self::LEN, "every byte of the header is written");
        out.bytes
    }

    /// Reads a header; every byte must be one this version writes.
    ///
    /// # Errors
    /// [`HeaderError`] names the field that is not.
    pub fn decode(bytes: &[u8; Self::LEN]) -> Result<Self, HeaderError> {
        let mut input = Reader { rest: bytes };
        let expect = |ok: bool, field| if ok { Ok(()) } else { Err(HeaderError { field }) };
        expect(input.take()? == MAGIC, Field::Magic)?;
        let [version, suite, schema, form, imported] = input.take()?;
        expect(version == VERSION, Field::Version)?;
        expect(suite == SUITE, Field::Suite)?;
        let schema = match schema {
            1 => Schema::Events,
            2 => Schema::Remarks,
            _ => return Err(HeaderError { field: Field::Schema }),
        };
        let form = match form {
            1 => Form::Journal,
            2 => Form::Compact,
            _ => return Err(HeaderError { field: Field::Form }),
        };
        expect(imported < 2, Field::Imported)?;
        let error = |field| move |_| HeaderError { field };
        let context = SessionContext {
            program: ProgramId::from_bytes(input.take()?),
            participant: ParticipantId::from_bytes(input.take()?),
            device: DeviceId::from_bytes(input.take()?),
            session: SessionId::from_bytes(input.take()?),
            imported: imported == 1,
            clock_unit: ClockUnit::from_micros(u32::from_be_bytes(input.take()?)).map_err(error(Field::Clock))?,
            position_unit: PositionUnit::from_steps(u16::from_be_bytes(input.take()?))
                .map_err(error(Field::Position))?,
            period: u32::from_be_bytes(input.take()?),
            consent: ConsentId::from_bytes(input.take()?),
            consent_hash: Hash(input.take()?),
            purposes: Purposes::from_bits(u32::from_be_bytes(input.take()?))
                .map_err(|_| HeaderError { field: Field::Purposes })?,
            redactor: u16::from_be_bytes(input.take()?),
        };
        let number = u32::from_be_bytes(input.take()?);
        let encapsulation = u32::from_be_bytes(input.take()?);
        Ok(Self { schema, form, context, number, encapsulation, commitment: input.take()? })
    }

    /// The hash that chunks, wraps, the chain and the log refer to.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.encode())
    }
}

struct Writer {
    bytes: [u8; Header::LEN],
    at: usize,
}

impl Writer {
    fn put(&mut self, part: &[u8]) {
        let end = self.at + part.len();
        if let Some(slot) = self.bytes.get_mut(self.at..end) {
            slot.copy_from_slice(part);
        }
        self.at = end;
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], HeaderError> {
        let (part, rest) = self.rest.split_first_chunk::<N>().ok_or(HeaderError { field: Field::Length })?;
        self.rest = rest;
        Ok(*part)
    }
}

/// A header this version does not accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("segment header: {field} is not one this version knows")]
pub struct HeaderError {
    /// The field that is wrong.
    pub field: Field,
}

/// A field of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the header's")]
pub enum Field {
    Length,
    Magic,
    Version,
    Suite,
    Schema,
    Form,
    Imported,
    Clock,
    Position,
    Purposes,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "its length",
            Self::Magic => "the magic",
            Self::Version => "the version",
            Self::Suite => "the suite",
            Self::Schema => "the schema",
            Self::Form => "the form",
            Self::Imported => "the imported flag",
            Self::Clock => "the clock unit",
            Self::Position => "the position unit",
            Self::Purposes => "the set of purposes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            schema: Schema::Events,
            form: Form::Compact,
            context: SessionContext {
                program: ProgramId::from_bytes([1; 16]),
                participant: ParticipantId::from_bytes([2; 16]),
                device: DeviceId::from_bytes([3; 16]),
                session: SessionId::from_bytes([4; 16]),
                imported: true,
                clock_unit: ClockUnit::MILLISECOND,
                position_unit: PositionUnit::PIXEL_256TH,
                period: 5,
                consent: ConsentId::from_bytes([6; 16]),
                consent_hash: Hash([7; 32]),
                purposes: Purposes::from_iter([crate::Purpose::TrainComputerUse]),
                redactor: 8,
            },
            number: 9,
            encapsulation: 10,
            commitment: [11; 32],
        }
    }

    #[test]
    fn a_header_survives_a_round_trip() {
        assert_eq!(Header::decode(&header().encode()), Ok(header()));
    }

    /// Every byte is either refused when changed, or changes the hash: nothing in a header is ignored.
    #[test]
    fn no_byte_of_a_header_is_ignored() {
        let bytes = header().encode();
        for at in 0..Header::LEN {
            let mut changed = bytes;
            changed[at] ^= 0x80;
            if let Ok(other) = Header::decode(&changed) {
                assert_ne!(other.hash(), header().hash(), "byte {at}");
                assert_eq!(other.encode(), changed, "byte {at}");
            }
        }
    }
}
