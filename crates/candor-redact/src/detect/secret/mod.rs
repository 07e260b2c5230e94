//! Secrets that machines make and passwords that people choose.
//!
//! One automaton finds prefixes of known formats, words in names (`api_key`) and cues in prose ("the password is"); a decision
//! at each of them reads on a bounded way. What carries no mark of its own is found by its look. No regular expressions:
//! ordinary prose costs one pass of the automaton.

mod assign;
mod carrier;
mod checksum;
mod format;
mod formats;
mod login;
mod name;
mod near;
mod prose;
mod seed;
mod shape;
mod sink;
#[cfg(test)]
mod tests;
mod token;
mod value;
mod view;
mod wording;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use self::format::Format;
use self::sink::Sink;
use self::value::Claim;
use self::view::{View, is_space};
use self::words::Cue;
use crate::detect::{Finding, Kind};

/// What a decision finds.
type Found = (Range<usize>, Kind, &'static str);

/// What is decided at a trigger.
#[derive(Debug, Clone, Copy)]
enum Trigger {
    /// The format with this number.
    Format(usize),
    Name(Claim),
    Cue(Cue),
    Block,
    Address,
    Header {
        basic: bool,
    },
    UserFlag,
}

/// Finds secrets and passwords. Built once; holds nothing of what it reads.
pub struct Secrets {
    automaton: AhoCorasick,
    /// For each literal of the automaton, what to decide there, and how long the literal of the decision is.
    triggers: Vec<Vec<(usize, Trigger)>>,
    formats: Vec<Format>,
    tokens: Vec<Format>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new()
    }
}

impl Secrets {
    /// Builds the automaton, about a megabyte.
    pub fn new() -> Self {
        let parse = |list: &[(&'static str, &'static str)]| {
            list.iter().filter_map(|(rule, template)| Format::parse(rule, template)).collect()
        };
        let formats: Vec<Format> = parse(formats::FORMATS);
        let mut literals: BTreeMap<String, Vec<Trigger>> = BTreeMap::new();
        let mut add = |literal: &str, trigger| literals.entry(literal.to_ascii_lowercase()).or_default().push(trigger);
        for (n, format) in formats.iter().enumerate() {
            add(format.prefix, Trigger::Format(n));
        }
        for (claim, words) in name::WORDS {
            words.split(' ').for_each(|word| add(word, Trigger::Name(*claim)));
        }
        for (cue, words) in words::CUES {
            words.split(' ').for_each(|word| add(word, Trigger::Cue(*cue)));
        }
        add(carrier::BLOCK, Trigger::Block);
        add("://", Trigger::Address);
        add("basic", Trigger::Header { basic: true });
        add("bearer", Trigger::Header { basic: false });
        add("-u", Trigger::UserFlag);

        // The automaton reports the longest literal only; what a shorter one asks for is decided there too.
        let triggers = literals
            .keys()
            .map(|literal| {
                let within = literals.iter().filter(|(shorter, _)| literal.starts_with(shorter.as_str()));
                within
                    .flat_map(|(shorter, triggers)| triggers.iter().map(|trigger| (shorter.len(), *trigger)))
                    .collect()
            })
            .collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals.keys())
            .unwrap_or_else(|_| unbuilt());
        Self { automaton, triggers, formats, tokens: parse(formats::TOKENS) }
    }

    /// Finds secrets in a text and adds them in their order, none within another.
    pub fn find(&self, text: &str, out: &mut Vec<Finding>) {
        let mut sink = Sink::new(text, out);
        self.scan(text, 0, &mut sink);
        sink.finish();
    }

    /// Finds near misses too, for text that is being typed: known prefixes with too few characters, mixed tokens. These
    /// become shapes; ordinary words, names, numbers, prices and times stay.
    pub fn find_near(&self, text: &str, out: &mut Vec<Finding>) {
        let mut sink = Sink::new(text, out);
        self.scan(text, 0, &mut sink);
        near::find(text, self.formats.iter().chain(&self.tokens), &mut sink);
        sink.finish();
    }

    /// The place in bytes before which [`find`](Self::find) finds the same however the text goes on: at most the beginning
    /// of the last token; before it where a cue or a key block is open.
    pub fn settled(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let word_start = |from: usize| {
            bytes
                .get(..from)
                .and_then(|head| head.iter().rposition(|byte| is_space(*byte)))
                .map_or(0, |space| space + 1)
        };
        let last = word_start(bytes.len());
        let from = word_start(bytes.len().saturating_sub(view::REACH + 64));
        let mut found = Vec::new();
        let mut sink = Sink::new(text, &mut found);
        let mut settled = last.min(self.scan(text, from, &mut sink));
        let tail = view::floor(text, bytes.len().saturating_sub(carrier::BLOCK_MAX));
        if let Some(start) = text.get(tail..from).and_then(|tail| tail.rfind(carrier::BLOCK)) {
            let view = View::reaching(text, tail + start, carrier::BLOCK_MAX);
            let block = carrier::block(&view, tail + start);
            if view.is_open() || block.is_some_and(|(span, ..)| span.end > settled) {
                settled = settled.min(tail + start);
            }
        }
        found
            .iter()
            .filter(|finding| finding.span.end > settled)
            .map(|finding| finding.span.start)
            .fold(settled, usize::min)
    }

    /// Decides at every trigger from `from` on. Returns the first place whose decision is still open.
    fn scan(&self, text: &str, from: usize, sink: &mut Sink<'_>) -> usize {
        let mut open = text.len();
        let mut found = Vec::new();
        for hit in self.automaton.find_iter(Input::new(text).range(from..)) {
            let triggers = self.triggers.get(hit.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            for (len, trigger) in triggers {
                let end = hit.start() + len;
                if self.decide(text, hit.start(), end, *trigger, &mut found) {
                    open = open.min(hit.start());
                }
                found.drain(..).for_each(|(span, kind, rule)| sink.push(span, kind, rule));
            }
        }
        token::find(text, from, &self.tokens, sink);
        open
    }

    /// Decides at one trigger, and says whether the decision is open.
    fn decide(&self, text: &str, start: usize, end: usize, trigger: Trigger, found: &mut Vec<Found>) -> bool {
        let reach = match trigger {
            Trigger::Format(_) => usize::MAX,
            Trigger::Block => carrier::BLOCK_MAX,
            Trigger::Cue(Cue::Seed) => view::REACH,
            Trigger::Cue(_) => prose::REACH,
            _ => view::REACH,
        };
        let view = View::reaching(text, end, reach);
        match trigger {
            Trigger::Format(n) => {
                found.extend(self.formats.get(n).and_then(|format| self.format(&view, start, format)))
            }
            Trigger::Name(claim) => assign::find(&view, start, end, claim, found),
            Trigger::Cue(cue) => prose::find(&view, start, end, cue, found),
            Trigger::Block => found.extend(carrier::block(&view, start)),
            Trigger::Address => found.extend(carrier::address(&view, start)),
            Trigger::Header { basic } => found.extend(carrier::header(&view, end, basic)),
            Trigger::UserFlag => found.extend(carrier::user_flag(&view, end)),
        }
        view.is_open()
    }

    fn format(&self, view: &View<'_>, start: usize, format: &Format) -> Option<Found> {
        let end = format.end(view, start)?;
        let token = view.slice(start, end).trim_end_matches(['.', ',', '!', '*', '|', '%']);
        // What begins with a sign is the second half of a token.
        let first = if format.prefix.starts_with(['.', ':']) {
            view.back(start, 128, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        } else {
            start
        };
        Some((first..start + token.len(), Kind::Secret, format.rule_for(token)))
    }
}

/// Finds nothing. A test proves that the constant literals build.
#[expect(
    clippy::unreachable,
    reason = "the literals are constants, far below the automaton's limits, and a test builds them"
)]
fn unbuilt() -> AhoCorasick {
    unreachable!("the automaton's literals are constants that build")
}
