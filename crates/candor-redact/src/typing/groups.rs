//! Keys that were redacted together: one surrogate or one gap stands for them.

use zeroize::Zeroizing;

use candor_model::event::Surrogate;

use super::strokes::GroupId;
use super::values::Values;
use crate::Rule;
use crate::detect::Kind;

/// What was found, until it is shown.
struct Group {
    kind: Kind,
    /// Emptied once it is shown.
    value: Zeroizing<String>,
    shown: bool,
}

/// All groups of a session.
#[derive(Default)]
pub(crate) struct Groups(Vec<Group>);

/// What others see where the keys of a group were.
pub(crate) enum Shown {
    /// A surrogate, for the first of its keys.
    Surrogate { of: Surrogate, number: u32 },
    /// A gap, for the first of its keys.
    Gap,
    /// Nothing: an earlier key of the group has shown for all.
    Nothing,
}

impl Groups {
    /// A new group, or the one that some of the keys are in already: it then stands for the larger finding.
    pub(crate) fn put(&mut self, existing: Option<GroupId>, kind: Kind, value: &str) -> GroupId {
        if let Some(id) = existing
            && let Some(group) = self.0.get_mut(id as usize)
        {
            // What tells least wins: a secret inside an address is a secret.
            if group.kind.surrogate().is_some() && (kind.surrogate().is_none() || value.len() > group.value.len()) {
                group.kind = kind;
            }
            if !group.shown && value.len() > group.value.len() {
                group.value = Zeroizing::new(value.to_owned());
            }
            return id;
        }
        self.0.push(Group { kind, value: Zeroizing::new(value.to_owned()), shown: false });
        (self.0.len() - 1) as GroupId
    }

    /// The rule that redacted a group.
    pub(crate) fn rule(&self, id: GroupId) -> Rule {
        self.0.get(id as usize).map_or(Rule::PrivateData, |group| rule_of(group.kind))
    }

    /// What to show for the next key of a group.
    pub(crate) fn show(&mut self, id: GroupId, values: &mut Values) -> Shown {
        let Some(group) = self.0.get_mut(id as usize) else { return Shown::Gap };
        if std::mem::replace(&mut group.shown, true) {
            return Shown::Nothing;
        }
        let value = std::mem::take(&mut group.value);
        values.learn(group.kind, &value);
        match group.kind.surrogate() {
            Some(of) => Shown::Surrogate { of, number: values.number(of, &value) },
            None => Shown::Gap,
        }
    }
}

/// The rule that withholds a kind.
fn rule_of(kind: Kind) -> Rule {
    match kind {
        Kind::Secret | Kind::Password => Rule::SecretValue,
        Kind::Special => Rule::SpecialCategory,
        Kind::Personal => Rule::PersonalList,
        Kind::Email
        | Kind::Url
        | Kind::Ip
        | Kind::Mac
        | Kind::Phone
        | Kind::Card
        | Kind::Account
        | Kind::NationalId
        | Kind::BirthDate
        | Kind::Address
        | Kind::Name => Rule::PrivateData,
    }
}
