//! Fields that change by something else than the keys.

use super::*;

impl Script {
    /// When it was asked last what the entry holds.
    fn reread(&mut self) -> Option<Instant> {
        let mut last = None;
        while let Ok(ask) = self.asks.try_recv() {
            if let Ask::Value { asked, element: ENTRY } = ask {
                last = Some(asked);
            }
        }
        last
    }

    fn holds(&mut self, asked: Instant) {
        let value = FieldText { text: "pasted".to_owned(), caret: Some(6), anchor: Some(6) };
        self.tell(Told::Value { asked, value });
    }

    fn values(&self) -> usize {
        self.out.iter().filter(|seen| matches!(&seen.what, Observed::Value(value) if value.text == "pasted")).count()
    }
}

#[test]
fn a_field_that_shows_what_nobody_typed_is_read_again_once() {
    let mut script = script();
    script.shows("pasted");
    let asked = script.reread().unwrap();
    script.holds(asked);
    script.after(1_000);
    assert_eq!((script.values(), script.reread()), (1, None));
    script.tell(Told::Changed(ENTRY));
    assert!(script.reread().is_some());
}

#[test]
fn a_field_that_shows_what_was_typed_is_not_read_again() {
    let mut script = script();
    script.text("ab");
    script.shows("ab");
    script.after(2_000);
    assert_eq!(script.reread(), None);
}

#[test]
fn a_field_that_changes_all_the_time_is_read_twice_a_second() {
    let mut script = script();
    let mut asks = 0;
    for _ in 0..100 {
        script.tell(Told::Changed(ENTRY));
        asks += usize::from(script.reread().is_some());
    }
    assert!((4..=9).contains(&asks), "{asks} in four seconds");
}

#[test]
fn what_a_field_holds_counts_only_where_nothing_was_typed_or_changed_since() {
    let mut script = script();
    script.shows("pasted");
    let asked = script.reread().unwrap();
    script.text("a");
    script.holds(asked);
    script.shows("a");
    script.after(300);
    assert_eq!(script.values(), 0);
    script.after(1_000);
    let asked = script.reread().unwrap();
    script.tell(Told::Changed(ENTRY));
    script.holds(asked);
    script.after(300);
    assert_eq!(script.values(), 0);
    script.after(500);
    let asked = script.reread().unwrap();
    script.holds(asked);
    script.after(300);
    assert_eq!(script.values(), 1);
}

#[test]
fn what_a_field_holds_does_not_come_out_in_another() {
    for role in [Role::Password, Role::Line] {
        let mut script = script();
        script.shows("pasted");
        let asked = script.reread().unwrap();
        script.holds(asked);
        script.focus(PASSWORD, role);
        script.after(1_000);
        assert_eq!(script.values(), 0);
    }
}
