//! What the participant's own key opens: everything that was recorded, as `candor show` prints it.

use serde_json::Value;

use super::common::{World, json, ok};

/// Everything of every session, in order.
pub struct Shown {
    /// As it was printed.
    pub printed: String,
    pub events: Vec<Value>,
}

impl Shown {
    pub fn read(world: &World) -> Self {
        let sessions = json(world.candor(&["show", "--json"], "ada"));
        let mut printed = sessions.to_string();
        let mut events = Vec::new();
        for session in sessions["sessions"].as_array().unwrap() {
            let lines = ok(world.candor(&["show", session["session"].as_str().unwrap()], "ada"));
            events.extend(lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            printed.push_str(&lines);
        }
        Self { printed, events }
    }

    /// The characters that went down, with whatever stands for the others: see [`Shown::typed`].
    fn joined(&self, otherwise: impl Fn(&Value) -> Option<char>) -> String {
        let down = |event: &&Value| event["press"] != "up";
        let character = |event: &Value| event["key"]["text"].as_str().and_then(|text| text.chars().next());
        let shortcut = |event: &Value| event["key"]["shortcut"]["symbol"].as_str().and_then(|c| c.chars().next());
        let one = |event: &Value| character(event).or_else(|| shortcut(event)).or_else(|| otherwise(event));
        self.events.iter().filter(down).filter_map(one).collect()
    }

    /// What is shown of what was typed, in the ways somebody might put it together again: characters only; with a mark for
    /// everything between them; with what was corrected taken away.
    pub fn typed(&self) -> [String; 3] {
        let marked = self.joined(|event| is_typing(event).then_some('_'));
        let mut corrected = String::new();
        for event in &self.events {
            if event["press"] == "down" && event["key"]["named"]["name"] == "Backspace" {
                corrected.pop();
            } else if event["press"] == "down" {
                corrected.extend(event["key"]["text"].as_str());
            }
        }
        [self.joined(|_| None), marked, corrected]
    }

    /// Each press of a button that the element under it was told for: the place, and the element.
    pub fn pressed(&self) -> Vec<((i64, i64), &Value)> {
        let (mut place, mut pressed) = ((0, 0), Vec::new());
        for event in &self.events {
            if event["kind"] == "button" && event["press"] == "down" {
                place = (event["x"].as_i64().unwrap(), event["y"].as_i64().unwrap());
            } else if event["kind"] == "element" && event["of"] == "press" {
                pressed.push((place, event));
            }
        }
        pressed
    }

    pub fn count(&self, is: impl Fn(&Value) -> bool) -> usize {
        self.events.iter().filter(|event| is(event)).count()
    }

    /// The applications that were named.
    pub fn applications(&self) -> std::collections::BTreeSet<&str> {
        self.events.iter().filter(|event| event["kind"] == "window").filter_map(|event| event["app"].as_str()).collect()
    }
}

fn is_typing(event: &Value) -> bool {
    matches!(event["kind"].as_str(), Some("key" | "gap" | "surrogate"))
}
