//! From lines to events: the few elements of IDFX that tell what was typed.

use crate::import::row::Reason;

/// How long the text of one element may be, in bytes; a longer paste makes its event malformed.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// How long a tag may be, in bytes.
const TAG_BYTES_MAX: usize = 1_024;

/// The largest position in a document, and the largest time in milliseconds, that is believed.
const NUMBER_MAX: u64 = 1 << 40;

/// What happened, as the file has it.
#[derive(Default)]
pub struct ScriptLogEvent {
    /// Whether it is a `replacement` or an `insert`: a change of text that no key is named for.
    pub is_replacement: bool,
    /// `startTime`, in milliseconds.
    pub start_time: Option<u64>,
    /// `endTime`, in milliseconds.
    pub end_time: Option<u64>,
    /// Where the caret was, in characters.
    pub position: Option<usize>,
    /// How many characters the document had before.
    pub length: Option<usize>,
    /// Whether the key did by itself what it usually does.
    pub replay: bool,
    /// The key, as Windows names it (`VK_A`).
    pub key: String,
    /// What it typed.
    pub value: String,
    /// Where what was replaced began.
    pub start: Option<usize>,
    /// Where it ended.
    pub end: Option<usize>,
    /// What came in its place.
    pub new_text: String,
}

/// Reads events out of lines.
#[derive(Default)]
pub struct ScriptLogReader {
    state: State,
    tag: Vec<u8>,
    text: Vec<u8>,
    event: Option<ScriptLogEvent>,
    /// What is wrong with the event being read.
    wrong: Option<Reason>,
}

#[derive(Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Tag,
}

impl ScriptLogReader {
    /// Reads one line, without its end; returns the events that end in it.
    pub fn line(&mut self, line: &[u8]) -> Vec<Result<ScriptLogEvent, Reason>> {
        let mut events = Vec::new();
        for byte in line.iter().chain(b"\n") {
            match (&self.state, byte) {
                (State::Text, b'<') => {
                    self.state = State::Tag;
                    self.tag.clear();
                }
                (State::Text, byte) if self.event.is_some() => self.push_text(*byte),
                (State::Text, _) => {}
                (State::Tag, b'>') => {
                    self.state = State::Text;
                    events.extend(self.end_tag());
                }
                (State::Tag, byte) if self.tag.len() < TAG_BYTES_MAX => self.tag.push(*byte),
                (State::Tag, _) => self.wrong = Some(Reason::TooLong),
            }
        }
        events
    }

    fn push_text(&mut self, byte: u8) {
        if self.text.len() < TEXT_BYTES_MAX {
            self.text.push(byte);
        } else {
            self.wrong = Some(Reason::TooLong);
        }
    }

    fn end_tag(&mut self) -> Option<Result<ScriptLogEvent, Reason>> {
        let tag = std::mem::take(&mut self.tag);
        let text = std::mem::take(&mut self.text);
        if let Some(name) = tag.strip_prefix(b"/") {
            if name == b"event" {
                let event = self.event.take()?;
                return Some(self.wrong.take().map_or(Ok(event), Err));
            }
            let event = self.event.as_mut()?;
            if let Err(reason) = event.set(name, &text) {
                self.wrong.get_or_insert(reason);
            }
        } else if tag.starts_with(b"event ") {
            let is = |kind: &str| attribute(&tag, "type") == Some(kind.as_bytes());
            let is_replacement = is("replacement") || is("insert");
            self.wrong = (!is_replacement && !is("keyboard")).then_some(Reason::Action);
            self.event = Some(ScriptLogEvent { is_replacement, ..ScriptLogEvent::default() });
        }
        None
    }
}

impl ScriptLogEvent {
    fn set(&mut self, element: &[u8], text: &[u8]) -> Result<(), Reason> {
        let place = |text: &[u8]| number(text).and_then(|n| usize::try_from(n).map_err(|_| Reason::Field));
        match element {
            b"startTime" => self.start_time = Some(number(text).map_err(|_| Reason::Time)?),
            b"endTime" => self.end_time = Some(number(text).map_err(|_| Reason::Time)?),
            b"position" => self.position = Some(place(text)?),
            // The programs count the end of the document.
            b"documentLength" => self.length = Some(place(text)?.saturating_sub(1)),
            b"start" => self.start = Some(place(text)?),
            b"end" => self.end = Some(place(text)?),
            b"replay" => self.replay = text.trim_ascii().eq_ignore_ascii_case(b"true"),
            b"key" => self.key = unescape(text.trim_ascii())?,
            b"value" => self.value = unescape(text)?,
            b"newtext" => self.new_text = unescape(text)?,
            _ => {}
        }
        Ok(())
    }
}

fn attribute<'t>(tag: &'t [u8], name: &str) -> Option<&'t [u8]> {
    let begin = [b" ", name.as_bytes(), b"=\""].concat();
    let at = tag.windows(begin.len()).position(|window| window == begin)? + begin.len();
    tag.get(at..)?.split(|byte| *byte == b'"').next()
}

fn number(text: &[u8]) -> Result<u64, Reason> {
    let text = std::str::from_utf8(text.trim_ascii()).map_err(|_| Reason::NotUtf8)?;
    text.parse().ok().filter(|number| *number <= NUMBER_MAX).ok_or(Reason::Field)
}

/// Resolves XML's own entities and references to characters, control characters too.
fn unescape(text: &[u8]) -> Result<String, Reason> {
    let text = std::str::from_utf8(text).map_err(|_| Reason::NotUtf8)?;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').ok_or(Reason::Field)?;
        out.push_str(before);
        out.push(reference(name).ok_or(Reason::Field)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}
