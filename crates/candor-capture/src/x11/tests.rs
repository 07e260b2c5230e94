//! Against a real server: Xvfb with a cookie of its own, driven through the XTEST extension.

use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::protocol::xproto::{CreateWindowAux, PropMode, WindowClass};
use x11rb::wrapper::ConnectionExt as _;

use candor_redact::{LogicalKey, Role, Secrecy};

use super::*;
use crate::testing::{Display, Hand};

mod typing;

fn watch(display: &Display) -> X11 {
    X11::over(display.connect(), display.connect(), 0).unwrap()
}

/// Everything that has settled within a second of silence.
fn observed(source: &mut X11) -> Vec<Observed> {
    let mut out = Vec::new();
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        source.pump(Duration::from_millis(100), &mut out).unwrap();
    }
    out.into_iter().map(|observation| observation.what).collect()
}

fn word(press: Press) -> &'static str {
    match press {
        Press::Down => "down",
        Press::Up => "up",
    }
}

/// One line for each, in order.
fn lines(observed: &[Observed]) -> Vec<String> {
    let logical = |key: &LogicalKey| match key {
        LogicalKey::Char(c) => format!("{c:?}"),
        LogicalKey::Named(name) => name.as_str().to_owned(),
        LogicalKey::Dead(c) => format!("dead {c}"),
        LogicalKey::Composing | LogicalKey::Unidentified => "?".to_owned(),
    };
    let line = |what: &Observed| match what {
        Observed::Key { press, logical: key, .. } => format!("key {} {}", word(*press), logical(key)),
        Observed::Button { press, button, x, y } => format!("button {} {} {x} {y}", button.0, word(*press)),
        Observed::Move { x, y, drag } => format!("move {x} {y}{}", if *drag { " drag" } else { "" }),
        Observed::Scroll { dx, dy, .. } => format!("scroll {dx} {dy}"),
        Observed::Window { app, title, .. } => format!("window {app:?} {title:?}"),
        Observed::Field { role: Role::Unknown, secret: Secrecy::Unknown, .. } => "field unknown".to_owned(),
        Observed::Committed { text } => format!("made {text:?}"),
        _ => "other".to_owned(),
    };
    observed.iter().map(line).collect()
}

#[test]
fn keys_buttons_and_motion_arrive_in_order_and_clicks_at_their_pixel() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let device = server.connect();
    let hand = Hand::new(server.connect());
    let mut expected = vec!["window \"\" \"\"".to_owned(), "field unknown".to_owned()];
    for n in 0..60i16 {
        let (x, y) = (n * 13 % 800, n * 7 % 600);
        hand.point(x, y);
        hand.button(1);
        expected.extend([format!("move {x} {y}"), format!("button 1 down {x} {y}"), format!("button 1 up {x} {y}")]);
    }
    // Key codes of evdev keyboards with the layout of a new server: Shift, a; the wheel; Backspace.
    hand.press(50);
    hand.key(38);
    hand.release(50);
    hand.button(4);
    hand.button(5);
    hand.key(22);
    device.sync().unwrap();
    expected.extend(["key down Shift", "key down 'A'", "key up 'A'", "key up Shift"].map(str::to_owned));
    expected.extend(["scroll 0 -120", "scroll 0 120", "key down Backspace", "key up Backspace"].map(str::to_owned));
    assert_eq!(lines(&observed(&mut source)), expected);
    assert_eq!(source.lost(), 0);
}

#[test]
fn keys_typed_before_the_window_manager_told_of_the_focus_belong_to_the_new_window() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    observed(&mut source);
    let device = server.connect();
    let root = device.setup().roots[0].root;
    let window = device.generate_id().unwrap();
    let aux = CreateWindowAux::new();
    device.create_window(0, window, root, 0, 0, 9, 9, 0, WindowClass::INPUT_ONLY, 0, &aux).unwrap();
    let atom = |name: &[u8]| device.intern_atom(false, name).unwrap().reply().unwrap().atom;
    let (active, name, utf8) = (atom(b"_NET_ACTIVE_WINDOW"), atom(b"_NET_WM_NAME"), atom(b"UTF8_STRING"));
    let class = atom(b"WM_CLASS");
    device.change_property8(PropMode::REPLACE, window, class, 31u32, b"mail\0Mail\0").unwrap();
    device.change_property8(PropMode::REPLACE, window, name, utf8, "Grüße".as_bytes()).unwrap();
    let hand = Hand::new(server.connect());
    hand.key(38);
    device.sync().unwrap();
    std::thread::sleep(Duration::from_millis(10));
    device.change_property32(PropMode::REPLACE, root, active, 33u32, &[window]).unwrap();
    device.sync().unwrap();
    let seen = lines(&observed(&mut source));
    assert_eq!(seen, ["window \"mail\" \"Grüße\"", "field unknown", "key down 'a'", "key up 'a'"]);
}

#[test]
fn a_layout_that_changes_is_read_anew() {
    let Some(server) = Display::start() else { return };
    let mut source = watch(&server);
    let device = server.connect();
    let hand = Hand::new(server.connect());
    // The key of `a` prints the euro sign from here on.
    device.change_keyboard_mapping(1, 38, 2, &[0x20ac, 0x20ac]).unwrap();
    device.sync().unwrap();
    observed(&mut source);
    hand.key(38);
    device.sync().unwrap();
    assert_eq!(lines(&observed(&mut source)), ["key down '€'", "key up '€'"]);
}

#[test]
fn a_server_that_ends_is_an_error_and_not_silence() {
    let Some(mut server) = Display::start() else { return };
    let mut source = watch(&server);
    observed(&mut source);
    server.stop();
    let mut out = Vec::new();
    let until = Instant::now() + Duration::from_secs(5);
    let error = loop {
        match source.pump(Duration::from_millis(50), &mut out) {
            Err(error) => break Some(error),
            Ok(()) if Instant::now() > until => break None,
            Ok(()) => {}
        }
    };
    assert!(matches!(error, Some(CaptureError::Gone(_))), "{error:?}");
}

#[test]
fn the_clock_goes_on_where_the_servers_wraps() {
    let (mut clock, now) = (Clock::default(), Instant::now());
    let read = |clock: &mut Clock, time| clock.read(time, now);
    assert_eq!(read(&mut clock, u32::MAX - 9), 0);
    assert_eq!(read(&mut clock, u32::MAX), 9);
    assert_eq!(read(&mut clock, 5), 15);
    assert_eq!(read(&mut clock, 3), 15, "a step back is none");
    assert_eq!(read(&mut clock, 25), 35);
}
