//! One type per identifier: a [`ParticipantId`] never fits where a [`SessionId`] is wanted.
//!
//! Every id is 16 random bytes; its text form is a letter that names the kind, a dash and 32 hexadecimal digits. Ids say
//! nothing about whom or what they name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::hash::{hex, parse_hex};

/// Text that is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a {kind} id: `{prefix}-` and 32 lower-case hexadecimal digits")]
pub struct IdError {
    /// What the id names.
    pub kind: &'static str,
    /// The letter it starts with.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// An id from 16 bytes, which the caller drew at random or read from a wire format.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "-"))?;
                hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { kind: $kind, prefix: $prefix };
                let digits = text.strip_prefix(concat!($prefix, "-")).ok_or(error.clone())?;
                parse_hex(digits).map(Self).map_err(|_| error)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }
    )*};
}

ids! {
    /// A program: one operator, one notice, one vault, one set of purposes.
    ProgramId, "r", "program";
    /// A participant's pseudonym within one program. Builders never see it; they get one pseudonym per dataset.
    ParticipantId, "p", "participant";
    /// A device enrolled by one participant.
    DeviceId, "v", "device";
    /// A recording session: one continuous run of the recorder, or one imported file.
    SessionId, "s", "session";
    /// A consent record.
    ConsentId, "c", "consent";
    /// A grant: the policy's yes to one request.
    GrantId, "g", "grant";
    /// A dataset; its rebuilds keep the id and count a version.
    DatasetId, "d", "dataset";
    /// Somebody other than a participant who acts on the vault: custodian, builder, operator, auditor, agent.
    PrincipalId, "u", "principal";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let session = SessionId::from_bytes([7; 16]).to_string();
        assert!(session.parse::<SessionId>().is_ok());
        assert!(session.parse::<ParticipantId>().is_err());
        assert!(format!("{session}0").parse::<SessionId>().is_err());
    }
}
