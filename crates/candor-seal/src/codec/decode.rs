//! A block to events. The bytes come from whoever holds the key, which is no reason to trust them.

use std::collections::HashSet;
use std::hash::Hash;

use candor_model::element::{ELEMENT_NAME_MAX, Element, ElementOf, ElementRole, is_element_name};
use candor_model::event::{Actor, Button, Event, Press, Surrogate, What, is_application_name};
use candor_model::key::{Key, NamedKey, PhysicalKey, Shape, is_text};
use candor_model::unit::Ticks;

use super::bytes::{Cursor, unzigzag};
use super::{BLOCK_EVENTS_MAX, EXPANDED_MAX, kind, zframe};

/// A block that this version cannot have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the block of events is malformed: {what}")]
pub struct BlockError {
    what: &'static str,
}

const fn malformed(what: &'static str) -> BlockError {
    BlockError { what }
}

/// Decodes one block; every byte must be accounted for.
///
/// # Errors
/// [`BlockError`] names the part that is not what an encoder writes.
pub fn decode(block: &[u8], events: &mut Vec<Event>) -> Result<(), BlockError> {
    let mut block = Cursor(block);
    let count = block.count(BLOCK_EVENTS_MAX).ok_or(malformed("its count"))?;
    let first = block.varint().ok_or(malformed("its first tick"))?;
    let shift = match block.byte() {
        Some(0) => 0,
        Some(8) => 8,
        _ => return Err(malformed("its time shift")),
    };
    let (front, side, positions) = (frame(&mut block)?, frame(&mut block)?, frame(&mut block)?);
    if !block.0.is_empty() {
        return Err(malformed("bytes follow it"));
    }
    let mut front = Cursor(&front);
    let tables = Tables::read(&mut front, count).ok_or(malformed("its tables"))?;
    let kinds = front.take(count).ok_or(malformed("its kinds"))?;
    let times = front.take(count).ok_or(malformed("its times"))?;
    let placed = kinds.iter().filter(|kind| kind::has_position(**kind)).count();
    let (xs, ys) = positions.split_at_checked(placed).ok_or(malformed("its positions"))?;
    if !front.0.is_empty() || ys.len() != placed {
        return Err(malformed("bytes follow a column"));
    }
    let mut side = Cursor(&side);
    let arguments = Arguments::read(&mut side, kinds, &tables).ok_or(malformed("its arguments"))?;
    let times = read_times(&mut side, times, first, shift).ok_or(malformed("its times"))?;
    if times.first().copied().unwrap_or_default() != first {
        return Err(malformed("its first tick"));
    }
    let xs = read_positions(&mut side, xs).ok_or(malformed("its positions"))?;
    let ys = read_positions(&mut side, ys).ok_or(malformed("its positions"))?;
    if !side.0.is_empty() {
        return Err(malformed("bytes follow a column"));
    }
    let mut actors = tables.actors();
    let mut places = xs.into_iter().zip(ys);
    let mut arguments = arguments.0.into_iter();
    events.reserve(count);
    for (kind, at) in kinds.iter().zip(times) {
        let place = if kind::has_position(*kind) { places.next() } else { None };
        let argument = if matches!(*kind, kind::MOVE | kind::DRAG | kind::GAP) { None } else { arguments.next() };
        let what = assemble(*kind, place, argument).ok_or(malformed("an event"))?;
        let actor = actors.next().ok_or(malformed("its actors"))?;
        events.push(Event { at, actor, what });
    }
    Ok(())
}

fn frame(block: &mut Cursor<'_>) -> Result<Vec<u8>, BlockError> {
    let error = malformed("a compressed frame");
    let expanded = block.count(EXPANDED_MAX).ok_or(error)?;
    let len = block.count(EXPANDED_MAX).ok_or(error)?;
    let frame = block.take(len).ok_or(error)?;
    zframe::expand(frame, expanded).filter(|content| content.len() == expanded).ok_or(error)
}

struct Tables {
    actor_runs: Vec<(usize, Actor)>,
    apps: Vec<String>,
    keys: Vec<Key>,
}

impl Tables {
    fn read(front: &mut Cursor<'_>, count: usize) -> Option<Self> {
        let mut actor_runs: Vec<(usize, Actor)> = Vec::new();
        let mut acted = 0usize;
        for _ in 0..front.count(count)? {
            let (run, actor) = (front.count(count)?, *Actor::ALL.get(usize::from(front.byte()?))?);
            let goes_on = actor_runs.last().is_some_and(|(_, last)| *last == actor);
            acted = acted.checked_add(run).filter(|acted| run > 0 && !goes_on && *acted <= count)?;
            actor_runs.push((run, actor));
        }
        let mut apps = Vec::new();
        for _ in 0..front.count(count)? {
            let len = front.count(EXPANDED_MAX)?;
            let name = std::str::from_utf8(front.take(len)?).ok()?;
            apps.push(is_application_name(name).then(|| name.to_owned())?);
        }
        let mut keys = Vec::new();
        for _ in 0..front.count(count)? {
            keys.push(read_key(front)?);
        }
        (acted == count && all_differ(&apps) && all_differ(&keys)).then_some(Self { actor_runs, apps, keys })
    }

    fn actors(&self) -> impl Iterator<Item = Actor> {
        self.actor_runs.iter().flat_map(|(run, actor)| std::iter::repeat_n(*actor, *run))
    }
}

fn all_differ<T: Hash + Eq>(table: &[T]) -> bool {
    let mut seen = HashSet::with_capacity(table.len());
    table.iter().all(|entry| seen.insert(entry))
}

fn read_key(front: &mut Cursor<'_>) -> Option<Key> {
    match front.byte()? {
        0 => Shape::ALL.get(usize::from(front.byte()?)).copied().map(Key::Shape),
        1 => {
            let physical = PhysicalKey(u16::from_be_bytes(front.array()?));
            Some(Key::Named { physical, name: NamedKey::from_code(front.byte()?)? })
        }
        2 => {
            let physical = PhysicalKey(u16::from_be_bytes(front.array()?));
            let symbol = char::from_u32(u32::try_from(front.varint()?).ok()?)?;
            Some(Key::Shortcut { physical, symbol })
        }
        3 => char::from_u32(u32::try_from(front.varint()?).ok()?).filter(|c| is_text(*c)).map(Key::Text),
        _ => None,
    }
}

enum Argument {
    Key(Key),
    Button(Button),
    Scroll(i32, i32),
    Window(String),
    Surrogate(Surrogate, u32),
    Element(Box<Element>),
}

/// What events have beyond time and place, in the order of the events.
struct Arguments(Vec<Argument>);

impl Arguments {
    fn read(side: &mut Cursor<'_>, kinds: &[u8], tables: &Tables) -> Option<Self> {
        let of = |wanted: fn(u8) -> bool| kinds.iter().filter(|kind| wanted(**kind)).count();
        let read = |count, side: &mut Cursor<'_>, one: &mut dyn FnMut(&mut Cursor<'_>) -> Option<Argument>| {
            (0..count).map(|_| one(side)).collect::<Option<Vec<_>>>()
        };
        let (mut keys, mut apps) = (Used { table: &tables.keys, used: 0 }, Used { table: &tables.apps, used: 0 });
        let pressed = read(of(is_key), side, &mut |side| keys.next(side).copied().map(Argument::Key))?;
        let buttons = read(of(is_button), side, &mut |side| side.byte().map(|code| Argument::Button(Button(code))))?;
        let scrolls = read(of(|kind| kind == kind::SCROLL), side, &mut |side| {
            let mut distance = || i32::try_from(unzigzag(side.varint()?)).ok();
            Some(Argument::Scroll(distance()?, distance()?))
        })?;
        let windows =
            read(of(|kind| kind == kind::WINDOW), side, &mut |side| apps.next(side).cloned().map(Argument::Window))?;
        let surrogates = read(of(|kind| kind == kind::SURROGATE), side, &mut |side| {
            let kind = *Surrogate::ALL.get(usize::from(side.byte()?))?;
            Some(Argument::Surrogate(kind, u32::try_from(side.varint()?).ok().filter(|number| *number > 0)?))
        })?;
        let elements =
            read(of(|kind| kind == kind::ELEMENT), side, &mut |side| read_element(side).map(Argument::Element))?;
        if !keys.all_used() || !apps.all_used() {
            return None;
        }
        let (mut keys, mut buttons) = (pressed.into_iter(), buttons.into_iter());
        let (mut scrolls, mut windows) = (scrolls.into_iter(), windows.into_iter());
        let (mut surrogates, mut elements) = (surrogates.into_iter(), elements.into_iter());
        let in_order = kinds.iter().filter_map(|kind| match *kind {
            kind if is_key(kind) => keys.next(),
            kind if is_button(kind) => buttons.next(),
            kind::SCROLL => scrolls.next(),
            kind::WINDOW => windows.next(),
            kind::SURROGATE => surrogates.next(),
            kind::ELEMENT => elements.next(),
            _ => None,
        });
        Some(Self(in_order.collect()))
    }
}

fn read_element(side: &mut Cursor<'_>) -> Option<Box<Element>> {
    let of = *ElementOf::ALL.get(usize::from(side.byte()?))?;
    let role = *ElementRole::ALL.get(usize::from(side.byte()?))?;
    let name = match side.count(ELEMENT_NAME_MAX * char::MAX_LEN_UTF8)? {
        0 => None,
        len => {
            let name = std::str::from_utf8(side.take(len)?).ok()?;
            Some((role.has_label() && is_element_name(name)).then(|| name.to_owned())?)
        }
    };
    let mut edge = || i32::try_from(unzigzag(side.varint()?)).ok();
    let (x, y) = (edge()?, edge()?);
    let mut length = || u32::try_from(side.varint()?).ok();
    let (width, height) = (length()?, length()?);
    Some(Box::new(Element { of, role, name, x, y, width, height }))
}

/// A table whose entries stand in the order of their first use.
struct Used<'t, T> {
    table: &'t [T],
    used: usize,
}

impl<'t, T> Used<'t, T> {
    fn next(&mut self, side: &mut Cursor<'_>) -> Option<&'t T> {
        let index = side.count(self.used)?;
        self.used = self.used.max(index + 1);
        self.table.get(index)
    }

    fn all_used(&self) -> bool {
        self.used == self.table.len()
    }
}

fn is_key(kind: u8) -> bool {
    matches!(kind, kind::KEY_DOWN | kind::KEY_UP)
}

fn is_button(kind: u8) -> bool {
    matches!(kind, kind::BUTTON_DOWN | kind::BUTTON_UP)
}

fn read_times(side: &mut Cursor<'_>, main: &[u8], first: Ticks, shift: u32) -> Option<Vec<Ticks>> {
    let mut at = first;
    let step = |byte: &u8| {
        at = at.checked_add(side.escaped(*byte, shift)?)?;
        Some(at)
    };
    main.iter().map(step).collect()
}

fn read_positions(side: &mut Cursor<'_>, main: &[u8]) -> Option<Vec<i32>> {
    let mut at = 0i32;
    let step = |byte: &u8| {
        let next = i64::from(at).checked_add(unzigzag(side.escaped(*byte, 0)?))?;
        at = i32::try_from(next).ok()?;
        Some(at)
    };
    main.iter().map(step).collect()
}

fn assemble(kind: u8, place: Option<(i32, i32)>, argument: Option<Argument>) -> Option<What> {
    Some(match (kind, place, argument) {
        (kind::MOVE | kind::DRAG, Some((x, y)), None) => What::Move { x, y, drag: kind == kind::DRAG },
        (kind::KEY_DOWN, None, Some(Argument::Key(key))) => What::Key { press: Press::Down, key },
        // What was typed is told once, on the way down.
        (kind::KEY_UP, None, Some(Argument::Key(Key::Text(_)))) => return None,
        (kind::KEY_UP, None, Some(Argument::Key(key))) => What::Key { press: Press::Up, key },
        (kind::BUTTON_DOWN, Some((x, y)), Some(Argument::Button(button))) => {
            What::Button { press: Press::Down, button, x, y }
        }
        (kind::BUTTON_UP, Some((x, y)), Some(Argument::Button(button))) => {
            What::Button { press: Press::Up, button, x, y }
        }
        (kind::SCROLL, Some((x, y)), Some(Argument::Scroll(dx, dy))) => What::Scroll { dx, dy, x, y },
        (kind::WINDOW, None, Some(Argument::Window(app))) => What::Window { app },
        (kind::SURROGATE, None, Some(Argument::Surrogate(of, number))) => What::Surrogate { of, number },
        (kind::ELEMENT, None, Some(Argument::Element(element))) => What::Element(element),
        (kind::GAP, None, None) => What::Gap,
        _ => return None,
    })
}
