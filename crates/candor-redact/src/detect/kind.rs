//! What a detector can find.

use std::ops::Range;

use candor_model::event::Surrogate;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// An IP address.
    Ip,
    /// A hardware address.
    Mac,
    /// A telephone number.
    Phone,
    /// A payment card's number.
    Card,
    /// A bank account: IBAN, or a national form.
    Account,
    /// A number that a state gave to a person: SSN, tax, health, identity card.
    NationalId,
    /// A date of birth, or an age told as one.
    BirthDate,
    /// A postal address.
    Address,
    /// A person's name.
    Name,
    /// A key, token or other secret that a machine made.
    Secret,
    /// A password, PIN or code that a person chose or was given.
    Password,
    /// Something that belongs to a special category: health, union, religion and the like.
    Special,
    /// Something that the participant named.
    Personal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Email,
        Self::Url,
        Self::Ip,
        Self::Mac,
        Self::Phone,
        Self::Card,
        Self::Account,
        Self::NationalId,
        Self::BirthDate,
        Self::Address,
        Self::Name,
        Self::Secret,
        Self::Password,
        Self::Special,
        Self::Personal,
    ];

    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Url => "url",
            Self::Ip => "ip",
            Self::Mac => "mac",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Account => "account",
            Self::NationalId => "national-id",
            Self::BirthDate => "birth-date",
            Self::Address => "address",
            Self::Name => "name",
            Self::Secret => "secret",
            Self::Password => "password",
            Self::Special => "special",
            Self::Personal => "personal",
        }
    }

    /// What others may see in its place; nothing where only a gap may show, because the kind alone tells too much.
    pub const fn surrogate(self) -> Option<Surrogate> {
        match self {
            Self::Email => Some(Surrogate::Email),
            Self::Url => Some(Surrogate::Url),
            Self::Ip => Some(Surrogate::Ip),
            Self::Mac => Some(Surrogate::Mac),
            Self::Phone => Some(Surrogate::Phone),
            Self::Card => Some(Surrogate::Card),
            Self::Account => Some(Surrogate::Account),
            Self::NationalId => Some(Surrogate::NationalId),
            Self::BirthDate => Some(Surrogate::BirthDate),
            Self::Address => Some(Surrogate::Address),
            Self::Name => Some(Surrogate::Name),
            Self::Secret | Self::Password | Self::Special | Self::Personal => None,
        }
    }
}

/// A stretch of a text that must not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where, in bytes of the text; both ends lie between characters.
    pub span: Range<usize>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The rule that found it, for reports and tests.
    pub rule: &'static str,
}
