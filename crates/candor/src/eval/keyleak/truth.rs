//! What was really typed: which observation made which character, and which characters nobody may see.

use candor_model::unit::Ticks;
use candor_redact::Observation;

use super::scenario::Scenario;

/// One sitting of the typist, with everything that is known about it.
pub(super) struct Session {
    /// What the source saw, in order.
    pub(super) observations: Vec<Observation>,
    /// When each was seen, on the source's clock.
    pub(super) times: Vec<Ticks>,
    /// Every character that came into a field.
    pub(super) units: Vec<Unit>,
    /// Every stretch that must not be seen.
    pub(super) spans: Vec<Span>,
    /// When secret fields had the focus: from, to.
    pub(super) secret: Vec<(Ticks, Ticks)>,
    /// What the first field held at the end.
    pub(super) text: String,
}

/// One character, as it came into a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// The observation that brought it: a key press, a commit, an edit.
    pub(super) observation: usize,
    /// The character.
    pub(super) ch: char,
    /// What it was meant to be.
    pub(super) mark: Mark,
    /// How it came.
    pub(super) by: By,
    /// Whether the source had told everything that the field's model needs.
    pub(super) in_step: bool,
    /// Whether it was gone again at the end.
    pub(super) erased: bool,
}

/// What a character belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The span it was typed for.
    pub(super) span: Option<usize>,
    /// Its place in the span's text; nothing for a slip.
    pub(super) place: Option<usize>,
}

/// How a character came into its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A key, or several that were combined.
    Key,
    /// A paste.
    Paste,
    /// Nothing that the source told: a paste it cannot read, a key it does not know.
    Unseen,
    /// A key, where nothing of it may come out whatever it is: another application, a secret field.
    Elsewhere,
}

/// A stretch of text that must not be seen.
#[derive(Debug, Clone)]
pub(super) struct Span {
    /// Its type, in the word of the data set or of [`super::values`].
    pub(super) typ: String,
    /// What it says.
    pub(super) text: Vec<char>,
    /// Where it comes from.
    pub(super) origin: Origin,
    /// What happened while it was typed.
    pub(super) scenario: Scenario,
    /// Whether the detectors cover all of it in the finished text: what is lost then is the stream's fault.
    pub(super) covered: bool,
}

/// Where a span comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody marked it in the text.
    Labelled,
    /// Typed, and wholly deleted.
    Retracted,
    /// Typed half-way, and deleted.
    HalfRetracted,
    /// A card in four fields, or a value typed in a second field in between.
    Placed,
    /// Typed into a password field.
    Password,
}

impl Origin {
    /// The word in `truth.jsonl`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Labelled => "labelled",
            Self::Retracted => "retracted",
            Self::HalfRetracted => "half-retracted",
            Self::Placed => "placed",
            Self::Password => "password",
        }
    }
}

impl Session {
    /// The session's clock at a moment of the source's: it stands still in secret fields.
    pub(super) fn clock(&self, source: Ticks) -> Ticks {
        let cut: Ticks = self.secret.iter().map(|(from, to)| source.clamp(*from, *to) - from).sum();
        source - cut
    }
}
