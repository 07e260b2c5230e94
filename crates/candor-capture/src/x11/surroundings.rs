//! What surrounds the person at a display: whether anybody is there, and whether what is on it is for them alone.

use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::screensaver::{self, ConnectionExt as _, State};
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::source::CaptureError;

/// What surrounds the person at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How long nothing was done at the display, in milliseconds; nothing where the server does not say. Input that software
    /// makes counts too.
    pub idle_ms: Option<u64>,
    /// Whether the screen is locked, or blanked as before a lock.
    pub locked: bool,
    /// Whether the screen is being shown to others.
    pub shared: bool,
}

/// A look at a display, on a connection of its own.
pub struct Surroundings {
    connection: RustConnection,
    root: Window,
    saver: bool,
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
        Self::over(connection, screen)
    }

    fn over(connection: RustConnection, screen: usize) -> Result<Self, CaptureError> {
        let root = connection.setup().roots.get(screen).map(|screen| screen.root);
        let root = root.ok_or(CaptureError::Unfit("the X server has no screen of that number"))?;
        let saver = connection.extension_information(screensaver::X11_EXTENSION_NAME).map_err(gone)?.is_some();
        Ok(Self { connection, root, saver })
    }

    /// What surrounds the person now.
    ///
    /// # Errors
    /// [`CaptureError::Gone`] where the display is.
    pub fn look(&mut self) -> Result<Seen, CaptureError> {
        if !self.saver {
            return Ok(Seen::default());
        }
        let reply = self.connection.screensaver_query_info(self.root).map_err(gone)?.reply().map_err(gone)?;
        let locked = reply.state == u8::from(State::ON);
        Ok(Seen { idle_ms: Some(u64::from(reply.ms_since_user_input)), locked, shared: false })
    }
}
