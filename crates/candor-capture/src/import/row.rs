//! What may become of a line, and why one is malformed.

use serde::Serialize;

/// What became of a line that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Row {
    /// It became events.
    Imported,
    /// It repeats the line before: left out.
    Duplicate,
    /// Its position is the value that stands for "outside the screen": left out, with a gap.
    Sentinel,
    /// It says that the recorder was paused or resumed.
    Marker,
}

/// What is wrong with a line. It never says what the line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The line is longer than a line of any format is.
    #[error("the line is longer than 64 KiB")]
    TooLong,
    /// The line is not UTF-8.
    #[error("the line is not UTF-8")]
    NotUtf8,
    /// The line is not JSON.
    #[error("the line is not one JSON object")]
    NotJson,
    /// A field is missing or of the wrong type.
    #[error("a field is missing or of the wrong type")]
    Field,
    /// The number of columns is wrong.
    #[error("the number of columns is wrong")]
    Columns,
    /// The time is no number, or outside what a clock shows.
    #[error("the time is not a number of seconds from 0 to 10000000000")]
    Time,
    /// A position is no number, or outside what a desktop has.
    #[error("a position is not a number of pixels between -1000000 and 1000000")]
    Position,
    /// A scroll distance is no number or out of range.
    #[error("a scroll distance is not a number of notches between -10000 and 10000")]
    Scroll,
    /// What happened is none of the kinds this version knows.
    #[error("the kind of event is unknown to this version")]
    Action,
    /// The button is none of those this version knows.
    #[error("the button is unknown to this version")]
    Button,
    /// A key is released long after it was pressed.
    #[error("the key is released more than an hour after it was pressed")]
    Hold,
    /// More keys are down than there are fingers, by far.
    #[error("more than 64 keys are down at once")]
    KeysDown,
    /// The line belongs to another person than the lines before.
    #[error("the line belongs to another person")]
    AnotherPerson,
}
