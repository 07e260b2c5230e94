//! Signed records for readers that are not ours (`testdata/vectors/jws`, read by `tests/interop/jws_verify.py` too).
//!
//! Each file has a header of `name: value` lines, an empty line, and the compact JWS. `expect` is `ok`, `refused` (by
//! any JWS library that is given the key and `EdDSA`, and compares `typ`) or `strict` (by ours; others may be laxer).
//! `UPDATE_EXPECT=1 cargo test -p candor-consent` writes the files anew.

use std::collections::BTreeSet;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::jws::{JwsError, public_key, thumbprint};
use candor_consent::{sign, verify};
use candor_model::consent::Erase;
use candor_model::{ConsentRecord, Hash, Lease, PublicKey, Receipt, Typ, Withdrawal};
use ed25519_dalek::{Signer, SigningKey};
use expect_test::expect_file;
use serde_json::Value;

use crate::world::{World, key, lease, vault, withdrawal};

struct Vector {
    name: &'static str,
    expect: &'static str,
    typ: Typ,
    key: PublicKey,
    why: &'static str,
    compact: String,
}

impl Vector {
    fn render(&self) -> String {
        let Self { name, expect, typ, key, why, compact } = self;
        let hash = Hash::of(compact.as_bytes());
        format!("name: {name}\nexpect: {expect}\ntyp: {typ}\nkey: {key}\nsha256: {hash}\nwhy: {why}\n\n{compact}\n")
    }
}

/// A JWS with any header, signed with Ed25519.
fn forge(header: &str, body: &str, key: &SigningKey) -> String {
    let signed = format!("{}.{body}", URL_SAFE_NO_PAD.encode(header));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
    format!("{signed}.{signature}")
}

/// HMAC-SHA256 (RFC 2104) for a key of at most 64 bytes; here only to play the attacker.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| (0..64).map(move |at| key.get(at).unwrap_or(&0) ^ with);
    let inner: Vec<u8> = pad(0x36).chain(message.iter().copied()).collect();
    let outer: Vec<u8> = pad(0x5c).chain(Hash::of(&inner).0).collect();
    Hash::of(&outer).0
}

/// The same signature with the group's order added to S (RFC 8032 §5.1.7 says to refuse it).
fn with_order_added(compact: &str) -> String {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (signed, signature) = compact.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The last character's unused bits set: another spelling of the same bytes.
fn with_stray_bits(compact: &str) -> String {
    let (rest, last) = compact.split_at(compact.len() - 1);
    let next = char::from(last.as_bytes()[0] + 1);
    format!("{rest}{next}")
}

fn vectors() -> Vec<Vector> {
    let records = World::new().records();
    let (person, vault_key) = (key(1), public_key(&vault()));
    let person_key = public_key(&person);
    let (consent, receipt) = (records.consent, records.receipt.unwrap());
    let lease = sign(Typ::LEASE, lease(), &vault()).unwrap().compact().to_owned();
    let withdrawal = withdrawal(Erase::Everything).compact().to_owned();
    let (kid, body) = (thumbprint(&person_key), consent.split('.').nth(1).unwrap());
    let header = |alg: &str, more: &str| format!(r#"{{"alg":"{alg}","typ":"candor-consent+jwt","kid":"{kid}"{more}}}"#);

    let unsigned = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header("none", "")));
    let hmac_signed = format!("{}.{body}", URL_SAFE_NO_PAD.encode(header("HS256", "")));
    let hmac_tag = URL_SAFE_NO_PAD.encode(hmac(person_key.as_bytes(), hmac_signed.as_bytes()));
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
    let repeated = json.replace(r#""import":true"#, r#""import":false,"import":true"#);
    let no_hold_back = json.replace(r#""hold_back_secs":3600"#, r#""hold_back_secs":0"#);
    let tampered = consent.replace(body, &URL_SAFE_NO_PAD.encode(no_hold_back));
    assert_ne!(repeated, json);
    assert_ne!(tampered, consent);

    let good =
        |name, typ, key, why, compact: &str| Vector { name, expect: "ok", typ, key, why, compact: compact.into() };
    let bad = |name, expect, why, compact| Vector { name, expect, typ: Typ::CONSENT, key: person_key, why, compact };
    vec![
        good("consent", Typ::CONSENT, person_key, "signed by the participant", &consent),
        good("receipt", Typ::RECEIPT, vault_key, "signed by the vault", &receipt),
        good("withdrawal", Typ::WITHDRAWAL, person_key, "signed by the participant", &withdrawal),
        good("lease", Typ::LEASE, vault_key, "signed by the vault", &lease),
        bad("bad-wrong-key", "refused", "signed by somebody else, who names the participant's key", {
            forge(&header("EdDSA", ""), body, &key(9))
        }),
        bad("bad-alg-none", "refused", "not signed at all", unsigned),
        bad("bad-alg-hs256", "refused", "signed with HMAC, the public key as the secret", {
            format!("{hmac_signed}.{hmac_tag}")
        }),
        bad("bad-payload", "refused", "the hold-back was changed to 0", tampered),
        bad("bad-typ", "refused", "a record of another kind, correctly signed", withdrawal),
        bad("bad-order-added", "refused", "S is not reduced", with_order_added(&consent)),
        bad("bad-truncated", "refused", "the last bytes are missing", consent[..consent.len() - 8].to_owned()),
        bad("bad-crit", "refused", "a critical header that nobody knows", {
            forge(&header("EdDSA", r#","crit":["candor"],"candor":1"#), body, &person)
        }),
        bad("strict-jwk", "strict", "a header field besides the three", {
            forge(&header("EdDSA", r#","jku":"https://example.org/""#), body, &person)
        }),
        bad("strict-other-field", "strict", "correctly signed, with a field that this version does not know", {
            let body = URL_SAFE_NO_PAD.encode(r#"{"surprise":true}"#);
            forge(&header("EdDSA", ""), &body, &person)
        }),
        bad("strict-repeated-field", "strict", "correctly signed, with a field that stands twice", {
            forge(&header("EdDSA", ""), &URL_SAFE_NO_PAD.encode(repeated), &person)
        }),
        bad("strict-padded", "strict", "the signature with padding", format!("{consent}==")),
        bad("strict-stray-bits", "strict", "another spelling of the same signature", with_stray_bits(&consent)),
    ]
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/vectors/jws")
}

#[test]
fn the_committed_vectors_are_the_ones_this_code_makes() {
    for vector in vectors() {
        expect_file![folder().join(vector.name)].assert_eq(&vector.render());
    }
    let made: BTreeSet<_> = vectors().iter().map(|vector| vector.name.to_owned()).collect();
    let committed: BTreeSet<_> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(committed, made);
}

#[test]
fn every_vector_has_its_expected_outcome() {
    for Vector { name, expect, typ, key, compact, .. } in vectors() {
        let read = match typ {
            Typ::CONSENT => verify::<ConsentRecord>(typ, &compact, &key).map(drop),
            Typ::RECEIPT => verify::<Receipt>(typ, &compact, &key).map(drop),
            Typ::WITHDRAWAL => verify::<Withdrawal>(typ, &compact, &key).map(drop),
            _ => verify::<Lease>(typ, &compact, &key).map(drop),
        };
        assert_eq!(read.is_ok(), expect == "ok", "{name}: {read:?}");
    }
}

/// The example in `spec/consent.md` is the vector, but for a key of 1,216 bytes.
#[test]
fn the_example_in_the_spec_is_a_record_this_code_signs() {
    let spec = std::fs::read_to_string(folder().join("../../../spec/consent.md")).unwrap();
    let (_, rest) = spec.split_once("```json\n").unwrap();
    let example: Value = serde_json::from_str(rest.split_once("```").unwrap().0).unwrap();
    let mut record = serde_json::to_value(crate::world::record()).unwrap();
    record["party"]["opening_key"] = "RERE…".into();
    assert_eq!(example, record);
}

#[test]
fn the_thumbprint_is_the_one_in_rfc_8037() {
    let key: PublicKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse().unwrap();
    assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// Under a key of small order one signature fits every message, so nobody's name would be on it.
#[test]
fn a_key_of_small_order_signs_nothing() {
    let mut point = [0; 32];
    point[0] = 1;
    let key = PublicKey::from_bytes(point);
    let header = format!(r#"{{"alg":"EdDSA","typ":"candor-erase+jwt","kid":"{}"}}"#, thumbprint(&key));
    let signature = URL_SAFE_NO_PAD.encode([point, [0; 32]].concat());
    let forged = format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("1"));
    assert_eq!(verify::<u32>(Typ::ERASE, &forged, &key).unwrap_err(), JwsError::Signature);
}
