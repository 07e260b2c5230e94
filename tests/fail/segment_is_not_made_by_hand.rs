//! Invariant 3: bytes become a sealed segment by sealing, or by a parser that checks the device's signature.
use candor_model::Header;
use candor_seal::SealedSegment;

pub fn pretend(header: Header, bytes: Vec<u8>) -> SealedSegment {
    SealedSegment { header, bytes }
}
