//! What belongs to a special category (GDPR, article 9): somebody's health, union, religion, politics or sexuality.
//!
//! Topics alone say nothing: an essay on cancer is no diagnosis. A cue is a topic that a sentence ties to a person: to
//! whoever owns it ("my therapist", "Anna's pregnancy"), or to who it is said of ("she was diagnosed with"). Found is the
//! clause, from the person to the end of the sentence. This reaches what is said plainly, in seven languages. It does not
//! reach what is paraphrased, and it is not meant to: precision comes first, so that ordinary prose passes.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

use super::special_cues::{ADVERBS, ALONE, NOBODY, OWNED, OWNERS, PERSONS, SAID};
use super::{Finding, Kind};

/// A clause is masked no further than this, in bytes.
const CLAUSE_BYTES_MAX: usize = 120;
/// How far before a cue its person is looked for, in bytes.
const BEFORE_BYTES_MAX: usize = 64;
/// How many words before a cue of [`Need::Subject`] may stand between it and its person.
const WORDS_BETWEEN_MAX: usize = 3;

/// What must stand before a cue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Who has it: "my", "Anna's", with one word between at most.
    Owner,
    /// Of whom it is said: a pronoun or a name, with a few words between at most.
    Subject,
    /// Nothing: the cue names its person.
    Nothing,
}

/// Finds clauses of special categories.
pub(crate) struct Special {
    cues: AhoCorasick,
    needs: Vec<Need>,
}

impl Special {
    /// Builds the automaton of all cues; some milliseconds, once.
    ///
    /// # Errors
    /// Where the lists had become too long for the automaton.
    pub(crate) fn new() -> Result<Self, BuildError> {
        let lists = [(OWNED, Need::Owner), (SAID, Need::Subject), (ALONE, Need::Nothing)];
        let cues = || {
            lists.iter().flat_map(|(list, need)| {
                list.lines().map(str::trim).filter(|cue| !cue.is_empty()).map(|cue| (cue, *need))
            })
        };
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .build(cues().map(|(cue, _)| cue))?;
        Ok(Self { cues: automaton, needs: cues().map(|(_, need)| need).collect() })
    }

    /// Appends the clauses found, in order.
    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        let mut covered = 0;
        for cue in self.cues.find_iter(text) {
            if !is_whole(text, cue.range()) {
                continue;
            }
            let Some(need) = self.needs.get(cue.pattern().as_usize()) else { continue };
            let Some(from) = begin(text, cue.start(), *need) else { continue };
            let span = from.max(covered)..clause_end(text, from).max(cue.end());
            if span.end > covered {
                covered = span.end;
                out.push(Finding { span, kind: Kind::Special, rule: "special" });
            }
        }
    }
}

/// Whether no letter or digit touches the match.
fn is_whole(text: &str, range: Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    !before.is_some_and(is_word) && !after.is_some_and(is_word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the clause begins: at its person, where the cue has the one it needs.
fn begin(text: &str, cue: usize, need: Need) -> Option<usize> {
    let mut words = WordsBefore { text, at: cue, end: cue.saturating_sub(BEFORE_BYTES_MAX) };
    match need {
        Need::Nothing => Some(cue),
        Need::Owner => words.by_ref().take(2).find(|(_, word)| is_owner(word)).map(|(at, _)| at),
        Need::Subject => words.by_ref().take(WORDS_BETWEEN_MAX + 1).find(|(_, word)| is_person(word)).map(|(at, _)| at),
    }
}

fn is_owner(word: &str) -> bool {
    let possessive = ["'s", "’s"].into_iter().find_map(|end| word.strip_suffix(end));
    contains(OWNERS, word) || possessive.is_some_and(is_name)
}

fn is_person(word: &str) -> bool {
    let stem = word.split(['\'', '’']).next().unwrap_or(word);
    contains(PERSONS, stem) || is_name(stem)
}

/// A capitalised word that begins no sentence by its trade.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let lower = word.chars().count() >= 3 && letters.all(char::is_lowercase);
    capital && lower && !contains(NOBODY, word) && !contains(ADVERBS, word)
}

/// Whether a list of words, with blanks between, holds `word` in whatever case.
fn contains(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case(word))
}

/// The end of the sentence, or as much as is masked of a long one.
fn clause_end(text: &str, from: usize) -> usize {
    let most = text.floor_char_boundary(from.saturating_add(CLAUSE_BYTES_MAX).min(text.len()));
    let clause = text.get(from..most).unwrap_or_default();
    clause.find(['.', '!', '?', ';', '\n', '\r', '。', '！', '？']).map_or(most, |end| from + end)
}

/// Words before a place in a text, nearest first, as long as only blanks stand between them.
struct WordsBefore<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Iterator for WordsBefore<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let before = self.text.get(..self.at)?.trim_end_matches([' ', '\u{a0}']);
        let part = |c: char| is_word(c) || matches!(c, '\'' | '’' | '-');
        let word = before.get(before.trim_end_matches(part).len()..)?;
        self.at = before.len() - word.len();
        (!word.is_empty() && self.at >= self.end).then_some((self.at, word))
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    fn masked(text: &str) -> String {
        let mut found = Vec::new();
        Special::new().unwrap().find(text, &mut found);
        assert!(found.is_sorted_by(|a, b| a.span.end <= b.span.start), "{found:?}");
        let hidden = |at| found.iter().any(|finding| finding.span.contains(&at));
        text.char_indices().map(|(at, c)| if hidden(at) { '█' } else { c }).collect()
    }

    #[track_caller]
    fn redacts(text: &str) {
        assert!(masked(text).contains('█'), "{text}");
    }

    #[track_caller]
    fn keeps(text: &str) {
        assert_eq!(masked(text), text);
    }

    #[test]
    fn redacts_the_clause_and_not_what_lies_around_it() {
        assert_eq!(masked("Hello. My therapist said so. Bye."), "Hello. ████████████████████. Bye.");
        assert_eq!(masked("note: I was diagnosed with asthma\nnext"), "note: ███████████████████████████\nnext");
    }

    #[test]
    fn redacts_health_of_somebody() {
        for text in [
            "I was diagnosed with lupus",
            "she has been diagnosed with it",
            "Anna was diagnosed with diabetes",
            "her pregnancy is going well",
            "my new psychiatrist",
            "I'm pregnant",
            "he is HIV positive",
            "Tobias has cancer",
            "my chemotherapy starts on Monday",
            "Maria's miscarriage",
            "ich bin schwanger",
            "meine Therapeutin meint",
            "bei mir wurde Krebs festgestellt",
            "je suis enceinte",
            "mon psychiatre",
            "estoy embarazada",
            "mi psicóloga dice",
            "sono incinta",
            "il mio psichiatra",
            "estou grávida",
            "meu psiquiatra",
            "ik ben zwanger",
            "mijn therapeut",
        ] {
            redacts(text);
        }
    }

    #[test]
    fn redacts_union_religion_politics_and_sexuality_of_somebody() {
        for text in [
            "our shop steward called",
            "I joined the union last week",
            "my union rep",
            "I voted for them",
            "we are muslim",
            "she converted to Islam",
            "I am gay",
            "he came out as trans",
            "my rabbi",
            "wir gründen einen Betriebsrat",
            "ich bin in der Gewerkschaft",
            "mein Betriebsrat",
            "je suis syndiqué",
            "soy gay",
            "mi sindicato",
            "ich habe die Grünen gewählt",
        ] {
            redacts(text);
        }
    }

    #[test]
    fn keeps_topics_that_are_nobodys() {
        for text in [
            "An essay on cancer and its history",
            "the union of two sets",
            "the European Union voted",
            "a therapist is a profession",
            "The committee was informed",
            "the patient was diagnosed with",
            "depression in the north Atlantic",
            "my doctoral thesis",
            "a state of the union address",
            "church architecture",
            "my unionfs mount",
            "pregnant pause",
            "this is gaya",
            "der Betriebsrat ist ein Organ",
            "la thérapie génique",
            "I joined the union of both tables",
        ] {
            keeps(text);
        }
    }

    #[test]
    fn a_long_sentence_is_masked_as_far_as_the_bound() {
        let text = format!("my therapist {}", "word ".repeat(60));
        let mut found = Vec::new();
        Special::new().unwrap().find(&text, &mut found);
        assert_eq!(
            found.iter().map(|finding| (finding.span.start, finding.span.end)).collect::<Vec<_>>(),
            [(0, CLAUSE_BYTES_MAX)]
        );
    }

    #[test]
    fn the_automaton_is_small_and_every_cue_can_match() {
        let special = Special::new().unwrap();
        assert!(special.cues.memory_usage() < 3 << 20, "{}", special.cues.memory_usage());
        for cue in [OWNED, SAID, ALONE].into_iter().flat_map(str::lines).map(str::trim).filter(|cue| !cue.is_empty()) {
            assert_eq!(cue.to_lowercase(), cue);
            assert!(special.cues.find(cue).is_some_and(|found| found.range() == (0..cue.len())), "{cue}");
        }
    }
}
