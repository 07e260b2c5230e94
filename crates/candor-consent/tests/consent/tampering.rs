//! No change to a signed record goes unnoticed.

use candor_consent::jws::{JwsError, public_key};
use candor_consent::{LiveLease, Reason, sign, verify};
use candor_model::consent::Erase;
use candor_model::{ConsentRecord, Lease, Receipt, Typ, Withdrawal};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{World, key, lease, live, participant, record, request, vault, withdrawal};

/// Whether a text is a record of any of the kinds this crate reads, by either signer.
fn reads(text: &str) -> bool {
    [participant().public_key(), public_key(&vault())].iter().any(|key| {
        verify::<ConsentRecord>(Typ::CONSENT, text, key).is_ok()
            || verify::<Receipt>(Typ::RECEIPT, text, key).is_ok()
            || verify::<Withdrawal>(Typ::WITHDRAWAL, text, key).is_ok()
            || verify::<Lease>(Typ::LEASE, text, key).is_ok()
    })
}

fn signed_records() -> Vec<String> {
    let records = World::new().records();
    let lease = sign(Typ::LEASE, lease(), &vault()).unwrap().compact().to_owned();
    vec![records.consent, records.receipt.unwrap(), withdrawal(Erase::Nothing).compact().to_owned(), lease]
}

/// Every byte, one bit each; which bit changes from byte to byte.
#[test]
fn a_flipped_bit_anywhere_is_refused() {
    for text in signed_records() {
        assert!(reads(&text));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << (at % 7);
            let changed = String::from_utf8(bytes).unwrap();
            assert!(!reads(&changed), "byte {at} of {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn cutting_joining_or_repeating_is_refused(
        which in 0..4_usize, cut in any::<prop::sample::Index>(), tail in ".{0,8}", repeat in 1..7_usize,
    ) {
        let text = &signed_records()[which];
        let cut = 1 + cut.index(text.len() - 1);
        let (head, rest) = text.split_at(cut);
        let again = &text[cut.saturating_sub(repeat)..];
        let mut changed = vec![head.to_owned(), rest.to_owned(), [head, again].concat()];
        if !tail.is_empty() {
            changed.extend([[text, tail.as_str()].concat(), [tail.as_str(), text].concat()]);
        }
        for text in changed {
            prop_assert!(!reads(&text), "{}", text);
        }
    }

    /// Whatever is signed comes back, and comes back the same.
    #[test]
    fn what_was_signed_is_what_is_read(text in ".*", number: i64, seed: u8) {
        let signed = sign(Typ::ERASE, json!({ "text": text, "number": number }), &key(seed)).unwrap();
        let read = verify::<Value>(Typ::ERASE, signed.compact(), &public_key(&key(seed))).unwrap();
        prop_assert_eq!(read, signed);
    }
}

/// Every way to change one thing in a JSON value, with where it was: leaves altered, members removed and added.
fn changes(value: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                all.extend(changes(member).into_iter().map(|(path, changed)| {
                    let mut members = members.clone();
                    members.insert(name.clone(), changed);
                    (format!("/{name}{path}"), Value::Object(members))
                }));
                let mut without = members.clone();
                without.remove(name);
                all.push((format!("/{name} removed"), Value::Object(without)));
            }
            let mut with = members.clone();
            with.insert("surprise".to_owned(), Value::Null);
            all.push(("/surprise added".to_owned(), Value::Object(with)));
        }
        Value::Array(items) => {
            all.push((" shorter".to_owned(), Value::from(items[1..].to_vec())));
            all.push((" longer".to_owned(), Value::from([items.clone(), vec![json!("more")]].concat())));
        }
        Value::String(text) => {
            let middle = text.len() / 2;
            let other = if text.as_bytes()[middle] == b'1' { "2" } else { "1" };
            all.push((String::new(), json!(format!("{}{other}{}", &text[..middle], &text[middle + 1..]))));
        }
        Value::Number(number) => all.push((String::new(), json!(number.as_u64().unwrap() + 1))),
        Value::Bool(flag) => all.push((String::new(), json!(!flag))),
        Value::Null => all.push((String::new(), json!(0))),
    }
    all
}

/// Signed anew by the participant, a changed record is another record: the receipt no longer fits, or it is not
/// understood at all.
#[test]
fn a_consent_changed_after_its_receipt_is_refused_even_if_signed_again() {
    let changes = changes(&serde_json::to_value(record()).unwrap());
    assert!(changes.len() > 60, "{}", changes.len());
    for (path, changed) in changes {
        let world = World::new();
        let mut records = world.records();
        records.consent = sign(Typ::CONSENT, changed, &key(1)).unwrap().compact().to_owned();
        let reasons = world.decide(&records).map(|_| path.clone()).unwrap_err();
        let named = reasons.iter().any(|reason| {
            matches!(
                reason,
                Reason::ReceiptForOther
                    | Reason::ConsentRefused(JwsError::Payload { .. })
                    | Reason::UnknownVersion { .. }
            )
        });
        assert!(named, "{path}: {reasons:?}");
    }
}

/// Of a lease's fields only the epoch may be larger than expected; every other change is refused though signed.
#[test]
fn a_lease_with_any_other_field_is_refused_even_if_signed_by_the_vault() {
    let mut accepted = Vec::new();
    for (path, changed) in changes(&serde_json::to_value(lease()).unwrap()) {
        let text = sign(Typ::LEASE, changed, &vault()).unwrap();
        if LiveLease::accept(text.compact(), &request(), &live(), 0).is_ok() {
            accepted.push(path);
        }
    }
    assert_eq!(accepted, ["/epoch"]);
}

/// Of a receipt's fields the time, the period and the key are the vault's to say; every other change is refused.
#[test]
fn a_receipt_for_anything_else_is_refused_even_if_signed_by_the_vault() {
    let world = World::new();
    let records = world.records();
    let vault_key = public_key(&vault());
    let receipt = verify::<Receipt>(Typ::RECEIPT, records.receipt.as_ref().unwrap(), &vault_key).unwrap();
    let mut accepted = Vec::new();
    for (path, changed) in changes(&serde_json::to_value(receipt.into_payload()).unwrap()) {
        let mut records = records.clone();
        records.receipt = Some(sign(Typ::RECEIPT, changed, &vault()).unwrap().compact().to_owned());
        if world.decide(&records).is_ok() {
            accepted.push(path);
        }
    }
    // The order in which JSON keeps fields depends on what else is built beside this crate.
    accepted.sort();
    assert_eq!(accepted, ["/period", "/received_at", "/vault_key"]);
}

#[test]
fn a_record_too_long_is_neither_signed_nor_read() {
    assert!(sign(Typ::ERASE, "x".repeat(60_000), &key(1)).is_err());
    let long = "x".repeat(65_536);
    let error = verify::<Value>(Typ::ERASE, &long, &public_key(&key(1))).unwrap_err();
    assert_eq!(error, JwsError::TooLong { bytes: 65_536 });
}
