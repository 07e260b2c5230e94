//! Bodies: frames of every kind in every wrong place, each with its right check.

use candor_model::{ClockUnit, Hash, PositionUnit};
use ed25519_dalek::{Signer, SigningKey};

use crate::blocks::{example, example_at, text_at};
use crate::forge::{CUT, Forge, LAST, MORE, frame};
use crate::maker::{Vector, Vectors, maker};

pub fn make() -> Vectors {
    let mut vectors = compact();
    vectors.extend(journal());
    vectors
}

/// A compact segment of one frame of this length, under no key.
pub fn frame_of(length: usize) -> Vector {
    let mut m = maker(13, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let forge = Forge::compact(&mut m, 1);
    forge.refused(&m, forge.with(&[&frame(LAST, &vec![0; length])]), "torn")
}

fn compact() -> Vectors {
    let mut vectors = Vectors::new();
    let mut m = maker(8, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let forge = Forge::compact(&mut m, 5);
    let block = example().bytes();
    let later = example_at(1060).bytes();
    let (more, last) = (forge.chunk(0, MORE, &block), forge.chunk(0, LAST, &block));
    let second = forge.chunk(1, LAST, &later);
    let cut = forge.cut(&more, 1, &m.device);
    let mut unchecked = last.clone();
    unchecked[5] ^= 1;
    let mut long = last.clone();
    long[1..5].copy_from_slice(&u32::MAX.to_be_bytes());
    let torn: [(&str, Vec<&[u8]>); 11] = [
        ("compact-without-a-body", vec![]),
        ("compact-ends-with-a-chunk-to-follow", vec![&more]),
        ("compact-with-two-last-chunks", vec![&last, &second]),
        ("compact-goes-on-after-its-last-chunk", vec![&last, &more]),
        ("compact-with-a-cut", vec![&more, &cut]),
        ("compact-with-a-cut-after-its-last-chunk", vec![&last, &cut]),
        ("frame-with-a-wrong-check", vec![&unchecked]),
        ("frame-longer-than-the-body", vec![&long]),
        ("frame-of-an-unknown-kind", vec![&[3], &last[1..]]),
        ("frame-of-an-unknown-kind-in-between", vec![&more, &[3], &last[1..], &second]),
        ("frame-head-cut-short", vec![&more, &second[..8]]),
    ];
    for (name, body) in torn {
        vectors.insert(name.into(), forge.refused(&m, forge.with(&body), "torn"));
    }
    let two = text_at(1000) + &text_at(1060);
    vectors.insert("compact-of-two-chunks".into(), forge.opened(&m, forge.with(&[&more, &second]), &two));
    let chunk = |body: &[&[u8]], chunk| forge.refused_at(&m, forge.with(body), ("chunk", chunk));
    let sealed_as = |kind: u8, chunk: &[u8]| frame(kind, &chunk[9..]);
    vectors.insert("chunk-sealed-as-not-the-last".into(), chunk(&[&sealed_as(LAST, &more)], 0));
    vectors.insert("chunk-sealed-as-the-last".into(), chunk(&[&sealed_as(MORE, &last), &second], 0));
    vectors.insert("chunk-without-content".into(), chunk(&[&more, &frame(LAST, &[])], 1));
    vectors.insert("chunk-shorter-than-its-tag".into(), chunk(&[&more, &frame(LAST, &second[9..24])], 1));
    let mut altered = last[9..].to_vec();
    altered[0] ^= 1;
    vectors.insert("chunk-altered-with-a-right-check".into(), chunk(&[&frame(LAST, &altered)], 0));
    vectors
}

fn journal() -> Vectors {
    let mut vectors = Vectors::new();
    let mut m = maker(9, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let (forge, other) = (Forge::journal(&mut m, 6), Forge::journal(&mut m, 7));
    let block = example().bytes();
    let (more, last) = (forge.chunk(0, MORE, &block), forge.chunk(1, LAST, &block));
    let cut = forge.cut(&more, 1, &m.device);
    let mut short = vec![CUT];
    short.extend_from_slice(&frame(CUT, &cut[9..72])[1..]);
    let stranger = SigningKey::from_bytes(&[98; 32]);
    let (by_stranger, of_other) = (forge.cut(&more, 1, &stranger), other.cut(&more, 1, &m.device));
    let (miscounted, of_contents) = (forge.cut(&more, 2, &m.device), forge.cut(&more[9..], 1, &m.device));
    let bare = bare_cut(&forge, &more, &m.device);
    let torn: [(&str, Vec<&[u8]>); 12] = [
        ("journal-with-a-last-chunk", vec![&more, &last]),
        ("journal-with-a-last-chunk-and-a-cut", vec![&more, &last, &cut]),
        ("journal-with-two-cuts", vec![&more, &cut, &cut]),
        ("journal-goes-on-after-its-cut", vec![&more, &cut, &[0]]),
        ("journal-with-a-chunk-after-its-cut", vec![&more, &cut, &more]),
        ("journal-without-a-body", vec![]),
        ("cut-of-another-device", vec![&more, &by_stranger]),
        ("cut-of-another-segment", vec![&more, &of_other]),
        ("cut-with-a-wrong-count", vec![&more, &miscounted]),
        ("cut-over-contents-alone", vec![&more, &of_contents]),
        ("cut-of-63-bytes", vec![&more, &short]),
        ("cut-without-its-label", vec![&more, &bare]),
    ];
    for (name, body) in torn {
        vectors.insert(name.into(), forge.refused(&m, forge.with(&body), "torn"));
    }
    vectors.insert("journal-of-one-chunk".into(), forge.opened(&m, forge.with(&[&more, &cut]), &text_at(1000)));
    let empty = other.cut_of(&m, &[]);
    vectors.insert("journal-of-no-chunks".into(), other.opened(&m, empty, ""));
    vectors
}

fn bare_cut(forge: &Forge, frames: &[u8], device: &SigningKey) -> Vec<u8> {
    let message = [&Hash::of(forge.header()).0[..], &1u32.to_be_bytes(), &Hash::of(frames).0].concat();
    frame(CUT, &device.sign(&message).to_bytes())
}
