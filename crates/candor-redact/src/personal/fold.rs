//! How texts are folded before they are compared: coarser than NFKC with case folding, so that more is found.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// A character as it is compared, and the bytes of the text it comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) code: u32,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Gives each character of a text as it is compared: compatibility forms decomposed, in lower case, accents, separators
/// and what cannot be seen left out. Decomposing works on each character alone, so appending to a text changes nothing
/// before.
#[inline]
pub(super) fn fold(text: &str, mut each: impl FnMut(Folded)) {
    for (at, c) in text.char_indices() {
        let (from, to) = (position(at), position(at + c.len_utf8()));
        let mut each = |code| each(Folded { code, from, to });
        if c.is_ascii() {
            match ASCII.get(c as usize) {
                Some(0) | None => {}
                Some(code) => each(u32::from(*code)),
            }
        } else {
            decompose_compatible(c, |part| fold_part(part, &mut each));
        }
    }
}

/// Where, in bytes, the last `count` folded characters of `text` begin; its beginning, where it has no more than those.
pub(super) fn start_of_last(text: &str, count: usize) -> usize {
    let mut left = count;
    for (at, c) in text.char_indices().rev() {
        if left == 0 {
            return at + c.len_utf8();
        }
        fold(c.encode_utf8(&mut [0; 4]), |_| left = left.saturating_sub(1));
    }
    0
}

/// A text longer than 4 GiB saturates, and what lies beyond is found at its end.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn fold_part(part: char, each: &mut impl FnMut(u32)) {
    let mut keep = |c: char| {
        if canonical_combining_class(c) == 0 && !is_separator(c) {
            each(u32::from(c));
        }
    };
    match part {
        'ß' | 'ẞ' => "ss".chars().for_each(keep),
        'ς' => keep('σ'),
        'ı' => keep('i'),
        _ => part.to_lowercase().for_each(keep),
    }
}

/// What each ASCII character folds to; zero for a separator.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let mut at = 0;
    while at < 128 {
        if !is_ascii_separator(at) {
            #[expect(clippy::indexing_slicing, reason = "computed when compiling, and checked then")]
            {
                table[at as usize] = at.to_ascii_lowercase();
            }
        }
        at += 1;
    }
    table
};

/// What people put between the parts of a number, a name or an address; and what has no width.
const fn is_ascii_separator(byte: u8) -> bool {
    let between = matches!(byte, b'-' | b'_' | b'.' | b',' | b';' | b':' | b'/' | b'\\' | b'|' | b'\'' | b'"' | b'`');
    let bracket = matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>');
    between || bracket || byte <= b' ' || byte == 0x7f
}

fn is_separator(c: char) -> bool {
    match c {
        '\0'..='\x7f' => is_ascii_separator(c as u8),
        '\u{ad}' | '·' | '«' | '»' | '・' | '、' | '。' => true,
        '\u{2000}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => true,
        _ => c.is_whitespace() || c.is_control(),
    }
}
