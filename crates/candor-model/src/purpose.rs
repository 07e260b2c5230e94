//! What recordings may be used for: a closed list. Judging a person's performance is not on it and cannot be expressed.

use serde::{Deserialize, Serialize};

/// One purpose a participant may switch on; each is off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Train models that use a computer.
    TrainComputerUse,
    /// Measure how well such models do.
    EvaluateComputerUse,
    /// Study interfaces: how software is used, never who uses it how well.
    StudyInterfaces,
}

impl Purpose {
    /// Every purpose there is, in wire order.
    pub const ALL: [Self; 3] = [Self::TrainComputerUse, Self::EvaluateComputerUse, Self::StudyInterfaces];

    const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The word used in consent records, policies and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TrainComputerUse => "train-computer-use",
            Self::EvaluateComputerUse => "evaluate-computer-use",
            Self::StudyInterfaces => "study-interfaces",
        }
    }
}

impl std::str::FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(word: &str) -> Result<Self, UnknownPurpose> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word).ok_or(UnknownPurpose)
    }
}

/// A set of purposes; a bit each on the wire, bit 0 first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Purpose>", into = "Vec<Purpose>")]
pub struct Purposes(u32);

impl Purposes {
    /// No purpose.
    pub const NONE: Self = Self(0);

    /// The bits, as the segment header carries them.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// A set from its bits.
    ///
    /// # Errors
    /// [`UnknownPurpose`] where a bit names none: unknown means no.
    pub const fn from_bits(bits: u32) -> Result<Self, UnknownPurpose> {
        if bits < 1 << Purpose::ALL.len() { Ok(Self(bits)) } else { Err(UnknownPurpose) }
    }

    /// Whether `purpose` is in the set.
    pub const fn contains(self, purpose: Purpose) -> bool {
        self.0 & purpose.bit() != 0
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The purposes in the set, in wire order.
    pub fn iter(self) -> impl Iterator<Item = Purpose> {
        Purpose::ALL.into_iter().filter(move |purpose| self.contains(*purpose))
    }
}

impl FromIterator<Purpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = Purpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |bits, purpose| bits | purpose.bit()))
    }
}

impl From<Vec<Purpose>> for Purposes {
    fn from(purposes: Vec<Purpose>) -> Self {
        purposes.into_iter().collect()
    }
}

impl From<Purposes> for Vec<Purpose> {
    fn from(purposes: Purposes) -> Self {
        purposes.iter().collect()
    }
}

/// A purpose this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown purpose; known are train-computer-use, evaluate-computer-use, study-interfaces")]
pub struct UnknownPurpose;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_bits_and_words_are_refused() {
        assert_eq!(Purposes::from_bits(0b1000), Err(UnknownPurpose));
        assert_eq!("performance".parse::<Purpose>(), Err(UnknownPurpose));
        assert!(serde_json::from_str::<Purposes>("[\"performance\"]").is_err());
    }

    #[test]
    fn every_purpose_survives_bits_words_and_json() {
        for purpose in Purpose::ALL {
            let set = Purposes::from_iter([purpose]);
            assert_eq!(Purposes::from_bits(set.bits()), Ok(set));
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
            assert_eq!(serde_json::to_string(&set).unwrap(), format!("[\"{}\"]", purpose.as_str()));
        }
    }
}
