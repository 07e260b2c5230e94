//! Hostile bytes and words where the model's own formats are expected. `CANDOR_FUZZ_SECS` says how long each target runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

use std::time::Duration;

use candor_model::header::{Field, HeaderError};
use candor_model::{
    ConsentId, DeviceId, Event, Hash, Header, ParticipantId, ProgramId, PublicKey, Purposes, SessionId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn time() -> Duration {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok());
    Duration::from_secs(secs.unwrap_or(2))
}

/// What is accepted is written back as the same bytes, so two headers never mean one thing.
#[test]
fn fuzz_header() {
    let mut good = [0; Header::LEN];
    good[..9].copy_from_slice(b"CNDR\x01\x01\x01\x02\x00");
    good[73..79].copy_from_slice(&[0, 0, 3, 232, 0, 1]);
    assert!(Header::decode(&good).is_ok());
    bolero::check!().with_test_time(time()).with_type::<Vec<(u8, u8)>>().for_each(|edits| {
        let mut bytes = good;
        for (at, byte) in edits {
            bytes[usize::from(*at) % Header::LEN] = *byte;
        }
        match Header::decode(&bytes) {
            Ok(header) => assert_eq!(header.encode(), bytes),
            Err(HeaderError { field }) => assert!(field != Field::Length && bytes != good),
        }
    });
}

/// Glues words the formats know with bytes they do not.
fn text(noise: &[u8]) -> String {
    const WORDS: [&str; 23] = [
        "[",
        "]",
        ",",
        "\"",
        ":",
        "{",
        "}",
        "p-",
        "s-",
        "c-",
        "d-",
        "g-",
        "00000000000000000000000000000000",
        "0123456789abcdef0123456789abcdef",
        "train-computer-use",
        "study-interfaces",
        "at",
        "actor",
        "human",
        "kind",
        "gap",
        "key",
        "18446744073709551615",
    ];
    let mut out = Vec::new();
    for byte in noise {
        match WORDS.get(usize::from(*byte) % (WORDS.len() + 3)) {
            Some(word) => out.extend_from_slice(word.as_bytes()),
            None => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What is accepted survives being written and read; with `one_spelling` it is written as it was read.
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(json: &str, one_spelling: bool) {
    let Ok(value) = serde_json::from_str::<T>(json) else { return };
    let written = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&written).unwrap(), value);
    // JSON itself may be spaced and escaped; the words in it may not.
    if one_spelling {
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), serde_json::from_str::<String>(&written).unwrap());
    }
}

#[test]
fn fuzz_ids_and_purposes() {
    bolero::check!().with_test_time(time()).for_each(|noise: &[u8]| {
        for json in [text(noise), format!("\"{}\"", text(noise)), format!("[{}]", text(noise))] {
            check::<ProgramId>(&json, true);
            check::<ParticipantId>(&json, true);
            check::<DeviceId>(&json, true);
            check::<SessionId>(&json, true);
            check::<ConsentId>(&json, true);
            check::<Hash>(&json, true);
            check::<PublicKey>(&json, true);
            check::<Purposes>(&json, false);
            check::<Event>(&json, false);
        }
    });
}

#[test]
fn fuzz_log_leaf() {
    use candor_model::log_entry::Leaf;
    bolero::check!().with_test_time(time()).for_each(|bytes: &[u8]| {
        if let Ok(leaf) = Leaf::from_bytes(bytes) {
            assert_eq!(leaf.to_bytes(), bytes);
        }
    });
}
