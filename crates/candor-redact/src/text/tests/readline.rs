use super::*;
use Confidence::{Inferred, Synced, Unknown};

fn shell(text: &str) -> Desk {
    Desk::of(Bindings::Readline, Lines::Single, text)
}

#[test]
fn moves_and_deletes_by_character() {
    let mut desk = shell("");
    desk.press("lss<C-h> x<C-b><C-b>-<C-a><C-d>k<C-e>y<C-b><C-f>z");
    desk.holds("ks- xyz", Synced);
}

#[test]
fn kills_and_yanks() {
    let mut desk = shell("one two-three");
    desk.press("<C-w>");
    desk.holds("one ", Synced);
    desk.press("<C-y><C-y>");
    desk.holds("one two-threetwo-three", Synced);
    desk.press("<A-BS>");
    desk.holds("one two-threetwo-", Synced);
    desk.press("<C-a><C-k>");
    desk.holds("", Synced);
    desk.press("<C-y>");
    desk.holds("one two-threetwo-", Synced);
}

#[test]
fn adds_up_kills_in_a_row() {
    let mut desk = shell("a b c");
    desk.press("<C-w><C-w><C-y>");
    desk.holds("a b c", Synced);
    let mut desk = shell("ab cd");
    desk.press("<C-a><A-f><C-k><C-u><C-y>");
    desk.holds("ab cd", Synced);
}

#[test]
fn knows_words_as_readline_does() {
    let mut desk = shell("a foo.bar-baz");
    desk.press("<A-b><A-b>x<A-f>y<C-a><A-d>");
    desk.holds(" foo.xbary-baz", Synced);
}

#[test]
fn transposes() {
    let mut desk = shell("ba");
    desk.press("<C-t>");
    desk.holds("ab", Synced);
    desk.press("<C-a><C-t>");
    desk.holds("ab", Synced);
    desk.press("dc<C-b><C-t>");
    desk.holds("cdab", Synced);
}

#[test]
fn is_lost_to_history_completion_and_commands_that_run() {
    for key in
        ["<Up>", "<Tab>", "<C-r>", "<C-p>", "<C-c>", "<C-v>", "<A-.>", "<A-5>", "<C-y>", "<Enter>", "<C-_>", "<S-Left>"]
    {
        let mut desk = shell("ls");
        desk.press(key);
        assert_eq!(desk.field.confidence(), Unknown, "{key}");
    }
    assert_eq!(shell("ls").press("<Enter>"), Effect::Submitted);
}

#[test]
fn does_not_kill_what_it_does_not_know() {
    let mut desk = Desk { field: TextField::new(Bindings::Readline, None), next: 1 };
    desk.press("ab");
    desk.holds("ab", Inferred);
    desk.press("<C-u>");
    assert_eq!(desk.field.confidence(), Unknown);
    assert_eq!(desk.printed(), "ab");
}
