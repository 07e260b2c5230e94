//! For how long nothing was done at a display, and whether its own screen saver is on.

use x11rb::connection::RequestConnection;
use x11rb::protocol::screensaver::{self, ConnectionExt as _, State};
use x11rb::protocol::sync::{self, ConnectionExt as _, Counter};
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::source::CaptureError;

/// The counter's name in the servers that have it (X.Org since 2004).
const COUNTER: &[u8] = b"IDLETIME";

/// Who counts.
pub(super) enum Idle {
    /// The screen saver extension, which says too whether the screen saver is on.
    Saver,
    /// A counter of the SYNC extension, in milliseconds.
    Counter(Counter),
    /// Nobody.
    Unknown,
}

impl Idle {
    pub(super) fn find(connection: &RustConnection) -> Result<Self, CaptureError> {
        if connection.extension_information(screensaver::X11_EXTENSION_NAME).map_err(gone)?.is_some() {
            return Ok(Self::Saver);
        }
        if connection.extension_information(sync::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
            return Ok(Self::Unknown);
        }
        connection.sync_initialize(3, 1).map_err(gone)?.reply().map_err(gone)?;
        let counters = connection.sync_list_system_counters().map_err(gone)?.reply().map_err(gone)?.counters;
        let counter = counters.into_iter().find(|counter| counter.name == COUNTER);
        Ok(counter.map_or(Self::Unknown, |counter| Self::Counter(counter.counter)))
    }

    /// Milliseconds, where somebody counts, and whether the screen saver is on.
    pub(super) fn look(&self, connection: &RustConnection, root: Window) -> Result<(Option<u64>, bool), CaptureError> {
        match self {
            Self::Saver => {
                let reply = connection.screensaver_query_info(root).map_err(gone)?.reply().map_err(gone)?;
                Ok((Some(u64::from(reply.ms_since_user_input)), reply.state == u8::from(State::ON)))
            }
            Self::Counter(counter) => {
                let value = connection.sync_query_counter(*counter).map_err(gone)?.reply().map_err(gone)?.counter_value;
                // A signed number of 64 bits in two halves; it never counts below zero.
                let high = u64::try_from(value.hi).unwrap_or(0);
                Ok((Some(high << 32 | u64::from(value.lo)), false))
            }
            Self::Unknown => Ok((None, false)),
        }
    }
}
