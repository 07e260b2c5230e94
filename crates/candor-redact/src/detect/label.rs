//! Names of controls: whether one is made of nothing but words that interfaces are made of.
//!
//! Detectors know what private things look like in a text. A name of a control has no text around it: the button `Priya`
//! opens a conversation, the button `Seven` types a digit of a code, and nothing tells. So here the list says what may be
//! seen, not what may not.

use super::lexicon::{Lexicon, Roles};
use super::text::{Class, Text, class};

/// Signs that may stand between words, beyond ASCII: an ellipsis, a dash, an apostrophe.
const SIGNS: [char; 3] = ['…', '–', '’'];

/// Whether every word of `name` is on the list of words of interfaces, and there is no digit and no sign but what stands
/// between words. A word that can be a first name too passes beside others only: `Mark as read`, not `Mark`.
pub(super) fn is_label(lexicon: &Lexicon, name: &str) -> bool {
    let text = Text::new(name);
    let (mut at, mut words, mut maybe) = (0, 0, false);
    while at < text.len() {
        let token = text.token(at);
        if token.is_empty() {
            let sign = text.char_at(at).unwrap_or_default();
            if !is_sign(sign) {
                return false;
            }
            at += sign.len_utf8();
            continue;
        }
        let roles = lexicon.roles(&token);
        if token.strange || !token.is_word() || !roles.any(Roles::INTERFACE) || roles.any(Roles::FIRST.or(Roles::LAST))
        {
            return false;
        }
        maybe |= roles.any(Roles::MAYBE_FIRST) || token.len() < 2;
        words += 1;
        at = token.end;
    }
    words > 1 || (words == 1 && !maybe)
}

fn is_sign(sign: char) -> bool {
    SIGNS.contains(&sign) || (sign.is_ascii() && class(sign as u8) == Class::Other && " .,:!?&()-'".contains(sign))
}

#[cfg(test)]
mod tests {
    use super::super::words::LISTS;
    use super::*;

    #[test]
    fn labels_of_interfaces_pass() {
        let lexicon = Lexicon::new();
        for name in
            ["Save", "Save As…", "Speichern unter…", "Insert table", "Log in", "OK", "Mark as read", "Schließen"]
        {
            assert!(is_label(&lexicon, name), "{name}");
        }
    }

    #[test]
    fn whatever_is_no_word_of_interfaces_does_not() {
        let lexicon = Lexicon::new();
        for name in [
            "Priya",
            "Chat with Priya",
            "Mark",
            "Open report-q3.odt",
            "Seven",
            "7",
            "a",
            "Inbox (3)",
            "Save to /home",
            "jo@host.example",
            "Oncology",
            "",
            "…",
            "S\u{200b}ave",
            "Save\u{0}",
            "\u{455}ave",
            "SaveAsPDF",
        ] {
            assert!(!is_label(&lexicon, name), "{name}");
        }
    }

    /// Such a word would never pass, and says that somebody put the wrong word on the list.
    #[test]
    fn no_word_of_interfaces_is_a_name_that_is_nothing_else_or_a_digit() {
        let lexicon = Lexicon::new();
        let interface = LISTS
            .iter()
            .filter(|(roles, _)| *roles == Roles::INTERFACE)
            .flat_map(|(_, words)| words.split_whitespace());
        let wrong = Roles::FIRST.or(Roles::LAST).or(Roles::DIGIT);
        let wrong: Vec<_> = interface.filter(|word| lexicon.roles(&Text::new(word).token(0)).any(wrong)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
