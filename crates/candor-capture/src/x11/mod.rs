//! X11: keys, buttons and motion through the RECORD extension, who is behind them and scroll distances through the X Input
//! extension, what keys mean through the X Keyboard Extension, the window in focus from the window manager.
//!
//! Two connections, as RECORD wants it: one whose thread only reads device events, one for everything that is asked. What
//! belongs together is joined by the server's time ([`join`]).
//! Events wait until the window that they belong to is known for sure, and the field, where a gate tells of fields: both
//! are told late ([`hold`]).
//!
//! Without a gate this source names no fields. So after every change of the window it says that nobody knows the field, and
//! the wall lets nothing pass that may be text.
//!
//! Architecture invariant: what a window is called goes into an observation and nowhere else.

mod clock;
mod compose;
mod devices;
mod hold;
pub mod indicator;
mod join;
mod keymap;
mod names;
mod screens;
mod scroll;
pub mod surroundings;
#[cfg(test)]
mod tests;
mod window;
mod wire;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use candor_consent::CaptureRight;
use candor_model::event::{Button, Press};
use candor_model::{Actor, ClockUnit, Ticks};
use candor_redact::{Observation, Observed, Raw};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

use self::clock::Clock;
use self::compose::Compose;
use self::hold::{Hold, SETTLE};
use self::join::Join;
use self::keymap::{Changes, Layout};
pub use self::screens::Screen;
use self::screens::Screens;
use self::window::Focus;
use self::wire::{Device, What, Wire};
use crate::a11y::{Gate, Why};
use crate::source::{Capabilities, CaptureError, CaptureSource};

/// One notch of a wheel, in the model's units.
const NOTCH: i32 = 120;

/// A display of the X Window System.
pub struct X11 {
    connection: Arc<RustConnection>,
    wire: Wire,
    layout: Layout,
    compose: Compose,
    focus: Focus,
    screens: Screens,
    join: Join,
    clock: Clock,
    hold: Hold,
    /// The release read last, if it was the last: its code and the server's time.
    released: Option<(u8, u32)>,
    gaps: u64,
}

impl X11 {
    /// Begins to watch the display of that name; of `DISPLAY`, where none is given. `right` says that consent and lease hold.
    /// Until a gate guards it nobody names fields, and no text passes.
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

    /// The screens that there are now. Positions of events are those of the whole desktop.
    pub fn screens(&self) -> &[Screen] {
        self.screens.list()
    }

    /// How far the server's clock and ours lie apart at most for 99 of 100 events, in milliseconds: how late they were read
    /// beyond the one that was read soonest, and the millisecond that both clocks are told in. Nothing before the first event.
    pub fn time_error_ms(&self) -> Option<u32> {
        self.clock.error_ms()
    }

    /// Has the accessibility gate tell which field has the focus: text passes that a field is known to have taken.
    #[must_use]
    pub fn guarded(mut self, gate: Gate) -> Self {
        self.hold.guard(gate);
        self
    }

    /// Why text is withheld, if there is something to tell the participant that was not told before.
    pub fn why(&self) -> Option<Why> {
        self.hold.gate()?.why()
    }

    pub(crate) fn over(control: RustConnection, data: RustConnection, screen: usize) -> Result<Self, CaptureError> {
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
        let layout = Layout::watch(&control)?;
        let focus = Focus::new(&control, root)?;
        let screens = Screens::watch(&control, root)?;
        let join = Join::new(&control, root)?;
        let wire = Wire::start(Arc::clone(&control), data)?;
        let mut source = Self {
            connection: control,
            wire,
            layout,
            compose: Compose::default(),
            focus,
            screens,
            join,
            clock: Clock::default(),
            hold: Hold::default(),
            released: None,
            gaps: 0,
        };
        source.look_at_window()?;
        Ok(source)
    }

    /// What the server said beside RECORD: another window or name, another layout.
    fn attend(&mut self) -> Result<(), CaptureError> {
        let (mut look, mut screens, mut changes) = (false, false, Changes::default());
        while let Some(event) = self.connection.poll_for_event().map_err(gone)? {
            screens |= self.screens.concerns(&event);
            match event {
                Event::PropertyNotify(change) => look |= self.focus.concerns(change.window, change.atom),
                Event::XkbMapNotify(change) => changes.note(change.time),
                Event::XkbNewKeyboardNotify(_) => changes.note_keyboard(),
                event => self.join.told(&self.connection, &event)?,
            }
        }
        if screens {
            self.screens.read(&self.connection)?;
        }
        self.layout.follow(&self.connection, changes)?;
        if look { self.look_at_window() } else { Ok(()) }
    }

    fn look_at_window(&mut self) -> Result<(), CaptureError> {
        if let Some(seen) = self.focus.look(&self.connection)? {
            self.compose.reset();
            self.hold.window(seen, Instant::now());
        }
        Ok(())
    }

    /// What a device did, and what a compose sequence that it ended put in.
    fn observed(&mut self, device: &Device) -> (Option<Observed>, Option<Observed>) {
        let (x, y) = (i32::from(device.x), i32::from(device.y));
        let key = |press, code, logical| Some(Observed::Key { press, physical: names::physical(code), logical });
        let button = |press, number| match number {
            // The wheel: a notch is a press and a release of its button.
            4..=7 if press == Press::Up => None,
            4 => Some(Observed::Scroll { dx: 0, dy: -NOTCH, x, y }),
            5 => Some(Observed::Scroll { dx: 0, dy: NOTCH, x, y }),
            6 => Some(Observed::Scroll { dx: -NOTCH, dy: 0, x, y }),
            7 => Some(Observed::Scroll { dx: NOTCH, dy: 0, x, y }),
            number => Some(Observed::Button { press, button: Button(number), x, y }),
        };
        let mut made = None;
        let what = match device.what {
            What::KeyDown(code) => {
                let (logical, text) = self.compose.press(code, device.symbol);
                made = text.map(|text| Observed::Committed { text });
                key(Press::Down, code, logical)
            }
            What::KeyUp(code) => key(Press::Up, code, self.compose.release(code, device.symbol)),
            What::ButtonDown(number) => button(Press::Down, number),
            What::ButtonUp(number) => button(Press::Up, number),
            What::Motion => Some(Observed::Move { x, y, drag: device.state & ANY_BUTTON != 0 }),
            What::Scroll { dx, dy, .. } => Some(Observed::Scroll { dx, dy, x, y }),
        };
        (what, made)
    }
}

/// Buttons 1 to 3 in an event's state; the wheel is no drag.
const ANY_BUTTON: u16 = 0x0700;
/// Control, Alt and the logo key, where layouts have them: with these a key prints nothing.
const COMMAND: u16 = 0x004c;

impl CaptureSource for X11 {
    fn capabilities(&self) -> Capabilities {
        let devices = self.join.knows_devices();
        Capabilities { windows: true, fields: self.hold.gate().is_some(), smooth_scroll: devices, actors: devices }
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
        let now = self.clock.now(Instant::now().checked_sub(self.hold.least())?)?;
        // What waits to be joined has no time yet, and none before the last.
        let now = if self.join.is_empty() { now } else { now.min(self.clock.last) };
        Some(self.hold.first().map_or(now, |at| at.min(now)))
    }

    fn lost(&self) -> u64 {
        self.wire.lost.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> u64 {
        self.hold.moves() as u64
    }

    fn notice(&self) -> Option<String> {
        self.why().map(|why| why.to_string())
    }
}

impl X11 {
    pub(crate) fn pump(&mut self, wait: Duration, out: &mut Vec<Observation>) -> Result<(), CaptureError> {
        let until = Instant::now() + wait;
        loop {
            self.listen(until.saturating_duration_since(Instant::now()).min(SETTLE))?;
            let lost = self.wire.lost.load(Ordering::Relaxed);
            if lost > self.gaps {
                self.gaps = lost;
                self.compose.reset();
                put(self.clock.last, Actor::Unknown, Observed::Gap { cause: candor_redact::GapCause::Lost }, out);
            }
            let now = Instant::now();
            self.hold.listen(now, self.join.since(), self.clock.last);
            self.hold.settle(now, out);
            if !out.is_empty() || Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Waits at most so long for input, and until what was read has been told of.
    fn listen(&mut self, patience: Duration) -> Result<(), CaptureError> {
        let mut first = None;
        if self.join.is_empty() {
            match self.wire.events.recv_timeout(patience) {
                Ok(device) => first = Some(device),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(gone("its input stream ended")),
            }
        } else {
            std::thread::sleep(join::LAG);
        }
        let batch: Vec<_> = first.into_iter().chain(self.wire.events.try_iter()).collect();
        // What the server said before these, another layout say, has come by now.
        self.attend()?;
        for mut device in batch {
            if let What::KeyDown(code) | What::KeyUp(code) = device.what {
                device.symbol = self.layout.symbol(code, device.state, device.time);
            }
            self.join.push(device);
        }
        while let Some((device, actor)) = self.join.next(Instant::now()) {
            self.receive(device, actor);
        }
        Ok(())
    }

    fn receive(&mut self, device: Device, actor: Actor) {
        let at = self.clock.read(device.time, device.read);
        // A release whose press follows at the same time is the server's half of an automatic repeat.
        let released = self.released.take();
        match device.what {
            What::KeyDown(code) if released == Some((code, device.time)) => self.hold.take_back(),
            What::KeyUp(code) => self.released = Some((code, device.time)),
            _ => {}
        }
        let command = device.state & COMMAND != 0;
        let (what, made) = self.observed(&device);
        for what in what.into_iter().chain(made) {
            self.hold.push(at, device.read, actor, what, command);
        }
    }
}

fn put(at: Ticks, actor: Actor, what: Observed, out: &mut Vec<Observation>) {
    out.push(Observation { at, actor, what });
}

fn gone(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CaptureError {
    CaptureError::Gone(source.into())
}
