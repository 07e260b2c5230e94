//! Invitations: one line that lets one device or person enrol once.
//!
//! It names the vault's address, pins the vault's certificate authority by its hash, and carries a random token. The role
//! stands only in the vault, so that nobody who sees an invitation learns who records and who does not: it has the same
//! length and look for every role.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_model::{CustodianRole as Custodian, Hash};

/// What a member is to the vault. The gateway's table speaks of these; policies speak of
/// [`candor_model::principal::Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Role {
    /// Is recorded.
    Participant,
    /// Builds datasets and trains.
    Builder,
    /// Approves requests.
    Custodian(Custodian),
    /// Verifies the log.
    Auditor,
    /// Runs the vault.
    Operator,
    /// Software that acts for somebody.
    Agent,
}

impl Role {
    /// Every role.
    pub(crate) const ALL: [Self; 10] = [
        Self::Participant,
        Self::Builder,
        Self::Custodian(Custodian::Security),
        Self::Custodian(Custodian::Privacy),
        Self::Custodian(Custodian::Participants),
        Self::Custodian(Custodian::Operations),
        Self::Custodian(Custodian::Outside),
        Self::Auditor,
        Self::Operator,
        Self::Agent,
    ];

    /// The word on the command line and in the vault's tables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Builder => "builder",
            Self::Custodian(Custodian::Security) => "custodian:security",
            Self::Custodian(Custodian::Privacy) => "custodian:privacy",
            Self::Custodian(Custodian::Participants) => "custodian:participants",
            Self::Custodian(Custodian::Operations) => "custodian:operations",
            Self::Custodian(Custodian::Outside) => "custodian:outside",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join("`, `");
            format!("unknown role; known are `{known}`")
        })
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.as_str().to_owned()
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

/// An invitation as read from its line: `https://HOST:PORT/join#PIN.TOKEN`.
///
/// Pin and token stand behind the `#`, which no HTTP client sends to anybody.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// Where the vault is: `https://HOST:PORT`.
    pub(crate) url: String,
    /// The SHA-256 of the certificate of the vault's authority.
    pub(crate) pin: Hash,
    /// Proves the invitation. The vault keeps only its hash.
    pub(crate) token: [u8; 32],
}

impl Invitation {
    /// The host and port of the URL.
    pub(crate) fn authority(&self) -> &str {
        self.url.strip_prefix("https://").unwrap_or(&self.url)
    }

    /// What the vault keeps of the token.
    #[cfg(feature = "vault")]
    pub(crate) fn token_hash(token: &[u8; 32]) -> Hash {
        Hash::of_parts("candor invitation v1", &[token])
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pin, token) = (URL_SAFE_NO_PAD.encode(self.pin.0), URL_SAFE_NO_PAD.encode(self.token));
        write!(f, "{}/join#{pin}.{token}", self.url)
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({}, ..)", self.url)
    }
}

impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(line: &str) -> Result<Self, InvitationError> {
        let (url, secrets) = line.trim().split_once("/join#").ok_or(InvitationError)?;
        let authority = url.strip_prefix("https://").ok_or(InvitationError)?;
        let (host, port) = authority.rsplit_once(':').ok_or(InvitationError)?;
        let (pin, token) = secrets.split_once('.').ok_or(InvitationError)?;
        if host.is_empty() || port.parse::<u16>().is_err() || authority.contains('/') {
            return Err(InvitationError);
        }
        Ok(Self { url: url.to_owned(), pin: Hash(part(pin)?), token: part(token)? })
    }
}

fn part(text: &str) -> Result<[u8; 32], InvitationError> {
    URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(InvitationError)
}

/// A line that is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvitationError;

impl fmt::Display for InvitationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an invitation: copy the whole line, from `https://` to its end, or ask for a new one")
    }
}

impl std::error::Error for InvitationError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_survives_a_round_trip_and_nothing_else_is_one() {
        let invitation = Invitation { url: "https://127.0.0.1:4433".into(), pin: Hash([0; 32]), token: [255; 32] };
        let line = invitation.to_string();
        assert_eq!(line.parse(), Ok(invitation));
        for wrong in [&line[1..], &line[..line.len() - 1], "", "https://a:1/join#.", &line.replace("https", "http")] {
            assert_eq!(wrong.parse::<Invitation>(), Err(InvitationError), "{wrong}");
        }
    }

    #[test]
    fn every_role_has_one_word() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("manager".parse::<Role>().is_err());
    }
}
