//! Blocks by hand: what a reader must decode though our encoder would not write it, what it must refuse, and the order of
//! chunks.

use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::Surrogate;
use candor_model::key::NamedKey;
use candor_model::{ClockUnit, PositionUnit};

use crate::block::{Block, framed, varint, zstd_frame};
use crate::forge::{Forge, LAST, MORE};
use crate::maker::{Maker, Vectors, maker};

pub fn example() -> Block {
    example_at(1_000)
}

/// Six events, of every column one, from tick `first` on.
pub fn example_at(first: u64) -> Block {
    Block {
        count: vec![6],
        first: varint(first),
        shift: 0,
        runs: vec![2, 2, 0, 4, 2],
        apps: [&[1, 6][..], b"editor"].concat(),
        keys: vec![2, 0, 0, 1, 0, 40, 14],
        kinds: vec![0, 2, 3, 7, 6, 4],
        times: vec![0, 10, 10, 0, 30, 10],
        key_indexes: vec![0, 1],
        buttons: vec![1],
        scrolls: vec![0, 239, 1],
        app_indexes: vec![0],
        x: vec![20, 6, 0],
        y: vec![40, 0, 3],
        ..Block::default()
    }
}

/// The text form of [`example_at`].
pub fn text_at(first: u64) -> String {
    [
        (0, "human move 10 20"),
        (10, "human key-down shape letter"),
        (20, "agent key-up named 40 Enter"),
        (20, "agent window editor"),
        (50, "agent scroll 0 -120 13 20"),
        (60, "agent button-down 1 13 18"),
    ]
    .map(|(after, what)| format!("{} {what}\n", first + after))
    .concat()
}

/// `count` gaps by a person, each a tick after the one before.
fn gaps(count: usize) -> Block {
    Block {
        count: varint(count as u64),
        first: vec![0],
        runs: if count == 0 { vec![0] } else { [&[1][..], &varint(count as u64), &[0]].concat() },
        apps: vec![0],
        keys: vec![0],
        kinds: vec![8; count],
        times: (0..count).map(|n| u8::from(n > 0)).collect(),
        ..Block::default()
    }
}

/// Moves with these columns of positions.
fn moves(x: &[u8], x_side: &[u8], y: &[u8], y_side: &[u8]) -> Block {
    let count = x.len();
    let (x, y, x_side, y_side) = (x.to_vec(), y.to_vec(), x_side.to_vec(), y_side.to_vec());
    Block { kinds: vec![0; count], x, y, x_side, y_side, ..gaps(count) }
}

/// A change of the focus to each name, by its index in the table.
fn windows(names: &[&[u8]], indexes: &[u8]) -> Block {
    let name = |name: &&[u8]| [varint(name.len() as u64), name.to_vec()].concat();
    let apps = [vec![names.len() as u8], names.iter().flat_map(name).collect()].concat();
    Block { kinds: vec![7; indexes.len()], apps, app_indexes: indexes.to_vec(), ..gaps(indexes.len()) }
}

/// A key going down for each index of the table of `keys`.
fn presses(keys: &[&[u8]], indexes: &[u8]) -> Block {
    let keys = [vec![keys.len() as u8], keys.concat()].concat();
    Block { kinds: vec![2; indexes.len()], keys, key_indexes: indexes.to_vec(), ..gaps(indexes.len()) }
}

struct Maybe {
    vectors: Vectors,
    m: Maker,
    number: u32,
}

impl Maybe {
    fn forge(&mut self) -> Forge {
        self.number += 1;
        Forge::compact(&mut self.m, self.number)
    }

    fn good(&mut self, name: &str, block: &[u8], text: &str) {
        let forge = self.forge();
        let vector = forge.opened(&self.m, forge.whole(block), text);
        assert!(self.vectors.insert(name.into(), vector).is_none(), "{name} twice");
    }

    fn bad(&mut self, name: &str, block: &[u8]) {
        let forge = self.forge();
        let vector = forge.refused_at(&self.m, forge.whole(block), ("block", 0));
        assert!(self.vectors.insert(name.into(), vector).is_none(), "{name} twice");
    }
}

pub fn make() -> Vectors {
    let m = maker(11, ClockUnit::MILLISECOND, PositionUnit::PIXEL);
    let mut all = Maybe { vectors: Vectors::new(), m, number: 0 };
    good(&mut all);
    front(&mut all);
    tables(&mut all);
    columns(&mut all);
    frames(&mut all);
    order(&mut all);
    text(&mut all);
    surrogates(&mut all);
    elements(&mut all);
    all.vectors
}

fn good(all: &mut Maybe) {
    all.good("block-by-hand", &example().bytes(), &text_at(1_000));
    let told = example().framed_by(|content| framed(content.len(), &zstd_frame(content, false)));
    all.good("block-frames-with-length-and-checksum", &told, &text_at(1_000));
    let text: String = (0..32_768).map(|n| format!("{n} human gap\n")).collect();
    all.good("block-of-32768-events", &gaps(32_768).bytes(), &text);
    // Every length of an escape at its ends: 239, 240, 4079, 4080; then 2 and 10 bytes of varint.
    let side = [&[0, 255][..], &[0x80, 30], &[0x90, 0x4e], &varint(u64::MAX - 80_000)].concat();
    let times = Block { times: vec![0, 239, 240, 254, 255, 255, 255], time_side: side, ..gaps(7) };
    let text = ticks(&[0, 239, 479, 4_558, 8_638, 18_878, 18_878 + 240 + (u64::MAX - 80_000)]);
    all.good("block-times-of-every-length", &times.bytes(), &text);
    // The same with the low byte aside: 0, 239 × 256 + 1, 240 × 256 + 2, 4080 × 256 + 3.
    let side = [0, 1, 2, 0, 3, 0x80, 30].to_vec();
    let times = Block { shift: 8, times: vec![0, 239, 240, 255], time_side: side, ..gaps(4) };
    all.good("block-times-shifted", &times.bytes(), &ticks(&[0, 61_185, 122_627, 1_167_110]));
    all.good("block-at-the-last-tick", &Block { first: varint(u64::MAX), ..gaps(1) }.bytes(), &ticks(&[u64::MAX]));
    let (least, whole) = (varint(u64::from(u32::MAX) - 240), varint(2 * u64::from(u32::MAX) - 240));
    let ends = moves(&[255, 255], &[&least[..], &whole].concat(), &[0, 255], &least).bytes();
    all.good("block-positions-at-the-ends", &ends, "0 human move -2147483648 0\n1 human move 2147483647 -2147483648\n");
    let scrolls = [varint(u64::from(u32::MAX)), varint(u64::from(u32::MAX) - 1)].concat();
    let ends = Block { kinds: vec![6], scrolls, x: vec![1], y: vec![2], ..gaps(1) }.bytes();
    all.good("block-scroll-at-the-ends", &ends, "0 human scroll -2147483648 2147483647 -1 1\n");
    let names: Vec<Vec<u8>> = (0..NamedKey::ALL.len() as u8).map(|code| vec![1, 0xff, 0xfe, code]).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let line = |(n, name): (usize, &NamedKey)| format!("{n} human key-down named 65534 {}\n", name.as_str());
    let text: String = NamedKey::ALL.iter().enumerate().map(line).collect();
    let indexes: Vec<u8> = (0..names.len() as u8).collect();
    all.good("block-every-named-key", &presses(&names, &indexes).bytes(), &text);
    let points =
        [varint(0), varint(0xd7ff), varint(0xe000), varint(0x10ffff)].map(|point| [vec![2, 0, 6], point].concat());
    let text = "0 human key-down shortcut 6 0\n1 human key-down shortcut 6 55295\n2 human key-down shortcut 6 57344\n\
                3 human key-down shortcut 6 1114111\n";
    all.good(
        "block-code-points-at-the-ends",
        &presses(&points.each_ref().map(Vec::as_slice), &[0, 1, 2, 3]).bytes(),
        text,
    );
    let long = "é".repeat(127) + "x";
    let text = format!("0 human window {long}\n1 human window  \n2 human window {long}\n");
    all.good("block-names-of-255-bytes-and-a-space", &windows(&[long.as_bytes(), b" "], &[0, 1, 0]).bytes(), &text);
}

fn ticks(at: &[u64]) -> String {
    at.iter().map(|at| format!("{at} human gap\n")).collect()
}

fn front(all: &mut Maybe) {
    all.bad("block-absent", &[]);
    all.bad("block-of-32769-events", &gaps(32_769).bytes());
    all.bad("block-count-too-long-a-varint", &Block { count: vec![0x86, 0], ..example() }.bytes());
    all.bad("block-count-of-too-many", &Block { count: vec![7], ..example() }.bytes());
    all.bad("block-count-of-too-few", &Block { count: vec![5], ..example() }.bytes());
    let over = [&[0xff; 9][..], &[2]].concat();
    all.bad("block-first-tick-of-65-bits", &Block { first: over, ..gaps(1) }.bytes());
    let endless = [&[0xff; 10][..], &[1]].concat();
    all.bad("block-first-tick-of-eleven-bytes", &Block { first: endless, ..gaps(1) }.bytes());
    let early = Block { first: varint(999), times: vec![1, 10, 10, 0, 30, 10], ..example() };
    all.bad("block-first-tick-not-the-first-events", &early.bytes());
    all.bad("block-empty-with-a-first-tick", &Block { first: vec![1], ..gaps(0) }.bytes());
    all.bad("block-time-shift-7", &Block { shift: 7, ..example() }.bytes());
    all.bad("block-time-shift-16", &Block { shift: 16, ..example() }.bytes());
    all.bad("block-with-a-byte-after-it", &[&example().bytes()[..], &[0]].concat());
}

/// A name, a table's entries, and the indexes of the events that use it.
type Case<'a> = (&'a str, &'a [&'a [u8]], &'a [u8]);
/// One column of a block.
type Column = fn(&mut Block) -> &mut Vec<u8>;

fn tables(all: &mut Maybe) {
    for (name, runs) in [
        ("actors-in-an-empty-run", vec![3, 2, 0, 0, 1, 4, 2]),
        ("actors-in-two-runs-of-the-same", vec![3, 1, 0, 1, 0, 4, 2]),
        ("actors-of-too-few-events", vec![2, 2, 0, 3, 2]),
        ("actors-of-too-many-events", vec![2, 2, 0, 5, 2]),
        ("actors-absent", vec![0]),
        ("actor-unknown", vec![2, 2, 0, 4, 4]),
        ("actors-run-too-long-a-varint", vec![2, 0x82, 0, 0, 4, 2]),
    ] {
        all.bad(name, &Block { runs, ..example() }.bytes());
    }
    let long = [b'x'; 256];
    let names: [Case<'_>; 12] = [
        ("application-unused", &[b"editor", b"mail"], &[0, 0]),
        ("application-table-without-a-window", &[b"editor"], &[]),
        ("application-twice", &[b"editor", b"editor"], &[0, 1]),
        ("applications-not-in-order-of-use", &[b"editor", b"mail"], &[1, 0]),
        ("application-not-in-the-table", &[b"editor"], &[0, 1]),
        ("application-without-a-name", &[b""], &[0]),
        ("application-name-with-a-newline", &[b"editor\n1 human gap"], &[0]),
        ("application-name-with-a-delete", &[b"editor\x7f"], &[0]),
        ("application-name-with-a-c1-control", &["editor\u{85}".as_bytes()], &[0]),
        ("application-name-of-256-bytes", &[&long], &[0]),
        ("application-name-not-utf8", &[b"\xff"], &[0]),
        ("application-name-with-a-surrogate", &[b"\xed\xa0\x80"], &[0]),
    ];
    for (name, names, indexes) in names {
        all.bad(name, &windows(names, indexes).bytes());
    }
    let surrogate = [&[2, 0, 6][..], &varint(0xd800)].concat();
    let beyond = [&[2, 0, 6][..], &varint(0x11_0000)].concat();
    let keys: [Case<'_>; 11] = [
        ("key-unused", &[&[0, 0], &[0, 1]], &[0, 0]),
        ("key-twice", &[&[0, 0], &[0, 0]], &[0, 1]),
        ("keys-not-in-order-of-use", &[&[0, 0], &[0, 1]], &[1, 0]),
        ("key-not-in-the-table", &[&[0, 0]], &[0, 1]),
        ("key-of-an-unknown-form", &[&[3, 0]], &[0]),
        ("key-shape-unknown", &[&[0, 5]], &[0]),
        ("key-name-unknown", &[&[1, 0, 40, NamedKey::ALL.len() as u8]], &[0]),
        ("key-code-point-a-surrogate", &[&surrogate], &[0]),
        ("key-code-point-too-high", &[&beyond], &[0]),
        ("key-code-point-too-long-a-varint", &[&[2, 0, 6, 0xe3, 0]], &[0]),
        ("key-index-too-long-a-varint", &[&[0, 0]], &[0x80, 0]),
    ];
    for (name, keys, indexes) in keys {
        let mut block = presses(keys, indexes);
        if name == "key-index-too-long-a-varint" {
            block = Block { key_indexes: indexes.to_vec(), ..presses(keys, &[0]) };
        }
        all.bad(name, &block.bytes());
    }
}

fn columns(all: &mut Maybe) {
    all.bad("kind-unknown", &Block { kinds: vec![9], ..gaps(1) }.bytes());
    // 4079 has one side byte; a varint may not say it. Nor 0, 239 or, with the low byte aside, 1.
    let rest = varint(4_079 - 240);
    let times = |shift: u8, times: &[u8], side: &[u8]| {
        Block { shift, times: times.to_vec(), time_side: side.to_vec(), ..gaps(times.len()) }.bytes()
    };
    all.bad("time-in-a-long-form", &times(0, &[0, 255], &rest));
    all.bad("time-shifted-in-a-long-form", &times(8, &[0, 255], &[&[0, 0][..], &rest].concat()));
    all.bad("time-too-long-a-varint", &times(0, &[0, 255], &[0x80, 0x9e, 0]));
    all.bad("position-in-a-long-form", &moves(&[255], &rest, &[0], &[]).bytes());
    all.bad("time-of-65-bits", &times(0, &[0, 255], &varint(u64::MAX)));
    all.bad("time-shifted-past-64-bits", &times(8, &[0, 255], &[&[0, 0][..], &varint(1 << 57)].concat()));
    all.bad("tick-past-64-bits", &Block { first: varint(u64::MAX), ..gaps(2) }.bytes());
    // 2^32 is the zigzag of 2^31, one step more than a position has.
    let high = varint((1 << 32) - 240);
    all.bad("position-x-past-32-bits", &moves(&[255], &high, &[0], &[]).bytes());
    all.bad("position-y-past-32-bits", &moves(&[0], &[], &[255], &high).bytes());
    let most = varint((1 << 32) - 2 - 240);
    all.bad("position-walks-past-32-bits", &moves(&[255, 2], &most, &[0, 0], &[]).bytes());
    let scroll = |scrolls: Vec<u8>| Block { kinds: vec![6], scrolls, x: vec![0], y: vec![0], ..gaps(1) }.bytes();
    all.bad("scroll-dx-past-32-bits", &scroll([varint(1 << 32), vec![0]].concat()));
    all.bad("scroll-dy-past-32-bits", &scroll([vec![0], varint((1 << 32) + 1)].concat()));
    all.bad("scroll-too-long-a-varint", &scroll(vec![0x80, 0, 0]));
    let parts: [(&str, Column); 3] =
        [("a", |block| &mut block.times), ("b", |block| &mut block.y_side), ("c", |block| &mut block.y)];
    for (name, part) in parts {
        let (mut more, mut less) = (example(), Block { y_side: vec![15], ..example() });
        part(&mut more).push(0);
        // An escape in y makes the side byte wanted, so that one can be missing.
        less.y = vec![40, 240, 3];
        part(&mut less).pop();
        all.bad(&format!("frame-{name}-with-a-byte-unused"), &more.bytes());
        all.bad(&format!("frame-{name}-with-a-byte-missing"), &less.bytes());
    }
}

fn frames(all: &mut Maybe) {
    let block = example();
    let plain = |content: &[u8]| zstd_frame(content, true);
    all.bad("frame-says-too-long", &block.framed_by(|content| framed(content.len() + 1, &plain(content))));
    all.bad("frame-says-too-short", &block.framed_by(|content| framed(content.len() - 1, &plain(content))));
    let split = |content: &[u8]| {
        let (one, two) = content.split_at(content.len() / 2);
        framed(content.len(), &[plain(one), plain(two)].concat())
    };
    all.bad("frame-of-two-zstd-frames", &block.framed_by(split));
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 7, 7, 7, 7];
    let before = |content: &[u8]| framed(content.len(), &[&skippable[..], &plain(content)].concat());
    all.bad("frame-after-a-skippable-one", &block.framed_by(before));
    let gaps_then = |frame: &[u8]| {
        let front = gaps(3).a();
        let nothing = framed(0, frame);
        gaps(3).with_frames([framed(front.len(), &plain(&front)), nothing.clone(), nothing])
    };
    all.good("frame-of-nothing", &gaps_then(&plain(&[])), &ticks(&[0, 1, 2]));
    all.bad("frame-of-nothing-that-is-skippable", &gaps_then(&skippable));
    let after = |content: &[u8]| framed(content.len(), &[&plain(content)[..], &skippable].concat());
    all.bad("frame-before-a-skippable-one", &block.framed_by(after));
    all.bad(
        "frame-before-a-zstd-frame-of-nothing",
        &block.framed_by(|content| framed(content.len(), &[plain(content), plain(&[])].concat())),
    );
    // A descriptor that announces one byte of dictionary id, which is zero: no dictionary, said at length.
    let named = |content: &[u8]| {
        let mut frame = plain(content);
        frame[4] |= 1;
        frame.insert(6, 0);
        framed(content.len(), &frame)
    };
    all.bad("frame-with-a-dictionary-id", &block.framed_by(named));
    all.bad("frame-not-compressed", &block.framed_by(|content| framed(content.len(), content)));
    all.bad("frame-absent", &block.framed_by(|_| framed(0, &[])));
    all.bad(
        "frame-cut-short",
        &block.framed_by(|content| {
            let frame = plain(content);
            framed(content.len(), &frame[..frame.len() - 1])
        }),
    );
    all.bad(
        "frame-with-a-wrong-checksum",
        &block.framed_by(|content| {
            let mut frame = zstd_frame(content, false);
            *frame.last_mut().unwrap() ^= 1;
            framed(content.len(), &frame)
        }),
    );
    // Past 1,048,576 bytes, and right but for that: 4,080 names of 255 bytes.
    let name = |n: usize| [varint(255), format!("{n:0>255}").into_bytes()].concat();
    let table = |count: usize| Block {
        kinds: vec![7; count],
        apps: [varint(count as u64), (0..count).flat_map(name).collect()].concat(),
        app_indexes: (0..count as u64).flat_map(varint).collect(),
        ..gaps(count)
    };
    let (fits, too_long) = (table(4_048), table(4_080));
    assert!(fits.a().len() <= 1 << 20 && too_long.a().len() > 1 << 20, "{} {}", fits.a().len(), too_long.a().len());
    let text: String = (0..4_048).map(|n| format!("{n} human window {n:0>255}\n")).collect();
    all.good("frame-of-nearly-a-mebibyte", &fits.bytes(), &text);
    all.bad("frame-past-a-mebibyte", &too_long.bytes());
    let length = |content: &[u8]| [&[content.len() as u8 | 0x80, 0][..], &framed(0, &plain(content))[1..]].concat();
    all.bad("frame-length-too-long-a-varint", &block.framed_by(length));
}

fn order(all: &mut Maybe) {
    let m = &mut all.m;
    let (early, late, none) = (example_at(1_000).bytes(), example_at(1_060).bytes(), gaps(0).bytes());
    let mut put = |name: &str, blocks: &[Vec<u8>], outcome: Result<String, (&str, u32)>| {
        let forge = Forge::journal(m, 1_000 + all.vectors.len() as u32);
        let bytes = forge.cut_of(m, blocks);
        let vector = match outcome {
            Ok(text) => forge.opened(m, bytes, &text),
            Err(at) => forge.refused_at(m, bytes, at),
        };
        assert!(all.vectors.insert(name.into(), vector).is_none(), "{name} twice");
    };
    let bad = Block { kinds: vec![9], ..gaps(1) }.bytes();
    let last = Block { first: varint(32_767), ..gaps(1) }.bytes();
    let full = gaps(32_767).bytes();
    let text: String = (0..32_768).map(|n| format!("{n} human gap\n")).collect();
    put("segment-of-32768-events", &[full.clone(), last.clone()], Ok(text));
    put("segment-of-32769-events", &[full, last.clone(), last], Err(("block", 2)));
    let before = example_at(1_059).bytes();
    let (one, two) = (text_at(1_000), text_at(1_060));
    put("order-equal-ticks-in-two-chunks", &[early.clone(), late.clone()], Ok(one.clone() + &two));
    let with_none = [none.clone(), early.clone(), none.clone(), late.clone(), none.clone()];
    put("order-with-empty-chunks", &with_none, Ok(one + &two));
    put("order-a-tick-back", &[early.clone(), before.clone()], Err(("order", 1)));
    put("order-back-across-an-empty-chunk", &[early.clone(), none, before.clone()], Err(("order", 2)));
    put("order-before-a-bad-block", &[early.clone(), before.clone(), bad.clone()], Err(("order", 1)));
    put("block-bad-before-the-order", &[bad.clone(), late.clone(), early.clone()], Err(("block", 0)));
    put("block-bad-in-the-third-chunk", &[early.clone(), late.clone(), bad], Err(("block", 2)));
    let compact = Forge::compact(m, 2_000);
    let chunks = [compact.chunk(0, MORE, &early), compact.chunk(1, LAST, &before)];
    let bytes = compact.with(&[&chunks[0], &chunks[1]]);
    all.vectors.insert("order-a-tick-back-in-a-compact".into(), compact.refused_at(m, bytes, ("order", 1)));
}

/// A table's entry for text.
fn text_key(code: u64) -> Vec<u8> {
    [vec![3], varint(code)].concat()
}

fn text(all: &mut Maybe) {
    // Either side of the control characters, of the surrogates, and the last; the same character twice; then its release.
    let codes = [0x20, 0x7e, 0xa0, 0xd7ff, 0xe000, 0x10_ffff];
    let table = [codes.map(text_key).concat(), vec![0, 0]].concat();
    let whole = Block {
        kinds: vec![2, 2, 2, 2, 2, 2, 2, 3],
        keys: [vec![7], table].concat(),
        key_indexes: vec![0, 1, 2, 3, 4, 5, 0, 6],
        ..gaps(8)
    };
    let typed = |(at, code): (usize, &u64)| format!("{at} human key-down text {code}\n");
    let lines: String = codes.iter().enumerate().map(typed).collect();
    all.good("text-at-the-ends", &whole.bytes(), &(lines + "6 human key-down text 32\n7 human key-up shape letter\n"));
    let cases = [
        ("text-a-newline", 0x0a),
        ("text-a-delete", 0x7f),
        ("text-a-c1-control", 0x85),
        ("text-an-escape", 0x1b),
        ("text-a-surrogate", 0xd800),
        ("text-too-high", 0x11_0000),
    ];
    for (name, code) in cases {
        all.bad(name, &presses(&[&text_key(code)], &[0]).bytes());
    }
    all.bad("text-too-long-a-varint", &presses(&[&[3, 0xe1, 0]], &[0]).bytes());
    all.bad("text-twice-in-the-table", &presses(&[&text_key(0x61), &text_key(0x61)], &[0, 1]).bytes());
    all.bad("text-on-the-way-up", &Block { kinds: vec![3], ..presses(&[&text_key(0x61)], &[0]) }.bytes());
    let down_and_up = Block { kinds: vec![2, 3], ..presses(&[&text_key(0x61)], &[0, 0]) };
    all.bad("text-on-the-way-down-and-up", &down_and_up.bytes());
    all.bad("key-of-the-first-unknown-form", &presses(&[&[4, 0x61]], &[0]).bytes());
}

fn surrogates(all: &mut Maybe) {
    let of = |count: usize, column: &[u8]| Block { kinds: vec![9; count], surrogates: column.to_vec(), ..gaps(count) };
    let kinds = Surrogate::ALL.iter().enumerate();
    let column: Vec<u8> = kinds.clone().flat_map(|(code, _)| [code as u8, code as u8 + 1]).collect();
    let text: String = kinds.map(|(n, of)| format!("{n} human surrogate {} {}\n", of.as_str(), n + 1)).collect();
    all.good("surrogate-of-every-kind", &of(Surrogate::ALL.len(), &column).bytes(), &text);
    let ends = [&[0, 1, 0][..], &varint(u64::from(u32::MAX)), &[0, 1]].concat();
    let text = "0 human surrogate EMAIL 1\n1 human surrogate EMAIL 4294967295\n2 human surrogate EMAIL 1\n";
    all.good("surrogate-numbers-at-the-ends", &of(3, &ends).bytes(), text);
    // Among its neighbours in the frame: after the applications, before the times.
    let block = Block {
        kinds: vec![7, 9, 8],
        apps: [&[1, 6][..], b"editor"].concat(),
        app_indexes: vec![0],
        surrogates: vec![4, 2],
        times: vec![0, 240, 1],
        time_side: vec![5],
        ..gaps(3)
    };
    let text = "0 human window editor\n245 human surrogate PHONE 2\n246 human gap\n";
    all.good("surrogate-between-a-window-and-a-gap", &block.bytes(), text);
    all.bad("surrogate-kind-unknown", &of(1, &[Surrogate::ALL.len() as u8, 1]).bytes());
    all.bad("surrogate-number-0", &of(1, &[0, 0]).bytes());
    all.bad("surrogate-number-of-33-bits", &of(1, &[&[0][..], &varint(1 << 32)].concat()).bytes());
    all.bad("surrogate-number-too-long-a-varint", &of(1, &[0, 0x81, 0]).bytes());
    all.bad("surrogate-without-a-number", &of(1, &[0]).bytes());
    all.bad("surrogate-that-no-event-is", &Block { surrogates: vec![0, 1], ..gaps(1) }.bytes());
    all.bad("kind-past-the-last", &Block { kinds: vec![11], ..gaps(1) }.bytes());
}

/// An element's bytes: for what, its role, its name, and a rectangle of 80 × 24 at (-3, 400).
fn element(of: u8, role: u8, name: &[u8]) -> Vec<u8> {
    [&[of, role][..], &varint(name.len() as u64), name, &[5], &varint(800), &[80, 24]].concat()
}

fn elements(all: &mut Maybe) {
    let of = |count: usize, column: &[u8]| {
        Block { kinds: vec![10; count], elements: column.to_vec(), ..gaps(count) }.bytes()
    };
    let roles = ElementRole::ALL.iter().zip(0u8..);
    let column: Vec<u8> = roles.clone().flat_map(|(_, code)| element(code % 2, code, b"")).collect();
    let line = |(role, n): (&ElementRole, u8)| {
        let told = ElementOf::ALL[usize::from(n % 2)].as_str();
        format!("{n} human element {told} {} -3 400 80 24\n", role.as_str())
    };
    all.good("element-of-every-role", &of(ElementRole::ALL.len(), &column), &roles.map(line).collect::<String>());
    let long = "é".repeat(63) + "𝄞";
    let named = [element(0, 0, "Save as…".as_bytes()), element(0, 5, long.as_bytes()), element(1, 0, b" ")].concat();
    let text = format!(
        "0 human element press button -3 400 80 24 Save as…\n1 human element press menuitem -3 400 80 24 {long}\n\
         2 human element focus button -3 400 80 24  \n"
    );
    all.good("element-with-a-name", &of(3, &named), &text);
    let ends = [varint(u64::from(u32::MAX)), varint(u64::from(u32::MAX) - 1), varint(0), varint(u64::from(u32::MAX))];
    let ends = [&[0, 0, 0][..], &ends.concat()].concat();
    let text = "0 human element press button -2147483648 2147483647 0 4294967295\n";
    all.good("element-at-the-ends", &of(1, &ends), text);
    // Among its neighbours in the frame: after the surrogates, before the times; its place is no step of the pointer's.
    let block = Block {
        kinds: vec![4, 10, 9, 0],
        buttons: vec![1],
        surrogates: vec![4, 2],
        elements: element(0, 0, b"OK"),
        times: vec![0, 0, 240, 1],
        time_side: vec![5],
        x: vec![20, 2],
        y: vec![40, 0],
        ..gaps(4)
    };
    let text = "0 human button-down 1 10 20\n0 human element press button -3 400 80 24 OK\n245 human surrogate PHONE 2\n\
                246 human move 11 20\n";
    all.good("element-between-a-press-and-a-surrogate", &block.bytes(), text);
    all.bad("element-for-what-is-not-listed", &of(1, &element(2, 0, b"")));
    all.bad("element-role-unknown", &of(1, &element(0, ElementRole::ALL.len() as u8, b"")));
    all.bad("element-name-where-the-role-has-no-label", &of(1, &element(0, ElementRole::Textbox as u8, b"OK")));
    all.bad("element-name-of-65-characters", &of(1, &element(0, 0, "é".repeat(65).as_bytes())));
    all.bad("element-name-with-a-newline", &of(1, &element(0, 0, b"OK\n1 human gap")));
    all.bad("element-name-with-a-c1-control", &of(1, &element(0, 0, "OK\u{85}".as_bytes())));
    all.bad("element-name-not-utf8", &of(1, &element(0, 0, b"\xff")));
    all.bad("element-name-too-long-a-varint", &of(1, &[0, 0, 0x80, 0, 5, 0, 80, 24]));
    let high = varint(1 << 32);
    all.bad("element-edge-past-32-bits", &of(1, &[&[0, 0, 0][..], &high, &[0, 80, 24]].concat()));
    all.bad("element-width-past-32-bits", &of(1, &[&[0, 0, 0, 5, 0][..], &high, &[24]].concat()));
    all.bad("element-without-a-height", &of(1, &[0, 0, 0, 5, 0, 80]));
    all.bad("element-that-no-event-is", &Block { elements: element(0, 0, b""), ..gaps(1) }.bytes());
}
