//! Runs of digits that belong together: `4111 1111 1111 1111`, `+46 (0)8 928 571 38`, `078-05-1120`.

use super::text::{Class, Text, class};

/// At most so many groups and digits are looked at; nothing that is sought has more.
const GROUPS: usize = 20;
const DIGITS: usize = 34;

/// One run of digits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands before it: space, `-`, `.`, `/`, `)` where a bracket closes or opens, 0 for the first.
    pub(super) gap: u8,
}

impl Group {
    pub(super) const fn len(self) -> usize {
        self.end - self.start
    }
}

/// Groups of digits with one separator between each two.
#[derive(Debug)]
pub(super) struct Cluster {
    groups: [Group; GROUPS],
    count: usize,
    digits: [u8; DIGITS],
    /// Where the first of the digits of group `n` lies in `digits`.
    offsets: [usize; GROUPS + 1],
    /// A plus sign, a bracket, or both, before the first digit.
    pub(super) plus: bool,
    pub(super) bracket: bool,
    /// Where it begins, signs and brackets included.
    pub(super) start: usize,
    /// Digits with a separator stand before it: it is the tail of something.
    pub(super) tail: bool,
    /// More groups follow than were taken.
    pub(super) more: bool,
}

impl Cluster {
    /// Whether fewer than six digits stand alone at `start`: too few for anything that is sought.
    pub(super) fn is_small(text: &Text<'_>, start: usize) -> bool {
        let mut end = start;
        while end - start < 6 && text.at(end).is_ascii_digit() {
            end += 1;
        }
        end - start < 6 && !matches!(text.before(start), b'+' | b'(') && separator(text, end).is_none()
    }

    /// The cluster whose first digit is at `start`.
    pub(super) fn read(text: &Text<'_>, start: usize) -> Self {
        let mut cluster = Self {
            groups: [Group::default(); GROUPS],
            count: 0,
            digits: [0; DIGITS],
            offsets: [0; GROUPS + 1],
            plus: false,
            bracket: false,
            start,
            tail: false,
            more: false,
        };
        cluster.read_signs(text);
        let (mut at, mut gap) = (start, 0);
        while cluster.push(text, at, gap) {
            let Some((next, separator)) = separator(text, cluster.end()) else { return cluster };
            (at, gap) = (next, separator);
        }
        cluster.more = true;
        cluster
    }

    fn read_signs(&mut self, text: &Text<'_>) {
        if text.before(self.start) == b'(' {
            self.bracket = true;
            self.start -= 1;
        }
        if text.before(self.start) == b' ' && text.before(self.start - 1) == b'+' {
            self.start -= 1;
        }
        if text.before(self.start) == b'+' {
            self.plus = true;
            self.start -= 1;
            if text.before(self.start) == b'(' {
                self.bracket = true;
                self.start -= 1;
            }
        }
        let before = text.before(self.start);
        let digit = |back: usize| text.before(self.start.saturating_sub(back)).is_ascii_digit();
        self.tail = before.is_ascii_digit() || (matches!(before, b' ' | b'-' | b'.' | b'/' | b',' | b':') && digit(1));
    }

    /// Takes the group at `start`; false where there is no room for it.
    fn push(&mut self, text: &Text<'_>, start: usize, gap: u8) -> bool {
        let filled = self.offsets.get(self.count).copied().unwrap_or(DIGITS);
        let mut end = start;
        while text.at(end).is_ascii_digit() && end - start <= DIGITS {
            match self.digits.get_mut(filled + end - start) {
                Some(digit) => *digit = text.at(end),
                None => return false,
            }
            end += 1;
        }
        let Some(group) = self.groups.get_mut(self.count) else { return false };
        *group = Group { start, end, gap };
        self.count += 1;
        if let Some(offset) = self.offsets.get_mut(self.count) {
            *offset = filled + end - start;
        }
        true
    }

    pub(super) fn groups(&self) -> &[Group] {
        self.groups.get(..self.count).unwrap_or_default()
    }

    /// The digits of the first `count` groups.
    pub(super) fn digits(&self, count: usize) -> &[u8] {
        self.offsets.get(count).and_then(|&end| self.digits.get(..end)).unwrap_or_default()
    }

    /// The digits of one group.
    pub(super) fn group(&self, index: usize) -> &[u8] {
        let (start, end) = (self.offsets.get(index), self.offsets.get(index + 1));
        start.zip(end).and_then(|(&start, &end)| self.digits.get(start..end)).unwrap_or_default()
    }

    /// Where the first `count` groups end.
    pub(super) fn end_of(&self, count: usize) -> usize {
        count.checked_sub(1).and_then(|last| self.groups().get(last)).map_or(self.start, |group| group.end)
    }

    pub(super) fn end(&self) -> usize {
        self.end_of(self.count)
    }

    /// The lengths of the groups as a decimal number: 334 for `555 123 4567`. Lengths over 9 count as 9.
    pub(super) fn shape(&self, count: usize) -> u64 {
        self.groups().iter().take(count).fold(0, |shape, group| shape * 10 + group.len().min(9) as u64)
    }

    /// Whether one of `gaps` stands between every two of the first `count` groups, and always the same one.
    pub(super) fn same_gap(&self, count: usize, gaps: &[u8]) -> bool {
        let mut found = self.groups().iter().take(count).skip(1).map(|group| group.gap);
        let first = found.next();
        first.is_none_or(|first| gaps.contains(&first) && found.all(|gap| gap == first))
    }
}

/// What stands between two groups of digits: where the next begins, and the sign.
fn separator(text: &Text<'_>, end: usize) -> Option<(usize, u8)> {
    let spaced = text.skip_spaces(end, 1);
    let (next, gap) = match text.at(spaced) {
        sign @ (b'-' | b'.' | b'/') => (text.skip_spaces(spaced + 1, usize::from(spaced > end || sign != b'.')), sign),
        b')' => {
            let next = text.skip_spaces(spaced + 1, 1);
            (next + usize::from(text.at(next) == b'-'), b')')
        }
        b'(' => (spaced + 1, b')'),
        _ if spaced > end => (spaced, b' '),
        _ => return None,
    };
    (class(text.at(next)) == Class::Digit).then_some((next, gap))
}
