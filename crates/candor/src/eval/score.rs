//! What findings are worth, beside what people have marked.

use std::collections::BTreeMap;
use std::ops::Range;

use candor_redact::detect::{Finding, Kind};

use super::formats::{Record, Verdict};
use super::{Row, types};

/// A share: how many, of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    yes: u64,
    of: u64,
}

impl Share {
    fn add(&mut self, yes: bool) {
        self.yes += u64::from(yes);
        self.of += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of characters stay far below 2^53")]
    fn ratio(self) -> Option<f64> {
        (self.of > 0).then(|| self.yes as f64 / self.of as f64)
    }

    fn percent(self) -> Option<f64> {
        self.ratio().map(|ratio| ratio * 100.0)
    }
}

/// The sums over all records.
#[derive(Debug, Default)]
pub(crate) struct Score {
    recall: BTreeMap<String, Share>,
    recall_all: Share,
    recall_structured: Share,
    precision: Share,
    precision_structured: Share,
    leaked: Share,
    leaked_structured: Share,
    over: Share,
    /// Characters outside gold that a kind covers.
    over_kind: BTreeMap<Kind, u64>,
    over_structured: u64,
    /// Lines that hold a secret, and those in which one was found.
    lines: Share,
    lines_covered: Share,
    /// Lines with a finding, and those of them that hold a secret.
    line_precision: Share,
    marked: bool,
}

impl Score {
    /// Counts one record.
    pub(crate) fn add(&mut self, record: &Record, findings: &[Finding]) {
        if record.verdict == Verdict::Spans {
            self.add_precision(record, findings);
        } else {
            self.add_line(record, findings);
        }
        let covered = union(findings.iter().map(|it| it.span.clone()));
        for gold in &record.gold {
            let hidden = chars_in(&record.text, &gold.span, &covered);
            let all = count(&record.text, &gold.span);
            let full = hidden == all;
            self.recall.entry(gold.typ.clone()).or_default().add(full);
            if types::claimed(&gold.typ).is_some() || record.verdict != Verdict::Spans {
                self.recall_all.add(full);
                self.leaked.yes += all - hidden;
                self.leaked.of += all;
            }
            if types::is_structured(&gold.typ) {
                self.recall_structured.add(full);
                self.leaked_structured.yes += all - hidden;
                self.leaked_structured.of += all;
            }
        }
        self.add_over(record, findings, &covered);
    }

    fn add_precision(&mut self, record: &Record, findings: &[Finding]) {
        self.marked |= !record.gold.is_empty();
        for finding in findings {
            let mut gold = record.gold.iter().filter(|gold| overlap(&gold.span, &finding.span));
            let right = gold.any(|gold| types::matches(finding.kind, &gold.typ));
            self.precision.add(right);
            if types::STRUCTURED.contains(&finding.kind) {
                self.precision_structured.add(right);
            }
        }
    }

    fn add_line(&mut self, record: &Record, findings: &[Finding]) {
        let mut secrets = findings.iter().filter(|it| matches!(it.kind, Kind::Secret | Kind::Password));
        let somewhere = secrets.clone().next().is_some();
        let found = if record.gold.is_empty() {
            somewhere
        } else {
            secrets.any(|it| record.gold.iter().any(|gold| overlap(&gold.span, &it.span)))
        };
        let secret = record.verdict == Verdict::Secret;
        if secret {
            self.lines.add(found);
            let covered = union(findings.iter().map(|it| it.span.clone()));
            let hidden = |span: &Range<usize>| chars_in(&record.text, span, &covered) == count(&record.text, span);
            self.lines_covered.add(found && record.gold.iter().all(|gold| hidden(&gold.span)));
        }
        if somewhere {
            self.line_precision.add(secret);
        }
    }

    fn add_over(&mut self, record: &Record, findings: &[Finding], covered: &[Range<usize>]) {
        let text = &record.text;
        let gold = union(record.gold.iter().map(|it| it.span.clone()));
        let outside = |spans: &[Range<usize>]| -> u64 {
            spans.iter().map(|span| count(text, span) - chars_in(text, span, &gold)).sum()
        };
        let marked: u64 = gold.iter().map(|span| count(text, span)).sum();
        self.over.of += count(text, &(0..text.len())) - marked;
        self.over.yes += outside(covered);
        for kind in Kind::ALL {
            let spans = union(findings.iter().filter(|it| it.kind == kind).map(|it| it.span.clone()));
            if !spans.is_empty() {
                *self.over_kind.entry(kind).or_default() += outside(&spans);
            }
        }
        let structured = findings.iter().filter(|it| types::STRUCTURED.contains(&it.kind));
        self.over_structured += outside(&union(structured.map(|it| it.span.clone())));
    }

    /// The rows, in the order they are read.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (typ, share) in &self.recall {
            rows.push(Row::new(format!("recall/{typ}"), share.ratio(), "share"));
        }
        if self.lines.of + self.line_precision.of > 0 {
            let all = if self.recall_all.of > 0 { self.lines_covered } else { self.lines };
            rows.push(Row::new("recall/all", all.ratio(), "share of lines, covered"));
            rows.push(Row::new("recall/lines", self.lines.ratio(), "share of lines, found"));
            rows.push(Row::new("precision/all", self.line_precision.ratio(), "share of lines"));
        } else if self.marked {
            rows.push(Row::new("recall/all", self.recall_all.ratio(), "share of the claimed types"));
            rows.push(Row::new("recall/structured", self.recall_structured.ratio(), "share"));
            rows.push(Row::new("precision/all", self.precision.ratio(), "share"));
            rows.push(Row::new("precision/structured", self.precision_structured.ratio(), "share"));
        }
        if self.leaked.of > 0 {
            rows.push(Row::new("leaked_chars_pct", self.leaked.percent(), "% of the claimed types"));
            rows.push(Row::new("leaked_chars_pct/structured", self.leaked_structured.percent(), "%"));
        }
        for (kind, &yes) in &self.over_kind {
            let share = Share { yes, of: self.over.of };
            rows.push(Row::new(format!("over_redacted_pct/{}", kind.as_str()), share.percent(), "%"));
        }
        let structured = Share { yes: self.over_structured, of: self.over.of };
        rows.push(Row::new("over_redacted_pct/structured", structured.percent(), "%"));
        rows.push(Row::new("over_redacted_pct", self.over.percent(), "%"));
        rows
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The union of spans, sorted and apart.
fn union(spans: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut spans: Vec<_> = spans.filter(|span| span.start < span.end).collect();
    spans.sort_by_key(|span| span.start);
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match apart.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => apart.push(span),
        }
    }
    apart
}

/// The characters of a span.
fn count(text: &str, span: &Range<usize>) -> u64 {
    text.get(span.clone()).map_or(0, |part| part.chars().count() as u64)
}

/// The characters of `span` that lie in one of `spans`, which are sorted and apart.
fn chars_in(text: &str, span: &Range<usize>, spans: &[Range<usize>]) -> u64 {
    let from = spans.partition_point(|it| it.end <= span.start);
    let near = spans.iter().skip(from).take_while(|it| it.start < span.end);
    near.map(|it| count(text, &(it.start.max(span.start)..it.end.min(span.end)))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::formats::Gold;

    fn record(text: &str, gold: &[(usize, usize, &str)]) -> Record {
        let gold = gold.iter().map(|&(start, end, typ)| Gold { span: start..end, typ: typ.to_owned() }).collect();
        Record { text: text.to_owned(), gold, verdict: Verdict::Spans }
    }

    fn finding(span: Range<usize>, kind: Kind) -> Finding {
        Finding { span, kind, rule: "test" }
    }

    fn figure(score: &Score, name: &str) -> Option<f64> {
        score.rows().into_iter().find(|row| row.name == name).and_then(|row| row.value)
    }

    #[test]
    fn one_character_left_over_is_a_miss_and_a_leak() {
        let mut score = Score::default();
        let record = record("call 467 3395 now", &[(5, 13, "PHONE_NUMBER")]);
        score.add(&record, &[finding(5..12, Kind::Phone)]);
        assert_eq!(figure(&score, "recall/PHONE_NUMBER"), Some(0.0));
        assert_eq!(figure(&score, "leaked_chars_pct/structured"), Some(12.5));
        assert_eq!(figure(&score, "precision/all"), Some(1.0));
        score.add(&record, &[finding(5..9, Kind::Phone), finding(8..13, Kind::Card)]);
        assert_eq!(figure(&score, "recall/PHONE_NUMBER"), Some(0.5));
    }

    #[test]
    fn a_finding_of_another_type_covers_but_is_not_precise() {
        let mut score = Score::default();
        score.add(&record("4111 1111", &[(0, 9, "CREDIT_CARD")]), &[finding(0..9, Kind::Phone)]);
        assert_eq!(figure(&score, "recall/structured"), Some(1.0));
        assert_eq!(figure(&score, "precision/structured"), Some(0.0));
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let mut score = Score::default();
        score.add(&record("éé éé", &[(0, 2, "PERSON")]), &[finding(5..9, Kind::Name)]);
        assert_eq!(figure(&score, "over_redacted_pct"), Some(50.0));
        assert_eq!(figure(&score, "leaked_chars_pct"), Some(100.0));
    }
}
