//! Principals: everybody but participants who acts on a vault. A software agent is one too, with its own key.

use serde::{Deserialize, Serialize};

use crate::id::PrincipalId;
use crate::public_key::PublicKey;

/// A principal as the vault has registered them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// Who.
    pub id: PrincipalId,
    /// Whether a person or a program acts.
    pub nature: Nature,
    /// What they may do.
    pub roles: Vec<Role>,
    /// What their signatures are checked with.
    pub signing_key: PublicKey,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// A person.
    Person,
    /// Software acting for somebody. It may ask for keys, but it never approves.
    Software,
}

/// What a principal may do. One person may have several roles; approvals count people, not roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Builds datasets and trains.
    Builder,
    /// Runs the vault.
    Operator,
    /// Verifies the log.
    Auditor,
    /// Approves releases.
    Custodian(CustodianRole),
}

/// For whom a custodian stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustodianRole {
    /// Security.
    Security,
    /// Privacy, such as the data protection officer.
    Privacy,
    /// The participants, such as a works council. Every release needs one of them.
    Participants,
    /// Operations.
    Operations,
    /// Somebody outside the organisation.
    Outside,
}

impl CustodianRole {
    /// Every role there is.
    pub const ALL: [Self; 5] = [Self::Security, Self::Privacy, Self::Participants, Self::Operations, Self::Outside];

    /// The word used in records, policies and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Privacy => "privacy",
            Self::Participants => "participants",
            Self::Operations => "operations",
            Self::Outside => "outside",
        }
    }
}
