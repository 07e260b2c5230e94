//! The window in focus, as the window manager tells it (Extended Window Manager Hints; ICCCM, 4.1.2).

use x11rb::protocol::xproto::{AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, EventMask, Window};
use x11rb::rust_connection::RustConnection;

use crate::source::CaptureError;

use super::gone;

x11rb::atom_manager! {
    /// What is asked for by name.
    pub(super) Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_WM_NAME,
        UTF8_STRING,
        _NET_WM_PID,
        WM_CLASS,
    }
}

/// A title longer than this says nothing more, in 4-byte units.
const TITLE_UNITS_MAX: u32 = 1_024;

/// What is known of a window. Nothing of it is shown or written before the wall has judged it.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    pub(super) window: Window,
    /// The process it belongs to, as that process says.
    pub(super) process: Option<u32>,
    pub(super) app: String,
    pub(super) title: String,
}

impl Seen {
    /// Whether it is a window of this process. Where either is not known it is not.
    pub(super) fn is_of(&self, process: Option<u32>) -> bool {
        process.is_some() && self.process == process
    }
}

pub(super) struct Focus {
    root: Window,
    atoms: Atoms,
    window: Window,
    seen: Option<Seen>,
}

impl Focus {
    pub(super) fn new(connection: &RustConnection, root: Window) -> Result<Self, CaptureError> {
        let atoms = Atoms::new(connection).map_err(gone)?.reply().map_err(gone)?;
        listen(connection, root)?;
        Ok(Self { root, atoms, window: x11rb::NONE, seen: None })
    }

    /// Whether a change of this property may have changed what is seen.
    pub(super) fn concerns(&self, window: Window, atom: u32) -> bool {
        let Atoms { _NET_ACTIVE_WINDOW, _NET_WM_NAME, WM_CLASS, .. } = self.atoms;
        (window == self.root && atom == _NET_ACTIVE_WINDOW)
            || (window == self.window && [_NET_WM_NAME, WM_CLASS, AtomEnum::WM_NAME.into()].contains(&atom))
    }

    /// The window in focus, if it or what is known of it changed since it was asked for last. A display without a window
    /// manager has none, and a window that vanished meanwhile has no name: both are an application nobody allows.
    pub(super) fn look(&mut self, connection: &RustConnection) -> Result<Option<Seen>, CaptureError> {
        let Atoms { _NET_ACTIVE_WINDOW, .. } = self.atoms;
        let active = property(connection, self.root, _NET_ACTIVE_WINDOW, AtomEnum::WINDOW.into(), 1)?;
        let window = cardinal(&active).unwrap_or(x11rb::NONE);
        if window != self.window {
            self.window = window;
            if window != x11rb::NONE {
                listen(connection, window)?;
            }
        }
        let seen = if window == x11rb::NONE { Seen::default() } else { self.names(connection)? };
        if self.seen.as_ref() == Some(&seen) {
            return Ok(None);
        }
        Ok(Some(self.seen.insert(seen).clone()))
    }

    fn names(&self, connection: &RustConnection) -> Result<Seen, CaptureError> {
        let Atoms { _NET_WM_NAME, _NET_WM_PID, UTF8_STRING, WM_CLASS, .. } = self.atoms;
        let text = |atom, kind| {
            let bytes = property(connection, self.window, atom, kind, TITLE_UNITS_MAX)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        // The instance, then the class, each ended by a zero.
        let class = text(WM_CLASS, AtomEnum::STRING.into())?;
        let app = class.split('\0').nth(1).unwrap_or_default().to_lowercase();
        let mut title = text(_NET_WM_NAME, UTF8_STRING)?;
        if title.is_empty() {
            // As xterm has it.
            title = text(AtomEnum::WM_NAME.into(), AtomEnum::STRING.into())?;
        }
        let process = cardinal(&property(connection, self.window, _NET_WM_PID, AtomEnum::CARDINAL.into(), 1)?);
        Ok(Seen { window: self.window, process, app, title })
    }
}

/// The first number of a property of 32-bit numbers.
fn cardinal(bytes: &[u8]) -> Option<u32> {
    bytes.as_chunks::<4>().0.first().map(|number| u32::from_ne_bytes(*number))
}

/// A window that is gone already is nothing to listen to.
fn listen(connection: &RustConnection, window: Window) -> Result<(), CaptureError> {
    let events = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
    connection.change_window_attributes(window, &events).map_err(gone)?.ignore_error();
    Ok(())
}

/// The property's bytes; none where the window or the property is not there.
pub(super) fn property(
    connection: &RustConnection,
    window: Window,
    atom: u32,
    kind: u32,
    units: u32,
) -> Result<Vec<u8>, CaptureError> {
    let cookie = connection.get_property(false, window, atom, kind, 0, units).map_err(gone)?;
    match cookie.reply() {
        Ok(reply) => Ok(reply.value),
        Err(x11rb::errors::ReplyError::X11Error(_)) => Ok(Vec::new()),
        Err(error) => Err(gone(error)),
    }
}
