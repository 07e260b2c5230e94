//! Recording means data: whether what the X server knows of input, what the source told and what became durable agree.
//!
//! A source that fell silent looks like a person who does nothing. The server's idle counters tell the two apart: a device's
//! starts anew at each input, whoever looks. What is done about it escalates: look again, bind the source anew, start everything
//! anew once, then tell and hold.

/// How long input and the source may disagree: held keys and a busy machine explain less than this.
const GRACE_MS: u64 = 2_500;
/// Clocks are read one after the other; input that is younger than what the source told by this is the same input.
const SLACK_MS: u64 = 1_000;
/// A source that tells again only for a moment was not helped by what was tried.
const HELPED_MS: u64 = 10_000;
/// How long what was kept may wait for the disk; it is committed each second.
const STORED_MS: u64 = 10_000;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All agree, or it is too early to tell.
    Fine,
    /// Open the source anew.
    Rebind,
    /// Open everything anew that talks to the desktop.
    Restart,
    /// Neither helped: tell, and hold.
    Hold,
    /// What passed the wall does not become durable.
    Stuck,
}

/// What is known at a moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// CLOCK_BOOTTIME in milliseconds.
    pub(super) now_ms: u64,
    /// How long the server has seen no input of a device, in milliseconds, where it says so.
    pub(super) idle_ms: Option<u64>,
    /// When the source last told of input; when it was opened before that.
    pub(super) told_ms: u64,
    /// Whether it told of any.
    pub(super) heard: bool,
    /// How many events passed the wall and stayed.
    pub(super) stored: u64,
    /// How many bytes are durable.
    pub(super) bytes: u64,
}

/// The check. It lives longer than a source: it remembers what was tried.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// Since when input and source disagree.
    apart_ms: Option<u64>,
    /// How many things were tried since they last agreed for some time.
    tried: u8,
    /// Since when the source tells what is made, after something was tried.
    helped_ms: Option<u64>,
    /// Since when more is kept than the disk has.
    waiting: Option<u64>,
    stored: u64,
    bytes: u64,
}

impl Truth {
    /// Looks at the facts; due about once a second while recording.
    pub(super) fn look(&mut self, facts: Facts) -> Verdict {
        if self.is_stuck(facts) {
            return Verdict::Stuck;
        }
        let Some(idle_ms) = facts.idle_ms else { return Verdict::Fine };
        let input_ms = facts.now_ms.saturating_sub(idle_ms);
        if input_ms <= facts.told_ms.saturating_add(SLACK_MS) {
            self.apart_ms = None;
            let is_heard_now = facts.heard && facts.now_ms.saturating_sub(facts.told_ms) < SLACK_MS;
            if is_heard_now {
                let since = *self.helped_ms.get_or_insert(facts.now_ms);
                if facts.now_ms.saturating_sub(since) >= HELPED_MS {
                    self.tried = 0;
                }
            }
            return Verdict::Fine;
        }
        self.helped_ms = None;
        let since = *self.apart_ms.get_or_insert(facts.now_ms);
        if facts.now_ms.saturating_sub(since) < GRACE_MS {
            return Verdict::Fine;
        }
        self.apart_ms = None;
        self.tried += 1;
        match self.tried {
            1 => Verdict::Rebind,
            2 => Verdict::Restart,
            _ => Verdict::Hold,
        }
    }

    /// The person says to go on: everything may be tried again.
    pub(super) fn forgive(&mut self) {
        *self = Self::default();
    }

    fn is_stuck(&mut self, facts: Facts) -> bool {
        let (more, written) = (facts.stored > self.stored, facts.bytes != self.bytes);
        (self.stored, self.bytes) = (facts.stored, facts.bytes);
        if written {
            self.waiting = None;
        } else if more {
            self.waiting.get_or_insert(facts.now_ms);
        }
        self.waiting.is_some_and(|since| facts.now_ms.saturating_sub(since) >= STORED_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second each: how long the server was idle, and whether the source told something.
    fn verdicts(seconds: impl IntoIterator<Item = (u64, bool)>) -> Vec<(u64, Verdict)> {
        let (mut truth, mut told_ms, mut heard, mut said) = (Truth::default(), 0, false, Vec::new());
        for (second, (idle_ms, told)) in seconds.into_iter().enumerate() {
            let now_ms = 1_000 * (second as u64 + 1);
            if told {
                (told_ms, heard) = (now_ms, true);
            }
            match truth.look(Facts { now_ms, idle_ms: Some(idle_ms), told_ms, heard, ..Facts::default() }) {
                Verdict::Fine => {}
                verdict => {
                    said.push((second as u64, verdict));
                    // Another source, opened now.
                    (told_ms, heard) = (now_ms, false);
                }
            }
        }
        said
    }

    #[test]
    fn a_person_who_does_nothing_is_no_silent_source() {
        assert_eq!(verdicts((0..60).map(|second| (second * 1_000, second == 0))), []);
        assert_eq!(verdicts((0..60).map(|_| (0, true))), []);
    }

    #[test]
    fn a_source_that_fell_silent_is_bound_anew_then_started_anew_then_held_within_ten_seconds_each() {
        let said = verdicts((0..40).map(|second| (0, second < 5)));
        let kinds: Vec<Verdict> = said.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(kinds[..3], [Verdict::Rebind, Verdict::Restart, Verdict::Hold]);
        assert!(said[0].0 < 5 + 10 && said[1].0 < said[0].0 + 10 && said[2].0 < said[1].0 + 10, "{said:?}");
    }

    #[test]
    fn a_single_key_that_nobody_told_is_noticed_too() {
        // It was pressed at second 5, and nothing since.
        let said = verdicts((0..20).map(|second: u64| (second.saturating_sub(5) * 1_000, second < 2)));
        assert!(matches!(said.first(), Some((second, Verdict::Rebind)) if *second < 15), "{said:?}");
    }

    #[test]
    fn what_helped_is_where_it_starts_again() {
        let silent = |second: u64| !(5..11).contains(&second) && !(30..36).contains(&second);
        let said = verdicts((0..40).map(|second| (0, silent(second))));
        assert!(said.iter().all(|(_, verdict)| *verdict == Verdict::Rebind), "{said:?}");
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn a_source_that_tells_only_for_a_moment_each_time_it_is_bound_is_held_too() {
        let said = verdicts((0..40).map(|second| (0, second < 5 || second % 6 == 0)));
        let kinds: Vec<Verdict> = said.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(kinds[..3], [Verdict::Rebind, Verdict::Restart, Verdict::Hold], "{said:?}");
    }

    #[test]
    fn a_source_that_tells_the_first_of_each_burst_only_is_held_too() {
        // Of a minute somebody is at work for a quarter.
        let at_work = |second: u64| second % 60 < 15;
        let said = verdicts((0..300).map(|second| {
            let idle = if at_work(second) { 0 } else { (second % 60 - 14) * 1_000 };
            (idle, second < 5 || second % 60 == 0)
        }));
        let kinds: Vec<Verdict> = said.iter().map(|(_, verdict)| *verdict).collect();
        assert_eq!(kinds[..3], [Verdict::Rebind, Verdict::Restart, Verdict::Hold], "{said:?}");
    }

    #[test]
    fn events_that_do_not_become_durable_are_noticed_within_ten_seconds_or_so() {
        let mut truth = Truth::default();
        let mut at = |second: u64, stored, bytes| {
            truth.look(Facts { now_ms: second * 1_000, stored, bytes, ..Facts::default() })
        };
        for second in 1..10 {
            assert_eq!(at(second, second, second * 10), Verdict::Fine, "the disk takes what is kept");
        }
        for second in 10..60 {
            assert_eq!(at(second, 9, 90), Verdict::Fine, "nothing was kept since");
        }
        let stuck = (60..75).find(|second| at(*second, *second, 90) == Verdict::Stuck);
        assert!(stuck.is_some_and(|second| second <= 71), "{stuck:?}");
    }
}
