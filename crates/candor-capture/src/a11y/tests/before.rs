//! What had the focus before the gate listened, as after a pause.

use std::time::Duration;

use super::installed;
use super::rig::{App, Desk, Into, TAB, chromium, form, open_text, typed};

/// Types into the first field, pauses, goes on typing; and the same in the password field after it.
fn resumes(app: App<'_>) {
    let Some(mut desk) = Desk::start(app, true) else { return };
    desk.text("before");
    desk.pump_keys(6);
    desk.resume();
    desk.pump(Duration::from_millis(1_500));
    desk.text("and after");
    desk.pump_keys(9);
    assert_eq!(open_text(&desk.seen), "and after");
    desk.hand.key(TAB);
    desk.pump(Duration::from_millis(500));
    desk.resume();
    desk.pump(Duration::from_millis(1_500));
    desk.text("zebra42");
    desk.pump_keys(7);
    let secret = |(c, into): &(Option<char>, Into)| c.is_some() && *into == Into::Secret;
    assert_eq!(typed(&desk.seen).iter().filter(|key| secret(key)).count(), 7);
}

#[test]
fn a_field_of_gtk_that_had_the_focus_before_gives_its_text_and_a_secret_one_none() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    resumes(form(truth.path()));
}

#[test]
fn a_field_of_chromium_that_had_the_focus_before_gives_its_text_and_a_secret_one_none() {
    let profile = tempfile::tempdir().unwrap();
    if installed("chromium") {
        resumes(chromium(profile.path(), true));
    }
}
