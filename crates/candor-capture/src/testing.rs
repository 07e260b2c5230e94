//! A display of one's own, and hands at it: for tests and measurements.
//!
//! Xvfb with a cookie that nobody else has, on a number that is free, driven through the XTEST extension. A display that
//! others can reach would show their input too.

#![allow(clippy::expect_used, reason = "a test or measurement without its display cannot go on")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::record::{self, ConnectionExt as _};
use x11rb::protocol::res::ConnectionExt as _;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, PropMode, ScreenSaver, Window, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::{DefaultStream, RustConnection};
use x11rb::wrapper::ConnectionExt as _;

/// A server of our own; it ends when this is dropped.
pub struct Display {
    child: Child,
    number: String,
    cookie: [u8; 16],
    home: tempfile::TempDir,
}

impl Display {
    /// A screen of 1,280 by 800 pixels. Nothing where this machine has no Xvfb, which is said aloud: `cargo xtask test`
    /// installs it.
    pub fn start() -> Option<Self> {
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-nolisten", "tcp", "-noreset", "-screen", "0", "1280x800x24"]);
        Self::serve(xvfb)
    }

    /// Starts a server by this command, to which the cookie and where to tell its number are added.
    ///
    /// # Panics
    /// Where the server starts and says nothing.
    pub fn serve(mut server: Command) -> Option<Self> {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut cookie = [0; 16];
        getrandom::fill(&mut cookie).expect("randomness");
        let anywhere = entry(0xffff, b"", b"", &cookie);
        std::fs::write(home.path().join("cookies"), &anywhere).expect("a file");
        server.args(["-displayfd", "1", "-auth"]).arg(home.path().join("cookies"));
        let child = server.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = child else {
            eprintln!("SKIPPED: no `{}` here; `cargo xtask test` installs it", server.get_program().display());
            return None;
        };
        let mut number = String::new();
        let stdout = child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout).read_line(&mut number).expect("the server's number");
        assert!(!number.trim().is_empty(), "the server ended before it served");
        // Some clients look for this host and this number only.
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let here = entry(0x0100, host.trim().as_bytes(), number.trim().as_bytes(), &cookie);
        std::fs::write(home.path().join("cookies"), [anywhere, here].concat()).expect("a file");
        Some(Self { child, number: number.trim().to_owned(), cookie, home })
    }

    /// Its name, as in `DISPLAY`.
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// The file that lets in, as in `XAUTHORITY`.
    pub fn cookies(&self) -> PathBuf {
        self.home.path().join("cookies")
    }

    /// A command that finds this display, and no other.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", self.name()).env("XAUTHORITY", self.cookies()).env_remove("WAYLAND_DISPLAY");
        command
    }

    /// Another connection to it.
    ///
    /// # Panics
    /// Where it is gone.
    pub fn connect(&self) -> RustConnection {
        let stream = UnixStream::connect(format!("/tmp/.X11-unix/X{}", self.number)).expect("the server's socket");
        let (stream, _) = DefaultStream::from_unix_stream(stream).expect("a stream");
        let name = b"MIT-MAGIC-COOKIE-1".to_vec();
        RustConnection::connect_to_stream_with_auth_info(stream, 0, name, self.cookie.to_vec()).expect("to be let in")
    }

    /// Ends the server, as a crash would.
    pub fn stop(&mut self) {
        // Nothing is to be done about one that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An entry of an Xauthority file (Xau's `AuFileName(3)`): the family, 0xffff for any address and 0x0100 for this host's
/// name, the address, the display's number, the kind of secret and the secret.
fn entry(family: u16, address: &[u8], number: &[u8], cookie: &[u8]) -> Vec<u8> {
    let field = |bytes: &[u8]| [&u16::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat();
    [&family.to_be_bytes()[..], &field(address), &field(number), &field(b"MIT-MAGIC-COOKIE-1"), &field(cookie)].concat()
}

impl Drop for Display {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What devices do. Calls return when the server has done it.
pub struct Hand(RustConnection);

impl Hand {
    /// A hand at the display of this connection.
    pub fn new(connection: RustConnection) -> Self {
        Self(connection)
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        let sent = self.0.xtest_fake_input(kind, detail, 0, x11rb::NONE, x, y, 0).expect("to be sent");
        sent.check().expect("XTEST");
    }

    /// A key goes down: by the server's code, which is the kernel's and eight.
    pub fn press(&self, code: u8) {
        self.fake(KEY_PRESS_EVENT, code, 0, 0);
    }

    /// A key comes up.
    pub fn release(&self, code: u8) {
        self.fake(KEY_RELEASE_EVENT, code, 0, 0);
    }

    /// A key goes down and comes up.
    pub fn key(&self, code: u8) {
        self.press(code);
        self.release(code);
    }

    /// A button goes down.
    pub fn button_down(&self, number: u8) {
        self.fake(BUTTON_PRESS_EVENT, number, 0, 0);
    }

    /// A button comes up.
    pub fn button_up(&self, number: u8) {
        self.fake(BUTTON_RELEASE_EVENT, number, 0, 0);
    }

    /// A button goes down and comes up; 4 to 7 are the wheel.
    pub fn button(&self, number: u8) {
        self.button_down(number);
        self.button_up(number);
    }

    /// The pointer goes there.
    pub fn point(&self, x: i16, y: i16) {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y);
    }

    /// Which key prints what: the key's code, and whether Shift has to be held. Of ASCII, in the server's first layout.
    pub fn printing(&self) -> BTreeMap<char, (u8, bool)> {
        let setup = self.0.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let map = self.0.get_keyboard_mapping(first, last - first + 1).expect("to be sent").reply().expect("an answer");
        let mut printing = BTreeMap::new();
        for (code, symbols) in (first..=last).zip(map.keysyms.chunks(map.keysyms_per_keycode.into())) {
            for (symbol, shifted) in symbols.iter().zip([false, true]) {
                if let Ok(symbol @ b' '..=b'~') = u8::try_from(*symbol) {
                    printing.entry(char::from(symbol)).or_insert((code, shifted));
                }
            }
        }
        printing
    }

    /// Works at this rate until the time is over or `stop` says so, and waits for no answer. Positions tell the moves
    /// apart: see [`place`].
    pub fn work(&self, rate: Rate, time: Duration, mut stop: impl FnMut() -> bool) -> Work {
        let send = |kind, detail, x, y| {
            self.0.xtest_fake_input(kind, detail, 0, x11rb::NONE, x, y, 0).expect("to be sent");
        };
        let (began, mut done) = (Instant::now(), Work::default());
        while began.elapsed() < time && !stop() {
            let due = |per_second: u32| (began.elapsed().as_secs_f64() * f64::from(per_second)) as usize;
            while done.moves.len() < due(rate.moves) {
                let (x, y) = place(done.moves.len());
                send(MOTION_NOTIFY_EVENT, 0, x, y);
                done.moves.push(Instant::now());
            }
            while (done.keys as usize) < due(rate.keys) {
                // The letters of a keyboard's home row, on the kernel's codes and eight.
                let code = 38 + u8::try_from(done.keys % 9).unwrap_or(0);
                send(KEY_PRESS_EVENT, code, 0, 0);
                send(KEY_RELEASE_EVENT, code, 0, 0);
                done.keys += 1;
            }
            while done.clicks.len() < due(rate.clicks) && !done.moves.is_empty() {
                send(BUTTON_PRESS_EVENT, 1, 0, 0);
                send(BUTTON_RELEASE_EVENT, 1, 0, 0);
                done.clicks.push(place(done.moves.len() - 1));
            }
            self.0.flush().expect("the server");
            std::thread::sleep(Duration::from_micros(500));
        }
        self.0.sync().expect("an answer");
        done
    }
}

/// How often what is done in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Moves of the pointer.
    pub moves: u32,
    /// Keys, down and up.
    pub keys: u32,
    /// Clicks, down and up.
    pub clicks: u32,
}

/// What was done, in order.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// When each move was sent.
    pub moves: Vec<Instant>,
    /// How many keys went down and up.
    pub keys: u32,
    /// Where each click was.
    pub clicks: Vec<(i16, i16)>,
}

/// Where the move of that number goes: below the indicator, and nowhere twice within some hundred thousand moves.
pub fn place(number: usize) -> (i16, i16) {
    let (x, y) = (number % 1_000, number / 1_000 % 600);
    (i16::try_from(x).unwrap_or(0), 100 + i16::try_from(y).unwrap_or(0))
}

/// What other programs and the window manager do at a display.
pub struct Others(RustConnection);

impl Others {
    /// Others at the display of this connection.
    pub fn new(connection: RustConnection) -> Self {
        Self(connection)
    }

    fn root(&self) -> Window {
        self.0.setup().roots.first().expect("a screen").root
    }

    fn atom(&self, name: &str) -> Atom {
        self.0.intern_atom(false, name.as_bytes()).expect("to be sent").reply().expect("an atom").atom
    }

    /// A window of this application has the focus from now on, as a window manager would say.
    pub fn activate(&self, app: &str, title: &str) -> Window {
        let window = self.0.generate_id().expect("an id");
        let aux = CreateWindowAux::new();
        let class = WindowClass::INPUT_ONLY;
        self.0.create_window(0, window, self.root(), 0, 0, 9, 9, 0, class, 0, &aux).expect("to be sent");
        let (active, name, utf8) =
            (self.atom("_NET_ACTIVE_WINDOW"), self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"));
        let class = format!("{app}\0{app}\0");
        let replace = PropMode::REPLACE;
        self.0.change_property8(replace, window, AtomEnum::WM_CLASS, AtomEnum::STRING, class.as_bytes()).expect("sent");
        self.0.change_property8(replace, window, name, utf8, title.as_bytes()).expect("to be sent");
        self.0.change_property32(replace, self.root(), active, AtomEnum::WINDOW, &[window]).expect("to be sent");
        self.0.sync().expect("an answer");
        window
    }

    /// The class of the window that has the focus, in lower case: its application's name. Nothing where none has it.
    pub fn active(&self) -> String {
        let active = self.atom("_NET_ACTIVE_WINDOW");
        let asked = self.0.get_property(false, self.root(), active, AtomEnum::WINDOW, 0, 1).expect("to be sent");
        let answer = asked.reply().expect("an answer");
        let window = answer.value32().and_then(|mut windows| windows.next()).unwrap_or(x11rb::NONE);
        let class = self.0.get_property(false, window, AtomEnum::WM_CLASS, AtomEnum::STRING, 0, 64);
        // It may be gone by now.
        let class = class.ok().and_then(|sent| sent.reply().ok()).map(|reply| reply.value).unwrap_or_default();
        String::from_utf8_lossy(&class).split('\0').nth(1).unwrap_or_default().to_lowercase()
    }

    /// The windows whose name begins so.
    pub fn named(&self, name: &str) -> Vec<Window> {
        let tree = self.0.query_tree(self.root()).expect("to be sent").reply().expect("an answer");
        let is_named = |window: &Window| {
            let property = self.0.get_property(false, *window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64);
            property.ok().and_then(|sent| sent.reply().ok()).is_some_and(|it| it.value.starts_with(name.as_bytes()))
        };
        tree.children.into_iter().filter(is_named).collect()
    }

    /// Takes a window off the screen, as any program can.
    pub fn unmap(&self, window: Window) {
        self.0.unmap_window(window).expect("to be sent").check().expect("an answer");
    }

    /// Keeps the screen from going blank, as players of films do: the server counts idleness anew, and nobody did anything.
    pub fn stay_awake(&self) {
        self.0.force_screen_saver(ScreenSaver::RESET).expect("to be sent").check().expect("an answer");
    }

    /// Takes from every recording by the RECORD extension what it listens to: its connection stays, and says nothing more.
    /// Returns how many there were.
    pub fn mute_recordings(&self) -> usize {
        let clients = self.0.res_query_clients().expect("to be sent").reply().expect("an answer").clients;
        // A context is a resource, whose number its client took from its own; they are among the first.
        let ids = clients.iter().flat_map(|client| (0..64).map(|n| client.resource_base + n));
        let muted = ids.filter(|id| {
            let everybody = [record::CS::ALL_CLIENTS.into()];
            self.0.record_unregister_clients(*id, &everybody).expect("to be sent").check().is_ok()
        });
        muted.count()
    }

    /// Moves the pointer while every recording is mute and nobody can begin another. Returns how many were muted.
    pub fn move_unheard(&self, x: i16, y: i16) -> usize {
        self.0.grab_server().expect("to be sent");
        let muted = self.mute_recordings();
        let moved = self.0.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, x11rb::NONE, x, y, 0).expect("to be sent");
        moved.check().expect("XTEST");
        self.0.ungrab_server().expect("to be sent");
        self.0.sync().expect("an answer");
        muted
    }
}
