//! The events of RECORD in their order, each with what the X Input extension tells of it on the other connection.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use candor_model::Actor;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

use super::devices::Devices;
use super::gone;
use super::wire::Device;
use crate::source::CaptureError;

/// How long an event waits at least for what is told of it. The server writes both in one turn, a fraction of a millisecond
/// apart. Nothing is late by it, for every event waits longer for its window; and a busy pointer does not wake us for each
/// motion.
pub(super) const LAG: Duration = Duration::from_millis(10);

pub(super) struct Join {
    devices: Option<Devices>,
    waiting: VecDeque<Device>,
    /// Where RECORD last told the pointer to be.
    pointer: (i16, i16),
}

impl Join {
    pub(super) fn new(connection: &RustConnection, root: Window) -> Result<Self, CaptureError> {
        let devices = Devices::watch(connection, root)?;
        let at = connection.query_pointer(root).map_err(gone)?.reply().map_err(gone)?;
        Ok(Self { devices, waiting: VecDeque::new(), pointer: (at.root_x, at.root_y) })
    }

    /// Whether anything is told of devices.
    pub(super) fn knows_devices(&self) -> bool {
        self.devices.is_some()
    }

    #[cfg(test)]
    pub(super) fn devices(&self) -> Option<&Devices> {
        self.devices.as_ref()
    }

    /// Takes in what the server said beside RECORD.
    pub(super) fn told(&mut self, connection: &RustConnection, event: &Event) -> Result<(), CaptureError> {
        let Some(devices) = &mut self.devices else { return Ok(()) };
        if let Some(scroll) = devices.told(connection, event)? {
            self.push(scroll);
        }
        Ok(())
    }

    /// Takes in an event. Those of RECORD stay in their order, and scroll distances are sorted in by a clock of milliseconds:
    /// in the same one the pointer has moved before it scrolls.
    pub(super) fn push(&mut self, device: Device) {
        let is_later = |other: &&Device| match device.is_scroll() {
            true => !other.is_scroll() && other.is_after(device.time),
            false => other.is_scroll() && !device.is_after(other.time),
        };
        let later = self.waiting.iter().rev().take_while(is_later).count();
        self.waiting.insert(self.waiting.len() - later, device);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When the first of what waits was read.
    pub(super) fn since(&self) -> Option<Instant> {
        self.waiting.front().map(|device| device.read)
    }

    /// The next that has waited for long enough, and who is behind it. A notch whose distance is told by itself is none.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Device, Actor)> {
        let has_waited = |device: &mut Device| now.saturating_duration_since(device.read) >= LAG;
        while let Some(mut device) = self.waiting.pop_front_if(has_waited) {
            if device.is_scroll() {
                (device.x, device.y) = self.pointer;
            } else {
                self.pointer = (device.x, device.y);
            }
            let Some(devices) = &mut self.devices else { return Some((device, Actor::Unknown)) };
            let behind = devices.behind(&device);
            if !behind.emulated {
                return Some((device, behind.actor));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::What;
    use super::*;

    #[test]
    fn a_distance_is_put_where_its_time_is() {
        let mut join = Join { devices: None, waiting: VecDeque::new(), pointer: (1, 1) };
        let read = Instant::now();
        let device = |what, time, x| Device { what, state: 0, time, x, y: 0, symbol: 0, read };
        let scroll = |time| device(What::Scroll { dx: 0, dy: 1, actor: Actor::Human }, time, 0);
        // The clock wraps; of two in one millisecond the motion comes first, whichever is told first.
        for told in
            [scroll(5), device(What::Motion, u32::MAX, 7), device(What::Motion, 5, 8), device(What::Motion, 6, 9)]
        {
            join.push(told);
        }
        join.push(scroll(6));
        assert_eq!(join.next(read).map(|_| ()), None, "it waits for what is told of it");
        let after = read + LAG;
        let order =
            std::iter::from_fn(|| join.next(after)).map(|(device, _)| (device.time, device.is_scroll(), device.x));
        let expected = [(u32::MAX, false, 7), (5, false, 8), (5, true, 8), (6, false, 9), (6, true, 9)];
        assert_eq!(order.collect::<Vec<_>>(), expected);
    }
}
