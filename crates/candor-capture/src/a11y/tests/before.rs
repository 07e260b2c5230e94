//! What had the focus before the gate listened, as after a pause.

use std::time::{Duration, Instant};

use super::installed;
use super::page::{Page, focused};
use super::race::trials;
use super::rig::{App, BACKSPACE, CONTROL, Desk, Into, TAB, chromium, form, gives, open_text, typed};
use crate::a11y::testing::Session;
use crate::a11y::{Ask, Gate, Told};
use crate::testing::Display;

/// Types into the first field, pauses, goes on typing; and the same in the password field after it.
fn resumes(app: &App<'_>) {
    gives("and after", || {
        let mut desk = Desk::start(app.clone(), true)?;
        desk.text("before");
        desk.pump_keys(6);
        desk.resume();
        desk.pump(Duration::from_millis(1_500));
        desk.text("and after");
        desk.pump_keys(9);
        Some(open_text(&desk.seen))
    });
    let Some(mut desk) = Desk::start(app.clone(), true) else { return };
    desk.hand.key(TAB);
    desk.pump(Duration::from_millis(500));
    desk.resume();
    desk.pump(Duration::from_millis(1_500));
    desk.text("zebra42");
    desk.pump_keys(7);
    let secret = |(c, into): &(Option<char>, Into)| c.is_some() && *into == Into::Secret;
    assert_eq!(typed(&desk.seen).iter().filter(|key| secret(key)).count(), 7);
}

/// Moves from the open field into the secret one around the time at which the application is asked what has the focus.
fn races(app: App<'_>, trials: usize) {
    let Some(mut desk) = Desk::start(app, true) else { return };
    let mut secret = 0;
    for trial in 0..trials {
        desk.resume();
        desk.pump(Duration::from_millis(230 + 40 * u64::try_from(trial % 10).unwrap()));
        desk.hand.key(TAB);
        desk.text("zebra42");
        desk.pump_keys(7);
        desk.pump(Duration::from_millis(300));
        assert_eq!(open_text(&desk.seen), "", "in trial {trial}");
        secret += typed(&desk.seen).iter().filter(|(_, into)| *into == Into::Secret).count();
        desk.hand.press(CONTROL);
        desk.text("a");
        desk.hand.release(CONTROL);
        desk.hand.key(BACKSPACE);
        desk.shifted(TAB);
        desk.pump(Duration::from_millis(300));
    }
    eprintln!("{trials} trials: none of {} secret characters leaked, {secret} known to be secret", 7 * trials);
}

#[test]
fn no_secret_leaves_memory_that_is_typed_as_the_focus_is_looked_for_in_gtk() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    races(form(truth.path()), trials("CANDOR_RACE_GTK", 10));
}

#[test]
fn no_secret_leaves_memory_that_is_typed_as_the_focus_is_looked_for_in_chromium() {
    let profile = tempfile::tempdir().unwrap();
    if installed("chromium") {
        races(chromium(profile.path(), true), trials("CANDOR_RACE_CHROMIUM", 5));
    }
}

#[test]
fn a_field_of_gtk_that_had_the_focus_before_gives_its_text_and_a_secret_one_none() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    resumes(&form(truth.path()));
}

#[test]
fn a_field_of_chromium_that_had_the_focus_before_gives_its_text_and_a_secret_one_none() {
    let profile = tempfile::tempdir().unwrap();
    if installed("chromium") {
        resumes(&chromium(profile.path(), true));
    }
}

/// Whether a gate finds the field of an application that says that it has the focus. `races`: and tells of another meanwhile.
fn finds(races: bool) -> Option<bool> {
    let display = Display::start()?;
    let session = Session::start(&display)?;
    let gate = Gate::start(Some(session.address())).unwrap();
    let asked = Instant::now();
    async_io::block_on(async {
        let mut page = Page::open(&session.address()).await.unwrap();
        page.races = races;
        page.serve("one.example", focused(), Duration::from_millis(700)).await;
        gate.ask(Ask::Find { asked, process: std::process::id() });
        page.serve("one.example", focused(), Duration::from_millis(700)).await;
    });
    let told: Vec<Told> = std::iter::from_fn(|| gate.told()).map(|(_, told)| told).collect();
    assert_eq!(told.iter().any(|told| matches!(told, Told::Focus(_))), races);
    Some(told.iter().any(|told| matches!(told, Told::Found { asked: when, .. } if *when == asked)))
}

#[test]
fn what_has_the_focus_is_found_unless_the_focus_moves_meanwhile() {
    if let (Some(found), Some(raced)) = (finds(false), finds(true)) {
        assert!(found && !raced);
    }
}
