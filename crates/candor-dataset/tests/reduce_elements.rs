//! Which steps carry an element, and which one.

mod common;

use candor_dataset::reduce::Step;
use candor_model::element::{Element, ElementOf, ElementRole};
use candor_model::event::Button;
use candor_model::key::NamedKey;
use candor_model::{Actor, Event, What};
use common::{Hand, hand, named, reduce};

/// The steps with what they were done to, a word each.
fn aims(hand: &Hand) -> Vec<String> {
    let aim = |step: &Step| match step.element.as_deref() {
        Some(element) => format!("{} {}", element.role.as_str(), element.name.as_deref().unwrap_or("-")),
        None => "nothing".to_owned(),
    };
    reduce(&hand.events).iter().map(aim).collect()
}

/// A press on what lies at 100, 50 and is 80 × 24 large.
fn save(hand: &mut Hand) -> &mut Hand {
    hand.element(ElementOf::Press, ElementRole::Button, Some("Save"), (100, 50, 80, 24))
}

fn subject(hand: &mut Hand) -> &mut Hand {
    hand.element(ElementOf::Focus, ElementRole::Textbox, None, (0, 0, 400, 30))
}

#[test]
fn a_click_a_long_press_and_a_drag_carry_what_was_pressed() {
    let mut hand = hand();
    save(hand.press(Button::LEFT, 110, 60)).wait(60).release(Button::LEFT, 110, 60).wait(700);
    save(hand.press(Button::LEFT, 179, 73)).wait(1_500).release(Button::LEFT, 179, 73).wait(700);
    save(hand.press(Button::LEFT, 100, 50)).wait(50).go(300, 300).wait(50).release(Button::LEFT, 300, 300);
    assert_eq!(aims(&hand), ["button Save"; 3]);
}

#[test]
fn a_source_may_take_its_time_until_the_next_press() {
    let mut hand = hand();
    save(hand.click(Button::LEFT, 110, 60)).wait(700).click(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["button Save", "nothing"]);
}

#[test]
fn a_multi_click_carries_what_its_first_press_was_on() {
    let mut hand = hand();
    save(hand.press(Button::LEFT, 110, 60)).wait(60).release(Button::LEFT, 110, 60).wait(60);
    hand.press(Button::LEFT, 110, 60);
    hand.element(ElementOf::Press, ElementRole::Dialog, None, (0, 0, 900, 900)).wait(60);
    hand.release(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["button Save"]);
}

/// It is another's, or has moved since.
#[test]
fn an_element_that_does_not_lie_under_the_press_is_not_taken() {
    for (x, y) in [(99, 60), (180, 60), (110, 49), (110, 74), (i32::MIN, i32::MAX)] {
        let mut hand = hand();
        save(hand.press(Button::LEFT, x, y)).wait(60).release(Button::LEFT, x, y);
        assert_eq!(aims(&hand), ["nothing"], "{x},{y}");
    }
}

#[test]
fn the_element_of_a_press_belongs_to_the_last_press() {
    let mut hand = hand();
    hand.press(Button::LEFT, 110, 60).wait(10).press(Button::RIGHT, 111, 60);
    save(&mut hand).wait(10).release(Button::RIGHT, 111, 60).wait(10).release(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["nothing", "button Save"]);
    let mut hand = self::hand();
    save(hand.press(Button::LEFT, 110, 60));
    hand.element(ElementOf::Press, ElementRole::Dialog, None, (0, 0, 900, 900)).release(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["button Save"], "the first one counts");
    let mut hand = self::hand();
    hand.press(Button::LEFT, 110, 60).wait(10).window("writer");
    save(&mut hand).wait(10).release(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["nothing"]);
}

#[test]
fn typing_carries_the_field_in_focus() {
    let mut hand = hand();
    subject(&mut hand).text("hello").wait(11_000).passed("there").click(Button::LEFT, 10, 10).text("again");
    assert_eq!(aims(&hand), ["textbox -", "textbox -", "nothing", "textbox -"]);
    // Told a little late.
    let mut late = self::hand();
    subject(late.text("he")).text("llo");
    assert_eq!(aims(&late), ["textbox -"]);
}

#[test]
fn another_field_in_focus_ends_the_typing() {
    let mut hand = hand();
    subject(&mut hand).text("one");
    hand.element(ElementOf::Focus, ElementRole::Terminal, None, (0, 90, 400, 300)).text("two");
    assert_eq!(aims(&hand), ["textbox -", "terminal -"]);
}

/// Where it went, nobody told.
#[test]
fn what_is_typed_where_the_focus_may_have_moved_carries_nothing() {
    let moves: [fn(&mut Hand) -> &mut Hand; 4] = [
        |hand| hand.window("writer"),
        |hand| hand.gap(),
        |hand| hand.click(Button::LEFT, 500, 500),
        |hand| hand.tap(named(NamedKey::Tab)),
    ];
    for (number, moves) in moves.into_iter().enumerate() {
        let mut hand = hand();
        moves(subject(&mut hand)).text("hello");
        assert_eq!(aims(&hand).last().map(String::as_str), Some("nothing"), "{number}");
    }
}

#[test]
fn an_element_is_no_step_and_leaves_no_gap_whoever_is_said_to_have_caused_it() {
    let mut hand = hand();
    hand.text("ab");
    for actor in Actor::ALL {
        let (of, role) = (ElementOf::Press, ElementRole::Button);
        let element = Element { of, role, name: None, x: 0, y: 0, width: 9, height: 9 };
        let what = What::Element(Box::new(element));
        hand.events.push(Event { at: hand.now, actor, what });
    }
    hand.text("cd");
    assert_eq!(aims(&hand), ["nothing"]);
}

/// The press of somebody who is no person at this computer is no step, and what it was on belongs to no other.
#[test]
fn what_an_injected_press_was_on_goes_to_no_earlier_press() {
    let mut hand = hand();
    hand.press(Button::LEFT, 110, 60).wait(10);
    let press = hand.events.last().unwrap().clone();
    hand.events.push(Event { at: hand.now, actor: Actor::Injected, what: press.what });
    save(&mut hand).wait(10).release(Button::LEFT, 110, 60);
    assert_eq!(aims(&hand), ["nothing", "nothing"]);
}
