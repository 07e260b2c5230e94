//! The window that shows that a recording runs, is paused or has stopped, and why: no window, no recording.
//!
//! It stands in a corner above all other windows, on a connection and a thread of its own, and watches itself: that the
//! server has it mapped, where it belongs, whole, opaque and on top. A click on it or a hotkey asks for a pause.
//!
//! What it cannot see: whether a compositor draws what the server has, whether the screen is on, and whether another program
//! paints into the window.
//!
//! Architecture invariant: nothing hides the indicator while it lives, and a reason is a text of the program, which cannot
//! carry anything of what was captured.

mod cover;
mod face;
mod glyphs;
mod hotkey;
mod keeper;
mod pane;
mod place;
#[cfg(test)]
mod tests;

use std::io::{PipeWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use x11rb::errors::ReplyOrIdError;
use x11rb::rust_connection::RustConnection;

pub use self::hotkey::{Hotkey, HotkeyState};
pub use self::place::{Area, Corner};

use self::hotkey::Grab;
use self::keeper::Keeper;
use self::pane::Pane;
use super::gone;
use crate::source::CaptureError;

/// How long it may take to be seen.
const APPEAR_MAX: Duration = Duration::from_secs(2);
/// A server that has not answered for this long may show anything. It delivers no input either.
const SILENCE_MAX: Duration = Duration::from_secs(1);
/// Clicks that wait for whoever asks.
const ASKED_MAX: usize = 8;

/// What the indicator shows. Reasons are a few words in small letters, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// What happens is recorded.
    Recording,
    /// Nothing is recorded until somebody resumes.
    Paused(&'static str),
    /// Nothing is recorded any more.
    Stopped(&'static str),
    /// Nothing is recorded for the moment; it goes on by itself.
    Holding(&'static str),
}

impl Shown {
    /// The name of the window, for those who hear it.
    fn name(self) -> String {
        let (word, reason) = match self {
            Self::Recording => ("recording", ""),
            Self::Paused(reason) => ("paused", reason),
            Self::Stopped(reason) => ("stopped", reason),
            Self::Holding(reason) => ("holding", reason),
        };
        if reason.is_empty() { format!("Candor: {word}") } else { format!("Candor: {word}, {reason}") }
    }
}

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A pause, or to go on after one.
    Toggle,
}

/// Why the indicator does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVisible {
    /// It was taken off the screen.
    #[error("the indicator was unmapped by another program; nothing is recorded without it")]
    Unmapped,
    /// Its window is no more.
    #[error("the indicator was destroyed by another program; nothing is recorded without it")]
    Destroyed,
    /// It is not where it was put, or not as large.
    #[error("the indicator was moved or resized by another program; nothing is recorded without it")]
    Moved,
    /// A part was cut out of it, or of where it takes clicks.
    #[error("the indicator was cut by another program; nothing is recorded without it")]
    Shaped,
    /// Something shines through.
    #[error("the indicator was made translucent by another program; nothing is recorded without it")]
    Translucent,
    /// Another window lies over it and stays there.
    #[error("another window covers the indicator and does not yield; nothing is recorded until it does")]
    Covered,
    /// The server does not answer.
    #[error("the X server does not say whether the indicator is visible; nothing is recorded until it does")]
    Silent,
    /// The connection ended.
    #[error("the X server went away, and the indicator with it; recording stops until it is back")]
    Gone,
}

impl NotVisible {
    /// Whether this indicator will never be seen again, so that another is needed.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Covered | Self::Silent)
    }
}

/// How to open an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Where it stands.
    pub corner: Corner,
    /// What asks for a pause beside a click.
    pub hotkey: Option<Hotkey>,
}

impl Default for Options {
    fn default() -> Self {
        Self { corner: Corner::default(), hotkey: Some(Hotkey::CTRL_ALT_PAUSE) }
    }
}

/// The visible indicator; it goes when this is dropped.
#[must_use = "the indicator goes when this is dropped"]
pub struct Indicator {
    watch: Watch,
    window: u32,
    asked: Receiver<Asked>,
    wake: PipeWriter,
}

impl Indicator {
    /// Puts it on the display of that name; of `DISPLAY`, where none is given. It is seen when this returns, and shows that
    /// recording is held.
    ///
    /// # Errors
    /// [`CaptureError::NoDisplay`] where the display cannot be reached, [`CaptureError::Unfit`] where the window is not seen
    /// within two seconds.
    pub fn open(display: Option<&str>, options: Options) -> Result<Self, CaptureError> {
        let (connection, screen) = x11rb::connect(display).map_err(|source| CaptureError::NoDisplay {
            display: display.map_or_else(|| std::env::var("DISPLAY").unwrap_or_default(), str::to_owned),
            source: source.into(),
        })?;
        Self::over(connection, screen, options)
    }

    fn over(connection: RustConnection, screen: usize, options: Options) -> Result<Self, CaptureError> {
        let (ears, wake) = std::io::pipe().map_err(gone)?;
        let (sender, asked) = sync_channel(ASKED_MAX);
        let pane = Pane::open(&connection, screen, options.corner).map_err(|error| match error {
            ReplyOrIdError::X11Error(_) => {
                CaptureError::Unfit("the X server refuses the window that shows a recording")
            }
            error => gone(error),
        })?;
        let pane = pane.ok_or(CaptureError::Unfit("the X server has no screen of that number"))?;
        let window = pane.window;
        let shared = Arc::new(Shared::new());
        let mut keeper = Keeper::new(connection, pane, Grab::new(options.hotkey), Arc::clone(&shared), sender, ears);
        if !keeper.appear(Instant::now() + APPEAR_MAX).map_err(gone)? {
            return Err(CaptureError::Unfit(
                "the window that shows a recording cannot be seen: another window covers it and does not yield; \
                 close that window, or choose another corner",
            ));
        }
        thread::Builder::new().name("indicator".into()).spawn(move || keeper.run()).map_err(gone)?;
        Ok(Self { watch: Watch { shared }, window, asked, wake })
    }

    /// Shows another state. It is on the screen a moment later.
    pub fn show(&self, state: Shown) {
        if self.watch.shared.want(state) {
            // Where the other end is gone there is nothing to show it, which [`Watch::check`] says.
            let _ = (&self.wake).write(&[0]);
        }
    }

    /// What the user asked for and nobody has taken yet.
    pub fn try_asked(&self) -> Option<Asked> {
        self.asked.try_recv().ok()
    }

    /// Whether it is visible, and was since this was asked last: whoever records may have been kept waiting meanwhile, and
    /// what was done in that time waits to be taken in.
    ///
    /// # Errors
    /// [`NotVisible`]: recording must stop.
    pub fn check(&self) -> Result<(), NotVisible> {
        self.watch.shared.lock().since()
    }

    /// Whether it is visible now.
    pub fn visible(&self) -> bool {
        self.watch.check().is_ok()
    }

    /// What tells other threads whether it is visible.
    pub fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// Its window: what is done to that is no work of the user.
    pub fn window(&self) -> u32 {
        self.window
    }

    /// Whether the hotkey works.
    pub fn hotkey(&self) -> HotkeyState {
        self.watch.shared.lock().hotkey
    }
}

/// Tells any thread whether the indicator is visible.
#[derive(Clone)]
pub struct Watch {
    shared: Arc<Shared>,
}

impl Watch {
    /// Whether it is visible now: cheap enough for every turn of a loop.
    ///
    /// # Errors
    /// [`NotVisible`]: recording must stop.
    pub fn check(&self) -> Result<(), NotVisible> {
        self.shared.lock().verdict()
    }

    /// Waits for as long as it is visible, at most for `patience`.
    ///
    /// # Errors
    /// [`NotVisible`], as soon as it is not: recording must stop.
    pub fn wait(&self, patience: Duration) -> Result<(), NotVisible> {
        let guard = self.shared.lock();
        let wait = self.shared.changed.wait_timeout_while(guard, patience, |known| known.verdict().is_ok());
        let (known, _) = wait.unwrap_or_else(PoisonError::into_inner);
        known.verdict()
    }

    /// Where it is: a click there is meant for it and no work of the user.
    pub fn area(&self) -> Area {
        self.shared.lock().area
    }
}

/// What the thread of the indicator and its holders tell each other.
struct Shared {
    known: Mutex<Known>,
    /// Told when it is visible no more.
    changed: Condvar,
}

struct Known {
    wanted: Shown,
    /// Whether the thread has been woken for it.
    is_told: bool,
    fault: Option<NotVisible>,
    /// What was the matter since somebody asked for it.
    missed: Option<NotVisible>,
    answered: Instant,
    area: Area,
    hotkey: HotkeyState,
}

impl Known {
    fn since(&mut self) -> Result<(), NotVisible> {
        let missed = self.missed.take();
        self.verdict().and(missed.map_or(Ok(()), Err))
    }

    fn verdict(&self) -> Result<(), NotVisible> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.answered.elapsed() > SILENCE_MAX => Err(NotVisible::Silent),
            None => Ok(()),
        }
    }
}

impl Shared {
    fn new() -> Self {
        let wanted = Shown::Holding("starting");
        let (area, hotkey, answered) = (Area::default(), HotkeyState::None, Instant::now());
        let known = Known { wanted, is_told: true, fault: None, missed: None, answered, area, hotkey };
        Self { known: Mutex::new(known), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for another state; whether the thread has to be woken.
    fn want(&self, state: Shown) -> bool {
        let mut known = self.lock();
        let is_new = std::mem::replace(&mut known.wanted, state) != state;
        is_new && std::mem::replace(&mut known.is_told, false)
    }

    /// What to show now.
    fn wanted(&self) -> Shown {
        let mut known = self.lock();
        known.is_told = true;
        known.wanted
    }

    fn set_hotkey(&self, state: HotkeyState) {
        self.lock().hotkey = state;
    }

    /// The server answered.
    fn tell(&self, fault: Option<NotVisible>, area: Area) {
        let mut known = self.lock();
        (known.fault, known.area, known.answered) = (fault, area, Instant::now());
        if fault.is_some() {
            known.missed = fault;
            self.changed.notify_all();
        }
    }

    /// There is no indicator any more.
    fn end(&self, fault: NotVisible) {
        self.lock().fault = Some(fault);
        self.changed.notify_all();
    }
}
