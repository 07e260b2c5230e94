//! X11: keys, buttons and motion through the RECORD extension, the window in focus from the window manager.
//!
//! Two connections, as RECORD wants it: one whose thread only reads device events, one for everything that is asked.
//! Events wait until the window that they belong to is known for sure: the window manager says late which it is.
//!
//! This source names no fields. So after every change of the window it says that nobody knows the field, and the wall lets
//! nothing pass that may be text until another source does.
//!
//! Architecture invariant: what a window is called goes into an observation and nowhere else.

pub mod indicator;
mod keymap;
mod names;
pub mod surroundings;
#[cfg(test)]
mod tests;
mod window;
mod wire;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use candor_consent::CaptureRight;
use candor_model::event::{Button, Press};
use candor_model::{Actor, ClockUnit, Ticks};
use candor_redact::{Observation, Observed, Raw, Role, Secrecy};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use self::keymap::Keymap;
use self::window::{Focus, Seen};
use self::wire::{Device, What, Wire};
use crate::source::{Capabilities, CaptureError, CaptureSource};

/// How long an event waits for a change of the window that came before it.
const SETTLE: Duration = Duration::from_millis(60);
/// One notch of a wheel, in the model's units.
const NOTCH: i32 = 120;

/// A display of the X Window System.
pub struct X11 {
    connection: Arc<RustConnection>,
    wire: Wire,
    keymap: Keymap,
    focus: Focus,
    clock: Clock,
    waiting: VecDeque<Waiting>,
    gaps: u64,
}

/// What waits for its time.
struct Waiting {
    at: Ticks,
    read: Instant,
    what: Awaited,
}

impl Waiting {
    fn is_window(&self) -> bool {
        matches!(self.what, Awaited::Window(_))
    }
}

enum Awaited {
    Device(Device),
    Window(Seen),
}

impl X11 {
    /// Begins to watch the display of that name; of `DISPLAY`, where none is given. `right` says that consent and lease hold.
    ///
    /// # Errors
    /// [`CaptureError::NoDisplay`] where it cannot be reached, [`CaptureError::Unfit`] where it would show only a part.
    pub fn open(_right: &CaptureRight<'_>, display: Option<&str>) -> Result<Self, CaptureError> {
        let connect = || {
            x11rb::connect(display).map_err(|source| CaptureError::NoDisplay {
                display: display.map_or_else(|| std::env::var("DISPLAY").unwrap_or_default(), str::to_owned),
                source: source.into(),
            })
        };
        let (control, screen) = connect()?;
        let (data, _) = connect()?;
        Self::over(control, data, screen)
    }

    fn over(control: RustConnection, data: RustConnection, screen: usize) -> Result<Self, CaptureError> {
        if control.extension_information("XWAYLAND").map_err(gone)?.is_some() {
            return Err(CaptureError::Unfit(
                "this display is Xwayland: it shows the input of X applications only, and a recording would lack the rest; \
                 log in to an X11 session to record",
            ));
        }
        let setup = control.setup();
        let root = setup.roots.get(screen).map(|screen| screen.root);
        let root: Window = root.ok_or(CaptureError::Unfit("the X server has no screen of that number"))?;
        let control = Arc::new(control);
        let keymap = keymap_of(&control)?;
        let focus = Focus::new(&control, root)?;
        let wire = Wire::start(Arc::clone(&control), data)?;
        let clock = Clock::default();
        let mut source = Self { connection: control, wire, keymap, focus, clock, waiting: VecDeque::new(), gaps: 0 };
        source.look_at_window()?;
        Ok(source)
    }

    /// What the server said beside RECORD: another window or name, another layout.
    fn attend(&mut self) -> Result<(), CaptureError> {
        let mut look = false;
        while let Some(event) = self.connection.poll_for_event().map_err(gone)? {
            match event {
                Event::PropertyNotify(change) => look |= self.focus.concerns(change.window, change.atom),
                Event::MappingNotify(_) => self.keymap = keymap_of(&self.connection)?,
                _ => {}
            }
        }
        if look { self.look_at_window() } else { Ok(()) }
    }

    fn look_at_window(&mut self) -> Result<(), CaptureError> {
        if let Some(seen) = self.focus.look(&self.connection)? {
            // Whatever waits may have been meant for it already: a window manager tells of a focus after it has moved.
            let at = self.waiting.front().map_or(self.clock.last, |waiting| waiting.at);
            let windows = self.waiting.iter().take_while(|waiting| waiting.is_window()).count();
            self.waiting.insert(windows, Waiting { at, read: Instant::now(), what: Awaited::Window(seen) });
        }
        Ok(())
    }

    /// Puts out what has waited for long enough.
    fn settle(&mut self, now: Instant, out: &mut Vec<Observation>) {
        while let Some(front) = self.waiting.front() {
            if !front.is_window() && now.duration_since(front.read) < SETTLE {
                break;
            }
            let Some(Waiting { at, what, .. }) = self.waiting.pop_front() else { break };
            match what {
                Awaited::Window(Seen { app, title }) => {
                    put(at, Observed::Window { app, title, origin: None }, out);
                    put(at, Observed::field(Role::Unknown, Secrecy::Unknown), out);
                }
                Awaited::Device(device) if self.is_repeat(&device) => {}
                Awaited::Device(device) => {
                    if let Some(what) = self.observed(&device) {
                        put(at, what, out);
                    }
                }
            }
        }
    }

    /// Whether a release is the server's half of an automatic repeat: the press follows at the same time.
    fn is_repeat(&self, device: &Device) -> bool {
        let What::KeyUp(code) = device.what else { return false };
        let next = self.waiting.iter().find_map(|waiting| match &waiting.what {
            Awaited::Device(next) => Some(next),
            Awaited::Window(_) => None,
        });
        next.is_some_and(|next| next.what == What::KeyDown(code) && next.time == device.time)
    }

    fn observed(&self, device: &Device) -> Option<Observed> {
        let (x, y) = (i32::from(device.x), i32::from(device.y));
        let key = |press, code| Observed::Key {
            press,
            physical: names::physical(code),
            logical: self.keymap.meaning(code, device.state),
        };
        let button = |press, number| match number {
            // The wheel: a notch is a press and a release of its button.
            4..=7 if press == Press::Up => None,
            4 => Some(Observed::Scroll { dx: 0, dy: -NOTCH, x, y }),
            5 => Some(Observed::Scroll { dx: 0, dy: NOTCH, x, y }),
            6 => Some(Observed::Scroll { dx: -NOTCH, dy: 0, x, y }),
            7 => Some(Observed::Scroll { dx: NOTCH, dy: 0, x, y }),
            number => Some(Observed::Button { press, button: Button(number), x, y }),
        };
        match device.what {
            What::KeyDown(code) => Some(key(Press::Down, code)),
            What::KeyUp(code) => Some(key(Press::Up, code)),
            What::ButtonDown(number) => button(Press::Down, number),
            What::ButtonUp(number) => button(Press::Up, number),
            What::Motion => Some(Observed::Move { x, y, drag: device.state & ANY_BUTTON != 0 }),
        }
    }
}

/// Buttons 1 to 3 in an event's state; the wheel is no drag.
const ANY_BUTTON: u16 = 0x0700;

impl CaptureSource for X11 {
    fn capabilities(&self) -> Capabilities {
        Capabilities { windows: true, fields: false, smooth_scroll: false, actors: false }
    }

    fn clock_unit(&self) -> ClockUnit {
        ClockUnit::MILLISECOND
    }

    fn poll(&mut self, _right: &CaptureRight<'_>, wait: Duration, out: &mut Vec<Raw>) -> Result<(), CaptureError> {
        let mut observed = Vec::new();
        let result = self.pump(wait, &mut observed);
        out.extend(observed.into_iter().map(Raw::new));
        result
    }

    fn settled(&self) -> Option<u64> {
        let now = self.clock.now(Instant::now().checked_sub(SETTLE)?)?;
        Some(self.waiting.front().map_or(now, |waiting| waiting.at.min(now)))
    }

    fn lost(&self) -> u64 {
        self.wire.lost.load(Ordering::Relaxed)
    }
}

impl X11 {
    fn pump(&mut self, wait: Duration, out: &mut Vec<Observation>) -> Result<(), CaptureError> {
        let until = Instant::now() + wait;
        loop {
            self.attend()?;
            let patience = until.saturating_duration_since(Instant::now()).min(SETTLE);
            match self.wire.events.recv_timeout(patience) {
                Ok(device) => {
                    self.receive(device);
                    while let Ok(device) = self.wire.events.try_recv() {
                        self.receive(device);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(gone("its input stream ended")),
            }
            self.attend()?;
            let lost = self.wire.lost.load(Ordering::Relaxed);
            if lost > self.gaps {
                self.gaps = lost;
                put(self.clock.last, Observed::Gap { cause: candor_redact::GapCause::Lost }, out);
            }
            self.settle(Instant::now(), out);
            if !out.is_empty() || Instant::now() >= until {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, device: Device) {
        let at = self.clock.read(device.time, device.read);
        self.waiting.push_back(Waiting { at, read: device.read, what: Awaited::Device(device) });
    }
}

fn keymap_of(connection: &RustConnection) -> Result<Keymap, CaptureError> {
    let setup = connection.setup();
    let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
    let reply = connection.get_keyboard_mapping(first, count).map_err(gone)?.reply().map_err(gone)?;
    Ok(Keymap::new(first, reply))
}

fn put(at: Ticks, what: Observed, out: &mut Vec<Observation>) {
    out.push(Observation { at, actor: Actor::Unknown, what });
}

fn gone(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CaptureError {
    CaptureError::Gone(source.into())
}

/// The server's clock, from its first event on, and how it lies to ours.
#[derive(Default)]
struct Clock {
    /// The server's time last read, and its time before that clock wrapped.
    server: u32,
    first: Option<u64>,
    wrapped: u64,
    last: Ticks,
    /// The smallest delay seen: our time of a server's time.
    joined: Option<(Instant, Ticks)>,
}

impl Clock {
    fn read(&mut self, server: u32, read: Instant) -> Ticks {
        // It wraps after 49.7 days; a step back that is no wrap is the server's, and time stands still for it.
        if self.first.is_some() && server < self.server && self.server - server > u32::MAX / 2 {
            self.wrapped += 1 << 32;
        }
        self.server = server;
        let time = self.wrapped + u64::from(server);
        let first = *self.first.get_or_insert(time);
        self.last = self.last.max(time.saturating_sub(first));
        let earlier = |(instant, at): (Instant, Ticks)| {
            read.saturating_duration_since(instant).as_millis() >= u128::from(self.last.saturating_sub(at))
        };
        if !self.joined.is_some_and(earlier) {
            self.joined = Some((read, self.last));
        }
        self.last
    }

    /// The source's time at a moment of ours.
    fn now(&self, moment: Instant) -> Option<Ticks> {
        let (instant, at) = self.joined?;
        let since = u64::try_from(moment.saturating_duration_since(instant).as_millis()).ok()?;
        Some((at + since).max(self.last))
    }
}
