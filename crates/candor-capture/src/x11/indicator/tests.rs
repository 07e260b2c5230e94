//! Against a real server: the indicator among windows that lie over it, move it and end it.

use std::process::{Child, Stdio};

use x11rb::connection::Connection;
use x11rb::protocol::composite::{ConnectionExt as _, Redirect};
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::shape::{ConnectionExt as _, SK, SO};
use x11rb::protocol::xproto::{
    AtomEnum, ClipOrdering, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, ImageFormat,
    ModMask, PropMode, StackMode, Window, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::*;
use crate::testing::{Display, Hand};

/// The screen's size, as [`Display::start`] makes it.
const SCREEN: (u16, u16) = (1280, 800);
const RED: u32 = 0x00c0_0000;
const AMBER: u32 = 0x00ff_b000;
/// Key codes of evdev keyboards: Control, Alt, Num Lock, Pause.
const CONTROL: u8 = 37;
const ALT: u8 = 64;
const NUM_LOCK: u8 = 77;
const PAUSE: u8 = 127;
/// Nothing on a busy machine takes longer, and a fault that is never noticed is told from a late one.
const PATIENCE: Duration = Duration::from_secs(5);
/// Generous: that it takes no quarter second is for a measurement to say, on a machine that does nothing else.
const AT_ONCE: Duration = Duration::from_secs(1);

fn open(server: &Display) -> Indicator {
    Indicator::over(server.connect(), 0, Options::default()).unwrap()
}

fn root(connection: &RustConnection) -> Window {
    connection.setup().roots[0].root
}

/// What a photograph of the screen has at the inner edge of the indicator, where no ink is.
fn colour(connection: &RustConnection, area: Area) -> u32 {
    let (x, y) = (area.x + 3, area.y + 3);
    let image = connection.get_image(ImageFormat::Z_PIXMAP, root(connection), x, y, 1, 1, !0).unwrap().reply().unwrap();
    u32::from_le_bytes(image.data[..4].try_into().unwrap()) & 0x00ff_ffff
}

/// Whether it becomes so.
fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}

fn is_shown(connection: &RustConnection, indicator: &Indicator, ground: u32) -> bool {
    soon(|| colour(connection, indicator.watch().area()) == ground)
}

/// A white window over everything, which no window manager manages.
fn cover_all(connection: &RustConnection) -> Window {
    let window = connection.generate_id().unwrap();
    let screen = &connection.setup().roots[0];
    let aux = CreateWindowAux::new().override_redirect(1).background_pixel(screen.white_pixel);
    let aux = aux.event_mask(EventMask::VISIBILITY_CHANGE);
    let (width, height) = SCREEN;
    let class = WindowClass::INPUT_OUTPUT;
    connection.create_window(0, window, screen.root, 0, 0, width, height, 0, class, 0, &aux).unwrap();
    connection.map_window(window).unwrap();
    connection.sync().unwrap();
    window
}

fn raise(connection: &RustConnection, window: Window) {
    connection.configure_window(window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE)).unwrap();
    connection.sync().unwrap();
}

/// What is said after this, and how long that took.
fn fault_after(indicator: &Indicator, harm: impl FnOnce()) -> (Result<(), NotVisible>, Duration) {
    indicator.check().unwrap();
    let start = Instant::now();
    harm();
    (indicator.watch().wait(PATIENCE), start.elapsed())
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn each_state_is_on_the_screen_with_its_colour_and_name() {
    let Some(server) = Display::start() else { return };
    let (indicator, eyes) = (open(&server), server.connect());
    assert_eq!(colour(&eyes, indicator.watch().area()), 0x001f_4f9f, "it is seen when it is open");
    let states = [
        (Shown::Recording, RED, "Candor: recording"),
        (Shown::Paused("by you"), AMBER, "Candor: paused, by you"),
        (Shown::Stopped("lease ended"), 0x0060_6060, "Candor: stopped, lease ended"),
        (Shown::Holding("lease ended"), 0x001f_4f9f, "Candor: holding, lease ended"),
    ];
    for (state, ground, name) in states {
        indicator.show(state);
        assert!(is_shown(&eyes, &indicator, ground), "{state:?}");
        let wm_name = eyes.get_property(false, indicator.window(), AtomEnum::WM_NAME, AtomEnum::STRING, 0, 99).unwrap();
        assert_eq!(String::from_utf8(wm_name.reply().unwrap().value).unwrap(), name);
        let Area { x, width, y, .. } = indicator.watch().area();
        assert_eq!((x + width as i16, y), (1280 - 8, 8), "it stands at the top, on the right");
    }
    indicator.check().unwrap();
}

#[test]
fn a_window_of_another_program_over_it_gives_way() {
    let Some(server) = Display::start() else { return };
    let (indicator, other) = (open(&server), server.connect());
    indicator.show(Shown::Recording);
    let window = cover_all(&other);
    assert!(is_shown(&other, &indicator, RED));
    raise(&other, window);
    assert!(is_shown(&other, &indicator, RED));
    thread::sleep(Duration::from_millis(300));
    indicator.check().unwrap();
}

#[test]
fn it_stays_above_a_window_that_fills_the_screen_under_a_window_manager() {
    let Some(server) = Display::start() else { return };
    let Ok(manager) = server.command("openbox").stderr(Stdio::null()).spawn() else {
        eprintln!("SKIPPED: no `openbox` here; `cargo xtask test` installs it");
        return;
    };
    let _manager = Ended(manager);
    let other = server.connect();
    let atom = |name: &[u8]| other.intern_atom(false, name).unwrap().reply().unwrap().atom;
    let has = |name| {
        let property = other.get_property(false, root(&other), atom(name), AtomEnum::ANY, 0, 1).unwrap();
        property.reply().unwrap().value_len > 0
    };
    assert!(soon(|| has(b"_NET_SUPPORTING_WM_CHECK")), "the window manager is there");
    let indicator = open(&server);
    indicator.show(Shown::Recording);
    let window = other.generate_id().unwrap();
    let white = other.setup().roots[0].white_pixel;
    let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new().background_pixel(white));
    other.create_window(0, window, root(&other), 0, 0, 99, 99, 0, class, 0, &aux).unwrap();
    let (state, full) = (atom(b"_NET_WM_STATE"), atom(b"_NET_WM_STATE_FULLSCREEN"));
    other.change_property32(PropMode::REPLACE, window, state, AtomEnum::ATOM, &[full]).unwrap();
    let corner = Area { x: 1270, y: 790, width: 1, height: 1 };
    let is_filled = || {
        // A window manager that has just begun may miss the first of it.
        other.map_window(window).unwrap();
        colour(&other, corner) == 0x00ff_ffff
    };
    assert!(soon(is_filled), "the window fills the screen");
    assert!(is_shown(&other, &indicator, RED));
    raise(&other, window);
    thread::sleep(Duration::from_millis(300));
    indicator.check().unwrap();
    assert_eq!(colour(&other, indicator.watch().area()), RED);
}

#[test]
fn a_window_that_fights_for_the_top_is_a_covered_indicator_until_it_goes() {
    let Some(server) = Display::start() else { return };
    let (indicator, other) = (open(&server), server.connect());
    let watch = indicator.watch();
    let until = Arc::new(Mutex::new(true));
    let fight = Arc::clone(&until);
    let fighter = thread::spawn(move || {
        let window = cover_all(&other);
        while *fight.lock().unwrap() {
            raise(&other, window);
            thread::sleep(Duration::from_millis(2));
        }
        other.destroy_window(window).unwrap();
        other.sync().unwrap();
    });
    let fault = watch.wait(PATIENCE);
    assert_eq!(fault, Err(NotVisible::Covered));
    assert!(!NotVisible::Covered.is_final());
    thread::sleep(Duration::from_millis(200));
    assert_eq!(watch.check(), Err(NotVisible::Covered));
    *until.lock().unwrap() = false;
    fighter.join().unwrap();
    assert!(soon(|| indicator.visible()));
}

/// Under a compositor the server says of every window that nothing covers it.
#[test]
fn a_covered_indicator_is_noticed_under_a_compositor_too() {
    let Some(server) = Display::start() else { return };
    let other = server.connect();
    other.composite_query_version(0, 4).unwrap().reply().unwrap();
    other.composite_redirect_subwindows(root(&other), Redirect::MANUAL).unwrap().check().unwrap();
    let indicator = open(&server);
    let window = cover_all(&other);
    let is_on_top =
        || other.query_tree(root(&other)).unwrap().reply().unwrap().children.last() == Some(&indicator.window());
    assert!(soon(is_on_top));
    let (start, watch) = (Instant::now(), indicator.watch());
    while watch.check().is_ok() && start.elapsed() < PATIENCE {
        raise(&other, window);
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(watch.check(), Err(NotVisible::Covered));
}

#[test]
fn it_goes_along_when_the_screens_change() {
    let Some(server) = Display::start() else { return };
    let (indicator, other) = (open(&server), server.connect());
    other.randr_query_version(1, 5).unwrap().reply().unwrap();
    let outputs = other.randr_get_screen_resources(root(&other)).unwrap().reply().unwrap().outputs;
    let name = other.intern_atom(false, b"left").unwrap().reply().unwrap().atom;
    let left = MonitorInfo { name, primary: true, width: 640, height: 800, outputs, ..MonitorInfo::default() };
    other.randr_set_monitor(root(&other), left).unwrap().check().unwrap();
    let right_edge = |area: Area| area.x + area.width as i16;
    assert!(soon(|| right_edge(indicator.watch().area()) == 640 - 8));
    thread::sleep(Duration::from_millis(150));
    indicator.check().unwrap();
}

/// Each way to take the indicator off the screen, and what is said of it.
#[test]
fn an_indicator_that_was_tampered_with_is_noticed_and_lost_for_good() {
    let Some(server) = Display::start() else { return };
    let other = server.connect();
    let opacity = other.intern_atom(false, b"_NET_WM_WINDOW_OPACITY").unwrap().reply().unwrap().atom;
    let configure = |window, aux| drop(other.configure_window(window, &aux).unwrap());
    let cut = |window, kind| {
        other.shape_rectangles(SO::SET, kind, ClipOrdering::UNSORTED, window, 0, 0, &[]).unwrap();
    };
    let away = other.generate_id().unwrap();
    let aux = CreateWindowAux::new();
    other.create_window(0, away, root(&other), 0, 0, 9, 9, 0, WindowClass::INPUT_OUTPUT, 0, &aux).unwrap();
    type Harm<'a> = (&'a str, NotVisible, &'a dyn Fn(Window));
    let harms: [Harm<'_>; 10] = [
        ("unmapped", NotVisible::Unmapped, &|window| drop(other.unmap_window(window).unwrap())),
        ("unmapped for a moment", NotVisible::Unmapped, &|window| {
            other.unmap_window(window).unwrap();
            other.map_window(window).unwrap();
        }),
        ("destroyed", NotVisible::Destroyed, &|window| drop(other.destroy_window(window).unwrap())),
        ("moved", NotVisible::Moved, &|window| configure(window, ConfigureWindowAux::new().x(-500))),
        ("shrunk", NotVisible::Moved, &|window| configure(window, ConfigureWindowAux::new().width(1).height(1))),
        ("given away", NotVisible::Moved, &|window| drop(other.reparent_window(window, away, 0, 0).unwrap())),
        ("cut", NotVisible::Shaped, &|window| cut(window, SK::BOUNDING)),
        ("cut from the clicks", NotVisible::Shaped, &|window| cut(window, SK::INPUT)),
        ("translucent", NotVisible::Translucent, &|window| {
            other.change_property32(PropMode::REPLACE, window, opacity, AtomEnum::CARDINAL, &[0x1000_0000]).unwrap();
        }),
        ("killed", NotVisible::Gone, &|window| drop(other.kill_client(window).unwrap())),
    ];
    for (name, expected, harm) in harms {
        let indicator = open(&server);
        let (fault, took) = fault_after(&indicator, || {
            harm(indicator.window());
            other.flush().unwrap();
        });
        // Reparenting unmaps first.
        let is_expected = fault == Err(expected) || (name == "given away" && fault == Err(NotVisible::Unmapped));
        assert!(is_expected, "{name}: {fault:?}");
        assert!(took < AT_ONCE, "{name}: {took:?}");
        assert!(expected.is_final() && !indicator.visible());
    }
}

#[test]
fn a_server_that_ends_or_hangs_shows_no_indicator() {
    let Some(mut server) = Display::start() else { return };
    let (indicator, holder) = (open(&server), server.connect());
    holder.grab_server().unwrap();
    holder.sync().unwrap();
    assert!(soon(|| indicator.check() == Err(NotVisible::Silent)));
    holder.ungrab_server().unwrap();
    holder.sync().unwrap();
    assert!(soon(|| indicator.visible()), "it is seen again when the server answers");
    let (fault, took) = fault_after(&indicator, || server.stop());
    assert_eq!(fault, Err(NotVisible::Gone));
    assert!(took < AT_ONCE, "{took:?}");
}

#[test]
fn a_click_on_it_asks_and_others_do_not() {
    let Some(server) = Display::start() else { return };
    let (indicator, hand) = (open(&server), Hand::new(server.connect()));
    let Area { x, y, .. } = indicator.watch().area();
    hand.point(x - 5, y);
    hand.button(1);
    hand.point(x + 5, y + 5);
    hand.button(3);
    hand.button(4);
    thread::sleep(Duration::from_millis(200));
    assert_eq!(indicator.try_asked(), None);
    hand.button(1);
    assert!(soon(|| indicator.try_asked() == Some(Asked::Toggle)));
    assert_eq!(indicator.try_asked(), None);
}

#[test]
fn the_hotkey_asks_whatever_has_the_focus_and_once_however_long_it_is_held() {
    let Some(server) = Display::start() else { return };
    let (indicator, other) = (open(&server), server.connect());
    let window = cover_all(&other);
    other.set_input_focus(x11rb::protocol::xproto::InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap();
    other.sync().unwrap();
    assert_eq!(indicator.hotkey(), HotkeyState::Works);
    let hand = Hand::new(server.connect());
    let chord = |held: Duration| {
        hand.press(CONTROL);
        hand.press(ALT);
        hand.press(PAUSE);
        thread::sleep(held);
        hand.release(PAUSE);
        hand.release(ALT);
        hand.release(CONTROL);
    };
    hand.key(PAUSE);
    // The server repeats a key that is held after two thirds of a second, 25 times a second.
    chord(Duration::from_millis(1200));
    assert!(soon(|| indicator.try_asked() == Some(Asked::Toggle)));
    thread::sleep(Duration::from_millis(200));
    assert_eq!(indicator.try_asked(), None);
    hand.key(NUM_LOCK);
    chord(Duration::ZERO);
    assert!(soon(|| indicator.try_asked() == Some(Asked::Toggle)), "with Num Lock on");
}

#[test]
fn a_hotkey_that_another_program_has_is_told_and_nothing_else_fails() {
    let Some(server) = Display::start() else { return };
    let other = server.connect();
    let grab = other.grab_key(false, root(&other), ModMask::ANY, PAUSE, GrabMode::ASYNC, GrabMode::ASYNC).unwrap();
    grab.check().unwrap();
    let indicator = open(&server);
    assert_eq!(indicator.hotkey(), HotkeyState::Taken);
    indicator.check().unwrap();
    let odd = Options { hotkey: Some(Hotkey { keysym: 0x0100_2603, modifiers: 0 }), ..Options::default() };
    assert_eq!(Indicator::over(server.connect(), 0, odd).unwrap().hotkey(), HotkeyState::NoSuchKey);
}

#[test]
fn events_that_other_programs_send_are_no_clicks_and_no_facts() {
    let Some(server) = Display::start() else { return };
    let (indicator, other) = (open(&server), server.connect());
    let (window, root) = (indicator.window(), root(&other));
    let click = x11rb::protocol::xproto::ButtonPressEvent {
        response_type: x11rb::protocol::xproto::BUTTON_PRESS_EVENT,
        detail: 1,
        sequence: 0,
        time: 0,
        root,
        event: window,
        child: 0,
        root_x: 0,
        root_y: 0,
        event_x: 0,
        event_y: 0,
        state: Default::default(),
        same_screen: true,
    };
    other.send_event(false, window, EventMask::NO_EVENT, click).unwrap();
    other.sync().unwrap();
    thread::sleep(Duration::from_millis(200));
    assert_eq!(indicator.try_asked(), None);
    indicator.check().unwrap();
}

#[test]
fn a_dropped_indicator_leaves_the_screen() {
    let Some(server) = Display::start() else { return };
    let (indicator, eyes) = (open(&server), server.connect());
    let (window, watch) = (indicator.window(), indicator.watch());
    drop(indicator);
    assert!(soon(|| eyes.get_window_attributes(window).unwrap().reply().is_err()));
    assert!(watch.check().is_err());
}

#[test]
fn who_was_kept_waiting_still_learns_that_it_was_covered_meanwhile() {
    let shared = Shared::new();
    shared.tell(Some(NotVisible::Covered), Area::default());
    shared.tell(None, Area::default());
    assert_eq!(shared.lock().since(), Err(NotVisible::Covered));
    assert_eq!(shared.lock().since(), Ok(()));
}
