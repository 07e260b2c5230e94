//! Hostile bytes where a signed record is expected: refused, never a panic. `CANDOR_FUZZ_SECS` sets how long (2 s).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::jws::{JwsError, public_key};
use candor_consent::{sign, verify};
use candor_model::consent::{Erase, WithdrawalStatus};
use candor_model::{ConsentId, ConsentRecord, Hash, Lease, Receipt, Typ, Withdrawal};
use ed25519_dalek::{Signer, SigningKey};

/// Half of the time for each of the two targets.
fn time() -> Duration {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(2);
    Duration::from_millis(secs * 500)
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

#[test]
fn bytes_that_nobody_signed_are_refused() {
    let key = public_key(&key());
    bolero::check!().with_test_time(time()).for_each(|bytes: &[u8]| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            assert!(verify::<ConsentRecord>(Typ::CONSENT, text, &key).is_err());
            assert!(verify::<Receipt>(Typ::RECEIPT, text, &key).is_err());
            assert!(verify::<Lease>(Typ::LEASE, text, &key).is_err());
        }
    });
}

/// Past the signature: the participant may sign anything, and edits of a good record reach deep into the parser.
#[test]
fn signed_text_is_read_as_a_record_or_refused() {
    let good = Withdrawal {
        status: WithdrawalStatus::Withdrawn,
        consent: ConsentId::from_bytes([3; 16]),
        record: Hash([4; 32]),
        at: 5,
        erase: Erase::Nothing,
    };
    let good = sign(Typ::WITHDRAWAL, good, &key()).unwrap();
    let (rest, _) = good.compact().rsplit_once('.').unwrap();
    let (header, body) = rest.split_once('.').unwrap();
    let body = URL_SAFE_NO_PAD.decode(body).unwrap();
    let key = key();
    bolero::check!().with_test_time(time()).with_type::<Vec<(u16, u8)>>().for_each(|edits| {
        let mut bytes = body.clone();
        for (at, byte) in edits {
            let at = usize::from(*at) % bytes.len();
            bytes[at] = b' ' + byte % 95;
        }
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&bytes));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
        match verify::<Withdrawal>(Typ::WITHDRAWAL, &format!("{signed}.{signature}"), &public_key(&key)) {
            Ok(read) => assert_eq!(bytes == body, read == good, "another text is another record"),
            Err(error) => assert!(matches!(error, JwsError::Payload { .. }) && !edits.is_empty(), "{error}"),
        }
    });
}
