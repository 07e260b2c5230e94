//! How much of what is typed may be kept. Format: `spec/consent.md`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What may be kept of text, from least to most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextPolicy {
    /// Nothing: no key that types text leaves a trace of its own.
    None,
    /// That a letter, a digit, a blank was typed, never which. What holds where nobody says otherwise.
    #[default]
    Shapes,
    /// The text itself, where its field is known exactly, its context is open and no detector finds anything in it; else
    /// shapes. Needs a hold-back of [`SAFE_HOLD_BACK_SECS_MIN`].
    Safe,
}

/// The shortest hold-back under which text may be kept, in seconds. What shows only later that text before it was
/// private, a card number's second half say, must find that text still on the device.
pub const SAFE_HOLD_BACK_SECS_MIN: u64 = 900;

impl TextPolicy {
    /// Every policy, from least to most.
    pub const ALL: [Self; 3] = [Self::None, Self::Shapes, Self::Safe];

    /// The word on the wire and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Shapes => "shapes",
            Self::Safe => "safe",
        }
    }
}

impl fmt::Display for TextPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not one of the three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown policy; `none`, `shapes` and `safe` are known")]
pub struct UnknownTextPolicy;

impl FromStr for TextPolicy {
    type Err = UnknownTextPolicy;

    fn from_str(word: &str) -> Result<Self, UnknownTextPolicy> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == word).ok_or(UnknownTextPolicy)
    }
}

/// The policy for one application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextScope {
    /// The application.
    pub application: String,
    /// What may be kept of text in it.
    pub text: TextPolicy,
}

/// One side's word on text: for single applications, and for the rest. A list and not a map on the wire, so that an
/// application that stands twice is seen; the lesser word counts then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    /// For applications that are not listed.
    pub rest: TextPolicy,
    /// For single applications.
    pub applications: Vec<TextScope>,
}

impl TextRules {
    /// The same for every application.
    pub const fn all(rest: TextPolicy) -> Self {
        Self { rest, applications: Vec::new() }
    }

    /// The policy for an application.
    pub fn of(&self, application: &str) -> TextPolicy {
        let listed = self.applications.iter().filter(|scope| scope.application == application);
        listed.map(|scope| scope.text).min().unwrap_or(self.rest)
    }

    /// The most that these rules allow anywhere.
    pub fn most(&self) -> TextPolicy {
        self.applications.iter().map(|scope| scope.text).fold(self.rest, TextPolicy::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_that_stands_twice_gets_the_lesser_word() {
        let scope = |application: &str, text| TextScope { application: application.to_owned(), text };
        let applications = vec![scope("writer", TextPolicy::Safe), scope("writer", TextPolicy::None)];
        let rules = TextRules { rest: TextPolicy::Shapes, applications };
        assert_eq!(rules.of("writer"), TextPolicy::None);
        assert_eq!(rules.of("calc"), TextPolicy::Shapes);
        assert_eq!(rules.most(), TextPolicy::Safe);
    }

    #[test]
    fn unknown_words_and_fields_are_refused() {
        for policy in TextPolicy::ALL {
            assert_eq!(policy.as_str().parse(), Ok(policy));
            assert_eq!(serde_json::to_string(&policy).unwrap(), format!("\"{policy}\""));
        }
        assert_eq!("all".parse::<TextPolicy>(), Err(UnknownTextPolicy));
        assert!(serde_json::from_str::<TextPolicy>(r#""all""#).is_err());
        assert!(serde_json::from_str::<TextRules>(r#"{"rest":"safe","applications":[],"more":1}"#).is_err());
        assert!(serde_json::from_str::<TextRules>(r#"{"rest":"safe"}"#).is_err());
    }
}
