//! The element that a step concerned.

use std::sync::Arc;

use candor_model::{Element, ElementOf};

use super::Reducer;

impl Reducer {
    pub(super) fn element(&mut self, element: Element) {
        match element.of {
            ElementOf::Press => self.pressed_on(element),
            ElementOf::Focus => self.focus_on(element),
        }
    }

    /// The last press was on it; whether the button is still down says nothing, since sources take their time. One that
    /// does not lie under the press is another's, or has moved meanwhile.
    fn pressed_on(&mut self, element: Element) {
        let Some(slot) = self.pressed.take() else { return };
        let held = self.buttons.iter_mut().find(|held| held.slot == slot).map(|held| (held.at, &mut held.element));
        let clicked = self.click.as_mut().filter(|click| click.slot == slot);
        let clicked = clicked.map(|click| (click.first, &mut click.step.element));
        if let Some(((x, y), place)) = held.or(clicked)
            && element.holds(x, y)
        {
            *place = Some(Arc::new(element));
        }
    }

    /// What is typed from here on is typed into it. Of a run that began before it was told, nobody told another.
    fn focus_on(&mut self, element: Element) {
        let element = Arc::new(element);
        match &mut self.typing {
            Some(run) if run.element.is_none() => run.element = Some(Arc::clone(&element)),
            Some(run) if run.element.as_ref() != Some(&element) => self.close_typing(),
            _ => {}
        }
        self.focus = Some(element);
    }

    /// A press elsewhere may have moved the focus, whether or not anybody tells where to.
    pub(super) fn pressed_at(&mut self, x: i32, y: i32) {
        self.focus.take_if(|element| !element.holds(x, y));
    }
}
