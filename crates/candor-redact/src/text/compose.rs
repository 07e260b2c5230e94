//! Dead keys: what an accent and a letter make together.

use unicode_normalization::char::compose as precompose;

/// What the dead key `dead` and the key `base` type together, where every platform agrees: the precomposed character of
/// Unicode, or the accent itself before a space or when pressed twice.
///
/// Nothing where they make no character: X11 then types nothing, Windows and macOS type both.
pub(super) fn compose(dead: char, base: char) -> Option<char> {
    if base == ' ' || base == dead {
        return Some(spacing(dead));
    }
    // The source composed already: no keyboard has these on a key that follows a dead one.
    if !base.is_ascii() && base.is_alphabetic() {
        return Some(base);
    }
    precompose(base, combining(dead))
}

/// Accents as keyboards name them, and as Unicode combines them.
const ACCENTS: &[(char, char)] = &[
    ('`', '\u{300}'),
    ('´', '\u{301}'),
    ('\'', '\u{301}'),
    ('^', '\u{302}'),
    ('~', '\u{303}'),
    ('¯', '\u{304}'),
    ('˘', '\u{306}'),
    ('˙', '\u{307}'),
    ('¨', '\u{308}'),
    ('"', '\u{308}'),
    ('˚', '\u{30a}'),
    ('°', '\u{30a}'),
    ('˝', '\u{30b}'),
    ('ˇ', '\u{30c}'),
    ('¸', '\u{327}'),
    ('˛', '\u{328}'),
];

fn combining(dead: char) -> char {
    ACCENTS.iter().find(|(accent, _)| *accent == dead).map_or(dead, |(_, mark)| *mark)
}

fn spacing(dead: char) -> char {
    ACCENTS.iter().find(|(_, mark)| *mark == dead).map_or(dead, |(accent, _)| *accent)
}
