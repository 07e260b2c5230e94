//! What the participant, and nobody else, is told about what was left out.

use candor_model::unit::Ticks;
use serde::{Deserialize, Serialize};

/// A span of a session in which something was withheld.
///
/// It says which rule and how many events, never what they held. In a secret field the count is absent too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Where the span begins, on the session's clock.
    pub from: Ticks,
    /// Where it ends. A secret field's span has no length: its clock stands still.
    pub to: Ticks,
    /// The rule that withheld it.
    pub rule: Rule,
    /// How many events, where that may be told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub events: Option<u64>,
}

/// Why something was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The field holds a secret.
    SecretField,
    /// The source could not tell whether the field holds a secret.
    UnknownField,
    /// The application is not on the allow-list.
    ApplicationNotAllowed,
    /// The source could not tell which key it was.
    UnknownKey,
    /// Shift, AltGr or a lock belonged to typed text.
    TextModifier,
    /// A key or button came up that never went down.
    UnmatchedRelease,
    /// The source said that it missed something.
    SourceGap,
    /// The context is private: a browser's private window, or an application that the participant holds for one.
    PrivateContext,
    /// Personal data was found; a surrogate stands for it.
    PrivateData,
    /// A secret or a password was found.
    SecretValue,
    /// Something of a special category was found: health, union, religion and the like.
    SpecialCategory,
    /// Something that the participant named was found.
    PersonalList,
    /// The policy lets no text through.
    TextPolicy,
    /// What was seen later showed that it had to go: a segment or its text was destroyed afterwards.
    LateEvidence,
    /// The check after redaction found what redaction should have taken out.
    FailedCheck,
}
