//! The demo's page: what happened, and a picture of one session as its participant may see it.

use std::fmt::Write;

use candor_model::event::{Event, What};
use candor_model::key::Key;
use candor_model::{ClockUnit, Ticks};

/// How wide the picture is, in CSS pixels.
const WIDTH: u64 = 1_000;

/// A page with a headline, the figures by name, and the timeline of a session.
pub(super) fn page(figures: &[(&str, String)], events: &[Event], clock: ClockUnit) -> String {
    let mut rows = String::new();
    for (name, value) in figures {
        let _ = write!(rows, "<tr><th>{}</th><td>{}</td></tr>", escape(name), escape(value));
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Candor: one event's life</title><style>{STYLE}</style>\
         <h1>One event's life, end to end</h1><table>{rows}</table>\
         <h2>One session, as its participant may see it</h2>{}\
         <p>A grey mark in the lane of text is a shape: which character it was never left memory. A blue one is a character\
          that redaction let pass, an orange one a value that was left out. A red line, where there is one, marks a gap:\
          something was left out there. Shift of a capital, and what was typed into secret fields, leave none.</p>",
        timeline(events, clock)
    )
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:65rem;margin:2rem auto;padding:0 1rem}\
    th{text-align:left;padding-right:2rem;font-weight:500}svg{width:100%;height:auto;border:1px solid #ccc}\
    text{font-size:13px;fill:#333}";

/// One lane a kind of event, time from left to right.
fn timeline(events: &[Event], clock: ClockUnit) -> String {
    let start = events.first().map_or(0, |event| event.at);
    let span = events.last().map_or(1, |event| event.at.saturating_sub(start)).max(1);
    let place = |at: Ticks| 110 + at.saturating_sub(start).saturating_mul(WIDTH - 120) / span;
    let lanes = ["pointer", "buttons", "scroll", "text", "keys", "windows"];
    let mut svg = format!("<svg viewBox='0 0 {WIDTH} {}' role=img aria-label='timeline'>", lanes.len() * 36 + 30);
    for (index, name) in lanes.iter().enumerate() {
        let _ = write!(svg, "<text x=8 y={}>{name}</text>", index * 36 + 30);
    }
    let mut marks: Vec<(u64, usize, &str)> = events
        .iter()
        .map(|event| {
            let (lane, colour) = match &event.what {
                What::Move { drag: false, .. } => (0, "#8ab"),
                What::Move { drag: true, .. } => (0, "#248"),
                What::Button { .. } => (1, "#284"),
                What::Element(_) => (1, "#8c8"),
                What::Scroll { .. } => (2, "#a72"),
                What::Key { key: Key::Shape(_), .. } => (3, "#555"),
                What::Key { key: Key::Text(_), .. } => (3, "#06c"),
                What::Surrogate { .. } => (3, "#e80"),
                What::Key { .. } => (4, "#71a"),
                What::Window { .. } => (5, "#08c"),
                What::Gap => (lanes.len(), "#d22"),
            };
            (place(event.at), lane, colour)
        })
        .collect();
    marks.sort_unstable();
    marks.dedup();
    for (x, lane, colour) in marks {
        let (top, height) = if lane == lanes.len() { (6, lane * 36) } else { (lane * 36 + 12, 24) };
        let _ = write!(svg, "<rect x={x} y={top} width=1 height={height} fill='{colour}'/>");
    }
    let secs = clock.nanos(span) as f64 / 1e9;
    let _ = write!(svg, "<text x=110 y={}>{secs:.0} s, {} events</text></svg>", lanes.len() * 36 + 22, events.len());
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use candor_model::Actor;
    use candor_model::event::{Press, Surrogate};
    use candor_model::key::Shape;

    use super::*;

    #[test]
    fn text_shapes_and_values_have_marks_of_their_own_and_no_mark_says_what_was_typed() {
        let key = |key| What::Key { press: Press::Down, key };
        let value = What::Surrogate { of: Surrogate::Email, number: 4_321 };
        let shown = |what: What| timeline(&[Event { at: 0, actor: Actor::Human, what }], ClockUnit::MILLISECOND);
        let pages = [key(Key::Text('ß')), key(Key::Text('é')), key(Key::Shape(Shape::Letter)), value].map(shown);
        assert_eq!(pages[0], pages[1], "which character it was shows");
        for (page, colour) in pages.iter().zip(["#06c", "#06c", "#555", "#e80"]) {
            assert!(page.contains(&format!("fill='{colour}'")), "{page}");
            assert!(!page.contains("4321") && !page.contains("EMAIL"), "{page}");
        }
    }
}
