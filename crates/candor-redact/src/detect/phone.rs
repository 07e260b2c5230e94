//! Telephone numbers: international, and as people of many countries write their own.

use super::cluster::Cluster;
use super::kind::Kind;
use super::lexicon::Roles;
use super::number::closed;
use super::scan::{Hit, Scan};
use super::text::{Class, Text, class};

/// Groups as national numbers are written without a leading 0, by their lengths. Shorter ones need a cue.
const SHAPES: &[u64] = &[
    34, 44, 26, 27, 35, 36, 37, 45, 46, 47, 56, 333, 323, 233, 332, 234, 334, 244, 144, 134, 343, 433, 533, 532, 322,
    224, 343, 3322, 2334, 2322, 2232, 2323, 1334, 2222, 3222, 4222, 3232, 3223, 2333, 22222, 12222, 23222, 32222,
    33222, 3333, 2343,
];

/// A telephone number at the beginning of a cluster.
pub(super) fn find(scan: &Scan<'_, '_>, cluster: &Cluster) -> Option<Hit> {
    let text = scan.text;
    let (count, rule) = international(cluster)
        .or_else(|| north_american(text, cluster))
        .or_else(|| trunk(text, cluster))
        .or_else(|| bracketed(text, cluster))
        .or_else(|| grouped(scan, cluster))
        .or_else(|| spaced(cluster))
        .or_else(|| cued(scan, cluster))?;
    let end = extension(text, cluster.end_of(count));
    closed(text, end).then(|| Hit::new(cluster.start, end, Kind::Phone, rule))
}

/// The most groups whose digits are between `least` and `most`.
fn upto(cluster: &Cluster, least: usize, most: usize) -> Option<usize> {
    let count = (1..=cluster.groups().len()).rev().find(|&count| cluster.digits(count).len() <= most)?;
    (cluster.digits(count).len() >= least).then_some(count)
}

/// `+` and up to 15 digits (E.164), or 00 or 011 and as many.
fn international(cluster: &Cluster) -> Option<(usize, &'static str)> {
    let digits = cluster.digits(cluster.groups().len());
    if cluster.plus {
        // Four groups and more may follow with a (0) that is not dialled.
        return upto(cluster, 8, 16).filter(|_| digits.first() != Some(&b'0')).map(|count| (count, "phone-plus"));
    }
    let dialled = digits.starts_with(b"00") || digits.starts_with(b"011");
    (dialled && !cluster.tail && cluster.group(0).len() != 2
        || digits.starts_with(b"00") && cluster.group(0).len() == 2)
        .then(|| upto(cluster, 10, 18))
        .flatten()
        .filter(|_| digits.get(2..).is_some_and(|rest| rest.iter().any(|digit| *digit != b'0')))
        .map(|count| (count, "phone-00"))
}

/// Three, three and four digits, perhaps after a 1; ten digits alone if they could be such a number.
fn north_american(text: &Text<'_>, cluster: &Cluster) -> Option<(usize, &'static str)> {
    let first = usize::from(cluster.group(0) == b"1");
    let (count, shape) = (first + 3, cluster.shape(first + 3));
    if matches!(shape, 334 | 1334) && !cluster.tail {
        return Some((count, "phone-334"));
    }
    let digits = cluster.digits(1);
    let plain = digits.len() == 10 || (digits.len() == 11 && digits.first() == Some(&b'1'));
    let area = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    let fits = matches!(area, [b'2'..=b'9', _, _, b'2'..=b'9' | b'0'..=b'1', ..]);
    let alone = !cluster.tail && !cluster.bracket && closed(text, extension(text, cluster.end_of(1)));
    (plain && fits && alone).then_some((1, "phone-ten"))
}

/// A leading 0 and eight to twelve digits; alone, ten or eleven.
fn trunk(text: &Text<'_>, cluster: &Cluster) -> Option<(usize, &'static str)> {
    if cluster.tail || !matches!(cluster.digits(1), [b'0', b'1'..=b'9', ..]) {
        return None;
    }
    let first = cluster.group(0).len();
    let next = cluster.groups().get(1).map_or(0, |group| group.gap);
    if (10..=11).contains(&first) {
        return closed(text, cluster.end_of(1)).then_some((1, "phone-0-plain"));
    }
    let fits = (2..=6).contains(&first) && (next != b'.' || cluster.same_gap(3, b"."));
    fits.then(|| upto(cluster, 8, 12)).flatten().filter(|&count| count > 1).map(|count| (count, "phone-0"))
}

/// An area code in brackets and six to nine digits.
fn bracketed(text: &Text<'_>, cluster: &Cluster) -> Option<(usize, &'static str)> {
    let second = cluster.groups().get(1)?;
    let closes = cluster.bracket && second.gap == b')' && text.at(cluster.end_of(1)) == b')';
    closes.then(|| upto(cluster, 8, 12)).flatten().filter(|&count| count > 1).map(|count| (count, "phone-bracket"))
}

/// Groups as in [`SHAPES`], with nothing of their kind before and after.
fn grouped(scan: &Scan<'_, '_>, cluster: &Cluster) -> Option<(usize, &'static str)> {
    let count = cluster.groups().len();
    let gaps = cluster.same_gap(count, b" ")
        || cluster.same_gap(count, b"-")
        || (count > 2 && cluster.same_gap(count, b"."))
        || (count > 2 && cluster.same_gap(count, b"/"));
    let mixed = cluster.groups().iter().skip(1).all(|group| matches!(group.gap, b' ' | b'-' | b'/'));
    let gaps = gaps || (mixed && cluster.groups().get(1).is_some_and(|group| group.gap != b' '));
    let shaped = count > 1 && SHAPES.contains(&cluster.shape(count));
    let end = cluster.end();
    if cluster.tail || cluster.more || !gaps || !shaped || is_quantity(scan.text, cluster.start, end) {
        return None;
    }
    goes_on(scan.text, end).is_none().then_some((count, "phone-groups"))
}

/// Nine digits and more, one by one.
fn spaced(cluster: &Cluster) -> Option<(usize, &'static str)> {
    let count = cluster.groups().len();
    let single = cluster.groups().iter().all(|group| group.len() == 1);
    (single && count >= 9 && !cluster.tail).then_some((count, "phone-spaced"))
}

/// A currency or a measure stands beside it.
fn is_quantity(text: &Text<'_>, start: usize, end: usize) -> bool {
    let before = text.before(start);
    let after = text.at(text.skip_spaces(end, 1));
    let far = text.get(start.saturating_sub(4), start);
    matches!(before, b'$' | b'#')
        || matches!(after, b'%' | b'$')
        || far.contains(['€', '£', '$', '¥'])
        || text.char_at(text.skip_spaces(end, 1)).is_some_and(|char| matches!(char, '€' | '£' | '¥' | '°'))
}

/// A number or a sign that carries on after it.
fn goes_on(text: &Text<'_>, end: usize) -> Option<u8> {
    let next = text.at(end);
    (matches!(next, b',' | b':' | b'.' | b'=' | b'_') && class(text.at(end + 1)) == Class::Digit).then_some(next)
}

/// Any six to fifteen digits that somebody calls a telephone, just before or just after.
fn cued(scan: &Scan<'_, '_>, cluster: &Cluster) -> Option<(usize, &'static str)> {
    let count = upto(cluster, 6, 15)?;
    if cluster.groups().iter().take(count).skip(1).any(|group| group.gap == b'.' && count == 2) {
        return None;
    }
    let text = scan.text;
    let end = cluster.end_of(count);
    let after = text.token(text.skip_spaces(extension(text, end), 1));
    let named =
        after.is_word() && text.get(after.start, after.end).len() < 8 && is_place(text.get(after.start, after.end));
    let called = scan.cue_before(cluster.start).any(Roles::PHONE);
    (called || (named && !cluster.tail)).then_some((count, "phone-cue"))
}

/// What a number is called that stands after it in a signature.
fn is_place(word: &str) -> bool {
    ["office", "mobile", "fax", "cell", "home", "phone", "movil", "tel"].iter().any(|it| it.eq_ignore_ascii_case(word))
}

/// The end of an extension after `end`: `x1234`, `ext. 12`, `#12`; `end` where there is none.
fn extension(text: &Text<'_>, end: usize) -> usize {
    let start = text.skip_spaces(end, 2);
    let start = if text.at(start) == b',' { text.skip_spaces(start + 1, 1) } else { start };
    let mut word = start;
    while text.at(word).is_ascii_alphabetic() && word - start < 10 {
        word += 1;
    }
    let named = text.get(start, word).to_ascii_lowercase();
    if !matches!(named.as_str(), "x" | "ext" | "extension" | "extn" | "int" | "anexo" | "poste" | "dw" | "durchwahl") {
        return end;
    }
    let dotted = word + usize::from(matches!(text.at(word), b'.' | b':'));
    let first = text.skip_spaces(dotted, 1);
    let mut last = first;
    while text.at(last).is_ascii_digit() && last - first < 7 {
        last += 1;
    }
    if last > first { last } else { end }
}
