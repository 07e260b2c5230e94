//! Spans of what was withheld, one open span a rule.

use std::collections::BTreeMap;

use candor_model::unit::Ticks;

use crate::{Remark, Rule};

#[derive(Default)]
pub(crate) struct Spans {
    open: BTreeMap<Rule, Remark>,
}

impl Spans {
    pub(crate) fn add(&mut self, rule: Rule, at: Ticks) {
        let span = self.open.entry(rule).or_insert(Remark { from: at, to: at, rule, events: Some(0) });
        span.to = span.to.max(at);
        span.events = span.events.map(|events| events + 1);
    }

    pub(crate) fn flush(&mut self, remarks: &mut Vec<Remark>) {
        remarks.extend(std::mem::take(&mut self.open).into_values());
    }
}
