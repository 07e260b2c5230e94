//! Against real servers: Xvfb, where every device is XTEST's, and Xorg with devices of its own.

mod rig;

use std::time::{Duration, Instant};

use candor_model::event::Press;
use candor_redact::{Observation, Observed};

use x11rb::connection::Connection as _;
use x11rb::protocol::xinput::{HierarchyChange, HierarchyChangeData, HierarchyChangeDataAddMaster};
use x11rb::protocol::xproto::ConnectionExt as _;

use self::rig::Rig;
use super::super::X11;
use super::*;
use crate::source::CaptureSource;
use crate::testing::{Display, Hand};

fn watch(display: &Display) -> X11 {
    X11::over(display.connect(), display.connect(), 0).unwrap()
}

fn observed(source: &mut X11) -> Vec<Observation> {
    let mut out = Vec::new();
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        source.pump(Duration::from_millis(100), &mut out).unwrap();
    }
    out
}

/// One line for each event of a device, with who is behind it.
fn lines(observations: &[Observation]) -> Vec<String> {
    let line = |observation: &Observation| {
        let what = match &observation.what {
            Observed::Key { press: Press::Down, .. } => "key".to_owned(),
            Observed::Key { press: Press::Up, .. } => "key up".to_owned(),
            Observed::Button { press: Press::Down, button, x, y } => format!("button {} {x} {y}", button.0),
            Observed::Button { press: Press::Up, .. } => "button up".to_owned(),
            Observed::Move { x, y, .. } => format!("move {x} {y}"),
            Observed::Scroll { dx, dy, x, y } => format!("scroll {dx} {dy} at {x} {y}"),
            _ => return None,
        };
        Some(format!("{:?} {what}", observation.actor))
    };
    observations.iter().filter_map(line).collect()
}

/// The server's clock has milliseconds: what is done in different ones can be told apart.
fn wait() {
    std::thread::sleep(Duration::from_millis(4));
}

#[test]
fn what_xtest_does_is_injected_and_what_a_device_does_is_human() {
    let Some(mut rig) = Rig::start() else { return };
    let hand = Hand::new(rig.display.connect());
    // Before the source looks: it asks who drives.
    hand.point(90, 90);
    let mut source = watch(&rig.display);
    assert!(source.capabilities().actors && source.capabilities().smooth_scroll);
    hand.point(100, 100);
    hand.key(38);
    rig.keyboard.key(39, true);
    rig.keyboard.key(39, false);
    wait();
    rig.mouse.motion(&[(0, 10.0), (1, 5.0)]);
    rig.mouse.button(1, true);
    rig.mouse.button(1, false);
    wait();
    hand.button(1);
    hand.button(5);
    wait();
    hand.point(7, 7);
    let expected = [
        "Injected move 100 100",
        "Injected key",
        "Injected key up",
        "Human key",
        "Human key up",
        "Human move 110 105",
        "Human button 1 110 105",
        "Human button up",
        "Injected button 1 110 105",
        "Injected button up",
        "Injected scroll 0 120 at 110 105",
        "Injected move 7 7",
    ];
    assert_eq!(lines(&observed(&mut source)), expected);
}

#[test]
fn a_pointer_that_a_program_put_somewhere_was_moved_by_nobody() {
    let Some(mut rig) = Rig::start() else { return };
    let mut source = watch(&rig.display);
    let program = rig.display.connect();
    let root = program.setup().roots[0].root;
    rig.mouse.motion(&[(0, 10.0)]);
    wait();
    program.warp_pointer(x11rb::NONE, root, 0, 0, 0, 0, 30, 40).unwrap().check().unwrap();
    // The server takes the first motion after that for nothing.
    for _ in 0..3 {
        wait();
        rig.mouse.motion(&[(0, 20.0)]);
    }
    let moves = lines(&observed(&mut source));
    let (by_hand, by_program): (Vec<_>, Vec<_>) = moves.iter().partition(|line| line.starts_with("Human move"));
    assert_eq!(by_program, ["Unknown move 30 40"]);
    assert!(by_hand.len() >= 3, "{by_hand:?}");
}

#[test]
fn a_distance_is_told_once_and_no_notch_is_made_of_it() {
    let Some(mut rig) = Rig::start() else { return };
    let mut source = watch(&rig.display);
    rig.mouse.motion(&[(0, -500.0), (1, -300.0)]);
    rig.mouse.motion(&[(0, 10.0), (1, 5.0)]);
    for _ in 0..50 {
        wait();
        rig.mouse.motion(&[(3, 7.5)]);
    }
    for _ in 0..20 {
        wait();
        rig.mouse.motion(&[(2, 3.25)]);
    }
    let first = observed(&mut source);
    let lines = lines(&first);
    let place = lines.iter().rev().find_map(|line| line.strip_prefix("Human move ")).unwrap();
    let scrolls = lines.iter().filter(|line| line.contains("scroll")).collect::<Vec<_>>();
    assert_eq!(*scrolls[0], format!("Human scroll 0 7 at {place}"));
    assert!(scrolls.iter().all(|line| line.starts_with("Human") && line.ends_with(&format!(" at {place}"))));
    let far = |seen: &[Observation]| {
        let distance = |observation: &Observation| match observation.what {
            Observed::Scroll { dx, dy, .. } => Some((dx, dy)),
            _ => None,
        };
        seen.iter().filter_map(distance).fold((0, 0), |(across, down), (dx, dy)| (across + dx, down + dy))
    };
    assert_eq!(far(&first), (65, 375));
    // More than a notch at once, of which the server makes buttons; and a driver that knows buttons only, of which the
    // server makes a distance.
    rig.mouse.motion(&[(3, -300.0)]);
    assert_eq!(far(&observed(&mut source)), (0, -300));
    rig.mouse.button(4, true);
    rig.mouse.button(4, false);
    assert_eq!(far(&observed(&mut source)), (0, -120));
}

#[test]
fn a_key_that_repeats_is_theirs_who_hold_it() {
    let Some(mut rig) = Rig::start() else { return };
    let mut source = watch(&rig.display);
    let hand = Hand::new(rig.display.connect());
    rig.keyboard.key(38, true);
    hand.key(50);
    // The server repeats a key after 660 ms.
    std::thread::sleep(Duration::from_millis(1_000));
    rig.keyboard.key(38, false);
    let seen = lines(&observed(&mut source));
    assert!(seen.len() > 5, "{seen:?}");
    let injected = seen.iter().filter(|line| *line != "Human key").collect::<Vec<_>>();
    assert_eq!(injected, ["Injected key", "Injected key up", "Human key up"]);
}

#[test]
fn a_device_that_is_plugged_in_later_is_known() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let slaves = |source: &X11| {
        let slaves = &source.join.devices().unwrap().slaves;
        slaves.iter().map(|slave| slave.source.actor).collect::<Vec<_>>()
    };
    use Actor::{Human, Injected};
    assert_eq!(slaves(&source), [Injected, Injected, Human, Human]);
    // A second pointer with its keyboard: the server gives each an XTEST device.
    let desk = server.connect();
    desk.xinput_xi_query_version(2, 0).unwrap().reply().unwrap();
    let data = HierarchyChangeData::AddMaster(HierarchyChangeDataAddMaster {
        send_core: true,
        enable: true,
        name: b"second".to_vec(),
    });
    desk.xinput_xi_change_hierarchy(&[HierarchyChange { len: 4, data }]).unwrap().check().unwrap();
    observed(&mut source);
    let mut all = slaves(&source);
    all.sort();
    assert_eq!(all, [Human, Human, Injected, Injected, Injected, Injected]);
}

#[test]
fn two_devices_in_one_millisecond_are_not_told_apart_by_their_switches() {
    let mut drivers = Drivers::default();
    let [human, injected] = [Actor::Human, Actor::Injected].map(|actor| Source { actor, ..Source::UNKNOWN });
    assert_eq!(drivers.at(1), Source::UNKNOWN);
    drivers.switch(u32::MAX, human);
    drivers.switch(2, injected);
    drivers.switch(2, human);
    drivers.switch(5, injected);
    let actors = [u32::MAX - 1, u32::MAX, 1, 2, 2, 3, 5, 9].map(|time| drivers.at(time).actor);
    use Actor::{Human, Injected, Unknown};
    assert_eq!(actors, [Unknown, Human, Human, Unknown, Unknown, Human, Injected, Injected]);
}

#[test]
fn half_of_a_repeat_lets_no_key_go() {
    let human = Source { actor: Actor::Human, ..Source::UNKNOWN };
    let raw = |what, time| Raw { what, time, source: human };
    let mut devices = Devices {
        root: 0,
        marks: Marks { XTEST: 0, NODE: 0 },
        slaves: Vec::new(),
        keyboards: Drivers::default(),
        pointers: Drivers::default(),
        raw: [raw(What::KeyDown(38), 1), raw(What::KeyUp(38), 4)].into(),
        moved: VecDeque::new(),
        held: Vec::new(),
    };
    // Another keyboard types meanwhile.
    devices.keyboards.switch(2, Source { actor: Actor::Injected, ..Source::UNKNOWN });
    let mut behind = |what, time| {
        let (state, x, y, symbol, read) = (0, 0, 0, 0, Instant::now());
        devices.behind(&Device { what, state, time, x, y, symbol, read }).actor
    };
    let told = [(What::KeyDown(38), 1), (What::KeyUp(38), 3), (What::KeyDown(38), 3), (What::KeyUp(38), 4)];
    assert_eq!(told.map(|(what, time)| behind(what, time)), [Actor::Human; 4]);
    assert_eq!(behind(What::KeyDown(38), 5), Actor::Injected);
}
