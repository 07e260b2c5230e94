//! The thread that keeps the indicator up and tells the truth about it.
//!
//! Events tell at once that something may have changed; what is so is then asked of the server. It is asked without an
//! event too, ten times a second, for compositors hide what the server's own events say.

use std::io::{PipeReader, Read};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use x11rb::connection::Connection;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, MapState, Property, Visibility};
use x11rb::rust_connection::RustConnection;

use super::cover::Cover;
use super::hotkey::Grab;
use super::pane::Pane;
use super::place::Area;
use super::{Asked, NotVisible, Shared};

/// How often the server is asked without reason, and while the window is covered or was lately.
const TICK: Duration = Duration::from_millis(100);
const TICK_COVERED: Duration = Duration::from_millis(20);
/// How many windows above it are looked at: more than that are on nobody's screen for longer than until the next raise.
const ABOVE_MAX: usize = 64;

/// How the window lies.
struct Stacked {
    is_covered: bool,
    is_topmost: bool,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    On,
    /// Nobody holds the indicator any more.
    Over,
}

pub(super) struct Keeper {
    connection: RustConnection,
    pane: Pane,
    hotkey: Grab,
    cover: Cover,
    /// What the server said last of its own windows.
    is_obscured: bool,
    /// Whether the server has shown it whole at least once.
    is_seen: bool,
    /// What events have asked for.
    to_do: ToDo,
    due: Instant,
    shared: Arc<Shared>,
    asked: SyncSender<Asked>,
    wake: PipeReader,
    /// What is told when this ends, in whatever way.
    end: NotVisible,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.end(self.end);
    }
}

#[derive(Default)]
struct ToDo {
    look: bool,
    paint: bool,
    settle: bool,
    opacity: bool,
    unmapped: bool,
    hotkey: bool,
}

impl Keeper {
    pub(super) fn new(
        connection: RustConnection,
        pane: Pane,
        hotkey: Grab,
        shared: Arc<Shared>,
        asked: SyncSender<Asked>,
        wake: PipeReader,
    ) -> Self {
        let (cover, due) = (Cover::default(), Instant::now());
        let to_do = ToDo { hotkey: true, ..ToDo::default() };
        let (is_obscured, is_seen, end) = (false, false, NotVisible::Gone);
        Self { connection, pane, hotkey, cover, is_obscured, is_seen, to_do, due, shared, asked, wake, end }
    }

    /// Waits until it is seen, at most until then.
    pub(super) fn appear(&mut self, until: Instant) -> Result<bool, NotVisible> {
        while !(self.is_seen && self.cover.is_clear()) {
            if Instant::now() >= until {
                return Ok(false);
            }
            self.turn()?;
        }
        self.pane.paint(&self.connection).map_err(refused)?;
        // The answers to what is asked now come after the paint.
        self.look(Instant::now())?;
        Ok(true)
    }

    /// Keeps it up until nobody holds it or it is gone.
    pub(super) fn run(mut self) {
        self.end = loop {
            match self.turn() {
                Ok(Turn::On) => {}
                Ok(Turn::Over) => break NotVisible::Gone,
                Err(fault) => break fault,
            }
        };
    }

    /// One round: what came, what is so, then a rest until something comes.
    fn turn(&mut self) -> Result<Turn, NotVisible> {
        while let Some(event) = self.connection.poll_for_event().map_err(lost)? {
            self.take(&event)?;
        }
        let now = Instant::now();
        if self.to_do.look || now >= self.due {
            // The answers may have brought events along, so no rest yet.
            self.look(now)?;
            return Ok(Turn::On);
        }
        self.connection.flush().map_err(lost)?;
        self.rest(self.due.saturating_duration_since(now))
    }

    fn take(&mut self, event: &Event) -> Result<(), NotVisible> {
        let (window, to_do) = (self.pane.window, &mut self.to_do);
        // Other programs can send events of any kind; those are no facts and no clicks.
        if event.sent_event() {
            return Ok(());
        }
        match event {
            // A window that is destroyed or given away is unmapped before: which it was is asked.
            Event::UnmapNotify(event) if event.window == window => (to_do.look, to_do.unmapped) = (true, true),
            Event::DestroyNotify(event) if event.window == window => return Err(NotVisible::Destroyed),
            Event::ReparentNotify(event) if event.window == window => return Err(NotVisible::Moved),
            Event::ShapeNotify(event) if event.shaped => return Err(NotVisible::Shaped),
            Event::ConfigureNotify(event) => {
                to_do.look = true;
                to_do.settle |= event.window == self.pane.root;
            }
            Event::VisibilityNotify(event) => {
                self.is_obscured = event.state != Visibility::UNOBSCURED;
                self.is_seen |= !self.is_obscured;
                to_do.look = true;
            }
            Event::PropertyNotify(event) if self.pane.is_opacity(event.atom) && event.state == Property::NEW_VALUE => {
                (to_do.look, to_do.opacity) = (true, true);
            }
            Event::Expose(event) if event.count == 0 => (to_do.look, to_do.paint) = (true, true),
            Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => (to_do.look, to_do.settle) = (true, true),
            Event::MappingNotify(_) => (to_do.look, to_do.hotkey) = (true, true),
            Event::ButtonPress(event) if event.event == window && event.detail == 1 => self.ask(),
            Event::KeyPress(event) if self.hotkey.is_asked(event) => self.ask(),
            Event::KeyRelease(event) => self.hotkey.release(event),
            _ => {}
        }
        Ok(())
    }

    /// Hands on what the user asked for. Who lets it wait for so long will not want the rest.
    fn ask(&self) {
        let _ = self.asked.try_send(Asked::Toggle);
    }

    /// Does what events asked for, and asks the server what is so.
    fn look(&mut self, now: Instant) -> Result<(), NotVisible> {
        let ToDo { paint, settle, opacity, unmapped, hotkey, .. } = std::mem::take(&mut self.to_do);
        let connection = &self.connection;
        if settle {
            self.pane.settle(connection).map_err(refused)?;
        }
        if paint || settle {
            self.pane.paint(connection).map_err(refused)?;
        }
        if hotkey {
            let state = self.hotkey.renew(connection, self.pane.root).map_err(refused)?;
            self.shared.set_hotkey(state);
        }
        if opacity && !self.pane.is_opaque(connection).map_err(refused)? {
            return Err(NotVisible::Translucent);
        }
        let Stacked { is_covered, is_topmost } = self.stacked()?;
        if unmapped {
            // It may be mapped again, but nobody knows for how long it was not.
            return Err(NotVisible::Unmapped);
        }
        self.cover.see(is_covered, now);
        if (is_covered || !is_topmost) && self.cover.raise(now) {
            self.pane.raise(&self.connection).map_err(refused)?;
        }
        self.due = now + if self.cover.is_clear() { TICK } else { TICK_COVERED };
        let fault = self.cover.is_too_long(now).then_some(NotVisible::Covered);
        self.shared.tell(fault, self.pane.area);
        Ok(())
    }

    /// Asks the server whether the window is where and as it should be, and what lies above it.
    fn stacked(&self) -> Result<Stacked, NotVisible> {
        let (connection, Pane { window, root, area, .. }) = (&self.connection, &self.pane);
        let attributes = connection.get_window_attributes(*window).map_err(lost)?;
        let geometry = connection.get_geometry(*window).map_err(lost)?;
        let tree = connection.query_tree(*root).map_err(lost)?;
        if attributes.reply().map_err(refused)?.map_state != MapState::VIEWABLE {
            return Err(NotVisible::Unmapped);
        }
        let at = geometry.reply().map_err(refused)?;
        let children = tree.reply().map_err(refused)?.children;
        if (Area { x: at.x, y: at.y, width: at.width, height: at.height }) != *area {
            return Err(NotVisible::Moved);
        }
        // Lowest first. One that is not among them has another parent.
        let place = children.iter().position(|child| child == window).ok_or(NotVisible::Moved)?;
        let above = children.get(place + 1..).unwrap_or_default();
        let topmost = above.get(above.len().saturating_sub(ABOVE_MAX)..).unwrap_or_default();
        let is_covered = self.is_obscured || self.pane.is_under(connection, topmost).map_err(refused)?;
        Ok(Stacked { is_covered, is_topmost: above.is_empty() })
    }

    /// Rests until the server or the holder has something to say, at most for that long.
    fn rest(&mut self, patience: Duration) -> Result<Turn, NotVisible> {
        let ready = PollFlags::IN;
        let mut fds = [PollFd::new(self.connection.stream(), ready), PollFd::new(&self.wake, ready)];
        let patience = Timespec { tv_sec: 0, tv_nsec: patience.subsec_nanos().into() };
        match poll(&mut fds, Some(&patience)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(NotVisible::Gone),
        }
        let is_woken = fds.last().is_some_and(|wake| !wake.revents().is_empty());
        if !is_woken {
            return Ok(Turn::On);
        }
        // One byte for each change; the end where the holder is gone.
        if !matches!(self.wake.read(&mut [0]), Ok(1)) {
            return Ok(Turn::Over);
        }
        let wanted = self.shared.wanted();
        self.pane.show(&self.connection, wanted).map_err(refused)?;
        self.to_do.look = true;
        Ok(Turn::On)
    }
}

/// The connection is no more.
fn lost(_: ConnectionError) -> NotVisible {
    NotVisible::Gone
}

/// The server knows no such window any more, or the connection is no more.
fn refused(error: ReplyError) -> NotVisible {
    match error {
        ReplyError::X11Error(_) => NotVisible::Destroyed,
        ReplyError::ConnectionError(_) => NotVisible::Gone,
    }
}
