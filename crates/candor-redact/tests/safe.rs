//! What leaves under `text = "safe"`: words that are nobody's business stay, what a person would not want seen goes.
#![cfg(not(candor_no_wall))]
#![allow(
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in test functions; these are the helpers of such functions"
)]

use candor_model::event::{Press, What};
use candor_model::key::{Key, NamedKey, PhysicalKey};
use candor_model::{Actor, ClockUnit, TextPolicy, Ticks};
use candor_redact::{
    ElementId, FieldText, LogicalKey, Observation, Observed, Outgoing, Raw, Redactor, Role, Rule, Secrecy, SessionKey,
    Settings,
};

struct Desk {
    wall: Redactor,
    now: Ticks,
    out: Outgoing,
}

/// A made-up address that no scanner takes for somebody's.
const ADDRESS: &str = "jo.doe@example.org";

fn desk() -> Desk {
    let mut settings = Settings::shapes(["editor".to_owned()], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    settings.applications.insert("editor".to_owned(), TextPolicy::Safe);
    settings.applications.insert("plain".to_owned(), TextPolicy::Shapes);
    settings.applications.insert("mute".to_owned(), TextPolicy::None);
    Desk { wall: Redactor::new(settings, Some("editor")), now: 0, out: Outgoing::default() }.enters(1, "")
}

impl Desk {
    fn see(mut self, what: Observed) -> Self {
        self.now += 60;
        self.wall.push(Raw::new(Observation { at: self.now, actor: Actor::Human, what }), &mut self.out);
        self
    }

    fn waits(mut self, ms: Ticks) -> Self {
        for _ in 0..ms / 100 {
            self.now += 100;
            self.wall.tick(self.now, &mut self.out);
        }
        self
    }

    fn enters(self, element: u64, text: &str) -> Self {
        let end = text.chars().count();
        let value = FieldText { text: text.into(), caret: Some(end), anchor: Some(end) };
        let element = Some(ElementId(element));
        self.see(Observed::Field { element, role: Role::Text, secret: Secrecy::No, value: Some(value) })
    }

    fn key(self, logical: LogicalKey) -> Self {
        let key = |press| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical };
        self.see(key(Press::Down)).see(key(Press::Up))
    }

    fn types(self, text: &str) -> Self {
        text.chars().fold(self, |desk, c| desk.key(LogicalKey::Char(c)))
    }

    fn names(self, name: NamedKey, times: usize) -> Self {
        (0..times).fold(self, |desk, _| desk.key(LogicalKey::Named(name)))
    }

    fn window(self, app: &str) -> Self {
        self.see(Observed::Window { app: app.into(), title: String::new(), origin: None })
    }

    /// What others see go down, text as it is; and the ordinals that were taken back, as `#`.
    fn shown(&self) -> String {
        let mut shown = String::new();
        for (ordinal, event) in self.out.events.iter().enumerate() {
            let taken_back = self.out.retracted.contains(&(ordinal as u64));
            match &event.event().what {
                What::Key { press: Press::Down, .. } if taken_back => shown.push('#'),
                What::Key { press: Press::Down, key: Key::Text(c) } => shown.push(*c),
                What::Key { press: Press::Down, key: Key::Shape(_) } => shown.push('_'),
                What::Key { press: Press::Down, key: Key::Named { name, .. } } => {
                    shown.push_str(&format!("<{}>", name.as_str()));
                }
                What::Surrogate { of, number } => shown.push_str(&format!("[{}_{number}]", of.as_str())),
                What::Gap => shown.push('|'),
                _ => {}
            }
        }
        shown
    }

    #[track_caller]
    fn shows(mut self, expected: &str) -> Vec<Rule> {
        let tally = std::mem::replace(&mut self.wall, desk_wall()).finish(&mut self.out);
        assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped, "{tally:?}");
        assert_eq!(tally.stored + tally.added, self.out.events.len() as u64, "{tally:?}");
        assert_eq!(tally.waiting, 0);
        assert_eq!(self.shown(), expected);
        self.out.remarks.iter().map(|remark| remark.rule).collect()
    }
}

fn desk_wall() -> Redactor {
    Redactor::new(Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([7; 32])), None)
}

#[test]
fn keeps_words_in_a_field_that_is_in_step() {
    desk().types("open the second window").shows("open the second window");
}

#[test]
fn keeps_shapes_where_the_source_does_not_tell_what_the_field_holds() {
    desk().see(Observed::field(Role::Text, Secrecy::No)).types("hi you").shows("__ ___".replace(' ', "_").as_str());
}

#[test]
fn keeps_shapes_in_applications_of_which_nobody_knows_what_a_key_does() {
    for role in [Role::Terminal, Role::Other] {
        let value = Some(FieldText::empty());
        let field = Observed::Field { element: None, role, secret: Secrecy::No, value };
        desk().see(field).types("hi you").shows("______");
    }
}

#[test]
fn keeps_shapes_where_the_policy_says_so_and_nothing_where_it_says_none() {
    desk().window("plain").enters(2, "").types("hi you").shows("______");
    let rules = desk().window("mute").enters(2, "").types("hi you").shows("|");
    assert!(rules.contains(&Rule::TextPolicy));
}

#[test]
fn redacts_an_address_and_says_only_that_there_was_one() {
    let rules = desk().types(&format!("ask {ADDRESS} now")).shows("ask [EMAIL_1] now");
    assert!(rules.contains(&Rule::PrivateData));
}

#[test]
fn redacts_the_same_value_as_the_same_and_another_as_another() {
    let text = format!("{ADDRESS} x@example.org {} ", ADDRESS.to_uppercase());
    desk().types(&text).shows("[EMAIL_1] [EMAIL_2] [EMAIL_1] ");
}

#[test]
fn redacts_a_value_that_was_corrected_on_the_way() {
    let desk = desk().types("ask jo.doe@exm").names(NamedKey::Backspace, 1).types("ample.org now");
    desk.shows("ask [EMAIL_1] now");
}

#[test]
fn redacts_a_value_that_was_typed_and_deleted() {
    let deleted = ADDRESS.chars().count();
    let desk = desk().types(&format!("ask {ADDRESS}")).names(NamedKey::Backspace, deleted).types("me");
    desk.shows("ask [EMAIL_1]me");
}

#[test]
fn redacts_half_a_value_that_was_typed_and_deleted() {
    let desk = desk().types("ask jo.doe@exa").names(NamedKey::Backspace, 10).types("me again");
    let shown = desk.waits(3_000).shown();
    assert!(!shown.contains("doe") && !shown.contains("@exa"), "{shown}");
}

#[test]
fn redacts_a_number_that_is_split_over_fields() {
    let card = ["4111", "1111", "1111", "1111"];
    let desk = card.iter().enumerate().fold(desk(), |desk, (n, part)| desk.enters(10 + n as u64, "").types(part));
    desk.shows(&"_".repeat(16));
}

#[test]
fn takes_back_what_left_before_it_was_known_what_it_would_become() {
    let desk = desk().types("ask jo.doe now and then ").waits(5_000);
    assert!(desk.shown().starts_with("ask jo.doe now "), "{}", desk.shown());
    let desk = desk.names(NamedKey::ArrowLeft, 14).types("@example.org").waits(3_000);
    let shown = desk.shown();
    assert!(shown.starts_with("ask ###### now "), "{shown}");
    assert!(!shown.contains("example"), "{shown}");
}

#[test]
fn shows_nothing_of_the_first_half_where_somebody_comes_back_to_a_field_and_goes_on() {
    let desk = desk()
        .types("ask jo.doe")
        .enters(2, "")
        .types("other ")
        .enters(1, "ask jo.doe")
        .types("@example.org at noon or so ");
    let shown = desk.waits(3_000).shown();
    assert!(shown.starts_with("ask ______other [EMAIL_1] at "), "{shown}");
}

#[test]
fn withholds_a_password_leaving_one_gap() {
    let rules = desk().types("the password is hunter2 ok. So ").shows("the password is | ok. So ");
    assert!(rules.contains(&Rule::SecretValue));
    desk().window("plain").enters(2, "").types("the password is hunter2 ok").shows("________________|___");
}

#[test]
fn nothing_waits_for_longer_than_nine_seconds_and_what_is_forced_out_is_a_shape() {
    let mut desk = desk().types("unfinished9");
    assert_eq!(desk.shown(), "");
    desk = desk.waits(7_000);
    assert_eq!(desk.shown(), "");
    desk = desk.waits(4_000);
    assert_eq!(desk.shown(), "_".repeat(11));
}

#[test]
fn a_plain_word_waits_four_seconds_for_what_it_may_become_and_is_taken_back_if_it_does() {
    let mut desk = desk().types("roe");
    desk = desk.waits(3_000);
    assert_eq!(desk.shown(), "");
    desk = desk.waits(2_000);
    assert_eq!(desk.shown(), "roe");
    let shown = desk.types("@example.org at noon or so ").waits(3_000).shown();
    assert!(shown.starts_with("###[EMAIL_1] at "), "{shown}");
}

#[test]
fn shows_nothing_of_what_was_deleted_while_it_waited() {
    desk().types("so").names(NamedKey::Backspace, 2).types("no more ").shows("__<Backspace><Backspace>no more ");
}

#[test]
fn shows_nothing_of_a_word_at_which_the_field_was_lost_unless_the_paste_is_told() {
    let pasted = |told: Option<&str>| {
        let ctrl = |press| Observed::Key {
            press,
            physical: PhysicalKey::UNKNOWN,
            logical: LogicalKey::Named(NamedKey::Control),
        };
        let desk = desk().types("room 51").see(ctrl(Press::Down)).key(LogicalKey::Char('v')).see(ctrl(Press::Up));
        let desk = match told {
            Some(text) => desk.see(Observed::Edited { start: 7, removed: 0, inserted: text.into() }),
            None => desk.waits(1_000),
        };
        desk.types(" and then ").waits(12_000).shown()
    };
    assert!(pasted(None).starts_with("room __"), "{}", pasted(None));
    assert!(pasted(Some(" in all")).starts_with("room 51"), "{}", pasted(Some(" in all")));
}

#[test]
fn keeps_no_text_once_the_caret_may_be_anywhere() {
    let button = |press| Observed::Button { press, button: candor_model::event::Button::LEFT, x: 1, y: 1 };
    desk().types("left ").see(button(Press::Down)).see(button(Press::Up)).types("right").shows("left _____");
}

#[test]
fn an_element_that_was_secret_once_is_secret_for_good() {
    let field = |secret| Observed::Field { element: Some(ElementId(9)), role: Role::Text, secret, value: None };
    desk().see(field(Secrecy::Yes)).see(field(Secrecy::No)).types("hunter3").enters(1, "").types("ok ").shows("ok ");
}

#[test]
fn a_private_context_leaves_one_gap_and_no_name() {
    let mut settings = Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    settings.applications.insert("signal-desktop".to_owned(), TextPolicy::Safe);
    let mut desk = desk();
    desk.wall = Redactor::new(settings, None);
    let desk = desk.window("signal-desktop").enters(3, "").types("see you at eight");
    assert!(!desk.out.events.iter().any(|event| matches!(event.event().what, What::Window { .. })));
    let rules = desk.shows("|");
    assert!(rules.contains(&Rule::PrivateContext));
}

#[test]
fn redacts_an_address_into_which_a_key_that_nobody_knows_put_something() {
    let told = |text: &str| {
        let end = text.chars().count();
        Observed::Value(FieldText { text: text.into(), caret: Some(end), anchor: Some(end) })
    };
    let desk = desk().types("to jo.do").key(LogicalKey::Unidentified).see(told("to jo.do~")).types("e@example.org ok ");
    let shown = desk.waits(3_000).shown();
    assert!(shown.contains("[EMAIL_1]") && !shown.contains("jo.do"), "{shown}");
}

#[test]
fn redacts_a_name_that_was_typed_in_pieces_at_places_that_nobody_meant() {
    let click = |press| Observed::Button { press, button: candor_model::event::Button::LEFT, x: 1, y: 1 };
    let told =
        |text: &str, caret| Observed::Value(FieldText { text: text.into(), caret: Some(caret), anchor: Some(caret) });
    let desk = desk().types("Dan").see(click(Press::Down)).see(click(Press::Up)).types("i");
    let desk = desk.see(told("iDan", 4)).types("el Rosenbaum said so ");
    let shown = desk.waits(3_000).shown();
    assert!(!shown.contains("Rosenbaum") && !shown.contains("el "), "{shown}");
}

#[test]
fn shows_nothing_of_a_word_that_a_click_broke_off() {
    let click = |press| Observed::Button { press, button: candor_model::event::Button::LEFT, x: 1, y: 1 };
    let desk = desk().types("room 59 Hei").see(click(Press::Down)).see(click(Press::Up));
    assert_eq!(desk.shown(), "room 59 ___");
}

#[test]
fn a_field_that_was_emptied_does_not_take_everything_with_it_that_was_ever_typed_there() {
    let told = |text: &str| Observed::Value(FieldText { text: text.into(), caret: Some(0), anchor: Some(0) });
    let mut desk = desk();
    for _ in 0..8 {
        desk = desk.types("one message after the other of quite ordinary words ").waits(5_000).see(told(""));
    }
    let shown = desk.types("jo.doe@example.org is it ").waits(5_000).shown();
    assert!(shown.starts_with("one message after the other of quite ordinary words one message"), "{shown}");
}

#[test]
fn nothing_is_taken_back_twice() {
    let mut desk = desk().types("gh").waits(5_000).types("p_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ").waits(3_000);
    desk = desk.types("and gh").waits(5_000).types("p_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ").waits(3_000);
    let mut ordinals = desk.out.retracted.clone();
    ordinals.sort_unstable();
    ordinals.dedup();
    assert_eq!(ordinals.len(), desk.out.retracted.len());
}

#[test]
fn a_key_that_was_pressed_where_no_text_is_kept_leaves_no_release_elsewhere() {
    let key = |press| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical: LogicalKey::Char('a') };
    let desk = desk().window("mute").enters(2, "").see(key(Press::Down)).window("editor").enters(3, "");
    let desk = desk.see(key(Press::Up)).waits(2_000);
    let released = |event: &candor_redact::Redacted| matches!(event.event().what, What::Key { press: Press::Up, .. });
    assert!(!desk.out.events.iter().any(released));
}
