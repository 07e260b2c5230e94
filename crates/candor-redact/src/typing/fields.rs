//! The field in focus, and those that had it lately: who comes back to one goes on where the text was left.

use std::collections::VecDeque;

use crate::raw::{ElementId, FieldText};
use crate::text::{Bindings, TextField};

/// How many fields that were left are remembered.
const RECENT_MAX: usize = 8;

pub(crate) struct Fields {
    element: Option<ElementId>,
    current: TextField,
    recent: VecDeque<(ElementId, TextField)>,
}

impl Default for Fields {
    fn default() -> Self {
        Self { element: None, current: TextField::new(Bindings::Desktop, None), recent: VecDeque::new() }
    }
}

impl Fields {
    pub(crate) fn field(&self) -> &TextField {
        &self.current
    }

    pub(crate) fn current(&mut self) -> &mut TextField {
        &mut self.current
    }

    /// `blank` is the field where it is none that was left.
    pub(crate) fn enter(&mut self, element: Option<ElementId>, blank: TextField, value: Option<&FieldText>) {
        let known = element.and_then(|id| self.recent.iter().position(|(recent, _)| *recent == id));
        self.current = match known.and_then(|at| self.recent.remove(at)) {
            Some((_, mut field)) => {
                match value {
                    Some(value) => field.value(value),
                    None => field.doubt(),
                }
                field
            }
            None => {
                let mut field = blank;
                value.into_iter().for_each(|value| field.value(value));
                field
            }
        };
        self.element = element;
    }

    /// Whether the field would be known again.
    pub(crate) fn is_known(&self) -> bool {
        self.element.is_some()
    }

    pub(crate) fn leave(&mut self) {
        let left = std::mem::replace(&mut self.current, TextField::new(Bindings::Desktop, None));
        if let Some(element) = self.element.take() {
            if self.recent.len() >= RECENT_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back((element, left));
        }
    }
}
