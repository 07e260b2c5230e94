//! Against a real server and a real bus, each of its own.

mod bus;
mod windows;

use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::protocol::xproto::{ConnectionExt as _, ScreenSaver};

use super::*;
use crate::testing::{Display, Hand};

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
fn a_display_whose_screen_saver_is_on_is_locked_until_it_is_off() {
    let Some(display) = Display::start() else { return };
    let (mut surroundings, other) = (look_at(&display), display.connect());
    assert!(!look(&mut surroundings).locked);
    other.force_screen_saver(ScreenSaver::ACTIVE).unwrap().check().unwrap();
    assert!(look(&mut surroundings).locked);
    other.force_screen_saver(ScreenSaver::RESET).unwrap().check().unwrap();
    assert!(!look(&mut surroundings).locked);
}

#[test]
fn a_program_that_shows_the_display_elsewhere_counts_as_sharing_while_it_is_connected() {
    let Some(display) = Display::start() else { return };
    let mut surroundings = look_at(&display);
    let (home, mut now) = (tempfile::tempdir().unwrap(), Instant::now());
    let mut viewed = |surroundings: &mut Surroundings| {
        now += Duration::from_secs(5);
        surroundings.viewers.look(&surroundings.connection, now).unwrap()
    };
    assert!(!viewed(&mut surroundings));
    // Another program under its name: the kernel calls a process after the path that was started.
    let program = home.path().join("x11vnc");
    std::os::unix::fs::symlink("/usr/bin/xev", &program).unwrap();
    let mut client = display.command(program.to_str().unwrap());
    let Ok(mut client) = client.arg("-root").stdout(std::process::Stdio::null()).spawn() else {
        eprintln!("SKIPPED: no `xev` here; `cargo xtask test` installs it");
        return;
    };
    let until = Instant::now() + Duration::from_secs(10);
    while !viewed(&mut surroundings) {
        assert!(Instant::now() < until, "it is not seen");
        std::thread::sleep(Duration::from_millis(20));
    }
    client.kill().unwrap();
    client.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while viewed(&mut surroundings) {
        assert!(Instant::now() < until, "it is seen still");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_display_that_is_gone_is_an_error() {
    let Some(mut display) = Display::start() else { return };
    let mut surroundings = look_at(&display);
    display.stop();
    assert!(matches!(surroundings.look(), Err(CaptureError::Gone(_))));
}
