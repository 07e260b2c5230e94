//! Whatever somebody does on the way to a secret, nobody who reads what left can put it together.
#![cfg(not(candor_no_wall))]
#![allow(
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in test functions; these are the helpers of such functions"
)]

use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, NamedKey, PhysicalKey};
use candor_model::{Actor, ClockUnit, TextPolicy, Ticks};
use candor_redact::{
    ElementId, FieldText, LogicalKey, Observation, Observed, Outgoing, Raw, Redactor, Role, Secrecy, SeenElement,
    SessionKey, Settings,
};
use proptest::prelude::*;

/// What somebody does.
#[derive(Debug, Clone)]
enum Op {
    /// Types ordinary words.
    Words(usize),
    /// Types the secret, with a slip after so many characters that is corrected at once.
    Secret(Option<usize>),
    /// Types the beginning of the secret and deletes it.
    Half(usize),
    /// Types the secret and deletes it all.
    Regret,
    /// Moves the caret, and comes back to the end.
    Walk(usize),
    /// Deletes so many characters.
    Erase(usize),
    /// Pauses, in milliseconds.
    Wait(Ticks),
    /// Leaves the field and comes back.
    Away,
    /// Clicks somewhere in the field.
    Click,
    /// Undoes.
    Undo,
    /// Clicks on an element of this role that an application calls by the secret, by half of it, or by words around it.
    Press(usize, usize),
}

const WORDS: [&str; 6] = ["open ", "the ", "window ", "and ", "read ", "it "];

struct Hand {
    wall: Redactor,
    now: Ticks,
    out: Outgoing,
    /// The field as it really is, while nothing happened that a source would not tell.
    text: String,
}

impl Hand {
    fn new() -> Self {
        let mut settings = Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
        settings.applications.insert("editor".to_owned(), TextPolicy::Safe);
        let wall = Redactor::new(settings, Some("editor"));
        let mut hand = Self { wall, now: 0, out: Outgoing::default(), text: String::new() };
        hand.enter(1, "");
        hand
    }

    fn see(&mut self, what: Observed) {
        self.now += 70;
        self.wall.push(Raw::new(Observation { at: self.now, actor: Actor::Human, what }), &mut self.out);
    }

    fn enter(&mut self, element: u64, text: &str) {
        let end = text.chars().count();
        let value = Some(FieldText { text: text.to_owned(), caret: Some(end), anchor: Some(end) });
        let field = Observed::Field { element: Some(ElementId(element)), role: Role::Line, secret: Secrecy::No, value };
        self.see(field);
    }

    fn key(&mut self, logical: LogicalKey) {
        for press in [Press::Down, Press::Up] {
            self.see(Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical });
        }
    }

    fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.key(LogicalKey::Char(c));
            self.text.push(c);
        }
    }

    fn named(&mut self, name: NamedKey, times: usize) {
        (0..times).for_each(|_| self.key(LogicalKey::Named(name)));
    }

    fn erase(&mut self, times: usize) {
        let times = times.min(self.text.chars().count());
        self.named(NamedKey::Backspace, times);
        let rest = self.text.chars().count() - times;
        self.text = self.text.chars().take(rest).collect();
    }

    fn wait(&mut self, ms: Ticks) {
        for _ in 0..ms / 100 {
            self.now += 100;
            self.wall.tick(self.now, &mut self.out);
        }
    }

    fn does(&mut self, op: &Op, secret: &str) {
        let chars = secret.chars().count();
        match op {
            Op::Words(n) => self.types(WORDS[n % WORDS.len()]),
            Op::Secret(slip) => {
                let at = slip.map_or(chars, |at| at % chars);
                let (before, after) = secret.split_at(secret.char_indices().nth(at).map_or(secret.len(), |(at, _)| at));
                self.types(before);
                if slip.is_some() {
                    self.types("x");
                    self.erase(1);
                }
                self.types(after);
                self.types(" ");
            }
            Op::Half(n) => {
                let half: String = secret.chars().take(n % chars).collect();
                self.types(&half);
                self.erase(half.chars().count());
            }
            Op::Regret => {
                self.types(secret);
                self.erase(chars);
            }
            Op::Walk(n) => {
                let n = n % 12;
                self.named(NamedKey::ArrowLeft, n);
                self.named(NamedKey::End, 1);
            }
            Op::Erase(n) => self.erase(n % 8),
            Op::Wait(ms) => self.wait(*ms),
            Op::Away => {
                let text = self.text.clone();
                self.enter(2, "");
                self.enter(1, &text);
            }
            Op::Click => {
                let click = |press| Observed::Button { press, button: candor_model::event::Button::LEFT, x: 1, y: 1 };
                self.see(click(Press::Down));
                self.see(click(Press::Up));
            }
            Op::Press(role, n) => {
                let half: String = secret.chars().skip(n % chars).collect();
                let called = [secret.to_owned(), half, format!("Save {secret}"), format!("{secret} (open)")];
                let click = |press| Observed::Button { press, button: candor_model::event::Button::LEFT, x: 1, y: 1 };
                self.see(click(Press::Down));
                self.see(Observed::Element(SeenElement {
                    of: ElementOf::Press,
                    id: None,
                    secret: Secrecy::No,
                    role: ElementRole::ALL[role % ElementRole::ALL.len()],
                    name: Some(called[n % called.len()].clone()),
                    x: 0,
                    y: 0,
                    width: 80,
                    height: 20,
                }));
                self.see(click(Press::Up));
            }
            Op::Undo => {
                self.see(Observed::Key {
                    press: Press::Down,
                    physical: PhysicalKey::UNKNOWN,
                    logical: LogicalKey::Named(NamedKey::Control),
                });
                self.key(LogicalKey::Char('z'));
                self.see(Observed::Key {
                    press: Press::Up,
                    physical: PhysicalKey::UNKNOWN,
                    logical: LogicalKey::Named(NamedKey::Control),
                });
            }
        }
    }

    /// What left and was not taken back.
    fn outgoing(mut self) -> Vec<Event> {
        self.wall.finish(&mut self.out);
        let taken_back = |at: usize| self.out.retracted.contains(&(at as u64));
        let events = self.out.events.iter().enumerate().filter(|(at, _)| !taken_back(*at));
        events.map(|(_, event)| event.event().clone()).collect()
    }
}

/// What four attackers make of it: all characters in order, corrections carried out, both at once; and all names in a row.
fn views(events: &[Event]) -> [String; 4] {
    let names = events.iter().filter_map(|event| match &event.what {
        What::Element(element) => element.name.as_deref(),
        _ => None,
    });
    let names = names.collect();
    let (mut printed, mut cells, mut caret) = (String::new(), Vec::<(char, bool)>::new(), 0);
    let behind = |cells: &[(char, bool)], caret: usize| (0..caret).rev().find(|at| !cells[*at].1);
    for event in events {
        let What::Key { press: Press::Down, key } = &event.what else { continue };
        match key {
            Key::Text(c) => {
                printed.push(*c);
                cells.insert(caret, (*c, false));
                caret += 1;
            }
            Key::Named { name: NamedKey::Backspace, .. } => {
                if let Some(at) = behind(&cells, caret) {
                    cells[at].1 = true;
                    caret = at;
                }
            }
            Key::Named { name: NamedKey::ArrowLeft, .. } => caret = behind(&cells, caret).unwrap_or(0),
            Key::Named { name: NamedKey::End, .. } => caret = cells.len(),
            _ => {}
        }
    }
    let joined = |erased: bool| cells.iter().filter(|(_, gone)| erased || !gone).map(|(c, _)| *c).collect();
    [printed, joined(false), joined(true), names]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => any::<usize>().prop_map(Op::Words),
        3 => proptest::option::of(any::<usize>()).prop_map(Op::Secret),
        1 => any::<usize>().prop_map(Op::Half),
        1 => Just(Op::Regret),
        1 => any::<usize>().prop_map(Op::Walk),
        1 => any::<usize>().prop_map(Op::Erase),
        2 => (0..20_000u64).prop_map(Op::Wait),
        1 => Just(Op::Away),
        1 => Just(Op::Click),
        1 => Just(Op::Undo),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(role, n)| Op::Press(role, n)),
    ]
}

/// Secrets of several kinds, made up: a card with its check digit, an address, a token of an unknown issuer.
fn secret() -> impl Strategy<Value = String> {
    let card = prop::collection::vec(0..10u32, 14).prop_map(|digits| {
        let body: Vec<u32> = std::iter::once(4).chain(digits).collect();
        let doubled =
            |at: usize, digit: u32| if at.is_multiple_of(2) { (digit * 2) / 10 + (digit * 2) % 10 } else { digit };
        let sum: u32 = body.iter().enumerate().map(|(at, digit)| doubled(at, *digit)).sum();
        body.iter().chain([&((10 - sum % 10) % 10)]).map(|digit| char::from_digit(*digit, 10).unwrap_or('0')).collect()
    });
    let address = "[a-z]{4,9}[.][a-z]{4,9}@[a-z]{5,9}[.](example|test)[.](com|org|de)".prop_map(|it| it);
    let token = "gh[p]_[A-Za-z0-9]{36}".prop_map(|it| it);
    prop_oneof![card, address, token]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Eight characters of it in a row are more than a digit group or a name.
    #[test]
    fn no_way_of_typing_a_secret_shows_eight_characters_of_it(secret in secret(), ops in prop::collection::vec(op(), 1..14)) {
        let mut hand = Hand::new();
        ops.iter().for_each(|op| hand.does(op, &secret));
        hand.wait(12_000);
        let events = hand.outgoing();
        let parts: Vec<String> = secret.chars().collect::<Vec<_>>().windows(8).map(|part| part.iter().collect()).collect();
        for view in views(&events) {
            for part in &parts {
                prop_assert!(!view.contains(part.as_str()), "{part:?} of {secret:?} in {view:?}");
            }
        }
    }

    /// The account holds, whatever happens.
    #[test]
    fn every_observation_is_accounted_for(secret in secret(), ops in prop::collection::vec(op(), 1..14)) {
        let mut hand = Hand::new();
        ops.iter().for_each(|op| hand.does(op, &secret));
        let tally = hand.wall.finish(&mut hand.out);
        prop_assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped);
        prop_assert_eq!(tally.stored + tally.added, hand.out.events.len() as u64);
        prop_assert_eq!(tally.waiting, 0);
    }
}
