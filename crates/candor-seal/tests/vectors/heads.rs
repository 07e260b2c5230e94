//! Headers: values that are not listed, under the device's own signature; signatures that are not the device's.

use candor_model::{ClockUnit, PositionUnit};
use candor_seal::RecipientRole;
use ed25519_dalek::{Signer, SigningKey};

use crate::blocks::example;
use crate::forge::{Forge, LAST};
use crate::maker::{Vectors, hex, maker};
use crate::scalar::{crafted, plus_order};

/// A value no reader may take: name, where it lies in the header, its bytes.
const VALUES: [(&str, usize, &[u8]); 15] = [
    ("header-magic-unknown", 0, b"CNDS"),
    ("header-version-2", 4, &[2]),
    ("header-suite-0", 5, &[0]),
    ("header-schema-0", 6, &[0]),
    ("header-schema-3", 6, &[3]),
    ("header-form-0", 7, &[0]),
    ("header-form-3", 7, &[3]),
    ("header-imported-2", 8, &[2]),
    ("header-clock-unit-0", 73, &0u32.to_be_bytes()),
    ("header-clock-unit-1000001", 73, &1_000_001u32.to_be_bytes()),
    ("header-position-unit-0", 77, &0u16.to_be_bytes()),
    ("header-position-unit-3", 77, &3u16.to_be_bytes()),
    ("header-position-unit-512", 77, &512u16.to_be_bytes()),
    ("header-purpose-unknown", 131, &9u32.to_be_bytes()),
    ("header-purposes-all-bits", 131, &u32::MAX.to_be_bytes()),
];

pub fn make() -> Vectors {
    let mut vectors = Vectors::new();
    let mut m = maker(7, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let forge = Forge::compact(&mut m, 3);
    let frame = forge.chunk(0, LAST, &example().bytes());
    let good = forge.with(&[&frame]);
    let refused =
        |head: Vec<u8>, expect| m.refused(RecipientRole::Vault, forge.wrap, [&head[..], &frame].concat(), expect);
    for (name, at, value) in VALUES {
        let mut header = forge.header().to_vec();
        header[at..at + value.len()].copy_from_slice(value);
        vectors.insert(name.into(), refused(m.sign(&header), "header"));
    }
    for (name, length) in [("header-cut-short", 240), ("header-absent", 0)] {
        vectors.insert(name.into(), forge.refused(&m, good[..length].to_vec(), "header"));
    }
    // A header that is wrong and not signed: what it says is looked at first.
    let mut both = good.clone();
    both[6] = 9;
    vectors.insert("header-wrong-and-unsigned".into(), forge.refused(&m, both, "header"));

    let (header, signature) = forge.head.split_at(177);
    let signed = |signature: &[u8]| [header, signature].concat();
    let bare = m.device.sign(header).to_bytes();
    let other = SigningKey::from_bytes(&[99; 32]);
    let foreign = other.sign(&[b"candor segment header v1", header].concat()).to_bytes();
    let long = [&signature[..32], &plus_order(&signature[32..])].concat();
    for (name, signature) in [
        ("signature-without-its-label", &bare[..]),
        ("signature-of-another-device", &foreign),
        ("signature-with-a-long-scalar", &long),
    ] {
        vectors.insert(name.into(), refused(signed(signature), "signature"));
    }
    // A neutral R: small. An honest R and a point of order 2: only a reader that multiplies by the cofactor takes it.
    let message = [b"candor segment header v1", header].concat();
    for (name, r) in [("signature-with-a-small-r", None), ("signature-for-the-cofactor", Some(true))] {
        let signature = crafted(&m.device, &message, r);
        assert!(m.device.verifying_key().verify_strict(&message, &signature.into()).is_err());
        vectors.insert(name.into(), refused(signed(&signature), "signature"));
    }
    let honest = crafted(&m.device, &message, Some(false));
    assert!(m.device.verifying_key().verify_strict(&message, &honest.into()).is_ok(), "the crafting is at fault");
    // The neutral point as key and as R, and S = 0: a lax reader takes it for any message.
    let mut neutral = [0; 64];
    neutral[0] = 1;
    let small = refused(signed(&neutral), "signature").with("device", hex(&neutral[..32]));
    vectors.insert("signature-of-a-key-of-small-order".into(), small);
    vectors
}
