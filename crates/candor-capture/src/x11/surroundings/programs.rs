//! Programs at the display that are there only while it is locked, or through which others may look at it.
//!
//! The server names the process of each local client (X-Resource 1.2), the kernel its program. A locker that draws where a
//! compositor does is in no list of windows, and is found by this alone.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use x11rb::connection::RequestConnection;
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::{Meaning, gone};
use crate::source::CaptureError;

/// How often the clients are asked for: the server does not tell of new ones.
const ROUND: Duration = Duration::from_secs(2);
/// The extension of servers that are seen over the network (TigerVNC's `Xvnc` and its module for X.Org).
const VNC: &str = "VNC-EXTENSION";
/// What the kernel calls the servers that show a display which another server has: a program's name, or its first 15
/// bytes. They give no sign when somebody looks, so they count while they run.
const VIEWERS: [&str; 5] = ["krfb", "vino-server", "x0tigervncserve", "x0vncserver", "x11vnc"];
/// Lockers that run while they lock and no longer.
const LOCKERS: [&str; 4] = ["i3lock", "slock", "xsecurelock", "xtrlock"];

/// The programs at a display.
pub(super) struct Programs {
    /// The server shows it elsewhere itself.
    is_remote: bool,
    /// Whether the server names its clients.
    has_names: bool,
    looked: Option<Instant>,
    /// What each client with its process means.
    clients: HashMap<(u32, u32), Meaning>,
}

impl Programs {
    pub(super) fn new(connection: &RustConnection) -> Result<Self, CaptureError> {
        let has = |extension| connection.extension_information(extension).map_err(gone).map(|found| found.is_some());
        let is_remote = has(VNC)?;
        let has_names = has(res::X11_EXTENSION_NAME)? && {
            let version = connection.res_query_version(1, 2).map_err(gone)?.reply().map_err(gone)?;
            (version.server_major, version.server_minor) >= (1, 2)
        };
        Ok(Self { is_remote, has_names, looked: None, clients: HashMap::new() })
    }

    /// What the programs mean now, or a little earlier.
    pub(super) fn look(&mut self, connection: &RustConnection, now: Instant) -> Result<Meaning, CaptureError> {
        let due = self.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= ROUND);
        if self.has_names && due {
            self.looked = Some(now);
            let everybody = [ClientIdSpec { client: x11rb::NONE, mask: ClientIdMask::LOCAL_CLIENT_PID }];
            let reply = connection.res_query_client_ids(&everybody).map_err(gone)?.reply().map_err(gone)?;
            let ids = reply.ids.iter().filter_map(|id| Some((id.spec.client, *id.value.first()?)));
            let known = |id: &(u32, u32)| self.clients.get(id).copied().unwrap_or_else(|| meaning(id.1));
            self.clients = ids.map(|id| (id, known(&id))).collect();
        }
        let start = Meaning { locked: false, shared: self.is_remote };
        Ok(self.clients.values().fold(start, |all, one| all.or(*one)))
    }
}

/// What the process of this number means.
fn meaning(process: u32) -> Meaning {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    let name = name.trim_end();
    Meaning { locked: LOCKERS.contains(&name), shared: VIEWERS.contains(&name) }
}
