use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::{Actor, Button, Event, Press, Surrogate, What};
use candor_model::key::{Key, NamedKey, PhysicalKey, Shape, is_text};
use proptest::prelude::*;

use super::{Encoder, decode};

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        prop::sample::select(&Shape::ALL[..]).prop_map(Key::Shape),
        (any::<u16>(), prop::sample::select(NamedKey::ALL))
            .prop_map(|(physical, name)| Key::Named { physical: PhysicalKey(physical), name }),
        (any::<u16>(), any::<char>())
            .prop_map(|(physical, symbol)| Key::Shortcut { physical: PhysicalKey(physical), symbol }),
    ]
}

fn typed(c: char) -> What {
    What::Key { press: Press::Down, key: Key::Text(c) }
}

fn what() -> impl Strategy<Value = What> {
    let press = prop_oneof![Just(Press::Down), Just(Press::Up)];
    prop_oneof![
        6 => (-9999..9999i32, any::<i32>(), any::<bool>()).prop_map(|(x, y, drag)| What::Move { x, y, drag }),
        2 => (press.clone(), key()).prop_map(|(press, key)| What::Key { press, key }),
        2 => any::<char>().prop_filter("text", |c| is_text(*c)).prop_map(typed),
        1 => (press, any::<u8>(), any::<i32>(), -9..9i32)
            .prop_map(|(press, code, x, y)| What::Button { press, button: Button(code), x, y }),
        1 => (any::<i32>(), any::<i32>(), any::<i32>(), any::<i32>())
            .prop_map(|(dx, dy, x, y)| What::Scroll { dx, dy, x, y }),
        1 => "[a-zé]{1,9}".prop_map(|app| What::Window { app }),
        1 => (prop::sample::select(&Surrogate::ALL[..]), 1..=u32::MAX)
            .prop_map(|(of, number)| What::Surrogate { of, number }),
        1 => element(),
        1 => Just(What::Gap),
    ]
}

fn element() -> impl Strategy<Value = What> {
    let (of, role) = (prop::sample::select(&ElementOf::ALL[..]), prop::sample::select(ElementRole::ALL));
    let name = proptest::option::of("[a-zé…漢 ]{1,64}");
    (of, role, name, any::<(i32, i32)>(), any::<(u32, u32)>()).prop_map(|(of, role, name, (x, y), (width, height))| {
        let name = name.filter(|_| role.has_label());
        What::Element(Box::new(Element { of, role, name, x, y, width, height }))
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let step = prop_oneof![4 => 0..300u64, 2 => 0..9_000u64, 1 => 0..1u64 << 40];
    let actor = prop_oneof![9 => Just(Actor::Human), 1 => prop::sample::select(&Actor::ALL[..])];
    (0..1u64 << 40, prop::collection::vec((step, actor, what()), 0..200)).prop_map(|(start, parts)| {
        let mut at = start;
        let event = |(step, actor, what)| {
            at += step;
            Event { at, actor, what }
        };
        parts.into_iter().map(event).collect()
    })
}

proptest! {
    #[test]
    fn every_block_decodes_to_what_was_encoded(events in events()) {
        let block = Encoder::new().unwrap().encode(events.iter()).unwrap();
        let mut back = Vec::new();
        decode(&block, &mut back).unwrap();
        prop_assert_eq!(back, events);
    }

    #[test]
    fn an_altered_block_is_refused_or_still_accounts_for_every_byte(
        events in events(), at in any::<prop::sample::Index>(), change in 1..255u8,
    ) {
        let mut block = Encoder::new().unwrap().encode(events.iter()).unwrap();
        let at = at.index(block.len());
        block[at] ^= change;
        let _ = decode(&block, &mut Vec::new());
        block.truncate(at);
        prop_assert!(decode(&block, &mut Vec::new()).is_err());
    }
}

/// What no reader would take is not written: the segment would be lost at the vault, not here.
#[test]
fn an_event_that_a_reader_would_refuse_is_not_encoded() {
    let encode = |what: What| {
        let event = Event { at: 3, actor: Actor::Human, what };
        Encoder::new().unwrap().encode(std::iter::once(&event)).map_err(|error| error.kind())
    };
    let named = |role, name: &str| {
        let (of, name) = (ElementOf::Press, Some(name.to_owned()));
        What::Element(Box::new(Element { of, role, name, x: 0, y: 0, width: 1, height: 1 }))
    };
    let refused = [
        named(ElementRole::Textbox, "Save"),
        named(ElementRole::Button, ""),
        named(ElementRole::Button, "a\nb"),
        named(ElementRole::Button, &"é".repeat(65)),
        What::Key { press: Press::Up, key: Key::Text('a') },
        typed('\0'),
        typed('\n'),
        typed('\u{85}'),
        What::Surrogate { of: Surrogate::Email, number: 0 },
    ];
    for what in refused {
        assert_eq!(encode(what.clone()), Err(std::io::ErrorKind::InvalidInput), "{what:?}");
    }
    assert!(encode(named(ElementRole::Button, &"é".repeat(64))).is_ok());
    assert!(encode(typed('a')).is_ok() && encode(What::Surrogate { of: Surrogate::Email, number: 1 }).is_ok());
}
