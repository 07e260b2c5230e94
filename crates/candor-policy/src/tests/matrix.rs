//! Role × state, and one fault at a time with the exact reasons.

use std::collections::BTreeSet;

use candor_model::CustodianRole;

use super::case::{Approved, Case, Consent, Input, NOW, When, Who};
use super::oracle::policy;
use crate::decide;
use crate::decide::evaluate;
use crate::engine::Engine;
use crate::reason::Reason;

/// Every case with one fault, and what it is refused for.
fn faults() -> Vec<(Case, Vec<Reason>)> {
    use Reason::*;
    let consent = |state| Case::with(|case| case.consent = state);
    let file = |change: fn(&mut Case)| {
        Case::with(|case| {
            case.file = true;
            change(case);
        })
    };
    vec![
        (Case::with(|case| case.paused = true), vec![Paused]),
        (Case::with(|case| case.this_program = false), vec![OtherProgram]),
        (Case::with(|case| case.this_selection = false), vec![OtherSelection]),
        (Case::with(|case| case.builder = false), vec![NotABuilder]),
        (Case::with(|case| case.builder_key = false), vec![RequesterKey]),
        (Case::with(|case| case.request = When::Future), vec![RequestFuture]),
        (Case::with(|case| case.request = When::Expired), vec![RequestExpired]),
        (Case::with(|case| case.people = 0), vec![NothingAsked]),
        (Case::with(|case| case.people = 2), vec![TooFewPeople]),
        (Case::with(|case| case.sealed_for = false), vec![PurposeNotSealed]),
        (Case::with(|case| case.allowed_now = false), vec![PurposeNotConsented]),
        (Case::with(|case| case.hold_back_over = false), vec![HoldBack]),
        (
            Case::with(|case| case.key_there = false),
            vec![UnknownMaterial, ConsentNotLive, PurposeNotSealed, PurposeNotConsented, TooFewPeople],
        ),
        (consent(Consent::Withdrawn), vec![ConsentWithdrawn, ConsentNotLive, PurposeNotConsented]),
        (consent(Consent::Expired), vec![ConsentNotLive, PurposeNotConsented]),
        (consent(Consent::Future), vec![ConsentNotLive, PurposeNotConsented]),
        (consent(Consent::NoReceipt), vec![ConsentNotLive, PurposeNotConsented]),
        (consent(Consent::OtherVault), vec![ConsentNotLive, PurposeNotConsented]),
        (consent(Consent::None), vec![UnknownMaterial, ConsentNotLive, PurposeNotConsented]),
        // Given again after a withdrawal: what was recorded before it stays closed.
        (consent(Consent::Renewed), vec![ConsentWithdrawn]),
        (file(|case| case.file_expired = true), vec![MaterialExpired]),
        (file(|case| case.tainted = true), vec![Tainted]),
    ]
}

fn granted() -> Vec<Case> {
    vec![
        Case::good(),
        Case::with(|case| case.file = true),
        Case::with(|case| case.consent = Consent::Replaced),
        Case::with(|case| case.builder_software = true),
        Case::with(|case| case.people = 4),
        Case::with(|case| case.min_people = 0),
    ]
}

#[test]
fn each_fault_is_refused_for_exactly_its_reasons() {
    for (case, reasons) in faults() {
        let expected: BTreeSet<_> = reasons.into_iter().collect();
        assert_eq!(policy(&case), expected, "{case:?}");
    }
    for case in granted() {
        assert_eq!(policy(&case), BTreeSet::new(), "{case:?}");
    }
}

/// Every pair of approvers, each in every role they could claim: granted only for two people, one for the participants.
#[test]
fn two_people_approve_and_one_of_them_stands_for_the_participants() {
    use CustodianRole::{Participants, Privacy, Security};
    let can = |who, role| {
        matches!((who, role), (Who::Council | Who::Both, Participants) | (Who::Both, Privacy))
            || matches!((who, role), (Who::Security | Who::Twin, Security))
    };
    let mut yes = 0;
    for (at, one) in Who::ALL.into_iter().enumerate() {
        for other in Who::ALL.into_iter().skip(at) {
            for one_role in CustodianRole::ALL {
                for other_role in CustodianRole::ALL {
                    let case = Case::with(|case| {
                        case.approvals = vec![Approved::by(one, one_role), Approved::by(other, other_role)];
                    });
                    let expected = can(one, one_role)
                        && can(other, other_role)
                        && one.key() != other.key()
                        && (one_role == Participants || other_role == Participants);
                    // Where neither half could count, nothing is left to see.
                    if can(one, one_role) || can(other, other_role) {
                        assert_eq!(
                            policy(&case).is_empty(),
                            expected,
                            "{one:?} {one_role:?}, {other:?} {other_role:?}"
                        );
                        yes += usize::from(expected);
                    }
                }
            }
        }
    }
    // council with security, its twin, and both's two roles; security with both; twin with both
    assert_eq!(yes, 6, "the table itself");
}

#[test]
fn an_approval_counts_for_its_request_its_time_and_its_key_only() {
    let spoil = |change: fn(&mut Approved)| Case::with(|case| case.approvals.iter_mut().for_each(change));
    let cases = [
        (spoil(|approved| approved.own_key = false), Reason::ApproverKey),
        (spoil(|approved| approved.this_request = false), Reason::ApprovalOtherRequest),
        (spoil(|approved| approved.when = When::Future), Reason::ApprovalFuture),
        (spoil(|approved| approved.when = When::Expired), Reason::ApprovalExpired),
        (spoil(|approved| approved.role = CustodianRole::Outside), Reason::ApproverRole),
        (spoil(|approved| approved.who = Who::Agent), Reason::ApproverSoftware),
        (spoil(|approved| approved.who = Who::BuilderTwin), Reason::ApproverRequester),
    ];
    for (case, reason) in cases {
        let Input { records, request, selection, approvals } = case.input();
        let refusal = decide(&records, &request, &selection, &approvals, NOW).unwrap_err();
        assert!(refusal.reasons.contains(&reason), "{reason:?}: {refusal}");
        assert!(refusal.reasons.contains(&Reason::TooFewApprovals), "{reason:?}: {refusal}");
    }
}

/// Found by the property: the request is signed with a strange key in the builder's name, and the builder's own key
/// approves it under another registration.
#[test]
fn the_builders_key_does_not_approve_whoever_signed_the_request() {
    let case = Case::with(|case| {
        case.builder_key = false;
        case.approvals = vec![Approved::by(Who::BuilderTwin, CustodianRole::Participants)];
    });
    assert!(policy(&case).contains(&Reason::NoParticipantsApproval));
}

/// The cases that see each rule: faults of the request, and approvals that must not count.
fn all_cases() -> Vec<Case> {
    let mut cases: Vec<_> = faults().into_iter().map(|(case, _)| case).chain(granted()).collect();
    let council = Approved::by(Who::Council, CustodianRole::Participants);
    let security = Approved::by(Who::Security, CustodianRole::Security);
    let spoiled = [
        Approved { own_key: false, ..security },
        Approved { this_request: false, ..security },
        Approved { when: When::Future, ..security },
        Approved { when: When::Expired, ..security },
        Approved { role: CustodianRole::Operations, ..security },
        Approved::by(Who::Agent, CustodianRole::Outside),
        Approved::by(Who::Builder, CustodianRole::Outside),
        Approved::by(Who::BuilderTwin, CustodianRole::Outside),
    ];
    cases.extend(spoiled.map(|other| Case::with(|case| case.approvals = vec![council, other])));
    cases.push(Case::with(|case| case.approvals = vec![council]));
    let privacy = Approved::by(Who::Both, CustodianRole::Privacy);
    cases.push(Case::with(|case| case.approvals = vec![privacy, security]));
    cases
}

/// Whether each case is granted under a policy.
fn verdicts(engine: &Engine) -> Vec<bool> {
    let granted = |case: &Case| {
        let Input { records, request, selection, approvals } = case.input();
        evaluate(engine, &records, &request, &selection, &approvals, NOW).is_ok()
    };
    all_cases().iter().map(granted).collect()
}

/// Rules behind which another rule stands: dropping one alone grants nothing, so the reasons are compared instead.
const BACKED: [&str; 2] = ["unknown-material", "consent-not-live"];

#[test]
fn each_rule_is_needed() {
    let engine = Engine::embedded().unwrap();
    let whole = verdicts(engine);
    assert!(whole.contains(&true) && whole.contains(&false));
    for id in engine.ids() {
        let less = engine.without(&id);
        if BACKED.contains(&id.as_str()) {
            let reasons = |engine: &Engine| -> Vec<_> {
                let reasons = |case: &Case| {
                    let Input { records, request, selection, approvals } = case.input();
                    evaluate(engine, &records, &request, &selection, &approvals, NOW).err().map(|no| no.reasons)
                };
                all_cases().iter().map(reasons).collect()
            };
            assert_ne!(reasons(&less), reasons(engine), "without `{id}` every refusal has the same reasons");
        } else {
            assert_ne!(verdicts(&less), whole, "without `{id}` every case is decided as before");
        }
    }
}
