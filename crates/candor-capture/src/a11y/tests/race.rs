//! The race: a secret typed in the same instant as the focus moves to its field.
//!
//! `CANDOR_RACE_GTK` and `CANDOR_RACE_CHROMIUM` give the numbers of trials. The lag of the focus event behind the key that
//! moved the focus is printed.

use std::path::Path;
use std::time::{Duration, Instant};

use super::installed;
use super::rig::{App, Desk, Into, PAGE, TAB, chromium_at, form, keep, typed};

const BEFORE: &str = "note to 42";
/// It shares letters with what is typed before and after it: a letter shown there must not let this one go.
const SECRET: &str = "to42zebra";
const AFTER: &str = "then more";

pub(super) fn trials(name: &str, few: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(few)
}

#[derive(Default)]
struct Count {
    leaked: usize,
    /// Came out in a field nobody knows: withheld, but not as secret.
    unknown: usize,
    secret: usize,
    /// Ordinary text that came out as text, and all of it.
    kept: usize,
    text: usize,
}

/// `truth`: where the application writes which field took each key: the first is open, the second secret.
fn race(app: App<'_>, trials: usize, password: (i16, i16), truth: &Path) -> Option<()> {
    let mut desk = Desk::start(app, true)?;
    let mut count = Count::default();
    let mut lags = Vec::new();
    for trial in 0..trials {
        desk.forget();
        desk.focused.lock().unwrap().clear();
        desk.text(BEFORE);
        let before = Instant::now();
        match trial % 3 {
            2 => desk.click(password.0, password.1),
            _ => desk.hand.key(TAB),
        }
        desk.text(SECRET);
        // Left at once, or after the focus was told.
        if trial % 2 == 0 {
            std::thread::sleep(Duration::from_millis(150));
        }
        desk.shifted(TAB);
        desk.text(AFTER);
        desk.pump_keys(BEFORE.len() + SECRET.len() + AFTER.len());
        desk.pump(Duration::from_millis(100));
        if let Some(first) = desk.focused.lock().unwrap().first() {
            lags.push(first.saturating_duration_since(before));
        }
        let told = took(&mut desk, truth);
        judge(&typed(&desk.seen), &told, &mut count);
        // What stands there goes, so that every trial begins alike.
        desk.hand.press(super::CONTROL);
        desk.text("a");
        desk.hand.release(super::CONTROL);
        desk.hand.key(super::BACKSPACE);
        desk.pump_keys(BEFORE.len() + SECRET.len() + AFTER.len() + 1);
        // Where keys overtook a click, something else has the focus by now.
        desk.click(640, 80);
        desk.pump(Duration::from_millis(200));
    }
    lags.sort();
    let at = |part: usize| {
        lags.get((lags.len() * part / 100).min(lags.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    eprintln!(
        "{trials} trials: {} of {} secret characters leaked, {} in unknown fields; {} of {} other characters kept; lag of \
         the focus event p50 {:?} p99 {:?} max {:?} ({} told)",
        count.leaked,
        count.secret,
        count.unknown,
        count.kept,
        count.text,
        at(50),
        at(99),
        at(100),
        lags.len()
    );
    assert_eq!(count.leaked, 0, "secret characters left memory as text");
    Some(())
}

/// Where the application says each key went, once it has taken them all.
fn took(desk: &mut Desk, path: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(5);
    let keys = BEFORE.len() + SECRET.len() + AFTER.len();
    loop {
        let told = std::fs::read_to_string(path).unwrap();
        if told.len() >= keys || Instant::now() > until {
            std::fs::write(path, "").unwrap();
            return told;
        }
        desk.pump(Duration::from_millis(50));
    }
}

/// Keys come out in the order in which they were typed, all of them.
fn judge(typed: &[(Option<char>, Into)], truth: &str, count: &mut Count) {
    let expected: Vec<char> = [BEFORE, SECRET, AFTER].concat().chars().collect();
    assert_eq!(typed.len(), expected.len(), "every key comes out");
    assert_eq!(truth.len(), expected.len(), "the application took every key: {truth:?}");
    for (((told, into), expected), row) in typed.iter().zip(expected).zip(truth.bytes()) {
        assert!(told.is_none_or(|told| told == expected), "in their order");
        let open = *into == Into::Open && told.is_some();
        if row == b'1' {
            count.secret += 1;
            count.leaked += usize::from(open);
            count.unknown += usize::from(*into == Into::Unknown);
        } else {
            count.text += 1;
            count.kept += usize::from(open);
        }
    }
}

#[test]
fn no_secret_leaves_memory_that_is_typed_as_the_focus_moves_in_gtk() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    race(form(truth.path()), trials("CANDOR_RACE_GTK", 10), (640, 300), truth.path());
}

#[test]
fn no_secret_leaves_memory_that_is_typed_as_the_focus_moves_in_chromium() {
    let profile = tempfile::tempdir().unwrap();
    if installed("chromium") {
        let truth = tempfile::NamedTempFile::new().unwrap();
        let page = format!("{PAGE}?{}", keep(truth.path().to_owned()));
        let app = chromium_at(&page, profile.path(), true);
        race(app, trials("CANDOR_RACE_CHROMIUM", 5), (640, 240), truth.path());
    }
}
