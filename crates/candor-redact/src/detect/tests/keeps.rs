//! What stays.

use super::{find, shown};
use crate::detect::Detector;

fn keeps(texts: &[&str]) {
    for text in texts {
        assert_eq!(shown(text, &find(text)), *text);
    }
}

fn keeps_typed(texts: &[&str]) {
    for text in texts {
        let mut findings = Vec::new();
        Detector::new().find_typed(text, &mut findings);
        assert_eq!(shown(text, &findings), *text);
    }
}

#[test]
fn keeps_ordinary_prose() {
    keeps_typed(&[
        "The will of the people may be hope, and a rose by any other name is just a flower.",
        "I was at the dot of noon; the point is made, and she lives in peace.",
        "He called it a day and took the 5 o'clock train via the long road home.",
        "Please see the report. It is 12 pages, and Mark my words: the bill is due in May.",
        "one, two, three and a bit more; at home or at work to be safe",
        "What is the address of the court? The number is large, dear me.",
    ]);
}

#[test]
fn keeps_numbers_that_are_only_numbers() {
    keeps_typed(&[
        "in 1984, 2001 and 1939-1945",
        "at 12:30 or 23:59:59",
        "it costs $1,299.99 or 45.50 €",
        "page 12 of 345, 99.5 % of 10000",
        "version 10.2.14 of it, released on 2021-03-04",
        "03/04/2021 and 4.5.2021",
        "3.14159",
    ]);
}

#[test]
fn keeps_numbers_with_a_wrong_check_digit() {
    keeps(&["4111111111111112", "GB82 WEST 1234 5698 7654 31", "44051401358", "000-12-1234"]);
}

#[test]
fn keeps_versions_files_and_code() {
    keeps(&[
        "kernel 2.6.12.1 and v1.2.3.4",
        "main.rs, setup.py and lib.so",
        "std::vec::Vec and a::b",
        "end.It began",
        "Some.Method(x)",
        "e.g. this, i.e. that",
        "12:30:45",
    ]);
}

#[test]
fn keeps_signs_that_are_no_addresses() {
    keeps(&["meet @ noon", "user@host", "@someone hello", "a@b"]);
}

#[test]
fn keeps_capitals_that_are_no_names() {
    keeps(&[
        "The President of France spoke on Monday.",
        "Microsoft and Google met in London.",
        "Hello World, this is English.",
        "a test of ANA and EVA",
    ]);
}
