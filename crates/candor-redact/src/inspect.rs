//! The post-condition: what is about to be sealed, seen through an attacker's eyes.
//!
//! Independent of how the wall decided: it sees nothing but events.

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

/// Renders `events` in three ways and looks at each.
pub(crate) fn inspect(events: &[Redacted], find: impl Fn(&str, &mut Vec<Finding>)) -> Result<(), Leak> {
    let mut views = Views::default();
    events.iter().for_each(|event| views.push(&event.event().what));
    if !views.text {
        return Ok(());
    }
    let mut findings = Vec::new();
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

/// What an attacker makes of the keys.
#[derive(Default)]
struct Views {
    /// Whether there is any text.
    text: bool,
    /// Every character in order.
    printed: Zeroizing<String>,
    /// Characters with the edits carried out, and whether each was erased.
    cells: Vec<(char, bool)>,
    caret: usize,
}

impl Views {
    fn push(&mut self, what: &What) {
        match what {
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
