//! What input comes from: the devices, and the device behind each event, by the X Input extension, version 2 (XI2proto.txt).
//!
//! RECORD does not tell the device of an event. Two things do, each at the time of the event that it belongs to. The raw
//! event of a key or button names its device. A master device says when another slave begins to drive it, which names the
//! device of what has no raw event: motion of the XTEST devices, which can be thousands a second, a key that repeats.
//!
//! The motion of all other devices is asked for raw. It tells scroll distances, and it is missing where a program put the
//! pointer somewhere: only what has it was moved by hand.
//!
//! Architecture invariant: what no device was found for is [`Actor::Unknown`]; nobody is guessed to be a person.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Instant;

use candor_model::Actor;
use x11rb::connection::RequestConnection;
use x11rb::cookie::Cookie;
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{
    self, ChangeReason, ConnectionExt as _, DeviceClass, DeviceClassData, DeviceId, DeviceType, EventMask,
    RawButtonPressEvent, TouchMode, XIDeviceInfo, XIEventMask, XIGetPropertyItems, XIGetPropertyReply,
};
use x11rb::protocol::xproto::{AtomEnum, Window};
use x11rb::rust_connection::RustConnection;

use super::gone;
use super::scroll::{self, Axis, Directions};
use super::wire::{Device, What, is_before};
use crate::source::CaptureError;

/// The first version that names the device of a raw event, and tells raw events while another client holds a grab.
const VERSION: (u16, u16) = (2, 1);
/// How many raw events and switches wait at most for the events that they belong to: as many as those.
const WAITING_MAX: usize = 65_536;
/// How long a raw event waits for its twin at most, in the server's milliseconds.
const RAW_AGE_MAX: u32 = 1_000;

x11rb::atom_manager! {
    /// What a device says about itself: the server's own mark, and what drivers of kernel devices set.
    Marks: MarksCookie {
        XTEST: b"XTEST Device".as_slice(),
        NODE: b"Device Node".as_slice(),
    }
}

/// The devices of a display, and what they did that RECORD has not told yet.
pub(super) struct Devices {
    root: Window,
    marks: Marks,
    slaves: Vec<Slave>,
    keyboards: Drivers,
    pointers: Drivers,
    raw: VecDeque<Raw>,
    /// When motion was told raw.
    moved: VecDeque<u32>,
    /// The keys that are down, and who holds them: the server repeats a key without a raw event.
    held: Vec<(u8, Source)>,
}

/// A device that moves a pointer or types.
struct Slave {
    id: DeviceId,
    source: Source,
    axes: Vec<Axis>,
}

/// What there is to know of the device behind an event, which may be gone when the event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    actor: Actor,
    /// Whether it tells distances down and across: the server makes buttons of them for those who do not listen.
    scrolls: Directions,
    /// Whether each of its motions is told raw.
    moves: bool,
}

impl Source {
    const UNKNOWN: Self =
        Self { actor: Actor::Unknown, scrolls: Directions { down: false, across: false }, moves: false };
}

/// A key or button as its device told it.
struct Raw {
    what: What,
    time: u32,
    source: Source,
}

/// Who is behind an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behind {
    pub(super) actor: Actor,
    /// It is a notch of a wheel whose distances are told by themselves.
    pub(super) emulated: bool,
}

impl Devices {
    /// Begins to watch the devices. Nothing where the server cannot tell what is needed.
    pub(super) fn watch(connection: &RustConnection, root: Window) -> Result<Option<Self>, CaptureError> {
        if connection.extension_information(xinput::X11_EXTENSION_NAME).map_err(gone)?.is_none() {
            return Ok(None);
        }
        let version = match connection.xinput_xi_query_version(VERSION.0, VERSION.1).map_err(gone)?.reply() {
            Ok(version) => (version.major_version, version.minor_version),
            Err(ReplyError::X11Error(_)) => return Ok(None),
            Err(error) => return Err(gone(error)),
        };
        if version < VERSION {
            return Ok(None);
        }
        let marks = Marks::new(connection).map_err(gone)?.reply().map_err(gone)?;
        let raw = XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_KEY_RELEASE
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_BUTTON_RELEASE;
        let masks = [
            mask(xinput::Device::ALL.into(), XIEventMask::HIERARCHY | XIEventMask::DEVICE_CHANGED),
            mask(xinput::Device::ALL_MASTER.into(), raw),
        ];
        connection.xinput_xi_select_events(root, &masks).map_err(gone)?.check().map_err(gone)?;
        let mut devices = Self {
            root,
            marks,
            slaves: Vec::new(),
            keyboards: Drivers::default(),
            pointers: Drivers::default(),
            raw: VecDeque::new(),
            moved: VecDeque::new(),
            held: Vec::new(),
        };
        devices.list(connection)?;
        Ok(Some(devices))
    }

    /// Takes in what the server said. A scroll distance is an event of a device like those of RECORD.
    pub(super) fn told(&mut self, connection: &RustConnection, event: &Event) -> Result<Option<Device>, CaptureError> {
        match event {
            Event::XinputRawMotion(motion) => return Ok(self.moved(motion)),
            Event::XinputRawKeyPress(e) => self.keep(What::KeyDown, e.detail, e.time, e.sourceid),
            Event::XinputRawKeyRelease(e) => self.keep(What::KeyUp, e.detail, e.time, e.sourceid),
            Event::XinputRawButtonPress(e) => self.keep(What::ButtonDown, e.detail, e.time, e.sourceid),
            Event::XinputRawButtonRelease(e) => self.keep(What::ButtonUp, e.detail, e.time, e.sourceid),
            Event::XinputDeviceChanged(change) if change.reason == ChangeReason::SLAVE_SWITCH => {
                let source = self.source(change.sourceid);
                let drivers = [&mut self.keyboards, &mut self.pointers];
                if let Some(drivers) = drivers.into_iter().find(|drivers| drivers.masters.contains(&change.deviceid)) {
                    drivers.switch(change.time, source);
                }
            }
            Event::XinputDeviceChanged(_) | Event::XinputHierarchy(_) => self.list(connection)?,
            _ => {}
        }
        Ok(None)
    }

    /// Who is behind this event of RECORD. To be asked once for each, in their order.
    pub(super) fn behind(&mut self, device: &Device) -> Behind {
        let raw = self.twin(device);
        let source = match device.what {
            What::KeyDown(code) => {
                let source = raw.or(self.holder(code)).unwrap_or_else(|| self.keyboards.at(device.time));
                self.let_go(code);
                self.held.push((code, source));
                source
            }
            What::KeyUp(code) => {
                let held = self.holder(code);
                // A release without a raw event is half of a repeat.
                if raw.is_some() {
                    self.let_go(code);
                }
                raw.or(held).unwrap_or_else(|| self.keyboards.at(device.time))
            }
            What::ButtonDown(_) | What::ButtonUp(_) => raw.unwrap_or_else(|| self.pointers.at(device.time)),
            What::Motion => {
                let source = self.pointers.at(device.time);
                if source.moves && !self.has_moved(device.time) { Source::UNKNOWN } else { source }
            }
            What::Scroll { actor, .. } => Source { actor, ..Source::UNKNOWN },
        };
        let emulated = match device.what {
            What::ButtonDown(4 | 5) | What::ButtonUp(4 | 5) => source.scrolls.down,
            What::ButtonDown(6 | 7) | What::ButtonUp(6 | 7) => source.scrolls.across,
            _ => false,
        };
        Behind { actor: source.actor, emulated }
    }

    fn holder(&self, code: u8) -> Option<Source> {
        self.held.iter().find(|(held, _)| *held == code).map(|(_, source)| *source)
    }

    fn let_go(&mut self, code: u8) {
        self.held.retain(|(held, _)| *held != code);
    }

    /// The device of the raw event of the same key or button at the same time.
    fn twin(&mut self, device: &Device) -> Option<Source> {
        let oldest = device.time.wrapping_sub(RAW_AGE_MAX);
        while self.raw.front().is_some_and(|raw| is_before(raw.time, oldest)) {
            self.raw.pop_front();
        }
        let at = self.raw.iter().position(|raw| raw.time == device.time && raw.what == device.what)?;
        Some(self.raw.remove(at)?.source)
    }

    fn keep(&mut self, what: fn(u8) -> What, detail: u32, time: u32, id: DeviceId) {
        let Ok(detail) = u8::try_from(detail) else { return };
        if self.raw.len() >= WAITING_MAX {
            self.raw.pop_front();
        }
        self.raw.push_back(Raw { what: what(detail), time, source: self.source(id) });
    }

    fn source(&self, id: DeviceId) -> Source {
        self.slaves.iter().find(|slave| slave.id == id).map_or(Source::UNKNOWN, |slave| slave.source)
    }

    /// Whether a device moved at that time.
    fn has_moved(&mut self, time: u32) -> bool {
        while self.moved.front().is_some_and(|moved| is_before(*moved, time)) {
            self.moved.pop_front();
        }
        self.moved.front() == Some(&time)
    }

    fn moved(&mut self, motion: &RawButtonPressEvent) -> Option<Device> {
        if self.moved.back() != Some(&motion.time) {
            if self.moved.len() >= WAITING_MAX {
                self.moved.pop_front();
            }
            self.moved.push_back(motion.time);
        }
        let slave = self.slaves.iter_mut().find(|slave| slave.id == motion.sourceid)?;
        let (dx, dy) = scroll::distance(&mut slave.axes, &motion.valuator_mask, &motion.axisvalues)?;
        let what = What::Scroll { dx, dy, actor: slave.source.actor };
        Some(Device { what, state: 0, time: motion.time, x: 0, y: 0, symbol: 0, read: Instant::now() })
    }

    /// Asks for the devices anew, and for the motion of those that have it.
    fn list(&mut self, connection: &RustConnection) -> Result<(), CaptureError> {
        let all = DeviceId::from(bool::from(xinput::Device::ALL));
        let infos = connection.xinput_xi_query_device(all).map_err(gone)?.reply().map_err(gone)?.infos;
        let (masters, slaves): (Vec<_>, Vec<_>) = infos
            .into_iter()
            .partition(|info| matches!(info.type_, DeviceType::MASTER_KEYBOARD | DeviceType::MASTER_POINTER));
        let ask =
            |id, mark| connection.xinput_xi_get_property(id, false, mark, AtomEnum::ANY.into(), 0, 64).map_err(gone);
        let asked = slaves.into_iter().map(|info| {
            let marks = [ask(info.deviceid, self.marks.XTEST)?, ask(info.deviceid, self.marks.NODE)?];
            Ok((info, marks))
        });
        let asked = asked.collect::<Result<Vec<_>, CaptureError>>()?;
        self.slaves = asked.into_iter().map(|(info, marks)| slave(&info, marks)).collect::<Result<_, _>>()?;
        for master in &masters {
            self.meet(master);
        }
        for slave in &self.slaves {
            let events = if slave.source.moves { XIEventMask::RAW_MOTION } else { XIEventMask::default() };
            let masks = [mask(slave.id, events)];
            // A device that is gone already is nothing to listen to.
            connection.xinput_xi_select_events(self.root, &masks).map_err(gone)?.ignore_error();
        }
        Ok(())
    }

    /// A master that was not there before: its classes name the slave that drives it.
    fn meet(&mut self, master: &XIDeviceInfo) {
        let driver = master.classes.iter().map(|class| class.sourceid).find(|source| *source != master.deviceid);
        let source = driver.map_or(Source::UNKNOWN, |driver| self.source(driver));
        let keyboard = master.type_ == DeviceType::MASTER_KEYBOARD;
        let drivers = if keyboard { &mut self.keyboards } else { &mut self.pointers };
        if drivers.masters.is_empty() {
            drivers.now = source;
        }
        if !drivers.masters.contains(&master.deviceid) {
            drivers.masters.push(master.deviceid);
        }
    }
}

/// Who drives the master devices of one kind, and who will at the times that RECORD has not reached yet.
struct Drivers {
    masters: Vec<DeviceId>,
    now: Source,
    since: Option<u32>,
    /// Two switches came at that time.
    mixed: bool,
    switches: VecDeque<(u32, Source)>,
}

impl Default for Drivers {
    fn default() -> Self {
        Self { masters: Vec::new(), now: Source::UNKNOWN, since: None, mixed: false, switches: VecDeque::new() }
    }
}

impl Drivers {
    fn switch(&mut self, time: u32, source: Source) {
        if self.switches.len() >= WAITING_MAX {
            self.next();
        }
        self.switches.push_back((time, source));
    }

    fn next(&mut self) {
        if let Some((since, source)) = self.switches.pop_front() {
            self.mixed = self.since == Some(since);
            (self.since, self.now) = (Some(since), source);
        }
    }

    /// Who drove at that time. A switch carries the time of the first event that the new device made, so what happened in
    /// the same millisecond is the new one's, unless there was another.
    fn at(&mut self, time: u32) -> Source {
        while self.switches.front().is_some_and(|(since, _)| !is_before(time, *since)) {
            self.next();
        }
        if self.mixed && self.since == Some(time) { Source::UNKNOWN } else { self.now }
    }
}

fn mask(deviceid: DeviceId, mask: XIEventMask) -> EventMask {
    EventMask { deviceid, mask: vec![mask] }
}

type Asked<'a> = Cookie<'a, RustConnection, XIGetPropertyReply>;

fn slave(info: &XIDeviceInfo, [xtest, node]: [Asked<'_>; 2]) -> Result<Slave, CaptureError> {
    let is_xtest = bytes(xtest)?.is_some_and(|mark| mark.first() == Some(&1));
    let node = bytes(node)?;
    let actor =
        if is_xtest || node.is_some_and(|node| is_made_by_software(&node)) { Actor::Injected } else { Actor::Human };
    // What fingers do on a screen comes as touches, and only the server makes motion of it.
    let moves = |class: &DeviceClass| matches!(class.data, DeviceClassData::Valuator(_));
    let touches = |class: &DeviceClass| match &class.data {
        DeviceClassData::Touch(touch) => touch.mode == TouchMode::DIRECT,
        _ => false,
    };
    let moves = !is_xtest && info.classes.iter().any(moves) && !info.classes.iter().any(touches);
    let axes = scroll::axes(if moves { &info.classes } else { &[] });
    Ok(Slave { id: info.deviceid, source: Source { actor, scrolls: scroll::directions(&axes), moves }, axes })
}

/// The property's bytes; nothing where the device does not have it, or is gone.
fn bytes(asked: Asked<'_>) -> Result<Option<Vec<u8>>, CaptureError> {
    match asked.reply() {
        Ok(XIGetPropertyReply { items: XIGetPropertyItems::Data8(bytes), .. }) => Ok(Some(bytes)),
        Ok(_) | Err(ReplyError::X11Error(_)) => Ok(None),
        Err(error) => Err(gone(error)),
    }
}

/// Whether the kernel's device at this node is one that a program made (uinput). Bluetooth keyboards are virtual to Linux
/// too, at another place.
fn is_made_by_software(node: &[u8]) -> bool {
    let node = String::from_utf8_lossy(node);
    let Some(event) = Path::new(node.trim_end_matches('\0')).file_name() else { return false };
    let device = std::fs::read_link(Path::new("/sys/class/input").join(event));
    device.is_ok_and(|device| device.to_string_lossy().contains("/devices/virtual/input/"))
}

#[cfg(test)]
mod tests;
