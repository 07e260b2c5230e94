//! Detectors: where in a text something stands that a person would not want seen.
//!
//! Pure: a text in, findings out. A finding never carries what it found.

mod account;
mod address;
mod check;
mod cluster;
mod cue;
mod email;
mod identity;
mod ip;
mod kind;
mod label;
mod lexicon;
mod name;
mod normal;
mod number;
mod phone;
mod scan;
mod secret;
mod special;
mod special_cues;
mod spelled;
mod text;
mod typed;
mod url;
mod words;

#[cfg(test)]
mod tests;

pub use kind::{Finding, Kind};

use self::lexicon::Lexicon;
use self::scan::{REACH, Scan};
use self::secret::Secrets;
use self::special::Special;
use self::text::Text;

/// All detectors, built once and shared.
pub struct Detector {
    lexicon: Lexicon,
    secrets: Secrets,
    /// Nothing where its table could not be built, which a test rules out.
    special: Option<Special>,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// Builds the tables.
    pub fn new() -> Self {
        Self { lexicon: Lexicon::new(), secrets: Secrets::new(), special: Special::new().ok() }
    }

    /// Adds the findings in a finished text, sorted by where they begin. None lies inside
    /// another unless it is the one that may show less; two may overlap.
    pub fn find(&self, text: &str, findings: &mut Vec<Finding>) {
        self.run(text, false, findings);
    }

    /// The same for a text that is being typed, where what a slip of the finger spoiled, or half of a value, is a finding
    /// too: digits without a right check digit, `name@host`, the beginning of an account number.
    pub fn find_typed(&self, text: &str, findings: &mut Vec<Finding>) {
        self.run(text, true, findings);
    }

    /// Whether the name of a control is made of nothing but words that interfaces are made of.
    pub fn is_label(&self, name: &str) -> bool {
        label::is_label(&self.lexicon, name)
    }

    fn run(&self, text: &str, typed: bool, findings: &mut Vec<Finding>) {
        let first = findings.len();
        let seen = Text::new(text);
        let scan = Scan { text: &seen, lexicon: &self.lexicon, typed };
        if scan.run(findings) {
            normal::find(&self.lexicon, text, typed, findings);
        }
        if typed {
            self.secrets.find_near(text, findings);
        } else {
            self.secrets.find(text, findings);
        }
        if let Some(special) = &self.special {
            special.find(text, findings);
        }
        let mut found = findings.split_off(first);
        found.sort_by(|a, b| (a.span.start, b.span.end).cmp(&(b.span.start, a.span.end)));
        // What may show as a surrogate does not hide what may not: a token in an address is still a secret.
        let (mut shown, mut hidden) = (0, 0);
        found.retain(|finding| {
            let reached = if finding.kind.surrogate().is_some() { &mut shown } else { &mut hidden };
            let new = finding.span.end > *reached;
            *reached = finding.span.end.max(*reached);
            new
        });
        findings.append(&mut found);
    }

    /// The byte before which no finding can begin, end or change, however the text goes on after its end.
    ///
    /// It lags behind the end by what is open: the last token and, since `at` may follow, the word before it; a group of
    /// digits, a word that may be a name's or an address's first, a cue. Clauses of a special category are not waited
    /// for: they reach back to their person, a whole sentence, and are taken back where part of them has left.
    /// For a text within [`Detector::find`]'s and [`Detector::find_typed`]'s reach alike.
    pub fn settled(&self, text: &str) -> usize {
        let token = text.trim_end_matches(|char: char| !char.is_whitespace()).len();
        let reach = token.saturating_sub(REACH);
        let from = text.get(reach..token).map_or(0, |window| {
            if reach == 0 { 0 } else { window.find(char::is_whitespace).map_or(token, |space| reach + space) }
        });
        let seen = Text::new(text);
        let scan = Scan { text: &seen, lexicon: &self.lexicon, typed: true };
        // What has begun otherwise than `at` and `arroba` do will not be one.
        let begun = text.get(token..).unwrap_or_default().trim_start_matches(['(', '[']);
        let is_at = |at: &str| at.get(..begun.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(begun));
        let other = begun.starts_with(|c: char| c.is_ascii()) && !is_at("at") && !is_at("arroba");
        let before = if other { token } else { scan.before_last(token) };
        let own = scan.horizon(from).min(before).min(normal::horizon(&self.lexicon, text, from));
        own.min(self.secrets.settled(text))
    }
}
