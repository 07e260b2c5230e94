//! Which keys a field has shown.

use std::sync::Arc;
use std::time::Instant;

use candor_model::Ticks;
use candor_redact::ElementId;
use zeroize::Zeroizing;

use super::waiting::{Awaited, Part, Place, Waiting};
use super::{HOLD, Hold, LATE_MAX, SHOWN_MAX};
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
                    let timely = now.saturating_duration_since(waiting.read) < SHOWN_MAX;
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
    /// them, or those since the last thing that may have moved the focus; it begins anew there then.
    pub(super) fn holds(&mut self, field: &Arc<Field>, now: Instant, last: Ticks) {
        let Some(asked) = self.asked else { return };
        if self.place != Place::Text(field.element) {
            return;
        }
        let old = |waiting: &Waiting| asked.saturating_duration_since(waiting.read) >= HOLD;
        let segment = || self.waiting.iter().enumerate().take_while(|(_, waiting)| waiting.part().is_some());
        let cause = |waiting: &Waiting| matches!(waiting.part(), Some(Part::Cause { passed: false }));
        let mut causes = segment().filter(|(_, waiting)| cause(waiting) && old(waiting));
        let Some((first, since)) = causes.next().map(|(index, waiting)| (index, waiting.read)) else { return };
        let latest = causes.last().map_or(first, |(index, _)| index);
        let late = self.late.iter().filter(|(when, element, _)| *element == field.element && *when >= since);
        let shown: Vec<char> = late.flat_map(|(_, _, text)| text.chars()).filter(|c| !c.is_control()).collect();
        // Where what it shows ends, if that is what was typed from this index on, and all of it that is old.
        let shows_from = |from: usize| {
            let text = |(index, waiting): (usize, &Waiting)| match waiting.part() {
                Some(Part::Text { shows, landed: false }) => Some((index, shows, old(waiting))),
                _ => None,
            };
            let typed: Vec<_> = segment().skip(from).filter_map(text).collect();
            let same =
                typed.len() >= shown.len() && typed.iter().zip(&shown).all(|((_, typed, _), shown)| typed == shown);
            let all = typed.iter().skip(shown.len()).all(|(_, _, old)| !old);
            (same && all)
                .then(|| shown.len().checked_sub(1).and_then(|at| typed.get(at)).map_or(from, |(index, ..)| *index))
        };
        let (whole, end) = match (shows_from(0), shows_from(latest)) {
            (Some(end), _) => (true, end.max(latest)),
            (None, Some(end)) => (false, end),
            (None, None) => return,
        };
        let from = if whole { 0 } else { latest };
        self.late.clear();
        self.waiting.range_mut(from..=end).for_each(Waiting::lands);
        if !whole {
            let anew = Arc::new(field.anew());
            self.insert(latest + 1, last, now, Awaited::Field(Some(anew)));
        }
    }
}
