//! What may be on its way to a secret, or is one mistyped.

use super::format::Format;
use super::shape::Shape;
use super::sink::Sink;
use super::token;
use crate::detect::Kind;

/// The shortest mixed token, and how many characters behind a known prefix make one suspect.
const MIXED_LEAST: usize = 12;
const PREFIX_LEAST: usize = 4;

/// Finds half-typed and mistyped tokens.
pub(super) fn find<'f>(text: &str, formats: impl Iterator<Item = &'f Format> + Clone, sink: &mut Sink<'_>) {
    token::runs(text, 0, 6, |start, end| {
        let run = text.get(start..end).unwrap_or_default().trim_end_matches(['.', '=', '-']);
        let begins = |format: &Format| {
            format.prefix.len() >= 4
                && run.len() >= format.prefix.len() + PREFIX_LEAST
                && run.is_char_boundary(format.prefix.len())
                && run.starts_with(format.prefix)
        };
        if let Some(format) = formats.clone().find(|format| begins(format)) {
            return sink.push(start..start + run.len(), Kind::Secret, format.rule);
        }
        for (at, piece) in token::pieces(run, start, &['/', '=', '.']) {
            let shape = Shape::of(piece);
            let mixed = shape.len >= MIXED_LEAST && shape.is_mixed() && shape.turns >= 2;
            let odd = shape.len >= MIXED_LEAST && shape.odd >= 4 && shape.odd * 3 >= shape.pairs;
            if mixed || odd {
                sink.push(at..at + piece.len(), Kind::Secret, "near-token");
            }
        }
    });
}
