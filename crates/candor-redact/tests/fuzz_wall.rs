//! Any order of observations, of a text field or of nothing that ever was: the wall takes it without a panic, accounts for
//! every one, and its account of the text stays whole. `CANDOR_FUZZ_SECS` sets how long (2 s).
#![cfg(not(candor_no_wall))]
#![allow(
    clippy::indexing_slicing,
    reason = "clippy.toml allows it in test functions; these are the helpers of such functions"
)]

use std::time::Duration;

use candor_model::element::{ElementOf, ElementRole};
use candor_model::event::{Button, Press, What};
use candor_model::key::{Key, NamedKey, PhysicalKey};
use candor_model::{Actor, ClockUnit, TextPolicy, Ticks};
use candor_redact::{
    ElementId, FieldText, GapCause, LogicalKey, Observation, Observed, Outgoing, Raw, Redactor, Role, Secrecy,
    SeenElement, SessionKey, Settings,
};

/// What is typed where the bytes say so: whole values, so that findings happen.
const TEXTS: [&str; 8] =
    ["the key is ", "jo@host.example ", "4111 1111 1111 1111", "ß", "\u{200b}", "e\u{301}", "\n", "ghp_"];
/// What elements are called.
const NAMES: [&str; 6] = ["Save", "Save as…", "jo@host.example", "4111 1111 1111 1111", "Chat with Priya", "a\nb"];
const NAMED: [NamedKey; 16] = [
    NamedKey::Backspace,
    NamedKey::Delete,
    NamedKey::ArrowLeft,
    NamedKey::ArrowRight,
    NamedKey::ArrowUp,
    NamedKey::Home,
    NamedKey::End,
    NamedKey::Enter,
    NamedKey::Tab,
    NamedKey::Control,
    NamedKey::Shift,
    NamedKey::Alt,
    NamedKey::Insert,
    NamedKey::Undo,
    NamedKey::Paste,
    NamedKey::Compose,
];
const ROLES: [Role; 7] =
    [Role::Text, Role::Line, Role::Lines, Role::Password, Role::Terminal, Role::CommandLine, Role::Unknown];

fn of<T: Copy>(all: &[T], byte: u8) -> T {
    all[usize::from(byte) % all.len()]
}

/// What two bytes say that happened.
fn observed(kind: u8, arg: u8) -> Observed {
    let press = if kind & 0x80 == 0 { Press::Down } else { Press::Up };
    let key = |logical| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical };
    let place = usize::from(arg);
    match kind % 16 {
        0 | 1 => key(LogicalKey::Char(char::from(arg % 95 + b' '))),
        2 | 3 => key(LogicalKey::Named(of(&NAMED, arg))),
        4 => key(LogicalKey::Dead('´')),
        5 => key(if arg.is_multiple_of(2) { LogicalKey::Composing } else { LogicalKey::Unidentified }),
        6 => Observed::Committed { text: of(&TEXTS, arg).into() },
        7 => Observed::Edited { start: place % 20, removed: place % 7, inserted: of(&TEXTS, arg).into() },
        8 => Observed::Caret { at: place % 30, anchor: place % 11 },
        9 => Observed::Value(FieldText { text: of(&TEXTS, arg).into(), caret: Some(place % 9), anchor: None }),
        10 | 11 => {
            let value = (!arg.is_multiple_of(3)).then(|| FieldText {
                text: of(&TEXTS, arg).into(),
                caret: None,
                anchor: Some(2),
            });
            let secret = of(&[Secrecy::No, Secrecy::Yes, Secrecy::Unknown, Secrecy::No], arg / 8);
            Observed::Field { element: Some(ElementId(u64::from(arg % 4))), role: of(&ROLES, arg), secret, value }
        }
        12 => {
            let app = of(&["editor", "plain", "mute", "other"], arg).into();
            Observed::Window { app, title: of(&TEXTS, arg).into(), origin: None }
        }
        13 if arg.is_multiple_of(2) => Observed::Element(SeenElement {
            of: of(&ElementOf::ALL, kind / 16),
            id: Some(ElementId(u64::from(arg % 8 / 2))),
            secret: of(&[Secrecy::No, Secrecy::No, Secrecy::Yes, Secrecy::Unknown], arg / 16),
            role: of(ElementRole::ALL, arg / 2),
            name: Some(of(&NAMES, arg / 8).into()),
            x: i32::from(arg),
            y: 0,
            width: 80,
            height: 20,
        }),
        13 => Observed::Button { press, button: Button::LEFT, x: 1, y: i32::from(arg) },
        14 => Observed::Gap { cause: GapCause::Lost },
        _ => Observed::Move { x: i32::from(arg), y: 2, drag: arg.is_multiple_of(2) },
    }
}

fn wall() -> Redactor {
    let mut settings = Settings::shapes([], ClockUnit::MILLISECOND, SessionKey::new([7; 32]));
    let policies = [("editor", TextPolicy::Safe), ("plain", TextPolicy::Shapes), ("mute", TextPolicy::None)];
    settings.applications.extend(policies.map(|(app, policy)| (app.to_owned(), policy)));
    Redactor::new(settings, Some("editor"))
}

#[test]
fn fuzz_the_wall_takes_any_order_of_observations_and_accounts_for_each() {
    let secs = std::env::var("CANDOR_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(2);
    bolero::check!().with_test_time(Duration::from_secs(secs)).with_type::<Vec<(u8, u8, u8)>>().for_each(|script| {
        let (mut wall, mut out, mut now): (_, _, Ticks) = (wall(), Outgoing::default(), 0);
        for (kind, arg, pause) in script {
            now += u64::from(*pause) * u64::from(*pause) / 4;
            match kind % 17 {
                16 => wall.tick(now, &mut out),
                _ => wall.push(
                    Raw::new(Observation { at: now, actor: Actor::Human, what: observed(*kind, *arg) }),
                    &mut out,
                ),
            }
        }
        let tally = wall.finish(&mut out);
        assert_eq!(tally.captured, tally.stored + tally.withheld + tally.dropped);
        assert_eq!(tally.stored + tally.added, out.events.len() as u64);
        assert_eq!(tally.waiting, 0);
        assert!(out.retracted.iter().all(|ordinal| *ordinal < out.events.len() as u64));
        assert!(out.events.is_sorted_by_key(|event| event.event().at));
        let control = |what: &What| matches!(what, What::Key { key: Key::Text(c), .. } if c.is_control());
        assert!(!out.events.iter().any(|event| control(&event.event().what)));
        let names = out.events.iter().filter_map(|event| match &event.event().what {
            What::Element(element) => element.name.as_deref(),
            _ => None,
        });
        names.for_each(|name| assert!(NAMES[..2].contains(&name), "{name:?}"));
    });
}
