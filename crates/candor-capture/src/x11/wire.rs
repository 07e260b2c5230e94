//! The RECORD extension's stream of device events, read by a thread of its own: it must not wait for anybody, or the
//! server does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Instant;

use candor_model::Actor;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::protocol::record::{self, ConnectionExt as _};
use x11rb::protocol::xproto;
use x11rb::rust_connection::RustConnection;
use x11rb::x11_utils::TryParse;

use crate::source::CaptureError;

use super::gone;

/// How many events wait at most for whoever polls: a quarter of a minute of the busiest pointer.
const WAITING_MAX: usize = 65_536;

/// A device event as the server saw it. RECORD tells position, modifiers and time in each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Device {
    pub(super) what: What,
    /// Modifiers, buttons and group before it.
    pub(super) state: u16,
    /// The server's clock, in milliseconds; it wraps.
    pub(super) time: u32,
    pub(super) x: i16,
    pub(super) y: i16,
    /// What the key means by the layout of its time; 0 until somebody looked, and for everything else.
    pub(super) symbol: u32,
    /// When it was read.
    pub(super) read: Instant,
}

impl Device {
    pub(super) fn is_scroll(&self) -> bool {
        matches!(self.what, What::Scroll { .. })
    }

    /// Whether it happened after that time of the server.
    pub(super) fn is_after(&self, time: u32) -> bool {
        is_before(time, self.time)
    }
}

/// Whether one time of the server, which wraps, is before another.
pub(super) fn is_before(time: u32, other: u32) -> bool {
    time != other && other.wrapping_sub(time) < 1 << 31
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    KeyDown(u8),
    KeyUp(u8),
    ButtonDown(u8),
    ButtonUp(u8),
    Motion,
    /// So far, in 1/120 notch, by that actor. RECORD has none of these.
    Scroll {
        dx: i32,
        dy: i32,
        actor: Actor,
    },
}

/// The running stream.
pub(super) struct Wire {
    pub(super) events: Receiver<Device>,
    pub(super) lost: Arc<AtomicU64>,
    control: Arc<RustConnection>,
    context: record::Context,
}

impl Wire {
    /// Begins to record on `data`, controlled by `control`.
    pub(super) fn start(control: Arc<RustConnection>, data: RustConnection) -> Result<Self, CaptureError> {
        if control.extension_information(record::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
            return Err(CaptureError::Unfit("the X server has no RECORD extension; Candor needs it to see input"));
        }
        let (major, minor) = record::X11_XML_VERSION;
        let (major, minor) = (u16::try_from(major).unwrap_or(1), u16::try_from(minor).unwrap_or(13));
        control.record_query_version(major, minor).map_err(gone)?.reply().map_err(gone)?;
        let context = control.generate_id().map_err(gone)?;
        let range = record::Range {
            device_events: record::Range8 { first: xproto::KEY_PRESS_EVENT, last: xproto::MOTION_NOTIFY_EVENT },
            ..record::Range::default()
        };
        let clients = [record::CS::ALL_CLIENTS.into()];
        control.record_create_context(context, 0, &clients, &[range]).map_err(gone)?.check().map_err(gone)?;
        let (sender, events) = sync_channel(WAITING_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        let reader = thread::Builder::new().name("x11-record".into());
        let (begun, begins) = sync_channel(1);
        reader.spawn(move || read(&data, context, &begun, &sender, &counted)).map_err(gone)?;
        // What happens before the server records is nowhere.
        begins.recv().map_err(|_| gone("it does not record"))?;
        Ok(Self { events, lost, control, context })
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // The reader ends with the context; a server that is gone has ended it already.
        let _ = self.control.record_disable_context(self.context);
        let _ = self.control.record_free_context(self.context);
        let _ = self.control.flush();
    }
}

/// Kinds of data (RECORD protocol, "RecordEnableContext"): the server's, and the first of all.
const FROM_SERVER: u8 = 0;
const START_OF_DATA: u8 = 4;

fn read(
    data: &RustConnection,
    context: record::Context,
    begun: &SyncSender<()>,
    sender: &SyncSender<Device>,
    lost: &AtomicU64,
) {
    let Ok(mut replies) = data.record_enable_context(context) else { return };
    let Some(Ok(first)) = replies.next() else { return };
    if first.category != START_OF_DATA || begun.send(()).is_err() {
        return;
    }
    for reply in replies.map_while(Result::ok).filter(|reply| reply.category == FROM_SERVER && !reply.client_swapped) {
        let mut rest = reply.data.as_slice();
        while let Some((event, after)) = next(rest) {
            rest = after;
            match event.map(|event| sender.try_send(event)) {
                Some(Err(TrySendError::Disconnected(_))) => return,
                Some(Err(TrySendError::Full(_))) => {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
                Some(Ok(())) | None => {}
            }
        }
    }
}

/// The next event, if it is one of a device, and what follows it. Every core event is 32 bytes long.
fn next(data: &[u8]) -> Option<(Option<Device>, &[u8])> {
    let (event, rest) = data.split_at_checked(32)?;
    // The events of keys, buttons and motion have one layout.
    let Ok((core, _)) = xproto::KeyPressEvent::try_parse(event) else { return Some((None, rest)) };
    let what = match core.response_type & 0x7f {
        xproto::KEY_PRESS_EVENT => Some(What::KeyDown(core.detail)),
        xproto::KEY_RELEASE_EVENT => Some(What::KeyUp(core.detail)),
        xproto::BUTTON_PRESS_EVENT => Some(What::ButtonDown(core.detail)),
        xproto::BUTTON_RELEASE_EVENT => Some(What::ButtonUp(core.detail)),
        xproto::MOTION_NOTIFY_EVENT => Some(What::Motion),
        _ => None,
    };
    let device = what.map(|what| Device {
        what,
        state: core.state.into(),
        time: core.time,
        x: core.root_x,
        y: core.root_y,
        symbol: 0,
        read: Instant::now(),
    });
    Some((device, rest))
}
