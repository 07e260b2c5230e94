//! Tokens that look drawn at random, whatever made them: long mixtures, hexadecimal digits, UUIDs.

use super::format::Format;
use super::shape::{Shape, is_uuid};
use super::sink::Sink;
use super::view::View;
use crate::detect::Kind;

/// The shortest token that is looked at on its own.
const LEAST: usize = 20;

/// Words before a token that say it is a digest of something public.
const DIGESTS: &[&str] = &[
    "commit",
    "sha1",
    "sha256",
    "sha512",
    "sha-256",
    "md5",
    "checksum",
    "rev",
    "revision",
    "digest",
    "integrity",
    "etag",
    "parent",
    "blob",
    "raw",
    "commits",
    "h1",
    "tree",
];

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.')
}

/// Looks at every run of token characters from `from` on, `least` bytes or longer.
pub(super) fn runs(text: &str, from: usize, least: usize, mut each: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let is = |i: usize| bytes.get(i).is_some_and(|byte| is_token(*byte));
    let mut start = from;
    // Where the byte `least` further on does not belong to a run, no run as long begins in between.
    while start + least <= bytes.len() {
        let probe = start + least - 1;
        match (start..=probe).rev().find(|i| !is(*i)) {
            Some(gap) => start = gap + 1,
            None => {
                let end = (probe..bytes.len()).find(|i| !is(*i)).unwrap_or(bytes.len());
                each(start, end);
                start = end + 1;
            }
        }
    }
}

/// Finds random tokens from `from` on.
pub(super) fn find(text: &str, from: usize, formats: &[Format], sink: &mut Sink<'_>) {
    runs(text, from, LEAST, |start, end| run(text, start, end, formats, sink));
}

fn run(text: &str, start: usize, end: usize, formats: &[Format], sink: &mut Sink<'_>) {
    let view = View::reaching(text, start, usize::MAX);
    if let Some((format, at)) = formats
        .iter()
        .filter(|format| format.prefix.bytes().next() == view.at(start))
        .find_map(|format| format.end(&view, start).map(|at| (format, at)))
    {
        sink.push(start..at, Kind::Secret, format.rule);
    }
    for (at, piece) in pieces(view.slice(start, end), start, &['.', '=']) {
        if is_base64(piece) && view.at(start) != Some(b'/') {
            judge(&view, at, piece, sink);
        } else {
            for (at, piece) in pieces(piece, at, &['/', '+']) {
                judge(&view, at, piece, sink);
            }
        }
    }
}

fn judge(view: &View<'_>, at: usize, piece: &str, sink: &mut Sink<'_>) {
    if piece.len() < LEAST {
        return;
    }
    if uuids(at, piece, sink) {
        return;
    }
    let shape = Shape::of(piece);
    let core = piece.trim_matches(['_', '-']);
    if core.len() >= 32 && Shape::of(core).hex && shape.is_mixed() && shape.distinct >= 8 {
        if !is_digest(view, at) {
            sink.push(at..at + piece.len(), Kind::Secret, "hex-token");
        }
    } else if shape.is_random(if shape.digits == 0 { 24 } else { LEAST })
        && !is_digest(view, at)
        && !is_name(piece)
        && !is_host(view, at, piece)
    {
        sink.push(at..at + piece.len(), Kind::Secret, "random-token");
    }
}

fn uuids(at: usize, piece: &str, sink: &mut Sink<'_>) -> bool {
    let mut found = false;
    let bytes = piece.as_bytes();
    for (n, window) in bytes.windows(36).enumerate() {
        let edge = n.checked_sub(1).and_then(|n| bytes.get(n)).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let over = bytes.get(n + 36).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        if edge && over && is_uuid(window) {
            sink.push(at + n..at + n + 36, Kind::Secret, "uuid");
            found = true;
        }
    }
    found
}

/// Whether most of it is words, joined as the names of files, hosts and things in code are; or an alphabet.
fn is_name(piece: &str) -> bool {
    let longest = piece.split(['_', '-']).max_by_key(|word| word.len()).unwrap_or_default();
    let scattered = longest.len() * 3 < piece.len() || longest.len() < 12 && !Shape::of(longest).is_random(8);
    let words: usize = words(piece).filter(|word| word.len() >= 4 && Shape::of(word).is_wordlike()).map(str::len).sum();
    let bytes = piece.as_bytes();
    let ordered = bytes.windows(2).filter(|pair| matches!(pair, [a, b] if *b == a.wrapping_add(1))).count();
    scattered || words * 2 > piece.len() || ordered * 10 > piece.len() * 9
}

/// The stretches of letters, cut where a lower-case letter meets an upper-case one.
fn words(piece: &str) -> impl Iterator<Item = &str> {
    piece.split(|c: char| !c.is_ascii_alphabetic()).flat_map(|run| {
        let bytes = run.as_bytes();
        let cuts = (1..bytes.len()).filter(
            |i| matches!(bytes.get(i - 1..=*i), Some([a, b]) if a.is_ascii_lowercase() && b.is_ascii_uppercase()),
        );
        let mut from = 0;
        let mut words: Vec<&str> =
            cuts.map(|cut| run.get(std::mem::replace(&mut from, cut)..cut).unwrap_or_default()).collect();
        words.push(run.get(from..).unwrap_or_default());
        words
    })
}

/// Whether it is the first label of a host behind a `@`, as providers make them.
fn is_host(view: &View<'_>, at: usize, piece: &str) -> bool {
    view.before(at) == Some(b'@') && view.at(at + piece.len()) == Some(b'.')
}

/// Whether the slashes and pluses belong to base64, not to a path.
fn is_base64(piece: &str) -> bool {
    let shape = Shape::of(piece);
    let parts = piece.split(['/', '+']).count();
    shape.upper > 2
        && shape.lower > 2
        && shape.digits > 0
        && shape.oddness() * 3 >= shape.len
        && parts * 6 <= shape.len + 6
}

/// Whether what stands before says that this is the digest of something public.
fn is_digest(view: &View<'_>, at: usize) -> bool {
    let gap = view.back(at, 4, |byte| matches!(byte, b' ' | b':' | b'=' | b'-' | b'"' | b'\'' | b'@' | b'/'));
    let start = view.back(gap, 16, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let word = view.slice(start, gap);
    // `actions/checkout@…`
    let pinned = view.slice(gap, at) == "@"
        && view.back(start, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.'))
            < start;
    pinned || DIGESTS.iter().any(|digest| word.eq_ignore_ascii_case(digest))
}

/// The pieces between separators, with where they stand.
pub(super) fn pieces<'t>(text: &'t str, at: usize, separators: &'t [char]) -> impl Iterator<Item = (usize, &'t str)> {
    let mut at = at;
    text.split(separators).map(move |piece| {
        let here = at;
        at += piece.len() + 1;
        (here, piece)
    })
}
