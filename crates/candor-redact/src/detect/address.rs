//! Postal addresses: a street and a number, and what follows them.

use super::kind::Kind;
use super::lexicon::Roles;
use super::scan::{Hit, Scan};
use super::text::{Class, Token, class};

/// Endings of compounds that are streets in the Germanic and Finnic languages, without accents.
const ENDINGS: &[&str] = &[
    "strasse", "straße", "str", "straeti", "stræti", "braut", "vegur", "gasse", "platz", "allee", "gatan", "gata",
    "gaten", "vagen", "vägen", "vegen", "veien", "vej", "gade", "alleen", "alléen", "straat", "laan", "plein",
    "gracht", "kade", "dijk", "singel", "katu", "tie", "polku", "kuja", "weg", "ufer", "grand", "gränd", "stien",
    "torget", "utca", "bakken", "haugen", "svingen", "lia", "vænget", "parken", "løkken", "toften", "stræde", "stieg",
    "steig", "damm", "wall", "markt", "kai", "backen",
];

/// An address that begins with a house number: `12 High Street`, `40 rue Victor Hugo`.
pub(super) fn at_number(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let start = comma_space(scan, token.end);
    let digits = text.get(token.start, token.end).bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=6).contains(&digits) || token.len() > digits + 1 || start == token.end {
        return None;
    }
    let first = text.token(start);
    if first.is_number() {
        // Two numbers before a street: a code, a block.
        let found = if text.before(token.start).is_ascii_digit() { None } else { at_second_number(scan, &first) };
        return found.map(|hit| Hit { start: token.start, ..hit });
    }
    at_second_number(scan, token)
}

fn at_second_number(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let start = comma_space(scan, token.end);
    let first = text.token(start);
    if start == token.end || first.is_number() {
        return None;
    }
    let roles = scan.lexicon.roles(&first);
    let small = matches!(
        text.get(first.start, first.end),
        "rue" | "calle" | "avenida" | "rua" | "avenue" | "boulevard" | "chemin" | "impasse"
    );
    if first.is_word() && roles.any(Roles::STREET_BEFORE) && (first.capital && first.len() > 2 || small) {
        let end = street_name(scan, after_word(scan, &first), 5, true);
        if end > first.end {
            let end = house_number(scan, end).unwrap_or(end);
            return Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-number-before"));
        }
    }
    if first.capital && is_compound(scan, &first) {
        let end = house_number(scan, first.end).unwrap_or(first.end);
        return Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-number-compound"));
    }
    if let Some(end) = street_after(scan, &first) {
        let end = house_number(scan, end).unwrap_or(end);
        return Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-number-street"));
    }
    let end = before_unit(scan, &first)?;
    Some(Hit::new(token.start, end, Kind::Address, "address-number-unit"))
}

/// Capital words, a house number, and a flat or suite: its end.
fn before_unit(scan: &Scan<'_, '_>, first: &Token) -> Option<usize> {
    let name = if first.capital { street_name(scan, first.start, 4, false) } else { return None };
    let number = house_number(scan, name)?;
    let word = scan.text.token(line_space(scan, number));
    let flat = word.start > number && scan.lexicon.roles(&word).any(Roles::UNIT) && unit(scan, &word).is_some();
    flat.then(|| tail(scan, number))
}

/// Up to four capital words and a word such as Street, from `first` on.
fn street_after(scan: &Scan<'_, '_>, first: &Token) -> Option<usize> {
    let text = scan.text;
    let mut word = *first;
    for count in 0..5 {
        let roles = scan.lexicon.roles(&word);
        let ordinal = word.digits && word.letters && word.len() <= 5;
        if count > 0 && roles.any(Roles::STREET_AFTER) && word.is_word() {
            let dot = usize::from(text.at(word.end) == b'.' && word.len() <= 4);
            return Some(word.end + dot);
        }
        if !(word.capital && (!roles.any(Roles::COMMON) || roles.any(Roles::LAST) || count == 0 && word.len() <= 5)
            || ordinal
            || roles.any(Roles::PARTICLE))
        {
            return None;
        }
        let dot = usize::from(text.at(word.end) == b'.');
        let next = text.skip_spaces(word.end + dot, 1);
        if next == word.end + dot {
            return None;
        }
        word = text.token(next);
    }
    None
}

/// An address that begins with a word: `Calle Mayor 3`, `Lindenstraße 12`, `Apt. 3`.
pub(super) fn at_word(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    let text = scan.text;
    if let Some(found) = if roles.any(Roles::STREET_BEFORE) { before_street(scan, token, roles) } else { None } {
        return Some(found);
    }
    let flat = roles.any(Roles::UNIT) && (token.capital || matches!(text.get(token.start, token.end), "apt" | "suite"));
    if let Some(end) = if flat { unit(scan, token) } else { None } {
        return Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-unit"));
    }
    if let Some(found) = if roles.any(Roles::ADDRESS) { cued(scan, token) } else { None } {
        return Some(found);
    }
    if roles.any(Roles::MILITARY) {
        let end = tail(scan, token.end);
        return (end > token.end).then(|| Hit::new(token.start, end, Kind::Address, "address-military"));
    }
    if let Some(end) = if roles.any(Roles::BOX) { post_box(scan, token) } else { None } {
        return Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-box"));
    }
    // A number, or another word of the street's name, comes next.
    let next = token.end + 1 + usize::from(text.at(token.end) == b',');
    if !token.capital || matches!(class(text.at(next)), Class::Lower | Class::Other) {
        return None;
    }
    if let Some(number) = house_number(scan, token.end).filter(|_| is_compound(scan, token)) {
        return Some(Hit::new(token.start, tail(scan, number), Kind::Address, "address-compound"));
    }
    before_unit(scan, token).map(|end| Hit::new(token.start, end, Kind::Address, "address-word-unit"))
}

/// A street whose kind stands before its name. A number must follow, unless the word means nothing else.
fn before_street(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    let text = scan.text;
    let (sign, sure) = (text.at(token.end), roles.any(Roles::STREET_SURE));
    let slash = sign == b'/';
    let short = token.len() == 1 && !slash;
    let start = after_word(scan, token);
    if short || start == token.end || !(token.capital || sure || slash || sign == b'.') {
        return None;
    }
    let name = street_name(scan, start, 6, slash);
    let number = if name > start { house_number(scan, name) } else { None };
    let end = number.or_else(|| (name > start && (slash || sure)).then_some(name))?;
    Some(Hit::new(token.start, tail(scan, end), Kind::Address, "address-street-before"))
}

/// `P.O. Box 12`, `Postfach 12`, `Apartado 12`.
fn post_box(scan: &Scan<'_, '_>, token: &Token) -> Option<usize> {
    let text = scan.text;
    if token.len() > 2 {
        return if token.capital { unit(scan, token) } else { None };
    }
    let mut word = *token;
    for _ in 0..2 {
        let start = text.skip_spaces(word.end + usize::from(text.at(word.end) == b'.'), 1);
        word = text.token(start);
        if text.get(word.start, word.end).eq_ignore_ascii_case("box") {
            return unit(scan, &word);
        }
    }
    None
}

/// A house number after a street: `, 12`, ` 12B`, ` 3-5`, ` s/n`.
fn house_number(scan: &Scan<'_, '_>, end: usize) -> Option<usize> {
    let text = scan.text;
    let mut start = comma_space(scan, end + usize::from(text.at(end) == b'.'));
    if start == end || (class(text.at(start)) != Class::Digit && !matches!(text.at(start), b'n' | b'N' | b's' | b'S')) {
        return None;
    }
    if text.get(start, start + 3).eq_ignore_ascii_case("s/n") && text.at(start + 2) != 0 {
        return Some(start + 3);
    }
    let label = text.token(start);
    if label.is_word() && label.len() == 1 && matches!(text.at(label.start), b'n' | b'N') {
        start = text.at(label.end).eq(&0xc2).then_some(label.end + 2).map(|at| text.skip_spaces(at, 1))?;
    }
    let number = text.token(start);
    let digits = text.get(number.start, number.end).bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=5).contains(&digits) || number.len() > digits + 2 || matches!(text.at(number.end), b':' | b'%') {
        return None;
    }
    let mut end = number.end;
    // The floor and door, as Spanish and Italian addresses have them: `, 5º B`, `, 1C`.
    for _ in 0..3 {
        let next = comma_space(scan, end);
        let next = if text.at(next) == b'-' { text.skip_spaces(next + 1, 1) } else { next };
        let part = text.token(next);
        let ordinal = part.end > next && part.len() <= 4;
        let door = part.len() == 1 && part.capital && text.at(end) != b'.';
        if next == end || !(ordinal && (part.digits && part.len() <= 3 || door)) {
            break;
        }
        end = part.end;
        if text.at(end) == 0xc2 && matches!(text.at(end + 1), 0xba | 0xaa) {
            end += 2;
        }
    }
    Some(end)
}

/// Over a comma, spaces, or one line's end.
fn comma_space(scan: &Scan<'_, '_>, end: usize) -> usize {
    let comma = end + usize::from(scan.text.at(end) == b',');
    scan.text.skip_spaces(comma, 2)
}

/// Over `.` or `/` and a space after a word that stands before a street.
fn after_word(scan: &Scan<'_, '_>, token: &Token) -> usize {
    let short = token.len() <= 4 && scan.text.at(token.end) == b'.';
    let sign = token.end + usize::from(short || scan.text.at(token.end) == b'/');
    scan.text.skip_spaces(sign, 1)
}

/// The end of a street's name from `start`: capital words and the small words between; one small word if `small`.
fn street_name(scan: &Scan<'_, '_>, start: usize, most: usize, small: bool) -> usize {
    let text = scan.text;
    let (mut at, mut end) = (start, start);
    for count in 0..most {
        let word = text.token(at);
        let roles = scan.lexicon.roles(&word);
        if !word.is_word() {
            break;
        }
        if word.capital || (small && count == 0 && !roles.any(Roles::COMMON)) {
            end = word.end;
        } else if !roles.any(Roles::PARTICLE) {
            break;
        }
        at = text.skip_spaces(word.end + usize::from(text.at(word.end) == b'.' && word.len() <= 2), 1);
        if at == word.end {
            at = match text.at(at) {
                b'-' | b'\'' => at + 1,
                _ => break,
            };
        }
    }
    end
}

/// Whether a word is a compound that ends as streets do, or is followed by a word that stands after streets.
fn is_compound(scan: &Scan<'_, '_>, token: &Token) -> bool {
    let word = scan.text.get(token.start, token.end).to_lowercase();
    ENDINGS.iter().any(|ending| word.len() > ending.len() + 2 && word.ends_with(ending))
}

/// `Apt. 12`, `Suite 3B`, `Box 1234`: its end.
fn unit(scan: &Scan<'_, '_>, token: &Token) -> Option<usize> {
    let text = scan.text;
    let start = text.skip_spaces(token.end + usize::from(text.at(token.end) == b'.'), 1);
    let start = start + usize::from(text.at(start) == b'#');
    let number = text.token(start);
    let named = start > token.end && number.digits && number.len() <= 5;
    named.then_some(number.end)
}

/// The end of an address after its street: flats, towns that a state or postal code follows, codes.
fn tail(scan: &Scan<'_, '_>, street: usize) -> usize {
    let text = scan.text;
    let (mut end, mut at) = (street, street);
    for _ in 0..9 {
        let start = line_space(scan, at);
        let word = text.token(start);
        if start == at || word.is_empty() || start > street + 160 {
            break;
        }
        let roles = scan.lexicon.roles(&word);
        let digits = text.get(word.start, word.end).bytes().filter(u8::is_ascii_digit).count();
        at = word.end;
        // A telephone on the next line is none of the address.
        let number = matches!(text.at(word.end), b' ' | b'-' | b'.') && class(text.at(word.end + 1)) == Class::Digit;
        if roles.any(Roles::UNIT)
            && let Some(number) = unit(scan, &word)
        {
            (end, at) = (number, number);
        } else if (3..=6).contains(&digits) && word.len() <= 7 {
            let (code, next) = code_end(scan, &word);
            if number && code == word.end {
                break;
            }
            (end, at) = (code, next);
        } else if word.capital && (roles.any(Roles::COUNTRY) || (word.is_word() && word.len() == 2 && !word.lower)) {
            end = word.end;
        } else if !(word.is_word() && (word.capital || roles.any(Roles::PARTICLE))) {
            break;
        }
    }
    end
}

/// A postal code and the part after its dash or space: `1010-114`, `12345-6789`.
fn code_end(scan: &Scan<'_, '_>, code: &Token) -> (usize, usize) {
    let text = scan.text;
    let next = text.token(code.end + 1);
    let more = text.at(code.end) == b'-' && next.is_number() && next.len() <= 4;
    let end = if more { next.end } else { code.end };
    (end, end)
}

/// Over commas, spaces and at most two ends of lines.
fn line_space(scan: &Scan<'_, '_>, end: usize) -> usize {
    let text = scan.text;
    let mut at = end;
    while at - end < 5 && matches!(text.at(at), b' ' | b',' | b'\n' | b'\r' | b'.' | b'-') {
        at += 1;
    }
    at
}

/// After `address is` or `Domicilio:`: capital words and a number.
fn cued(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let mut at = text.skip_spaces(token.end, 1);
    if text.at(at) == b':' {
        at = text.skip_spaces(at + 1, 2);
        at += usize::from(text.at(at) == b'\n');
    } else {
        let verb = text.token(at);
        if !matches!(text.get(verb.start, verb.end), "is" | "at" | "in" | "ist" | "es" | "est" | "en") {
            return None;
        }
        at = text.skip_spaces(verb.end, 1);
    }
    let line = form_line(scan, at);
    if line > at && text.before(token.end + 1) == b':' {
        return Some(Hit::new(at, tail(scan, line), Kind::Address, "address-form"));
    }
    let name = street_name(scan, at, 6, false);
    let number = if name > at { house_number(scan, name) } else { None };
    number.map(|number| Hit::new(at, tail(scan, number), Kind::Address, "address-cue"))
}

/// The end of a form's line if words and a number stand in it, and no address of the net; `start` if not.
fn form_line(scan: &Scan<'_, '_>, start: usize) -> usize {
    let text = scan.text;
    let mut end = start;
    while end - start < 80
        && !matches!(text.at(end), 0 | b'\n' | b'\r' | b'@' | b'<' | b'\t')
        && !(text.at(end) == b'.' && matches!(text.at(end + 1), b'\n' | b'\r' | 0))
    {
        end += 1;
    }
    while !text.text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text.get(start, end);
    let words = line.split_whitespace().filter(|word| word.chars().next().is_some_and(char::is_alphabetic)).count();
    let fits = end - start < 80
        && words > 0
        && line.bytes().any(|byte| byte.is_ascii_digit())
        && !line.contains("://")
        && text.at(end) != b'@';
    if fits { start + line.trim_end().len() } else { start }
}
