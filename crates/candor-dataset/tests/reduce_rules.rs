//! One test a rule, and one for each defect of the published reducer (capture notes, 1.1, a to f).

mod common;

use candor_model::event::{Button, Surrogate};
use candor_model::key::{Key, NamedKey, Shape};
use candor_model::{Actor, ClockUnit, PositionUnit};
use common::{Hand, hand, named, reduce, reduce_in, symbol, words};
use expect_test::{Expect, expect};

fn check(hand: &Hand, expect: Expect) {
    expect.assert_eq(&words(&reduce(&hand.events)));
}

#[test]
fn defect_a_two_slow_clicks_on_one_pixel_are_two_clicks() {
    check(
        hand().click(Button::LEFT, 9, 9).wait(600).click(Button::LEFT, 9, 9),
        expect![[r#"
            click 1 x1 at 9,9
            click 1 x1 at 9,9
        "#]],
    );
}

#[test]
fn defect_b_text_after_a_drag_is_text() {
    check(
        hand().drag((10, 10), (90, 10)).text("cv c"),
        expect![[r#"
            drag 10,10 to 90,10
            type Letter*2 Space*1 Letter*1
        "#]],
    );
}

#[test]
fn defect_c_the_first_double_click_of_a_session_is_one() {
    check(
        hand().click(Button::LEFT, 9, 9).click(Button::LEFT, 10, 9),
        expect![[r#"
            click 1 x2 at 9,9
        "#]],
    );
}

#[test]
fn defect_d_right_double_clicks_and_long_presses_stay_what_they_are() {
    check(
        hand()
            .click(Button::RIGHT, 9, 9)
            .click(Button::RIGHT, 9, 9)
            .wait(900)
            .press(Button::LEFT, 5, 5)
            .wait(1_001)
            .release(Button::LEFT, 6, 5)
            .wait(900)
            .press(Button::LEFT, 5, 5)
            .wait(1_000)
            .release(Button::LEFT, 6, 5),
        expect![[r#"
            click 3 x2 at 9,9
            long press 1 for 1001
            click 1 x1 at 5,5
        "#]],
    );
}

#[test]
fn defect_e_shift_and_caps_lock_guess_no_case() {
    let shift = named(NamedKey::Shift);
    check(
        hand().text("a").down(shift).wait(400).text("b").up(shift).text("c").wait(10).tap(named(NamedKey::CapsLock)),
        expect![[r#"
            type Letter*3
        "#]],
    );
}

/// The helper checks that the counts add up; here is a stream in which everything is wrong.
#[test]
fn defect_f_nothing_is_dropped_in_silence() {
    let mut hand = hand();
    hand.release(Button::LEFT, 1, 1).up(symbol('c')).down(symbol('c')).up(named(NamedKey::Alt)).scroll(0, 0);
    hand.press(Button::LEFT, 1, 1).press(Button::LEFT, 2, 2).wait(5).gap().gap().wait(3);
    hand.release(Button::LEFT, 2, 2);
    let (steps, tally) = reduce_in(ClockUnit::MILLISECOND, PositionUnit::PIXEL, &hand.events);
    expect![[r#"
        click 1 x1 at 1,1 unmatched
        click 1 x1 at 2,2 unmatched
        gap
    "#]]
    .assert_eq(&words(&steps));
    assert_eq!((tally.loose, tally.gaps, tally.in_steps), (6, 2, 2));
}

#[test]
fn a_multi_click_is_close_soon_and_at_most_three() {
    let mut hand = hand();
    (0..5).for_each(|_| {
        hand.click(Button::LEFT, 9, 9);
    });
    hand.wait(900).click(Button::LEFT, 9, 9).click(Button::LEFT, 14, 9).click(Button::MIDDLE, 14, 9);
    check(
        &hand,
        expect![[r#"
            click 1 x3 at 9,9
            click 1 x2 at 9,9
            click 1 x1 at 9,9
            click 1 x1 at 14,9
            click 2 x1 at 14,9
        "#]],
    );
}

#[test]
fn a_multi_click_is_timed_from_start_to_start() {
    let slow = |gap| {
        let mut hand = hand();
        hand.press(Button::LEFT, 0, 0).wait(200).release(Button::LEFT, 0, 0).wait(gap).click(Button::LEFT, 0, 0);
        reduce(&hand.events).len()
    };
    assert_eq!((slow(300), slow(301)), (1, 2));
}

#[test]
fn six_pixels_are_a_click_and_a_path_that_comes_back_is_a_drag() {
    check(
        hand()
            .press(Button::LEFT, 0, 0)
            .wait(50)
            .release(Button::LEFT, 6, 0)
            .wait(900)
            .press(Button::LEFT, 0, 0)
            .wait(50)
            .release(Button::LEFT, 6, 1)
            .wait(900)
            .press(Button::LEFT, 0, 0)
            .go(40, 0)
            .wait(50)
            .release(Button::LEFT, 0, 0),
        expect![[r#"
            click 1 x1 at 0,0
            drag 0,0 to 6,1
            drag 0,0 to 0,0
        "#]],
    );
}

#[test]
fn a_long_drag_keeps_its_ends_and_bounded_memory() {
    let mut hand = hand();
    hand.press(Button::LEFT, 0, 0);
    (0..100_000).for_each(|x| {
        hand.wait(1).go(x, x % 7);
    });
    hand.release(Button::LEFT, 123, 4);
    let steps = reduce(&hand.events);
    let candor_dataset::reduce::Action::Drag { path, .. } = &steps[0].action else { panic!("{steps:?}") };
    assert!((128..=256).contains(&path.len()), "{}", path.len());
    assert_eq!((path[0].x, path[path.len() - 1].x), (0, 123));
    assert!(path.is_sorted_by_key(|vertex| vertex.after));
}

#[test]
fn scrolls_merge_along_one_direction_without_a_pause() {
    check(
        hand()
            .scroll(0, 120)
            .wait(400)
            .scroll(3, 120)
            .wait(401)
            .scroll(0, 120)
            .wait(10)
            .scroll(0, -120)
            .wait(10)
            .scroll(-50, 2),
        expect![[r#"
            scroll Vertical 3,240 at 5,6
            scroll Vertical 0,120 at 5,6
            scroll Vertical 0,-120 at 5,6
            scroll Horizontal -50,2 at 5,6
        "#]],
    );
}

#[test]
fn typing_merges_until_a_pause_a_window_or_another_action() {
    check(
        hand()
            .text("ab 12")
            .wait(9_900)
            .text("!")
            .wait(10_001)
            .text("x")
            .window("editor")
            .text("y")
            .click(Button::LEFT, 1, 1)
            .text("z\n"),
        expect![[r#"
            type Letter*2 Space*1 Digit*2 Punctuation*1
            type Letter*1
            type Letter*1
            click 1 x1 at 1,1
            type Letter*1 Newline*1
        "#]],
    );
}

#[test]
fn backspace_edits_within_its_run_only() {
    let back = named(NamedKey::Backspace);
    check(
        hand().text("abc1").tap(back).tap(back).text("!").wait(11_000).tap(back).text("x").tap(back).tap(back),
        expect![[r#"
            type Letter*2 Punctuation*1
            press Named(Backspace) x1
            press Named(Backspace) x1
        "#]],
    );
}

#[test]
fn text_shapes_and_values_are_one_run_in_the_order_they_were_typed() {
    check(
        hand().passed("Dear ").text("Jo").passed(",").text("\n").value(Surrogate::Email, 3).passed(" ok"),
        expect![[r#"
            type "Dear " Letter*2 "," Newline*1 EMAIL_3 " ok"
        "#]],
    );
}

#[test]
fn a_value_alone_is_typing_and_no_gap() {
    check(
        hand().click(Button::LEFT, 1, 1).value(Surrogate::Phone, 1).wait(10_001).value(Surrogate::Phone, 1).gap(),
        expect![[r#"
            click 1 x1 at 1,1
            type PHONE_1
            type PHONE_1
            gap
        "#]],
    );
    let mut hand = hand();
    hand.value(Surrogate::Phone, 1);
    hand.events[0].actor = Actor::Agent;
    let (steps, tally) = reduce_in(ClockUnit::MILLISECOND, PositionUnit::PIXEL, &hand.events);
    assert_eq!((words(&steps).as_str(), tally.other_actors), ("gap\n", 1));
}

#[test]
fn backspace_takes_back_one_character_or_one_whole_value() {
    let back = named(NamedKey::Backspace);
    check(
        hand().passed("aé").tap(back).text("xy").tap(back).value(Surrogate::Email, 1).tap(back).passed("z"),
        expect![[r#"
            type "a" Letter*1 "z"
        "#]],
    );
    check(
        hand().passed("a").text("b").tap(back).passed("c").value(Surrogate::Email, 1).tap(back).tap(back).tap(back),
        expect![[""]],
    );
}

/// What waits in memory is bounded, whatever is typed without a pause.
#[test]
fn endless_typing_continues_in_another_step() {
    for key in [Key::Text('a'), Key::Shape(Shape::Newline)] {
        let mut hand = hand();
        (0..40_000).for_each(|_| {
            hand.down(key).wait(1);
        });
        let steps = reduce(&hand.events);
        assert_eq!(steps.iter().map(|step| step.events).collect::<Vec<_>>(), [16_384, 16_384, 7_232]);
    }
}

#[test]
fn shortcuts_are_hotkeys_and_their_modifiers_no_steps() {
    let (ctrl, shift) = (named(NamedKey::Control), named(NamedKey::Shift));
    check(
        hand()
            .down(ctrl)
            .wait(900)
            .tap(symbol('c'))
            .down(symbol('v'))
            .up(ctrl)
            .wait(10)
            .down(shift)
            .tap(named(NamedKey::ArrowLeft))
            .up(shift)
            .down(ctrl)
            .click(Button::LEFT, 3, 3)
            .up(ctrl),
        expect![[r#"
            Control+hotkey Symbol('c') x1
            Control+hotkey Symbol('v') x1
            Shift+hotkey Named(ArrowLeft) x1
            Control+click 1 x1 at 3,3
        "#]],
    );
}

#[test]
fn clicks_under_different_modifiers_are_different_clicks() {
    let ctrl = named(NamedKey::Control);
    check(
        hand().click(Button::LEFT, 3, 3).down(ctrl).click(Button::LEFT, 3, 3).up(ctrl),
        expect![[r#"
            click 1 x1 at 3,3
            Control+click 1 x1 at 3,3
        "#]],
    );
}

#[test]
fn a_modifier_alone_is_a_press_when_it_was_meant() {
    let meta = named(NamedKey::Meta);
    check(
        hand().down(meta).wait(300).up(meta).wait(10).down(meta).wait(301).up(meta),
        expect![[r#"
            press Named(Meta) x1
        "#]],
    );
}

/// How somebody makes capitals is theirs, and the shapes show what came of it.
#[test]
fn shift_altgr_and_lock_keys_are_no_steps_and_interrupt_nothing() {
    for key in [NamedKey::Shift, NamedKey::AltGraph, NamedKey::CapsLock, NamedKey::NumLock, NamedKey::ScrollLock] {
        let key = named(key);
        check(
            hand().text("a").down(key).wait(900).up(key).text("b"),
            expect![[r#"
                type Letter*2
            "#]],
        );
    }
}

#[test]
fn auto_repeat_is_one_press_with_a_count_in_either_form() {
    let (down, tab) = (named(NamedKey::ArrowDown), named(NamedKey::Tab));
    let mut hand = hand();
    (0..4).for_each(|_| {
        hand.down(down).wait(30);
    });
    hand.up(down).wait(50).down(tab).wait(30);
    (0..3).for_each(|_| {
        hand.up(tab).down(tab).wait(30);
    });
    hand.up(tab).wait(1).tap(tab);
    check(
        &hand,
        expect![[r#"
            press Named(ArrowDown) x4
            press Named(Tab) x4
            press Named(Tab) x1
        "#]],
    );
}

#[test]
fn steps_come_in_the_order_of_their_starts() {
    let arrow = named(NamedKey::ArrowUp);
    check(
        hand().down(arrow).wait(10).click(Button::LEFT, 1, 1).text("a").up(arrow),
        expect![[r#"
            press Named(ArrowUp) x1
            click 1 x1 at 1,1
            type Letter*1
        "#]],
    );
}

#[test]
fn a_press_that_raises_a_window_is_matched_in_the_new_one() {
    let mut hand = hand();
    hand.window("a").press(Button::LEFT, 1, 1).wait(5).window("b").wait(50).release(Button::LEFT, 1, 1);
    let steps = reduce(&hand.events);
    assert_eq!((steps[0].unmatched, steps[0].app.as_deref()), (false, Some("a")));
}

#[test]
fn an_unmatched_press_ends_where_the_focus_changed() {
    let mut hand = hand();
    hand.press(Button::LEFT, 1, 1).wait(50).window("b").wait(5_000).text("x");
    let steps = reduce(&hand.events);
    assert!(steps[0].unmatched);
    assert_eq!(steps[0].end - steps[0].start, 50);
    hand.wait(5).down(named(NamedKey::F5)).wait(20).go(1, 1);
    assert!(reduce(&hand.events)[2].unmatched, "held at the session's end");
}

#[test]
fn no_step_spans_a_gap() {
    check(
        hand()
            .text("ab")
            .gap()
            .text("cd")
            .scroll(0, 1)
            .gap()
            .wait(1)
            .gap()
            .scroll(0, 1)
            .click(Button::LEFT, 1, 1)
            .gap()
            .click(Button::LEFT, 1, 1)
            .press(Button::LEFT, 50, 50)
            .go(99, 99)
            .gap()
            .release(Button::LEFT, 99, 99),
        expect![[r#"
            type Letter*2
            gap
            type Letter*2
            scroll Vertical 0,1 at 5,6
            gap
            scroll Vertical 0,1 at 5,6
            click 1 x1 at 1,1
            gap
            click 1 x1 at 1,1
            drag 50,50 to 99,99 unmatched
            gap
        "#]],
    );
}

#[test]
fn only_human_events_make_steps_and_the_rest_leaves_a_gap() {
    for actor in Actor::ALL {
        let mut hand = hand();
        hand.text("a").text("b").text("c");
        hand.events[2].actor = actor;
        hand.events[3].actor = actor;
        let (steps, tally) = reduce_in(ClockUnit::MILLISECOND, PositionUnit::PIXEL, &hand.events);
        let expected = if actor == Actor::Human { (1, 0) } else { (3, 2) };
        assert_eq!((steps.len(), tally.other_actors), expected, "{actor:?}");
    }
}

#[test]
fn two_buttons_at_once_are_a_chord() {
    check(
        hand()
            .press(Button::LEFT, 1, 1)
            .wait(9)
            .press(Button::RIGHT, 1, 1)
            .wait(9)
            .release(Button::LEFT, 1, 1)
            .release(Button::RIGHT, 1, 1),
        expect![[r#"
            click 1 x1 at 1,1 chord
            click 3 x1 at 1,1 chord
        "#]],
    );
}

/// Whatever a source never ends, what waits behind it stays bounded: nearly everything is out before the session's end.
#[test]
fn nothing_held_for_ever_fills_the_memory() {
    let meta = named(NamedKey::Meta);
    let mut held = hand();
    held.down(named(NamedKey::ArrowUp)).press(Button::RIGHT, 0, 0);
    let mut pending = hand();
    pending.click(Button::LEFT, 1, 1);
    for turn in 0..2_000 {
        held.wait(900).click(Button::LEFT, turn, 1);
        pending.down(meta).wait(400).up(meta).wait(10).down(meta).wait(100).up(meta);
    }
    for hand in [held, pending] {
        let mut early = 0;
        let mut reducer = candor_dataset::reduce::Reducer::new(ClockUnit::MILLISECOND, PositionUnit::PIXEL);
        hand.events.into_iter().for_each(|event| reducer.push(event, &mut |_| early += 1));
        let mut late = 0;
        let tally = reducer.finish(&mut |_| late += 1);
        assert!(early > 1_700 && late <= 257 && tally.balances(), "{early} {late}");
    }
}
