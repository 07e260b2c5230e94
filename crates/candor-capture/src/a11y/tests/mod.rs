//! Against real applications, each test on a display and buses of its own.

mod before;
mod navigate;
mod page;
mod race;
mod rig;

use std::time::Duration;

use candor_model::element::ElementOf;
use candor_redact::{Observed, SeenElement};

use super::Why;
use rig::{App, BACKSPACE, CONTROL, Desk, END, ENTER, LEFT, TAB, chromium, chromium_at, form, gives, open_text, typed};

/// Programs that are told "SKIPPED" where they are missing.
fn installed(program: &str) -> bool {
    let found =
        std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).exists()));
    if !found {
        eprintln!("SKIPPED: no `{program}` here; `cargo xtask test` installs it");
    }
    found
}

#[test]
fn text_in_an_entry_comes_out_complete_and_in_order() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    gives("the quick brown fox 42", || {
        let mut desk = Desk::start(form(truth.path()), true)?;
        desk.text("the quick brown fox 42");
        desk.pump_keys(22);
        Some(open_text(&desk.seen))
    });
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    // Over the password field into the text of many lines, in which Tab moves nothing.
    desk.hand.key(TAB);
    desk.pump(Duration::from_millis(500));
    desk.hand.key(TAB);
    desk.pump(Duration::from_millis(500));
    desk.forget();
    desk.text("one");
    desk.hand.key(TAB);
    desk.text("twx");
    desk.hand.key(BACKSPACE);
    desk.text("o");
    desk.pump(Duration::from_secs(1));
    assert_eq!(typed(&desk.seen).into_iter().filter_map(|(c, _)| c).collect::<String>(), "onetwxo");
}

#[test]
fn a_dead_bus_gives_no_text() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    desk.session.stop();
    desk.pump(Duration::from_secs(1));
    desk.text("private");
    desk.pump(Duration::from_secs(3));
    assert_eq!(typed(&desk.seen).len(), 7);
    assert_eq!(open_text(&desk.seen), "");
}

#[test]
fn no_bus_at_all_gives_no_text_and_a_reason() {
    let Some(display) = crate::testing::Display::start() else { return };
    let gate = super::Gate::start(Some("unix:path=/nonexistent".to_owned())).unwrap();
    let mut source = crate::x11::X11::over(display.connect(), display.connect(), 0).unwrap().guarded(gate);
    let hand = crate::testing::Hand::new(display.connect());
    let mut seen = Vec::new();
    source.pump(Duration::from_millis(200), &mut seen).unwrap();
    hand.key(38);
    for _ in 0..20 {
        source.pump(Duration::from_millis(50), &mut seen).unwrap();
    }
    assert_eq!(typed(&seen), [(Some('a'), rig::Into::Unknown)]);
    assert_eq!(source.why(), Some(Why::NoBus));
    assert_eq!(source.why(), None, "it is told once");
}

#[test]
fn an_application_that_no_longer_answers_gives_no_text() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    desk.app.freeze();
    desk.text("private");
    desk.pump(Duration::from_secs(4));
    assert_eq!(typed(&desk.seen).len(), 7);
    assert_eq!(open_text(&desk.seen), "");
}

#[test]
fn a_chromium_without_its_flag_gives_no_text() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    let Some(mut desk) = Desk::start(chromium(profile.path(), false), false) else { return };
    desk.text("private");
    desk.pump(Duration::from_secs(3));
    assert_eq!(typed(&desk.seen).len(), 7);
    assert_eq!(open_text(&desk.seen), "");
    assert_eq!(desk.source.why(), Some(Why::SilentApplication));
}

#[test]
fn a_chromium_with_its_flag_gives_its_text() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    gives("the quick brown foxamat", || {
        let mut desk = Desk::start(chromium(profile.path(), true), true)?;
        desk.text("the quick brown fox");
        desk.pump_keys(19);
        desk.hand.press(CONTROL);
        desk.hand.key(38);
        desk.hand.release(CONTROL);
        desk.text("mat");
        desk.pump(Duration::from_secs(2));
        Some(open_text(&desk.seen))
    });
}

#[test]
fn of_a_page_the_origin_is_told_and_never_the_rest_of_its_address() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    let port = rig::serve(include_str!("page.html"));
    let address = format!("http://127.0.0.1:{port}/private/path?token=zebra");
    let Some(mut desk) = Desk::start(chromium_at(&address, profile.path(), true), true) else { return };
    desk.text("word");
    desk.pump_keys(4);
    assert_eq!(open_text(&desk.seen), "word");
    let origins = desk.windows.iter().flatten().collect::<Vec<_>>();
    assert!(!origins.is_empty() && origins.iter().all(|origin| **origin == format!("http://127.0.0.1:{port}")));
}

/// Fills a field, a password field and a text of lines as a person does, and goes back into the first; the text that came
/// out.
fn filled(app: App<'_>) -> Option<String> {
    let mut desk = Desk::start(app, true)?;
    let desk = &mut desk;
    let pause = |desk: &mut Desk, milliseconds| desk.pump(Duration::from_millis(milliseconds));
    let slowly = |desk: &mut Desk, text: &str| {
        for c in text.chars() {
            desk.text(&c.to_string());
            pause(desk, 40);
        }
    };
    slowly(desk, "some name");
    desk.hand.key(TAB);
    pause(desk, 250);
    slowly(desk, "zebra42");
    desk.hand.key(TAB);
    pause(desk, 250);
    slowly(desk, "first line");
    desk.hand.key(ENTER);
    slowly(desk, "second");
    for _ in 0..3 {
        desk.hand.key(LEFT);
        pause(desk, 40);
    }
    slowly(desk, "x");
    desk.click(640, 60);
    pause(desk, 250);
    slowly(desk, "and more");
    pause(desk, 1_500);
    Some(open_text(&desk.seen))
}

#[test]
fn a_form_that_a_person_fills_in_gtk_comes_out_but_for_the_secret() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    gives("some namefirst linesecondxand more", || filled(form(truth.path())));
}

#[test]
fn a_form_that_a_person_fills_in_chromium_comes_out_but_for_the_secret() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    gives("some namefirst linesecondxand more", || filled(chromium(profile.path(), true)));
}

#[test]
fn a_dialog_that_asks_for_a_password_gives_none_of_it() {
    if !installed("zenity") {
        return;
    }
    let arguments = ["--forms", "--add-entry=Name", "--add-password=Word"].map(str::to_owned);
    gives("name", || {
        let mut desk = Desk::start(("zenity", arguments.to_vec()), true)?;
        desk.text("name");
        desk.pump_keys(4);
        desk.hand.key(TAB);
        desk.text("zebra42");
        desk.pump(Duration::from_secs(1));
        Some(open_text(&desk.seen))
    });
}

/// What was told of elements: of what, the role's word, the name, and whether this point lies in it.
fn elements(desk: &Desk, x: i32, y: i32) -> Vec<(ElementOf, &'static str, Option<&str>, bool)> {
    let told = desk.seen.iter().filter_map(|seen| match &seen.what {
        Observed::Element(seen) => Some(seen),
        _ => None,
    });
    let within = |seen: &SeenElement| {
        let beyond = |from: i32, length: u32| i64::from(from) + i64::from(length);
        (seen.x..).contains(&x)
            && (seen.y..).contains(&y)
            && i64::from(x) < beyond(seen.x, seen.width)
            && i64::from(y) < beyond(seen.y, seen.height)
    };
    told.map(|seen| (seen.of, seen.role.as_str(), seen.name.as_deref(), within(seen))).collect()
}

#[test]
fn the_element_under_a_press_and_the_one_in_focus_are_told_with_role_name_and_place() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    desk.click(640, 700);
    desk.pump(Duration::from_millis(600));
    let expected = [(ElementOf::Press, "button", Some("Send"), true), (ElementOf::Focus, "button", Some("Send"), true)];
    assert_eq!(elements(&desk, 640, 700), expected);
    desk.forget();
    desk.click(640, 300);
    desk.pump(Duration::from_millis(600));
    let told = elements(&desk, 640, 300);
    assert_eq!(told, [(ElementOf::Press, "textbox", None, true)], "a password field is told as a place, and no more");
}

#[test]
fn a_page_tells_the_element_under_a_press() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    let Some(mut desk) = Desk::start(chromium(profile.path(), true), true) else { return };
    desk.click(640, 720);
    desk.pump(Duration::from_millis(800));
    let told = elements(&desk, 640, 720);
    assert!(told.contains(&(ElementOf::Press, "button", Some("Send"), true)), "{told:?}");
}

/// What the field is said to hold, as it was read last.
fn held(desk: &Desk) -> Option<(&str, Option<usize>)> {
    let mut values = desk.seen.iter().filter_map(|seen| match &seen.what {
        Observed::Value(value) | Observed::Field { value: Some(value), .. } => Some((value.text.as_str(), value.caret)),
        _ => None,
    });
    values.next_back()
}

#[test]
fn what_is_pasted_into_a_field_is_read() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    desk.text("word");
    desk.pump_keys(4);
    desk.hand.press(CONTROL);
    desk.text("ac");
    desk.hand.release(CONTROL);
    desk.hand.key(END);
    desk.hand.press(CONTROL);
    desk.text("v");
    desk.hand.release(CONTROL);
    desk.pump(Duration::from_secs(3));
    assert_eq!(held(&desk), Some(("wordword", Some(8))));
}

#[test]
fn what_a_page_completes_in_a_field_is_read() {
    let profile = tempfile::tempdir().unwrap();
    if !installed("chromium") {
        return;
    }
    let port = rig::serve(concat!(
        "<!doctype html><title>Page</title><input autofocus style='width:100vw;height:20vh'>",
        "<script>document.querySelector('input').oninput = e => { if (e.target.value == 'wo') e.target.value = 'word ' }",
        "</script>"
    ));
    let address = format!("http://127.0.0.1:{port}/");
    let Some(mut desk) = Desk::start(chromium_at(&address, profile.path(), true), true) else { return };
    desk.text("w");
    desk.pump(Duration::from_millis(300));
    desk.text("o");
    desk.pump(Duration::from_millis(2_500));
    assert_eq!(held(&desk), Some(("word ", Some(5))));
    desk.text("x");
    desk.pump(Duration::from_secs(1));
    assert_eq!(open_text(&desk.seen), "wox");
}
