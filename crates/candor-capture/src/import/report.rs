//! What an import found: counts, line numbers and reasons, never content.

use candor_model::unit::Ticks;
use candor_model::{ClockUnit, PositionUnit};
use serde::Serialize;

use crate::import::row::Row;
use crate::import::{Format, Reason};

/// How many malformed lines the report names; the rest is counted.
const NAMED_MAX: usize = 20;

/// What an import found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// What it was recognised as.
    pub format: Format,
    /// The unit of `span`; microseconds a tick when serialised.
    #[serde(rename = "clock_unit_us")]
    pub clock_unit: ClockUnit,
    /// The unit of the positions; steps a pixel when serialised.
    #[serde(rename = "position_steps")]
    pub position_unit: PositionUnit,
    /// From the first event to the last, in ticks.
    pub span: Ticks,
    /// What became of each line.
    pub lines: Lines,
    /// What was emitted.
    pub events: Events,
    /// What was emitted, or left out, and is not as it should be.
    pub oddities: Oddities,
    /// The first malformed lines.
    pub malformed: Vec<MalformedLine>,
    /// When the file's clock showed 0 of the session, in Unix milliseconds, where the file's clock is a wall clock.
    pub started_unix_ms: Option<u64>,
}

/// What became of each line: `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// Lines read.
    pub read: u64,
    /// The line that names the columns.
    pub header: u64,
    /// Empty lines.
    pub blank: u64,
    /// Lines that became events.
    pub imported: u64,
    /// Lines that say the recorder was paused or resumed.
    pub markers: u64,
    /// Lines left out because they repeat the line before.
    pub duplicates: u64,
    /// Lines left out because their position stands for "outside the screen".
    pub sentinels: u64,
    /// Lines left out because they cannot be understood.
    pub malformed: u64,
}

/// What was emitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// Keys down and up.
    pub keys: u64,
    /// Pointer moves and drags.
    pub moves: u64,
    /// Buttons down and up.
    pub buttons: u64,
    /// Scrolls.
    pub scrolls: u64,
    /// Gaps: where something was left out, the clock jumped or the recorder was paused.
    pub gaps: u64,
}

/// What is not as it should be. Unless said otherwise, the event concerned was emitted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Oddities {
    /// Lines whose record time is that of the line before: the recorder wrote them in batches. Their client time is used.
    pub batched: u64,
    /// Scrolls equal to the line before. Each is another notch, so they are kept.
    pub repeated_notches: u64,
    /// Keys that went down while down: automatic repeat.
    pub key_repeats: u64,
    /// Buttons that went down while down.
    pub unmatched_presses: u64,
    /// Keys and buttons that went up while up.
    pub unmatched_releases: u64,
    /// Keys and buttons still down at the end.
    pub held_at_end: u64,
    /// Keys whose meaning the file does not tell, or this version does not know. The wall withholds them.
    pub unknown_keys: u64,
    /// Keys whose character was missing and is known from the key code.
    pub keys_from_code: u64,
    /// Keys released before they were pressed: the release was set to the press.
    pub early_releases: u64,
    /// Positions between two steps of the position unit: rounded.
    pub rounded_positions: u64,
    /// How often the clock ran backwards.
    pub clock_backwards: u64,
    /// How often it did so by more than a second; each leaves a gap.
    pub clock_jumps: u64,
}

/// A malformed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MalformedLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Report {
    pub(crate) fn new(file: &str, format: Format, clock_unit: ClockUnit, position_unit: PositionUnit) -> Self {
        Self {
            file: file.to_owned(),
            format,
            clock_unit,
            position_unit,
            span: 0,
            lines: Lines::default(),
            events: Events::default(),
            oddities: Oddities::default(),
            malformed: Vec::new(),
            started_unix_ms: None,
        }
    }

    /// Whether every line is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.lines.read == self.lines.accounted()
    }

    /// The span in seconds.
    pub fn span_secs(&self) -> f64 {
        self.span as f64 * f64::from(self.clock_unit.micros()) / 1e6
    }

    /// Every count with its name for people, in a fixed order: what a table shows.
    pub fn rows(&self) -> Vec<(&'static str, u64)> {
        let (l, e, o) = (&self.lines, &self.events, &self.oddities);
        vec![
            ("lines read", l.read),
            ("lines imported", l.imported),
            ("header lines", l.header),
            ("blank lines", l.blank),
            ("pause and resume markers", l.markers),
            ("duplicate lines, left out", l.duplicates),
            ("positions outside the screen, left out", l.sentinels),
            ("malformed lines, left out", l.malformed),
            ("key events", e.keys),
            ("moves", e.moves),
            ("button events", e.buttons),
            ("scrolls", e.scrolls),
            ("gaps", e.gaps),
            ("lines with a batched record time", o.batched),
            ("repeated scroll notches", o.repeated_notches),
            ("key repeats", o.key_repeats),
            ("presses of a button already down", o.unmatched_presses),
            ("releases without a press", o.unmatched_releases),
            ("keys and buttons down at the end", o.held_at_end),
            ("unknown keys", o.unknown_keys),
            ("keys known from their code alone", o.keys_from_code),
            ("keys released before pressed", o.early_releases),
            ("rounded positions", o.rounded_positions),
            ("clock ran backwards", o.clock_backwards),
            ("clock jumped back by more than 1 s", o.clock_jumps),
        ]
    }

    pub(crate) fn classify(&mut self, line: u64, row: Result<Row, Reason>) {
        let class = match row {
            Ok(Row::Imported) => &mut self.lines.imported,
            Ok(Row::Duplicate) => &mut self.lines.duplicates,
            Ok(Row::Sentinel) => &mut self.lines.sentinels,
            Ok(Row::Marker) => &mut self.lines.markers,
            Err(reason) => {
                if self.malformed.len() < NAMED_MAX {
                    self.malformed.push(MalformedLine { line, reason });
                }
                &mut self.lines.malformed
            }
        };
        *class += 1;
    }
}

impl Lines {
    fn accounted(&self) -> u64 {
        self.header + self.blank + self.imported + self.markers + self.duplicates + self.sentinels + self.malformed
    }
}

impl Events {
    /// Events that hold something: all but gaps.
    pub fn total(&self) -> u64 {
        self.keys + self.moves + self.buttons + self.scrolls
    }
}
