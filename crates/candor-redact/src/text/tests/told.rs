//! What a source tells beside the keys.

use super::*;
use Confidence::{Inferred, Synced, Unknown};

fn value(text: &str, caret: Option<usize>) -> FieldText {
    FieldText { text: text.to_owned(), caret, anchor: caret }
}

#[test]
fn is_in_step_again_when_the_source_reads_the_field() {
    let mut desk = Desk::line("");
    desk.press("abc<C-v>");
    desk.field.value(&value("abcpasted", Some(9)));
    desk.holds("abcpasted", Synced);
    let makers: Vec<usize> = desk.field.cells().iter().map(|cell| cell.made_by.len()).collect();
    assert_eq!(makers, [1, 1, 1, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn keeps_the_makers_of_text_that_was_corrected_for_the_typist() {
    let mut desk = Desk::line("");
    desk.press("teh ");
    desk.field.value(&value("the ", Some(4)));
    desk.holds("the ", Synced);
    for (ch, maker) in [('h', 3), ('e', 2)] {
        let cell = desk.field.cells().iter().find(|cell| cell.is_live() && cell.ch == ch).unwrap();
        assert_eq!(&*cell.made_by, [maker]);
    }
    assert!(desk.inlined().starts_with("teh"));
}

#[test]
fn finds_text_that_was_typed_after_a_click() {
    let mut desk = Desk::line("abc def");
    desk.field.clicked(1);
    desk.press("XY");
    desk.field.value(&value("abc XYdef", Some(6)));
    desk.holds("abc XYdef", Synced);
    for cell in desk.field.cells().iter().filter(|cell| cell.is_live() && cell.ch.is_uppercase()) {
        assert_eq!(cell.made_by.len(), 1);
    }
    assert_eq!(desk.field.position(), Some((6, 6)));
}

#[test]
fn finds_the_makers_of_text_that_was_put_back() {
    let mut desk = Desk::line("");
    desk.press("ab<C-a><BS><C-z>");
    desk.field.value(&value("ab", Some(2)));
    desk.holds("ab", Synced);
    let makers: Vec<&[EventId]> =
        desk.field.cells().iter().filter(|cell| cell.is_live()).map(|cell| &*cell.made_by).collect();
    assert_eq!(makers, [[1], [2]]);
}

#[test]
fn knows_the_text_but_not_the_caret_where_the_source_does_not_tell() {
    let mut desk = Desk::line("abc");
    desk.press("<C-z>");
    desk.field.value(&value("ab", None));
    desk.holds("ab", Inferred);
    desk.press("<End>c");
    desk.holds("abc", Synced);
}

#[test]
fn takes_a_paste_that_the_source_tells() {
    let mut desk = Desk::line("ab");
    desk.press("<Left><C-v>");
    assert_eq!(desk.field.confidence(), Unknown);
    desk.field.edited(9, 1, 0, "12");
    desk.holds("a12b", Synced);
    assert_eq!(desk.field.position(), Some((3, 3)));
    let cell = desk.field.cells().iter().find(|cell| cell.ch == '1').unwrap();
    assert_eq!(&*cell.made_by, [2, 9]);
}

#[test]
fn takes_an_edit_elsewhere_without_moving_the_caret() {
    let mut desk = Desk::line("teh cat");
    desk.field.edited(1, 0, 3, "theee");
    desk.holds("theee cat", Synced);
    assert_eq!(desk.field.position(), Some((9, 9)));
    desk.field.edited(2, 40, 1, "x");
    assert_eq!(desk.field.confidence(), Unknown);
    assert!(desk.printed().ends_with('x'));
}

#[test]
fn attaches_every_composing_key_to_what_was_committed() {
    let mut desk = Desk::line("");
    desk.press("a<composing><composing>");
    desk.field.committed(4, "日本");
    desk.holds("a日本", Synced);
    assert_eq!(&*desk.field.cells()[1].made_by, [2, 3, 4]);
    assert_eq!(&*desk.field.cells()[2].made_by, [2, 3, 4]);
    desk.next = 5;
    desk.press("b");
    assert_eq!(&*desk.field.cells()[3].made_by, [5]);
}

#[test]
fn commits_over_the_selection() {
    let mut desk = Desk::line("abc");
    desk.press("<S-Left><Compose><composing>");
    desk.field.committed(4, "é");
    desk.holds("abé", Synced);
}

#[test]
fn follows_the_caret_that_the_source_tells() {
    let mut desk = Desk::line("abc");
    desk.field.clicked(1);
    desk.field.caret(1, 3);
    assert_eq!(desk.field.position(), Some((1, 3)));
    desk.press("x");
    desk.holds("ax", Synced);
    desk.field.caret(7, 7);
    assert_eq!(desk.field.confidence(), Unknown);
}

#[test]
fn does_not_break_a_run_whose_caret_only_followed_the_typing() {
    let mut desk = Desk::blind();
    desk.field.caret(10, 10);
    for at in 11..15 {
        desk.press("a");
        desk.field.caret(at, at);
    }
    assert!(desk.field.cells().iter().all(|cell| cell.run == 0));
    desk.field.caret(12, 12);
    desk.press("b");
    desk.holds("aabaa", Inferred);
    desk.field.caret(3, 3);
    desk.press("c");
    assert_eq!(desk.field.cells().last().unwrap().run, 1);
}

#[test]
fn does_not_hold_a_text_longer_than_anybody_types() {
    let mut desk = Desk::line("ab");
    desk.field.value(&value(&"x".repeat(super::super::CELLS_MAX), Some(0)));
    desk.press("c");
    assert_eq!((desk.field.cells().len(), desk.field.confidence()), (3, Inferred));
}

#[test]
fn drops_the_oldest_when_there_is_too_much() {
    let mut desk = Desk::line("");
    for _ in 0..=super::super::CELLS_MAX {
        desk.press("x");
    }
    assert_eq!(desk.field.confidence(), Unknown);
    assert!(desk.field.cells().len() <= super::super::CELLS_MAX / 2);
    assert_eq!(desk.field.cells().last().unwrap().typed_at(), Some(desk.next - 1));
}

#[test]
fn takes_a_paste_over_a_selection_that_the_source_tells() {
    let mut desk = Desk::line("aaaabb");
    desk.field.caret(4, 0);
    desk.press("<C-v>");
    desk.field.edited(desk.next, 0, 4, "zz");
    desk.holds("zzbb", Synced);
    assert_eq!(desk.field.position(), Some((2, 2)));
}
