//! The post-condition: what is about to be sealed, seen through an attacker's eyes.
//!
//! Independent of how the wall decided: it sees nothing but events.

use std::collections::BTreeSet;

use candor_model::event::{Press, What};
use candor_model::key::{Key, NamedKey};
use zeroize::Zeroizing;

use crate::Redacted;
use crate::detect::{Finding, Kind};
use crate::typing::BREAK;

/// Something shows that must not. It says what kind of thing, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("something of kind `{}` would have been sealed in the clear; the segment is refused", kind.as_str())]
pub struct Leak {
    /// The kind.
    pub kind: Kind,
    /// The rule that found it.
    pub rule: &'static str,
}

/// Renders `events` in three ways and looks at each, and at each name of an element by itself.
pub(crate) fn inspect(events: &[Redacted], find: impl Fn(&str, &mut Vec<Finding>)) -> Result<(), Leak> {
    let mut views = Views::default();
    events.iter().for_each(|event| views.push(&event.event().what));
    let mut findings = Vec::new();
    for name in &views.names {
        find(name, &mut findings);
        if let Some(Finding { kind, rule, .. }) = findings.first() {
            return Err(Leak { kind: *kind, rule });
        }
    }
    if !views.text {
        return Ok(());
    }
    let joined = [views.joined(true), views.joined(false)];
    for view in std::iter::once(&views.printed).chain(&joined) {
        find(view, &mut findings);
        // What spans a break is no text that anybody typed.
        let leak = findings.iter().find(|finding| view.get(finding.span.clone()).is_none_or(|it| !it.contains(BREAK)));
        if let Some(Finding { kind, rule, .. }) = leak {
            return Err(Leak { kind: *kind, rule });
        }
        findings.clear();
    }
    Ok(())
}

/// What an attacker makes of the keys, and of names.
#[derive(Default)]
struct Views<'e> {
    /// The names of elements.
    names: BTreeSet<&'e str>,
    /// Whether there is any text.
    text: bool,
    /// Every character in order.
    printed: Zeroizing<String>,
    /// Characters with the edits carried out, and whether each was erased.
    cells: Vec<(char, bool)>,
    caret: usize,
}

impl<'e> Views<'e> {
    fn push(&mut self, what: &'e What) {
        match what {
            What::Element(element) => self.names.extend(element.name.as_deref()),
            What::Key { press: Press::Down, key: Key::Text(c) } => {
                self.text = true;
                self.insert(*c);
            }
            What::Key { press: Press::Down, key: Key::Shape(_) }
            | What::Surrogate { .. }
            | What::Gap
            | What::Window { .. } => self.insert(BREAK),
            What::Key { press: Press::Down, key: Key::Named { name, .. } } => self.edit(*name),
            What::Button { press: Press::Down, .. } => self.caret = self.cells.len(),
            What::Key { .. } | What::Move { .. } | What::Button { .. } | What::Scroll { .. } => {}
        }
    }

    fn insert(&mut self, c: char) {
        self.printed.push(c);
        self.cells.insert(self.caret.min(self.cells.len()), (c, false));
        self.caret += 1;
    }

    fn edit(&mut self, name: NamedKey) {
        match name {
            NamedKey::Backspace => {
                if let Some(at) = self.live_before() {
                    self.erase(at);
                    self.caret = at;
                }
            }
            NamedKey::Delete => {
                if let Some(at) = (self.caret..self.cells.len()).find(|at| self.is_live(*at)) {
                    self.erase(at);
                }
            }
            NamedKey::ArrowLeft => self.caret = self.live_before().unwrap_or(0),
            NamedKey::ArrowRight => {
                let next = (self.caret..self.cells.len()).find(|at| self.is_live(*at));
                self.caret = next.map_or(self.cells.len(), |at| at + 1);
            }
            NamedKey::Home => self.caret = 0,
            NamedKey::End => self.caret = self.cells.len(),
            _ => {}
        }
    }

    fn live_before(&self) -> Option<usize> {
        (0..self.caret.min(self.cells.len())).rev().find(|at| self.is_live(*at))
    }

    fn is_live(&self, at: usize) -> bool {
        self.cells.get(at).is_some_and(|(_, erased)| !erased)
    }

    fn erase(&mut self, at: usize) {
        if let Some((_, erased)) = self.cells.get_mut(at) {
            *erased = true;
        }
    }

    fn joined(&self, erased_too: bool) -> Zeroizing<String> {
        let kept = self.cells.iter().filter(|(_, erased)| erased_too || !erased);
        Zeroizing::new(kept.map(|(c, _)| *c).collect())
    }
}

#[cfg(test)]
mod tests {
    use candor_model::element::{Element, ElementOf, ElementRole};
    use candor_model::{Actor, Event};

    use super::*;
    use crate::detect::Detector;

    /// Whatever let it through.
    #[test]
    fn a_name_that_a_detector_finds_something_in_is_a_leak() {
        let detector = Detector::new();
        let inspect_name = |name: &str| {
            let (of, role, name) = (ElementOf::Press, ElementRole::Button, Some(name.to_owned()));
            let what = What::Element(Box::new(Element { of, role, name, x: 0, y: 0, width: 1, height: 1 }));
            let event = Redacted::new(Event { at: 0, actor: Actor::Human, what }, true);
            inspect(&[event], |text, findings| detector.find(text, findings)).map_err(|leak| leak.kind)
        };
        assert_eq!(inspect_name("Mail to jo.doe@host.example.com"), Err(Kind::Email));
        assert_eq!(inspect_name("Save as…"), Ok(()));
    }
}
