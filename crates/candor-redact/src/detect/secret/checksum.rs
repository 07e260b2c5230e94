//! Checksums that tokens carry.

/// Digits of base 62 in the order that GitHub and npm use.
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether a token of GitHub's form (`ghp_…`, `npm_…`: a prefix, 30 random characters, 6 of checksum) keeps its checksum;
/// nothing where it has another form. The last six characters are the CRC-32 of the 30 before, in base 62
/// (GitHub, "Behind GitHub's new authentication token formats", 2021).
pub(super) fn github(token: &str) -> Option<bool> {
    let (_, body) = token.split_once('_')?;
    let (random, sum) = body.split_at_checked(30)?;
    (sum.len() == 6).then(|| sum.bytes().eq(base62(crc32(random.as_bytes()))))
}

/// CRC-32 as in ISO 3309: reflected, polynomial 0x04C11DB7.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    let rest = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    !rest
}

/// Six digits of base 62, the highest first; 62⁶ is more than 2³².
pub(super) fn base62(mut number: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get((number % 62) as usize).copied().unwrap_or_default();
        number /= 62;
    }
    digits
}

/// The bytes of a base64 text, padded or not; nothing where it is not one.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_gives_the_check_value_of_the_catalogue() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_github_token_keeps_its_checksum_or_was_mistyped() {
        let random = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5";
        let sum = String::from_utf8(base62(crc32(random.as_bytes())).to_vec()).unwrap();
        assert_eq!(github(&format!("ghp_{random}{sum}")), Some(true));
        assert_eq!(github(&format!("ghp_{random}{}", sum.chars().rev().collect::<String>())), Some(false));
        assert_eq!(github("ghp_short"), None);
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        assert_eq!(base64("dTpw").as_deref(), Some(b"u:p".as_slice()));
        assert_eq!(base64("dTpwdw==").as_deref(), Some(b"u:pw".as_slice()));
        assert_eq!(base64("no, prose"), None);
    }
}
