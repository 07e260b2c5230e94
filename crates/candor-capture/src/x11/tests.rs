//! Against a real server: Xvfb with a cookie of its own, driven through the XTEST extension.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use candor_redact::LogicalKey;
use x11rb::protocol::xproto::{CreateWindowAux, PropMode, WindowClass};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::DefaultStream;
use x11rb::wrapper::ConnectionExt as _;

use super::*;

const COOKIE: [u8; 16] = *b"candor test only";

/// A server of our own; it ends with the test.
struct Server {
    child: Child,
    display: String,
    _home: tempfile::TempDir,
}

impl Server {
    /// Nothing where this machine has no Xvfb: `cargo xtask test` installs it.
    fn start() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let cookies = home.path().join("cookies");
        // One entry of an Xauthority file: any address, any display (FamilyWild), the cookie.
        let field = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        let entry =
            [&[0xff, 0xff][..], &field(b""), &field(b""), &field(b"MIT-MAGIC-COOKIE-1"), &field(&COOKIE)].concat();
        std::fs::write(&cookies, entry).unwrap();
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "800x600x24", "-auth"]).arg(&cookies);
        let child = xvfb.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = child else {
            eprintln!("SKIPPED: no Xvfb on this machine; install the package `xvfb`");
            return None;
        };
        let mut number = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut number).unwrap();
        Some(Self { child, display: number.trim().to_owned(), _home: home })
    }

    fn connect(&self) -> RustConnection {
        let stream = UnixStream::connect(format!("/tmp/.X11-unix/X{}", self.display)).unwrap();
        let (stream, _) = DefaultStream::from_unix_stream(stream).unwrap();
        RustConnection::connect_to_stream_with_auth_info(stream, 0, b"MIT-MAGIC-COOKIE-1".to_vec(), COOKIE.to_vec())
            .unwrap()
    }

    fn watch(&self) -> X11 {
        X11::over(self.connect(), self.connect(), 0).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What devices do.
struct Hand<'c>(&'c RustConnection);

impl Hand<'_> {
    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.0.xtest_fake_input(kind, detail, 0, x11rb::NONE, x, y, 0).unwrap();
    }

    fn key(&self, code: u8) {
        self.fake(2, code, 0, 0);
        self.fake(3, code, 0, 0);
    }

    fn button(&self, number: u8) {
        self.fake(4, number, 0, 0);
        self.fake(5, number, 0, 0);
    }

    fn point(&self, x: i16, y: i16) {
        self.fake(6, 0, x, y);
    }
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
        _ => "other".to_owned(),
    };
    observed.iter().map(line).collect()
}

#[test]
fn keys_buttons_and_motion_arrive_in_order_and_clicks_at_their_pixel() {
    let Some(server) = Server::start() else { return };
    let mut source = server.watch();
    let device = server.connect();
    let hand = Hand(&device);
    let mut expected = vec!["window \"\" \"\"".to_owned(), "field unknown".to_owned()];
    for n in 0..60i16 {
        let (x, y) = (n * 13 % 800, n * 7 % 600);
        hand.point(x, y);
        hand.button(1);
        expected.extend([format!("move {x} {y}"), format!("button 1 down {x} {y}"), format!("button 1 up {x} {y}")]);
    }
    // Key codes of evdev keyboards with the layout of a new server: Shift, a; the wheel; Backspace.
    hand.fake(2, 50, 0, 0);
    hand.key(38);
    hand.fake(3, 50, 0, 0);
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
    let Some(server) = Server::start() else { return };
    let mut source = server.watch();
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
    let hand = Hand(&device);
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
    let Some(server) = Server::start() else { return };
    let mut source = server.watch();
    let device = server.connect();
    let hand = Hand(&device);
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
    let Some(mut server) = Server::start() else { return };
    let mut source = server.watch();
    observed(&mut source);
    server.child.kill().unwrap();
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
