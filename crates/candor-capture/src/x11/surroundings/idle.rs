//! For how long nothing was done at a display, and whether its own screen saver is on.
//!
//! A program that keeps the screen from going blank (a player of films) has every device's idleness counted anew. Input
//! comes from some device, and from the master that it drives: the others count on.

use x11rb::connection::RequestConnection;
use x11rb::errors::ReplyError;
use x11rb::protocol::screensaver::{self, ConnectionExt as _, State};
use x11rb::protocol::sync::{self, ConnectionExt as _, Counter};
use x11rb::protocol::xproto::Window;
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::source::CaptureError;

/// The counter's name in the servers that have it (X.Org since 2004).
const COUNTER: &[u8] = b"IDLETIME";

/// How the counters of the devices begin, one each (X.Org since 2012).
const DEVICE_COUNTER: &[u8] = b"DEVICEIDLETIME ";
/// Counters that lie no further apart, in milliseconds, were made to begin anew at one moment.
const SAME_MS: u64 = 50;

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
        let counters = counters(connection)?;
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

/// The counters of the single devices.
pub(super) struct Devices(bool);

impl Devices {
    pub(super) fn find(connection: &RustConnection) -> Result<Self, CaptureError> {
        let has_counters = connection.extension_information(sync::X11_EXTENSION_NAME).map_err(gone)?.is_some();
        if has_counters {
            connection.sync_initialize(3, 1).map_err(gone)?.reply().map_err(gone)?;
        }
        Ok(Self(has_counters))
    }

    /// For how long no device did anything, in milliseconds; nothing where the server does not say, and where it was made
    /// to count anew since.
    pub(super) fn look(&self, connection: &RustConnection) -> Result<Option<u64>, CaptureError> {
        if !self.0 {
            return Ok(None);
        }
        let devices = counters(connection)?.into_iter().filter(|counter| counter.name.starts_with(DEVICE_COUNTER));
        let asked: Result<Vec<_>, _> = devices.map(|device| connection.sync_query_counter(device.counter)).collect();
        let mut all = Vec::new();
        for asked in asked.map_err(gone)? {
            match asked.reply() {
                Ok(reply) => all.push(u64::from(reply.counter_value.lo)),
                // Unplugged meanwhile.
                Err(ReplyError::X11Error(_)) => {}
                Err(error) => return Err(gone(error)),
            }
        }
        let (least, most) = (all.iter().copied().min(), all.iter().copied().max());
        Ok(least.filter(|least| most.is_some_and(|most| most - least > SAME_MS)))
    }
}

fn counters(connection: &RustConnection) -> Result<Vec<sync::Systemcounter>, CaptureError> {
    Ok(connection.sync_list_system_counters().map_err(gone)?.reply().map_err(gone)?.counters)
}
