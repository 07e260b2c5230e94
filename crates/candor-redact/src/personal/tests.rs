use proptest::prelude::*;

use super::entry::ENTRIES_MAX;
use super::*;

fn key() -> PersonalKey {
    PersonalKey::from_bytes([7; 32])
}

fn list(values: &[&str]) -> PersonalList {
    let entries = values.iter().map(|value| PersonalList::fingerprint(&key(), value).unwrap()).collect();
    PersonalList::from_entries(&key(), entries).unwrap()
}

/// The text with what was found in it as blocks.
fn masked(list: &PersonalList, text: &str) -> String {
    let mut found = Vec::new();
    list.find(text, &mut found);
    assert!(found.is_sorted_by(|a, b| a.span.end < b.span.start), "{found:?}");
    let hidden = |at| found.iter().any(|finding| finding.span.contains(&at));
    text.char_indices().map(|(at, c)| if hidden(at) { '█' } else { c }).collect()
}

#[track_caller]
fn shows(values: &[&str], text: &str, expected: &str) {
    assert_eq!(masked(&list(values), text), expected, "{text}");
}

#[test]
fn redacts_what_was_named_typed_whole() {
    shows(&["Rosamund Pemberley"], "ask Rosamund Pemberley about it", "ask ██████████████████ about it");
    shows(&["12 Larkspur Lane, Oxbridge"], "(12 Larkspur Lane, Oxbridge)", "(██████████████████████████)");
    shows(&["Project Nightjar"], "Project Nightjar", "████████████████");
}

#[test]
fn redacts_it_in_any_case_width_accent_and_grouping() {
    let value = "Zoë Müller-Straße";
    for text in [
        "ZOË MÜLLER-STRASSE",
        "zoemullerstrasse",
        "Zoe\u{308} Mu\u{308}ller Straße",
        "Ｚｏｅ　Ｍｕｌｌｅｒ　Ｓｔｒａｓｓｅ",
        "z.o.e_m-u-l-l-e-r s t r a s s e",
    ] {
        let masked = masked(&list(&[value]), &format!("a {text} b"));
        assert!(masked.starts_with("a █") && masked.ends_with("█ b"), "{masked}");
        assert!(!masked.contains(['z', 'Z', 'm', 's']), "{masked}");
    }
    shows(&["0171 555 0199"], "at 0171-5550199.", "at ████████████.");
    shows(&["王小明"], "我叫王小明。", "我叫███。");
}

#[test]
fn redacts_parts_and_what_lies_around_them() {
    let value = "Rosamund Pemberley";
    shows(&[value], "Rosamund Pember", "███████████████");
    shows(&[value], "Rosamund Pembxrley!", "██████████████████!");
    shows(&[value], "Rosxmund Pemberley!", "██████████████████!");
    shows(&[value], "samund Pemberley!", "████████████████!");
    shows(&[value], "Rosamuund Pemberley!", "███████████████████!");
}

#[test]
fn redacts_short_values_whole_only() {
    shows(&["Wren"], "Wren and wren", "████ and ████");
    shows(&["Wren"], "Wre", "Wre");
    shows(&["Wren", "Lark7", "Teal99"], "lark7 teal99 wren", "█████ ██████ ████");
}

#[test]
fn keeps_other_text() {
    let values = ["Rosamund Pemberley", "12 Larkspur Lane", "Project Nightjar", "Wren"];
    for text in ["Rosa said hello", "the lane is long", "the project is late", "larks sing", "a Pember", ""] {
        shows(&values, text, text);
    }
    shows(&[], "anything", "anything");
}

#[test]
fn what_cannot_be_looked_for_is_refused() {
    for short in ["", "abc", "a-b-c", "王", "---"] {
        assert_eq!(PersonalList::fingerprint(&key(), short), Err(PersonalError::TooShort), "{short}");
    }
    assert_eq!(PersonalList::fingerprint(&key(), &"a".repeat(201)), Err(PersonalError::TooLong));
    assert!(PersonalList::fingerprint(&key(), &"ab".repeat(100)).is_ok());
}

#[test]
fn an_entry_shows_nothing_of_its_value_and_is_worth_nothing_under_another_key() {
    let entry = PersonalList::fingerprint(&key(), "Rosamund Pemberley").unwrap();
    let text = serde_json::to_string(&entry).unwrap();
    assert!(!text.to_lowercase().contains("rosamund"));
    let other = PersonalKey::from_bytes([8; 32]);
    let theirs = PersonalList::fingerprint(&other, "Rosamund Pemberley").unwrap();
    assert_ne!(entry, theirs);
    let list = PersonalList::from_entries(&other, vec![entry]).unwrap();
    assert_eq!(masked(&list, "Rosamund Pemberley"), "Rosamund Pemberley");
}

/// Deliberate collisions: the list alone must not say which of many random values it was.
#[test]
fn fewer_bits_are_kept_than_a_random_value_has() {
    for length in 8..=200 {
        let shape = entry::Shape::of(length);
        let kept = shape.count as f64 * f64::from(shape.bits);
        let random = length as f64 * 36_f64.log2();
        assert!(kept + 2.0 <= random, "{length}: {kept} of {random}");
        assert!(shape.needed as u32 * shape.bits >= 24, "{length}: too little to tell it from other text");
        assert!((shape.count - 1) * shape.stride + shape.gram <= length && shape.count <= hash::GRAMS_MAX, "{length}");
    }
}

#[test]
fn an_entry_of_another_version_or_a_damaged_one_is_refused() {
    let entry = serde_json::to_value(PersonalList::fingerprint(&key(), "Rosamund Pemberley").unwrap()).unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut entry = entry.clone();
        entry[field] = value;
        PersonalList::from_entries(&key(), vec![serde_json::from_value(entry).unwrap()]).err()
    };
    assert_eq!(with("version", 2.into()), Some(PersonalError::UnknownVersion(2)));
    assert_eq!(with("length", 0.into()), Some(PersonalError::Damaged));
    assert_eq!(with("length", 201.into()), Some(PersonalError::Damaged));
    assert_eq!(with("grams", vec![1].into()), Some(PersonalError::Damaged));
    assert_eq!(with("grams", vec![u32::MAX; 5].into()), Some(PersonalError::Damaged));
    let many = vec![PersonalList::fingerprint(&key(), "Wren").unwrap(); ENTRIES_MAX + 1];
    assert_eq!(PersonalList::from_entries(&key(), many).err(), Some(PersonalError::TooMany));
    let mut more = entry.clone();
    more["value"] = "x".into();
    assert!(serde_json::from_value::<PersonalEntry>(more).is_err());
}

/// What the list looks like on disk; a change here is a change of the format.
#[test]
fn the_form_on_disk() {
    let entry = PersonalList::fingerprint(&key(), "Rosamund Pemberley").unwrap();
    expect_test::expect![[r#"{"version":1,"length":17,"tag":49364,"grams":[452,361,17,290,367]}"#]]
        .assert_eq(&serde_json::to_string(&entry).unwrap());
}

#[test]
fn findings_are_appended_and_nothing_else_is_touched() {
    let before = Finding { span: 0..99, kind: Kind::Email, rule: "x" };
    let mut out = vec![before.clone()];
    list(&["Rosamund Pemberley"]).find("Rosamund Pemberley, Rosamund Pemberley", &mut out);
    assert_eq!(out[0], before);
    assert_eq!(out.len(), 3);
}

#[test]
fn repetitive_text_is_found_and_costs_little() {
    let started = std::time::Instant::now();
    let list = list(&["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaa", "aaaa"]);
    assert!(!masked(&list, &"a".repeat(20_000)).contains('a'));
    assert!(started.elapsed().as_secs() < 20, "quadratic: {:?}", started.elapsed());
}

/// Which bytes are hidden.
fn hidden(list: &PersonalList, text: &str) -> Vec<bool> {
    let mut found = Vec::new();
    list.find(text, &mut found);
    (0..text.len()).map(|at| found.iter().any(|finding| finding.span.contains(&at))).collect()
}

proptest! {
    #[test]
    fn a_value_typed_whole_is_always_found(
        value in "[a-zA-Z0-9äöüßÉ王明ж .-]{8,60}", before in ".{0,40}", after in ".{0,40}", others in prop::collection::vec("[a-z]{4,30}", 0..8),
    ) {
        let key = key();
        let Ok(entry) = PersonalList::fingerprint(&key, &value) else { return Ok(()) };
        let mut entries: Vec<_> = others.iter().filter_map(|other| PersonalList::fingerprint(&key, other).ok()).collect();
        entries.push(entry);
        let list = PersonalList::from_entries(&key, entries).unwrap();
        let text = format!("{before}{value}{after}");
        let hidden = hidden(&list, &text);
        fold::fold(&value, |folded| {
            let at = before.len() + folded.from as usize;
            assert!(hidden[at], "{value:?} in {text:?}");
        });
    }

    #[test]
    fn what_is_settled_stays_as_it_is(text in "(Rosamund|Pemberley|Wren|[a-e]{1,3}|[ .é-]{1,3}){0,12}", cut in 0..200_usize) {
        let list = list(&["Rosamund Pemberley", "abcdeabcde", "Wren", "aabbccddeeaabbccddeeaabbccddeeaabbccdd"]);
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let settled = list.settled(&text[..cut]);
        prop_assert!(settled <= cut && text.is_char_boundary(settled));
        prop_assert_eq!(&hidden(&list, &text[..cut])[..settled], &hidden(&list, &text)[..settled]);
    }

    #[test]
    fn no_text_is_a_panic(text in ".{0,200}") {
        list(&["Rosamund Pemberley", "Wren", "王小明"]).find(&text, &mut Vec::new());
    }
}
