//! People's names: from lists, after titles and cues, by capital letters.

use super::cue;
use super::kind::Kind;
use super::lexicon::Roles;
use super::scan::{Hit, Scan};
use super::text::{Class, Token, class};

/// At most so many words make a name.
const WORDS: usize = 5;

/// The name that begins with, or is announced by, `token`.
pub(super) fn find(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    let text = scan.text;
    let hit = |start, end, rule| Some(Hit::new(start, end, Kind::Name, rule));
    if roles.any(Roles::TITLE) {
        let start = text.skip_spaces(token.end + usize::from(text.at(token.end) == b'.'), 2);
        let titled = token.capital || matches!(text.get(token.start, token.end), "mr" | "mrs" | "dr");
        let name = words(scan, start, WORDS);
        if titled && start > token.end && name > start {
            return hit(token.start, name, "name-title");
        }
    }
    let proper = token.capital && !roles.any(Roles::COMMON);
    if let Some(found) = if proper { capital(scan, token, roles) } else { None } {
        return Some(found);
    }
    if roles.any(Roles::GREETING) {
        let start = after_greeting(scan, token.end);
        let name = words(scan, start, 3);
        if name > start && matches!(text.at(name), b',' | b'!' | b'\n' | b'\r' | b'.' | b':' | b'-' | 0) {
            return hit(start, name, "name-greeting");
        }
    }
    if roles.any(Roles::NAME_FIELD) {
        return field(scan, token);
    }
    if !token.capital && roles.any(Roles::FIRST) {
        let next = text.token(text.skip_spaces(token.end, 1));
        let known = next.start > token.end && scan.lexicon.roles(&next).any(Roles::FIRST.or(Roles::LAST));
        return known.then(|| Hit::new(token.start, next.end, Kind::Name, "name-lower"));
    }
    None
}

/// A name by its first word.
fn capital(scan: &Scan<'_, '_>, token: &Token, roles: Roles) -> Option<Hit> {
    let text = scan.text;
    let hit = |end, rule| Some(Hit::new(token.start, end, Kind::Name, rule));
    if roles.any(Roles::FIRST) && token.len() > 2 {
        let end = words(scan, token.start, WORDS);
        // Four capitals are more often an abbreviation, unless a family name follows.
        return if token.lower || token.len() > 4 || end > token.end { hit(end, "name-first") } else { None };
    }
    let next = text.token(joint(scan, token.end));
    let known = |token: &Token| scan.lexicon.roles(token);
    if next.start > token.end && next.capital {
        let initial = next.len() == 1 && text.at(next.end) == b'.';
        let third = text.token(text.skip_spaces(next.end + 1, 1));
        let family = known(&next).any(Roles::LAST) || (initial && third.capital && !known(&third).any(Roles::COMMON));
        if family && token.lower && !roles.any(Roles::COMMON.or(Roles::STREET_BEFORE)) {
            return hit(words(scan, token.start, WORDS), "name-last");
        }
        if roles.any(Roles::MAYBE_FIRST) && known(&next).any(Roles::FIRST.or(Roles::LAST)) {
            return hit(words(scan, token.start, WORDS), "name-maybe");
        }
    }
    let inside =
        matches!(class(text.before(token.start.saturating_sub(1))), Class::Lower) && text.before(token.start) == b' ';
    let alone = roles.any(Roles::LAST) && !roles.any(Roles::MAYBE_FIRST) && token.lower && inside;
    if alone { hit(words(scan, token.start, 2), "name-last-alone") } else { None }
}

/// Where the next word of a name would begin.
fn joint(scan: &Scan<'_, '_>, end: usize) -> usize {
    match scan.text.at(end) {
        b'-' | b'\'' => end + 1,
        0xe2 if scan.text.at(end + 1) == 0x80 && matches!(scan.text.at(end + 2), 0x98 | 0x99) => end + 3,
        _ => scan.text.skip_spaces(end, 2),
    }
}

/// Where the name goes that follows a greeting.
fn after_greeting(scan: &Scan<'_, '_>, end: usize) -> usize {
    let mut at = end;
    while at - end < 4 && matches!(scan.text.at(at), b' ' | b',' | b'\n' | b'\r' | b'.' | b'!') {
        at += 1;
    }
    at
}

/// The end of the words of a name from `start`; `start` where none begins.
fn words(scan: &Scan<'_, '_>, start: usize, most: usize) -> usize {
    let text = scan.text;
    let (mut at, mut end, mut particles) = (start, start, 0);
    for _ in 0..most + 3 {
        let word = text.token(at);
        let roles = scan.lexicon.roles(&word);
        let joined = matches!(text.before(at), b'-' | b'\'' | 0x98 | 0x99);
        // `Dr. Ruiz Avda. …`, `Ana Ruiz Tel. …`: what comes next in a form or a signature.
        let next_field = roles.any(Roles::STREET_BEFORE.or(cue::ROLES)) && word.len() > 1;
        let other =
            next_field && !roles.any(Roles::FIRST.or(Roles::LAST)) || (word.len() == 1 && text.at(word.end) == b'/');
        if !word.is_word() || word.len() > 24 || other {
            break;
        }
        if word.capital && (!roles.any(Roles::COMMON) || roles.any(Roles::LAST.or(Roles::FIRST)) || joined) {
            end = word.end;
            particles = 0;
        } else if roles.any(Roles::PARTICLE) && particles < 3 && (word.capital || end > start) {
            particles += 1;
        } else {
            // The 's of a name is no part of it.
            break;
        }
        at = if word.len() == 1 && text.at(word.end) == b'.' {
            end = if end == word.end { word.end + 1 } else { end };
            text.skip_spaces(word.end + 1, 1)
        } else {
            joint(scan, word.end)
        };
        if at == word.end {
            break;
        }
    }
    end
}

/// A name in a form (`Name: …`), or told (`my name is …`).
fn field(scan: &Scan<'_, '_>, token: &Token) -> Option<Hit> {
    let text = scan.text;
    let mut colon = text.skip_spaces(token.end, 1);
    let by = text.token(colon);
    if matches!(text.get(by.start, by.end), "por" | "by" | "von" | "par") {
        colon = text.skip_spaces(by.end, 1);
    }
    let told = scan.word_before(token.start).any(Roles::MY);
    let start = match text.at(colon) {
        b':' | b'=' => {
            let start = text.skip_spaces(colon + 1, 3);
            // A form may put the value on the next line.
            if text.at(start) == b'\n' { start + 1 } else { start }
        }
        _ if told => {
            let verb = text.token(colon);
            let is = matches!(text.get(verb.start, verb.end), "is" | "ist" | "es" | "est" | "e");
            if is { text.skip_spaces(verb.end, 1) } else { return None }
        }
        _ => return None,
    };
    if scan.lexicon.roles(&text.token(start)).any(Roles::TITLE) {
        // The title announces the name itself.
        return None;
    }
    let mut end = words(scan, start, WORDS);
    if end == start && told {
        let word = text.token(start);
        let ordinary = scan.lexicon.roles(&word).any(Roles::COMMON.or(Roles::FILLER));
        end = if word.is_word() && !ordinary && word.len() > 2 { word.end } else { start };
    }
    (end > start).then(|| Hit::new(start, end, Kind::Name, "name-field"))
}
