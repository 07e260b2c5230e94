//! Encapsulations and wraps that are broken, or of another time or role; a commitment to another key.

use candor_model::{ClockUnit, Hash, PositionUnit};
use candor_seal::{Dek, RecipientRole, WrapKey};

use crate::blocks::example;
use crate::forge::Forge;
use crate::maker::{Vectors, hex, maker};

pub fn make() -> Vectors {
    let mut vectors = Vectors::new();
    let mut m = maker(10, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let first = m.sealer.encapsulations()[0].enc.clone();
    m.sealer.renew(&mut m.rng).unwrap();
    let forge = Forge::compact(&mut m, 8);
    let bytes = forge.whole(&example().bytes());
    let enc = m.sealer.encapsulations()[0].enc.clone();
    let own = &m.sealer.encapsulations()[1].enc;
    let refused = |name: &str, value: &[u8]| forge.refused(&m, bytes.clone(), "wrap").with(name, hex(value));
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    for (name, broken) in [
        ("enc-of-the-first-hour", first),
        ("enc-of-the-other-recipient", own.clone()),
        ("enc-altered-in-ml-kem", flipped(&enc, 100)),
        ("enc-altered-in-x25519", flipped(&enc, 1_100)),
        ("enc-too-short", enc[..1_119].to_vec()),
        ("enc-too-long", [&enc[..], &[0]].concat()),
        ("enc-absent", vec![]),
    ] {
        vectors.insert(name.into(), refused("enc", &broken));
    }
    for (name, wrap) in [
        ("wrap-altered", flipped(&forge.wrap.0, 0)),
        ("wrap-tag-altered", flipped(&forge.wrap.0, 47)),
        ("wrap-too-short", forge.wrap.0[..47].to_vec()),
        ("wrap-too-long", [&forge.wrap.0[..], &[0]].concat()),
        ("wrap-absent", vec![]),
    ] {
        vectors.insert(name.into(), refused("wrap", &wrap));
    }
    let other = refused("wrap", &forge.wrap.0).with("role", "participant");
    vectors.insert("wrap-under-the-wrong-role".into(), other);
    let other = refused("identity", &m.participant.seed()[..]);
    vectors.insert("wrap-with-the-wrong-identity".into(), other);

    // An X25519 part of small order: the shared secret says nothing, and the wrap fits what is left of it.
    // A reader that does not look made this wrap from that K.
    let wrap = "f123460979874d6709da4f24230d2e461b6392ab70caa02f95261ca02572667cfa347524a7c5d4efc6964b13b653b416";
    let header = Hash::of(forge.header()).to_string();
    assert!(header.starts_with("75280a2f58e0708f"), "{header}: the wrap is for another header, make it anew");
    let mut weak = enc.clone();
    weak[1_088..].fill(0);
    vectors.insert("enc-of-small-order-in-x25519".into(), refused("enc", &weak).with("wrap", wrap));

    // A device that commits to one key and wraps another: the AEAD alone would not tell.
    let mut header = forge.header().to_vec();
    header[145] ^= 1;
    let mut foreign = Forge { head: m.sign(&header), ..forge };
    let key = WrapKey::decapsulate(&m.vault, m.sealer.context(), m.sealer.encapsulations()[0]).unwrap();
    foreign.wrap = key.wrap(Hash::of(&header), &Dek::from_bytes(foreign.dek)).unwrap();
    let bytes = foreign.whole(&example().bytes());
    vectors
        .insert("commitment-to-another-key".into(), m.refused(RecipientRole::Vault, foreign.wrap, bytes, "commitment"));
    vectors
}
