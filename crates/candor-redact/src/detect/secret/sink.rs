//! Where findings are collected.

use std::ops::Range;

use super::view::floor;
use crate::detect::{Finding, Kind};

/// Takes findings in any order and leaves each place to the widest of them.
pub(super) struct Sink<'a> {
    text: &'a str,
    out: &'a mut Vec<Finding>,
    /// How many findings `out` held before.
    base: usize,
}

impl<'a> Sink<'a> {
    pub(super) fn new(text: &'a str, out: &'a mut Vec<Finding>) -> Self {
        let base = out.len();
        Self { text, out, base }
    }

    pub(super) fn push(&mut self, span: Range<usize>, kind: Kind, rule: &'static str) {
        let span = floor(self.text, span.start)..floor(self.text, span.end);
        if !span.is_empty() {
            self.out.push(Finding { span, kind, rule });
        }
    }

    /// Orders what was found, without what lies within something else. Of two with one span the first found stays.
    pub(super) fn finish(self) {
        let mut found: Vec<Finding> = self.out.drain(self.base..).collect();
        found.sort_by_key(|finding| (finding.span.start, usize::MAX - finding.span.end));
        let mut end = 0;
        for finding in found {
            if finding.span.end > end {
                end = finding.span.end;
                self.out.push(finding);
            }
        }
    }
}
