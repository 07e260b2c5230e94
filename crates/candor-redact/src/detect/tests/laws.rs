//! What holds for every text.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::{Detector, Finding};

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);

/// Pieces of which texts with and without values are made.
const PIECES: &[&str] = &[
    "the ",
    "a house ",
    "Elizabeth ",
    "Dr. ",
    "Kowalski",
    " said ",
    ", ",
    ". ",
    "\n",
    "call me at ",
    "phone: ",
    "+46 (0)8 928 571 38",
    "202-555-0143",
    " x12",
    "4111 1111 1111 1111",
    "4111",
    " 1111",
    "-",
    "GB82 WEST 1234 5698 7654 32",
    "jane@example.com",
    "jane at example dot com",
    "https://example.org/a",
    "www.example.co",
    ".uk",
    "192.0.2.7",
    "2001:db8::1",
    "00:1b:44:11:3a:b7",
    "born on 3 May 1981",
    "27-10-1968",
    "passport no. X12345678",
    "my name is ",
    "12 Elm Street, ",
    "Springfield, IL 62701",
    "Calle Mayor, 3, 2º B",
    "Apt. 34",
    "Address: ",
    "Domicilio: ",
    "four one one two ",
    "three ",
    "(",
    ")",
    "0",
    "7",
    "é",
    "“",
    "\u{200b}",
    "ｊ",
    "1–2",
    "α",
    "@",
    ":",
    "/",
    "\"",
    "C/ ",
    "Dear ",
    "regards,\n",
    "Name: ",
    "AB 12 34 56 C",
    "X-1234567-L",
    " ",
    "  ",
    "\t",
    "de la ",
];

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat())
}

fn find(text: &str, typed: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    if typed {
        DETECTOR.find_typed(text, &mut findings);
    } else {
        DETECTOR.find(text, &mut findings);
    }
    findings
}

fn upto(text: &str, end: usize, typed: bool) -> Vec<Finding> {
    find(text, typed).into_iter().filter(|finding| finding.span.start < end).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_settled_stays_however_the_text_goes_on(text in texts(), cut in 0.0..1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let mut cut = (text.len() as f64 * cut) as usize;
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        let settled = DETECTOR.settled(&text[..cut]);
        prop_assert!(settled <= cut && text.is_char_boundary(settled));
        for typed in [false, true] {
            prop_assert_eq!(upto(&text, settled, typed), upto(&text[..cut], settled, typed), "settled {} of {}", settled, cut);
        }
    }

    #[test]
    fn spans_are_sorted_lie_between_characters_and_none_in_another(text in texts()) {
        for typed in [false, true] {
            let findings = find(&text, typed);
            for finding in &findings {
                prop_assert!(text.get(finding.span.clone()).is_some_and(|part| !part.is_empty()));
            }
            prop_assert!(findings.is_sorted_by_key(|finding| finding.span.start));
            for secret in [false, true] {
                let of: Vec<_> = findings.iter().filter(|it| it.kind.surrogate().is_none() == secret).collect();
                for pair in of.windows(2) {
                    prop_assert!(pair[0].span.start <= pair[1].span.start && pair[0].span.end < pair[1].span.end);
                }
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), digits in "[0-9a-f:. +()@-]{0,60}") {
        find(&text, true);
        find(&digits, true);
        DETECTOR.settled(&text);
        DETECTOR.settled(&digits);
    }

    #[test]
    fn what_is_found_in_a_finished_text_is_found_in_a_typed_one(text in texts()) {
        let typed = find(&text, true);
        for finding in find(&text, false) {
            let covered = finding.span.clone().all(|at| typed.iter().any(|it| it.span.contains(&at)));
            prop_assert!(covered, "{finding:?}");
        }
    }
}

#[test]
fn typed_text_loses_half_values_and_slips() {
    for (text, rule) in [
        ("4111 1111 1111 1112", "typed-digits"),
        ("123456 and", "typed-digits"),
        ("jane@example", "typed-email"),
        ("jane@example,com", "typed-email"),
        ("GB82 WEST 1234", "typed-iban"),
        ("A5631933", "typed-mixed"),
    ] {
        let findings = find(text, true);
        assert!(findings.iter().any(|it| it.rule == rule), "{rule}: {findings:?}");
        assert!(!find(text, false).iter().any(|it| it.rule == rule));
    }
}

#[test]
fn plain_prose_settles_within_two_words() {
    let text = "She had read about the weather in the north and would rather stay by the fire until the rain was over.";
    for (end, _) in text.match_indices(' ') {
        let lag = text[..end].len() - DETECTOR.settled(&text[..end]);
        assert!(lag <= 16, "{lag} after {:?}", &text[..end]);
    }
}

#[test]
fn a_value_being_typed_holds_from_its_beginning() {
    for (text, start) in [
        ("my card 4111 1111 1111", 8),
        ("at +46 8 12", 3),
        ("to GB82 WEST 12", 3),
        ("see jane.d", 4),
        ("at 12 Elm Hol", 3),
    ] {
        assert!(DETECTOR.settled(text) <= start, "{text:?} settles to {}", DETECTOR.settled(text));
    }
}
