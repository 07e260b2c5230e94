//! What the model promises, by name.

mod desktop;
mod properties;
mod readline;
mod told;

use candor_model::key::NamedKey;

use super::{Bindings, Confidence, Effect, EventId, Lines, Stroke, TextField, View};
use crate::raw::{FieldText, LogicalKey};

/// A field and the number of the next observation.
struct Desk {
    field: TextField,
    next: EventId,
}

impl Desk {
    fn line(text: &str) -> Self {
        Self::of(Bindings::Desktop, Lines::Single, text)
    }

    fn of(bindings: Bindings, lines: Lines, text: &str) -> Self {
        let end = text.chars().count();
        let value = FieldText { text: text.to_owned(), caret: Some(end), anchor: Some(end) };
        Self { field: TextField::new(bindings, Some(&value)).with_lines(lines), next: 1 }
    }

    fn blind() -> Self {
        Self { field: TextField::new(Bindings::Desktop, None), next: 1 }
    }

    /// Presses keys: a character each, or a name in angle brackets with modifiers, `<C-Left>`, `<A-b>`, `<dead ´>`.
    fn press(&mut self, keys: &str) -> Effect {
        let mut effect = Effect::Nothing;
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let (stroke, len) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
                Some((name, _)) => (named(name), name.len() + 2),
                None => (Stroke::plain(LogicalKey::Char(c)), c.len_utf8()),
            };
            rest = &rest[len..];
            effect = self.field.key(self.next, &stroke);
            self.next += 1;
        }
        effect
    }

    fn live(&self) -> String {
        self.seen(TextField::live)
    }

    fn inlined(&self) -> String {
        self.seen(TextField::inlined)
    }

    fn printed(&self) -> String {
        self.seen(TextField::printed)
    }

    fn seen(&self, how: fn(&TextField, &mut View)) -> String {
        let mut view = View::default();
        how(&self.field, &mut view);
        std::mem::take(&mut view.text)
    }

    #[track_caller]
    fn holds(&self, text: &str, confidence: Confidence) {
        assert_eq!((self.live().as_str(), self.field.confidence()), (text, confidence));
    }
}

fn named(name: &str) -> Stroke {
    let mut stroke = Stroke::plain(LogicalKey::Unidentified);
    let mut rest = name;
    loop {
        match rest.split_at_checked(2) {
            Some(("C-", key)) => (stroke.ctrl, rest) = (true, key),
            Some(("S-", key)) => (stroke.shift, rest) = (true, key),
            Some(("A-", key)) => (stroke.alt, rest) = (true, key),
            Some(("M-", key)) => (stroke.meta, rest) = (true, key),
            _ => break,
        }
    }
    let mut chars = rest.chars();
    stroke.logical = match (chars.next(), chars.next(), rest) {
        (_, _, "composing") => LogicalKey::Composing,
        (_, _, "unknown") => LogicalKey::Unidentified,
        (Some(c), None, _) => LogicalKey::Char(c),
        _ if rest.starts_with("dead ") => LogicalKey::Dead(rest.chars().last().unwrap()),
        (_, _, "Left") => LogicalKey::Named(NamedKey::ArrowLeft),
        (_, _, "Right") => LogicalKey::Named(NamedKey::ArrowRight),
        (_, _, "Up") => LogicalKey::Named(NamedKey::ArrowUp),
        (_, _, "BS") => LogicalKey::Named(NamedKey::Backspace),
        (_, _, "Del") => LogicalKey::Named(NamedKey::Delete),
        _ => LogicalKey::Named(rest.parse().unwrap()),
    };
    stroke
}
