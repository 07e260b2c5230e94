//! What a grant is, and what it is not.

use candor_model::Hash;

use super::case::{Case, Consent, Input, NOW};
use crate::grant::GRANT_SECS_MAX;
use crate::reason::{Item, Reason};
use crate::{Grant, decide};

fn grant(case: &Case) -> Grant {
    let Input { records, request, selection, approvals } = case.input();
    decide(&records, &request, &selection, &approvals, NOW).unwrap()
}

#[test]
fn the_intent_says_who_what_for_and_on_whose_authority() {
    let case = Case::good();
    let Input { request, selection, approvals, .. } = case.input();
    let intent = grant(&case).intent(42);
    let said = request.payload();
    assert_eq!((intent.request, intent.builder, intent.purpose), (request.hash(), said.builder, said.purpose));
    assert_eq!((intent.selection, intent.segments, intent.files), (selection.commitment(), 3, 0));
    assert_eq!(intent.ephemeral, Hash::of(said.ephemeral.as_bytes()));
    assert_eq!(intent.approvals, approvals.iter().map(|approval| approval.hash()).collect::<Vec<_>>());
    assert_eq!(intent.consents.len(), 3);
    assert_eq!((intent.counter, intent.at), (42, NOW));
    assert_eq!(intent.policy, crate::policy_hash().unwrap());
}

#[test]
fn a_grant_lasts_minutes_and_no_longer_than_what_it_rests_on() {
    assert_eq!(grant(&Case::good()).expires(), NOW + GRANT_SECS_MAX);
    let records = Case::good().input().records;
    assert!(grant(&Case::good()).still_holds(&records, NOW + GRANT_SECS_MAX - 1).is_ok());
    let late = grant(&Case::good()).still_holds(&records, NOW + GRANT_SECS_MAX).unwrap_err();
    assert_eq!(late.reasons, [Reason::RequestExpired]);
}

#[test]
fn a_consent_withdrawn_after_the_grant_counts() {
    let withdrawn = Case::with(|case| case.consent = Consent::Withdrawn).input().records;
    let refusal = grant(&Case::good()).still_holds(&withdrawn, NOW).unwrap_err();
    assert!(refusal.reasons.contains(&Reason::ConsentWithdrawn));
    let paused = Case::with(|case| case.paused = true).input().records;
    assert_eq!(grant(&Case::good()).still_holds(&paused, NOW).unwrap_err().reasons, [Reason::Paused]);
}

#[test]
fn a_refusal_names_the_items_and_not_whose_consent() {
    let Input { records, request, selection, approvals } = Case::with(|case| case.consent = Consent::Withdrawn).input();
    let refusal = decide(&records, &request, &selection, &approvals, NOW).unwrap_err();
    assert_eq!(refusal.items, [Item::Segment(selection.segments()[0])]);
    assert!(!refusal.to_string().contains("p-"), "{refusal}");
}

#[test]
fn a_principal_registered_twice_is_nobody() {
    let Input { mut records, request, selection, approvals } = Case::good().input();
    let again = records.principals[0].clone();
    records.principals.push(again);
    let refusal = decide(&records, &request, &selection, &approvals, NOW).unwrap_err();
    assert!(refusal.reasons.contains(&Reason::NoParticipantsApproval));
}

#[test]
fn signed_words_are_read_with_the_registered_key_of_who_they_name() {
    let Input { records, request, approvals, .. } = Case::good().input();
    assert_eq!(records.read_request(request.compact()).as_ref(), Ok(&request));
    assert_eq!(records.read_approval(approvals[0].compact()).as_ref(), Ok(&approvals[0]));
    let foreign = Case::with(|case| case.builder_key = false).input().request;
    assert!(records.read_request(foreign.compact()).is_err());
    // signed by the council in the name of security
    let borrowed = Case::with(|case| case.approvals[1].own_key = false).input().approvals;
    assert!(records.read_approval(borrowed[1].compact()).is_err());
    assert!(records.read_approval(request.compact()).is_err());
}
