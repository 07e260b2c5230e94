//! Secrets that their carrier gives away: key blocks, addresses with a password, `Authorization` headers.

use super::Found;
use super::checksum;
use super::shape::Shape;
use super::value;
use super::view::{View, is_space};
use crate::detect::Kind;

/// How far a key block reaches at most, in bytes. RSA of 16,384 bits takes 12,500; PGP rarely more.
pub(super) const BLOCK_MAX: usize = 16 * 1024;

pub(super) const BLOCK: &str = "-----BEGIN";

/// A private key between `-----BEGIN … PRIVATE KEY-----` and its footer; without one, as far as it looks like a key.
pub(super) fn block(view: &View<'_>, start: usize) -> Option<Found> {
    let label = start + BLOCK.len();
    let header = view.run(label, |byte| byte.is_ascii_alphanumeric() || byte == b' ');
    let name = view.slice(label, header).to_ascii_uppercase();
    if header - label > 48 || !name.contains("PRIVATE") {
        return None;
    }
    let body = view.run(header, |byte| byte == b'-');
    let mut i = body;
    let mut prose = Prose::default();
    while view.at(i).is_some() {
        if view.has(i, "-----") {
            let end = if view.has(i, "-----END") {
                let label = view.run(i + 5, |byte| byte.is_ascii_alphanumeric() || byte == b' ');
                view.run(label, |byte| byte == b'-')
            } else {
                i
            };
            return Some((start..end, Kind::Secret, "private-key-block"));
        }
        let word = view.run(i, |byte| !is_space(byte) && byte != b'-');
        if let Some(end) = prose.word(i, view.slice(i, word)) {
            return Some((start..end, Kind::Secret, "private-key-block"));
        }
        i = view.run(word.max(i + 1), is_space);
    }
    Some((start..i, Kind::Secret, "private-key-block"))
}

/// Notices that a block without a footer has gone over into prose.
#[derive(Default)]
struct Prose {
    words: usize,
    began: usize,
}

impl Prose {
    /// Where the prose began, once there are eight words of it.
    fn word(&mut self, at: usize, word: &str) -> Option<usize> {
        let shape = Shape::of(word.trim_matches(|c: char| c.is_ascii_punctuation()));
        if word.len() > 16 || !shape.is_wordlike() {
            self.words = 0;
            return None;
        }
        if self.words == 0 {
            self.began = at;
        }
        self.words += 1;
        (self.words >= 8).then_some(self.began)
    }
}

/// The password in `scheme://user:password@host`, from its `://`; or a token that stands for both.
pub(super) fn address(view: &View<'_>, separator: usize) -> Option<Found> {
    if !view.before(separator).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'}' | b'+' | b'.')) {
        return None;
    }
    let start = separator + 3;
    let end =
        view.run(start, |byte| !is_space(byte) && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|'));
    // A password may hold a slash or a question mark unescaped; then the last `@` before one is not the end of it.
    let authority = view
        .run(start, |byte| !is_space(byte) && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'/' | b'?' | b'#'));
    let whole = view.slice(start, end.max(authority));
    let within = view.slice(start, authority);
    // A first part without a dot is seldom a host, when another `@` comes later.
    let first = within.rfind('@').filter(|at| {
        let host = within.get(at + 1..).unwrap_or_default();
        host.contains(['.', ':']) || host == "localhost" || !whole.get(at + 1..).is_some_and(|rest| rest.contains('@'))
    });
    let at = first.or_else(|| {
        let at = whole.rfind('@')?;
        let colon = whole.find(':')?;
        let port = whole.get(colon + 1..)?.bytes().take_while(u8::is_ascii_digit).count();
        let after = whole.as_bytes().get(colon + 1 + port);
        (colon < at && !whole.get(..at)?.starts_with('/') && !matches!(after, Some(b'/'))).then_some(at)
    })?;
    let user = whole.get(..at)?;
    match user.split_once(':') {
        Some((name, password)) if !password.is_empty() => {
            let placeholder = value::is_placeholder(password) && !matches!(password, "secret" | "test" | "password1")
                || password.eq_ignore_ascii_case(name) && name.len() < 8 && matches!(name, "user" | "username");
            let from = start + name.len() + 1;
            (!placeholder).then(|| (from..start + at, Kind::Password, "address-password"))
        }
        Some((name, _)) => Shape::of(name).is_random(12).then(|| (start..start + at, Kind::Secret, "address-token")),
        None => Shape::of(user).is_random(12).then(|| (start..start + at, Kind::Secret, "address-token")),
    }
}

/// What follows `Basic` or `Bearer`, from the end of the word.
pub(super) fn header(view: &View<'_>, word: usize, basic: bool) -> Option<Found> {
    let start = view.run(word, |byte| matches!(byte, b' ' | b':' | b'\t'));
    if start == word || start > word + 8 {
        return None;
    }
    let end = view.run(start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'.' | b'_' | b'-' | b'~')
    });
    let token = view.slice(start, end).trim_end_matches('.');
    let span = start..start + token.len();
    if basic {
        let bytes = checksum::base64(token)?;
        let printable = bytes.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte >= 0x80);
        return (token.len() >= 6 && printable && bytes.contains(&b':')).then_some((
            span,
            Kind::Secret,
            "basic-credentials",
        ));
    }
    let shape = Shape::of(token);
    let secret = shape.len >= 8 && shape.is_mixed() && shape.digits >= 2
        || shape.is_random(12)
        || shape.len >= 24 && !shape.is_wordlike();
    (secret && !value::is_placeholder(token)).then_some((span, Kind::Secret, "bearer-token"))
}

/// The password of `curl -u user:password`, from the end of the flag.
pub(super) fn user_flag(view: &View<'_>, flag: usize) -> Option<Found> {
    if !view.before(flag.saturating_sub(2)).is_some_and(is_space) {
        return None;
    }
    let open = view.run(flag, |byte| matches!(byte, b' ' | b'"' | b'\''));
    let name = view.run(open, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'$' | b'{' | b'}')
    });
    if view.at(name) != Some(b':') || open == flag {
        return None;
    }
    let end = view.run(name + 1, |byte| !is_space(byte) && !matches!(byte, b'"' | b'\''));
    let password = view.slice(name + 1, end);
    (password.len() >= 3 && !value::is_placeholder(password) && !password.starts_with("//")).then_some((
        name + 1..end,
        Kind::Password,
        "flag-password",
    ))
}
