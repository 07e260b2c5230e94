//! The thread that takes events from the system. Every key of the desktop waits until it has: so it reads, hands over and
//! asks nobody.

use std::cell::RefCell;
use std::io;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use candor_model::event::Press;
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::SystemInformation::GetTickCount;
use windows_sys::Win32::System::Threading::GetCurrentThreadId;
use windows_sys::Win32::UI::Accessibility::{HWINEVENTHOOK, SetWinEventHook, UnhookWinEvent};
use windows_sys::Win32::UI::HiDpi::{DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, SetThreadDpiAwarenessContext};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{
    GetAsyncKeyState, GetKeyState, GetKeyboardLayout, VK_CAPITAL, VK_CONTROL, VK_MENU, VK_NUMLOCK, VK_SHIFT,
};
use windows_sys::Win32::UI::WindowsAndMessaging::*;

use super::desktop::Message;
use super::layout::Layout;
use super::meaning::Held;

/// A device event as the hook told it.
pub(super) struct Device {
    pub(super) what: What,
    /// Software made it.
    pub(super) injected: bool,
    /// When it was read, and how many milliseconds after the time it bears.
    pub(super) read: Instant,
    pub(super) late: u32,
}

pub(super) enum What {
    Key {
        press: Press,
        vk: u32,
        scan: u32,
        extended: bool,
        held: Held,
        layout: Layout,
    },
    Button {
        press: Press,
        number: u8,
        x: i32,
        y: i32,
    },
    Move {
        x: i32,
        y: i32,
        drag: bool,
    },
    Wheel {
        dx: i32,
        dy: i32,
        x: i32,
        y: i32,
    },
    /// Events were lost here.
    Lost,
}

/// What the threads count together.
#[derive(Default)]
pub(super) struct Counts {
    /// Events that found no place.
    pub(super) lost: AtomicU64,
    /// How often another element got the focus.
    pub(super) moves: AtomicU64,
}

/// Where the hooks put what they read: theirs alone, as they are called on one thread and have no argument of ours.
struct Sink {
    messages: SyncSender<Message>,
    looks: SyncSender<()>,
    counts: Arc<Counts>,
    /// The buttons that are down, a bit for each.
    buttons: u16,
    focus: (usize, i32, i32),
}

thread_local! {
    static SINK: RefCell<Option<Sink>> = const { RefCell::new(None) };
}

/// The hooks; they end when this is dropped.
pub(super) struct Hooks {
    thread: Option<JoinHandle<()>>,
    id: u32,
}

impl Hooks {
    pub(super) fn start(
        messages: SyncSender<Message>,
        looks: SyncSender<()>,
        counts: Arc<Counts>,
    ) -> Result<Self, io::Error> {
        let sink = Sink { messages, looks, counts, buttons: 0, focus: (0, 0, 0) };
        let (started, starts) = sync_channel(1);
        let thread = thread::Builder::new().name("windows-hooks".into()).spawn(move || {
            SINK.set(Some(sink));
            match Set::new() {
                Ok(set) => {
                    // SAFETY: no argument.
                    let _ = started.send(Ok(unsafe { GetCurrentThreadId() }));
                    serve();
                    drop(set);
                }
                Err(error) => drop(started.send(Err(error))),
            }
            SINK.set(None);
        })?;
        let id = starts.recv().map_err(|_| io::Error::other("the thread of the hooks ended"))??;
        Ok(Self { thread: Some(thread), id })
    }

    /// Whether they are still there.
    pub(super) fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Hooks {
    fn drop(&mut self) {
        // SAFETY: numbers only; a thread that has ended already makes this fail, and there is nothing to do then.
        unsafe { PostThreadMessageW(self.id, WM_QUIT, 0, 0) };
        // It ends at once, as it waits for nobody. One that panicked has ended too.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The hooks that are set, for the thread that set them.
struct Set {
    input: Vec<HHOOK>,
    focus: Vec<HWINEVENTHOOK>,
}

impl Set {
    fn new() -> Result<Self, io::Error> {
        let mut set = Self { input: Vec::new(), focus: Vec::new() };
        // SAFETY: the procedures have the signatures of their kinds and live as long as the program; each hook is taken
        // away by the drop of `set`. The last error is read before another call.
        unsafe {
            // Positions in pixels of the screen, whatever the scale of the program.
            SetThreadDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2);
            let module = GetModuleHandleW(ptr::null());
            let keyboard: HOOKPROC = Some(on_key);
            for (kind, procedure) in [(WH_KEYBOARD_LL, keyboard), (WH_MOUSE_LL, Some(on_mouse))] {
                let hook = SetWindowsHookExW(kind, procedure, module, 0);
                if hook.is_null() {
                    return Err(io::Error::last_os_error());
                }
                set.input.push(hook);
            }
            for event in [EVENT_SYSTEM_FOREGROUND, EVENT_OBJECT_FOCUS, EVENT_OBJECT_NAMECHANGE] {
                let hook = SetWinEventHook(event, event, ptr::null_mut(), Some(on_focus), 0, 0, WINEVENT_OUTOFCONTEXT);
                if hook.is_null() {
                    return Err(io::Error::last_os_error());
                }
                set.focus.push(hook);
            }
        }
        Ok(set)
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        for hook in &self.input {
            // SAFETY: set by this thread, taken away once.
            unsafe { UnhookWindowsHookEx(*hook) };
        }
        for hook in &self.focus {
            // SAFETY: as above.
            unsafe { UnhookWinEvent(*hook) };
        }
    }
}

/// Until it is told to quit. The hooks are called while it waits for a message; it gets no other.
fn serve() {
    let mut message = MSG::default();
    // SAFETY: `message` is ours to write. 0 says quit, -1 an error.
    while unsafe { GetMessageW(&mut message, ptr::null_mut(), 0, 0) } > 0 {}
}

/// The procedure of WH_KEYBOARD_LL.
unsafe extern "system" fn on_key(code: i32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    if code == HC_ACTION as i32 {
        // SAFETY: for this code of this hook the system says so.
        let event = unsafe { &*(lparam as *const KBDLLHOOKSTRUCT) };
        let what = What::Key {
            press: if event.flags & LLKHF_UP == 0 { Press::Down } else { Press::Up },
            vk: event.vkCode,
            scan: event.scanCode,
            extended: event.flags & LLKHF_EXTENDED != 0,
            held: held(),
            layout: layout(),
        };
        put(what, event.flags & (LLKHF_INJECTED | LLKHF_LOWER_IL_INJECTED) != 0, event.time);
    }
    // SAFETY: the arguments as they came.
    unsafe { CallNextHookEx(ptr::null_mut(), code, wparam, lparam) }
}

/// The procedure of WH_MOUSE_LL.
unsafe extern "system" fn on_mouse(code: i32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    if code == HC_ACTION as i32 {
        // SAFETY: for this code of this hook the system says so.
        let event = unsafe { &*(lparam as *const MSLLHOOKSTRUCT) };
        let (x, y) = (event.pt.x, event.pt.y);
        let data = event.mouseData >> 16;
        // The distance is a signed number in the upper half.
        let distance = i32::from(data as u16 as i16);
        let button = |press, number| Some(What::Button { press, number, x, y });
        // The first extra button goes back, the second forward.
        let extra = if data == u32::from(XBUTTON2) { 9 } else { 8 };
        let what = match wparam as u32 {
            WM_MOUSEMOVE => Some(What::Move { x, y, drag: false }),
            WM_LBUTTONDOWN => button(Press::Down, 1),
            WM_LBUTTONUP => button(Press::Up, 1),
            WM_MBUTTONDOWN => button(Press::Down, 2),
            WM_MBUTTONUP => button(Press::Up, 2),
            WM_RBUTTONDOWN => button(Press::Down, 3),
            WM_RBUTTONUP => button(Press::Up, 3),
            WM_XBUTTONDOWN => button(Press::Down, extra),
            WM_XBUTTONUP => button(Press::Up, extra),
            // Away from the person is up.
            WM_MOUSEWHEEL => Some(What::Wheel { dx: 0, dy: -distance, x, y }),
            WM_MOUSEHWHEEL => Some(What::Wheel { dx: distance, dy: 0, x, y }),
            _ => None,
        };
        if let Some(what) = what {
            put(what, event.flags & (LLMHF_INJECTED | LLMHF_LOWER_IL_INJECTED) != 0, event.time);
        }
    }
    // SAFETY: the arguments as they came.
    unsafe { CallNextHookEx(ptr::null_mut(), code, wparam, lparam) }
}

/// The procedure of the events of windows.
unsafe extern "system" fn on_focus(
    _: HWINEVENTHOOK,
    event: u32,
    window: HWND,
    object: i32,
    child: i32,
    _thread: u32,
    _time: u32,
) {
    // SAFETY: no argument.
    if event == EVENT_OBJECT_NAMECHANGE && (object != OBJID_WINDOW || window != unsafe { GetForegroundWindow() }) {
        return;
    }
    with_sink(|sink| {
        let focus = (window as usize, object, child);
        if event == EVENT_OBJECT_FOCUS && sink.focus != focus {
            sink.focus = focus;
            sink.counts.moves.fetch_add(1, Ordering::SeqCst);
        }
        // Full means that a look is due already.
        let _ = sink.looks.try_send(());
    });
}

fn put(mut what: What, injected: bool, time: u32) {
    let read = Instant::now();
    // SAFETY: no argument.
    let late = unsafe { GetTickCount() }.wrapping_sub(time);
    with_sink(|sink| {
        match &mut what {
            What::Button { press: Press::Down, number, .. } => sink.buttons |= 1 << *number,
            What::Button { press: Press::Up, number, .. } => sink.buttons &= !(1 << *number),
            What::Move { drag, .. } => *drag = sink.buttons != 0,
            What::Key { .. } | What::Wheel { .. } | What::Lost => {}
        }
        if sink.messages.try_send(Message::Device(Device { what, injected, read, late })).is_err() {
            sink.counts.lost.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Nothing that is done with the sink calls the system, so no hook is called while it is taken.
fn with_sink(act: impl FnOnce(&mut Sink)) {
    SINK.with(|sink| {
        if let Ok(mut sink) = sink.try_borrow_mut()
            && let Some(sink) = sink.as_mut()
        {
            act(sink);
        }
    });
}

/// The modifiers and locks before the key that is being told.
fn held() -> Held {
    // The top bit says down; the lowest of the other call's, on.
    // SAFETY: numbers only.
    let down = |vk: u16| unsafe { GetAsyncKeyState(vk.into()) } < 0;
    // SAFETY: numbers only.
    let on = |vk: u16| unsafe { GetKeyState(vk.into()) } & 1 != 0;
    Held {
        shift: down(VK_SHIFT),
        control: down(VK_CONTROL),
        alt: down(VK_MENU),
        caps: on(VK_CAPITAL),
        num: on(VK_NUMLOCK),
    }
}

/// The layout of whoever gets the key.
fn layout() -> Layout {
    // SAFETY: a window that is none or gone has no thread, and thread 0 is ours.
    let layout = unsafe { GetKeyboardLayout(GetWindowThreadProcessId(GetForegroundWindow(), ptr::null_mut())) };
    Layout(layout as usize)
}
