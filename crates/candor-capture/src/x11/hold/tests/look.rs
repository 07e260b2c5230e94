//! What is found because nobody told of it.

use super::*;

impl Script {
    /// In a window of which nothing is told.
    fn untold() -> Self {
        let mut script = Self::new();
        script.out();
        script.hold.window(Seen { window: 2, process: Some(PROCESS), ..seen() }, script.now);
        script.after(100);
        script
    }

    /// When it was asked last what has the focus.
    fn asked(&mut self) -> Option<Instant> {
        let mut last = None;
        while let Ok(ask) = self.asks.try_recv() {
            if let Ask::Find { asked, process: PROCESS } = ask {
                last = Some(asked);
            }
        }
        last
    }

    fn finds(&mut self, asked: Instant, element: ElementId, role: Role) {
        let Told::Focus(field) = Self::field(element, role, PROCESS) else { unreachable!() };
        self.tell(Told::Found { asked, field });
    }
}

#[test]
fn a_field_of_which_nothing_is_told_is_asked_for_and_gives_its_text() {
    let mut script = Script::untold();
    assert_eq!(script.asked(), None, "it may be told yet");
    script.after(200);
    let asked = script.asked().unwrap();
    script.finds(asked, ENTRY, Role::Line);
    script.text("a");
    script.shows("a");
    script.after(300);
    assert_eq!(script.out(), "<?><e>a");
    script.after(20_000);
    assert_eq!(script.asked(), None, "it is found");
}

#[test]
fn a_field_is_asked_for_a_few_times_and_no_more() {
    let mut script = Script::untold();
    let mut asks = 0;
    for _ in 0..3_000 {
        script.after(10);
        asks += usize::from(script.asked().is_some());
    }
    assert_eq!(asks, 5);
}

#[test]
fn a_field_is_asked_for_again_after_the_gate_was_away() {
    let mut script = script();
    script.tell(Told::Lost);
    script.after(300);
    let asked = script.asked().unwrap();
    script.finds(asked, ENTRY, Role::Line);
    script.text("a");
    script.shows("a");
    script.after(300);
    assert_eq!(script.out(), "<?><e>a");
}

#[test]
fn a_field_is_asked_for_only_where_nothing_was_typed_just_before() {
    let mut script = Script::untold();
    for _ in 0..20 {
        script.text("a");
        script.after(100);
        assert_eq!(script.asked(), None);
    }
    script.after(500);
    assert!(script.asked().is_some());
}

#[test]
fn a_field_that_was_found_while_somebody_typed_gives_no_text() {
    let mut script = Script::untold();
    script.after(200);
    let asked = script.asked().unwrap();
    script.tab();
    script.finds(asked, ENTRY, Role::Line);
    script.text("then");
    // The application was late: this is what was typed before it was asked.
    script.shows("then");
    script.after(300);
    assert_eq!(script.out(), "<?>→then");
}

#[test]
fn a_secret_field_that_was_found_is_secret_at_once() {
    let mut script = Script::untold();
    script.after(200);
    let asked = script.asked().unwrap();
    script.text("key");
    script.finds(asked, PASSWORD, Role::Password);
    script.after(300);
    assert_eq!(script.out(), "<?><p>key");
}

#[test]
fn what_is_found_after_the_focus_was_told_counts_for_nothing() {
    let mut script = Script::untold();
    script.after(200);
    let asked = script.asked().unwrap();
    script.focus(PASSWORD, Role::Password);
    script.finds(asked, ENTRY, Role::Line);
    script.after(500);
    script.text("key");
    script.shows("key");
    script.after(300);
    assert_eq!(script.out(), "<?><p>key");
}

#[test]
fn what_is_found_in_a_window_that_was_left_counts_for_nothing() {
    let mut script = Script::untold();
    script.after(200);
    let asked = script.asked().unwrap();
    script.hold.window(Seen { window: 3, process: Some(PROCESS), ..seen() }, script.now);
    script.after(40);
    script.finds(asked, ENTRY, Role::Line);
    script.text("a");
    script.shows("a");
    script.after(300);
    assert_eq!(script.out(), "<?><?>a");
}
