//! Programs at the display through which others may look at it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use x11rb::connection::RequestConnection;
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::gone;
use crate::source::CaptureError;

/// How often the clients are asked for: the server does not tell of new ones.
const ROUND: Duration = Duration::from_secs(5);
/// The extension of servers that are seen over the network (TigerVNC's `Xvnc` and its module for X.Org).
const VNC: &str = "VNC-EXTENSION";
/// What the kernel calls the servers that show a display which another server has: a program's name, or its first 15
/// bytes. They give no sign when somebody looks, so they count while they run.
const VIEWERS: [&str; 5] = ["krfb", "vino-server", "x0tigervncserve", "x0vncserver", "x11vnc"];

/// The viewers of a display.
pub(super) struct Viewers {
    /// The server itself is one.
    is_remote: bool,
    /// Whether the server names its clients (X-Resource 1.2).
    has_names: bool,
    looked: Option<Instant>,
    /// Of each client and its process, whether others may look through it.
    clients: HashMap<(u32, u32), bool>,
}

impl Viewers {
    pub(super) fn new(connection: &RustConnection) -> Result<Self, CaptureError> {
        let has = |extension| connection.extension_information(extension).map_err(gone).map(|found| found.is_some());
        let is_remote = has(VNC)?;
        let has_names = has(res::X11_EXTENSION_NAME)? && {
            let version = connection.res_query_version(1, 2).map_err(gone)?.reply().map_err(gone)?;
            (version.server_major, version.server_minor) >= (1, 2)
        };
        Ok(Self { is_remote, has_names, looked: None, clients: HashMap::new() })
    }

    /// Whether others may look.
    pub(super) fn look(&mut self, connection: &RustConnection, now: Instant) -> Result<bool, CaptureError> {
        let due = self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= ROUND);
        if self.has_names && due {
            self.looked = Some(now);
            let everybody = [ClientIdSpec { client: x11rb::NONE, mask: ClientIdMask::LOCAL_CLIENT_PID }];
            let reply = connection.res_query_client_ids(&everybody).map_err(gone)?.reply().map_err(gone)?;
            let ids = reply.ids.iter().filter_map(|id| Some((id.spec.client, *id.value.first()?)));
            self.clients = ids.map(|id| (id, self.clients.get(&id).copied().unwrap_or_else(|| shows(id.1)))).collect();
        }
        Ok(self.is_remote || self.clients.values().any(|shows| *shows))
    }
}

/// Whether others may look through the process of this number.
fn shows(process: u32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    VIEWERS.contains(&name.trim_end())
}
