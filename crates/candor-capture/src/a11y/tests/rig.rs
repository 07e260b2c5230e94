//! A desktop of one's own: display, window manager, buses, one application, and the source that watches them.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use candor_model::event::Press;
use candor_redact::{LogicalKey, Observation, Observed, Role, Secrecy};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::ConnectionExt as _;

use crate::a11y::Gate;
use crate::a11y::bus::{self, Bus, Signal};
use crate::a11y::testing::{Program, Session};
use crate::testing::{Display, Hand};
use crate::x11::X11;

/// What the applications of a desktop are started with: name and arguments.
pub(super) type App<'a> = (&'a str, Vec<String>);

pub(super) struct Desk {
    pub(super) hand: Hand,
    pub(super) source: X11,
    pub(super) seen: Vec<Observation>,
    /// The origins told with the windows before what was seen.
    pub(super) windows: Vec<Option<String>>,
    /// When a password field got the focus, as somebody who only listens saw it.
    pub(super) focused: Arc<Mutex<Vec<Instant>>>,
    codes: BTreeMap<char, u8>,
    pub(super) app: Program,
    pub(super) session: Session,
    _manager: Program,
    display: Display,
    _alone: MutexGuard<'static, ()>,
}

/// One desktop at a time: several would keep each other's applications from answering in time.
static ALONE: Mutex<()> = Mutex::new(());

/// A machine that is busy may have text withheld, and never a secret shown: of three attempts one gives `expected`, and each a
/// part of it at most.
pub(super) fn gives(expected: &str, mut attempt: impl FnMut() -> Option<String>) {
    for _ in 0..3 {
        let Some(text) = attempt() else { return };
        let mut left = expected.chars();
        assert!(text.chars().all(|c| left.any(|other| other == c)), "{text:?} is no part of {expected:?}");
        if text == expected {
            return;
        }
        eprintln!("some text was withheld; once more");
    }
    panic!("in three attempts not all of {expected:?} came out");
}

pub(super) const END: u8 = 115;
pub(super) const ENTER: u8 = 36;
pub(super) const LEFT: u8 = 113;
pub(super) const TAB: u8 = 23;
pub(super) const SHIFT: u8 = 50;
pub(super) const BACKSPACE: u8 = 22;
pub(super) const CONTROL: u8 = 37;

/// The GTK form, which writes into that file where each key went.
pub(super) fn form(truth: &std::path::Path) -> App<'static> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/a11y/tests/form.py");
    ("/usr/bin/python3", vec![script.to_owned(), truth.display().to_string()])
}

/// The test page.
pub(super) const PAGE: &str = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/src/a11y/tests/page.html");

/// A Chromium on the test page, full screen. `flag`: with its accessibility on.
pub(super) fn chromium(profile: &std::path::Path, flag: bool) -> App<'static> {
    chromium_at(PAGE, profile, flag)
}

/// A Chromium on the page of this address.
pub(super) fn chromium_at(page: &str, profile: &std::path::Path, flag: bool) -> App<'static> {
    let mut arguments: Vec<String> =
        ["--no-sandbox", "--no-first-run", "--kiosk", "--disable-gpu", "--disable-dev-shm-usage"]
            .map(str::to_owned)
            .into();
    if flag {
        arguments.push("--force-renderer-accessibility".to_owned());
    }
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(page.to_owned());
    ("chromium", arguments)
}

impl Desk {
    /// Waits until the application's first field is there, unless it is one that tells nothing.
    pub(super) fn start((program, arguments): App<'_>, speaks: bool) -> Option<Self> {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let display = Display::start()?;
        let session = Session::start(&display)?;
        let manager = session.spawn(&display, "openbox", &[])?;
        let source = watch(&display, &session);
        // What has the focus before the gate listens is told by nobody.
        std::thread::sleep(Duration::from_secs(1));
        let focused = Arc::default();
        listen(session.address(), Arc::clone(&focused));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let app = session.spawn(&display, program, &arguments)?;
        let hand = Hand::new(display.connect());
        let codes = codes(&display);
        let mut desk = Self {
            hand,
            source,
            seen: Vec::new(),
            windows: Vec::new(),
            focused,
            codes,
            app,
            session,
            _manager: manager,
            display,
            _alone: alone,
        };
        let named = |seen: &[Observation]| {
            let text = |what: &Observed| matches!(what, Observed::Field { secret: Secrecy::No, .. });
            seen.iter().rposition(|seen| text(&seen.what)).is_some()
        };
        let until = Instant::now() + Duration::from_secs(40);
        while speaks && !named(&desk.seen) {
            assert!(Instant::now() < until, "the application told of no field");
            desk.pump(Duration::from_millis(100));
        }
        desk.pump(Duration::from_secs(if speaks { 1 } else { 8 }));
        desk.forget();
        Some(desk)
    }

    /// Watches anew, as after a pause: of what was told before nothing is known.
    pub(super) fn resume(&mut self) {
        self.source = watch(&self.display, &self.session);
        self.seen.clear();
    }

    pub(super) fn pump(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.source.pump(Duration::from_millis(20), &mut self.seen).unwrap();
        }
    }

    /// Begins to count anew, knowing the field.
    pub(super) fn forget(&mut self) {
        self.windows.extend(self.seen.iter().filter_map(|seen| match &seen.what {
            Observed::Window { origin, .. } => Some(origin.clone()),
            _ => None,
        }));
        self.seen.retain(|seen| matches!(seen.what, Observed::Field { .. }));
    }

    /// Until so many keys came out that went down and print, or ten seconds have passed.
    pub(super) fn pump_keys(&mut self, keys: usize) {
        let until = Instant::now() + Duration::from_secs(10);
        while typed(&self.seen).len() < keys && Instant::now() < until {
            self.source.pump(Duration::from_millis(20), &mut self.seen).unwrap();
        }
    }

    /// Types without a pause.
    pub(super) fn text(&self, text: &str) {
        text.chars().for_each(|c| self.hand.key(self.codes[&c]));
    }

    pub(super) fn shifted(&self, code: u8) {
        self.hand.press(SHIFT);
        self.hand.key(code);
        self.hand.release(SHIFT);
    }

    pub(super) fn click(&self, x: i16, y: i16) {
        self.hand.point(x, y);
        self.hand.button(1);
    }
}

fn watch(display: &Display, session: &Session) -> X11 {
    let gate = Gate::start(Some(session.address())).unwrap();
    X11::over(display.connect(), display.connect(), 0).unwrap().guarded(gate)
}

/// Serves a page on a port of loopback, for as long as the tests run.
pub(super) fn serve(page: &'static str) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            // What is asked for does not matter.
            let _ = stream.read(&mut [0; 4_096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n{page}", page.len());
        }
    });
    port
}

/// Listens on a port of loopback to what the test page says of its keys, and writes it into that file.
pub(super) fn keep(truth: std::path::PathBuf) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut file = std::fs::File::options().append(true).open(truth).unwrap();
        let mut written = 0;
        for mut stream in listener.incoming().flatten() {
            let took = posted(&mut stream).unwrap_or_default();
            let _ = stream.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            // They may overtake each other: each tells all so far.
            if let Some(more) = took.get(written..) {
                file.write_all(more.as_bytes()).unwrap();
                written = took.len();
            }
        }
    });
    port
}

/// The body of a request.
fn posted(stream: &mut std::net::TcpStream) -> Option<String> {
    let mut request = String::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.push_str(std::str::from_utf8(buffer.get(..read)?).ok()?);
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(body.to_owned());
        }
    }
}

/// Which key prints what, without a modifier.
fn codes(display: &Display) -> BTreeMap<char, u8> {
    let connection = display.connect();
    let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
    let map = connection.get_keyboard_mapping(first, last - first + 1).unwrap().reply().unwrap();
    let per = usize::from(map.keysyms_per_keycode);
    let printed = (first..=last).zip(map.keysyms.chunks(per)).filter_map(|(code, symbols)| {
        let symbol = u8::try_from(symbols[0]).ok()?;
        (b' '..=b'~').contains(&symbol).then_some((char::from(symbol), code))
    });
    printed.collect()
}

/// Notes when a password field says that it has the focus.
fn listen(session: String, focused: Arc<Mutex<Vec<Instant>>>) {
    std::thread::spawn(move || {
        async_io::block_on(async {
            let Ok(mut bus) = Bus::connect(Some(&session)).await else { return };
            let caller = bus.caller.clone();
            let notes = async {
                while let Some(message) = bus.next().await {
                    let now = Instant::now();
                    let Some((object, Signal::Focus { has: true })) = bus::read(&message) else { continue };
                    if bus.caller.role(&object).await.is_ok_and(|role| role == atspi::Role::PasswordText) {
                        focused.lock().unwrap().push(now);
                    }
                }
            };
            caller.drive(notes).await;
        });
    });
}

/// Where a key came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Into {
    Open,
    Secret,
    Unknown,
}

/// The keys that print and went down, in order, with where they came out; nothing instead of the character where the source
/// does not say it.
pub(super) fn typed(seen: &[Observation]) -> Vec<(Option<char>, Into)> {
    let mut into = Into::Unknown;
    let mut typed = Vec::new();
    for observation in seen {
        match &observation.what {
            Observed::Field { role: Role::Password, .. } | Observed::Field { secret: Secrecy::Yes, .. } => {
                into = Into::Secret;
            }
            Observed::Field { secret: Secrecy::No, .. } => into = Into::Open,
            Observed::Field { .. } => into = Into::Unknown,
            // A secret field is left by the next field only.
            Observed::Window { .. } if into != Into::Secret => into = Into::Unknown,
            Observed::Key { press: Press::Down, logical: LogicalKey::Char(c), .. } => typed.push((Some(*c), into)),
            Observed::Key { press: Press::Down, logical: LogicalKey::Unidentified, .. } => typed.push((None, into)),
            _ => {}
        }
    }
    typed
}

/// The text that came out in fields that are not secret.
pub(super) fn open_text(seen: &[Observation]) -> String {
    typed(seen).into_iter().filter(|(_, into)| *into == Into::Open).filter_map(|(c, _)| c).collect()
}
