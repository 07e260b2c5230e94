//! AgentNet's JSON lines: one line a session, pyautogui code a step. What stands for withheld text: `spec/dataset.md`,
//! "AgentNet lines".

use std::fmt::Write as _;

use serde::Serialize;

use crate::reduce::Axis;
use crate::row::{POSITION_STEPS, Row};
use crate::typed::{MARK_OPEN, MARK_TYPED, has_marks};

/// One line: a session.
#[derive(Debug, Serialize)]
pub struct Task {
    /// The dataset's name of the session.
    task_id: String,
    /// Nobody said what the person wanted: empty.
    instruction: &'static str,
    /// Nobody knows: false, and no `terminate` step.
    task_completed: bool,
    /// Given by later stages, not known here.
    alignment_score: Option<i64>,
    /// Given by later stages, not known here.
    efficiency_score: Option<i64>,
    /// Given by later stages, not known here.
    task_difficulty: Option<i64>,
    /// The steps.
    traj: Vec<TrajStep>,
}

#[derive(Debug, Serialize)]
struct TrajStep {
    index: usize,
    /// There are no images yet: empty.
    image: &'static str,
    value: Value,
}

/// What AgentNetBench says of an action's target, in its words and place; and what the element is.
#[derive(Debug, Serialize)]
struct Metadata {
    bboxes: [BoundingBox; 1],
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct BoundingBox {
    /// Left and upper edge, width and height, divided by the screen.
    rel_bbox: [f64; 4],
}

#[derive(Debug, Serialize)]
struct Value {
    code: String,
    observation: &'static str,
    thought: &'static str,
    action: &'static str,
    reflection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
    /// Something that was typed is withheld: marks or text of the same shape stand for it.
    #[serde(skip_serializing_if = "is_false")]
    redacted: bool,
    #[serde(skip_serializing_if = "is_false")]
    gap_before: bool,
    #[serde(skip_serializing_if = "is_false")]
    unmatched: bool,
    #[serde(skip_serializing_if = "is_false")]
    chord: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The size in pixels by which positions are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl Screen {
    /// The smallest screen that holds every position in `rows`.
    pub fn extent(rows: &[Row]) -> Self {
        let side = |positions: &mut dyn Iterator<Item = i64>| {
            let most = positions.max().unwrap_or_default().max(0);
            u32::try_from(most / POSITION_STEPS + 1).unwrap_or(u32::MAX)
        };
        let path = |row: &Row, at: usize| row.path.iter().flatten().skip(at).step_by(3).copied().collect::<Vec<_>>();
        Self {
            width: side(&mut rows.iter().flat_map(|row| path(row, 1).into_iter().chain(row.x))),
            height: side(&mut rows.iter().flat_map(|row| path(row, 2).into_iter().chain(row.y))),
        }
    }

    fn place(self, x: i64, y: i64) -> String {
        let part = |at: i64, side: u32| {
            let text = share(at, side);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        };
        format!("x={}, y={}", part(x, self.width), part(y, self.height))
    }

    /// A rectangle as far as it lies on the screen, its edges rounded as places are: a place in it stays in it.
    fn rectangle(self, [x, y, width, height]: [i64; 4]) -> [f64; 4] {
        let part = |at: i64, side: u32| share(at, side).parse().unwrap_or(0.0);
        let length = |from: f64, to: f64| ((to - from) * SHARES).round() / SHARES;
        let (left, right) = (part(x, self.width), part(x.saturating_add(width), self.width));
        let (top, bottom) = (part(y, self.height), part(y.saturating_add(height), self.height));
        [left, top, length(left, right), length(top, bottom)]
    }
}

/// What a side is rounded to, by the format: four decimals.
const SHARES: f64 = 10_000.0;

/// A position as a share of a side of the screen, 0 to 1, with four decimals.
fn share(at: i64, side: u32) -> String {
    let part = at as f64 / (f64::from(side) * POSITION_STEPS as f64);
    format!("{:.4}", part.clamp(0.0, 1.0))
}

fn metadata(row: &Row, screen: Screen) -> Option<Metadata> {
    let rectangle = [row.element_x?, row.element_y?, row.element_width?, row.element_height?];
    let bboxes = [BoundingBox { rel_bbox: screen.rectangle(rectangle) }];
    Some(Metadata { bboxes, role: row.element_role.clone()?, name: row.element_name.clone() })
}

/// A session as one line. Gaps are no steps here: the step after one says so.
pub fn task(session: &str, rows: &[Row], screen: Screen) -> Task {
    let mut traj = Vec::new();
    let mut gap_before = false;
    for row in rows {
        let code = code(row, screen);
        if code.is_empty() {
            gap_before = true;
            continue;
        }
        let value = Value {
            code,
            observation: "",
            thought: "",
            action: "",
            reflection: "",
            metadata: metadata(row, screen),
            redacted: is_redacted(row),
            gap_before: std::mem::take(&mut gap_before),
            unmatched: row.unmatched,
            chord: row.chord,
        };
        traj.push(TrajStep { index: traj.len(), image: "", value });
    }
    Task {
        task_id: session.to_owned(),
        instruction: "",
        task_completed: false,
        alignment_score: None,
        efficiency_score: None,
        task_difficulty: None,
        traj,
    }
}

/// More of an auto-repeated hotkey than this says nothing more.
const REPEATS_MAX: i64 = 20;

fn code(row: &Row, screen: Screen) -> String {
    let place = screen.place(row.x.unwrap_or_default(), row.y.unwrap_or_default());
    let button = button_name(row.button.unwrap_or(1));
    let count = row.count.unwrap_or(1);
    let lines = match row.action.as_str() {
        "click" => click(&place, &button, count),
        "long-press" => {
            let millis = (row.end_us - row.start_us) / 1_000;
            let pause = format!("pyautogui.sleep({}.{:03})", millis / 1_000, millis % 1_000);
            let hold = format!("pyautogui.mouseDown({place}, button={button})");
            vec![hold, pause, format!("pyautogui.mouseUp({place}, button={button})")]
        }
        "drag" => {
            let to = match row.path.as_deref() {
                Some([.., x, y]) => screen.place(*x, *y),
                _ => place.clone(),
            };
            vec![format!("pyautogui.moveTo({place})"), format!("pyautogui.dragTo({to}, button={button})")]
        }
        "scroll" => {
            let (dx, dy) = (row.dx.unwrap_or_default(), row.dy.unwrap_or_default());
            let (call, amount) = match row.axis() {
                Axis::Horizontal => ("hscroll", notches(dx)),
                Axis::Vertical => ("scroll", -notches(dy)),
            };
            vec![format!("pyautogui.moveTo({place})"), format!("pyautogui.{call}({amount})")]
        }
        "type" => match row.text.as_deref() {
            Some(text) => written(text),
            None => stood_in(row.shapes.as_deref().unwrap_or_default()),
        },
        "press" => {
            let key = key_name(row.key.as_deref().unwrap_or_default());
            let presses = if count > 1 { format!(", presses={count}") } else { String::new() };
            vec![format!("pyautogui.press(keys=[{key}]{presses})")]
        }
        "hotkey" => {
            let keys = row.modifiers.split('+').chain(row.key.as_deref());
            let keys: Vec<_> = keys.filter(|key| !key.is_empty()).map(key_name).collect();
            let line = format!("pyautogui.hotkey(keys=[{}])", keys.join(", "));
            return (0..count.clamp(1, REPEATS_MAX)).map(|_| line.as_str()).collect::<Vec<_>>().join("\n");
        }
        _ => return String::new(),
    };
    with_modifiers(&row.modifiers, lines).join("\n")
}

/// A click, drag or scroll with keys held.
fn with_modifiers(modifiers: &str, lines: Vec<String>) -> Vec<String> {
    let keys: Vec<_> = modifiers.split('+').filter(|key| !key.is_empty()).map(key_name).collect();
    let down = keys.iter().map(|key| format!("pyautogui.keyDown({key})"));
    let up = keys.iter().rev().map(|key| format!("pyautogui.keyUp({key})"));
    down.chain(lines).chain(up).collect()
}

fn click(place: &str, button: &str, count: i64) -> Vec<String> {
    let one = match (button, count) {
        ("'left'", 1) => format!("pyautogui.click({place})"),
        ("'left'", 2) => format!("pyautogui.doubleClick({place})"),
        ("'left'", _) => format!("pyautogui.tripleClick({place})"),
        ("'right'", 1) => format!("pyautogui.rightClick({place})"),
        ("'middle'", 1) => format!("pyautogui.middleClick({place})"),
        _ => format!("pyautogui.click({place}, clicks={count}, button={button})"),
    };
    vec![one]
}

fn button_name(button: i64) -> String {
    match button {
        1 => "'left'".to_owned(),
        2 => "'middle'".to_owned(),
        3 => "'right'".to_owned(),
        other => other.to_string(),
    }
}

/// Whole notches, away from zero: half a notch is still a scroll.
fn notches(distance: i64) -> i64 {
    let whole = (distance.unsigned_abs() + 60) / 120;
    i64::try_from(whole).unwrap_or(i64::MAX).max(1) * distance.signum()
}

/// Whether something that was typed is withheld. A newline's shape withholds nothing.
fn is_redacted(row: &Row) -> bool {
    match (row.text.as_deref(), row.shapes.as_deref()) {
        (Some(text), _) => has_marks(text),
        (None, Some(shapes)) => shapes.split(' ').any(|run| !run.starts_with('N')),
        (None, None) => false,
    }
}

/// Text that may be seen: to the letter where all of it may, else with the marks of the column `text`.
fn written(text: &str) -> Vec<String> {
    let text = if has_marks(text) { text.to_owned() } else { text.replace(MARK_TYPED, &MARK_OPEN.to_string()) };
    let mut lines = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            lines.push(ENTER.to_owned());
        }
        if !line.is_empty() {
            lines.push(format!("pyautogui.write(message={})", literal(line)));
        }
    }
    lines
}

const ENTER: &str = "pyautogui.press(keys=['enter'])";

/// Text of the same shape: x for a letter, 0 for a digit, a full stop for punctuation.
fn stood_in(shapes: &str) -> Vec<String> {
    let (mut lines, mut text) = (Vec::new(), String::new());
    let flush = |text: &mut String, lines: &mut Vec<String>| {
        if !text.is_empty() {
            lines.push(format!("pyautogui.write(message='{text}')"));
            text.clear();
        }
    };
    for run in shapes.split(' ') {
        let mut chars = run.chars();
        let letter = chars.next().unwrap_or_default();
        let count: usize = chars.as_str().parse().unwrap_or_default();
        let stand_in = match letter {
            'L' => 'x',
            'D' => '0',
            'S' => ' ',
            'P' => '.',
            _ => {
                flush(&mut text, &mut lines);
                lines.extend((0..count).map(|_| ENTER.to_owned()));
                continue;
            }
        };
        text.extend(std::iter::repeat_n(stand_in, count));
    }
    flush(&mut text, &mut lines);
    lines
}

/// The name pyautogui gives a key, as a Python literal.
fn key_name(key: &str) -> String {
    let name = match key {
        "Control" => "ctrl",
        "Meta" => "win",
        "AltGraph" => "altright",
        "Escape" => "esc",
        "ArrowLeft" => "left",
        "ArrowRight" => "right",
        "ArrowUp" => "up",
        "ArrowDown" => "down",
        "ContextMenu" => "apps",
        "AudioVolumeUp" => "volumeup",
        "AudioVolumeDown" => "volumedown",
        "AudioVolumeMute" => "volumemute",
        "MediaPlayPause" => "playpause",
        "MediaTrackNext" => "nexttrack",
        "MediaTrackPrevious" => "prevtrack",
        "MediaStop" => "stop",
        "LaunchApplication1" => "launchapp1",
        "LaunchApplication2" => "launchapp2",
        "KanaMode" => "kana",
        other => return literal(&other.to_lowercase()),
    };
    literal(name)
}

fn literal(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "'"
}
