//! Dead keys and compose sequences: what the locale's Compose file, or the participant's own, makes of several keys (Compose(5)).
//!
//! Toolkits differ in what they do with a sequence that makes nothing. So nothing is claimed of one: the wall is told that
//! the source does not know.

use candor_model::key::NamedKey;
use candor_redact::LogicalKey;
use kbvm::Keysym;
use kbvm::xkb::Context;
use kbvm::xkb::compose::{ComposeTable, FeedResult, State};
use kbvm::xkb::diagnostic::{Diagnostic, DiagnosticHandler, DiagnosticKind};

use super::keymap::meaning;

/// For locales that have no file: what toolkits make of the keys does not depend on it.
const ANY_LOCALE: &str = "en_US.UTF-8";

/// The sequence that is being typed, and the keys that are down.
#[derive(Default)]
pub(super) struct Compose {
    table: Table,
    sequence: Option<Sequence>,
    held: Vec<(u8, LogicalKey)>,
}

/// It is read when the first key comes that can begin a sequence: most layouts have none, and it takes a megabyte.
#[derive(Default)]
enum Table {
    #[default]
    Unread,
    Missing,
    Read(Box<ComposeTable>),
}

struct Sequence {
    state: State,
    /// It is one dead key so far.
    accent: bool,
}

impl Compose {
    /// What the key with this code and symbol means as it goes down, and what a sequence that ends with it puts in.
    pub(super) fn press(&mut self, code: u8, symbol: u32) -> (LogicalKey, Option<String>) {
        let (logical, text) = self.feed(symbol);
        self.held.retain(|(held, _)| *held != code);
        self.held.push((code, logical));
        (logical, text)
    }

    /// What the key means as it comes up: what it meant when it went down, if that was seen.
    pub(super) fn release(&mut self, code: u8, symbol: u32) -> LogicalKey {
        let at = self.held.iter().position(|(held, _)| *held == code);
        at.map_or_else(|| meaning(symbol), |at| self.held.swap_remove(at).1)
    }

    /// Another window has the focus, or keys were missed: what was begun makes nothing.
    pub(super) fn reset(&mut self) {
        self.sequence = None;
    }

    fn feed(&mut self, symbol: u32) -> (LogicalKey, Option<String>) {
        let alone = meaning(symbol);
        if self.sequence.is_none() && !may_begin(symbol) {
            return (alone, None);
        }
        let Some(table) = self.table.read() else { return (alone, None) };
        let begins = self.sequence.is_none();
        let accent = self.sequence.as_ref().is_some_and(|sequence| sequence.accent);
        let mut state = self.sequence.take().map_or_else(|| table.create_state(), |sequence| sequence.state);
        let Some(result) = table.feed(&mut state, Keysym(symbol)) else {
            // A modifier, which leaves the sequence as it is.
            self.sequence = (!begins).then_some(Sequence { state, accent });
            return (alone, None);
        };
        match result {
            FeedResult::Pending => {
                let accent = begins && matches!(alone, LogicalKey::Dead(_));
                self.sequence = Some(Sequence { state, accent });
                let tells = accent || alone == LogicalKey::Named(NamedKey::Compose);
                (if tells { alone } else { LogicalKey::Composing }, None)
            }
            FeedResult::Composed { string, keysym } => {
                let text = string.map(str::to_owned).or_else(|| Some(keysym?.char()?.to_string()));
                (LogicalKey::Composing, text.filter(|text| !text.is_empty()))
            }
            FeedResult::Aborted => (aborted(alone, accent), None),
        }
    }
}

/// A key that ends a sequence without a result. After one accent the wall knows what there is to know.
fn aborted(alone: LogicalKey, accent: bool) -> LogicalKey {
    use NamedKey::{Backspace, Delete};
    match alone {
        LogicalKey::Named(Backspace | Delete) => LogicalKey::Unidentified,
        LogicalKey::Named(_) => alone,
        LogicalKey::Char(_) if accent => alone,
        LogicalKey::Char(_) | LogicalKey::Dead(_) | LogicalKey::Composing | LogicalKey::Unidentified => {
            LogicalKey::Unidentified
        }
    }
}

/// Whether sequences begin with such keys: a dead key, the compose key, characters that layouts have for sequences only
/// (X11/keysymdef.h).
fn may_begin(symbol: u32) -> bool {
    matches!(symbol, 0xfe50..=0xfeff | 0xff20 | 0x0100_0000..=0x0110_ffff)
}

impl Table {
    fn read(&mut self) -> Option<&ComposeTable> {
        if let Self::Unread = self {
            *self = load(None)
                .or_else(|| load(Some(ANY_LOCALE)))
                .map_or(Self::Missing, |table| Self::Read(Box::new(table)));
        }
        match self {
            Self::Read(table) => Some(table),
            Self::Unread | Self::Missing => None,
        }
    }
}

/// The table of this locale, or of the one that the environment names; the participant's own file comes before either.
fn load(locale: Option<&str>) -> Option<ComposeTable> {
    let context = Context::default();
    let mut builder = context.compose_table_builder();
    if let Some(locale) = locale {
        builder.locale(locale);
    }
    builder.build(Unheard)
}

/// A line that cannot be read is skipped, as by everybody else who reads the file.
struct Unheard;

impl DiagnosticHandler for Unheard {
    fn filter(&self, _kind: DiagnosticKind, _is_fatal: bool) -> bool {
        false
    }

    fn handle(&mut self, _diagnostic: Diagnostic) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        <dead_acute> <e> : "é" eacute
        <dead_acute> <dead_acute> : "´" acute
        <dead_acute> <dead_diaeresis> <i> : "ΐ"
        <Multi_key> <a> <e> : "æ" ae
        <Multi_key> <l> <v> : "♥♥"
        <Multi_key> <o> : eacute
    "#;

    const ACUTE: u32 = 0xfe51;
    const DIAERESIS: u32 = 0xfe57;
    const MULTI: u32 = 0xff20;

    fn compose() -> Compose {
        let context = Context::default();
        let mut builder = context.compose_table_builder();
        builder.buffer(RULES);
        Compose { table: Table::Read(Box::new(builder.build(Unheard).unwrap())), ..Compose::default() }
    }

    fn typed(symbols: &[u32]) -> Vec<(LogicalKey, Option<String>)> {
        let mut compose = compose();
        symbols.iter().map(|symbol| compose.press(0, *symbol)).collect()
    }

    fn check(symbols: &[u32], logical: &[LogicalKey], texts: &[&str]) {
        let seen = typed(symbols);
        assert!(seen.iter().map(|(logical, _)| *logical).eq(logical.iter().copied()), "{symbols:x?}");
        assert_eq!(seen.into_iter().filter_map(|(_, text)| text).collect::<Vec<_>>(), texts);
    }

    use LogicalKey::{Char, Composing, Dead, Named, Unidentified};

    #[test]
    fn a_sequence_puts_in_what_its_file_says() {
        check(&[ACUTE, 0x65, 0x65], &[Dead('´'), Composing, Char('e')], &["é"]);
        check(&[ACUTE, ACUTE], &[Dead('´'), Composing], &["´"]);
        check(&[ACUTE, DIAERESIS, 0x69], &[Dead('´'), Composing, Composing], &["ΐ"]);
        check(&[MULTI, 0x61, 0x65], &[Named(NamedKey::Compose), Composing, Composing], &["æ"]);
        check(&[MULTI, 0x6c, 0x76], &[Named(NamedKey::Compose), Composing, Composing], &["♥♥"]);
        check(&[MULTI, 0x6f], &[Named(NamedKey::Compose), Composing], &["é"]);
    }

    #[test]
    fn a_modifier_is_no_part_of_a_sequence() {
        let shift = Named(NamedKey::Shift);
        check(&[ACUTE, 0xffe1, 0x65], &[Dead('´'), shift, Composing], &["é"]);
    }

    #[test]
    fn a_sequence_that_makes_nothing_is_told_as_not_known() {
        // One accent and a letter: the wall knows both.
        check(&[ACUTE, 0x78, 0x65], &[Dead('´'), Char('x'), Char('e')], &[]);
        check(&[MULTI, 0x61, 0x78], &[Named(NamedKey::Compose), Composing, Unidentified], &[]);
        check(&[ACUTE, DIAERESIS, 0x78], &[Dead('´'), Composing, Unidentified], &[]);
        check(&[ACUTE, 0xff08], &[Dead('´'), Unidentified], &[]);
        check(&[ACUTE, 0xff1b, 0x65], &[Dead('´'), Named(NamedKey::Escape), Char('e')], &[]);
    }

    #[test]
    fn a_sequence_does_not_go_on_in_another_window() {
        let mut compose = compose();
        compose.press(1, ACUTE);
        compose.reset();
        assert!(compose.press(2, 0x65) == (Char('e'), None));
    }

    #[test]
    fn a_release_means_what_its_press_meant() {
        let mut compose = compose();
        compose.press(1, ACUTE);
        compose.press(2, 0x65);
        assert!(compose.release(2, 0x65) == Composing);
        assert!(compose.release(1, ACUTE) == Dead('´'));
        assert!(compose.release(1, ACUTE) == Dead('´'), "without a press it means what it says");
        assert!(compose.release(2, 0x65) == Char('e'));
    }
}
