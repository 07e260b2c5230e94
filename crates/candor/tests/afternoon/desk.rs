//! A person's desk: a display with a window manager, buses and applications, hands at it, and the recorder that watches.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use candor_capture::a11y::testing::{Program, Session};
use candor_capture::testing::{Display, Hand, Others};
use serde_json::Value;

use super::common::{Serving, World, ok};

pub const TAB: u8 = 23;
pub const ENTER: u8 = 36;
pub const CONTROL: u8 = 37;
pub const PAGE_DOWN: u8 = 117;
/// With Control it shows a browser's second tab.
pub const SECOND: u8 = 11;
const SHIFT: u8 = 50;

/// What was done at the desk.
#[derive(Debug, Default)]
pub struct Done {
    pub keys: u64,
    pub clicks: Vec<(i16, i16)>,
    /// How long after what moved the focus the first key of a secret went down.
    pub raced: Vec<Duration>,
}

pub struct Desk {
    pub world: World,
    _vault: Serving,
    recorder: Option<Child>,
    hand: Hand,
    others: Others,
    printing: BTreeMap<char, (u8, bool)>,
    pub done: Done,
    session: Session,
    _manager: Program,
    display: Display,
}

impl Desk {
    /// Records at a fresh desk, by this program and this consent. Nothing where something is missing here.
    pub fn begin(program: &str, give: &str) -> Option<Self> {
        let display = Display::start()?;
        let session = Session::start(&display)?;
        let manager = session.spawn(&display, "openbox", &[])?;
        let world = World::with_program("", program);
        let vault = world.serve();
        world.enrol("participant", "ada");
        ok(world.candor(&give.split(' ').collect::<Vec<_>>(), "ada"));
        let (hand, others) = (Hand::new(display.connect()), Others::new(display.connect()));
        let printing = hand.printing();
        let done = Done::default();
        let mut desk = Self {
            world,
            _vault: vault,
            recorder: None,
            hand,
            others,
            printing,
            done,
            session,
            _manager: manager,
            display,
        };
        desk.record();
        desk.until("it records", |status| status["recorder"] == "recording");
        Some(desk)
    }

    fn record(&mut self) {
        let mut command = self.world.command(&["record", "--idle", "600"], "ada");
        command.env("DISPLAY", self.display.name()).env("XAUTHORITY", self.display.cookies());
        command.env("DBUS_SESSION_BUS_ADDRESS", self.session.address()).env_remove("AT_SPI_BUS_ADDRESS");
        command.env_remove("WAYLAND_DISPLAY").env_remove("XDG_SESSION_TYPE");
        let log = std::fs::File::create(self.world.path("recorder.log")).unwrap();
        self.recorder = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    pub fn status(&self) -> Value {
        let output = self.world.candor(&["status", "--json"], "ada");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    #[track_caller]
    fn until(&self, what: &str, says: impl Fn(&Value) -> bool) {
        let until = Instant::now() + Duration::from_secs(30);
        while !says(&self.status()) {
            let log = || std::fs::read_to_string(self.world.path("recorder.log")).unwrap_or_default();
            assert!(Instant::now() < until, "not {what}: {}\n{}", self.status(), log());
            wait(100);
        }
    }

    /// Starts an application and waits until it has the focus. Nothing where it is missing here.
    pub fn start(&self, program: &str, arguments: &[&str], app: &str) -> Option<Program> {
        let program = self.session.spawn(&self.display, program, arguments)?;
        self.until_active(app);
        Some(program)
    }

    /// Waits until a window of this application has the focus.
    #[track_caller]
    pub fn until_active(&self, app: &str) {
        let until = Instant::now() + Duration::from_secs(40);
        while self.others.active() != app {
            assert!(Instant::now() < until, "`{app}` did not get the focus, `{}` has it", self.others.active());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn key(&mut self, code: u8) {
        self.done.keys += 1;
        self.hand.key(code);
    }

    pub fn with(&mut self, modifier: u8, code: u8) {
        self.hand.press(modifier);
        self.key(code);
        self.hand.release(modifier);
    }

    /// Types without a pause.
    pub fn text(&mut self, text: &str) {
        self.typed(text, 0);
    }

    /// Types as a quick person does.
    pub fn slowly(&mut self, text: &str) {
        self.typed(text, 15);
    }

    fn typed(&mut self, text: &str, pause_ms: u64) {
        for c in text.chars() {
            let (code, shifted) = self.printing[&c];
            if shifted {
                self.with(SHIFT, code);
            } else {
                self.key(code);
            }
            wait(pause_ms);
        }
    }

    pub fn click(&mut self, x: i16, y: i16) {
        self.hand.point(x, y);
        self.hand.button(1);
        self.done.clicks.push((x, y));
    }

    pub fn scroll(&mut self, notches: usize) {
        (0..notches).for_each(|_| {
            self.hand.button(5);
            wait(20);
        });
    }

    /// Does what moves the focus, and types this without a moment between; then lets it settle.
    pub fn race(&mut self, moves: impl FnOnce(&mut Self), secret: &str) {
        moves(self);
        let moved = Instant::now();
        let first = secret.chars().next().map(String::from).unwrap_or_default();
        self.text(&first);
        self.done.raced.push(moved.elapsed());
        self.text(&secret[first.len()..]);
        wait(400);
    }

    /// Ends the recorder, as the person does.
    pub fn stop(&mut self) {
        wait(2_000);
        let status = self.status();
        assert_eq!(status["recorder"], "recording", "{status}");
        ok(self.world.candor(&["stop"], "ada"));
        assert!(self.recorder.take().unwrap().wait().unwrap().success());
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(mut recorder) = self.recorder.take() {
            let _ = recorder.kill();
            let _ = recorder.wait();
        }
    }
}

pub fn wait(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}
