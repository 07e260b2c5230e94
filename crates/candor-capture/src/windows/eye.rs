//! The thread that looks at the focus. It may wait for an application for long; nobody waits for it.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use candor_redact::ElementId;
use windows_sys::Win32::Foundation::{CloseHandle, HWND};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    FindWindowExW, GUITHREADINFO, GWL_STYLE, GetClassNameW, GetForegroundWindow, GetGUIThreadInfo, GetWindowLongW,
    GetWindowTextW, GetWindowThreadProcessId,
};
use windows_sys::w;

use super::desktop::Message;
use super::field::{Classic, Field, Told};
use super::gate::{Answer, Window};
use super::hooks::Counts;
use super::uia::Automation;

/// How often the window in focus is asked for where the desktop tells of nothing.
const GLANCE: Duration = Duration::from_millis(250);

/// Looks once for each wish in `looks` and answers into `messages`, until nobody has wishes or wants answers.
pub(super) fn start(
    looks: Receiver<()>,
    messages: SyncSender<Message>,
    counts: Arc<Counts>,
) -> Result<(), std::io::Error> {
    thread::Builder::new().name("windows-eye".into()).spawn(move || watch(&looks, &messages, &counts)).map(drop)
}

fn watch(looks: &Receiver<()>, messages: &SyncSender<Message>, counts: &Counts) {
    let automation = Automation::new();
    let mut seen = ptr::null_mut();
    loop {
        match looks.recv_timeout(GLANCE) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) if foreground() == seen => continue,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let (answer, window) = look(automation.as_ref(), counts);
        seen = window;
        if messages.send(Message::Answer(Box::new(answer))).is_err() {
            return;
        }
    }
}

fn look(automation: Option<&Automation>, counts: &Counts) -> (Answer, HWND) {
    let moves = || counts.moves.load(Ordering::SeqCst);
    let (asked, before) = (Instant::now(), moves());
    let foreground = foreground();
    let window = window(foreground);
    let field = field(automation, foreground);
    // Another window in front counts as a move that nobody told of yet.
    let after = if self::foreground() == foreground { moves() } else { moves().max(before + 1) };
    (Answer { asked, answered: Instant::now(), moves: (before, after), window, field }, foreground)
}

fn foreground() -> HWND {
    // SAFETY: no argument.
    unsafe { GetForegroundWindow() }
}

/// No window in front, as on the lock screen, is an application that nobody allows.
fn window(window: HWND) -> Window {
    // SAFETY: the buffer is as long as said; the text of a window of another process comes from the system, not from it.
    let title = text(1_024, |buffer, len| unsafe { GetWindowTextW(window, buffer, len as i32) }.unsigned_abs());
    let mut app = executable(window).unwrap_or_default();
    if app == "applicationframehost" {
        // The frame of an application from the store; the application's own window lies in it.
        let class = w!("Windows.UI.Core.CoreWindow");
        // SAFETY: a constant, null-terminated name.
        let inner = unsafe { FindWindowExW(window, ptr::null_mut(), class, ptr::null()) };
        app = executable(inner).unwrap_or_default();
    }
    Window { app, title }
}

/// The name of the file that the window's process runs, without path and ending, in lower case.
fn executable(window: HWND) -> Option<String> {
    let mut process = 0;
    // SAFETY: `process` is ours to write; a window that is gone leaves it 0.
    unsafe { GetWindowThreadProcessId(window, &mut process) };
    // SAFETY: numbers only; nothing is opened where that process is none.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process) };
    if handle.is_null() {
        return None;
    }
    let path = text(1_024, |buffer, mut len| {
        // SAFETY: the buffer is as long as said, and the handle is open.
        let told = unsafe { QueryFullProcessImageNameW(handle, PROCESS_NAME_WIN32, buffer, &mut len) };
        if told == 0 { 0 } else { len }
    });
    // SAFETY: opened above, closed once.
    unsafe { CloseHandle(handle) };
    let name = path.rsplit('\\').next()?.to_lowercase();
    Some(name.strip_suffix(".exe").unwrap_or(&name).to_owned())
}

fn field(automation: Option<&Automation>, foreground: HWND) -> Field {
    if foreground.is_null() {
        return Field::UNKNOWN;
    }
    let focus = focus_of(foreground);
    let told = automation.and_then(Automation::focused);
    let (element, told) = told.unwrap_or((None, Told::default()));
    // The number of a window is 32 bits long; an element's is 64 and has nearly always some of the upper ones.
    let element = element.or_else(|| (!focus.is_null()).then_some(ElementId(focus as usize as u64)));
    Field::judge(element, told, classic(foreground, focus))
}

/// The control in focus, if it is a window of its own.
fn focus_of(foreground: HWND) -> HWND {
    let mut info = GUITHREADINFO { cbSize: size_of::<GUITHREADINFO>() as u32, ..GUITHREADINFO::default() };
    // SAFETY: `info` is ours to write and says how long it is; a thread that is gone leaves it as it is.
    unsafe { GetGUIThreadInfo(GetWindowThreadProcessId(foreground, ptr::null_mut()), &mut info) };
    info.hwndFocus
}

fn classic(foreground: HWND, focus: HWND) -> Classic {
    // SAFETY: numbers only; a window that is gone has no style.
    let of = |window| Classic::of(&class(window), unsafe { GetWindowLongW(window, GWL_STYLE) }.cast_unsigned());
    match (of(focus), of(foreground)) {
        (Classic::Other, Classic::Terminal) => Classic::Terminal,
        (classic, _) => classic,
    }
}

fn class(window: HWND) -> String {
    // SAFETY: the buffer is as long as said; a window that is gone has no class.
    text(256, |buffer, len| unsafe { GetClassNameW(window, buffer, len as i32) }.unsigned_abs())
}

/// What `fill` writes into a buffer of so many units; it returns how many it wrote.
fn text(len: u32, fill: impl FnOnce(*mut u16, u32) -> u32) -> String {
    let mut buffer = vec![0; len as usize];
    let written = fill(buffer.as_mut_ptr(), len);
    buffer.truncate(written as usize);
    String::from_utf16_lossy(&buffer)
}
