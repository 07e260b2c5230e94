//! Windows that lock a screen, and that say that it is shared.

use rustix::time::{ClockId, clock_gettime};
use x11rb::protocol::composite::ConnectionExt as _;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, GrabMode, GrabStatus,
    PropMode, Window, WindowClass,
};
use x11rb::wrapper::ConnectionExt as _;

use super::*;

/// Another program at the display.
struct Program(RustConnection);

impl Program {
    fn root(&self) -> Window {
        self.0.setup().roots[0].root
    }

    /// A window that no window manager touches, on the screen.
    fn window(&self, width: u16, height: u16) -> Window {
        let window = self.0.generate_id().unwrap();
        let aux = CreateWindowAux::new().override_redirect(1);
        let class = WindowClass::INPUT_OUTPUT;
        self.0.create_window(0, window, self.root(), 0, 0, width, height, 0, class, 0, &aux).unwrap();
        self.map(window);
        window
    }

    fn map(&self, window: Window) {
        self.0.map_window(window).unwrap().check().unwrap();
    }

    fn unmap(&self, window: Window) {
        self.0.unmap_window(window).unwrap().check().unwrap();
    }

    fn property(&self, window: Window, name: &str, value: &str) {
        let name = self.0.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let replace = PropMode::REPLACE;
        self.0.change_property8(replace, window, name, AtomEnum::STRING, value.as_bytes()).unwrap().check().unwrap();
    }

    fn numbers(&self, window: Window, name: &str, values: &[u32]) {
        let name = self.0.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let replace = PropMode::REPLACE;
        self.0.change_property32(replace, window, name, AtomEnum::WINDOW, values).unwrap().check().unwrap();
    }

    /// As a window manager tells it.
    fn clients(&self, windows: &[Window]) {
        self.numbers(self.root(), "_NET_CLIENT_LIST", windows);
    }

    fn grab(&self) -> GrabStatus {
        let mode = GrabMode::ASYNC;
        let asked = self.0.grab_keyboard(false, self.root(), x11rb::CURRENT_TIME, mode, mode).unwrap();
        asked.reply().unwrap().status
    }

    fn ungrab(&self) {
        self.0.ungrab_keyboard(x11rb::CURRENT_TIME).unwrap().check().unwrap();
    }
}

fn desk() -> Option<(Display, Surroundings, Program)> {
    let display = Display::start()?;
    let (surroundings, program) = (look_at(&display), Program(display.connect()));
    Some((display, surroundings, program))
}

const FREE: (bool, bool) = (false, false);
const LOCKED: (bool, bool) = (true, false);
const SHARED: (bool, bool) = (false, true);

fn seen(surroundings: &mut Surroundings) -> (bool, bool) {
    let seen = look(surroundings);
    (seen.locked, seen.shared)
}

#[test]
fn a_locker_with_a_known_name_locks_while_its_window_is_on_the_screen() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    assert_eq!(seen(&mut surroundings), FREE);
    let window = program.window(300, 200);
    assert_eq!(seen(&mut surroundings), FREE);
    program.property(window, "WM_CLASS", "i3lock\0i3lock\0");
    assert_eq!(seen(&mut surroundings), LOCKED);
    program.unmap(window);
    assert_eq!(seen(&mut surroundings), FREE);
    program.map(window);
    assert_eq!(seen(&mut surroundings), LOCKED);
    program.0.destroy_window(window).unwrap().check().unwrap();
    assert_eq!(seen(&mut surroundings), FREE);
}

#[test]
fn a_locker_without_a_name_covers_the_screen_and_holds_the_keyboard_and_neither_alone_locks() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    assert_eq!(program.grab(), GrabStatus::SUCCESS);
    let window = program.window(1_279, 800);
    assert_eq!(seen(&mut surroundings), FREE, "a menu holds the keyboard too");
    program.0.configure_window(window, &ConfigureWindowAux::new().width(1_280)).unwrap().check().unwrap();
    assert_eq!(seen(&mut surroundings), LOCKED);
    program.ungrab();
    assert_eq!(seen(&mut surroundings), FREE, "a picture of the desktop covers the screen too");
    assert_eq!(program.grab(), GrabStatus::SUCCESS);
    assert_eq!(seen(&mut surroundings), LOCKED);
    drop(program);
    assert!(becomes(&mut surroundings, |seen| !seen.locked), "the locker ended");
}

#[test]
fn to_look_never_takes_the_keyboard() {
    let Some((display, mut surroundings, program)) = desk() else { return };
    program.window(1_280, 800);
    let other = Program(display.connect());
    for _ in 0..20 {
        assert_eq!(seen(&mut surroundings), FREE);
        assert_eq!(other.grab(), GrabStatus::SUCCESS);
        assert_eq!(seen(&mut surroundings), LOCKED);
        other.ungrab();
    }
}

#[test]
fn what_a_compositor_draws_on_is_no_locker() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    program.0.composite_query_version(0, 4).unwrap().reply().unwrap();
    let overlay = program.0.composite_get_overlay_window(program.root()).unwrap().reply().unwrap().overlay_win;
    program.map(overlay);
    assert_eq!(program.grab(), GrabStatus::SUCCESS);
    assert_eq!(seen(&mut surroundings), FREE);
}

#[test]
fn a_bar_that_says_the_screen_is_shared_counts_from_its_name_on_until_it_is_gone() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    let window = program.window(400, 40);
    assert_eq!(seen(&mut surroundings), FREE);
    program.property(window, "WM_NAME", "meet.example is sharing your screen.");
    assert_eq!(seen(&mut surroundings), SHARED);
    program.property(window, "_NET_WM_NAME", "meet.example");
    assert_eq!(seen(&mut surroundings), FREE, "the newer name counts");
    program.property(window, "WM_WINDOW_ROLE", "WebRTCGlobalIndicator");
    assert_eq!(seen(&mut surroundings), SHARED);
    program.unmap(window);
    assert_eq!(seen(&mut surroundings), FREE);
    program.map(window);
    assert_eq!(seen(&mut surroundings), SHARED);
    program.0.destroy_window(window).unwrap().check().unwrap();
    assert_eq!(seen(&mut surroundings), FREE);
}

#[test]
fn a_bar_in_a_frame_or_on_another_desktop_counts_as_long_as_the_window_manager_has_it() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    let (frame, window) = (program.window(410, 60), program.window(400, 40));
    program.0.reparent_window(window, frame, 5, 15).unwrap().check().unwrap();
    program.clients(&[window]);
    assert_eq!(seen(&mut surroundings), FREE);
    program.property(window, "_NET_WM_NAME", "as_toolbar");
    assert_eq!(seen(&mut surroundings), SHARED);
    program.unmap(frame);
    program.property(window, "_NET_WM_NAME", "cpt_frame_xcb_window");
    assert_eq!(seen(&mut surroundings), SHARED);
    program.clients(&[]);
    assert_eq!(seen(&mut surroundings), FREE);
}

#[test]
fn a_managed_bar_of_one_size_above_others_and_without_a_class_counts() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    let window = program.window(400, 40);
    let aux = ChangeWindowAttributesAux::new().override_redirect(0);
    program.0.change_window_attributes(window, &aux).unwrap().check().unwrap();
    program.clients(&[window]);
    program.property(window, "_NET_WM_NAME", "meet.example gibt deinen Bildschirm frei.");
    program.numbers(window, "WM_NORMAL_HINTS", &[16 | 32, 0, 0, 0, 0, 400, 40, 400, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(seen(&mut surroundings), FREE);
    let above = program.0.intern_atom(false, b"_NET_WM_STATE_ABOVE").unwrap().reply().unwrap().atom;
    program.numbers(window, "_NET_WM_STATE", &[above]);
    assert_eq!(seen(&mut surroundings), SHARED);
    program.numbers(window, "WM_NORMAL_HINTS", &[16 | 32, 0, 0, 0, 0, 284, 160, 1_024, 640, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(seen(&mut surroundings), FREE, "a video in its own window can change its size");
}

#[test]
fn windows_that_were_there_before_count_and_vanishing_ones_do_no_harm() {
    let Some(display) = Display::start() else { return };
    let program = Program(display.connect());
    program.property(program.window(400, 40), "WM_NAME", "meet.example is sharing a window.");
    program.clients(&[12_345_678]);
    let mut surroundings = look_at(&display);
    assert_eq!(seen(&mut surroundings), SHARED);
    for _ in 0..50 {
        let window = program.window(9, 9);
        let _ = look(&mut surroundings);
        program.property(window, "WM_NAME", "x");
        program.0.destroy_window(window).unwrap().check().unwrap();
    }
    assert_eq!(seen(&mut surroundings), SHARED);
}

/// The processor time of this thread.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

#[test]
fn a_minute_of_looking_at_a_busy_desktop_costs_less_than_a_twentieth_of_a_second() {
    let Some((_display, mut surroundings, program)) = desk() else { return };
    let windows: Vec<_> = (0..100).map(|_| program.window(200, 100)).collect();
    let _ = look(&mut surroundings);
    let mut spent = Duration::ZERO;
    for second in 0..60 {
        // A title that counts, one that is typed into, a window that is moved, a menu.
        for step in 0..60u16 {
            program.property(windows[0], "WM_NAME", &format!("{second}:{step}"));
            program.property(windows[1], "_NET_WM_USER_TIME", &format!("{second}:{step}"));
            let aux = ConfigureWindowAux::new().x(i32::from(step));
            program.0.configure_window(windows[2], &aux).unwrap().check().unwrap();
        }
        let menu = program.window(50, 50);
        let began = cpu();
        let _ = look(&mut surroundings);
        spent += cpu() - began;
        program.0.destroy_window(menu).unwrap().check().unwrap();
    }
    eprintln!("{spent:?} for a minute");
    assert!(spent < Duration::from_millis(50), "{spent:?}");
}
