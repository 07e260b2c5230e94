//! The races, replayed: what was read, what was told, and when.

mod look;
mod model;
mod stale;

use std::sync::mpsc::SyncSender;

use candor_model::key::{NamedKey, PhysicalKey};
use candor_redact::FieldText;

use super::*;

const ENTRY: ElementId = ElementId(1);
const PASSWORD: ElementId = ElementId(2);
const PROCESS: u32 = 7;

fn seen() -> Seen {
    Seen { window: 1, process: Some(PROCESS), app: "form".to_owned(), title: String::new() }
}

/// A desktop on which a test says what happens. Times are in milliseconds.
struct Script {
    hold: Hold,
    told: SyncSender<(Instant, Told)>,
    asks: async_channel::Receiver<Ask>,
    now: Instant,
    out: Vec<Observation>,
}

impl Script {
    /// In the entry, where nothing has been typed.
    fn new() -> Self {
        let (gate, told, asks) = Gate::by_hand();
        let mut script = Self { hold: Hold::default(), told, asks, now: Instant::now(), out: Vec::new() };
        script.hold.guard(gate);
        script.hold.window(seen(), script.now);
        script.focus(ENTRY, Role::Line);
        script.after(1_000);
        script
    }

    fn key(&mut self, logical: LogicalKey) {
        let what = Observed::Key { press: Press::Down, physical: PhysicalKey(0), logical };
        self.hold.push(0, self.now, Actor::Human, what, false);
    }

    fn text(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(LogicalKey::Char(c)));
    }

    fn tab(&mut self) {
        self.key(LogicalKey::Named(NamedKey::Tab));
    }

    fn tell(&mut self, told: Told) {
        self.told.try_send((self.now, told)).unwrap();
        self.after(40);
    }

    fn field(element: ElementId, role: Role, process: u32) -> Told {
        let secret = if role == Role::Password { Secrecy::Yes } else { Secrecy::No };
        let (process, value, origin, face) = (Some(process), None, None, None);
        Told::Focus(Arc::new(Field { element, process, role, secret, value, origin, face }))
    }

    fn focus(&mut self, element: ElementId, role: Role) {
        self.tell(Self::field(element, role, PROCESS));
    }

    fn shows(&mut self, text: &str) {
        self.tell(Told::Inserted { element: ENTRY, text: Zeroizing::new(text.to_owned()) });
    }

    /// So much time passes, in which every question is answered at once.
    fn after(&mut self, milliseconds: u64) {
        let until = self.now + Duration::from_millis(milliseconds);
        loop {
            self.hold.listen(self.now, None, 0);
            self.hold.settle(self.now, &mut self.out);
            if self.now >= until {
                return;
            }
            self.now += Duration::from_millis(10).min(until - self.now);
        }
    }

    /// As [`Script::after`]; an application says that the entry has the focus still, whenever it is asked.
    fn after_still(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds / 10 {
            self.after(10);
            while let Ok(ask) = self.asks.try_recv() {
                if let Ask::Holds(element) = ask {
                    self.tell(Told::Holds { element, still: true });
                }
            }
        }
    }

    /// What came out since it was asked last, with the fields: `e` the entry, `p` the password, `?` nobody knows.
    fn out(&mut self) -> String {
        let word = |what: &Observed| match what {
            Observed::Field { element: Some(ENTRY), .. } => "<e>".to_owned(),
            Observed::Field { element: Some(PASSWORD), .. } => "<p>".to_owned(),
            Observed::Field { .. } => "<?>".to_owned(),
            Observed::Key { logical: LogicalKey::Char(c), .. } => c.to_string(),
            Observed::Key { logical: LogicalKey::Named(NamedKey::Tab), .. } => "→".to_owned(),
            Observed::Key { .. } => "*".to_owned(),
            _ => String::new(),
        };
        self.out.drain(..).map(|observation| word(&observation.what)).collect()
    }
}

fn script() -> Script {
    let mut script = Script::new();
    assert_eq!(script.out(), "<e>");
    script
}

#[test]
fn a_key_that_prints_waits_until_its_field_has_shown_it() {
    let mut script = script();
    script.text("ab");
    script.after(20);
    script.shows("a");
    script.after(400);
    assert_eq!(script.out(), "a");
    script.shows("b");
    assert_eq!(script.out(), "b");
}

#[test]
fn a_key_that_is_shown_nowhere_comes_out_in_a_field_that_nobody_knows() {
    let mut script = script();
    script.text("a");
    script.after(1_600);
    assert_eq!(script.out(), "<?>a");
    assert!(matches!(script.asks.try_recv(), Ok(Ask::Holds(ENTRY))));
}

#[test]
fn a_field_that_keeps_keys_to_itself_is_not_waited_for_again_and_again() {
    let mut script = script();
    for _ in 0..DOUBTS_MAX {
        script.text("a");
        script.after(1_600);
        script.focus(ENTRY, Role::Line);
    }
    script.out();
    script.text("b");
    script.after(300);
    assert_eq!(script.out(), "b");
    assert_eq!(script.hold.place, Place::Unknown);
    assert_eq!(script.hold.gate().and_then(Gate::why), Some(Why::SilentField));
}

#[test]
fn keys_read_before_the_secret_field_was_told_are_inside_it() {
    let mut script = script();
    script.text("ab");
    script.shows("ab");
    script.tab();
    script.text("key");
    script.after(40);
    script.focus(PASSWORD, Role::Password);
    script.after(400);
    assert_eq!(script.out(), "ab→<p>key");
}

#[test]
fn a_secret_field_that_is_told_after_everything_was_due_still_gets_its_keys() {
    let mut script = script();
    script.tab();
    script.text("key");
    script.after_still(700);
    assert_eq!(script.out(), "");
    script.focus(PASSWORD, Role::Password);
    assert_eq!(script.out(), "→<p>key");
}

#[test]
fn a_secret_field_is_left_when_that_is_told_and_not_before() {
    let mut script = script();
    script.focus(PASSWORD, Role::Password);
    script.text("key");
    script.tab();
    script.text("ab");
    script.after(30);
    script.tell(Told::Left(PASSWORD));
    script.focus(ENTRY, Role::Line);
    script.text("cd");
    script.shows("cd");
    script.after_still(700);
    assert_eq!(script.out(), "<p>key→ab<e>cd");
}

#[test]
fn the_end_of_a_secret_that_is_read_after_its_field_was_left_is_inside_it() {
    let mut script = script();
    script.focus(PASSWORD, Role::Password);
    script.text("ke");
    // The bus was quicker than the keys: the last of them begins as the next word does.
    script.told.try_send((script.now, Told::Left(PASSWORD))).unwrap();
    script.told.try_send((script.now, Script::field(ENTRY, Role::Line, PROCESS))).unwrap();
    script.after(100);
    script.text("y");
    script.tab();
    script.after(20);
    script.text("yes");
    script.shows("yes");
    script.after_still(700);
    assert_eq!(script.out(), "<p>key→<e>yes");
}

#[test]
fn a_focus_that_went_and_came_back_untold_lets_no_secret_go() {
    let mut script = script();
    script.tab();
    script.text("then42");
    script.tab();
    script.text("then");
    script.after(40);
    // The entry says that it has the focus, and shows the last word: it begins as the secret does.
    script.shows("then");
    script.after_still(1_600);
    assert_eq!(script.out(), "→<?>then42→then");
}

#[test]
fn what_is_completed_as_the_field_is_left_lets_no_secret_go() {
    let mut script = script();
    script.text("k");
    script.shows("k");
    script.tab();
    script.text("key");
    script.shows("ey");
    script.after_still(1_600);
    assert_eq!(script.out(), "k→<?>key");
}

#[test]
fn text_goes_on_where_a_key_might_have_moved_the_focus_and_did_not() {
    let mut script = script();
    script.tab();
    script.text("ab");
    script.shows("\tab");
    script.after_still(700);
    assert_eq!(script.out(), "→ab");
    script.tab();
    script.text("c");
    script.tab();
    script.text("d");
    script.shows("\tc\td");
    script.after_still(700);
    assert_eq!(script.out(), "→c→d");
}

#[test]
fn a_key_is_passed_over_only_where_it_may_have_been_erased() {
    let mut script = script();
    script.text("q");
    script.key(LogicalKey::Named(NamedKey::Backspace));
    script.text("w");
    script.shows("w");
    script.after(300);
    assert_eq!(script.out(), "q*w");
    script.text("qw");
    script.shows("w");
    script.after(1_600);
    assert_eq!(script.out(), "<?>qw");
}

#[test]
fn what_is_shown_long_after_a_key_is_not_taken_for_it() {
    let mut script = script();
    script.text("a");
    script.after(600);
    script.shows("a");
    script.after(1_000);
    assert_eq!(script.out(), "<?>a");
}

#[test]
fn what_another_field_shows_lets_nothing_go() {
    let mut script = script();
    script.text("a");
    script.tell(Told::Inserted { element: PASSWORD, text: Zeroizing::new("a".to_owned()) });
    script.after(1_600);
    assert_eq!(script.out(), "<?>a");
}

#[test]
fn a_field_of_another_process_is_not_believed() {
    let mut script = script();
    script.tell(Script::field(PASSWORD, Role::Line, PROCESS + 1));
    script.after(300);
    assert_eq!(script.out(), "");
    let seen = Seen { window: 2, process: Some(9), app: "other".to_owned(), title: String::new() };
    script.hold.window(seen, script.now);
    script.text("a");
    script.after(1_600);
    assert_eq!(script.out(), "<?>a");
}

#[test]
fn a_window_that_is_called_something_else_keeps_its_field_and_nothing_of_what_it_held() {
    let mut script = script();
    let held = FieldText { text: "old".to_owned(), caret: Some(3), anchor: Some(3) };
    let (process, value, origin, face) = (Some(PROCESS), Some(held), None, None);
    let (element, role, secret) = (ENTRY, Role::Line, Secrecy::No);
    script.tell(Told::Focus(Arc::new(Field { element, process, role, secret, value, origin, face })));
    script.out();
    let seen = Seen { window: 1, process: Some(PROCESS), app: "form".to_owned(), title: "*".to_owned() };
    script.hold.window(seen, script.now);
    script.after(40);
    let told = |observation: &Observation| {
        matches!(observation.what, Observed::Field { element: Some(ENTRY), value: None, .. })
    };
    assert!(script.out.iter().any(told));
    assert!(matches!(script.asks.try_recv(), Ok(Ask::Again)), "what it holds now is asked for");
    script.text("a");
    script.shows("a");
    script.after(300);
    assert_eq!(script.out(), "<e>a");
}

#[test]
fn a_gate_that_lost_something_knows_nothing() {
    let mut script = script();
    script.text("a");
    script.tell(Told::Lost);
    script.shows("a");
    script.after(300);
    assert_eq!(script.out(), "<?>a");
}

#[test]
fn what_prints_where_no_text_is_expected_comes_out_as_no_character() {
    let mut script = script();
    script.focus(ElementId(3), Role::Other);
    script.text("a");
    script.tab();
    script.after(300);
    assert_eq!(script.out(), "<?>*→");
}

#[test]
fn of_what_waits_no_key_is_counted_and_nothing_in_a_secret_field() {
    let mut script = Script::new();
    let moves = |script: &mut Script| {
        let what = Observed::Move { x: 1, y: 1, drag: false };
        script.hold.push(0, script.now, Actor::Human, what, false);
    };
    script.text("ab");
    moves(&mut script);
    assert_eq!(script.hold.moves(), 1, "of keys nobody knows yet where they went");
    script.tab();
    script.focus(PASSWORD, Role::Password);
    script.after(2_000);
    script.text("ab");
    moves(&mut script);
    assert_eq!(script.hold.moves(), 0);
}
