//! Numbers modulo the order L of Ed25519's base point: enough to craft signatures that only some readers take.

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha512};

/// L, from its lowest byte.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

type Number = [u8; 32];

fn add(a: &Number, b: &Number) -> Number {
    let mut carry = 0;
    std::array::from_fn(|at| {
        carry = u16::from(a[at]) + u16::from(b[at]) + (carry >> 8);
        carry as u8
    })
}

/// `a` less `b`, which is not greater.
fn less(a: &Number, b: &Number) -> Number {
    let mut borrow = 0;
    std::array::from_fn(|at| {
        let rest = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(rest < 0);
        rest as u8
    })
}

fn add_mod(a: &Number, b: &Number) -> Number {
    let sum = add(a, b);
    if sum.iter().rev().ge(ORDER.iter().rev()) { less(&sum, &ORDER) } else { sum }
}

/// `factor` times `a` modulo L, bit by bit from the highest.
fn times_mod(factor: &[u8], a: &Number) -> Number {
    let bits = factor.iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    bits.fold([0; 32], |product, bit| {
        let twice = add_mod(&product, &product);
        if bit == 1 { add_mod(&twice, a) } else { twice }
    })
}

/// S + L, which a lax reader takes for S.
pub fn plus_order(s: &[u8]) -> Vec<u8> {
    add(s.try_into().unwrap(), &ORDER).to_vec()
}

/// The secret scalar of a key, modulo L.
fn scalar(key: &SigningKey) -> Number {
    let mut hash: [u8; 64] = Sha512::digest(key.as_bytes()).into();
    hash[0] &= 248;
    hash[31] = hash[31] & 63 | 64;
    let mut one = [0; 32];
    one[0] = 1;
    times_mod(&hash[..32], &one)
}

/// A signature whose S fits an R of our choice: the neutral point, or an honest one, on request with the point of order 2
/// added. That point is (0, -1), so that (x, y) becomes (-x, -y).
pub fn crafted(device: &SigningKey, message: &[u8], r: Option<bool>) -> [u8; 64] {
    let nonce = SigningKey::from_bytes(&[77; 32]);
    let (r_scalar, r_point) = match r {
        None => ([0; 32], std::array::from_fn(|at| u8::from(at == 0))),
        Some(twisted) => {
            let mut point = nonce.verifying_key().to_bytes();
            if twisted {
                let sign = point[31] & 0x80;
                point[31] &= 0x7f;
                let field: Number =
                    std::array::from_fn(|at| if at == 0 { 0xed } else { 0xff - 0x80 * u8::from(at == 31) });
                point = less(&field, &point);
                point[31] |= sign ^ 0x80;
            }
            (scalar(&nonce), point)
        }
    };
    let key = device.verifying_key();
    let challenge = Sha512::new().chain_update(r_point).chain_update(key.as_bytes()).chain_update(message).finalize();
    let s = add_mod(&times_mod(&challenge, &scalar(device)), &r_scalar);
    [r_point, s].concat().try_into().unwrap()
}
