//! Points with which X25519 agrees with anybody on the same secret.

/// The u coordinates of Curve25519's points of small order (RFC 7748, section 6.1), and the three beyond the field that
/// stand for them.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    outer(0x01, 0x00, 0x00),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
    outer(0xec, 0xff, 0x7f),
    outer(0xed, 0xff, 0x7f),
    outer(0xee, 0xff, 0x7f),
];

/// 32 bytes: the first, what fills the middle, the last.
const fn outer(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let [_, rest @ .., _] = [middle; 32];
    let mut bytes = [0; 32];
    let [start, inner @ .., end] = &mut bytes;
    (*start, *inner, *end) = (first, rest, last);
    bytes
}

/// Whether the X25519 part, the last 32 bytes of a public or encapsulated key, is of small order: it would agree with
/// anybody on the same secret, and X-Wing itself does not look.
pub fn ends_in_small_order(key: &[u8]) -> bool {
    let Some(mut point) = key.last_chunk::<32>().copied() else { return false };
    if let Some(top) = point.last_mut() {
        *top &= 0x7f;
    }
    SMALL_ORDER.contains(&point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_part_counts_and_its_top_bit_does_not() {
        for point in SMALL_ORDER {
            let mut key = [vec![9; 1_088], point.to_vec()].concat();
            assert!(ends_in_small_order(&key));
            key[1_119] ^= 0x80;
            assert!(ends_in_small_order(&key));
            key[1_110] ^= 1;
            assert!(!ends_in_small_order(&key));
        }
    }
}
