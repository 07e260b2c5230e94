//! Typed text as columns: `shapes` for all of it, `text` with marks for what was withheld. Form: `spec/dataset.md`,
//! "Typed text".

use std::collections::BTreeMap;
use std::fmt::Write as _;

use candor_model::event::Surrogate;
use candor_model::key::Shape;

use crate::reduce::TypedRun;

/// Opens a mark for what was withheld.
pub const MARK_OPEN: char = '⟦';
/// What a typed [`MARK_OPEN`] is written as.
pub const MARK_TYPED: &str = "⟦⟦";
/// Closes a mark.
pub const MARK_CLOSE: char = '⟧';
/// The letter that stands for a surrogate in the column `shapes`.
const VALUE: char = 'V';

/// The letter of a shape, in the column `shapes` and in marks.
pub const fn shape_letter(shape: Shape) -> char {
    match shape {
        Shape::Letter => 'L',
        Shape::Digit => 'D',
        Shape::Space => 'S',
        Shape::Punctuation => 'P',
        Shape::Newline => 'N',
    }
}

/// Typed text as its shapes, `L4 S1 V1`: the same whether or not the characters were let through.
pub fn shapes(typed: &[TypedRun]) -> String {
    let mut runs: Vec<(char, u64)> = Vec::new();
    let mut add = |letter: char, more: u64| match runs.last_mut() {
        Some((last, count)) if *last == letter => *count += more,
        _ => runs.push((letter, more)),
    };
    for run in typed {
        match run {
            TypedRun::Shapes(run) => add(shape_letter(run.shape), u64::from(run.count)),
            TypedRun::Text(text) => text.chars().for_each(|c| add(shape_letter(Shape::of(c)), 1)),
            TypedRun::Surrogate { .. } => add(VALUE, 1),
        }
    }
    runs.iter().map(|(letter, count)| format!("{letter}{count}")).collect::<Vec<_>>().join(" ")
}

/// Typed text with marks for what was withheld; nothing where it is all shapes.
pub fn text(typed: &[TypedRun], numbers: &mut Numbers) -> Option<String> {
    if typed.iter().all(|run| matches!(run, TypedRun::Shapes(_))) {
        return None;
    }
    let mut out = String::new();
    for run in typed {
        match run {
            // A newline's shape says all there is to it.
            TypedRun::Shapes(run) if run.shape == Shape::Newline => out.extend((0..run.count).map(|_| '\n')),
            TypedRun::Shapes(run) => {
                let _ = write!(out, "{MARK_OPEN}{}{}{MARK_CLOSE}", shape_letter(run.shape), run.count);
            }
            TypedRun::Text(text) => out.push_str(&text.replace(MARK_OPEN, MARK_TYPED)),
            TypedRun::Surrogate { of, number } => {
                let number = numbers.of(*of, *number);
                let _ = write!(out, "{MARK_OPEN}{}_{number}{MARK_CLOSE}", of.as_str());
            }
        }
    }
    Some(out)
}

/// Whether a `text` has a mark: something in it was withheld.
pub fn has_marks(text: &str) -> bool {
    text.replace(MARK_TYPED, "").contains(MARK_OPEN)
}

/// The numbers of a session's surrogates in the dataset, in the order of their first use there.
///
/// A session counts from 1 as well. But where segments of it were erased or never released, its own numbers would tell
/// how many values those held.
#[derive(Debug, Default)]
pub struct Numbers(BTreeMap<Surrogate, BTreeMap<u32, usize>>);

impl Numbers {
    fn of(&mut self, kind: Surrogate, number: u32) -> usize {
        let known = self.0.entry(kind).or_default();
        let next = known.len() + 1;
        *known.entry(number).or_insert(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reduce::ShapeRun;
    use proptest::prelude::*;

    fn withheld(shape: Shape, count: u32) -> TypedRun {
        TypedRun::Shapes(ShapeRun { shape, count })
    }

    fn value(number: u32) -> TypedRun {
        TypedRun::Surrogate { of: Surrogate::Email, number }
    }

    fn shown(typed: &[TypedRun]) -> Option<String> {
        text(typed, &mut Numbers::default())
    }

    #[test]
    fn text_shows_what_passed_and_marks_what_did_not() {
        let typed = [
            TypedRun::Text("Dear ".to_owned()),
            withheld(Shape::Letter, 4),
            TypedRun::Text(",".to_owned()),
            withheld(Shape::Newline, 2),
            value(7),
        ];
        assert_eq!(shown(&typed).as_deref(), Some("Dear ⟦L4⟧,\n\n⟦EMAIL_1⟧"));
        assert_eq!(shapes(&typed), "L4 S1 L4 P1 N2 V1");
    }

    #[test]
    fn text_is_absent_where_all_is_shapes_and_there_where_only_a_value_was_left_out() {
        assert_eq!(shown(&[withheld(Shape::Letter, 4), withheld(Shape::Newline, 1)]), None);
        assert_eq!(shown(&[value(3)]).as_deref(), Some("⟦EMAIL_1⟧"));
    }

    #[test]
    fn shapes_are_the_same_whether_or_not_text_passed() {
        let typed = [TypedRun::Text("ab1".to_owned()), withheld(Shape::Digit, 2)];
        assert_eq!(shapes(&typed), "L2 D3");
        assert_eq!(shapes(&[withheld(Shape::Letter, 2), withheld(Shape::Digit, 3)]), "L2 D3");
    }

    /// Numbers of a session whose first segments are missing tell nothing of how much was in them.
    #[test]
    fn values_are_numbered_from_one_in_the_order_of_their_first_use() {
        let mut numbers = Numbers::default();
        let first = text(&[value(40), value(7), value(40)], &mut numbers);
        assert_eq!(first.as_deref(), Some("⟦EMAIL_1⟧⟦EMAIL_2⟧⟦EMAIL_1⟧"));
        let phone = TypedRun::Surrogate { of: Surrogate::Phone, number: 9 };
        assert_eq!(text(&[value(7), phone], &mut numbers).as_deref(), Some("⟦EMAIL_2⟧⟦PHONE_1⟧"));
    }

    /// A reader: literal text and marks.
    fn parse(text: &str) -> Vec<Result<String, String>> {
        let (mut parts, mut rest) = (Vec::new(), text);
        let literal = |c: &str, parts: &mut Vec<Result<String, String>>| match parts.last_mut() {
            Some(Ok(last)) => last.push_str(c),
            _ => parts.push(Ok(c.to_owned())),
        };
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("⟦⟦") {
                literal("⟦", &mut parts);
                rest = after;
            } else if let Some((mark, after)) = rest.strip_prefix('⟦').and_then(|rest| rest.split_once('⟧')) {
                parts.push(Err(mark.to_owned()));
                rest = after;
            } else {
                literal(&rest[..c.len_utf8()], &mut parts);
                rest = &rest[c.len_utf8()..];
            }
        }
        parts
    }

    fn run() -> impl Strategy<Value = TypedRun> {
        prop_oneof![
            2 => "[⟦⟧a_1L ]{1,6}".prop_map(TypedRun::Text),
            1 => (prop::sample::select(&Shape::ALL[..4]), 1..9u32).prop_map(|(shape, count)| withheld(shape, count)),
            1 => (1..4u32).prop_map(value),
        ]
    }

    proptest! {
        /// Whatever a person types, it is never taken for a mark, nor a mark for what was typed.
        #[test]
        fn a_text_has_one_reading(typed in prop::collection::vec(run(), 1..12)) {
            let mut numbers = Numbers::default();
            let mut expected: Vec<Result<String, String>> = Vec::new();
            for run in &typed {
                match run {
                    TypedRun::Text(text) => match expected.last_mut() {
                        Some(Ok(last)) => last.push_str(text),
                        _ => expected.push(Ok(text.clone())),
                    },
                    TypedRun::Shapes(run) => expected.push(Err(format!("{}{}", shape_letter(run.shape), run.count))),
                    TypedRun::Surrogate { of, number } => {
                        expected.push(Err(format!("{}_{}", of.as_str(), numbers.of(*of, *number))));
                    }
                }
            }
            let marked = expected.iter().any(Result::is_err);
            if let Some(text) = shown(&typed) {
                prop_assert_eq!(parse(&text), expected);
                prop_assert_eq!(has_marks(&text), marked);
            }
        }
    }
}
