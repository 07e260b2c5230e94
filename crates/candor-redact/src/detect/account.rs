//! Bank accounts by their own form: IBAN.

use super::check;
use super::kind::Kind;
use super::scan::Hit;
use super::text::{Class, Text, class};

/// The lengths of IBANs by country (SWIFT's IBAN registry).
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18
    FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20
    MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22
    VG24 XK20 YE30";

/// The length for the country of an IBAN.
fn length(country: [u8; 2]) -> Option<usize> {
    let country = country.map(|byte| byte.to_ascii_uppercase());
    LENGTHS.split_whitespace().find_map(|entry| entry.strip_prefix(std::str::from_utf8(&country).ok()?)?.parse().ok())
}

/// Whether two letters and two digits begin an IBAN.
pub(super) fn begins(text: &Text<'_>, start: usize) -> Option<usize> {
    let head = [text.at(start), text.at(start + 1)];
    if !head.iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let digits = text.skip_spaces(start + 2, 1);
    let numbered = text.at(digits).is_ascii_digit() && text.at(digits + 1).is_ascii_digit();
    numbered.then(|| length(head)).flatten()
}

/// An IBAN at `start`: together, or in groups with a space or dash between; either case.
pub(super) fn iban(text: &Text<'_>, start: usize) -> Option<Hit> {
    let length = begins(text, start)?;
    let mut iban = [0; 34];
    let mut end = start;
    for (count, place) in iban.iter_mut().take(length).enumerate() {
        if count > 1 && matches!(text.at(end), b' ' | b'-' | 0xc2) {
            end = if text.at(end) == b'-' { end + 1 } else { text.skip_spaces(end, 1) };
        }
        if matches!(class(text.at(end)), Class::Other | Class::High) {
            return None;
        }
        *place = text.at(end);
        end += 1;
    }
    let found = check::mod_97(iban.get(..length)?) && !text.is_inner(end);
    found.then(|| Hit::new(start, end, Kind::Account, "iban"))
}
