//! Elements under an action: which are told, and which by name.

use candor_model::element::{Element, ElementOf, is_element_name};
use candor_model::event::What;
use candor_model::{Actor, Ticks};

use super::{Focus, Redactor};
use crate::queue::Waiting;
use crate::raw::{ElementId, Observed, Secrecy, SeenElement};
use crate::{Outgoing, Rule};

/// What an element may still be told for. One that comes later than that may be of another window, and is left out.
#[derive(Default)]
pub(super) struct Untold {
    /// A press that passed, since the window got the focus that has it, and since a field that is not open had it.
    pub(super) press: bool,
    /// The field in focus, where it is open: which element it is, as far as the source told.
    pub(super) field: Option<Option<ElementId>>,
}

impl Redactor {
    /// Whether it is an element that holds a secret, or held one: nothing is told of it, not even that there was one.
    pub(super) fn is_secret_element(&mut self, what: &Observed) -> bool {
        let Observed::Element(SeenElement { id, secret, .. }) = what else { return false };
        if let (Secrecy::Yes, Some(id)) = (*secret, *id) {
            self.secret_elements.insert(id);
        }
        *secret == Secrecy::Yes || id.is_some_and(|id| self.secret_elements.contains(&id))
    }

    /// An element passes where its action did: in an application that is allowed, in no private context, and known to hold
    /// no secret. What is left out leaves no gap: the action that it belongs to stands for itself.
    pub(super) fn element(&mut self, at: Ticks, actor: Actor, seen: &SeenElement, out: &mut Outgoing) {
        let belongs = match seen.of {
            ElementOf::Press => std::mem::take(&mut self.untold.press),
            ElementOf::Focus => self.untold.field.take_if(|field| *field == seen.id).is_some(),
        };
        let waiting = match self.barred {
            Some(rule) => Waiting::LeaveOut(rule),
            None if belongs && seen.secret == Secrecy::No => Waiting::Store(shown(seen, self.passes_name(seen))),
            None => Waiting::LeaveOut(Rule::UnknownField),
        };
        self.put(at, actor, waiting, out);
    }

    /// A name passes where text does, and only as the label of a control.
    fn passes_name(&self, seen: &SeenElement) -> bool {
        let open = matches!(self.focus, Focus::Open) && seen.role.has_label();
        let name = seen.name.as_deref().filter(|name| open && is_element_name(name));
        name.is_some_and(|name| self.typing.passes_label(name))
    }
}

/// What others see of an element, with its name or without.
pub(super) fn shown(seen: &SeenElement, named: bool) -> What {
    let SeenElement { of, role, x, y, width, height, .. } = *seen;
    let name = seen.name.clone().filter(|_| named);
    What::Element(Box::new(Element { of, role, name, x, y, width, height }))
}
