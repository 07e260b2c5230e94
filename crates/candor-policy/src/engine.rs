//! The policy itself: loaded strictly, evaluated so that any diagnostic is a no.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use candor_model::Hash;
use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Effect, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    PrincipalConstraint, Request, ResourceConstraint, RestrictedExpression, Schema, ValidationMode, Validator,
};

use crate::reason::Reason;

const SCHEMA: &str = include_str!("../policies/candor.cedarschema");
const APPROVE: &str = include_str!("../policies/approve.cedar");
const RELEASE: &str = include_str!("../policies/release.cedar");
/// Reasons that no rule of the policy gives.
const NOT_RULES: [Reason; 2] = [Reason::NothingAsked, Reason::PolicyError];
/// The two permits; everything else is a `forbid`.
const PERMITS: [&str; 2] = ["approval", "release"];

/// A loaded policy.
pub(crate) struct Engine {
    schema: Schema,
    policies: PolicySet,
    hash: Hash,
}

/// Attributes of an entity or of the context.
pub(crate) type Attributes = Vec<(&'static str, RestrictedExpression)>;

/// An entity the engine is asked about.
pub(crate) struct Noun {
    pub(crate) uid: EntityUid,
    pub(crate) attributes: Attributes,
}

impl Engine {
    /// The embedded policy; `None` would be a build that no test of this crate has seen.
    pub(crate) fn embedded() -> Option<&'static Self> {
        static ENGINE: OnceLock<Option<Engine>> = OnceLock::new();
        ENGINE.get_or_init(|| Self::load(&[APPROVE, RELEASE].concat()).ok()).as_ref()
    }

    /// Loads policies against the embedded schema. Every rule must be there, named, scoped and valid under strict
    /// validation without a warning: Cedar skips a rule that errs, so a rule that could must not be loaded.
    pub(crate) fn load(text: &str) -> Result<Self, LoadError> {
        let engine = Self::parse(text)?;
        let ids: BTreeSet<_> = engine.policies.policies().map(|policy| policy.id().to_string()).collect();
        let rules = Reason::ALL.iter().filter(|reason| !NOT_RULES.contains(reason)).map(|reason| reason.as_str());
        match rules.chain(PERMITS).find(|id| !ids.contains(*id)) {
            Some(id) => Err(LoadError::Missing { id: id.to_owned() }),
            None => Ok(engine),
        }
    }

    fn parse(text: &str) -> Result<Self, LoadError> {
        let (schema, mut warnings) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|error| LoadError::Schema(error.to_string()))?;
        if let Some(warning) = warnings.next() {
            return Err(LoadError::Schema(warning.to_string()));
        }
        let parsed: PolicySet = text.parse().map_err(|error| LoadError::Syntax(format!("{error}")))?;
        if parsed.templates().next().is_some() {
            return Err(LoadError::Template);
        }
        let mut policies = PolicySet::new();
        for policy in parsed.policies() {
            let id = named(policy)?;
            let policy = policy.new_id(PolicyId::new(&id));
            policies.add(policy).map_err(|_| LoadError::Duplicate { id })?;
        }
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !result.validation_passed_without_warnings() {
            return Err(LoadError::Invalid(result.to_string()));
        }
        Ok(Self { schema, policies, hash: Hash::of_parts("candor policy v1", &[SCHEMA.as_bytes(), text.as_bytes()]) })
    }

    /// The hash of schema and policies.
    pub(crate) const fn hash(&self) -> Hash {
        self.hash
    }

    /// Asks whether `principal` may do `action` to `resource`; `others` are entities these refer to.
    pub(crate) fn ask(
        &self,
        action: &str,
        principal: &Noun,
        resource: &Noun,
        others: &[&Noun],
        context: Attributes,
    ) -> Result<(), Vec<Reason>> {
        self.try_ask(action, principal, resource, others, context).unwrap_or_else(|| Err(vec![Reason::PolicyError]))
    }

    fn try_ask(
        &self,
        action: &str,
        principal: &Noun,
        resource: &Noun,
        others: &[&Noun],
        context: Attributes,
    ) -> Option<Result<(), Vec<Reason>>> {
        let mut nouns = vec![principal, resource];
        for other in others {
            if nouns.iter().all(|noun| noun.uid != other.uid) {
                nouns.push(other);
            }
        }
        let entities = nouns.into_iter().map(Noun::entity).collect::<Option<Vec<_>>>()?;
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        let context = Context::from_pairs(context.into_iter().map(|(name, value)| (name.to_owned(), value))).ok()?;
        let action = uid("Action", action)?;
        let request =
            Request::new(principal.uid.clone(), action, resource.uid.clone(), context, Some(&self.schema)).ok()?;
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        let mut reasons = BTreeSet::new();
        if response.diagnostics().errors().next().is_some() {
            return None;
        }
        if response.decision() == Decision::Allow {
            return Some(Ok(()));
        }
        for id in response.diagnostics().reason() {
            reasons.insert(reason(id.as_ref())?);
        }
        // A deny without a rule is Cedar's default deny; it happens only where the permit is gone.
        (!reasons.is_empty()).then(|| Err(reasons.into_iter().collect()))
    }

    /// The same policy without one rule.
    #[cfg(test)]
    pub(crate) fn without(&self, id: &str) -> Self {
        let mut policies = self.policies.clone();
        policies.remove_static(PolicyId::new(id)).expect("the rule is there");
        Self { schema: self.schema.clone(), policies, hash: self.hash }
    }

    /// The ids of all rules.
    #[cfg(test)]
    pub(crate) fn ids(&self) -> Vec<String> {
        self.policies.policies().map(|policy| policy.id().to_string()).collect()
    }
}

impl Noun {
    fn entity(&self) -> Option<Entity> {
        let attributes: HashMap<_, _> =
            self.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Entity::new(self.uid.clone(), attributes, HashSet::new()).ok()
    }
}

/// An entity's name in the policy. `id` is an id or a hash of ours: nothing in it needs escaping.
pub(crate) fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    format!("Candor::{kind}::\"{}\"", id.escape_default()).parse().ok()
}

fn reason(id: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason.as_str() == id)
}

/// The name of a rule, once its effect and scope are what that name may have.
fn named(policy: &Policy) -> Result<String, LoadError> {
    let id = policy.annotation("id").ok_or(LoadError::Unnamed)?.to_owned();
    match policy.effect() {
        Effect::Forbid if reason(&id).is_some_and(|reason| !NOT_RULES.contains(&reason)) => Ok(id),
        Effect::Permit if PERMITS.contains(&id.as_str()) => {
            let scoped = matches!(policy.principal_constraint(), PrincipalConstraint::Is(_))
                && matches!(policy.action_constraint(), ActionConstraint::Eq(_))
                && matches!(policy.resource_constraint(), ResourceConstraint::Is(_));
            if scoped { Ok(id) } else { Err(LoadError::Unscoped { id }) }
        }
        _ => Err(LoadError::Unknown { id }),
    }
}

/// Checks the text of a policy as loading does.
///
/// # Errors
/// [`LoadError`] names the rule that is wrong or missing.
pub fn check_policy(text: &str) -> Result<Hash, LoadError> {
    Engine::load(text).map(|engine| engine.hash())
}

/// The hash of the embedded policy, as grants and intents carry it.
///
/// # Errors
/// As [`check_policy`].
pub fn policy_hash() -> Result<Hash, LoadError> {
    check_policy(&[APPROVE, RELEASE].concat())
}

/// Why a policy is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The schema is wrong.
    #[error("policy schema: {0}")]
    Schema(String),
    /// It does not parse.
    #[error("policy: {0}")]
    Syntax(String),
    /// A template: nothing here fills slots.
    #[error("policy: templates are not used here; write the rule out")]
    Template,
    /// A rule without a name.
    #[error("policy: a rule has no `@id`")]
    Unnamed,
    /// A rule whose name means nothing here, or has another effect.
    #[error("policy: rule `{id}` is not known with this effect")]
    Unknown {
        /// The rule.
        id: String,
    },
    /// Two rules of one name.
    #[error("policy: there are two rules `{id}`")]
    Duplicate {
        /// The rule.
        id: String,
    },
    /// A permit that is not limited to one action and one kind of principal and resource.
    #[error("policy: permit `{id}` needs `principal is`, `action ==` and `resource is`")]
    Unscoped {
        /// The rule.
        id: String,
    },
    /// A rule is not there.
    #[error("policy: rule `{id}` is missing")]
    Missing {
        /// The rule.
        id: String,
    },
    /// Strict validation against the schema failed, or warned.
    #[error("policy: {0}")]
    Invalid(String),
}
