use super::*;
use Confidence::{Inferred, Synced, Unknown};

#[test]
fn follows_typing_and_correcting() {
    let mut desk = Desk::line("");
    desk.press("helo<BS>lo<Left><Left><Del>l<End>!");
    desk.holds("hello!", Synced);
    assert_eq!(desk.field.position(), Some((6, 6)));
}

#[test]
fn keeps_deleted_text_where_it_was() {
    let mut desk = Desk::line("");
    desk.press("abcd<BS><BS>xy");
    desk.holds("abxy", Synced);
    assert_eq!(desk.inlined(), "abcdxy");
    assert_eq!(desk.printed(), "abcdxy");
}

#[test]
fn prints_in_the_order_of_typing() {
    let mut desk = Desk::line("");
    desk.press("34<Home>12");
    desk.holds("1234", Synced);
    assert_eq!(desk.printed(), "3412");
}

#[test]
fn replaces_what_is_selected() {
    let mut desk = Desk::line("one two");
    desk.press("<C-S-Left>");
    assert_eq!(desk.field.position(), Some((4, 7)));
    desk.press("x");
    desk.holds("one x", Synced);
    assert_eq!(desk.inlined(), "one twox");
    desk.press("<C-a>y");
    desk.holds("y", Synced);
    desk.press("<C-a><BS>");
    desk.holds("", Synced);
}

#[test]
fn does_not_guess_which_end_of_all_the_text_moves() {
    let mut desk = Desk::line("one two");
    desk.press("<C-a><S-Left>");
    desk.holds("one two", Inferred);
    desk.press("<C-a>x");
    desk.holds("x", Synced);
}

#[test]
fn does_not_guess_what_deleting_a_word_does_to_a_selection() {
    for keys in ["<S-Left><C-BS>", "<C-a><C-BS>", "<S-Left><C-Del>"] {
        let mut desk = Desk::line("one two");
        assert_eq!(desk.press(keys), Effect::Lost, "{keys}");
    }
}

#[test]
fn collapses_a_selection_to_the_side_the_arrow_points_to() {
    let mut desk = Desk::line("abcdef");
    desk.press("<S-Left><S-Left><Left>x");
    desk.holds("abcdxef", Synced);
    desk.press("<S-Left><Right>y");
    desk.holds("abcdxyef", Synced);
}

#[test]
fn deletes_plain_words_that_every_toolkit_agrees_on() {
    let mut desk = Desk::line("one two  ");
    desk.press("<C-BS>");
    desk.holds("one ", Synced);
    desk.press("<C-BS>");
    desk.holds("", Synced);
    let mut desk = Desk::line("one two");
    desk.press("<C-Left><C-Del>x");
    desk.holds("one x", Synced);
}

#[test]
fn does_not_guess_what_a_word_is() {
    for text in ["a,b", "it's", "ab12", "a.b ", "a_b", "שלום", "日本"] {
        let mut desk = Desk::line(text);
        desk.press("<C-BS>");
        assert_eq!(desk.field.confidence(), Unknown, "{text:?}");
        let mut desk = Desk::line(text);
        desk.press("<C-Left>");
        assert_eq!(desk.field.confidence(), Inferred, "{text:?}");
    }
    let mut desk = Desk::line("one two");
    desk.press("<Home><C-Right>");
    assert_eq!(desk.field.confidence(), Inferred);
}

#[test]
fn does_not_guess_how_characters_combine() {
    for text in ["e\u{301}", "👍🏽", "नि", "שלום", "\u{1f1e9}\u{1f1ea}"] {
        let mut desk = Desk::line(text);
        desk.press("<BS>");
        assert_eq!(desk.field.confidence(), Unknown, "{text:?}");
    }
}

#[test]
fn finds_the_caret_again_at_an_end_of_the_field() {
    for key in ["<Up>", "<PageUp>"] {
        let mut desk = Desk::line("abc");
        desk.press(key);
        desk.holds("abc", Inferred);
        desk.press("<End>d");
        desk.holds("abcd", Synced);
        desk.press(key);
        desk.press("<C-Home>x");
        desk.holds("xabcd", Synced);
    }
}

#[test]
fn begins_a_run_where_a_click_put_the_caret() {
    let mut desk = Desk::line("");
    desk.press("abc");
    desk.field.clicked(9);
    desk.press("xyz<BS>");
    assert_eq!(desk.field.confidence(), Inferred);
    let runs: Vec<u32> = desk.field.cells().iter().map(|cell| cell.run).collect();
    assert_eq!(runs, [0, 0, 0, 1, 1, 1]);
    assert!(desk.field.cells()[5].gone);
}

#[test]
fn does_not_delete_beyond_what_it_knows() {
    let mut desk = Desk::blind();
    desk.press("ab<BS><BS><BS>cd");
    desk.holds("cd", Inferred);
    assert_eq!(desk.inlined(), "abcd");
}

#[test]
fn is_lost_after_what_only_the_application_knows() {
    for key in [
        "<C-v>",
        "<C-z>",
        "<C-y>",
        "<Undo>",
        "<Redo>",
        "<Insert>",
        "<Escape>",
        "<S-Insert>",
        "<C-k>",
        "<A-f>",
        "<M-a>",
        "<C-S-u>",
        "<unknown>",
        "<ContextMenu>",
        "<C-S-BS>",
        "<C-S-Del>",
    ] {
        let mut desk = Desk::line("abc");
        assert_eq!(desk.press(key), Effect::Lost, "{key}");
        assert_eq!(desk.field.confidence(), Unknown, "{key}");
        desk.press("d<BS><C-a>e");
        assert_eq!(desk.field.confidence(), Unknown, "{key}");
    }
}

#[test]
fn leaves_alone_what_does_not_edit() {
    let mut desk = Desk::line("abc");
    desk.press("<Shift><Control><Alt><Meta><CapsLock><NumLock><F5><C-c><C-s><AudioVolumeUp>d");
    desk.holds("abcd", Synced);
}

#[test]
fn pastes_what_was_cut_here_with_the_events_that_typed_it() {
    let mut desk = Desk::line("");
    desk.press("ab<S-Left><C-x><C-v>");
    desk.holds("ab", Inferred);
    let cell = desk.field.cells().last().unwrap();
    assert_eq!((cell.ch, &*cell.made_by), ('b', &[2, 5][..]));
}

#[test]
fn types_with_altgr_and_with_control_and_alt() {
    let mut desk = Desk::line("");
    desk.press("a<C-A-@>b");
    desk.holds("a@b", Synced);
    let altgr = Stroke { altgr: true, ..Stroke::plain(LogicalKey::Char('€')) };
    desk.field.key(9, &altgr);
    desk.holds("a@b€", Synced);
}

#[test]
fn keeps_text_that_alt_may_have_typed() {
    let mut desk = Desk::line("");
    desk.press("a<A-1>");
    desk.holds("a1", Unknown);
}

#[test]
fn makes_one_cell_of_an_accent_and_a_letter() {
    let mut desk = Desk::line("");
    desk.press("<dead ´>e<dead ^><dead ^><dead ~> <dead ¨>ü");
    desk.holds("é^~ü", Synced);
    let makers: Vec<&[EventId]> = desk.field.cells().iter().map(|cell| &*cell.made_by).collect();
    assert_eq!(makers, [[1, 2], [3, 4], [5, 6], [7, 8]]);
}

#[test]
fn is_lost_when_an_accent_does_not_fit() {
    let mut desk = Desk::line("");
    desk.press("<dead ´>x");
    desk.holds("´x", Unknown);
    let mut desk = Desk::line("a");
    desk.press("<dead ´><BS>");
    assert_eq!(desk.field.confidence(), Unknown);
}

#[test]
fn breaks_lines_or_submits_as_the_field_does() {
    let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, "ab");
    desk.press("<Enter>c");
    desk.holds("ab\nc", Synced);
    let mut desk = Desk::line("ab");
    assert_eq!(desk.press("<Enter>"), Effect::Submitted);
    desk.holds("ab", Inferred);
    let mut desk = Desk::of(Bindings::Desktop, Lines::Unknown, "ab");
    assert_eq!(desk.press("<Enter>"), Effect::Submitted);
    desk.press("c");
    desk.holds("ab\nc", Inferred);
}

#[test]
fn does_not_know_the_way_back_over_a_line_that_the_application_may_have_begun() {
    for line in ["  ab", "- ab", "* ab", "> ab", "1. ab", "12) ab"] {
        let begun = |keys| {
            let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, line);
            desk.press("<Enter>cd");
            desk.holds(&format!("{line}\ncd"), Synced);
            assert_eq!(desk.field.position(), None, "{line}");
            desk.press(keys);
            desk
        };
        begun("<Left><BS>x").holds(&format!("{line}\nxd"), Synced);
        assert_eq!(begun("<BS><BS><BS>").field.confidence(), Unknown, "{line}");
        assert_eq!(begun("<Left><Left><Left>").field.confidence(), Inferred, "{line}");
        let mut desk = begun("");
        let end = desk.live().chars().count();
        desk.field.caret(end, end);
        desk.press("<Left><Left><Left>");
        assert_eq!(desk.field.confidence(), Synced, "{line}: the caret was where it was expected");
    }
    for line in ["ab", "655 43", "-5", "??? ab", "1.5"] {
        let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, line);
        desk.press("<Enter>c<BS><BS>");
        desk.holds(line, Synced);
    }
}

#[test]
fn does_not_know_where_a_line_breaks_on_the_screen() {
    for key in ["<Home>", "<End>", "<Up>"] {
        let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, "ab\nlonger than any screen breaks lines");
        desk.press(key);
        assert_eq!(desk.field.confidence(), Inferred, "{key}");
    }
}

#[test]
fn knows_where_a_short_line_begins_and_that_end_leads_back_from_where_home_led() {
    let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, "one\nshort line");
    desk.press("<Home>a<End>b");
    desk.holds("one\nashort lineb", Synced);
    let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, "one\n  indented");
    desk.press("<Home>");
    assert_eq!(desk.field.confidence(), Inferred);
    let long = "a line that is longer than any screen breaks";
    let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, long);
    desk.press("<Home><End>b");
    desk.holds(&format!("{long}b"), Synced);
    for between in ["<Left>", "x", "<Home>"] {
        let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, long);
        desk.press("<Left><Left>");
        desk.press("<Home><End>");
        assert_eq!(desk.field.confidence(), Inferred, "it was in the middle");
        let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, long);
        desk.press(&format!("<Home>{between}<End>"));
        assert_eq!(desk.field.confidence(), Inferred, "{between}");
    }
}

#[test]
fn claims_nothing_of_an_opaque_application_but_keeps_what_was_typed() {
    let mut desk = Desk::of(Bindings::Opaque, Lines::Unknown, "");
    desk.press("iab<BS>c<Escape>:wq<Enter>");
    assert_eq!(desk.field.confidence(), Unknown);
    assert_eq!(desk.printed(), "iabc:wq\n");
}

#[test]
fn end_leads_back_only_right_after_home() {
    let mut desk = Desk::of(Bindings::Desktop, Lines::Multi, "a line longer than sixteen\npassword: ");
    desk.field.caret(26, 26);
    desk.press("<Home><C-End><End>x");
    assert_ne!(desk.live(), "a line longer than sixteenx\npassword: ");
}
