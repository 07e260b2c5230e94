//! Leases: what is accepted, for how long, and what input may be taken in under it.

use candor_consent::{CaptureRefusal, CaptureRight, LeaseRefusal, LiveConsent, LiveLease, sign};
use candor_model::program::RunState;
use candor_model::{ConsentId, DeviceId, Hash, Lease, LeaseRequest, Nonce, ProgramId, SessionId, Typ};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::world::{HOUR, NINE, TERM, World, key, lease, live, request, vault};

/// When the request was sent, in milliseconds of CLOCK_BOOTTIME.
const SENT: u64 = 5_000_000;

fn accept(lease: Lease, request: &LeaseRequest) -> Result<LiveLease, LeaseRefusal> {
    LiveLease::accept(sign(Typ::LEASE, lease, &vault()).unwrap().compact(), request, &live(), SENT)
}

#[track_caller]
fn check(change: impl FnOnce(&mut Lease), expected: Expect) {
    let mut lease = lease();
    change(&mut lease);
    let outcome = match accept(lease, &request()) {
        Ok(lease) => format!("yes: {} ms at once", lease.remaining_ms(SENT)),
        Err(refusal) => format!("no: {refusal}"),
    };
    expected.assert_eq(&outcome);
}

#[test]
fn an_answer_to_our_own_request_is_accepted() {
    check(|_| (), expect!["yes: 60000 ms at once"]);
    check(|l| l.ttl_ms = 1, expect!["yes: 1 ms at once"]);
    check(|l| l.epoch = 8, expect!["yes: 60000 ms at once"]);
}

#[test]
fn an_answer_to_another_request_is_refused() {
    check(|l| l.nonce = Nonce::from_bytes([0; 16]), expect!["no: the lease answers another request"]);
    check(|l| l.session = SessionId::from_bytes([0; 16]), expect!["no: the lease is for another session"]);
    check(|l| l.device = DeviceId::from_bytes([0; 16]), expect!["no: the lease is for another device"]);
    check(|l| l.program = ProgramId::from_bytes([0; 16]), expect!["no: the lease is for another program"]);
    check(|l| l.consent = ConsentId::from_bytes([0; 16]), expect!["no: the lease is for another consent record"]);
    check(|l| l.consent_hash = Hash([0; 32]), expect!["no: the lease is for another consent record"]);
}

#[test]
fn a_request_for_another_consent_gets_no_lease_even_if_the_vault_agrees() {
    let other = ConsentId::from_bytes([0; 16]);
    let refusal = accept(Lease { consent: other, ..lease() }, &LeaseRequest { consent: other, ..request() });
    assert_eq!(refusal.unwrap_err(), LeaseRefusal::OtherConsent);
    let refusal = accept(lease(), &LeaseRequest { consent: other, ..request() });
    assert_eq!(refusal.unwrap_err(), LeaseRefusal::OtherConsent);
}

#[test]
fn a_pause_a_new_notice_and_an_old_state_stop_recording() {
    check(|l| l.state = RunState::Paused, expect!["no: the program is paused; recording stops now"]);
    check(|l| l.notice = Hash([0; 32]), expect!["no: the program has a new notice; ask the participant again"]);
    check(|l| l.epoch = 6, expect!["no: the lease is from epoch 6 of the program, but epoch 7 has begun"]);
}

#[test]
fn a_lease_lasts_at_most_a_minute() {
    check(|l| l.ttl_ms = 60_001, expect!["no: the lease lasts 60001 ms; 1 to 60000 are allowed"]);
    check(|l| l.ttl_ms = u32::MAX, expect!["no: the lease lasts 4294967295 ms; 1 to 60000 are allowed"]);
    check(|l| l.ttl_ms = 0, expect!["no: the lease lasts 0 ms; 1 to 60000 are allowed"]);
}

#[test]
fn only_the_vault_that_the_consent_pins_gives_leases() {
    let refuse = |text: &str| LiveLease::accept(text, &request(), &live(), SENT).unwrap_err().to_string();
    let foreign = sign(Typ::LEASE, lease(), &key(9)).unwrap();
    expect!["lease: the record names another signing key"].assert_eq(&refuse(foreign.compact()));
    let other_kind = sign(Typ::RECEIPT, lease(), &vault()).unwrap();
    expect!["lease: the signed record is of another kind; expected `candor-lease+jwt`"]
        .assert_eq(&refuse(other_kind.compact()));
    expect!["lease: not a signed record: expected three parts with dots between them"].assert_eq(&refuse(""));
}

#[test]
fn a_lease_counts_from_the_sending_so_a_late_answer_is_short_or_dead() {
    let lease = accept(lease(), &request()).unwrap();
    assert_eq!(lease.remaining_ms(SENT), 60_000);
    assert_eq!(lease.remaining_ms(SENT + 59_999), 1);
    assert_eq!(lease.remaining_ms(SENT + 60_000), 0);
    assert_eq!(lease.remaining_ms(u64::MAX), 0);
}

#[test]
fn a_lease_from_the_future_is_worth_nothing() {
    let lease = accept(lease(), &request()).unwrap();
    assert_eq!(lease.remaining_ms(SENT - 1), 0);
    assert_eq!(lease.remaining_ms(0), 0);
}

proptest! {
    /// No time of asking finds more than a minute left, and none outside the minute after sending finds anything.
    #[test]
    fn nobody_records_outside_the_minute_after_asking(ttl_ms in 1..=60_000_u32, now: u64, near in 0..200_000_u64) {
        let live = live();
        let lease = accept(Lease { ttl_ms, ..lease() }, &request()).unwrap();
        for now in [now, SENT - 100_000 + near] {
            let inside = now >= SENT && now < SENT + u64::from(ttl_ms);
            prop_assert_eq!(lease.remaining_ms(now) > 0, inside);
            prop_assert!(lease.remaining_ms(now) <= 60_000);
            prop_assert_eq!(CaptureRight::live(&live, &lease, NINE, now).is_ok(), inside);
        }
    }
}

fn changed(change: impl FnOnce(&mut World)) -> LiveConsent {
    let mut world = World::new();
    change(&mut world);
    world.decide(&world.records()).unwrap()
}

#[test]
fn live_input_needs_consent_and_lease_together() {
    let (live, lease) = (live(), accept(lease(), &request()).unwrap());
    let right = CaptureRight::live(&live, &lease, NINE + HOUR, SENT + 1).unwrap();
    assert!(!right.is_import());
    assert_eq!(right.session(), Some(request().session));
    assert_eq!(right.consent().consent(), live.consent());
    let refused = |now, boot| CaptureRight::live(&live, &lease, now, boot).unwrap_err();
    assert_eq!(refused(NINE + TERM, SENT), CaptureRefusal::ConsentEnded);
    assert_eq!(refused(NINE - 1, SENT), CaptureRefusal::ConsentEnded);
    assert_eq!(refused(NINE, SENT + 60_000), CaptureRefusal::LeaseExpired);
    let other = changed(|w| w.record.processing.storage.hold_back_secs = 0);
    let refused = CaptureRight::live(&other, &lease, NINE, SENT).unwrap_err();
    assert_eq!(refused, CaptureRefusal::OtherLease, "a lease given under another record");
}

#[test]
fn a_stand_in_cannot_be_recorded_live() {
    let stand_in = changed(|w| w.record.processing.stand_in = true);
    let lease = Lease { consent_hash: stand_in.hash(), ..lease() };
    let lease = sign(Typ::LEASE, lease, &vault()).unwrap();
    let lease = LiveLease::accept(lease.compact(), &request(), &stand_in, SENT).unwrap();
    let refused = CaptureRight::live(&stand_in, &lease, NINE, SENT).unwrap_err();
    assert_eq!(refused, CaptureRefusal::StandIn);
    assert!(CaptureRight::import(&stand_in, NINE).unwrap().is_import());
}

#[test]
fn an_import_needs_no_lease_but_both_yeses_and_a_consent_that_holds() {
    let live = live();
    assert_eq!(CaptureRight::import(&live, NINE).unwrap().session(), None);
    assert_eq!(CaptureRight::import(&live, NINE + TERM).unwrap_err(), CaptureRefusal::ConsentEnded);
    for refused in [changed(|w| w.program.allow_import = false), changed(|w| w.record.processing.import = false)] {
        assert_eq!(CaptureRight::import(&refused, NINE).unwrap_err(), CaptureRefusal::NoImport);
    }
}
