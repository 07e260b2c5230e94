//! Chains: the records of a session's segments, whole and broken.

use candor_model::{Hash, SessionId};
use candor_seal::{ChainRecord, Link};
use ed25519_dalek::{Signer, SigningKey};

use crate::maker::{Vector, Vectors, hex};

struct Maker {
    device: SigningKey,
    session: SessionId,
}

impl Maker {
    /// The records of these links, and the last head.
    fn records(&self, links: &[Link]) -> (Vec<Vec<u8>>, Hash) {
        let mut head = ChainRecord::root(self.session);
        let mut records = Vec::new();
        for (number, link) in (0..).zip(links) {
            let (record, next) = ChainRecord::append(head, number, *link, &self.device);
            records.push(record.encode());
            head = next;
        }
        (records, head)
    }

    fn vector(&self, outcome: Vec<(&'static str, String)>, records: &[Vec<u8>]) -> Vector {
        let mut fields = outcome;
        fields.push(("device", hex(self.device.verifying_key().as_bytes())));
        fields.push(("session", hex(self.session.as_bytes())));
        let lines: String = records.iter().map(|record| hex(record) + "\n").collect();
        Vector { fields, bytes: lines.into_bytes() }
    }

    fn whole(&self, links: &[Link]) -> Vector {
        let (records, head) = self.records(links);
        self.vector(vec![("expect", "whole".into()), ("head", head.to_string())], &records)
    }

    fn broken(&self, number: u32, records: &[Vec<u8>]) -> Vector {
        self.vector(vec![("expect", "broken".into()), ("number", number.to_string())], records)
    }
}

pub fn make() -> Vectors {
    let mut vectors = Vectors::new();
    let m = Maker { device: SigningKey::from_bytes(&[31; 32]), session: SessionId::from_bytes([32; 16]) };
    let segment = |n: u8| Link::Segment(Hash([n; 32]));
    let links = [segment(1), Link::Tombstone, segment(3), segment(4)];
    let (good, _) = m.records(&links);
    vectors.insert("segments-and-a-tombstone".into(), m.whole(&links));
    vectors.insert("tombstones-alone".into(), m.whole(&[Link::Tombstone; 2]));
    vectors.insert("no-records".into(), m.whole(&[]));

    let of = |order: &[usize]| order.iter().map(|at| good[*at].clone()).collect::<Vec<_>>();
    vectors.insert("first-missing".into(), m.broken(0, &of(&[1, 2, 3])));
    vectors.insert("hole".into(), m.broken(1, &of(&[0, 2, 3])));
    vectors.insert("repeated".into(), m.broken(1, &of(&[0, 0, 1])));
    vectors.insert("out-of-order".into(), m.broken(2, &of(&[0, 1, 3, 2])));
    let stranger = Maker { device: SigningKey::from_bytes(&[33; 32]), session: m.session };
    vectors.insert("another-device".into(), m.broken(0, &stranger.records(&links).0));
    let elsewhere = Maker { device: m.device.clone(), session: SessionId::from_bytes([34; 16]) };
    vectors.insert("another-session".into(), m.broken(0, &elsewhere.records(&links).0));
    let (other, _) = m.records(&[segment(9), Link::Tombstone, segment(3)]);
    vectors.insert("of-another-past".into(), m.broken(1, &[good[0].clone(), other[1].clone()]));

    let changed = |at: usize, byte: usize, to: u8| {
        let mut records = good.clone();
        records[at][byte] = to;
        records
    };
    vectors.insert("segment-relabelled-as-a-tombstone".into(), {
        let mut records = good.clone();
        records[2][..33].copy_from_slice(&good[1][..33]);
        m.broken(2, &records)
    });
    vectors.insert("header-hash-altered".into(), m.broken(2, &changed(2, 1, 9)));
    vectors.insert("signature-altered".into(), m.broken(3, &changed(3, 33, good[3][33] ^ 1)));
    let mut short = good.clone();
    short[1].pop();
    vectors.insert("record-of-96-bytes".into(), m.broken(1, &short));
    let mut long = good.clone();
    long[1].push(0);
    vectors.insert("record-of-98-bytes".into(), m.broken(1, &long));

    // These three are signed as they stand: only the rules on kinds and labels refuse them.
    let root = ChainRecord::root(m.session);
    let head =
        |kind: u8, hash: [u8; 32]| Hash::of_parts("candor chain v1", &[&root.0, &0u32.to_be_bytes(), &[kind], &hash]).0;
    let record = |kind: u8, hash: [u8; 32], label: &[u8]| {
        let signature = m.device.sign(&[label, &head(kind, hash)].concat()).to_bytes();
        vec![[&[kind][..], &hash, &signature].concat()]
    };
    let label = b"candor chain head v1";
    let (_, whole) = m.records(&[segment(1)]);
    assert_eq!(record(1, [1; 32], label), [m.records(&[segment(1)]).0[0].clone()]);
    assert_eq!(head(1, [1; 32]), whole.0);
    vectors.insert("kind-unknown".into(), m.broken(0, &record(3, [1; 32], label)));
    vectors.insert("kind-zero".into(), m.broken(0, &record(0, [1; 32], label)));
    vectors.insert("tombstone-with-a-hash".into(), m.broken(0, &record(2, [1; 32], label)));
    // The same with a signature that is good for the tombstone it should be: the hash alone is wrong.
    let mut hashed = record(2, [0; 32], label);
    hashed[0][1..33].fill(1);
    vectors.insert("tombstone-with-a-hash-beside-its-signature".into(), m.broken(0, &hashed));
    vectors.insert("signature-without-its-label".into(), m.broken(0, &record(1, [1; 32], b"")));
    vectors
}
