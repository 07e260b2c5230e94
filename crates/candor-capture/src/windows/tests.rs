//! Against a desktop: a window of our own, and input that is sent to it. Wine's desktop is one, and shows that this runs; of
//! Windows itself it proves nothing (docs/PLATFORMS.md).
#![expect(unsafe_code, reason = "the system's functions are C's")]

use std::ptr;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use candor_model::Actor;
use candor_model::event::Press;
use candor_model::key::NamedKey;
use candor_redact::{LogicalKey, Observation, Observed, Role, Secrecy};
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::System::Threading::GetCurrentThreadId;
use windows_sys::Win32::UI::Input::KeyboardAndMouse::*;
use windows_sys::Win32::UI::WindowsAndMessaging::*;
use windows_sys::w;

use super::desktop::{WAITING_MAX, Windows};
use super::uia::Automation;
use crate::source::CaptureSource;

const LINE: usize = 0;
const PASSWORD: usize = 1;
const LINES: usize = 2;
const BUTTON: usize = 3;

/// A window with four controls, and the thread that serves it.
struct Form {
    thread: Option<JoinHandle<()>>,
    id: u32,
    password: usize,
    done: Receiver<()>,
}

impl Form {
    fn open() -> Self {
        let (started, starts) = channel();
        let (did, done) = channel();
        let thread = thread::spawn(move || {
            let controls = controls();
            // SAFETY: no argument.
            started.send((unsafe { GetCurrentThreadId() }, controls[PASSWORD] as usize)).unwrap();
            let mut message = MSG::default();
            // SAFETY: `message` is ours to write, and the windows are this thread's.
            unsafe {
                while GetMessageW(&mut message, ptr::null_mut(), 0, 0) > 0 {
                    if message.message == WM_KEYDOWN && message.wParam == usize::from(VK_TAB) {
                        // As slow as an application may be: what is typed meanwhile waits for it.
                        thread::sleep(Duration::from_millis(100));
                        SetFocus(controls[PASSWORD]);
                    } else if message.hwnd.is_null() && message.message == WM_APP {
                        SetFocus(controls[message.wParam]);
                        did.send(()).unwrap();
                    } else {
                        TranslateMessage(&message);
                        DispatchMessageW(&message);
                    }
                }
            }
        });
        let (id, password) = starts.recv().unwrap();
        let form = Self { thread: Some(thread), id, password, done };
        thread::sleep(Duration::from_millis(500));
        form
    }

    /// How many characters the password has.
    fn password_len(&self) -> usize {
        // SAFETY: the thread serves the window, and the message has no argument.
        unsafe { SendMessageW(self.password as HWND, WM_GETTEXTLENGTH, 0, 0) }.cast_unsigned()
    }

    /// Gives the focus to a control.
    fn focus(&self, control: usize) {
        // SAFETY: numbers only.
        unsafe { PostThreadMessageW(self.id, WM_APP, control, 0) };
        self.done.recv().unwrap();
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        // SAFETY: numbers only.
        unsafe { PostThreadMessageW(self.id, WM_QUIT, 0, 0) };
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Windows of this thread, which has to serve them.
fn controls() -> [HWND; 4] {
    // SAFETY: classes of the system and names that are constants; what is left out is null.
    let make = |class, name, style: u32, parent: HWND, (y, height): (i32, i32)| unsafe {
        let none = ptr::null_mut();
        CreateWindowExW(0, class, name, style | WS_VISIBLE, 20, y, 300, height, parent, none, none, ptr::null())
    };
    let form = make(w!("STATIC"), w!("Probe"), WS_OVERLAPPEDWINDOW, ptr::null_mut(), (20, 400));
    // SAFETY: a window of this thread.
    unsafe { SetForegroundWindow(form) };
    let edit = |style: i32, place| make(w!("EDIT"), w!(""), WS_CHILD | WS_BORDER | style as u32, form, place);
    [
        edit(ES_AUTOHSCROLL, (10, 30)),
        edit(ES_AUTOHSCROLL | ES_PASSWORD, (50, 30)),
        edit(ES_MULTILINE, (90, 60)),
        make(w!("BUTTON"), w!("Go"), WS_CHILD, form, (160, 30)),
    ]
}

fn send(inputs: &[INPUT]) {
    // SAFETY: so many inputs of that size.
    let sent = unsafe { SendInput(inputs.len() as u32, inputs.as_ptr(), size_of::<INPUT>() as i32) };
    assert_eq!(sent as usize, inputs.len(), "the desktop takes input");
}

fn key(vk: u16, scan: u16, up: bool) -> INPUT {
    let flags = if up { KEYEVENTF_KEYUP } else { 0 };
    let ki = KEYBDINPUT { wVk: vk, wScan: scan, dwFlags: flags, ..KEYBDINPUT::default() };
    INPUT { r#type: INPUT_KEYBOARD, Anonymous: INPUT_0 { ki } }
}

fn mouse(flags: u32, data: i32) -> INPUT {
    let mi = MOUSEINPUT { mouseData: data.cast_unsigned(), dwFlags: flags, ..MOUSEINPUT::default() };
    INPUT { r#type: INPUT_MOUSE, Anonymous: INPUT_0 { mi } }
}

/// Types the letter with this virtual code.
fn type_key(vk: u8, scan: u16) {
    send(&[key(vk.into(), scan, false), key(vk.into(), scan, true)]);
}

/// What was observed until nothing has come for so long.
fn observed(source: &mut Windows, silence: Duration) -> Vec<Observation> {
    let mut out = Vec::new();
    let mut until = Instant::now() + silence;
    while Instant::now() < until {
        let before = out.len();
        source.pump(Duration::from_millis(50), &mut out).unwrap();
        if out.len() > before {
            until = Instant::now() + silence;
        }
    }
    out
}

const SILENCE: Duration = Duration::from_millis(1_000);

/// The keys that went down, each with whether the field was open.
fn keys(observed: &[Observation]) -> Vec<(LogicalKey, Actor, Secrecy)> {
    let mut field = Secrecy::Unknown;
    let mut keys = Vec::new();
    for observation in observed {
        match &observation.what {
            Observed::Field { secret, .. } => field = *secret,
            Observed::Window { .. } => field = Secrecy::Unknown,
            Observed::Key { press: Press::Down, logical, .. } => keys.push((*logical, observation.actor, field)),
            _ => {}
        }
    }
    keys
}

fn roles(observed: &[Observation]) -> Vec<(Role, Secrecy)> {
    let role = |what: &Observed| match what {
        Observed::Field { role, secret, .. } => Some((*role, *secret)),
        _ => None,
    };
    observed.iter().filter_map(|observation| role(&observation.what)).collect()
}

#[test]
fn keys_buttons_and_wheel_arrive_and_say_who_made_them() {
    let form = Form::open();
    form.focus(LINE);
    let mut source = Windows::watch(WAITING_MAX).unwrap();
    let mut seen = observed(&mut source, SILENCE);
    send(&[key(VK_LSHIFT, 0x2a, false), key(0x48, 0x23, false), key(0x48, 0x23, true), key(VK_LSHIFT, 0x2a, true)]);
    for (vk, scan) in [(b'E', 0x12), (b'L', 0x26), (b'L', 0x26), (b'O', 0x18)] {
        type_key(vk, scan);
    }
    // Into the window, in 65,536ths of the screen: a click beside it would take the focus from it.
    let there = MOUSEINPUT {
        dx: 0x2800,
        dy: 0x4000,
        dwFlags: MOUSEEVENTF_MOVE | MOUSEEVENTF_ABSOLUTE,
        ..MOUSEINPUT::default()
    };
    send(&[INPUT { r#type: INPUT_MOUSE, Anonymous: INPUT_0 { mi: there } }]);
    send(&[mouse(MOUSEEVENTF_WHEEL, 120), mouse(MOUSEEVENTF_WHEEL, -30), mouse(MOUSEEVENTF_HWHEEL, 120)]);
    send(&[mouse(MOUSEEVENTF_MIDDLEDOWN, 0), mouse(MOUSEEVENTF_MIDDLEUP, 0)]);
    seen.extend(observed(&mut source, SILENCE));
    let keys = keys(&seen);
    let text: String =
        keys.iter().filter_map(|(key, ..)| if let LogicalKey::Char(c) = key { Some(*c) } else { None }).collect();
    let scrolls: Vec<(i32, i32)> = seen
        .iter()
        .filter_map(|seen| if let Observed::Scroll { dx, dy, .. } = seen.what { Some((dx, dy)) } else { None })
        .collect();
    let buttons = seen.iter().filter(|seen| matches!(seen.what, Observed::Button { .. })).count();
    eprintln!("sent 6 keys, 3 scrolls, 2 buttons; seen {}, {}, {buttons}", keys.len(), scrolls.len());
    assert!(text == "Hello", "{} characters", text.len());
    assert!(keys.first().is_some_and(|(key, ..)| *key == LogicalKey::Named(NamedKey::Shift)));
    assert!(keys.iter().all(|(_, actor, secret)| *actor == Actor::Injected && *secret == Secrecy::No));
    assert_eq!(scrolls, [(0, -120), (0, 30), (120, 0)]);
    assert_eq!(buttons, 2);
    assert_eq!(CaptureSource::lost(&source), 0);
}

#[test]
fn each_control_is_what_it_is() {
    let form = Form::open();
    let mut source = Windows::watch(WAITING_MAX).unwrap();
    observed(&mut source, SILENCE);
    eprintln!("UI Automation: {}", if Automation::new().is_some() { "there" } else { "none" });
    for (control, expect) in [
        (PASSWORD, (Role::Password, Secrecy::Yes)),
        (LINE, (Role::Line, Secrecy::No)),
        (LINES, (Role::Lines, Secrecy::No)),
        (BUTTON, (Role::Unknown, Secrecy::Unknown)),
    ] {
        form.focus(control);
        type_key(b'A', 0x1e);
        let seen = roles(&observed(&mut source, SILENCE));
        eprintln!("control {control}: {seen:?}");
        assert_eq!(seen.last(), Some(&expect));
    }
}

#[test]
fn keys_that_overtake_the_focus_are_never_open() {
    const TRIALS: usize = 10;
    let form = Form::open();
    let mut source = Windows::watch(WAITING_MAX).unwrap();
    let (mut open, mut secret) = (0, 0);
    for _ in 0..TRIALS {
        form.focus(LINE);
        type_key(b'A', 0x1e);
        open += keys(&observed(&mut source, Duration::from_millis(700))).len();
        // The form takes its time for the first; the others are read before the password has the focus.
        type_key(VK_TAB as u8, 0x0f);
        (0..6).for_each(|_| type_key(b'S', 0x1f));
        let keys = keys(&observed(&mut source, Duration::from_millis(700)));
        assert!(keys.iter().all(|(_, _, field)| *field == Secrecy::Yes));
        secret += keys.len();
    }
    eprintln!("sent {TRIALS} keys and {} secret ones; seen {open} and {secret}", 7 * TRIALS);
    assert_eq!((open, secret), (TRIALS, 7 * TRIALS));
    assert_eq!(form.password_len(), 6 * TRIALS, "they were meant for the password");
}

#[test]
fn what_finds_no_place_is_counted_and_told() {
    const SENT: u64 = 500;
    let form = Form::open();
    form.focus(LINE);
    let mut source = Windows::watch(64).unwrap();
    observed(&mut source, SILENCE);
    // Nobody polls meanwhile.
    (0..SENT).for_each(|_| send(&[mouse(MOUSEEVENTF_WHEEL, 120)]));
    let seen = observed(&mut source, SILENCE);
    let count = |is: fn(&Observed) -> bool| seen.iter().filter(|seen| is(&seen.what)).count() as u64;
    let (notches, lost) = (count(|what| matches!(what, Observed::Scroll { .. })), CaptureSource::lost(&source));
    eprintln!("sent {SENT} notches; seen {notches}, lost {lost}");
    assert!(lost > 0);
    assert_eq!(notches + lost, SENT);
    let gap = seen.iter().position(|seen| matches!(seen.what, Observed::Gap { .. })).unwrap();
    let named = |seen: &&Observation| matches!(seen.what, Observed::Window { .. } | Observed::Field { .. });
    assert_eq!(seen[gap..].iter().filter(named).count(), 2, "window and field are named anew");
}

/// With `CANDOR_HAND` set it waits for a hand outside, which types `Hello wine`, clicks 5 times, turns the wheel by 3 notches
/// up and 3 down, and presses F12 at the end.
#[test]
fn what_devices_do_is_seen_and_human() {
    if std::env::var_os("CANDOR_HAND").is_none() {
        eprintln!("SKIPPED: nobody is at the devices; docs/PLATFORMS.md says how");
        return;
    }
    let form = Form::open();
    form.focus(LINE);
    let mut source = Windows::watch(WAITING_MAX).unwrap();
    observed(&mut source, Duration::from_millis(500));
    println!("ready");
    let (mut seen, until) = (Vec::new(), Instant::now() + Duration::from_secs(60));
    let is_end = |seen: &Observation| {
        let f12 = LogicalKey::Named(NamedKey::F12);
        matches!(seen.what, Observed::Key { press: Press::Up, logical, .. } if logical == f12)
    };
    while Instant::now() < until && !seen.iter().any(is_end) {
        source.pump(Duration::from_millis(100), &mut seen).unwrap();
    }
    let count = |is: fn(&Observed) -> bool| seen.iter().filter(|seen| is(&seen.what)).count();
    let counts = [
        count(|what| matches!(what, Observed::Key { .. })),
        count(|what| matches!(what, Observed::Button { .. })),
        count(|what| matches!(what, Observed::Scroll { dy: -120 | 120, .. })),
    ];
    let moves = count(|what| matches!(what, Observed::Move { .. }));
    let human = seen.iter().filter(|seen| seen.actor == Actor::Human).count();
    eprintln!("keys, buttons, notches {counts:?}; {moves} moves; {human} human; lost {}", CaptureSource::lost(&source));
    assert_eq!(counts, [24, 10, 6]);
    assert_eq!(human, 40 + moves);
    assert!(moves > 0);
}
