//! Remarks: segments of schema 2, for the participant alone. Their text form is each remark's JSON.

use candor_model::{ClockUnit, PositionUnit};
use candor_redact::{Remark, Rule};
use candor_seal::RecipientRole;

use crate::block::zstd_frame;
use crate::forge::{Forge, LAST, MORE};
use crate::maker::{Vectors, maker};

const LINES: [&str; 8] = [
    r#"{"from":1,"to":2,"rule":"unknown-field","events":3}"#,
    r#"{"from":5,"to":5,"rule":"secret-field"}"#,
    r#"{"from":5,"to":9,"rule":"application-not-allowed","events":18446744073709551615}"#,
    r#"{"from":9,"to":9,"rule":"unknown-key","events":1}"#,
    r#"{"from":10,"to":11,"rule":"text-modifier","events":2}"#,
    r#"{"from":12,"to":12,"rule":"unmatched-release","events":1}"#,
    r#"{"from":12,"to":18446744073709551615,"rule":"source-gap","events":0}"#,
    r#"{"from":0,"to":0,"rule":"secret-field"}"#,
];

/// The rules about what was typed.
const LATER: [(Rule, &str); 8] = [
    (Rule::PrivateContext, "private-context"),
    (Rule::PrivateData, "private-data"),
    (Rule::SecretValue, "secret-value"),
    (Rule::SpecialCategory, "special-category"),
    (Rule::PersonalList, "personal-list"),
    (Rule::TextPolicy, "text-policy"),
    (Rule::LateEvidence, "late-evidence"),
    (Rule::FailedCheck, "failed-check"),
];

fn written() -> Vec<Remark> {
    let remark = |from, to, rule, events| Remark { from, to, rule, events };
    vec![
        remark(1, 2, Rule::UnknownField, Some(3)),
        remark(5, 5, Rule::SecretField, None),
        remark(5, 9, Rule::ApplicationNotAllowed, Some(u64::MAX)),
        remark(9, 9, Rule::UnknownKey, Some(1)),
        remark(10, 11, Rule::TextModifier, Some(2)),
        remark(12, 12, Rule::UnmatchedRelease, Some(1)),
        remark(12, u64::MAX, Rule::SourceGap, Some(0)),
        remark(0, 0, Rule::SecretField, None),
    ]
}

pub fn make() -> Vectors {
    let mut vectors = Vectors::new();
    let mut m = maker(12, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let sealed = m.sealer.seal_remarks(0, &written(), &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    let text = LINES.join("\n") + "\n";
    vectors
        .insert("remarks-of-every-rule".into(), m.opened(RecipientRole::Participant, sealed.participant, bytes, &text));
    let json = |json: &str| zstd_frame(json.as_bytes(), false);
    let forge = Forge::remarks(&mut m, 1);
    vectors.insert("remarks-none".into(), forge.opened(&m, forge.whole(&json("[]")), ""));
    let forge = Forge::remarks(&mut m, 2);
    let (one, two) = (json(&format!("[{}]", LINES[0])), json(&format!("[{},{}]", LINES[1], LINES[2])));
    let chunks = [forge.chunk(0, MORE, &one), forge.chunk(1, LAST, &two)];
    let text = LINES[..3].join("\n") + "\n";
    vectors.insert("remarks-in-two-chunks".into(), forge.opened(&m, forge.with(&[&chunks[0], &chunks[1]]), &text));

    let good = LINES[0];
    let forge = Forge::remarks(&mut m, 100);
    let half = json(&format!("[{}]", vec![good; (8 << 20) / (good.len() + 1) + 1].join(",")));
    let chunks = [forge.chunk(0, MORE, &half), forge.chunk(1, LAST, &half)];
    let vector = forge.refused_at(&m, forge.with(&[&chunks[0], &chunks[1]]), ("block", 1));
    vectors.insert("remarks-past-sixteen-mebibytes-in-two-chunks".into(), vector);
    let changed = |from: &str, to: &str| format!("[{}]", good.replacen(from, to, 1));
    let many = format!("[{}]", vec![good; (16 << 20) / (good.len() + 1) + 1].join(","));
    let texts: [(&str, String); 14] = [
        ("remarks-with-another-member", changed("}", r#","title":"x"}"#)),
        ("remarks-with-a-member-twice", changed("}", r#","events":3}"#)),
        ("remarks-with-a-member-missing", changed(r#""to":2,"#, "")),
        ("remarks-in-another-order", changed(r#""from":1,"to":2"#, r#""to":2,"from":1"#)),
        ("remarks-with-a-space", changed(",", ", ")),
        ("remarks-with-a-newline-after-them", format!("[{good}]\n")),
        ("remarks-with-null-events", changed(":3", ":null")),
        ("remarks-with-an-unknown-rule", changed("unknown-field", "boredom")),
        ("remarks-with-an-escaped-rule", changed("unknown", r"\u0075nknown")),
        ("remarks-with-a-fraction", changed(":1", ":1.0")),
        ("remarks-with-a-negative-tick", changed(":1", ":-1")),
        ("remarks-past-64-bits", changed(":2", ":18446744073709551616")),
        ("remarks-not-an-array", good.to_owned()),
        ("remarks-past-sixteen-mebibytes", many),
    ];
    let two_frames = [json(&format!("[{good}")), json("]")].concat();
    let mut bad: Vec<_> = texts.into_iter().map(|(name, text)| (name, json(&text))).collect();
    bad.push(("remarks-in-two-zstd-frames", two_frames));
    bad.push(("remarks-not-compressed", format!("[{good}]").into_bytes()));
    bad.push(("remarks-absent", Vec::new()));
    for (number, (name, plain)) in (3..).zip(bad) {
        let forge = Forge::remarks(&mut m, number);
        let vector = forge.refused_at(&m, forge.whole(&plain), ("block", 0));
        vectors.insert(name.into(), vector);
    }
    let later = LATER.map(|(rule, _)| Remark { from: 7, to: 8, rule, events: Some(2) });
    let text: String =
        LATER.iter().map(|(_, word)| format!("{{\"from\":7,\"to\":8,\"rule\":\"{word}\",\"events\":2}}\n")).collect();
    let sealed = m.sealer.seal_remarks(200, &later, &mut m.rng).unwrap();
    let bytes = sealed.segment.as_bytes().to_vec();
    vectors.insert(
        "remarks-of-every-rule-about-text".into(),
        m.opened(RecipientRole::Participant, sealed.participant, bytes, &text),
    );
    vectors
}
