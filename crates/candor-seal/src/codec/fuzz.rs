//! Hostile blocks. Who holds a segment's key may write any block; readers answer with an error, in little memory.
//! `CANDOR_FUZZ_SECS` says how long each target runs; 2 s by default.

use std::time::Duration;

use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::{APPLICATION_NAME_MAX, Actor, Event, Press, Surrogate, What};
use candor_model::key::{Key, PhysicalKey, Shape};

use super::bytes::{Cursor, put_varint};
use super::{BLOCK_EVENTS_MAX, Encoder, decode};

fn time() -> Duration {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok());
    Duration::from_secs(secs.unwrap_or(2))
}

/// A block before compression.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plain {
    count: u64,
    first: u64,
    shift: u8,
    frames: [Vec<u8>; 3],
}

impl Plain {
    fn of(events: &[Event]) -> Self {
        Self::read(&Encoder::new().unwrap().encode(events.iter()).unwrap())
    }

    fn read(block: &[u8]) -> Self {
        let mut block = Cursor(block);
        let (count, first, shift) = (block.varint().unwrap(), block.varint().unwrap(), block.byte().unwrap());
        let frames = [(); 3].map(|()| {
            let (expanded, len) = (block.varint().unwrap() as usize, block.varint().unwrap() as usize);
            zstd::bulk::decompress(block.take(len).unwrap(), expanded).unwrap()
        });
        Self { count, first, shift, frames }
    }

    fn block(&self) -> Vec<u8> {
        let frames = self.frames.each_ref().map(|frame| zstd::bulk::compress(frame, 1).unwrap());
        let lens = self.frames.each_ref().map(|frame| frame.len() as u64);
        block(self.count, self.first, self.shift, lens, &frames)
    }

    fn decodes(&self) -> bool {
        decode(&self.block(), &mut Vec::new()).is_ok()
    }
}

fn block(count: u64, first: u64, shift: u8, lens: [u64; 3], frames: &[Vec<u8>; 3]) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, count);
    put_varint(&mut out, first);
    out.push(shift);
    for (len, frame) in lens.into_iter().zip(frames) {
        put_varint(&mut out, len);
        put_varint(&mut out, frame.len() as u64);
        out.extend_from_slice(frame);
    }
    out
}

fn event(at: u64, what: What) -> Event {
    Event { at, actor: Actor::Human, what }
}

fn key(at: u64, key: Key) -> Event {
    event(at, What::Key { press: Press::Down, key })
}

fn element(of: ElementOf, role: ElementRole, name: &str) -> What {
    let name = (!name.is_empty()).then(|| name.to_owned());
    What::Element(Box::new(Element { of, role, name, x: -3, y: 400, width: 80, height: 24 }))
}

/// One of each kind, with narrow and wide steps.
fn sample() -> Vec<Event> {
    let window = |app: &str| What::Window { app: app.into() };
    vec![
        event(7, What::Move { x: 3, y: -4, drag: false }),
        event(8, window("editor")),
        key(500, Key::Shape(Shape::Letter)),
        key(9_000, Key::Shortcut { physical: PhysicalKey(6), symbol: 'c' }),
        Event { at: 9_001, actor: Actor::Agent, what: What::Move { x: 70_000, y: 0, drag: true } },
        event(9_002, What::Scroll { dx: 0, dy: -240, x: 1, y: 1 }),
        event(9_003, window("mail")),
        event(9_004, What::Gap),
        key(9_005, Key::Text('é')),
        event(9_006, What::Surrogate { of: Surrogate::Phone, number: 300 }),
        event(9_007, element(ElementOf::Press, ElementRole::Button, "Save as…")),
        event(9_008, element(ElementOf::Focus, ElementRole::Textbox, "")),
    ]
}

/// What decodes is what an encoder writes, byte for byte before compression; only the time shift is the writer's choice.
fn check(bytes: &[u8]) {
    let mut events = Vec::new();
    if decode(bytes, &mut events).is_err() {
        return;
    }
    assert!(events.len() <= BLOCK_EVENTS_MAX && events.is_sorted_by_key(|event| event.at));
    let (read, written) = (Plain::read(bytes), Plain::of(&events));
    if read.shift == written.shift {
        assert_eq!(read, written, "two spellings of {events:?}");
    }
}

#[test]
fn fuzz_block() {
    bolero::check!().with_test_time(time()).for_each(|bytes: &[u8]| check(bytes));
}

/// Edits under the compression reach every column; edits above it reach zstd.
#[test]
fn fuzz_edited_block() {
    let good = Plain::of(&sample());
    bolero::check!().with_test_time(time()).with_type::<(Vec<(u8, u16, u8)>, u64, u64)>().for_each(
        |(edits, count, first)| {
            let mut plain = good.clone();
            (plain.count, plain.first) = (plain.count ^ (count >> 58), plain.first ^ (first >> 58));
            let mut above = Vec::new();
            for (place, at, byte) in edits {
                match plain.frames.get_mut(usize::from(place % 8)) {
                    Some(frame) if place & 0x80 != 0 => frame.insert(usize::from(*at) % (frame.len() + 1), *byte),
                    Some(frame) if !frame.is_empty() => {
                        let at = usize::from(*at) % frame.len();
                        frame[at] = *byte;
                    }
                    Some(_) => {}
                    None => above.push((*at, *byte)),
                }
            }
            let mut bytes = plain.block();
            for (at, byte) in above {
                let at = usize::from(at) % bytes.len();
                bytes[at] ^= byte;
            }
            check(&bytes);
        },
    );
}

#[test]
fn a_sample_decodes_however_it_is_compressed() {
    let plain = Plain::of(&sample());
    let mut events = Vec::new();
    decode(&plain.block(), &mut events).unwrap();
    assert_eq!(events, sample());
}

/// A gigabyte of zeros is 32 KB for zstd. Whatever length the block claims, nothing of it is expanded past 1 MiB.
#[test]
fn a_bomb_in_a_block_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0; 1 << 30], 1).unwrap();
    let mut unsized_bomb = zstd::bulk::Compressor::new(1).unwrap();
    unsized_bomb.include_contentsize(false).unwrap();
    let unsized_bomb = unsized_bomb.compress(&vec![0; 64 << 20]).unwrap();
    let empty = zstd::bulk::compress(&[], 1).unwrap();
    for bomb in [bomb, unsized_bomb] {
        for claimed in [0, 3, 1 << 20, (1 << 20) + 1, 1 << 30, u64::MAX] {
            for place in 0..3 {
                let mut frames = [(); 3].map(|()| empty.clone());
                frames[place] = bomb.clone();
                let mut lens = [0; 3];
                lens[place] = claimed;
                assert!(decode(&block(0, 0, 0, lens, &frames), &mut Vec::new()).is_err(), "{claimed} at {place}");
            }
        }
    }
}

/// Each window event gets a copy of its application's name: a name of a megabyte in a block of a kilobyte would be 32 GB.
#[test]
fn a_long_name_that_many_events_share_is_refused() {
    let windows = |len: usize| {
        let app = "a".repeat(len);
        let events: Vec<_> = (0..9).map(|at| event(at, What::Window { app: app.clone() })).collect();
        Encoder::new().unwrap().encode(events.iter())
    };
    assert!(decode(&windows(APPLICATION_NAME_MAX).unwrap(), &mut Vec::new()).is_ok());
    let mut plain = Plain::read(&windows(1).unwrap());
    let at = plain.frames[0].windows(2).position(|pair| pair == [1, b'a']).unwrap();
    plain.frames[0].splice(at..at + 2, [&[0x80, 0x02][..], &[b'a'; 256]].concat());
    assert!(!plain.decodes());
}

#[test]
fn a_frame_is_one_zstd_frame() {
    let plain = Plain::of(&sample());
    let lens = plain.frames.each_ref().map(|frame| frame.len() as u64);
    let with = |front: Vec<u8>| {
        let mut frames = plain.frames.each_ref().map(|frame| zstd::bulk::compress(frame, 1).unwrap());
        frames[0] = front;
        decode(&block(plain.count, plain.first, plain.shift, lens, &frames), &mut Vec::new()).is_ok()
    };
    let compress = |bytes: &[u8]| zstd::bulk::compress(bytes, 1).unwrap();
    let whole = compress(&plain.frames[0]);
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0][..], b"hide"].concat();
    let (left, right) = plain.frames[0].split_at(5);
    assert!(with(whole.clone()));
    assert!(!with([compress(left), compress(right)].concat()), "two in a row");
    assert!(!with([skipped.clone(), whole.clone()].concat()), "a skipped one before");
    assert!(!with([whole, skipped].concat()), "a skipped one behind");
}

#[test]
fn a_table_entry_that_no_event_uses_or_that_is_there_twice_is_refused() {
    let letter = Key::Shape(Shape::Letter);
    // actor runs: one of 2; no applications; keys: one, a letter; kinds; times
    let plain = Plain::of(&[key(0, letter), key(0, letter)]);
    assert_eq!(plain.frames[0], [1, 2, 0, 0, 1, 0, 0, 2, 2, 0, 0]);
    assert_eq!(plain.frames[1], [0, 0]);
    let with = |front: &[u8], side: &[u8]| Plain { frames: [front.into(), side.into(), vec![]], ..plain.clone() };
    assert!(with(&plain.frames[0], &[0, 0]).decodes());
    assert!(!with(&[1, 2, 0, 0, 2, 0, 0, 0, 1, 2, 2, 0, 0], &[0, 0]).decodes(), "a digit that nobody pressed");
    assert!(!with(&[1, 2, 0, 0, 2, 0, 0, 0, 0, 2, 2, 0, 0], &[0, 1]).decodes(), "the same letter twice");
    assert!(with(&[1, 2, 0, 0, 2, 0, 0, 0, 1, 2, 2, 0, 0], &[0, 1]).decodes());
    assert!(!with(&[1, 2, 0, 0, 2, 0, 0, 0, 1, 2, 2, 0, 0], &[1, 0]).decodes(), "not in the order of use");
    assert!(!with(&[1, 2, 0, 1, 1, b'a', 1, 0, 0, 2, 2, 0, 0], &[0, 0]).decodes(), "an application nobody used");
    assert!(!with(&[2, 1, 0, 1, 0, 0, 1, 0, 0, 2, 2, 0, 0], &[0, 0]).decodes(), "one actor in two runs");
    assert!(!with(&[2, 2, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0, 0], &[0, 0]).decodes(), "an empty run");
}

/// Of a text nothing is told twice, and it holds nothing that a terminal obeys.
#[test]
fn text_stands_on_the_way_down_and_is_no_control_character() {
    // actor runs: one of 1; no applications; keys: one, the text `a`; kinds; times
    let plain = Plain::of(&[key(0, Key::Text('a'))]);
    assert_eq!(plain.frames[0], [1, 1, 0, 0, 1, 3, b'a', 2, 0]);
    let with = |code: u8, kind: u8| {
        let front = vec![1, 1, 0, 0, 1, 3, code, kind, 0];
        Plain { frames: [front, plain.frames[1].clone(), vec![]], ..plain.clone() }.decodes()
    };
    assert!(with(b'a', 2) && with(b' ', 2));
    assert!(!with(b'a', 3), "on the way up");
    assert!(!with(b'\n', 2) && !with(0, 2) && !with(0x7f, 2), "a control character");
}

#[test]
fn a_surrogate_is_of_a_known_kind_and_has_a_number() {
    let plain = Plain::of(&[event(0, What::Surrogate { of: Surrogate::Email, number: 1 })]);
    assert_eq!(plain.frames[1], [0, 1]);
    let with =
        |side: &[u8]| Plain { frames: [plain.frames[0].clone(), side.into(), vec![]], ..plain.clone() }.decodes();
    assert!(with(&[0, 1]) && with(&[10, 1]) && with(&[0, 0xff, 0xff, 0xff, 0xff, 15]));
    assert!(!with(&[11, 1]), "a kind that is not listed");
    assert!(!with(&[0, 0]), "no value has the number 0");
    assert!(!with(&[0, 0x80, 0x80, 0x80, 0x80, 16]), "a number of 33 bits");
    assert!(!with(&[0, 0x81, 0]) && !with(&[0]) && !with(&[0, 1, 0]), "too long, too short, too much");
}

#[test]
fn an_element_is_of_a_known_role_and_has_a_name_only_as_a_label() {
    let plain = Plain::of(&[event(0, element(ElementOf::Press, ElementRole::Button, "OK"))]);
    assert_eq!(plain.frames[1], [0, 0, 2, b'O', b'K', 5, 0xa0, 6, 80, 24]);
    let with =
        |side: &[u8]| Plain { frames: [plain.frames[0].clone(), side.into(), vec![]], ..plain.clone() }.decodes();
    let roles = ElementRole::ALL.len() as u8;
    assert!(with(&[0, 0, 2, b'O', b'K', 5, 0, 80, 24]) && with(&[1, roles - 1, 0, 5, 0, 0, 0]));
    assert!(!with(&[2, 0, 0, 5, 0, 80, 24]), "neither pressed nor in focus");
    assert!(!with(&[0, roles, 0, 5, 0, 80, 24]), "a role that is not listed");
    assert!(!with(&[0, ElementRole::Textbox as u8, 2, b'O', b'K', 5, 0, 80, 24]), "a name that may be content");
    assert!(!with(&[0, 0, 1, b'\n', 5, 0, 80, 24]), "a control character");
    assert!(!with(&[0, 0, 1, 0xff, 5, 0, 80, 24]), "not UTF-8");
    let long = |count: usize| [&[0, 0, count as u8][..], &vec![b'x'; count], &[5, 0, 80, 24]].concat();
    assert!(with(&long(64)) && !with(&long(65)), "a long name");
    let wide = [0xff, 0xff, 0xff, 0xff, 15];
    assert!(with(&[&[0, 0, 0, 5, 0][..], &wide, &wide].concat()));
    assert!(!with(&[0, 0, 0, 5, 0, 0x80, 0x80, 0x80, 0x80, 16, 1]), "a width of 33 bits");
    assert!(!with(&[0, 0, 0, 0x80, 0x80, 0x80, 0x80, 16, 0, 1, 1]), "an edge past 32 bits");
    assert!(!with(&[0, 0, 0, 5, 0, 80]) && !with(&[0, 0, 0, 5, 0, 80, 24, 0]), "too short, too much");
}

#[test]
fn a_value_longer_than_it_need_be_is_refused() {
    // The second step is 300: 240, and 60 in one side byte; behind 255 it would be a varint.
    let plain = Plain::of(&[event(0, What::Gap), event(300, What::Gap)]);
    assert_eq!((&plain.frames[0][7..], &plain.frames[1][..]), (&[0, 240][..], &[60][..]));
    let mut long = plain.clone();
    long.frames[0][8] = 255;
    assert!(plain.decodes() && !long.decodes());
    let mut padded = Plain::of(&[event(0, What::Gap), event(5_000, What::Gap)]);
    assert!(padded.decodes());
    *padded.frames[1].last_mut().unwrap() |= 0x80;
    padded.frames[1].push(0);
    assert!(!padded.decodes());
}

#[test]
fn the_first_tick_has_one_spelling() {
    let plain = Plain::of(&[event(5, What::Gap)]);
    assert!(plain.decodes());
    let mut moved = Plain { first: 4, ..plain };
    moved.frames[0][5] = 1;
    assert!(!moved.decodes());
    assert!(Plain::of(&[]).decodes() && !Plain { first: 1, ..Plain::of(&[]) }.decodes());
}

#[test]
fn time_and_place_do_not_wrap() {
    let late = Plain::of(&[event(u64::MAX, What::Gap), event(u64::MAX, What::Gap)]);
    assert!(late.decodes());
    let mut later = late.clone();
    later.frames[0][8] = 1;
    assert!(!later.decodes(), "a tick after the last");
    let far = Plain::of(&[event(0, What::Move { x: i32::MAX, y: i32::MIN, drag: false })]);
    assert!(far.decodes());
    let moved = |x| event(0, What::Move { x, y: 0, drag: false });
    let mut farther = Plain::of(&[moved(i32::MAX), moved(i32::MAX)]);
    assert!(farther.decodes());
    farther.frames[2][1] = 2;
    assert!(!farther.decodes(), "a pixel after the last");
}

/// The worst events fit: sealing never makes a chunk that a reader takes for torn.
#[test]
fn the_longest_block_fits_its_frame() {
    let mut state = 1u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as i32
    };
    let mut at = 0u64;
    let mut worst = || {
        at += u64::from(noise() as u32) << 17;
        event(at, What::Scroll { dx: noise(), dy: noise(), x: noise(), y: noise() })
    };
    let events: Vec<_> = (0..BLOCK_EVENTS_MAX).map(|_| worst()).collect();
    let block = Encoder::new().unwrap().encode(events.iter()).unwrap();
    assert!(block.len() + 16 <= crate::segment::FRAME_MAX, "{}", block.len());
    let mut back = Vec::new();
    decode(&block, &mut back).unwrap();
    assert_eq!(back, events);
}
