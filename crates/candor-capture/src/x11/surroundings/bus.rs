//! What desktops say over D-Bus: the screen saver's state on the session bus, logind's on the system bus.
//!
//! On a thread of its own, because a program at the other end may be slow. A bus that is not there is looked for again once
//! in a while; until it answers, nothing is locked for it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use async_io::Timer;
use futures_lite::{StreamExt as _, future};
use zbus::message::{Message, Type};
use zbus::zvariant::OwnedValue;
use zbus::{Connection, MessageStream, connection};

/// What has not answered within this does not answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two tries to reach a bus.
const RETRY: Duration = Duration::from_secs(60);
/// How many messages wait at most for us. More are left in the socket.
const WAITING_MAX: usize = 64;

/// Who says whether the screen is locked: names that are interfaces too, with `GetActive` and `ActiveChanged`. KDE has the
/// first; the others belong to the desktops they are called by.
const SAVERS: [&str; 5] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
];

const BUS: &str = "org.freedesktop.DBus";
/// systemd-logind (org.freedesktop.login1(5)), and what of it is read: the caller's session or, for a program that is in
/// none, the one that the person sees; then the whole machine.
const LOGIND: &str = "org.freedesktop.login1";
const FACTS: [[&str; 3]; 2] = [
    ["/org/freedesktop/login1/session/auto", "org.freedesktop.login1.Session", "LockedHint"],
    ["/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PreparingForSleep"],
];

/// Where the buses are.
#[derive(Debug, Clone, Default)]
pub(super) struct Addresses {
    /// The session bus; where the environment says, if nothing is given.
    pub(super) session: Option<String>,
    /// The system bus, likewise.
    pub(super) system: Option<String>,
}

/// What the thread tells.
#[derive(Default)]
struct Told {
    session: AtomicBool,
    system: AtomicBool,
}

/// Listens to both buses. The thread ends when this is dropped.
pub(super) struct Bus {
    told: Arc<Told>,
    _stop: async_channel::Sender<Infallible>,
}

impl Bus {
    /// Begins to listen. A machine that has no thread left says nothing.
    pub(super) fn listen(addresses: Addresses) -> Self {
        let told = Arc::new(Told::default());
        let (stop, stopped) = async_channel::bounded(1);
        let thread_told = Arc::clone(&told);
        let work = async move {
            let Told { session, system } = &*thread_told;
            let session = keep(session, || session_bus(addresses.session.as_deref(), session));
            let system = keep(system, || system_bus(addresses.system.as_deref(), system));
            let until = async {
                // Nothing is ever sent: it ends with the sender.
                let _ = stopped.recv().await;
            };
            future::or(until, future::or(session, system)).await;
        };
        let _ = thread::Builder::new().name("lock".into()).spawn(move || async_io::block_on(work));
        Self { told, _stop: stop }
    }

    /// Whether the desktop says that the screen is locked, or that the machine goes to sleep.
    pub(super) fn is_locked(&self) -> bool {
        self.told.session.load(Ordering::Relaxed) || self.told.system.load(Ordering::Relaxed)
    }

    /// Lives as long as the thread or this.
    #[cfg(test)]
    pub(super) fn watcher(&self) -> std::sync::Weak<impl Sized + use<>> {
        Arc::downgrade(&self.told)
    }
}

/// Listens for ever: again some time after a bus was lost or not found.
async fn keep<F: Future<Output = zbus::Result<()>>>(told: &AtomicBool, listen: impl Fn() -> F) {
    loop {
        // Which of the two is the same to us, and usual where a machine has no such bus.
        let _ = listen().await;
        told.store(false, Ordering::Relaxed);
        Timer::after(RETRY).await;
    }
}

async fn session_bus(address: Option<&str>, told: &AtomicBool) -> zbus::Result<()> {
    let builder = address.map_or_else(connection::Builder::session, connection::Builder::address)?;
    let connection = open(builder).await?;
    drive(&connection, follow_savers(&connection, told)).await
}

async fn follow_savers(connection: &Connection, told: &AtomicBool) -> zbus::Result<()> {
    let mut messages = MessageStream::from(connection);
    for name in SAVERS {
        watch(connection, &format!("type='signal',interface='{name}',member='ActiveChanged'")).await?;
        watch(connection, &format!("type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{name}'")).await?;
    }
    let mut active = [false; SAVERS.len()];
    for (active, name) in active.iter_mut().zip(SAVERS) {
        *active = is_active(connection, name).await.unwrap_or(false);
    }
    loop {
        told.store(active.contains(&true), Ordering::Relaxed);
        let Some(message) = next(&mut messages).await else { return Ok(()) };
        let (header, body) = (message.header(), message.body());
        let subject = match header.member().map(|member| member.as_str()) {
            Some("ActiveChanged") => header.interface().map(|interface| interface.to_string()),
            _ => body.deserialize::<(String, String, String)>().ok().map(|(name, ..)| name),
        };
        for (active, name) in active.iter_mut().zip(SAVERS).filter(|(_, name)| subject.as_deref() == Some(name)) {
            // A saver that came or went does not say what holds now.
            *active = match body.deserialize::<bool>() {
                Ok(is_active) => is_active,
                Err(_) => is_active(connection, name).await.unwrap_or(false),
            };
        }
    }
}

/// Asks a screen saver. Starts none.
async fn is_active(connection: &Connection, name: &str) -> zbus::Result<bool> {
    if !is_owned(connection, name).await? {
        return Ok(false);
    }
    let path = format!("/{}", name.replace('.', "/"));
    connection.call_method(Some(name), path, Some(name), "GetActive", &()).await?.body().deserialize()
}

async fn system_bus(address: Option<&str>, told: &AtomicBool) -> zbus::Result<()> {
    let builder = address.map_or_else(connection::Builder::system, connection::Builder::address)?;
    let connection = open(builder).await?;
    drive(&connection, follow_logind(&connection, told)).await
}

async fn follow_logind(connection: &Connection, told: &AtomicBool) -> zbus::Result<()> {
    let mut messages = MessageStream::from(connection);
    let rule = format!("type='signal',sender='{LOGIND}'");
    watch(connection, &format!("{rule},member='PrepareForSleep'")).await?;
    watch(connection, &format!("{rule},member='PropertiesChanged',arg0='org.freedesktop.login1.Session'")).await?;
    watch(connection, &format!("type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{LOGIND}'")).await?;
    loop {
        // The signals say only that it is worth to ask: everybody on this bus could send them.
        let mut holds = false;
        if is_owned(connection, LOGIND).await? {
            for [path, interface, name] in FACTS {
                holds |= property(connection, path, interface, name).await.unwrap_or(false);
            }
        }
        told.store(holds, Ordering::Relaxed);
        if next(&mut messages).await.is_none() {
            return Ok(());
        }
    }
}

async fn property(connection: &Connection, path: &str, interface: &str, name: &str) -> zbus::Result<bool> {
    let properties = "org.freedesktop.DBus.Properties";
    let reply = connection.call_method(Some(LOGIND), path, Some(properties), "Get", &(interface, name)).await?;
    Ok(reply.body().deserialize::<OwnedValue>()?.downcast_ref::<bool>()?)
}

async fn open(builder: connection::Builder<'_>) -> zbus::Result<Connection> {
    builder.internal_executor(false).method_timeout(PATIENCE).max_queued(WAITING_MAX).build().await
}

/// Runs what waits for a connection, and the connection: it has no thread of its own.
async fn drive<T>(connection: &Connection, waiting: impl Future<Output = T>) -> T {
    let run = async {
        loop {
            connection.executor().tick().await;
        }
    };
    future::or(waiting, run).await
}

/// The next signal; nothing once the bus is gone.
async fn next(messages: &mut MessageStream) -> Option<Message> {
    loop {
        let message = messages.next().await?.ok()?;
        if message.message_type() == Type::Signal {
            return Some(message);
        }
    }
}

async fn watch(connection: &Connection, rule: &str) -> zbus::Result<Message> {
    connection.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "AddMatch", &rule).await
}

async fn is_owned(connection: &Connection, name: &str) -> zbus::Result<bool> {
    let reply = connection.call_method(Some(BUS), "/org/freedesktop/DBus", Some(BUS), "NameHasOwner", &name).await?;
    reply.body().deserialize()
}
