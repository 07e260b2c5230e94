//! From the broker's records to the attributes the policy reads.

use std::collections::BTreeMap;

use candor_consent::jws::Signed;
use candor_model::program::RunState;
use candor_model::{Approval, Nature, ParticipantId, PrincipalId, Program, Purposes, ReleaseRequest, Role};
use cedar_policy::RestrictedExpression as Value;

use crate::engine::{Attributes, Noun, uid};
use crate::records::{Material, Records, Subject};

/// What the policy reads about one segment or file. Equal facts are asked once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Facts {
    known: bool,
    withdrawn: bool,
    consent_live: bool,
    sealed_for: u32,
    consented_for: u32,
    hold_back_until: u64,
    not_after: u64,
    tainted: bool,
}

/// What candor-consent says about one participant, worked out once for a request.
pub(crate) struct SubjectFacts {
    /// The purposes of the current consent, where it holds.
    live: Option<Purposes>,
    /// Each consent record that can be read, and whether it was withdrawn.
    consents: BTreeMap<candor_model::grant::ConsentRef, bool>,
}

impl SubjectFacts {
    pub(crate) fn of(participant: ParticipantId, subject: &Subject, program: &Program, now: u64) -> Self {
        // A pause has a rule of its own; here it would hide whether the consent holds.
        let program = Program { state: RunState::Run, ..program.clone() };
        let own = |records: &&candor_consent::Records| records.participant == participant;
        let current = subject.consents.last().filter(own);
        let live = current.and_then(|records| candor_consent::decide(records, &program, now).ok());
        let consents = subject.consents.iter().filter(own).filter_map(|records| consent_state(records, &program, now));
        Self { live: live.map(|live| live.purposes()), consents: consents.collect() }
    }

    /// The current consent's reference is among these; the intent names them all.
    pub(crate) fn consents(&self) -> impl Iterator<Item = candor_model::grant::ConsentRef> + '_ {
        self.consents.iter().filter(|(_, withdrawn)| !**withdrawn).map(|(consent, _)| *consent)
    }
}

/// A consent record that its participant signed, and whether it was withdrawn; `None` where it cannot be read.
fn consent_state(
    records: &candor_consent::Records,
    program: &Program,
    now: u64,
) -> Option<(candor_model::grant::ConsentRef, bool)> {
    use candor_consent::Reason;
    let record = candor_consent::verify::<candor_model::ConsentRecord>(
        candor_model::Typ::CONSENT,
        &records.consent,
        &records.signing_key,
    )
    .ok()?;
    let header = &record.payload().header;
    if header.participant != records.participant || header.program != program.id {
        return None;
    }
    let withdrawn = candor_consent::decide(records, program, now).err().is_some_and(|reasons| {
        reasons.iter().any(|reason| matches!(reason, Reason::Withdrawn { .. } | Reason::WithdrawalRefused(_)))
    });
    Some((candor_model::grant::ConsentRef { id: header.id, hash: record.hash() }, withdrawn))
}

impl Facts {
    /// The facts about something the broker has no key of.
    pub(crate) const UNKNOWN: Self = Self {
        known: false,
        withdrawn: false,
        consent_live: false,
        sealed_for: 0,
        consented_for: 0,
        hold_back_until: 0,
        not_after: u64::MAX,
        tainted: false,
    };

    pub(crate) fn of(material: &Material, subject: Option<&SubjectFacts>) -> Self {
        let state = |consent| subject.and_then(|subject| subject.consents.get(consent));
        let live = subject.and_then(|subject| subject.live);
        Self {
            known: !material.consents.is_empty() && material.consents.iter().all(|consent| state(consent).is_some()),
            withdrawn: material.consents.iter().any(|consent| state(consent) == Some(&true)),
            consent_live: live.is_some(),
            sealed_for: material.purposes.bits(),
            consented_for: live.unwrap_or(Purposes::NONE).bits(),
            hold_back_until: material.hold_back_until,
            not_after: material.not_after.unwrap_or(u64::MAX),
            tainted: material.tainted,
        }
    }

    pub(crate) fn noun(&self) -> Option<Noun> {
        let attributes = vec![
            ("known", Value::new_bool(self.known)),
            ("withdrawn", Value::new_bool(self.withdrawn)),
            ("consentLive", Value::new_bool(self.consent_live)),
            ("sealedFor", purposes(self.sealed_for)?),
            ("consentedFor", purposes(self.consented_for)?),
            ("holdBackUntil", long(self.hold_back_until)),
            ("notAfter", long(self.not_after)),
            ("tainted", Value::new_bool(self.tainted)),
        ];
        Some(Noun { uid: uid("Material", "asked")?, attributes })
    }
}

/// A principal as the policy sees them. One who is not registered has no role and no key, so every rule says no.
pub(crate) fn principal(records: &Records, id: PrincipalId) -> Option<Noun> {
    let found = records.principal(id);
    let roles = found.map_or(&[][..], |principal| &principal.roles);
    let custodian = roles.iter().filter_map(|role| match role {
        Role::Custodian(role) => Some(role.as_str()),
        Role::Builder | Role::Operator | Role::Auditor => None,
    });
    let key = found.map(|principal| principal.signing_key.to_string()).unwrap_or_default();
    let attributes = vec![
        ("software", Value::new_bool(found.is_none_or(|principal| principal.nature == Nature::Software))),
        ("builder", Value::new_bool(roles.contains(&Role::Builder))),
        ("custodian", Value::new_set(custodian.map(|role| Value::new_string(role.to_owned())))),
        ("key", Value::new_string(key)),
    ];
    Some(Noun { uid: uid("Principal", &id.to_string())?, attributes })
}

/// The request as the resource of an approval.
pub(crate) fn request(request: &Signed<ReleaseRequest>, builder: &Noun) -> Option<Noun> {
    let attributes = vec![
        ("builder", Value::new_entity_uid(builder.uid.clone())),
        ("builderKey", Value::new_string(request.signer().to_string())),
        ("hash", Value::new_string(request.hash().to_string())),
    ];
    Some(Noun { uid: uid("Request", &request.hash().to_string())?, attributes })
}

/// The context in which an approval is judged.
pub(crate) fn approval(approval: &Signed<Approval>, now: u64) -> Attributes {
    let said = approval.payload();
    vec![
        ("now", long(now)),
        ("at", long(said.at)),
        ("expires", long(said.expires)),
        ("role", Value::new_string(said.role.as_str().to_owned())),
        ("key", Value::new_string(approval.signer().to_string())),
        ("request", Value::new_string(said.request.to_string())),
    ]
}

/// Times and counts beyond Cedar's 63 bits saturate: later than everything stays later than everything.
pub(crate) fn long(value: u64) -> Value {
    Value::new_long(i64::try_from(value).unwrap_or(i64::MAX))
}

fn purposes(bits: u32) -> Option<Value> {
    let purposes = Purposes::from_bits(bits).ok()?;
    Some(Value::new_set(purposes.iter().map(|purpose| Value::new_string(purpose.as_str().to_owned()))))
}
