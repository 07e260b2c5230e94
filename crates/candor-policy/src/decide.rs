//! The decision.

use std::collections::{BTreeMap, BTreeSet};

use candor_consent::jws::Signed;
use candor_model::grant::ConsentRef;
use candor_model::program::RunState;
use candor_model::{Approval, CustodianRole, GrantId, Hash, ParticipantId, PublicKey, ReleaseRequest, Selection};
use cedar_policy::RestrictedExpression as Value;

use crate::engine::{Attributes, Engine, Noun};
use crate::facts::{self, Facts, SubjectFacts, long};
use crate::grant::{GRANT_SECS_MAX, Grant};
use crate::reason::{Item, Reason, Refusal};
use crate::records::Records;

/// Decides whether the keys of `selection` may leave for `request` at `now` (Unix seconds).
///
/// The broker builds `records` from its own store; `selection` is the list that the request commits to. Every rule is in
/// `policies/*.cedar`. Nothing is partly granted: one item that is refused refuses the request.
///
/// # Errors
/// [`Refusal`] with every reason that was found.
pub fn decide(
    records: &Records,
    request: &Signed<ReleaseRequest>,
    selection: &Selection,
    approvals: &[Signed<Approval>],
    now: u64,
) -> Result<Grant, Refusal> {
    let engine = Engine::embedded().ok_or_else(|| Refusal::policy_error(request.hash()))?;
    let Basis { counted, consents, expires } = evaluate(engine, records, request, selection, approvals, now)?;
    let approved: Vec<u8> = counted.iter().flat_map(|hash| hash.0).collect();
    let parts: [&[u8]; 4] = [&request.hash().0, &approved, &engine.hash().0, &now.to_be_bytes()];
    let Hash(id) = Hash::of_parts("candor grant v1", &parts);
    let (id, _) = id.split_first_chunk().unwrap_or((&[0; 16], &[]));
    Ok(Grant {
        id: GrantId::from_bytes(*id),
        request: request.clone(),
        selection: selection.clone(),
        approvals: approvals.to_vec(),
        counted,
        consents,
        policy: engine.hash(),
        at: now,
        expires: expires.min(now.saturating_add(GRANT_SECS_MAX)),
    })
}

/// What a yes rests on.
pub(crate) struct Basis {
    counted: Vec<Hash>,
    consents: Vec<ConsentRef>,
    expires: u64,
}

/// Evaluates every rule for every item.
pub(crate) fn evaluate(
    engine: &Engine,
    records: &Records,
    request: &Signed<ReleaseRequest>,
    selection: &Selection,
    approvals: &[Signed<Approval>],
    now: u64,
) -> Result<Basis, Refusal> {
    let error = || Refusal::policy_error(request.hash());
    let builder = facts::principal(records, request.payload().builder).ok_or_else(error)?;
    let approved = Approved::count(engine, records, request, &builder, approvals, now).ok_or_else(error)?;
    let asked = Asked::new(records, selection, now);
    let context = context(records, request, selection, &approved, &asked, now);
    let mut reasons = BTreeSet::new();
    let mut items = Vec::new();
    for (facts, group) in &asked.groups {
        let material = facts.noun().ok_or_else(error)?;
        if let Err(found) = engine.ask("release", &builder, &material, &[], context.clone()) {
            reasons.extend(found);
            items.extend(group);
        }
    }
    if asked.groups.is_empty() {
        reasons.insert(Reason::NothingAsked);
    }
    if reasons.is_empty() {
        let consents = asked.subjects.values().flat_map(SubjectFacts::consents).collect::<BTreeSet<_>>();
        return Ok(Basis {
            expires: approved.expires.min(request.payload().expires),
            counted: approved.counted,
            consents: consents.into_iter().collect(),
        });
    }
    reasons.extend(approved.reasons);
    items.sort_unstable();
    Err(Refusal { request: request.hash(), reasons: reasons.into_iter().collect(), items })
}

fn context(
    records: &Records,
    request: &Signed<ReleaseRequest>,
    selection: &Selection,
    approved: &Approved,
    asked: &Asked,
    now: u64,
) -> Attributes {
    let said = request.payload();
    let roles = approved.roles.iter().map(|role| Value::new_string(role.as_str().to_owned()));
    vec![
        ("now", long(now)),
        ("paused", Value::new_bool(records.program.state == RunState::Paused)),
        ("program", Value::new_bool(said.program == records.program.id)),
        ("selection", Value::new_bool(said.selection == selection.commitment())),
        ("key", Value::new_string(request.signer().to_string())),
        ("purpose", Value::new_string(said.purpose.as_str().to_owned())),
        ("at", long(said.at)),
        ("expires", long(said.expires)),
        ("people", long(asked.people.len() as u64)),
        ("minPeople", long(u64::from(records.program.min_people))),
        ("approvals", long(approved.keys.len() as u64)),
        ("approvedFor", Value::new_set(roles)),
    ]
}

/// The approvals that count. Cedar has no way to count, so this does; which ones count, the policy says.
struct Approved {
    keys: BTreeSet<PublicKey>,
    roles: BTreeSet<CustodianRole>,
    counted: Vec<Hash>,
    expires: u64,
    /// Why others do not; told only where the request is refused.
    reasons: Vec<Reason>,
}

impl Approved {
    fn count(
        engine: &Engine,
        records: &Records,
        request: &Signed<ReleaseRequest>,
        builder: &Noun,
        approvals: &[Signed<Approval>],
        now: u64,
    ) -> Option<Self> {
        let resource = facts::request(request, builder)?;
        let mut approved = Self {
            keys: BTreeSet::new(),
            roles: BTreeSet::new(),
            counted: Vec::new(),
            expires: u64::MAX,
            reasons: Vec::new(),
        };
        for approval in approvals {
            let custodian = facts::principal(records, approval.payload().custodian)?;
            match engine.ask("approve", &custodian, &resource, &[builder], facts::approval(approval, now)) {
                Ok(()) => {
                    approved.keys.insert(approval.signer());
                    approved.roles.insert(approval.payload().role);
                    approved.counted.push(approval.hash());
                    approved.expires = approved.expires.min(approval.payload().expires);
                }
                Err(reasons) => approved.reasons.extend(reasons),
            }
        }
        Some(approved)
    }
}

/// What is asked for, grouped by what the policy will read about it.
struct Asked {
    groups: BTreeMap<Facts, Vec<Item>>,
    subjects: BTreeMap<ParticipantId, SubjectFacts>,
    people: BTreeSet<ParticipantId>,
}

impl Asked {
    fn new(records: &Records, selection: &Selection, now: u64) -> Self {
        let segments = selection.segments().iter().map(|at| (Item::Segment(*at), records.segments.get(at)));
        let files = selection.files().iter().map(|at| (Item::File(*at), records.files.get(at)));
        let mut asked = Self { groups: BTreeMap::new(), subjects: BTreeMap::new(), people: BTreeSet::new() };
        for (item, material) in segments.chain(files) {
            let facts = material.map_or(Facts::UNKNOWN, |material| {
                asked.people.insert(material.participant);
                if let Some(subject) = records.subjects.get(&material.participant) {
                    let facts = || SubjectFacts::of(material.participant, subject, &records.program, now);
                    asked.subjects.entry(material.participant).or_insert_with(facts);
                }
                Facts::of(material, asked.subjects.get(&material.participant))
            });
            asked.groups.entry(facts).or_default().push(item);
        }
        asked
    }
}

impl Refusal {
    /// The refusal where the policy could not be evaluated.
    pub(crate) fn policy_error(request: Hash) -> Self {
        Self { request, reasons: vec![Reason::PolicyError], items: Vec::new() }
    }
}
