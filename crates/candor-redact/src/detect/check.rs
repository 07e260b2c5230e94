//! Check digits. Every function takes ASCII digits (or letters where it says so) and is false for anything else.

/// The values of digits; nothing where another character stands.
fn values(digits: &[u8]) -> Option<impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_> {
    digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().map(|digit| u32::from(digit - b'0')))
}

/// The sum of digits times weights; nothing where their numbers differ.
fn weighted(digits: &[u8], weights: &[u32]) -> Option<u32> {
    let values = values(digits)?;
    (values.len() == weights.len()).then(|| values.zip(weights).map(|(digit, weight)| digit * weight).sum())
}

fn last(digits: &[u8]) -> Option<u32> {
    digits.last().filter(|it| it.is_ascii_digit()).map(|digit| u32::from(digit - b'0'))
}

/// Luhn (ISO/IEC 7812-1 annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let Some(values) = values(digits) else { return false };
    let sum: u32 = values
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    digits.len() > 1 && sum.is_multiple_of(10)
}

/// IBAN's check digits (ISO 7064 MOD 97-10 of ISO 13616): letters in either case, no spaces.
pub(super) fn mod_97(iban: &[u8]) -> bool {
    let (Some(head), Some(tail)) = (iban.get(..4), iban.get(4..)) else { return false };
    let mut rest = 0;
    for byte in tail.iter().chain(head) {
        rest = match byte.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => rest * 10 + u32::from(digit - b'0'),
            letter @ b'A'..=b'Z' => rest * 100 + u32::from(letter - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// Verhoeff's scheme over the dihedral group D5 (Aadhaar).
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    // In D5 with rotations 0..5 and reflections 5..10.
    let times = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    const TURN: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let Some(values) = values(digits) else { return false };
    let sum = values.rev().enumerate().fold(0, |sum, (place, digit)| {
        let turned = (0..place % 8).fold(digit, |digit, _| TURN.get(digit as usize).copied().unwrap_or(0));
        times(sum, turned)
    });
    digits.len() > 1 && sum == 0
}

/// United States social security number or ITIN: nine digits, the ranges that are never given left out.
pub(super) fn ssn(digits: &[u8]) -> bool {
    let [a, b, c, d, e, serial @ ..] = digits else { return false };
    let (area, group) = (&[*a, *b, *c], [*d, *e]);
    digits.len() == 9
        && area != b"000"
        && area != b"666"
        && &group != b"00"
        && serial != b"0000"
        && (*a != b'9' || (b"50"..=b"99").contains(&&group))
}

/// Polish PESEL: eleven digits, weights 1 3 7 9, and a date whose month carries the century.
pub(super) fn pesel(digits: &[u8]) -> bool {
    let Some(sum) = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) else { return false };
    sum % 10 == 0 && day_month(digits.get(4..6), month_without_century(digits.get(2..4)))
}

fn month_without_century(month: Option<&[u8]>) -> Option<u32> {
    Some(number(month?)? % 20)
}

/// The number that digits write; nothing where it is no `u32`.
fn number(digits: &[u8]) -> Option<u32> {
    values(digits)?.try_fold(0_u32, |sum, digit| sum.checked_mul(10)?.checked_add(digit))
}

fn day_month(day: Option<&[u8]>, month: Option<u32>) -> bool {
    let day = day.and_then(number);
    matches!((day, month), (Some(1..=31), Some(1..=12)))
}

/// Whether six digits begin with a day and a month.
pub(super) fn day_first(digits: &[u8]) -> bool {
    day_month(digits.get(..2), digits.get(2..4).and_then(number))
}

/// Whether six digits are a year, a month and a day; Swedish coordination numbers add 60 to the day.
pub(super) fn year_first(digits: &[u8]) -> bool {
    let day = digits.get(4..6).and_then(number).map(|day| if day > 60 { day - 60 } else { day });
    let month = digits.get(2..4).and_then(number);
    matches!((day, month), (Some(1..=31), Some(1..=12)))
}

/// Brazilian CPF: eleven digits, two check digits mod 11, not all the same.
pub(super) fn cpf(digits: &[u8]) -> bool {
    let tail = |upto: usize, weights: &[u32]| {
        let sum = digits.get(..upto).and_then(|head| weighted(head, weights))?;
        Some(match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        })
    };
    digits.len() == 11
        && !all_same(digits)
        && tail(9, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) == digits.get(..10).and_then(last)
        && tail(10, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == last(digits)
}

/// Brazilian CNPJ: fourteen digits, two check digits mod 11.
pub(super) fn cnpj(digits: &[u8]) -> bool {
    let tail = |upto: usize, weights: &[u32]| {
        let sum = digits.get(..upto).and_then(|head| weighted(head, weights))?;
        Some(if sum % 11 < 2 { 0 } else { 11 - sum % 11 })
    };
    digits.len() == 14
        && !all_same(digits)
        && tail(12, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == digits.get(..13).and_then(last)
        && tail(13, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) == last(digits)
}

fn all_same(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair.first() == pair.last())
}

/// Turkish identity number: eleven digits, the tenth from odd and even places, the eleventh from the sum of ten.
pub(super) fn tckn(digits: &[u8]) -> bool {
    let Some(values) = values(digits) else { return false };
    let values: Vec<_> = values.collect();
    let [a, b, c, d, e, f, g, h, i, tenth, eleventh] = values[..] else { return false };
    let (odd, even) = (a + c + e + g + i, b + d + f + h);
    a != 0 && (odd * 7 + 90 - even) % 10 == tenth && (odd + even + tenth) % 10 == eleventh
}

/// Norwegian birth number: eleven digits, day and month first (D-numbers add 40 to the day), two checks mod 11.
pub(super) fn norwegian(digits: &[u8]) -> bool {
    let first = digits.get(..10).and_then(|head| weighted(head, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]));
    let second = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    let day = digits.get(..2).and_then(number).map(|day| if day > 40 { day - 40 } else { day });
    let month = digits.get(2..4).and_then(number).map(|month| if month > 40 { month - 40 } else { month });
    matches!((first, second), (Some(first), Some(second)) if first % 11 == 0 && second % 11 == 0)
        && matches!((day, month), (Some(1..=31), Some(1..=12)))
}

/// Belgian national number: eleven digits, 97 minus the rest of the first nine (with a 2 before them from 2000 on).
pub(super) fn belgian(digits: &[u8]) -> bool {
    let (Some(head), Some(tail)) = (digits.get(..9).and_then(number), digits.get(9..).and_then(number)) else {
        return false;
    };
    let check = |head: u64| 97 - head % 97 == u64::from(tail);
    digits.len() == 11 && (check(u64::from(head)) || check(u64::from(head) + 2_000_000_000))
}

/// French NIR: thirteen characters (Corsica has 2A and 2B) and two check digits, 97 minus the rest.
pub(super) fn nir(digits: &[u8]) -> bool {
    let (Some(head), Some(tail)) = (digits.get(..13), digits.get(13..).and_then(number)) else { return false };
    let rest = head.iter().enumerate().try_fold(0_u64, |sum, (place, byte)| match byte {
        b'0'..=b'9' => Some(sum * 10 + u64::from(byte - b'0')),
        b'A' | b'a' if place == 6 => Some(sum * 10),
        b'B' | b'b' if place == 6 => Some(sum * 10),
        _ => None,
    });
    let letter = digits.get(6).map(u8::to_ascii_uppercase);
    // With the letter as 0, A takes a million off and B two.
    let less = match letter {
        Some(b'A') => 1_000_000,
        Some(b'B') => 2_000_000,
        _ => 0,
    };
    digits.len() == 15
        && matches!(digits.first(), Some(b'1' | b'2'))
        && rest.and_then(|rest| rest.checked_sub(less)).is_some_and(|rest| 97 - rest % 97 == u64::from(tail))
}

/// German tax number of a person: eleven digits, ISO 7064 MOD 11,10, not beginning with 0.
pub(super) fn german_tax(digits: &[u8]) -> bool {
    let (Some(head), Some(check)) = (digits.get(..10).and_then(values), last(digits)) else { return false };
    let product = head.fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    digits.len() == 11 && digits.first() != Some(&b'0') && (11 - product) % 10 == check
}

/// The check letter of a Spanish DNI or NIE: 23 letters, by the number; X, Y and Z stand for 0, 1 and 2.
pub(super) fn dni(id: &[u8]) -> bool {
    let (Some(head), Some(letter)) = (id.get(..8), id.last()) else { return false };
    let mut digits = [0; 8];
    digits.copy_from_slice(head);
    let [first, ..] = &mut digits;
    *first = match first.to_ascii_uppercase() {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        other => other,
    };
    let right = number(&digits).and_then(|it| b"TRWAGMYFPDXBNJZSQVHLCKE".get(it as usize % 23));
    id.len() == 9 && right == Some(&letter.to_ascii_uppercase())
}

/// Finnish personal code: six digits of the date, a sign for the century, three digits, a letter or digit mod 31.
pub(super) fn finnish(date: &[u8], rest: &[u8]) -> bool {
    let (Some(tail), Some(check)) = (rest.get(..3), rest.get(3)) else { return false };
    let number = (date.len() == 6).then(|| Some(number(date)? * 1000 + number(tail)?)).flatten();
    let right = number.and_then(|number| b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(number as usize % 31));
    rest.len() == 4 && day_first(date) && right == Some(&check.to_ascii_uppercase())
}

/// Italian codice fiscale: sixteen letters and digits, the last a letter that the others give (odd and even places by
/// different tables).
pub(super) fn codice_fiscale(id: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let (Some(head), Some(check)) = (id.get(..15), id.get(15)) else { return false };
    let sum = head.iter().enumerate().try_fold(0, |sum, (place, byte)| {
        let value = match byte.to_ascii_uppercase() {
            digit @ b'0'..=b'9' => digit - b'0',
            letter @ b'A'..=b'Z' => letter - b'A',
            _ => return None,
        };
        let value = if place % 2 == 0 { *ODD.get(usize::from(value))? } else { u32::from(value) };
        Some(sum + value)
    });
    let letters = id.get(..6).is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic));
    id.len() == 16
        && letters
        && sum.is_some_and(|sum| sum % 26 + u32::from(b'A') == u32::from(check.to_ascii_uppercase()))
}

/// Australian business number: eleven digits, one off the first, mod 89.
pub(super) fn abn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digits.first() != Some(&b'0') && sum.is_some_and(|sum| (sum - 10) % 89 == 0)
}
