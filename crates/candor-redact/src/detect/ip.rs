//! IP and hardware addresses.

use core::net::Ipv6Addr;

use super::cluster::Cluster;
use super::kind::Kind;
use super::lexicon::Roles;
use super::scan::{Hit, Scan};
use super::text::Text;

/// Four numbers up to 255 with dots; not what is called a version, nor the middle of more.
pub(super) fn v4(scan: &Scan<'_, '_>, cluster: &Cluster) -> Option<Hit> {
    let text = scan.text;
    let dotted = cluster.groups().len() >= 4 && cluster.groups().iter().take(4).skip(1).all(|group| group.gap == b'.');
    if !dotted || cluster.groups().get(4).is_some_and(|fifth| fifth.gap == b'.') {
        return None;
    }
    let small = (0..4).all(|index| {
        let digits = cluster.group(index);
        digits.len() <= 3 && digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')) <= 255
    });
    // Two spaces between the numbers would be a sentence's end, not an address.
    let tight = cluster.end_of(4) - cluster.end_of(1) == cluster.digits(4).len() - cluster.digits(1).len() + 3;
    let first = cluster.end_of(1) - cluster.digits(1).len();
    let before = text.before(first);
    if !small || !tight || before == b'.' || before == b'v' || scan.word_before(first).any(Roles::VERSION) {
        return None;
    }
    let mut end = cluster.end_of(4);
    if matches!(text.at(end), b'/' | b':') && text.at(end + 1).is_ascii_digit() {
        end += 1;
        while text.at(end).is_ascii_digit() && end - cluster.end_of(4) < 7 {
            end += 1;
        }
    }
    (!text.is_inner(end)).then(|| Hit::new(first, end, Kind::Ip, "ipv4"))
}

/// An IPv6 address, at a token of hexadecimal digits or at its first colon.
pub(super) fn v6(text: &Text<'_>, start: usize) -> Option<Hit> {
    let inner = |byte: u8| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.';
    if inner(text.before(start)) {
        return None;
    }
    let mut end = start;
    let (mut colons, mut digits) = (0, 0);
    while inner(text.at(end)) && end - start < 46 {
        colons += usize::from(text.at(end) == b':');
        digits += usize::from(text.at(end).is_ascii_digit());
        end += 1;
    }
    while end > start && (text.before(end) == b'.' || (text.before(end) == b':' && text.before(end - 1) != b':')) {
        end -= 1;
    }
    if colons < 2 || digits == 0 || text.is_inner(end) {
        return None;
    }
    text.get(start, end).parse::<Ipv6Addr>().ok()?;
    if text.at(end) == b'%' {
        end = text.token(end + 1).end.max(end);
    }
    Some(Hit::new(start, end, Kind::Ip, "ipv6"))
}

/// Six pairs of hexadecimal digits with `:` or `-` between, or three fours with dots.
pub(super) fn mac(text: &Text<'_>, start: usize) -> Option<Hit> {
    let sign = text.at(start + 2);
    let (width, groups, sign) = match sign {
        b':' | b'-' => (2, 6, sign),
        _ => (4, 3, b'.'),
    };
    let mut end = start;
    let mut letters = false;
    for group in 0..groups {
        if group > 0 && text.at(end) != sign {
            return None;
        }
        end += usize::from(group > 0);
        for _ in 0..width {
            if !text.at(end).is_ascii_hexdigit() {
                return None;
            }
            letters |= text.at(end).is_ascii_alphabetic();
            end += 1;
        }
    }
    // Six pairs of digits with dashes could be a date and a time; with a letter they are not.
    let known = letters || sign == b':';
    let open = text.at(end) == sign || text.is_inner(end) || text.before(start) == sign;
    (known && !open).then(|| Hit::new(start, end, Kind::Mac, "mac"))
}
