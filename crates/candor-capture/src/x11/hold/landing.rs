//! Which keys a field has shown.

use std::sync::Arc;
use std::time::Instant;

use candor_model::Ticks;
use candor_redact::ElementId;
use zeroize::Zeroizing;

use super::news::GRACE;
use super::waiting::{Awaited, Part, Place, Waiting};
use super::{Hold, LATE_MAX, PASSED_AFTER, SHOWN_MAX};
use crate::a11y::Field;

impl Hold {
    /// A field shows text that was not there: the keys that print it have landed.
    pub(super) fn inserted(&mut self, element: ElementId, text: &str, now: Instant) {
        let awaited = |shows| {
            let shown =
                |waiting: &Waiting| matches!(waiting.part(), Some(Part::Text { shows: shown, .. }) if shown == shows);
            self.waiting.iter().any(shown)
        };
        if self.mute.contains(&element) && text.chars().any(awaited) {
            self.mute.remove(&element);
            self.again();
        }
        let mut rest = Zeroizing::new(String::new());
        for shows in text.chars() {
            if self.land(element, shows, now) {
                self.doubts = 0;
            } else {
                rest.push(shows);
            }
        }
        if !rest.is_empty() {
            self.strays(element, now);
        }
        if !rest.is_empty() && self.waiting.iter().any(|waiting| matches!(waiting.part(), Some(Part::Cause { .. }))) {
            self.late.push_back((now, element, rest));
            if self.late.len() > LATE_MAX {
                self.late.pop_front();
            }
        }
    }

    /// Whether the next key that waits in that field shows this. None is passed over but what may have been erased before
    /// it was shown, and nothing behind what may have moved the focus counts.
    fn land(&mut self, element: ElementId, shows: char, now: Instant) -> bool {
        let (mut place, mut start, mut barred) = (self.place, 0, false);
        let (mut passed_over, mut erased) = (0u32, 0u32);
        let mut found = None;
        for (index, waiting) in self.waiting.iter().enumerate() {
            if let Some(other) = waiting.place() {
                (place, start, barred, passed_over, erased) = (other, index + 1, false, 0, 0);
            }
            if place != Place::Text(element) || barred {
                continue;
            }
            match waiting.part() {
                Some(Part::Cause { passed: false }) => barred = true,
                Some(Part::Erase) if passed_over > 0 => erased += 1,
                Some(Part::Text { shows: shown, landed: false }) => {
                    // Neither long before it was shown, nor after that.
                    let timely = now.saturating_duration_since(waiting.read) < SHOWN_MAX
                        && waiting.read.saturating_duration_since(now) < GRACE;
                    if shown == shows && timely && passed_over <= erased {
                        found = Some(index);
                        break;
                    }
                    passed_over += 1;
                }
                _ => {}
            }
        }
        let Some(end) = found else { return false };
        self.waiting.range_mut(start..=end).for_each(Waiting::lands);
        true
    }

    /// The field has the focus still. That what may have moved it has not is not said by that: some applications do not
    /// tell of a focus that went and came back at once. So the field must show the very keys that were typed since: all of
    /// them, or those since the last thing that may have moved the focus, where it cannot be the others; it begins anew there
    /// then.
    pub(super) fn holds(&mut self, field: &Arc<Field>, now: Instant, last: Ticks) {
        let Some(asked) = self.asked else { return };
        if self.place != Place::Text(field.element) {
            return;
        }
        let old = |waiting: &Waiting| asked.saturating_duration_since(waiting.read) >= PASSED_AFTER;
        let segment = || self.waiting.iter().enumerate().take_while(|(_, waiting)| waiting.part().is_some());
        let cause = |waiting: &Waiting| matches!(waiting.part(), Some(Part::Cause { passed: false }));
        if segment().any(|(_, waiting)| cause(waiting) && !old(waiting)) {
            // It may have moved the focus, and that may be told yet.
            return;
        }
        let mut causes = segment().filter(|(_, waiting)| cause(waiting));
        let Some((first, since)) = causes.next().map(|(index, waiting)| (index, waiting.read)) else { return };
        let latest = causes.last().map_or(first, |(index, _)| index);
        let late = self.late.iter().filter(|(when, element, _)| *element == field.element && *when >= since);
        let shown: Vec<char> = late.flat_map(|(_, _, text)| text.chars()).filter(|c| !c.is_control()).collect();
        let typed: Vec<_> = segment()
            .filter_map(|(index, waiting)| match waiting.part() {
                Some(Part::Text { shows, landed: false }) => Some((index, shows, old(waiting))),
                _ => None,
            })
            .collect();
        let begins = |typed: &[(usize, char, bool)]| {
            typed.len() >= shown.len() && typed.iter().zip(&shown).all(|((_, typed, _), shown)| typed == shown)
        };
        let since_latest = typed.iter().position(|(index, ..)| *index > latest).unwrap_or(typed.len());
        let (before, after) = typed.split_at(since_latest);
        let (whole, end) = if !before.is_empty() && begins(&typed) {
            // Where it ends earlier it may be the beginning, or what came last.
            if typed.len() > shown.len() {
                return;
            }
            (true, typed.last())
        } else {
            // What is not shown yet was typed just now.
            if !begins(after) || after.iter().skip(shown.len()).any(|(_, _, old)| *old) {
                return;
            }
            (before.is_empty(), shown.len().checked_sub(1).and_then(|at| after.get(at)))
        };
        let end = end.map_or(latest, |(index, ..)| latest.max(*index));
        let from = if whole { 0 } else { latest };
        self.late.clear();
        self.waiting.range_mut(from..=end).for_each(Waiting::lands);
        if !whole {
            let anew = Arc::new(field.anew());
            self.insert(latest + 1, last, now, Awaited::Field(Some(anew)));
        }
    }

    /// The field is being left, or told anew. Where it showed exactly the keys that wait in it, before what made it be left,
    /// they have landed.
    pub(super) fn resolve(&mut self) {
        let Place::Text(element) = self.last_place() else { return };
        let from = self.after_mark();
        let segment = || self.waiting.iter().enumerate().skip(from);
        let cause = |waiting: &Waiting| matches!(waiting.part(), Some(Part::Cause { passed: false }));
        let mut causes = segment().filter(|(_, waiting)| cause(waiting));
        let Some((_, first)) = causes.next() else { return };
        let Some((last, _)) = causes.next_back() else { return };
        let typed = segment().filter_map(|(index, waiting)| match waiting.part() {
            Some(Part::Text { shows, landed: false }) => Some((index, shows)),
            _ => None,
        });
        let typed: Vec<_> = typed.collect();
        let late = self.late.iter().filter(|(when, other, _)| *other == element && *when >= first.read);
        let shown = late.flat_map(|(_, _, text)| text.chars()).filter(|c| !c.is_control());
        let Some((end, _)) = typed.last().copied().filter(|(end, _)| *end < last) else { return };
        if shown.eq(typed.iter().map(|(_, shows)| *shows)) {
            self.waiting.range_mut(from..=end).for_each(Waiting::lands);
        }
    }
}
