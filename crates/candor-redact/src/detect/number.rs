//! What can begin with a digit: IP addresses, cards, personal numbers, dates, telephones.

use super::cluster::Cluster;
use super::kind::Kind;
use super::scan::{Hit, Scan};
use super::text::Text;
use super::{check, ip, phone};

/// What the number at `start` is, if it is anything.
pub(super) fn find(scan: &Scan<'_, '_>, start: usize) -> Option<Hit> {
    let text = scan.text;
    if Cluster::is_small(text, start) {
        return None;
    }
    let cluster = Cluster::read(text, start);
    ip::v4(scan, &cluster)
        .or_else(|| card(text, &cluster))
        .or_else(|| personal(text, &cluster))
        .or_else(|| if is_date(&cluster) { None } else { phone::find(scan, &cluster) })
}

/// Whether a letter or digit goes on where a number ends.
pub(super) fn closed(text: &Text<'_>, end: usize) -> bool {
    !text.is_inner(end)
}

/// A payment card: its scheme's first digits and lengths (ISO/IEC 7812), and Luhn.
fn card(text: &Text<'_>, cluster: &Cluster) -> Option<Hit> {
    (1..=cluster.groups().len()).rev().find_map(|count| {
        let digits = cluster.digits(count);
        let groups = || cluster.groups().iter().take(count);
        let even = count == 1 || groups().all(|group| group.len() >= 2) || groups().all(|group| group.len() == 1);
        let fits = (12..=19).contains(&digits.len()) && even && cluster.same_gap(count, b" -.");
        let found = fits && scheme(digits) && check::luhn(digits) && closed(text, cluster.end_of(count));
        (found && !cluster.plus).then(|| Hit::new(cluster.start, cluster.end_of(count), Kind::Card, "card"))
    })
}

/// Whether a scheme gives out numbers that begin and are as long as this.
fn scheme(digits: &[u8]) -> bool {
    let head = |count: usize| digits.iter().take(count).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    match digits.len() {
        13 | 16 | 18 | 19 if head(1) == 4 => true,
        15 => matches!(head(2), 34 | 37) || matches!(head(4), 1800 | 2131),
        14 => matches!(head(3), 300..=305 | 309) || matches!(head(2), 36 | 38 | 39),
        16 if matches!(head(2), 51..=55) || matches!(head(4), 2221..=2720) => true,
        16..=19 if matches!(head(4), 3528..=3589 | 6011) || matches!(head(2), 62 | 64 | 65 | 81 | 36 | 60) => true,
        16 if matches!(head(2), 35 | 22) => true,
        12..=19 => matches!(head(2), 50 | 56..=58 | 63 | 67 | 69) || matches!(head(4), 6012..=6399 | 6700..=6799),
        _ => false,
    }
}

/// A date in digits. None of the personal numbers looks like one.
pub(super) fn is_date(cluster: &Cluster) -> bool {
    date_groups(cluster).is_some() || is_years(cluster)
}

/// Two years: `1939-1945`.
fn is_years(cluster: &Cluster) -> bool {
    let year = |digits: &[u8]| matches!(digits, [b'1', b'5'..=b'9', _, _] | [b'2', b'0' | b'1', _, _]);
    cluster.groups().len() == 2 && year(cluster.group(0)) && year(cluster.group(1))
}

/// How many groups a date at the beginning of a cluster takes.
pub(super) fn date_groups(cluster: &Cluster) -> Option<usize> {
    if !cluster.same_gap(3, b"-./ ") {
        return None;
    }
    let value = |index: usize| {
        let digits = cluster.group(index).iter().take(4);
        digits.fold(0_u32, |sum, digit| sum * 10 + u32::from(digit - b'0'))
    };
    let (a, b, c) = (value(0), value(1), value(2));
    let year = |length: usize, year: u32| length == 4 && (1850..=2100).contains(&year);
    let day_month = |a: u32, b: u32| (1..=31).contains(&a) && (1..=31).contains(&b) && (a <= 12 || b <= 12);
    let space = cluster.groups().get(1).is_some_and(|group| group.gap == b' ');
    let dated = match cluster.shape(3) {
        422 | 421 | 412 | 411 => year(4, a) && day_month(b, c),
        224 | 214 | 124 | 114 => year(4, c) && day_month(a, b),
        222 | 122 | 212 | 112 => !space && day_month(a, b),
        _ => false,
    };
    dated.then_some(3)
}

/// A number that a state gave, known by its form and check digit.
fn personal(text: &Text<'_>, cluster: &Cluster) -> Option<Hit> {
    let shaped = |count: usize| cluster.groups().len() >= count && closed(text, cluster.end_of(count));
    let hit = |count: usize, rule| Some(Hit::new(cluster.start, cluster.end_of(count), Kind::NationalId, rule));
    let alone = !cluster.tail && !cluster.plus && !cluster.bracket;
    if !alone {
        return None;
    }
    if shaped(3) && cluster.shape(3) == 324 && cluster.same_gap(3, b"- .") && check::ssn(cluster.digits(3)) {
        return hit(3, "ssn");
    }
    if shaped(1) && cluster.digits(1).len() == 11 {
        let digits = cluster.digits(1);
        return match () {
            () if check::pesel(digits) => hit(1, "pesel"),
            () if check::cpf(digits) => hit(1, "cpf"),
            () if check::tckn(digits) => hit(1, "tckn"),
            () if check::norwegian(digits) => hit(1, "norwegian"),
            () => None,
        };
    }
    if shaped(4)
        && cluster.shape(4) == 3332
        && cluster.groups().get(1).is_some_and(|group| group.gap == b'.')
        && check::cpf(cluster.digits(4))
    {
        return hit(4, "cpf-dotted");
    }
    if shaped(5) && cluster.shape(5) == 23342 && check::cnpj(cluster.digits(5)) {
        return hit(5, "cnpj");
    }
    if shaped(3) && cluster.shape(3) == 444 && cluster.same_gap(3, b" -") && check::verhoeff(cluster.digits(3)) {
        return hit(3, "aadhaar");
    }
    if shaped(5) && cluster.shape(5) == 22232 && check::belgian(cluster.digits(5)) {
        return hit(5, "belgian");
    }
    if shaped(4) && cluster.shape(4) == 2333 && cluster.same_gap(4, b" ") {
        let digits = cluster.digits(4);
        return match () {
            () if check::german_tax(digits) => hit(4, "german-tax"),
            () if check::abn(digits) => hit(4, "abn"),
            () => None,
        };
    }
    dated(text, cluster).or_else(|| nir(text, cluster)).or_else(|| spanish(text, cluster))
}

/// Nordic numbers that begin with a date.
fn dated(text: &Text<'_>, cluster: &Cluster) -> Option<Hit> {
    let first = cluster.group(0);
    let end = cluster.end_of(1);
    if first.len() == 6 && matches!(text.at(end), b'-' | b'+' | b'A'..=b'F' | b'U'..=b'Y') {
        let rest: [u8; 4] = std::array::from_fn(|index| text.at(end + 1 + index));
        if check::finnish(first, &rest) && closed(text, end + 5) {
            return Some(Hit::new(cluster.start, end + 5, Kind::NationalId, "finnish"));
        }
    }
    let second = cluster.groups().get(1)?;
    if second.len() != 4 || second.gap != b'-' || !closed(text, second.end) {
        return None;
    }
    let digits = cluster.digits(2);
    let swedish = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    let rule = match first.len() {
        6 if check::day_first(first) => "danish",
        6 | 8 if check::luhn(swedish) && check::year_first(swedish) => "swedish",
        _ => return None,
    };
    Some(Hit::new(cluster.start, second.end, Kind::NationalId, rule))
}

/// The French number: 15 digits alone, or in groups of 1 2 2 2 3 3 2.
fn nir(text: &Text<'_>, cluster: &Cluster) -> Option<Hit> {
    let count = match cluster.shape(7) {
        9 => 1,
        1_222_332 => 7,
        _ => return None,
    };
    let found = check::nir(cluster.digits(count)) && closed(text, cluster.end_of(count));
    found.then(|| Hit::new(cluster.start, cluster.end_of(count), Kind::NationalId, "nir"))
}

/// A Spanish DNI: eight digits (perhaps `12.345.678`) and the letter that they give.
fn spanish(text: &Text<'_>, cluster: &Cluster) -> Option<Hit> {
    let count = match cluster.groups() {
        [first, ..] if first.len() == 8 => 1,
        [_, second, ..] if cluster.shape(3) == 233 && second.gap == b'.' => 3,
        _ => return None,
    };
    let mut end = cluster.end_of(count);
    end += usize::from(matches!(text.at(end), b'-' | b' '));
    let mut id = [0; 9];
    for (place, digit) in id.iter_mut().zip(cluster.digits(count)) {
        *place = *digit;
    }
    let [.., letter] = &mut id;
    *letter = text.at(end);
    let found = check::dni(&id) && closed(text, end + 1);
    found.then(|| Hit::new(cluster.start, end + 1, Kind::NationalId, "dni"))
}
