//! What is redacted and what is kept: the names of the tests are the policy.

mod catalogue;
mod examples;
mod settled;

use std::sync::LazyLock;

use super::Secrets;
use crate::detect::{Finding, Kind};

/// Built once, since that takes long without optimisation.
static SECRETS: LazyLock<Secrets> = LazyLock::new(Secrets::new);

/// Drawn characters, always the same ones.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn from(&mut self, alphabet: &str, len: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..len).map(|_| char::from(bytes[self.next(bytes.len())])).collect()
    }

    /// Characters of the class with this letter in templates.
    fn class(&mut self, class: char, len: usize) -> String {
        const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
        const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let alphabet = match class {
            'd' => "1234567890".to_owned(),
            'h' => "0123456789abcdef".to_owned(),
            'l' => LOWER.to_owned(),
            'c' => UPPER.to_owned(),
            _ => format!("{LOWER}{UPPER}"),
        };
        self.from(&alphabet, len)
    }

    /// Fills the parts of a template.
    fn fill(&mut self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text += before;
            let (part, after) = after.split_once('}').expect("a part is closed");
            text += &if part == "crc" {
                let random = self.class('w', 30);
                let sum = super::checksum::base62(super::checksum::crc32(random.as_bytes()));
                format!("{random}{}", String::from_utf8_lossy(&sum))
            } else {
                let number = part[1..].parse().expect("a number");
                self.class(part.chars().next().expect("a class"), number)
            };
            rest = after;
        }
        text + rest
    }
}

fn find(text: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    SECRETS.find(text, &mut out);
    out
}

fn near(text: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    SECRETS.find_near(text, &mut out);
    out
}

/// The text with everything found left out.
fn left(text: &str) -> String {
    let mut left = text.to_owned();
    for finding in find(text).iter().rev() {
        left.replace_range(finding.span.clone(), "_");
    }
    left
}

#[test]
fn every_template_is_one() {
    for (rule, template) in super::formats::FORMATS.iter().chain(super::formats::TOKENS) {
        assert!(super::format::Format::parse(rule, template).is_some(), "{rule}: {template}");
    }
    let secrets = &*SECRETS;
    assert_eq!(
        secrets.formats.len() + secrets.tokens.len(),
        super::formats::FORMATS.len() + super::formats::TOKENS.len()
    );
}

#[test]
fn redacts_every_format_under_its_own_rule() {
    let secrets = &*SECRETS;
    let mut draw = Draw(1);
    for (rule, template) in examples::EXAMPLES {
        let secret = draw.fill(template);
        let text = format!("so {secret} it goes");
        let mut out = Vec::new();
        secrets.find(&text, &mut out);
        let whole = out
            .iter()
            .any(|finding| finding.rule == *rule && finding.span.start <= 3 && finding.span.end >= 3 + secret.len());
        assert!(whole, "{rule}: {template}: {secret}: {out:?}");
    }
}

#[test]
fn every_format_has_its_example() {
    for (rule, template) in super::formats::FORMATS.iter().chain(super::formats::TOKENS) {
        let prefix = template.split('{').next().unwrap();
        let shown = examples::EXAMPLES.iter().any(|(name, example)| name == rule && example.contains(prefix));
        assert!(shown, "{rule}: {template} has no example");
    }
    assert!(examples::EXAMPLES.len() >= super::formats::FORMATS.len() + super::formats::TOKENS.len());
}

#[test]
fn a_mistyped_checksum_is_redacted_and_named() {
    let mut draw = Draw(2);
    let token = format!("ghp_{}{}", draw.class('w', 30), "AAAAAA");
    assert_eq!(find(&token).first().map(|finding| finding.rule), Some("github-token-mistyped"));
}

#[test]
fn redacts_near_misses_where_text_is_being_typed() {
    let mut draw = Draw(3);
    for text in [
        format!("ghp_{}", draw.class('w', 7)),
        format!("sk-ant-{}", draw.class('w', 5)),
        draw.class('l', 14),
        format!("AKIA{}", draw.class('c', 6)),
    ] {
        assert!(find(&text).is_empty() || find(&text)[0].span == (0..text.len()), "{text}");
        assert_eq!(near(&text).first().map(|finding| finding.span.clone()), Some(0..text.len()), "{text}");
    }
}

#[test]
fn keeps_ordinary_text_near_misses_or_not() {
    for text in [
        "the quick brown fox jumps over the lazy dog",
        "meet me at 10:30 on 2026-11-25",
        "it costs $1,299.99 or 1.299,99",
        "Anna Kowalska-Nowak and Jean-Baptiste",
        "internationalization and Donaudampfschifffahrt",
        "version 2.10.4 of the file report_final.docx",
        "2,000,000 people",
        "call 555 0100",
    ] {
        assert_eq!(near(text), [], "{text}");
    }
}

#[test]
fn kinds_tell_machines_from_people() {
    let kind = |text: &str| find(text).first().map(|finding| finding.kind);
    assert_eq!(kind("the password is hunter2"), Some(Kind::Password));
    assert_eq!(kind(&format!("x {}", Draw(4).fill("AKIA{c16}"))), Some(Kind::Secret));
}
