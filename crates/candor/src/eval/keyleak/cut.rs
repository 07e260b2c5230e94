//! Long texts in parts that one may type in a sitting.

use std::ops::Range;

use super::super::formats::{Gold, Record};

/// After so many bytes a part ends at the next blank outside a span, if that is followed by more than a few words.
const PART: usize = 2_000;

/// The parts of a record, each with its own spans.
pub(super) fn sittings(record: Record) -> Vec<Record> {
    if record.text.len() <= 2 * PART {
        return vec![record];
    }
    let inside = |at: usize| record.gold.iter().any(|gold| gold.span.start < at && at < gold.span.end);
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in record.text.char_indices().filter(|(_, c)| c.is_whitespace()) {
        if at >= start + PART && record.text.len() > at + PART / 10 && !inside(at) {
            parts.push(part(&record, start..at));
            start = at;
        }
    }
    parts.push(part(&record, start..record.text.len()));
    parts
}

fn part(record: &Record, range: Range<usize>) -> Record {
    let text = record.text.get(range.clone()).unwrap_or_default();
    let trimmed = text.trim_start();
    let start = range.end - trimmed.len();
    let gold = (record.gold.iter())
        .filter(|gold| start <= gold.span.start && gold.span.end <= range.end)
        .map(|gold| Gold { span: gold.span.start - start..gold.span.end - start, typ: gold.typ.clone() })
        .collect();
    Record { text: trimmed.to_owned(), gold, verdict: record.verdict }
}

#[cfg(test)]
mod tests {
    use super::super::super::formats::Verdict;
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_words_and_never_in_a_span() {
        let filler = "some words of no consequence ".repeat(68);
        let text = format!("{filler}a span that lies where the cut would be, and on and on; {}", filler.repeat(2));
        let span = filler.len()..filler.len() + 40;
        let marked = text[span.clone()].to_owned();
        let record = Record { text, gold: vec![Gold { span, typ: "A".to_owned() }], verdict: Verdict::Spans };
        let parts = sittings(record.clone());
        assert!(parts.len() > 2, "{}", parts.len());
        assert_eq!(parts[0].text[parts[0].gold[0].span.clone()], marked);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parts.iter().flat_map(|part| words(&part.text)).collect::<Vec<_>>(), words(&record.text));
        assert_eq!(sittings(parts[0].clone()).len(), 1);
    }
}
