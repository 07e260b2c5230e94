//! Every reason for which a consent does not hold, and what holds when none does.

use candor_consent::{CaptureRight, LiveConsent, LiveLease, ParticipantSigner, Records, sign};
use candor_model::consent::{Choice, Erase, PersonalData};
use candor_model::program::RunState;
use candor_model::text::TextScope;
use candor_model::{ConsentId, Hash, ParticipantId, ProgramId, Purposes, TextPolicy, TextRules, Typ};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::world::{HOUR, NINE, TERM, World, key, live, notice, participant, withdrawal};

/// Decides after both changes and compares what came out.
#[track_caller]
fn check(change: impl FnOnce(&mut World), alter: impl FnOnce(&mut Records), expected: Expect) {
    let mut world = World::new();
    change(&mut world);
    let mut records = world.records();
    alter(&mut records);
    let outcome = match world.decide(&records) {
        Ok(live) => summary(&live),
        Err(reasons) => reasons.iter().map(|reason| format!("no: {reason}")).collect::<Vec<_>>().join("\n"),
    };
    expected.assert_eq(&outcome);
}

fn summary(live: &LiveConsent) -> String {
    let purposes: Vec<_> = live.purposes().iter().map(|purpose| purpose.as_str()).collect();
    format!(
        "yes: for {}, naming {}, import {}, stand-in {}, hold-back {} s, period {}, until {}",
        purposes.join("+"),
        live.applications().join("+"),
        live.allows_import(),
        live.stand_in(),
        live.hold_back_secs(),
        live.period(),
        live.not_after(),
    )
}

#[track_caller]
fn check_world(change: impl FnOnce(&mut World), expected: Expect) {
    check(change, |_| (), expected);
}

#[track_caller]
fn check_records(alter: impl FnOnce(&mut Records), expected: Expect) {
    check(|_| (), alter, expected);
}

/// A consent record with one part of its JSON changed, signed by the participant.
fn resign(records: &mut Records, pointer: &str, value: Value) {
    let mut json = serde_json::to_value(crate::world::record()).unwrap();
    match json.pointer_mut(pointer) {
        Some(part) => *part = value,
        None => drop(json.as_object_mut().unwrap().insert(pointer.trim_start_matches('/').to_owned(), value)),
    }
    records.consent = sign(Typ::CONSENT, json, &key(1)).unwrap().compact().to_owned();
}

#[test]
fn what_holds_is_what_participant_and_program_both_allow() {
    check_world(
        |_| (),
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.record.processing.purposes = Purposes::from_bits(0b111).unwrap(),
        expect![
            "yes: for train-computer-use+evaluate-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.program.allow_import = false,
        expect![
            "yes: for train-computer-use, naming writer, import false, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.record.processing.import = false,
        expect![
            "yes: for train-computer-use, naming writer, import false, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.record.processing.stand_in = true,
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in true, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.program.hold_back_secs = 0,
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
}

#[test]
fn applications_are_named_only_where_the_record_lists_them_as_personal_data() {
    check_world(
        |w| w.record.processing.personal_data = vec![PersonalData::InputEvents],
        expect![
            "yes: for train-computer-use, naming , import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.record.processing.personal_data = vec![PersonalData::ApplicationNames],
        expect!["no: the consent record does not cover input events, so there is nothing to record"],
    );
}

fn rules(rest: TextPolicy, one: Option<(&str, TextPolicy)>) -> TextRules {
    let scope = |(application, text): (&str, TextPolicy)| TextScope { application: application.to_owned(), text };
    TextRules { rest, applications: one.map(scope).into_iter().collect() }
}

/// What is kept of text in `writer`, where the participant, the program and the record say so.
fn text_in_writer(participant: TextRules, program: TextRules, change: impl FnOnce(&mut World)) -> TextPolicy {
    let mut world = World::new();
    world.record.processing.text = participant;
    world.record.processing.personal_data.push(PersonalData::SafeText);
    world.program.text = program;
    change(&mut world);
    world.decide(&world.records()).unwrap().text("writer")
}

#[test]
fn of_text_the_lesser_word_of_participant_and_program_counts() {
    for participant in TextPolicy::ALL {
        for program in TextPolicy::ALL {
            let lesser = participant.min(program);
            let all = |text| rules(text, None);
            assert_eq!(text_in_writer(all(participant), all(program), |_| ()), lesser);
            let one = |text| rules(TextPolicy::Safe, Some(("writer", text)));
            assert_eq!(text_in_writer(one(participant), one(program), |_| ()), lesser);
            assert_eq!(text_in_writer(all(participant), one(program), |_| ()), lesser);
        }
    }
    let elsewhere = rules(TextPolicy::Shapes, Some(("calc", TextPolicy::Safe)));
    assert_eq!(text_in_writer(elsewhere, rules(TextPolicy::Safe, None), |_| ()), TextPolicy::Shapes);
}

#[test]
fn text_is_kept_only_where_it_is_held_back_long_enough_and_the_record_covers_it() {
    let safe = || rules(TextPolicy::Safe, None);
    let after = |secs| text_in_writer(safe(), safe(), |w| w.record.processing.storage.hold_back_secs = secs);
    assert_eq!((after(899), after(900)), (TextPolicy::Shapes, TextPolicy::Safe));
    let uncovered = |w: &mut World| w.record.processing.personal_data.retain(|data| *data != PersonalData::SafeText);
    assert_eq!(text_in_writer(safe(), safe(), uncovered), TextPolicy::Shapes);
    let none = rules(TextPolicy::None, None);
    assert_eq!(text_in_writer(none, safe(), |w| w.record.processing.storage.hold_back_secs = 0), TextPolicy::None);
}

#[test]
fn nothing_is_kept_of_text_in_an_application_that_may_not_be_named() {
    assert_eq!(live().text("writer"), TextPolicy::Shapes);
    for app in ["mail", "calc", "", "Writer"] {
        assert_eq!(live().text(app), TextPolicy::None, "{app}");
    }
}

#[test]
fn a_record_and_a_program_from_before_text_was_asked_say_shapes() {
    let mut record = serde_json::to_value(crate::world::record()).unwrap();
    record["dpv:hasProcess"].as_object_mut().unwrap().remove("text").unwrap();
    let record: candor_model::ConsentRecord = serde_json::from_value(record).unwrap();
    assert_eq!(record.processing.text, TextRules::all(TextPolicy::Shapes));
    let mut program = serde_json::to_value(crate::world::program()).unwrap();
    for field in ["text", "private_applications", "private_origins"] {
        program.as_object_mut().unwrap().remove(field).unwrap();
    }
    let program: candor_model::Program = serde_json::from_value(program).unwrap();
    assert_eq!(program.text, TextRules::all(TextPolicy::Shapes));
    assert!(program.private_applications.is_empty() && program.private_origins.is_empty());
}

#[test]
fn an_unknown_word_about_text_means_no() {
    let words = json!({ "rest": "everything", "applications": [] });
    let mut records = World::new().records();
    resign(&mut records, "/dpv:hasProcess/text", words);
    assert!(World::new().decide(&records).is_err());
}

#[test]
fn a_choice_of_text_is_named_among_the_personal_data() {
    let record = |text| {
        let program = crate::world::program();
        let participant = candor_model::consent::Participant {
            id: ParticipantId::from_bytes([1; 16]),
            signing_key: participant().public_key(),
            opening_key: candor_model::OpeningKey::from_bytes([2; candor_model::OpeningKey::LEN]),
        };
        let choice = Choice { text, ..Choice::nothing(ConsentId::from_bytes([3; 16]), &program, NINE, NINE + TERM) };
        candor_model::ConsentRecord::new(&program, participant, choice).processing.personal_data
    };
    assert!(!record(TextRules::default()).contains(&PersonalData::SafeText));
    let one = rules(TextPolicy::None, Some(("writer", TextPolicy::Safe)));
    assert!(record(one).contains(&PersonalData::SafeText));
}

#[test]
fn what_the_program_adds_to_the_private_contexts_reaches_the_device() {
    let mut world = World::new();
    world.program.private_applications = vec!["ledger".to_owned()];
    world.program.private_origins = vec!["wiki.example".to_owned()];
    let live = world.decide(&world.records()).unwrap();
    assert_eq!(
        (live.private_applications(), live.private_origins()),
        (&["ledger".to_owned()][..], &["wiki.example".to_owned()][..])
    );
}

#[test]
fn a_record_not_signed_by_the_participant_is_refused() {
    check_world(
        |w| w.signer = ParticipantSigner::from_bytes(&[9; 32]),
        expect!["no: consent record: the record names another signing key; sign a new consent"],
    );
    check_records(
        |r| r.consent.clear(),
        expect![
            "no: consent record: not a signed record: expected three parts with dots between them; sign a new consent"
        ],
    );
    check_records(
        |r| r.consent.push('A'),
        expect!["no: consent record: the signature does not match the record; sign a new consent"],
    );
    check_records(
        |r| r.consent = r.receipt.clone().unwrap(),
        expect![
            "no: consent record: the signed record is of another kind; expected `candor-consent+jwt`; sign a new consent"
        ],
    );
}

#[test]
fn a_record_of_somebody_else_is_refused() {
    check_records(
        |r| r.participant = ParticipantId::from_bytes([0; 16]),
        expect!["no: the consent record names another participant than the one enrolled here"],
    );
    check_world(
        |w| w.record.party.signing_key = ParticipantSigner::from_bytes(&[9; 32]).public_key(),
        expect!["no: the consent record names another signing key than the one enrolled here"],
    );
}

#[test]
fn unknown_words_in_a_signed_record_mean_no() {
    check_records(
        |r| resign(r, "/header/version", json!(2)),
        expect![[r#"
        no: the consent record has version 2, which this program does not know; update it
        no: the receipt is for another consent record; send the vault this one"#]],
    );
    check_records(
        |r| resign(r, "/surprise", json!(true)),
        expect![
            "no: consent record: the record is correctly signed, but this version does not understand all of it as `candor-consent+jwt`; sign a new consent"
        ],
    );
    check_records(
        |r| resign(r, "/dpv:hasProcess/dpv:hasPurpose", json!(["performance"])),
        expect![
            "no: consent record: the record is correctly signed, but this version does not understand all of it as `candor-consent+jwt`; sign a new consent"
        ],
    );
    check_records(
        |r| resign(r, "/dpv:hasProcess/dpv:hasLegalBasis", json!("dpv:LegitimateInterest")),
        expect![
            "no: consent record: the record is correctly signed, but this version does not understand all of it as `candor-consent+jwt`; sign a new consent"
        ],
    );
    check_records(
        |r| resign(r, "/@context/dpv", json!("https://example.org/#")),
        expect![
            "no: consent record: the record is correctly signed, but this version does not understand all of it as `candor-consent+jwt`; sign a new consent"
        ],
    );
    check_records(
        |r| resign(r, "/event/dpv:hasConsentStatus", json!("dpv:ConsentRefused")),
        expect![
            "no: consent record: the record is correctly signed, but this version does not understand all of it as `candor-consent+jwt`; sign a new consent"
        ],
    );
}

#[test]
fn another_program_controller_or_vault_needs_another_consent() {
    check_world(
        |w| w.program.id = ProgramId::from_bytes([0; 16]),
        expect!["no: the consent record is for another program"],
    );
    check_world(
        |w| w.program.controller.name.push('!'),
        expect!["no: the consent was given to another controller than the program's; ask the participant again"],
    );
    check_world(
        |w| w.program.vault.0 = candor_consent::jws::public_key(&key(9)),
        expect![[r#"
        no: the consent names another vault than the program's; ask the participant again
        no: receipt: the record names another signing key; ask the vault for a new one"#]],
    );
}

/// Even with a receipt from the new vault: the participant did not agree to it (invariant 15).
#[test]
fn a_vault_cannot_take_over_a_consent_by_giving_a_receipt() {
    check_world(
        |w| {
            w.program.vault.0 = candor_consent::jws::public_key(&key(9));
            w.receipt_signer = key(9);
        },
        expect!["no: the consent names another vault than the program's; ask the participant again"],
    );
}

#[test]
fn a_new_notice_needs_a_new_consent() {
    let mut next = notice();
    next.text.push_str("Screens too.\n");
    check_world(
        |w| w.program.notice = next.to_ref(),
        expect!["no: the notice changed (now version 3); show it to the participant and ask again"],
    );
    check_world(
        |w| w.program.notice.version = 4,
        expect!["no: the notice changed (now version 4); show it to the participant and ask again"],
    );
}

#[test]
fn no_purpose_is_on_unless_switched_on() {
    check_world(
        |w| w.record.processing.purposes = Purposes::NONE,
        expect!["no: no purpose is switched on that the program offers"],
    );
    check_world(
        |w| w.program.purposes = Purposes::NONE,
        expect!["no: no purpose is switched on that the program offers"],
    );
}

#[test]
fn a_choice_starts_with_everything_off() {
    let program = crate::world::program();
    let choice = Choice::nothing(ConsentId::from_bytes([0; 16]), &program, NINE, NINE + TERM);
    assert!(choice.purposes.is_empty() && choice.applications.is_empty() && !choice.import);
    assert_eq!(choice.hold_back_secs, program.hold_back_secs);
}

#[test]
fn a_consent_holds_from_its_first_second_to_before_its_last() {
    check_world(
        |w| w.now = NINE - 1,
        expect!["no: the consent starts at 1793610000 (Unix seconds), which is in the future; check the clock"],
    );
    check_world(
        |w| w.now = NINE,
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.now = NINE + TERM - 1,
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.now = NINE + TERM,
        expect!["no: the consent ended at 1801386000 (Unix seconds); ask the participant again"],
    );
    check_world(
        |w| w.record.event.validity.not_after = NINE,
        expect!["no: the consent ended at 1793610000 (Unix seconds); ask the participant again"],
    );
}

#[test]
fn a_paused_program_records_nothing() {
    check_world(|w| w.program.state = RunState::Paused, expect!["no: the program is paused"]);
}

#[test]
fn withdrawing_stops_at_once_and_without_the_vault() {
    check_records(
        |r| r.withdraw(&withdrawal(Erase::Nothing)),
        expect!["no: the participant withdrew this consent at 1793617200 (Unix seconds)"],
    );
    // Before the time it names, and whatever else is among the withdrawals.
    check(
        |w| w.now = NINE + 1,
        |r| r.withdraw(&withdrawal(Erase::Everything)),
        expect!["no: the participant withdrew this consent at 1793617200 (Unix seconds)"],
    );
}

#[test]
fn a_withdrawal_that_names_the_record_by_id_or_by_hash_counts() {
    let id = ConsentId::from_bytes([0x33; 16]);
    let (other_id, other_hash) = (ConsentId::from_bytes([0; 16]), Hash([0; 32]));
    let withdraw = |id, hash| participant().withdrawal(id, hash, Erase::Nothing, NINE).unwrap();
    check_records(
        |r| r.withdraw(&withdraw(id, other_hash)),
        expect!["no: the participant withdrew this consent at 1793610000 (Unix seconds)"],
    );
    check_records(
        |r| r.withdraw(&withdraw(other_id, live().hash())),
        expect!["no: the participant withdrew this consent at 1793610000 (Unix seconds)"],
    );
    check_records(
        |r| r.withdraw(&withdraw(other_id, other_hash)),
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
}

#[test]
fn a_withdrawal_that_cannot_be_read_counts() {
    check_records(
        |r| r.withdrawals.push("torn".to_owned()),
        expect![
            "no: there is a withdrawal that cannot be read, which counts as one: not a signed record: expected three parts with dots between them"
        ],
    );
    let forged = ParticipantSigner::from_bytes(&[9; 32]);
    let forged = forged.withdrawal(ConsentId::from_bytes([0; 16]), Hash([0; 32]), Erase::Nothing, NINE).unwrap();
    check_records(
        |r| r.withdraw(&forged),
        expect![
            "no: there is a withdrawal that cannot be read, which counts as one: the record names another signing key"
        ],
    );
}

#[test]
fn nothing_is_recorded_before_the_vaults_own_receipt_for_this_very_record() {
    check_records(
        |r| r.receipt = None,
        expect!["no: there is no receipt from the vault yet; send it the consent record"],
    );
    check_world(
        |w| w.receipt_signer = key(9),
        expect!["no: receipt: the record names another signing key; ask the vault for a new one"],
    );
    check_world(
        |w| w.receipt = |r| r.record = Hash([0; 32]),
        expect!["no: the receipt is for another consent record; send the vault this one"],
    );
    check_world(
        |w| w.receipt = |r| r.consent = ConsentId::from_bytes([0; 16]),
        expect!["no: the receipt is for another consent record; send the vault this one"],
    );
    check_world(
        |w| w.receipt = |r| r.program = ProgramId::from_bytes([0; 16]),
        expect!["no: the receipt is for another consent record; send the vault this one"],
    );
    check_world(
        |w| w.receipt = |r| r.received_at = NINE + HOUR + 300,
        expect![
            "yes: for train-computer-use, naming writer, import true, stand-in false, hold-back 3600 s, period 4, until 1801386000"
        ],
    );
    check_world(
        |w| w.receipt = |r| r.received_at = NINE + HOUR + 301,
        expect!["no: the receipt was given at 1793613901 (Unix seconds), which is in the future; check the clock"],
    );
}

#[test]
fn every_reason_is_given_not_only_the_first() {
    check(
        |w| {
            w.program.notice.version = 9;
            w.program.state = RunState::Paused;
            w.now = NINE + TERM;
        },
        |r| {
            r.withdraw(&withdrawal(Erase::Everything));
            r.receipt = None;
        },
        expect![[r#"
            no: the notice changed (now version 9); show it to the participant and ask again
            no: the consent ended at 1801386000 (Unix seconds); ask the participant again
            no: the program is paused
            no: the participant withdrew this consent at 1793617200 (Unix seconds)
            no: there is no receipt from the vault yet; send it the consent record"#]],
    );
    check(
        |w| w.program.state = RunState::Paused,
        |r| {
            r.consent.clear();
            r.receipt = None;
            r.withdraw(&withdrawal(Erase::Everything));
        },
        expect![[r#"
            no: consent record: not a signed record: expected three parts with dots between them; sign a new consent
            no: the program is paused
            no: the participant withdrew this consent at 1793617200 (Unix seconds)
            no: there is no receipt from the vault yet; send it the consent record"#]],
    );
}

#[test]
fn a_live_consent_expires_while_held() {
    let live = live();
    assert!(live.is_live(NINE) && live.is_live(NINE + TERM - 1));
    assert!(!live.is_live(NINE - 1) && !live.is_live(NINE + TERM));
}

#[test]
fn a_live_consent_carries_what_segments_are_bound_to() {
    let (live, world) = (live(), World::new());
    assert_eq!(live.hash(), Hash::of(world.records().consent.as_bytes()));
    assert_eq!(live.vault(), world.program.vault);
    assert_eq!(live.vault_key().as_bytes(), &[0x55; 1216]);
    assert_eq!(live.opening_key().as_bytes(), &[0x44; 1216]);
    assert_eq!((live.program(), live.participant()), (world.program.id, ParticipantId::from_bytes([0x22; 16])));
    assert_eq!((live.notice(), live.epoch()), (world.program.notice.hash, 7));
}

#[test]
fn a_secret_key_is_not_printed() {
    let printed = format!("{:?}", participant());
    assert!(!printed.contains("1, 1, 1") && !printed.contains("0101"), "{printed}");
    assert!(printed.contains("public_key"), "{printed}");
}

/// Fails to compile where the type implements the trait: then both impls below fit.
macro_rules! assert_never {
    ($type:ty: $($bound:tt)+) => {
        const _: fn() = || {
            trait Check<A> { fn it() {} }
            impl<T: ?Sized> Check<()> for T {}
            struct Has;
            impl<T: ?Sized + $($bound)+> Check<Has> for T {}
            let _ = <$type as Check<_>>::it;
        };
    };
}

// Permission is asked for again, not kept.
assert_never!(LiveConsent: Clone);
assert_never!(LiveConsent: serde::Serialize);
assert_never!(LiveConsent: serde::de::DeserializeOwned);
assert_never!(LiveLease: Clone);
assert_never!(LiveLease: serde::Serialize);
assert_never!(CaptureRight<'static>: Clone);
assert_never!(CaptureRight<'static>: serde::Serialize);
assert_never!(ParticipantSigner: Clone);
assert_never!(ParticipantSigner: serde::Serialize);
