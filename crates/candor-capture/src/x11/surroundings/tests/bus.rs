//! What desktops say over D-Bus: a daemon of our own, and programs on it that play a screen saver and logind.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use async_io::block_on;
use zbus::object_server::SignalEmitter;

use super::*;

/// A bus; it ends when this is dropped.
struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    fn start() -> Option<Self> {
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let Ok(mut child) = daemon.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
            eprintln!("SKIPPED: no `dbus-daemon` here; `cargo xtask test` installs it");
            return None;
        };
        let mut address = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Some(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A screen saver that is on or off.
struct Saver(bool);

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl Saver {
    fn get_active(&self) -> bool {
        self.0
    }

    #[zbus(signal)]
    async fn active_changed(emitter: &SignalEmitter<'_>, active: bool) -> zbus::Result<()>;
}

const SAVER: &str = "org.freedesktop.ScreenSaver";
const SAVER_AT: &str = "/org/freedesktop/ScreenSaver";

fn saver(bus: &Daemon, active: bool) -> zbus::Connection {
    let builder = zbus::connection::Builder::address(&*bus.address).unwrap();
    block_on(builder.serve_at(SAVER_AT, Saver(active)).unwrap().name(SAVER).unwrap().build()).unwrap()
}

fn tell(saver: &zbus::Connection, active: bool) {
    let emitter = SignalEmitter::new(saver, SAVER_AT).unwrap();
    block_on(Saver::active_changed(&emitter, active)).unwrap();
}

struct Session {
    is_locked: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.is_locked
    }

    #[zbus(property)]
    fn set_locked_hint(&mut self, is_locked: bool) {
        self.is_locked = is_locked;
    }
}

struct Manager {
    is_falling_asleep: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    #[zbus(property(emits_changed_signal = "false"))]
    fn preparing_for_sleep(&self) -> bool {
        self.is_falling_asleep
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

const MANAGER_AT: &str = "/org/freedesktop/login1";
const SESSION_AT: &str = "/org/freedesktop/login1/session/auto";

fn logind(bus: &Daemon) -> zbus::Connection {
    let builder = zbus::connection::Builder::address(&*bus.address).unwrap();
    let builder = builder.serve_at(MANAGER_AT, Manager { is_falling_asleep: false }).unwrap();
    let builder = builder.serve_at(SESSION_AT, Session { is_locked: false }).unwrap();
    block_on(builder.name("org.freedesktop.login1").unwrap().build()).unwrap()
}

fn sleep(logind: &zbus::Connection, start: bool) {
    block_on(async {
        let manager = logind.object_server().interface::<_, Manager>(MANAGER_AT).await.unwrap();
        manager.get_mut().await.is_falling_asleep = start;
        Manager::prepare_for_sleep(manager.signal_emitter(), start).await.unwrap();
    });
}

fn hint(logind: &zbus::Connection, is_locked: bool) {
    block_on(async {
        let session = logind.object_server().interface::<_, Session>(SESSION_AT).await.unwrap();
        session.get_mut().await.is_locked = is_locked;
        session.get().await.locked_hint_changed(session.signal_emitter()).await.unwrap();
    });
}

fn with(session: Option<&Daemon>, system: Option<&Daemon>) -> Addresses {
    let address = |bus: Option<&Daemon>| bus.map(|bus| bus.address.clone());
    let nothing = no_buses();
    Addresses { session: address(session).or(nothing.session), system: address(system).or(nothing.system) }
}

#[test]
fn a_desktop_that_says_the_screen_is_locked_locks_until_it_says_otherwise_or_ends() {
    let (Some(display), Some(bus)) = (Display::start(), Daemon::start()) else { return };
    let desktop = saver(&bus, true);
    let mut surroundings = Surroundings::over(display.connect(), 0, with(Some(&bus), None)).unwrap();
    assert!(becomes(&mut surroundings, |seen| seen.locked), "as it was before");
    tell(&desktop, false);
    assert!(becomes(&mut surroundings, |seen| !seen.locked));
    tell(&desktop, true);
    assert!(becomes(&mut surroundings, |seen| seen.locked));
    drop(desktop);
    assert!(becomes(&mut surroundings, |seen| !seen.locked), "nobody says it any more");
    let _desktop = saver(&bus, true);
    assert!(becomes(&mut surroundings, |seen| seen.locked), "a desktop that starts later");
    drop(bus);
    assert!(becomes(&mut surroundings, |seen| !seen.locked), "the bus is gone");
}

#[test]
fn logind_locks_by_its_hint_and_while_the_machine_goes_to_sleep() {
    let (Some(display), Some(bus)) = (Display::start(), Daemon::start()) else { return };
    let mut surroundings = Surroundings::over(display.connect(), 0, with(None, Some(&bus))).unwrap();
    let logind = logind(&bus);
    hint(&logind, true);
    assert!(becomes(&mut surroundings, |seen| seen.locked));
    hint(&logind, false);
    assert!(becomes(&mut surroundings, |seen| !seen.locked));
    sleep(&logind, true);
    assert!(becomes(&mut surroundings, |seen| seen.locked));
    sleep(&logind, false);
    assert!(becomes(&mut surroundings, |seen| !seen.locked));
}

#[test]
fn a_missing_bus_or_a_program_that_does_not_answer_keeps_nobody_waiting() {
    let (Some(display), Some(bus)) = (Display::start(), Daemon::start()) else { return };
    // A name whose owner reads and answers nothing.
    let builder = zbus::connection::Builder::address(&*bus.address).unwrap().internal_executor(false);
    let mute = block_on(async {
        let connection = builder.build().await.unwrap();
        let named = connection.request_name(SAVER);
        let run = async {
            loop {
                connection.executor().tick().await;
            }
        };
        futures_lite::future::or(async { named.await.unwrap() }, run).await;
        connection
    });
    let mut surroundings = Surroundings::over(display.connect(), 0, with(Some(&bus), None)).unwrap();
    for _ in 0..20 {
        let began = Instant::now();
        assert!(!look(&mut surroundings).locked);
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        std::thread::sleep(Duration::from_millis(10));
    }
    // Another desktop's screen saver is heard meanwhile.
    let other = block_on(zbus::connection::Builder::address(&*bus.address).unwrap().build()).unwrap();
    let is_heard = becomes(&mut surroundings, |seen| {
        let name = "org.gnome.ScreenSaver";
        block_on(other.emit_signal(None::<&str>, "/org/gnome/ScreenSaver", name, "ActiveChanged", &true)).unwrap();
        seen.locked
    });
    assert!(is_heard);
    drop(mute);
}

#[test]
fn its_thread_ends_with_it() {
    let (Some(display), Some(bus)) = (Display::start(), Daemon::start()) else { return };
    let surroundings = Surroundings::over(display.connect(), 0, with(Some(&bus), Some(&bus))).unwrap();
    let told = surroundings.bus.watcher();
    drop(surroundings);
    let until = Instant::now() + Duration::from_secs(10);
    while told.strong_count() > 0 {
        assert!(Instant::now() < until, "the thread goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}
