//! Logins told in one breath.

use super::Found;
use super::prose::WORDS_MAX;
use super::shape::Shape;
use super::view::{View, is_blank, is_space};
use super::wording::{Token, is_ordinary, is_strong, token, token_on_line};
use crate::detect::Kind;

/// A name, a slash, a password: "login: bob / hunter2", "creds are bob@example.org / hunter2".
pub(super) fn find(view: &View<'_>, end: usize, out: &mut Vec<Found>) {
    let mut at = view.run(end, |byte| matches!(byte, b':' | b'"' | b'\''));
    let mut before: Option<Token<'_>> = None;
    for _ in 0..WORDS_MAX {
        let blank = view.run(at, is_blank);
        if matches!(view.at(blank), Some(b'\n' | b'\r')) && before.is_some() {
            return;
        }
        let Some(token) = token(view, view.run(at, is_space)) else { return };
        if let Some(name) = &before
            && token.text == "/"
            && let Some(password) = token_on_line(view, token.next)
            && !is_ordinary(&password.text.to_lowercase())
            && password.text.len() >= 3
            && (name.text.contains('@')
                || is_strong(password.text, &Shape::of(password.text))
                || view.before(name.start.saturating_sub(1)) == Some(b':'))
        {
            out.push((
                password.start..view.run(password.start, |byte| !is_space(byte)).min(password.next),
                Kind::Password,
                "spoken-login",
            ));
            return;
        }
        let pair = token
            .text
            .split_once(['/', ':'])
            .filter(|(name, _)| {
                name.len() >= 2
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b'+'))
            })
            .filter(|(_, password)| {
                !password.contains([':', '(', ')', '`', '[', ']', '{', '}', '<', '>', '"', '/'])
                    && is_strong(password, &Shape::of(password))
            });
        if let Some((name, _)) = pair.filter(|_| !token.text.contains("://")) {
            out.push((token.start + name.len() + 1..token.end, Kind::Password, "spoken-login"));
            return;
        }
        at = token.next;
        before = Some(token);
    }
}
