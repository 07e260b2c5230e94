//! What waits to leave, in order, and how it leaves.

use std::collections::VecDeque;

use candor_model::event::{Event, What};
use candor_model::key::Key;
use candor_model::{Actor, TextPolicy, Ticks};

use crate::redactor::{Outgoing, Tally};
use crate::spans::Spans;
use crate::text::EventId;
use crate::typing::{Ruling, Shown, Typing};
use crate::{Redacted, Rule};

/// How many observations wait at most.
const WAITING_MAX: usize = 4_096;
/// How long one waits at most, in seconds: longer than any pause within a word or a number, as a rule.
const WAIT_SECS: Ticks = 9;

/// An observation that was judged.
pub(crate) struct Held {
    /// On the session's clock.
    pub(crate) at: Ticks,
    pub(crate) actor: Actor,
    pub(crate) what: Waiting,
}

/// What is to become of it, as far as that is known.
pub(crate) enum Waiting {
    /// It leaves as it is.
    Store(What),
    /// The wall adds it.
    Add(What),
    /// It is left out, and others need not miss it: it adds nothing to what they see.
    LeaveOut(Rule),
    /// It is left out, and leaves a gap.
    Withhold(Rule),
    /// A key that typed or edited text went down. `added`: the further characters of one commit of an input method.
    Stroke { id: EventId, what: What, added: bool },
    /// A key came up that went down as `id`. `added`: the wall lets go of it.
    Release { id: EventId, what: What, added: bool },
}

/// What waits, and the account of what left.
pub(crate) struct Queue {
    waiting: VecDeque<Held>,
    wait_ticks: Ticks,
    spans: Spans,
    /// Whether a gap was marked since the last event that others see: they see one, however much was left out.
    gap_marked: bool,
    tally: Tally,
    /// How many events ever left.
    ordinal: u64,
}

impl Queue {
    pub(crate) fn new(ticks_per_second: Ticks) -> Self {
        Self {
            waiting: VecDeque::new(),
            wait_ticks: WAIT_SECS.saturating_mul(ticks_per_second),
            spans: Spans::default(),
            gap_marked: false,
            tally: Tally::default(),
            ordinal: 0,
        }
    }

    /// Whether anything waits to leave.
    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(crate) fn captured(&mut self) {
        self.tally.captured += 1;
    }

    pub(crate) fn tally(&self) -> Tally {
        let own = self.waiting.iter().filter(|held| !held.what.is_added()).count();
        Tally { waiting: own as u64, ..self.tally }
    }

    pub(crate) fn spans(&mut self) -> &mut Spans {
        &mut self.spans
    }

    pub(crate) fn push(&mut self, held: Held, typing: &mut Typing, out: &mut Outgoing) {
        let waits = matches!(held.what, Waiting::Stroke { .. } | Waiting::Release { .. });
        if self.waiting.is_empty() && !waits {
            self.emit(held, false, typing, out);
        } else {
            self.waiting.push_back(held);
        }
    }

    /// Lets everything leave that may, and by force what has waited too long.
    pub(crate) fn pump(&mut self, now: Ticks, typing: &mut Typing, out: &mut Outgoing) {
        while !self.waiting.is_empty() {
            let free = self.waiting.iter().take_while(|held| held.is_free(typing)).count();
            if free > 0 {
                let leaving: Vec<Option<EventId>> =
                    self.waiting.iter().take(free).filter_map(|held| held.what.in_trail()).collect();
                typing.look_at_trail(&leaving);
                for _ in 0..free {
                    let Some(held) = self.waiting.pop_front() else { break };
                    self.emit(held, false, typing, out);
                }
            }
            let Some(front) = self.waiting.front() else { break };
            let expired = now.saturating_sub(front.at) >= self.wait_ticks;
            if !expired && self.waiting.len() <= WAITING_MAX {
                break;
            }
            if let Some(held) = self.waiting.pop_front() {
                self.emit(held, true, typing, out);
            }
        }
        out.retracted.extend(typing.take_retracted());
    }

    fn emit(&mut self, held: Held, forced: bool, typing: &mut Typing, out: &mut Outgoing) {
        let Held { at, actor, what } = held;
        match what {
            Waiting::Store(what) => {
                self.interrupts(&what, typing);
                self.store(Event { at, actor, what }, out);
            }
            Waiting::Add(what) => {
                self.interrupts(&what, typing);
                self.add(Event { at, actor, what }, out);
            }
            Waiting::LeaveOut(rule) => self.leave_out(at, rule),
            Waiting::Withhold(rule) => {
                typing.interrupted();
                self.withhold(at, actor, rule, out);
            }
            Waiting::Stroke { id, what, added } => {
                let event = Event { at, actor, what };
                self.stroke(event, id, added, forced, typing, out);
            }
            Waiting::Release { id, what, added } => match typing.redacted(id) {
                // Nothing of a key that was redacted is told, its release neither.
                Some(_) if added => {}
                Some(rule) => self.leave_out(at, rule),
                None => {
                    typing.released(id, self.ordinal);
                    let event = Event { at, actor, what };
                    if added { self.add(event, out) } else { self.store(event, out) }
                }
            },
        }
    }

    fn stroke(
        &mut self,
        mut event: Event,
        id: EventId,
        added: bool,
        forced: bool,
        typing: &mut Typing,
        out: &mut Outgoing,
    ) {
        let text = match typing.rule(id, forced) {
            Ruling::Instead(shown, rule) => {
                typing.withheld(id);
                return self.instead(event.at, event.actor, added, shown, rule, typing, out);
            }
            Ruling::Text(c) => Some(c),
            Ruling::Plain => None,
        };
        if let (Some(c), What::Key { key, .. }) = (text, &mut event.what) {
            *key = Key::typed(c);
        }
        typing.left(id, self.ordinal, text);
        if added { self.add(event, out) } else { self.store(event, out) }
    }

    /// A surrogate or a gap for the first key of a group, nothing for the rest.
    #[expect(clippy::too_many_arguments, reason = "the parts of one held key, its wall, and where it goes")]
    fn instead(
        &mut self,
        at: Ticks,
        actor: Actor,
        added: bool,
        shown: Shown,
        rule: Rule,
        typing: &mut Typing,
        out: &mut Outgoing,
    ) {
        typing.interrupted();
        if !added {
            self.leave_out(at, rule);
        }
        match shown {
            Shown::Surrogate { of, number } => {
                self.add(Event { at, actor, what: What::Surrogate { of, number } }, out);
                self.gap_marked = false;
            }
            Shown::Gap => self.mark_gap(at, actor, out),
            Shown::Nothing => {}
        }
    }

    fn interrupts(&self, what: &What, typing: &mut Typing) {
        if matches!(what, What::Gap | What::Window { .. } | What::Surrogate { .. }) {
            typing.interrupted();
        }
    }

    fn store(&mut self, event: Event, out: &mut Outgoing) {
        self.tally.stored += 1;
        if self.gap_marked {
            self.gap_marked = false;
            self.spans.flush(&mut out.remarks);
        }
        self.put(event, true, out);
    }

    fn add(&mut self, event: Event, out: &mut Outgoing) {
        self.tally.added += 1;
        self.put(event, false, out);
    }

    fn put(&mut self, event: Event, observed: bool, out: &mut Outgoing) {
        self.ordinal += 1;
        out.events.push(Redacted::new(event, observed));
    }

    /// Leaves an event out and marks a gap for others.
    fn withhold(&mut self, at: Ticks, actor: Actor, rule: Rule, out: &mut Outgoing) {
        self.leave_out(at, rule);
        self.mark_gap(at, actor, out);
    }

    fn mark_gap(&mut self, at: Ticks, actor: Actor, out: &mut Outgoing) {
        if !self.gap_marked {
            self.gap_marked = true;
            self.add(Event { at, actor, what: What::Gap }, out);
        }
    }

    fn leave_out(&mut self, at: Ticks, rule: Rule) {
        self.tally.withheld += 1;
        self.spans.add(rule, at);
    }
}

impl Held {
    fn is_free(&self, typing: &Typing) -> bool {
        match &self.what {
            Waiting::Stroke { id, .. } => typing.is_free(*id),
            Waiting::Store(_)
            | Waiting::Add(_)
            | Waiting::LeaveOut(_)
            | Waiting::Withhold(_)
            | Waiting::Release { .. } => true,
        }
    }
}

impl Waiting {
    /// Whether it stands for no observation of the source.
    fn is_added(&self) -> bool {
        matches!(self, Self::Add(_) | Self::Release { added: true, .. } | Self::Stroke { added: true, .. })
    }

    /// Its place in the trail of what leaves: a key, or something between two texts; nothing where it is neither.
    fn in_trail(&self) -> Option<Option<EventId>> {
        match self {
            Self::Stroke { id, .. } => Some(Some(*id)),
            Self::Withhold(_) | Self::Store(What::Gap | What::Window { .. } | What::Surrogate { .. }) => Some(None),
            Self::Store(_) | Self::Add(_) | Self::LeaveOut(_) | Self::Release { .. } => None,
        }
    }
}

/// Whether the policy withholds a key's class.
pub(crate) fn withholds(policy: TextPolicy, key: &Key) -> bool {
    policy == TextPolicy::None && matches!(key, Key::Shape(_) | Key::Text(_))
}
