//! Against a real server and a real bus, each of its own.

mod bus;
mod chromium;
mod windows;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::protocol::xproto::{ConnectionExt as _, ScreenSaver};

use super::*;
use crate::testing::{Display, Hand, Others};

/// Buses that are not there.
fn no_buses() -> Addresses {
    let nowhere = Some("unix:path=/nowhere/bus".to_owned());
    Addresses { session: nowhere.clone(), system: nowhere }
}

fn look_at(display: &Display) -> Surroundings {
    Surroundings::over(display.connect(), 0, no_buses()).unwrap()
}

fn look(surroundings: &mut Surroundings) -> Seen {
    surroundings.look().unwrap()
}

/// Looks until it is so; whether it became so within some seconds.
fn becomes(surroundings: &mut Surroundings, mut is_so: impl FnMut(Seen) -> bool) -> bool {
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        if is_so(look(surroundings)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn idle_time_counts_from_the_last_input_with_the_screen_saver_extension_or_without() {
    for switch in ["+extension", "-extension"] {
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-nolisten", "tcp", "-noreset", switch, "MIT-SCREEN-SAVER"]);
        let Some(display) = Display::serve(xvfb) else { return };
        let mut surroundings = look_at(&display);
        assert_eq!(matches!(surroundings.idle, Idle::Saver), switch == "+extension");
        let hand = Hand::new(display.connect());
        hand.key(38);
        std::thread::sleep(Duration::from_millis(700));
        let idle = look(&mut surroundings).idle_ms.unwrap();
        assert!((650..60_000).contains(&idle), "{switch}: {idle}");
        hand.key(38);
        let idle = look(&mut surroundings).idle_ms.unwrap();
        assert!(idle < 600, "{switch}: {idle}");
    }
}

#[test]
fn a_server_that_does_not_count_leaves_the_idle_time_open() {
    let Some(display) = Display::start() else { return };
    let mut surroundings = look_at(&display);
    // No server of ours lacks both extensions.
    surroundings.idle = Idle::Unknown;
    assert_eq!(look(&mut surroundings), Seen::default());
}

#[test]
fn a_program_that_keeps_the_screen_awake_makes_no_input() {
    let Some(display) = Display::start() else { return };
    let (mut surroundings, others, hand) =
        (look_at(&display), Others::new(display.connect()), Hand::new(display.connect()));
    std::thread::sleep(Duration::from_millis(300));
    hand.key(38);
    assert!(look(&mut surroundings).input_ms.is_some_and(|ms| ms < 200), "{:?}", look(&mut surroundings));
    std::thread::sleep(Duration::from_millis(300));
    others.stay_awake();
    let seen = look(&mut surroundings);
    assert!(seen.idle_ms.is_some_and(|ms| ms < 200) && seen.input_ms.is_none(), "{seen:?}");
    std::thread::sleep(Duration::from_millis(300));
    hand.point(10, 10);
    assert!(look(&mut surroundings).input_ms.is_some_and(|ms| ms < 200));
}

#[test]
fn a_display_whose_screen_saver_is_on_is_locked_until_it_is_off() {
    let Some(display) = Display::start() else { return };
    let (mut surroundings, other) = (look_at(&display), display.connect());
    assert!(!look(&mut surroundings).locked);
    other.force_screen_saver(ScreenSaver::ACTIVE).unwrap().check().unwrap();
    assert!(look(&mut surroundings).locked);
    other.force_screen_saver(ScreenSaver::RESET).unwrap().check().unwrap();
    assert!(!look(&mut surroundings).locked);
}

/// What the programs mean once one of this name has joined them, and that they mean nothing before and after.
fn meaning_of(name: &str) -> Option<Meaning> {
    let display = Display::start()?;
    let mut surroundings = look_at(&display);
    let mut now = Instant::now();
    let mut becomes = |is_so: &dyn Fn(Meaning) -> bool| {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            now += Duration::from_secs(2);
            let meaning = surroundings.programs.look(&surroundings.connection, now).unwrap();
            if is_so(meaning) {
                return meaning;
            }
            assert!(Instant::now() < until, "{name}: {meaning:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    becomes(&|meaning| meaning == Meaning::default());
    // Another program under its name: the kernel calls a process after the path that was started.
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join(name);
    std::os::unix::fs::symlink("/usr/bin/xev", &program).unwrap();
    let client = display.command(program.to_str().unwrap()).arg("-root").stdout(Stdio::null()).spawn();
    let Ok(mut client) = client else {
        eprintln!("SKIPPED: no `xev` here; `cargo xtask test` installs it");
        return None;
    };
    let meaning = becomes(&|meaning| meaning != Meaning::default());
    client.kill().unwrap();
    client.wait().unwrap();
    becomes(&|meaning| meaning == Meaning::default());
    Some(meaning)
}

#[test]
fn a_program_that_shows_the_display_elsewhere_counts_as_sharing_while_it_is_connected() {
    for name in ["x11vnc", "x0tigervncserver"] {
        let Some(meaning) = meaning_of(name) else { return };
        assert_eq!(meaning, Meaning { locked: false, shared: true }, "{name}");
    }
}

#[test]
fn a_locker_that_is_in_no_list_of_windows_locks_while_it_is_connected() {
    let Some(meaning) = meaning_of("xsecurelock") else { return };
    assert_eq!(meaning, Meaning { locked: true, shared: false });
}

#[test]
fn a_display_that_is_gone_is_an_error() {
    let Some(mut display) = Display::start() else { return };
    let mut surroundings = look_at(&display);
    display.stop();
    assert!(matches!(surroundings.look(), Err(CaptureError::Gone(_))));
}
