//! Rust source without its comments and without what its strings say.

/// The same text, line by line as long, with comments and the insides of string and character literals blanked out.
///
/// It knows line and nested block comments, strings, byte and raw strings, characters and lifetimes: enough to tell code
/// from talk about code.
pub fn code_only(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut out = String::with_capacity(source.len());
    let mut index = 0;
    while index < chars.len() {
        let end = match (at(index), at(index + 1)) {
            ('/', '/') => find(&chars, index, |i| at(i) == '\n'),
            ('/', '*') => block_comment_end(&chars, index),
            ('"', _) => string_end(&chars, index + 1),
            ('r', '"' | '#') if !is_word(&chars, index) => match raw_string_end(&chars, index + 1) {
                Some(end) => end,
                None => {
                    out.push('r');
                    index += 1;
                    continue;
                }
            },
            ('\'', '\\') => find(&chars, index + 3, |i| at(i) == '\'') + 1,
            ('\'', _) if at(index + 2) == '\'' => index + 3,
            (c, _) => {
                out.push(c);
                index += 1;
                continue;
            }
        };
        let end = end.min(chars.len());
        out.extend(chars.iter().take(end).skip(index).map(|&c| if c == '\n' { '\n' } else { ' ' }));
        index = end;
    }
    out
}

/// Whether the character before `index` belongs to a word (then `r"` is no raw string, unless the word is `b`).
fn is_word(chars: &[char], index: usize) -> bool {
    let before = |back: usize| index.checked_sub(back).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let byte_prefix = before(1) == 'b' && !word(before(2));
    word(before(1)) && !byte_prefix
}

fn find(chars: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..chars.len()).find(|&i| stop(i)).unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let pair = |i: usize| (chars.get(i).copied(), chars.get(i + 1).copied());
    let (mut depth, mut index) = (0, start);
    while index < chars.len() {
        match pair(index) {
            (Some('/'), Some('*')) => depth += 1,
            (Some('*'), Some('/')) if depth == 1 => return index + 2,
            (Some('*'), Some('/')) => depth -= 1,
            _ => {
                index += 1;
                continue;
            }
        }
        index += 2;
    }
    chars.len()
}

fn string_end(chars: &[char], mut index: usize) -> usize {
    while let Some(&c) = chars.get(index) {
        match c {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    chars.len()
}

/// The end of the raw string whose hashes or quote begin at `index`, if it is one.
fn raw_string_end(chars: &[char], index: usize) -> Option<usize> {
    let hashes = chars.iter().skip(index).take_while(|&&c| c == '#').count();
    if chars.get(index + hashes) != Some(&'"') {
        return None;
    }
    let closes =
        |i: usize| chars.get(i) == Some(&'"') && chars.iter().skip(i + 1).take_while(|&&c| c == '#').count() >= hashes;
    Some(find(chars, index + hashes + 1, closes) + 1 + hashes)
}

/// The lines, counted from 1, in which `word` stands as a word of its own.
pub fn lines_with_word<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.lines().enumerate().filter(move |(_, line)| has_word(line, word)).map(|(index, _)| index + 1)
}

/// Whether `word` stands in `line` with no letter, digit or underscore on either side.
pub fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, found)| {
        let before = line.get(..start).and_then(|text| text.chars().next_back());
        let after = line.get(start + found.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_stays() {
        let source = "let a = \"unsafe \\\" x\"; // unsafe\n/* unsafe /* a */\nunsafe */ let b = 'u'; let c = '\\''; unsafe {}\nlet d: &'static str = r#\"unsafe \"# ; let e = br\"unsafe\"; r#unsafe";
        let code = code_only(source);
        assert_eq!(code.lines().count(), source.lines().count());
        assert_eq!(lines_with_word(&code, "unsafe").collect::<Vec<_>>(), [3, 4], "{code}");
        assert!(code.contains("&'static str"), "{code}");
    }

    #[test]
    fn a_word_inside_a_word_is_none() {
        assert!(has_word("unsafe { }", "unsafe"));
        assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
    }
}
