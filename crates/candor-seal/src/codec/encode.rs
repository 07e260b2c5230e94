//! Events to a block.

use candor_model::element::{Element, is_element_name};
use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, is_text};
use zstd::bulk::Compressor;

use super::bytes::{put_escaped, put_varint, zigzag};
use super::{EXPANDED_MAX, kind};

/// The zstd level of compact segments: past it, Balabit's sessions shrink by 1 % at a third of the speed.
const LEVEL: i32 = 9;

/// Encodes blocks; keeps its buffers and zstd's context between them.
pub struct Encoder {
    zstd: Compressor<'static>,
    columns: Columns,
}

#[derive(Default)]
struct Columns {
    kinds: Vec<u8>,
    times: Vec<u64>,
    time_main: Vec<u8>,
    time_side: Vec<u8>,
    x_main: Vec<u8>,
    y_main: Vec<u8>,
    x_side: Vec<u8>,
    y_side: Vec<u8>,
    keys: Vec<u8>,
    buttons: Vec<u8>,
    scrolls: Vec<u8>,
    windows: Vec<u8>,
    surrogates: Vec<u8>,
    elements: Vec<u8>,
    key_table: Vec<Key>,
    app_table: Vec<String>,
    actor_runs: Vec<(u64, u8)>,
    frame: Vec<u8>,
}

impl Encoder {
    /// An encoder with empty buffers.
    ///
    /// # Errors
    /// zstd's, where it cannot get memory.
    pub fn new() -> std::io::Result<Self> {
        let mut zstd = Compressor::new(LEVEL)?;
        // The block's own counts say how long the streams are; 4 bytes a frame matter in small segments.
        zstd.include_contentsize(false)?;
        zstd.include_checksum(false)?;
        Ok(Self { zstd, columns: Columns::default() })
    }

    /// Encodes at most [`super::BLOCK_EVENTS_MAX`] events, times not decreasing, as one block.
    ///
    /// # Errors
    /// zstd's, where it cannot get memory; `FileTooLarge` where the events' columns are longer than a block's frame may be;
    /// `InvalidInput` where a reader would refuse an event: text on the way up or a control character, a surrogate numbered 0,
    /// a name of an element that cannot be one or whose role has no label.
    pub fn encode<'e>(&mut self, events: impl Iterator<Item = &'e Event>) -> std::io::Result<Vec<u8>> {
        self.columns.clear();
        let (mut first, mut last, mut at) = (None, (0, 0), 0);
        for event in events {
            if !is_writable(&event.what) {
                return Err(std::io::ErrorKind::InvalidInput.into());
            }
            let origin = *first.get_or_insert(event.at);
            self.columns.times.push(event.at.saturating_sub(if self.columns.kinds.is_empty() { origin } else { at }));
            at = event.at;
            self.columns.push(event, &mut last);
        }
        self.columns.finish(&mut self.zstd, first.unwrap_or(0))
    }
}

impl Columns {
    fn clear(&mut self) {
        *self = Self {
            kinds: reset(&mut self.kinds),
            times: reset(&mut self.times),
            time_main: reset(&mut self.time_main),
            time_side: reset(&mut self.time_side),
            x_main: reset(&mut self.x_main),
            y_main: reset(&mut self.y_main),
            x_side: reset(&mut self.x_side),
            y_side: reset(&mut self.y_side),
            keys: reset(&mut self.keys),
            buttons: reset(&mut self.buttons),
            scrolls: reset(&mut self.scrolls),
            windows: reset(&mut self.windows),
            surrogates: reset(&mut self.surrogates),
            elements: reset(&mut self.elements),
            key_table: reset(&mut self.key_table),
            app_table: reset(&mut self.app_table),
            actor_runs: reset(&mut self.actor_runs),
            frame: reset(&mut self.frame),
        };
    }

    fn push(&mut self, event: &Event, last: &mut (i32, i32)) {
        let actor = event.actor as u8;
        match self.actor_runs.last_mut() {
            Some((run, same)) if *same == actor => *run += 1,
            _ => self.actor_runs.push((1, actor)),
        }
        let (kind, position) = match &event.what {
            What::Move { x, y, drag } => (if *drag { kind::DRAG } else { kind::MOVE }, Some((*x, *y))),
            What::Key { press, key } => {
                put_varint(&mut self.keys, index_of(&mut self.key_table, key));
                (if *press == Press::Down { kind::KEY_DOWN } else { kind::KEY_UP }, None)
            }
            What::Button { press, button, x, y } => {
                self.buttons.push(button.0);
                (if *press == Press::Down { kind::BUTTON_DOWN } else { kind::BUTTON_UP }, Some((*x, *y)))
            }
            What::Scroll { dx, dy, x, y } => {
                put_varint(&mut self.scrolls, zigzag(i64::from(*dx)));
                put_varint(&mut self.scrolls, zigzag(i64::from(*dy)));
                (kind::SCROLL, Some((*x, *y)))
            }
            What::Window { app } => {
                put_varint(&mut self.windows, index_of(&mut self.app_table, app));
                (kind::WINDOW, None)
            }
            What::Surrogate { of, number } => {
                self.surrogates.push(*of as u8);
                put_varint(&mut self.surrogates, u64::from(*number));
                (kind::SURROGATE, None)
            }
            What::Element(element) => {
                let Element { of, role, name, x, y, width, height } = element.as_ref();
                self.elements.extend_from_slice(&[*of as u8, *role as u8]);
                let name = name.as_deref().unwrap_or_default();
                put_varint(&mut self.elements, name.len() as u64);
                self.elements.extend_from_slice(name.as_bytes());
                for edge in [x, y] {
                    put_varint(&mut self.elements, zigzag(i64::from(*edge)));
                }
                for side in [width, height] {
                    put_varint(&mut self.elements, u64::from(*side));
                }
                (kind::ELEMENT, None)
            }
            What::Gap => (kind::GAP, None),
        };
        self.kinds.push(kind);
        if let Some((x, y)) = position {
            let (dx, dy) = (i64::from(x) - i64::from(last.0), i64::from(y) - i64::from(last.1));
            put_escaped(&mut self.x_main, &mut self.x_side, zigzag(dx), 0);
            put_escaped(&mut self.y_main, &mut self.y_side, zigzag(dy), 0);
            *last = (x, y);
        }
    }

    fn finish(&mut self, zstd: &mut Compressor<'_>, first: u64) -> std::io::Result<Vec<u8>> {
        // At fine clock units most steps need two bytes, and the lower one is noise: it goes aside for all of them.
        let wide = self.times.iter().filter(|step| **step >= 240).count();
        let shift = if wide * 2 > self.times.len() { 8 } else { 0 };
        for step in &self.times {
            put_escaped(&mut self.time_main, &mut self.time_side, *step, shift);
        }
        let mut block = Vec::new();
        put_varint(&mut block, self.kinds.len() as u64);
        put_varint(&mut block, first);
        block.push(shift as u8);
        self.put_head();
        self.frame.extend_from_slice(&self.kinds);
        self.frame.extend_from_slice(&self.time_main);
        put_frame(&mut block, zstd, &self.frame)?;
        self.frame.clear();
        for stream in [&self.keys, &self.buttons, &self.scrolls, &self.windows, &self.surrogates, &self.elements] {
            self.frame.extend_from_slice(stream);
        }
        for stream in [&self.time_side, &self.x_side, &self.y_side] {
            self.frame.extend_from_slice(stream);
        }
        put_frame(&mut block, zstd, &self.frame)?;
        self.frame.clear();
        self.frame.extend_from_slice(&self.x_main);
        self.frame.extend_from_slice(&self.y_main);
        put_frame(&mut block, zstd, &self.frame)?;
        self.frame.clear();
        Ok(block)
    }

    /// The tables, at the start of the first frame.
    fn put_head(&mut self) {
        let out = &mut self.frame;
        put_varint(out, self.actor_runs.len() as u64);
        for (run, actor) in &self.actor_runs {
            put_varint(out, *run);
            out.push(*actor);
        }
        put_varint(out, self.app_table.len() as u64);
        for app in &self.app_table {
            put_varint(out, app.len() as u64);
            out.extend_from_slice(app.as_bytes());
        }
        put_varint(out, self.key_table.len() as u64);
        for key in &self.key_table {
            match key {
                Key::Shape(shape) => out.extend_from_slice(&[0, *shape as u8]),
                Key::Named { physical, name } => {
                    out.push(1);
                    out.extend_from_slice(&physical.0.to_be_bytes());
                    out.push(name.code());
                }
                Key::Shortcut { physical, symbol } => {
                    out.push(2);
                    out.extend_from_slice(&physical.0.to_be_bytes());
                    put_varint(out, u64::from(u32::from(*symbol)));
                }
                Key::Text(c) => {
                    out.push(3);
                    put_varint(out, u64::from(u32::from(*c)));
                }
            }
        }
    }
}

/// Whether a reader takes the event: of what the types allow, the format allows less.
fn is_writable(what: &What) -> bool {
    match what {
        What::Key { press, key: Key::Text(c) } => *press == Press::Down && is_text(*c),
        What::Surrogate { number, .. } => *number > 0,
        What::Element(element) => {
            element.name.as_deref().is_none_or(|name| element.role.has_label() && is_element_name(name))
        }
        _ => true,
    }
}

/// An empty vector with the old one's memory.
fn reset<T>(vec: &mut Vec<T>) -> Vec<T> {
    vec.clear();
    std::mem::take(vec)
}

/// The index of `value` in a small table, where it is added if new.
fn index_of<T: PartialEq + Clone>(table: &mut Vec<T>, value: &T) -> u64 {
    let index = table.iter().position(|known| known == value).unwrap_or_else(|| {
        table.push(value.clone());
        table.len() - 1
    });
    index as u64
}

fn put_frame(block: &mut Vec<u8>, zstd: &mut Compressor<'_>, content: &[u8]) -> std::io::Result<()> {
    if content.len() > EXPANDED_MAX {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    let frame = zstd.compress(content)?;
    put_varint(block, content.len() as u64);
    put_varint(block, frame.len() as u64);
    block.extend_from_slice(&frame);
    Ok(())
}
