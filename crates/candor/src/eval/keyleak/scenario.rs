//! What happens while a text is typed, and where.

use std::collections::BTreeMap;

use super::random::Random;
use super::truth::Mark;

/// Something that a person does besides typing on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scenario {
    /// Nothing but typing, and slips corrected within a few keys.
    Plain,
    /// A character in a span is wrong, missing or too many, and is put right minutes later.
    LateCorrection,
    /// The caret walks back and returns.
    CaretWalk,
    /// Something is typed, selected with Shift and the arrows, and typed over.
    SelectKeys,
    /// A word is typed, selected with a double click, and typed over.
    SelectClick,
    /// A word is pasted, and the source tells which.
    Paste,
    /// A word is pasted, and the source does not tell.
    UntoldPaste,
    /// A stretch is deleted by holding Backspace, and typed again.
    HeldBackspace,
    /// Another value is typed first and wholly deleted.
    Retracted,
    /// Another value is typed half-way and deleted.
    HalfRetracted,
    /// The focus goes to another window or field, half-way through a span if there is one, and returns.
    LeaveFocus,
    /// Two fields are filled in turns.
    Interleaved,
    /// A word comes from an input method.
    Composed,
    /// A password field has the focus for a while.
    Password,
    /// A card is typed into four fields.
    SplitCard,
    /// A click somewhere into the field, and the source does not tell where the caret went.
    UntoldClick,
    /// A key the source cannot name.
    UnknownKey,
    /// Undo, and sometimes redo.
    Undo,
    /// Insert is toggled, and a stretch typed over itself.
    Overwrite,
}

/// How likely each happens in a text, the model in step.
const IN_STEP: [(Scenario, f64); 13] = [
    (Scenario::LateCorrection, 0.15),
    (Scenario::CaretWalk, 0.20),
    (Scenario::SelectKeys, 0.10),
    (Scenario::SelectClick, 0.08),
    (Scenario::Paste, 0.08),
    (Scenario::UntoldPaste, 0.05),
    (Scenario::HeldBackspace, 0.15),
    (Scenario::Retracted, 0.10),
    (Scenario::HalfRetracted, 0.05),
    (Scenario::LeaveFocus, 0.15),
    (Scenario::Interleaved, 0.08),
    (Scenario::Composed, 0.08),
    (Scenario::Password, 0.12),
];

/// What knocks the model out of step.
const OUT_OF_STEP: [Scenario; 5] =
    [Scenario::UntoldClick, Scenario::UnknownKey, Scenario::Undo, Scenario::Overwrite, Scenario::UntoldPaste];

/// How many characters lie between two of those, about.
const OUT_OF_STEP_EVERY: usize = 60;

impl Scenario {
    /// Its word in reports.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::LateCorrection => "late-correction",
            Self::CaretWalk => "caret-walk",
            Self::SelectKeys => "select-keys",
            Self::SelectClick => "select-click",
            Self::Paste => "paste",
            Self::UntoldPaste => "untold-paste",
            Self::HeldBackspace => "held-backspace",
            Self::Retracted => "retracted",
            Self::HalfRetracted => "half-retracted",
            Self::LeaveFocus => "leave-focus",
            Self::Interleaved => "interleaved",
            Self::Composed => "composed",
            Self::Password => "password",
            Self::SplitCard => "split-card",
            Self::UntoldClick => "untold-click",
            Self::UnknownKey => "unknown-key",
            Self::Undo => "undo",
            Self::Overwrite => "overwrite",
        }
    }

    /// Whether it may begin at `at`; `marked`: there are spans in the text.
    fn fits(self, script: &[(char, Mark)], at: usize, marked: bool) -> bool {
        let mark = |at: usize| script.get(at).map(|(_, mark)| *mark).unwrap_or_default();
        let before = at.checked_sub(1).map(mark).unwrap_or_default();
        let inside = before.span.is_some() && before.span == mark(at).span;
        let letter = |at: usize| script.get(at).is_some_and(|(c, _)| c.is_alphanumeric());
        let word_start = letter(at) && at.checked_sub(1).is_none_or(|before| !letter(before));
        match self {
            Self::LateCorrection => inside && letter(at) && letter(at - 1),
            Self::LeaveFocus | Self::Interleaved => inside || !marked,
            Self::CaretWalk | Self::HeldBackspace => at > 0,
            Self::SelectKeys | Self::SelectClick | Self::Paste | Self::Composed => word_start && !inside,
            Self::Retracted | Self::HalfRetracted | Self::Password => {
                !inside && (at == 0 || script.get(at - 1).is_some_and(|(c, _)| c.is_whitespace()))
            }
            _ => true,
        }
    }
}

/// Where in a text what happens, at most one thing in one place.
pub(super) fn plan(script: &[(char, Mark)], out_of_step: bool, random: &mut Random) -> BTreeMap<usize, Scenario> {
    let marked = script.iter().any(|(_, mark)| mark.span.is_some());
    let mut plan = BTreeMap::new();
    let mut add = |scenario: Scenario, random: &mut Random| {
        let places: Vec<usize> =
            (0..script.len()).filter(|at| !plan.contains_key(at) && scenario.fits(script, *at, marked)).collect();
        if let Some(at) = random.pick(&places) {
            plan.insert(*at, scenario);
        }
    };
    for (scenario, probability) in IN_STEP {
        if random.chance(probability) {
            let times = if scenario == Scenario::Interleaved { 3 } else { 1 };
            (0..times).for_each(|_| add(scenario, random));
        }
    }
    if out_of_step {
        for _ in 0..script.len().div_ceil(OUT_OF_STEP_EVERY) {
            if let Some(scenario) = random.pick(&OUT_OF_STEP) {
                add(*scenario, random);
            }
        }
    }
    plan
}
