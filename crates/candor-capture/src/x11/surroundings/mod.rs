//! What surrounds the person at a display: whether anybody is there, and whether what is on it is for them alone.
//!
//! | | from |
//! |---|---|
//! | idle | the server's screen saver extension, or its idle counter |
//! | locked | the server's screen saver; a locker's window or process; the desktop's screen saver and logind, over D-Bus |
//! | shared | the windows that sharing programs show; programs that show the display to others |
//!
//! What nobody says is not so: a display without these is neither locked nor shared. The recorder does not rest on it
//! alone. A locker covers the indicator, and a window that is not on the person's list is withheld.
//!
//! Not noticed is a program that takes pictures of the screen and shows nothing, as X11 lets every program do: a recorder
//! (ffmpeg, OBS Studio), a call inside an application that puts up no bar (Discord, Slack, Signal), a portal or PipeWire
//! stream, a remote-help program that is always connected (TeamViewer, AnyDesk, RustDesk), and a program in another process
//! namespace. Of Microsoft Teams only the English bar is known.
//!
//! Architecture invariant: the names of windows and programs are compared here, and neither kept nor told.

mod bus;
mod idle;
mod programs;
mod signs;
#[cfg(test)]
mod tests;
mod windows;

use std::time::Instant;

use x11rb::connection::Connection;
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

use self::bus::{Addresses, Bus};
use self::idle::{Devices, Idle};
use self::programs::Programs;
use self::windows::Windows;
use super::gone;
use crate::source::CaptureError;

/// What surrounds the person at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How long nothing was done at the display, in milliseconds; nothing where the server does not say. Input that software
    /// makes counts too.
    pub idle_ms: Option<u64>,
    /// How long no device did anything, in milliseconds; nothing where the server does not say for each device, and where a
    /// program that keeps the screen awake had all of them counted anew.
    pub input_ms: Option<u64>,
    /// Whether the screen is locked, or blanked as before a lock, or the machine about to sleep.
    pub locked: bool,
    /// Whether the screen, or a part of it, is being shown to others.
    pub shared: bool,
}

/// What windows or programs mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Meaning {
    locked: bool,
    shared: bool,
}

impl Meaning {
    fn or(self, other: Self) -> Self {
        Self { locked: self.locked || other.locked, shared: self.shared || other.shared }
    }
}

/// A look at a display, on a connection of its own, with a thread that listens to D-Bus.
pub struct Surroundings {
    connection: RustConnection,
    root: Window,
    idle: Idle,
    devices: Devices,
    windows: Windows,
    programs: Programs,
    bus: Bus,
}

impl Surroundings {
    /// Begins to look at the display of that name; of `DISPLAY`, where none is given.
    ///
    /// # Errors
    /// [`CaptureError::NoDisplay`] where it cannot be reached.
    pub fn open(display: Option<&str>) -> Result<Self, CaptureError> {
        let (connection, screen) = x11rb::connect(display).map_err(|source| CaptureError::NoDisplay {
            display: display.map_or_else(|| std::env::var("DISPLAY").unwrap_or_default(), str::to_owned),
            source: source.into(),
        })?;
        Self::over(connection, screen, Addresses::default())
    }

    fn over(connection: RustConnection, screen: usize, buses: Addresses) -> Result<Self, CaptureError> {
        let screen = connection.setup().roots.get(screen);
        let screen = screen.ok_or(CaptureError::Unfit("the X server has no screen of that number"))?;
        let (root, size) = (screen.root, (screen.width_in_pixels, screen.height_in_pixels));
        let (idle, devices) = (Idle::find(&connection)?, Devices::find(&connection)?);
        let windows = Windows::new(&connection, root, size)?;
        let programs = Programs::new(&connection)?;
        Ok(Self { connection, root, idle, devices, windows, programs, bus: Bus::listen(buses) })
    }

    /// What surrounds the person now. To be asked about once a second; it waits for the server only.
    ///
    /// # Errors
    /// [`CaptureError::Gone`] where the display is.
    pub fn look(&mut self) -> Result<Seen, CaptureError> {
        let (idle_ms, is_blank) = self.idle.look(&self.connection, self.root)?;
        let input_ms = self.devices.look(&self.connection)?;
        let windows = self.windows.look(&self.connection)?;
        let programs = self.programs.look(&self.connection, Instant::now())?;
        let both = windows.or(programs);
        Ok(Seen { idle_ms, input_ms, locked: is_blank || both.locked || self.bus.is_locked(), shared: both.shared })
    }
}
