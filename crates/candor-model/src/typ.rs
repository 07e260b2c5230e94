//! The kinds of signed record there are. The kind stands in the JWS header, so no record can be read as another kind.

use std::fmt;

/// The media type of one kind of signed record: the `typ` of its JWS header (RFC 7515 §4.1.9, without `application/`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typ(&'static str);

impl Typ {
    /// A program, signed by its vault.
    pub const PROGRAM: Self = Self::new("candor-program+jwt");
    /// A consent record, signed by the participant.
    pub const CONSENT: Self = Self::new("candor-consent+jwt");
    /// A withdrawal, signed by the participant.
    pub const WITHDRAWAL: Self = Self::new("candor-withdrawal+jwt");
    /// A receipt for a consent record, signed by the vault.
    pub const RECEIPT: Self = Self::new("candor-receipt+jwt");
    /// A lease, signed by the vault.
    pub const LEASE: Self = Self::new("candor-lease+jwt");
    /// A custodian's approval of a request.
    pub const APPROVAL: Self = Self::new("candor-approval+jwt");
    /// A builder's request for keys.
    pub const REQUEST: Self = Self::new("candor-request+jwt");
    /// A participant's request to erase.
    pub const ERASE: Self = Self::new("candor-erase+jwt");
    /// A receipt for an erasure, signed by the vault.
    pub const ERASE_RECEIPT: Self = Self::new("candor-erase-receipt+jwt");

    /// A kind of record. New kinds belong in the list above, where a clash would be seen.
    ///
    /// # Panics
    /// At compile time, in a constant, where `typ` needs escaping in JSON: that is a programmer's mistake.
    pub const fn new(typ: &'static str) -> Self {
        let mut rest = typ.as_bytes();
        assert!(!rest.is_empty(), "a typ is not empty");
        while let [byte, tail @ ..] = rest {
            assert!(matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'+'), "a typ is lower case");
            rest = tail;
        }
        Self(typ)
    }

    /// The text in the header.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Typ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
