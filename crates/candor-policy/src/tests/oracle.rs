//! The rules once more, written from `spec/release.md` on plain values: no Cedar, no signatures, no code shared with the
//! policy. A property test compares the two.

use std::collections::BTreeSet;

use candor_model::CustodianRole;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::case::{Approved, Case, Consent, Input, NOW, When, Who};
use crate::decide;
use crate::reason::Reason;

fn counts(approved: &Approved) -> bool {
    approved.own_key
        && approved.this_request
        && approved.when == When::Valid
        && approved.who.stands_for().contains(&approved.role)
        && !matches!(approved.who, Who::Agent | Who::Builder | Who::BuilderTwin)
}

/// Why the case is refused; empty where it is granted. Reasons why single approvals do not count are left out.
fn oracle(case: &Case) -> BTreeSet<Reason> {
    let mut reasons = BTreeSet::new();
    let mut rule = |broken: bool, reason| {
        if broken {
            reasons.insert(reason);
        }
    };
    if case.people == 0 {
        rule(true, Reason::NothingAsked);
        return reasons;
    }
    let known = case.key_there && case.consent != Consent::None;
    let live = case.key_there && matches!(case.consent, Consent::Live | Consent::Renewed | Consent::Replaced);
    let counted: Vec<_> = case.approvals.iter().filter(|approved| counts(approved)).collect();
    let keys: BTreeSet<_> = counted.iter().map(|approved| approved.who.key()).collect();
    let people = if case.key_there { case.people } else { case.people - 1 };
    rule(case.paused, Reason::Paused);
    rule(!case.this_program, Reason::OtherProgram);
    rule(!case.this_selection, Reason::OtherSelection);
    rule(!case.builder, Reason::NotABuilder);
    rule(!case.builder_key, Reason::RequesterKey);
    rule(case.request == When::Future, Reason::RequestFuture);
    rule(case.request == When::Expired, Reason::RequestExpired);
    rule(!known, Reason::UnknownMaterial);
    rule(known && matches!(case.consent, Consent::Withdrawn | Consent::Renewed), Reason::ConsentWithdrawn);
    rule(!live, Reason::ConsentNotLive);
    rule(!case.key_there || !case.sealed_for, Reason::PurposeNotSealed);
    rule(!live || !case.allowed_now, Reason::PurposeNotConsented);
    rule(case.key_there && !case.hold_back_over, Reason::HoldBack);
    rule(case.key_there && case.file && case.file_expired, Reason::MaterialExpired);
    rule(case.key_there && case.file && case.tainted, Reason::Tainted);
    rule(people < case.min_people, Reason::TooFewPeople);
    rule(keys.len() < 2, Reason::TooFewApprovals);
    let council = counted.iter().any(|approved| approved.role == CustodianRole::Participants);
    rule(!council, Reason::NoParticipantsApproval);
    reasons
}

/// What the policy says, without the reasons that belong to single approvals.
pub(super) fn policy(case: &Case) -> BTreeSet<Reason> {
    let Input { records, request, selection, approvals } = case.input();
    match decide(&records, &request, &selection, &approvals, NOW) {
        Ok(_) => BTreeSet::new(),
        Err(refusal) => refusal.reasons.into_iter().filter(|reason| !reason.as_str().starts_with("approv")).collect(),
    }
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![6 => Just(When::Valid), 1 => Just(When::Future), 1 => Just(When::Expired)]
}

/// Mostly true, so that cases with one or two faults are common.
fn fine() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.9)
}

fn fault() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.1)
}

fn approved() -> impl Strategy<Value = Approved> {
    let who = prop::sample::select(Who::ALL.to_vec());
    (who, prop::sample::select(CustodianRole::ALL.to_vec()), any::<bool>(), fine(), fine(), when()).prop_map(
        |(who, role, honest, own_key, this_request, when)| {
            // Half of them claim a role they have.
            let role = who.stands_for().first().copied().filter(|_| honest).unwrap_or(role);
            Approved { who, role, own_key, this_request, when }
        },
    )
}

fn consent() -> impl Strategy<Value = Consent> {
    prop_oneof![
        8 => Just(Consent::Live),
        4 => Just(Consent::Replaced),
        1 => Just(Consent::Withdrawn),
        1 => Just(Consent::Expired),
        1 => Just(Consent::Future),
        1 => Just(Consent::NoReceipt),
        1 => Just(Consent::OtherVault),
        1 => Just(Consent::Renewed),
        1 => Just(Consent::None),
    ]
}

prop_compose! {
    fn any_case()(
        (paused, tainted, file_expired, builder_software) in (fault(), fault(), fault(), fault()),
        (this_program, this_selection, builder, builder_key) in (fine(), fine(), fine(), fine()),
        (sealed_for, allowed_now, key_there, hold_back_over) in (fine(), fine(), fine(), fine()),
        request in when(),
        consent in consent(),
        file in any::<bool>(),
        (people, min_people) in (0..5_u8, 0..4_u8),
        approvals in prop::collection::vec(approved(), 0..6),
        good_approvals in any::<bool>(),
    ) -> Case {
        let mut all = approvals;
        if good_approvals {
            all.extend(Case::good().approvals);
        }
        Case {
            paused, this_program, this_selection, builder, builder_key, builder_software, request, people, min_people,
            consent, sealed_for, allowed_now, key_there, hold_back_over, file, file_expired, tainted, approvals: all,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn the_policy_and_an_independent_oracle_agree_on_every_reason(case in any_case()) {
        prop_assert_eq!(policy(&case), oracle(&case));
    }
}

#[test]
fn the_oracle_sees_granted_cases_too() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let granted = (0..400).filter(|_| oracle(&any_case().new_tree(&mut runner).unwrap().current()).is_empty()).count();
    assert!((8..392).contains(&granted), "{granted} of 400 cases are granted: the property would test little");
}
