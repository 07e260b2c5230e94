//! What the events of a session tell of the field.

use candor_model::key::NamedKey;
use candor_redact::LogicalKey;

use super::ScriptLogEvent;
use crate::import::keys;

/// One thing that the session tells.
pub struct Told {
    /// When, in milliseconds of the file; nothing where the event has no time of its own.
    pub at: Option<u64>,
    /// What.
    pub what: What,
}

/// What a session tells.
pub enum What {
    /// The caret is at `at`, the other end of the selection at `anchor`.
    Caret {
        /// Where the next character goes.
        at: usize,
        /// Where the selection began.
        anchor: usize,
    },
    /// A key went down.
    Key {
        /// What it means.
        logical: LogicalKey,
        /// How long the file says it was down, in milliseconds.
        held: u64,
    },
    /// Text changed without a key.
    Edited {
        /// Where.
        start: usize,
        /// How many characters went.
        removed: usize,
        /// What came in their place.
        inserted: String,
    },
}

/// Follows a session, so that the caret is told only where the keys do not tell it.
#[derive(Default)]
pub struct ScriptLogHand {
    /// Where the caret is after what was told so far.
    caret: Option<usize>,
    /// A key that did not do what it usually does: the replacement that follows says what it did.
    held: Option<ScriptLogEvent>,
}

impl ScriptLogHand {
    /// What `event` tells.
    pub fn read(&mut self, event: ScriptLogEvent) -> Vec<Told> {
        let mut out = Vec::new();
        match (event.is_replacement, self.held.take()) {
            (true, Some(key)) if explains(&event, &key) => {
                let (start, end) = (event.start.unwrap_or(0), event.end.unwrap_or(0));
                tell(&mut out, &key, What::Caret { at: end, anchor: start });
                tell(&mut out, &key, What::Key { logical: meaning(&key), held: held(&key) });
                self.caret = start.checked_add(event.new_text.chars().count());
            }
            (is_replacement, other) => {
                other.into_iter().for_each(|key| unexplained(&mut out, &key));
                if is_replacement {
                    self.replaced(event, &mut out);
                } else if !event.replay && edits(&event) {
                    self.held = Some(event);
                } else {
                    self.pressed(event, &mut out);
                }
            }
        }
        out
    }

    /// What is left at the session's end.
    pub fn finish(&mut self) -> Vec<Told> {
        let mut out = Vec::new();
        self.held.take().into_iter().for_each(|key| unexplained(&mut out, &key));
        out
    }

    fn replaced(&mut self, event: ScriptLogEvent, out: &mut Vec<Told>) {
        let start = event.start.unwrap_or(0);
        let removed = event.end.unwrap_or(start).saturating_sub(start);
        self.caret = None;
        tell(out, &ScriptLogEvent::default(), What::Edited { start, removed, inserted: event.new_text });
    }

    fn pressed(&mut self, event: ScriptLogEvent, out: &mut Vec<Told>) {
        // The programs count a place behind the last character, where no caret can be.
        let position = event.position.map(|at| event.length.map_or(at, |length| at.min(length)));
        if let Some(at) = position.filter(|_| position != self.caret) {
            tell(out, &event, What::Caret { at, anchor: at });
        }
        // A key that put in more than a character pasted.
        if event.value.chars().nth(1).is_some() {
            let start = position.unwrap_or(0);
            self.caret = None;
            let at = event.start_time;
            out.push(Told { at, what: What::Edited { start, removed: 0, inserted: event.value } });
            return;
        }
        let logical = meaning(&event);
        self.caret = match logical {
            LogicalKey::Char(_) | LogicalKey::Named(NamedKey::Enter) => position.and_then(|at| at.checked_add(1)),
            LogicalKey::Named(NamedKey::Backspace) => position.map(|at| at.saturating_sub(1)),
            LogicalKey::Named(NamedKey::Delete) => position,
            _ => None,
        };
        tell(out, &event, What::Key { logical, held: held(&event) });
    }
}

/// Whether `replacement` is what `key` did to a selection: typed over it, or deleted it.
fn explains(replacement: &ScriptLogEvent, key: &ScriptLogEvent) -> bool {
    let deletes = matches!(meaning(key), LogicalKey::Named(NamedKey::Backspace | NamedKey::Delete))
        && replacement.new_text.is_empty();
    let ordered = replacement.start.is_some() && replacement.start < replacement.end;
    ordered && (deletes || replacement.new_text == key.value)
}

/// Whether the key changes text where it does what it usually does.
fn edits(event: &ScriptLogEvent) -> bool {
    !event.value.is_empty() || meaning(event) == LogicalKey::Named(NamedKey::Delete)
}

fn tell(out: &mut Vec<Told>, event: &ScriptLogEvent, what: What) {
    out.push(Told { at: event.start_time, what });
}

/// Nobody knows what the key did; Delete at the text's end did nothing.
fn unexplained(out: &mut Vec<Told>, key: &ScriptLogEvent) {
    let at_end = key.position.is_some() && key.position >= key.length;
    let logical = match meaning(key) {
        delete @ LogicalKey::Named(NamedKey::Delete) if at_end => delete,
        _ => LogicalKey::Unidentified,
    };
    tell(out, key, What::Key { logical, held: held(key) });
}

fn held(key: &ScriptLogEvent) -> u64 {
    key.end_time.unwrap_or(0).saturating_sub(key.start_time.unwrap_or(0))
}

/// The key by what it typed, or else by its name.
fn meaning(event: &ScriptLogEvent) -> LogicalKey {
    use NamedKey as K;
    let mut typed = event.value.chars();
    if let (Some(c), None) = (typed.next(), typed.next()) {
        return keys::from_char(c).logical;
    }
    let name = match event.key.strip_prefix("VK_").unwrap_or_default() {
        "BACK" => K::Backspace,
        "DELETE" => K::Delete,
        "INSERT" => K::Insert,
        "RETURN" => K::Enter,
        "TAB" => K::Tab,
        "ESCAPE" => K::Escape,
        "LEFT" => K::ArrowLeft,
        "RIGHT" => K::ArrowRight,
        "UP" => K::ArrowUp,
        "DOWN" => K::ArrowDown,
        "HOME" => K::Home,
        "END" => K::End,
        "PRIOR" => K::PageUp,
        "NEXT" => K::PageDown,
        "SHIFT" | "LSHIFT" | "RSHIFT" => K::Shift,
        "CONTROL" | "LCONTROL" | "RCONTROL" => K::Control,
        "MENU" | "LMENU" | "RMENU" => K::Alt,
        "LWIN" | "RWIN" => K::Meta,
        "APPS" => K::ContextMenu,
        "CAPITAL" => K::CapsLock,
        "NUMLOCK" => K::NumLock,
        "SCROLL" => K::ScrollLock,
        "SNAPSHOT" => K::PrintScreen,
        "PAUSE" => K::Pause,
        other => return keys::function_key(other).map_or(LogicalKey::Unidentified, |key| key.logical),
    };
    LogicalKey::Named(name)
}
