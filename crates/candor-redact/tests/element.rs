//! What goes and what stays of the elements that an action concerns.
#![cfg(not(candor_no_wall))]
#![allow(clippy::panic, reason = "a test may panic")]

use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::{Button, Press, What};
use candor_model::key::PhysicalKey;
use candor_model::{Actor, ClockUnit, TextPolicy, Ticks};
use candor_redact::{
    Context, ElementId, GapCause, LogicalKey, Observation, Observed, Outgoing, PersonalKey, PersonalList, Raw,
    Redacted, Redactor, Role, Rule, Secrecy, SeenElement, SessionKey, Settings,
};

const SECRET: ElementId = ElementId(9);

struct Wall {
    redactor: Redactor,
    now: Ticks,
    out: Outgoing,
}

fn settings() -> Settings {
    let mut settings = Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let policies = [
        ("editor", TextPolicy::Safe),
        ("plain", TextPolicy::Shapes),
        ("mute", TextPolicy::None),
        ("firefox", TextPolicy::Safe),
        ("thunderbird", TextPolicy::Safe),
    ];
    settings.applications.extend(policies.map(|(app, policy)| (app.to_owned(), policy)));
    settings
}

fn wall_of(settings: Settings) -> Wall {
    let wall = Wall { redactor: Redactor::new(settings, None), now: 0, out: Outgoing::default() };
    wall.window("editor").field(1, Secrecy::No)
}

fn wall() -> Wall {
    wall_of(settings())
}

fn seen(of: ElementOf, role: ElementRole, name: &str) -> SeenElement {
    let name = (!name.is_empty()).then(|| name.to_owned());
    SeenElement { of, id: None, secret: Secrecy::No, role, name, x: 10, y: 20, width: 80, height: 24 }
}

fn pressed(role: ElementRole, name: &str) -> SeenElement {
    seen(ElementOf::Press, role, name)
}

fn focused(id: u64) -> SeenElement {
    SeenElement { id: Some(ElementId(id)), ..seen(ElementOf::Focus, ElementRole::Textbox, "Subject") }
}

impl Wall {
    fn see(mut self, what: Observed) -> Self {
        self.now += 10;
        let raw = Raw::new(Observation { at: self.now, actor: Actor::Human, what });
        self.redactor.push(raw, &mut self.out);
        self
    }

    fn window(self, app: &str) -> Self {
        self.see(Observed::Window { app: app.into(), title: "a title".into(), origin: None })
    }

    fn field(self, id: u64, secret: Secrecy) -> Self {
        self.see(Observed::Field { element: Some(ElementId(id)), role: Role::Line, secret, value: None })
    }

    fn press(self) -> Self {
        self.see(Observed::Button { press: Press::Down, button: Button::LEFT, x: 12, y: 30 })
    }

    fn element(self, seen: SeenElement) -> Self {
        self.see(Observed::Element(seen))
    }

    /// A press of a button that the application has in its window.
    fn presses(self, role: ElementRole, name: &str) -> Self {
        self.press().element(pressed(role, name))
    }

    fn types(self, text: &str) -> Self {
        text.chars().fold(self, |wall, c| {
            let key = |press| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical: LogicalKey::Char(c) };
            wall.see(key(Press::Down)).see(key(Press::Up))
        })
    }

    fn end(mut self) -> (Vec<Redacted>, Vec<Rule>) {
        let tally = self.redactor.finish(&mut self.out);
        assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped, "{tally:?}");
        assert_eq!(tally.stored + tally.added, self.out.events.len() as u64, "{tally:?}");
        assert_eq!(self.redactor.inspect(&self.out.events), Ok(()));
        let mut rules: Vec<_> = self.out.remarks.iter().map(|remark| remark.rule).collect();
        rules.sort();
        (self.out.events, rules)
    }

    /// The elements that others see, a word each; and why something was left out.
    fn elements(self) -> (Vec<String>, Vec<Rule>) {
        let (events, rules) = self.end();
        let word = |event: &Redacted| match &event.event().what {
            What::Element(element) => {
                let Element { of, role, name, x, y, width, height } = element.as_ref();
                assert_eq!((*x, *y, *width, *height), (10, 20, 80, 24));
                Some(format!("{} {} {}", of.as_str(), role.as_str(), name.as_deref().unwrap_or("-")))
            }
            _ => None,
        };
        (events.iter().filter_map(word).collect(), rules)
    }

    #[track_caller]
    fn tells(self, expected: &[&str]) {
        assert_eq!(self.elements(), (expected.iter().map(|word| (*word).to_owned()).collect(), vec![]));
    }

    #[track_caller]
    fn tells_nothing_for(self, rule: Rule) {
        assert_eq!(self.elements(), (vec![], vec![rule]));
    }
}

#[test]
fn passes_role_rectangle_and_label_of_a_control_that_was_pressed() {
    wall().presses(ElementRole::Button, "Save as…").tells(&["press button Save as…"]);
    wall().presses(ElementRole::MenuItem, "Speichern").tells(&["press menuitem Speichern"]);
}

#[test]
fn passes_role_and_rectangle_of_the_field_in_focus() {
    wall().element(focused(1)).tells(&["focus textbox -"]);
}

#[test]
fn withholds_the_name_of_whatever_may_be_content() {
    for role in ElementRole::ALL.iter().filter(|role| !role.has_label()) {
        wall().presses(*role, "Save").tells(&[&format!("press {} -", role.as_str())]);
    }
}

#[test]
fn withholds_a_name_that_is_more_than_words_of_interfaces() {
    let names = [
        "Chat with Priya",
        "Priya",
        "jo@host.example",
        "4111 1111 1111 1111",
        "7",
        "Seven",
        "x",
        "report-q3.odt",
        "a\nb",
    ];
    for name in names {
        wall().presses(ElementRole::Button, name).tells(&["press button -"]);
    }
    wall().presses(ElementRole::Button, &"save ".repeat(13)).tells(&["press button -"]);
}

#[test]
fn withholds_a_name_that_the_participant_named() {
    let key = PersonalKey::from_bytes([3; 32]);
    let entries = vec![PersonalList::fingerprint(&key, "Open Workspace").unwrap()];
    let personal = PersonalList::from_entries(&key, entries).unwrap();
    let wall = || wall_of(Settings { personal: personal.clone(), ..settings() });
    wall().presses(ElementRole::Button, "Open workspace").tells(&["press button -"]);
    wall().presses(ElementRole::Button, "Open window").tells(&["press button Open window"]);
}

#[test]
fn withholds_a_name_in_which_a_detector_finds_something() {
    // Words of interfaces one by one, and a password together.
    wall().presses(ElementRole::Button, "Password: Template").tells(&["press button -"]);
}

#[test]
fn withholds_names_where_text_is_not_let_through() {
    for app in ["plain", "mute"] {
        wall().window(app).field(2, Secrecy::No).presses(ElementRole::Button, "Save").tells(&["press button -"]);
    }
}

#[test]
fn withholds_names_where_nobody_knows_whether_the_context_is_private() {
    // A browser that tells no origin.
    assert_eq!(settings().contexts.judge("firefox", "", None), Context::Unknown);
    let wall = wall().window("firefox").field(2, Secrecy::No);
    wall.presses(ElementRole::Button, "Save").tells(&["press button -"]);
}

#[test]
fn withholds_everything_where_the_application_is_not_allowed() {
    wall().window("bank").presses(ElementRole::Button, "Save").tells_nothing_for(Rule::ApplicationNotAllowed);
}

#[test]
fn withholds_everything_in_a_private_context() {
    wall().window("thunderbird").presses(ElementRole::Button, "Save").tells_nothing_for(Rule::PrivateContext);
}

#[test]
fn withholds_everything_of_a_secret_field_and_counts_nothing() {
    let secret = |of| SeenElement { secret: Secrecy::Yes, ..seen(of, ElementRole::Textbox, "Password") };
    wall().press().element(secret(ElementOf::Press)).tells(&[]);
    let before = wall().press().redactor.tally();
    assert_eq!(wall().press().element(secret(ElementOf::Press)).redactor.tally(), before);
    wall().field(5, Secrecy::Yes).element(secret(ElementOf::Focus)).tells_nothing_for(Rule::SecretField);
}

#[test]
fn withholds_whatever_is_pressed_while_a_secret_field_has_the_focus() {
    wall().field(5, Secrecy::Yes).presses(ElementRole::Button, "Save").tells_nothing_for(Rule::SecretField);
    let late =
        wall().press().field(5, Secrecy::Yes).field(1, Secrecy::No).element(pressed(ElementRole::Button, "Save"));
    assert_eq!(late.elements(), (vec![], vec![Rule::SecretField, Rule::UnknownField]));
}

/// A field whose password somebody chose to show.
#[test]
fn withholds_an_element_that_was_secret_once() {
    let shown = |of| SeenElement { id: Some(SECRET), ..seen(of, ElementRole::Textbox, "") };
    let masked = SeenElement { secret: Secrecy::Yes, ..shown(ElementOf::Press) };
    wall().press().element(masked).press().element(shown(ElementOf::Press)).tells(&[]);
    let wall = wall().field(SECRET.0, Secrecy::Yes).field(1, Secrecy::No).press().element(shown(ElementOf::Press));
    assert_eq!(wall.elements(), (vec![], vec![Rule::SecretField]));
}

#[test]
fn withholds_an_element_of_which_nobody_knows_whether_it_is_secret() {
    let unknown = SeenElement { secret: Secrecy::Unknown, ..pressed(ElementRole::Button, "Save") };
    wall().press().element(unknown).tells_nothing_for(Rule::UnknownField);
}

#[test]
fn withholds_the_name_while_nobody_knows_the_field_in_focus() {
    wall().window("editor").presses(ElementRole::Button, "Save").tells(&["press button -"]);
}

/// What comes too late may be of another window: one that may not be recorded, say.
#[test]
fn withholds_an_element_that_belongs_to_no_action_seen_here() {
    let save = || pressed(ElementRole::Button, "Save");
    wall().element(save()).tells_nothing_for(Rule::UnknownField);
    wall().press().element(save()).element(save()).elements_are(1, Rule::UnknownField);
    wall().press().window("editor").field(1, Secrecy::No).element(save()).tells_nothing_for(Rule::UnknownField);
    let lost = wall().press().see(Observed::Gap { cause: GapCause::Lost }).field(1, Secrecy::No).element(save());
    assert_eq!(lost.elements(), (vec![], vec![Rule::UnknownField, Rule::SourceGap]));
    let barred = wall().window("bank").press().window("editor").field(1, Secrecy::No).element(save());
    assert_eq!(barred.elements(), (vec![], vec![Rule::UnknownField, Rule::ApplicationNotAllowed]));
    wall().element(focused(2)).tells_nothing_for(Rule::UnknownField);
    wall().element(focused(1)).element(focused(1)).elements_are(1, Rule::UnknownField);
    wall().window("editor").element(focused(1)).tells_nothing_for(Rule::UnknownField);
}

impl Wall {
    #[track_caller]
    fn elements_are(self, count: usize, rule: Rule) {
        let (elements, rules) = self.elements();
        assert_eq!((elements.len(), rules), (count, vec![rule]));
    }
}

#[test]
fn passes_the_element_of_a_press_that_moved_the_focus_to_an_open_field() {
    let wall = wall().press().field(2, Secrecy::No).element(pressed(ElementRole::Textbox, ""));
    wall.element(focused(2)).tells(&["press textbox -", "focus textbox -"]);
}

#[test]
fn an_element_waits_behind_the_keys_before_it() {
    let wall = wall().types("the ").element(focused(1)).types("and ");
    let order = |events: &[Redacted]| {
        let one = |event: &Redacted| match &event.event().what {
            What::Key { press: Press::Down, .. } => Some('k'),
            What::Element(_) => Some('e'),
            _ => None,
        };
        events.iter().filter_map(one).collect::<String>()
    };
    assert_eq!(order(&wall.out.events), "");
    assert_eq!(order(&wall.end().0), "kkkkekkkk");
}

#[test]
fn left_out_elements_leave_no_gap_for_others() {
    let unknown = SeenElement { secret: Secrecy::Unknown, ..pressed(ElementRole::Button, "Save") };
    let (events, _) = wall().press().element(unknown).end();
    assert!(!events.iter().any(|event| event.event().what == What::Gap));
}
