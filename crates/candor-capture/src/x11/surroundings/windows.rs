//! The windows of a display: whether one of them locks it, or says that it is shown to others.
//!
//! A window is read once and again when it changed: the server tells. So a display on which nothing opens, closes or changes
//! its name costs one read of an empty socket.
//!
//! A locker that nobody knows by name is known by what all of them do: it covers the screen with a window that no window
//! manager touches, and holds the keyboard. Whether somebody holds the keyboard is found out without effect: a client that
//! asks to hold it for a window that is not on the screen is told that another client does, or that the window is not
//! viewable, and gets it in no case (X Window System Protocol, `GrabKeyboard`; the X.Org server looks in this order).

use std::collections::{HashMap, HashSet};

use x11rb::connection::Connection;
use x11rb::cookie::Cookie;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConnectionExt as _, CreateWindowAux, EventMask, GetGeometryReply,
    GetPropertyReply, GetWindowAttributesReply, GrabMode, GrabStatus, MapState, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

use super::signs::{self, Names, Sign};
use super::{Meaning, gone};
use crate::source::CaptureError;

x11rb::atom_manager! {
    /// What is asked for by name.
    Atoms: AtomsCookie {
        _NET_CLIENT_LIST,
        _NET_WM_NAME,
        _NET_WM_STATE,
        _NET_WM_STATE_ABOVE,
        WM_WINDOW_ROLE,
    }
}

/// No name that means something is longer, in 4-byte units; what is in front of it may be.
const NAME_UNITS_MAX: u32 = 256;
/// No desktop has more windows than this.
const CLIENTS_MAX: u32 = 4_096;

/// The windows, as far as they were read.
pub(super) struct Windows {
    root: Window,
    atoms: Atoms,
    /// Never on the screen: to ask whether somebody holds the keyboard.
    probe: Window,
    size: (u16, u16),
    is_listed: bool,
    clients: HashSet<Window>,
    /// Nothing where it has to be read.
    known: HashMap<Window, Option<Mark>>,
}

/// What a window is.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    is_shown: bool,
    /// No window manager touches it.
    is_alone: bool,
    covers: bool,
    sign: Sign,
}

impl Windows {
    pub(super) fn new(connection: &RustConnection, root: Window, size: (u16, u16)) -> Result<Self, CaptureError> {
        let atoms = Atoms::new(connection).map_err(gone)?.reply().map_err(gone)?;
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY | EventMask::PROPERTY_CHANGE;
        listen(connection, root, mask)?;
        let probe = connection.generate_id().map_err(gone)?;
        let aux = CreateWindowAux::new().override_redirect(1);
        let create = connection.create_window(0, probe, root, -1, -1, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux);
        create.map_err(gone)?;
        let (clients, known) = (HashSet::new(), HashMap::new());
        Ok(Self { root, atoms, probe, size, is_listed: false, clients, known })
    }

    /// What the windows mean now.
    pub(super) fn look(&mut self, connection: &RustConnection) -> Result<Meaning, CaptureError> {
        while let Some(event) = connection.poll_for_event().map_err(gone)? {
            self.hear(&event);
        }
        if !self.is_listed {
            self.list(connection)?;
            self.is_listed = true;
        }
        self.read(connection)?;
        let marks = || self.known.iter().filter_map(|(window, mark)| mark.as_ref().map(|mark| (window, mark)));
        // What a window manager has is there where it lies on no screen too.
        let shared =
            marks().any(|(window, mark)| mark.sign.sharing && (mark.is_shown || self.clients.contains(window)));
        let is_locker = marks().any(|(_, mark)| mark.is_shown && mark.is_alone && mark.sign.locker);
        let locked = is_locker || (marks().any(|(_, mark)| mark.covers) && self.is_keyboard_held(connection)?);
        Ok(Meaning { locked, shared })
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::CreateNotify(_) => self.is_listed = false,
            Event::DestroyNotify(event) => {
                self.known.remove(&event.window);
                self.is_listed = false;
            }
            Event::ReparentNotify(event) => {
                self.forget(event.window);
                self.is_listed = false;
            }
            Event::MapNotify(event) => self.forget(event.window),
            Event::UnmapNotify(event) => self.forget(event.window),
            Event::ConfigureNotify(event) if event.window == self.root => {
                // Another size of the screen: which windows cover it is open again.
                self.size = (event.width, event.height);
                self.known.values_mut().for_each(|mark| *mark = None);
            }
            // Others move often, and cover nothing that counts.
            Event::ConfigureNotify(event) if event.override_redirect => self.forget(event.window),
            Event::PropertyNotify(event) if event.window == self.root => {
                self.is_listed &= event.atom != self.atoms._NET_CLIENT_LIST;
            }
            Event::PropertyNotify(event) => {
                let Atoms { _NET_WM_NAME, _NET_WM_STATE, WM_WINDOW_ROLE, .. } = self.atoms;
                let old = [AtomEnum::WM_CLASS, AtomEnum::WM_NAME, AtomEnum::WM_NORMAL_HINTS].map(u32::from);
                if old.contains(&event.atom) || [_NET_WM_NAME, _NET_WM_STATE, WM_WINDOW_ROLE].contains(&event.atom) {
                    self.forget(event.window);
                }
            }
            _ => {}
        }
    }

    fn forget(&mut self, window: Window) {
        if let Some(mark) = self.known.get_mut(&window) {
            *mark = None;
        }
    }

    /// Which windows there are: the root's children, and those that the window manager has put into frames.
    fn list(&mut self, connection: &RustConnection) -> Result<(), CaptureError> {
        let tree = connection.query_tree(self.root).map_err(gone)?;
        let clients = self.atoms._NET_CLIENT_LIST;
        let clients = connection.get_property(false, self.root, clients, AtomEnum::WINDOW, 0, CLIENTS_MAX);
        let clients = clients.map_err(gone)?.reply().map_err(gone)?;
        self.clients = clients.value32().into_iter().flatten().collect();
        let children = tree.reply().map_err(gone)?.children;
        let all: HashSet<Window> = children.into_iter().chain(self.clients.iter().copied()).collect();
        self.known.retain(|window, _| all.contains(window));
        for window in all {
            if window != self.probe && !self.known.contains_key(&window) {
                // First this, then what it is: no change falls between.
                listen(connection, window, EventMask::PROPERTY_CHANGE)?;
                self.known.insert(window, None);
            }
        }
        Ok(())
    }

    /// Reads what has to be read.
    fn read(&mut self, connection: &RustConnection) -> Result<(), CaptureError> {
        let unread = self.known.iter().filter(|(_, mark)| mark.is_none()).map(|(window, _)| *window);
        let asked: Result<Vec<_>, _> = unread.map(|window| Asked::send(connection, &self.atoms, window)).collect();
        for asked in asked? {
            let window = asked.window;
            let mark = asked.receive(self.size, self.atoms._NET_WM_STATE_ABOVE)?;
            self.known.insert(window, Some(mark));
        }
        Ok(())
    }

    /// Whether another client holds the keyboard.
    fn is_keyboard_held(&self, connection: &RustConnection) -> Result<bool, CaptureError> {
        let mode = GrabMode::ASYNC;
        let asked = connection.grab_keyboard(false, self.probe, x11rb::CURRENT_TIME, mode, mode).map_err(gone)?;
        Ok(asked.reply().map_err(gone)?.status == GrabStatus::ALREADY_GRABBED)
    }
}

fn listen(connection: &RustConnection, window: Window, mask: EventMask) -> Result<(), CaptureError> {
    // A window that is gone already is an error event that nobody reads.
    let aux = ChangeWindowAttributesAux::new().event_mask(mask);
    connection.change_window_attributes(window, &aux).map(drop).map_err(gone)
}

/// What was asked about a window: all of it before the first answer, so that many windows take as long as one.
struct Asked<'c> {
    window: Window,
    attributes: Cookie<'c, RustConnection, GetWindowAttributesReply>,
    geometry: Cookie<'c, RustConnection, GetGeometryReply>,
    class: Cookie<'c, RustConnection, GetPropertyReply>,
    role: Cookie<'c, RustConnection, GetPropertyReply>,
    title: Cookie<'c, RustConnection, GetPropertyReply>,
    name: Cookie<'c, RustConnection, GetPropertyReply>,
    state: Cookie<'c, RustConnection, GetPropertyReply>,
    hints: Cookie<'c, RustConnection, GetPropertyReply>,
}

impl<'c> Asked<'c> {
    fn send(connection: &'c RustConnection, atoms: &Atoms, window: Window) -> Result<Self, CaptureError> {
        let property =
            |atom| connection.get_property(false, window, atom, AtomEnum::ANY, 0, NAME_UNITS_MAX).map_err(gone);
        Ok(Self {
            window,
            attributes: connection.get_window_attributes(window).map_err(gone)?,
            geometry: connection.get_geometry(window).map_err(gone)?,
            class: property(AtomEnum::WM_CLASS.into())?,
            role: property(atoms.WM_WINDOW_ROLE)?,
            title: property(atoms._NET_WM_NAME)?,
            name: property(AtomEnum::WM_NAME.into())?,
            state: property(atoms._NET_WM_STATE)?,
            hints: property(AtomEnum::WM_NORMAL_HINTS.into())?,
        })
    }

    /// What the window is; nothing special where it has vanished meanwhile. `above` is the state that keeps it on top.
    fn receive(self, size: (u16, u16), above: Atom) -> Result<Mark, CaptureError> {
        let attributes = answer(self.attributes.reply())?;
        let geometry = answer(self.geometry.reply())?;
        let (class, role) = (bytes(self.class)?, bytes(self.role)?);
        let (title, name) = (bytes(self.title)?, bytes(self.name)?);
        let (state, hints) = (numbers(self.state)?, numbers(self.hints)?);
        let Some((attributes, geometry)) = attributes.zip(geometry) else { return Ok(Mark::default()) };
        let is_shown = attributes.map_state == MapState::VIEWABLE;
        let is_alone = attributes.override_redirect;
        let is_picture = is_alone && attributes.class == WindowClass::INPUT_OUTPUT;
        let title = if title.is_empty() { &name } else { &title };
        let is_bar = !is_alone && state.contains(&above) && has_one_size(&hints);
        Ok(Mark {
            is_shown,
            is_alone,
            covers: is_shown && is_picture && covers(&geometry, size),
            sign: signs::read(Names { class: &class, role: &role, title, is_bar }),
        })
    }
}

fn bytes(asked: Cookie<'_, RustConnection, GetPropertyReply>) -> Result<Vec<u8>, CaptureError> {
    Ok(answer(asked.reply())?.map(|reply| reply.value).unwrap_or_default())
}

fn numbers(asked: Cookie<'_, RustConnection, GetPropertyReply>) -> Result<Vec<u32>, CaptureError> {
    let reply = answer(asked.reply())?;
    Ok(reply.iter().filter_map(GetPropertyReply::value32).flatten().collect())
}

/// Whether the size cannot be changed: the smallest is the largest (`WM_NORMAL_HINTS`; ICCCM, 4.1.2.3).
fn has_one_size(hints: &[u32]) -> bool {
    /// The bits that say that the two are given.
    const BOTH: u32 = 16 | 32;
    match *hints {
        [flags, _, _, _, _, min_width, min_height, max_width, max_height, ..] => {
            flags & BOTH == BOTH && (min_width, min_height) == (max_width, max_height)
        }
        _ => false,
    }
}

fn covers(window: &GetGeometryReply, (width, height): (u16, u16)) -> bool {
    let reaches = |start: i16, length: u16, end: u16| start <= 0 && i32::from(start) + i32::from(length) >= end.into();
    reaches(window.x, window.width, width) && reaches(window.y, window.height, height)
}

/// The answer; nothing where the window has vanished.
fn answer<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, CaptureError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(error @ ReplyError::ConnectionError(_)) => Err(gone(error)),
    }
}
