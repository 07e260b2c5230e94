//! How real people's keys follow each other, from the Aalto recordings.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::random::Random;

/// How many recordings are read: enough for every common pair of keys.
const FILES_MAX: usize = 300;

/// How many intervals of one pair must be known before it is told apart from the rest.
const PAIR_SAMPLES_MIN: usize = 20;

/// Intervals longer than this, in milliseconds, are breaks and not typing.
const INTERVAL_MAX: u64 = 5_000;

/// How long a key stays down at most, in milliseconds, before it would repeat.
const HOLD_MAX: u64 = 450;

/// Samples of hold times and of the intervals between presses, in milliseconds.
#[derive(Debug)]
pub(super) struct Rhythm {
    pairs: BTreeMap<(Class, Class), Vec<u64>>,
    intervals: Vec<u64>,
    holds: Vec<u64>,
    deletions: Vec<u64>,
}

/// A key as the recordings name it: its character without case, or a key that prints nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// A character.
    Char(char),
    /// Backspace.
    Back,
    /// Shift.
    Shift,
    /// Anything else.
    Other,
}

impl Class {
    /// The class of a character's key.
    pub(super) fn of(c: char) -> Self {
        Self::Char(c.to_lowercase().next().unwrap_or(c))
    }

    fn read(letter: &str) -> Self {
        let mut chars = letter.chars();
        match (letter, chars.next(), chars.next()) {
            ("BKSP", ..) => Self::Back,
            ("SHIFT", ..) => Self::Shift,
            (_, Some(c), None) => Self::of(c),
            _ => Self::Other,
        }
    }
}

impl Rhythm {
    /// Reads the recordings of `dir`, `*_keystrokes.txt` in order of their names.
    ///
    /// Columns as in the Aalto data's own readme: participant, section, sentence, input, keystroke, press, release (ms),
    /// letter, key code; tab-separated, Latin-1.
    pub(super) fn read(dir: &Path) -> Result<Self> {
        let mut files: Vec<_> = std::fs::read_dir(dir)
            .with_context(|| format!("cannot list `{}`", dir.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with("_keystrokes.txt"))
            .collect();
        files.sort();
        let mut rhythm =
            Self { pairs: BTreeMap::new(), intervals: Vec::new(), holds: Vec::new(), deletions: Vec::new() };
        for path in files.iter().take(FILES_MAX) {
            let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            rhythm.add(&bytes.iter().map(|&byte| char::from(byte)).collect::<String>());
        }
        rhythm.pairs.retain(|_, samples| samples.len() >= PAIR_SAMPLES_MIN);
        if rhythm.intervals.is_empty() || rhythm.holds.is_empty() {
            bail!("`{}` holds no Aalto recordings; name a folder with `*_keystrokes.txt` files", dir.display());
        }
        if rhythm.deletions.is_empty() {
            rhythm.deletions.clone_from(&rhythm.intervals);
        }
        Ok(rhythm)
    }

    fn add(&mut self, table: &str) {
        let mut last: Option<(&str, Class, u64)> = None;
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [_, section, _, _, _, press, release, letter, ..] = fields[..] else { continue };
            let (Ok(press), Ok(release)) = (press.parse::<u64>(), release.parse::<u64>()) else { continue };
            let class = Class::read(letter);
            let hold = release.saturating_sub(press);
            if class != Class::Shift && (10..=HOLD_MAX).contains(&hold) {
                self.holds.push(hold);
            }
            if let Some((_, before, at)) = last.filter(|(before, ..)| *before == section) {
                self.add_interval(before, class, press.saturating_sub(at));
            }
            last = Some((section, class, press));
        }
    }

    fn add_interval(&mut self, before: Class, class: Class, interval: u64) {
        if !(5..=INTERVAL_MAX).contains(&interval) {
            return;
        }
        match (before, class) {
            (Class::Back, Class::Back) => self.deletions.push(interval),
            (Class::Char(_), Class::Char(_)) => {
                self.intervals.push(interval);
                self.pairs.entry((before, class)).or_default().push(interval);
            }
            _ => self.intervals.push(interval),
        }
    }

    /// How long after `before` the key `class` goes down.
    pub(super) fn interval(&self, before: Class, class: Class, random: &mut Random) -> u64 {
        let samples = match (before, class) {
            (Class::Back, Class::Back) => &self.deletions,
            pair => self.pairs.get(&pair).unwrap_or(&self.intervals),
        };
        random.pick(samples).copied().unwrap_or(150)
    }

    /// How long a key stays down.
    pub(super) fn hold(&self, random: &mut Random) -> u64 {
        random.pick(&self.holds).copied().unwrap_or(90)
    }

    /// A rhythm for tests: every interval and hold the same.
    #[cfg(test)]
    pub(super) fn steady(interval: u64, hold: u64) -> Self {
        Self { pairs: BTreeMap::new(), intervals: vec![interval], holds: vec![hold], deletions: vec![interval] }
    }
}
