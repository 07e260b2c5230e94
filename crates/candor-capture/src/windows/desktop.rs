//! The source: what the hooks read, joined with what the eye saw.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use candor_consent::CaptureRight;
use candor_model::event::{Button, Press};
use candor_model::{Actor, ClockUnit, Ticks};
use candor_redact::{GapCause, Observation, Observed, Raw};

use super::clock::Clock;
use super::gate::{Answer, Gate, Settled};
use super::hooks::{Counts, Device, Hooks, What};
use super::meaning::{AltGr, meaning};
use super::{eye, scan};
use crate::source::{Capabilities, CaptureError, CaptureSource};

/// How many messages wait at most for whoever polls: a quarter of a minute of a busy pointer.
pub(super) const WAITING_MAX: usize = 16_384;
/// How often the gate is looked at while something waits there and nothing comes.
const PACE: Duration = Duration::from_millis(20);

/// What the two threads say.
pub(super) enum Message {
    Device(Device),
    Answer(Box<Answer>),
}

/// The desktop of the Windows session that this program runs in.
pub struct Windows {
    hooks: Hooks,
    messages: Receiver<Message>,
    looks: SyncSender<()>,
    counts: Arc<Counts>,
    gate: Gate<Device>,
    clock: Clock,
    altgr: AltGr,
    gaps: u64,
    has_begun: bool,
}

impl Windows {
    /// Begins to watch the desktop. `right` says that consent and lease hold.
    ///
    /// # Errors
    /// [`CaptureError::NoHooks`] where the system does not let us.
    pub fn open(_right: &CaptureRight<'_>) -> Result<Self, CaptureError> {
        Self::watch(WAITING_MAX)
    }

    pub(super) fn watch(waiting_max: usize) -> Result<Self, CaptureError> {
        let (sender, messages) = sync_channel(waiting_max);
        // One wish is enough: whoever looks then sees what all wished for.
        let (looks, wishes) = sync_channel(1);
        let counts = Arc::<Counts>::default();
        eye::start(wishes, sender.clone(), Arc::clone(&counts)).map_err(CaptureError::NoHooks)?;
        let hooks = Hooks::start(sender, looks.clone(), Arc::clone(&counts)).map_err(CaptureError::NoHooks)?;
        let (gate, clock) = (Gate::default(), Clock::new(Instant::now()));
        let source =
            Self { hooks, messages, looks, counts, gate, clock, altgr: AltGr::default(), gaps: 0, has_begun: false };
        source.look();
        Ok(source)
    }

    /// Wishes for a look at the focus; where one is due already, that is enough.
    fn look(&self) {
        let _ = self.looks.try_send(());
    }

    pub(super) fn pump(&mut self, wait: Duration, out: &mut Vec<Observation>) -> Result<(), CaptureError> {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let patience = if self.gate.oldest().is_some() { left.min(PACE) } else { left };
            match self.messages.recv_timeout(patience) {
                Ok(message) => {
                    self.receive(message);
                    while let Ok(message) = self.messages.try_recv() {
                        self.receive(message);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            }
            if !self.hooks.is_alive() {
                return Err(ended());
            }
            self.note_losses();
            let now = Instant::now();
            if self.gate.asks(now) {
                self.look();
            }
            self.settle(now, out);
            if !out.is_empty() || Instant::now() >= until {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, message: Message) {
        match message {
            Message::Device(device) => {
                let is_key = matches!(device.what, What::Key { .. });
                let at = self.clock.at(device.read, device.late);
                self.gate.device(at, device.read, is_key, device);
                if is_key {
                    // What it changed is seen sooner than the desktop tells; what it did not, again later.
                    self.look();
                }
            }
            Message::Answer(answer) => {
                let at = self.clock.at(answer.answered, 0);
                self.gate.answer(at, *answer);
            }
        }
    }

    /// A loss is told where it was noticed. Window and field are named again after it.
    fn note_losses(&mut self) {
        let lost = self.counts.lost.load(Ordering::Relaxed);
        if lost > self.gaps {
            self.gaps = lost;
            let read = Instant::now();
            let gap = Device { what: What::Lost, injected: false, read, late: 0 };
            self.gate.device(self.clock.at(read, 0), read, false, gap);
            self.gate.forget();
            self.look();
        }
    }

    fn settle(&mut self, now: Instant, out: &mut Vec<Observation>) {
        let Self { gate, altgr, has_begun, .. } = self;
        gate.settle(now, |at, settled| {
            *has_begun = true;
            let mut put = |actor, what| out.push(Observation { at, actor, what });
            match settled {
                Settled::Device(device) => {
                    let actor = if device.injected { Actor::Injected } else { Actor::Human };
                    if let Some(what) = observed(device.what, altgr) {
                        put(actor, what);
                    }
                }
                Settled::Window(window) => {
                    let what = Observed::Window { app: window.app, title: window.title, origin: None };
                    put(Actor::Unknown, what);
                }
                Settled::Field(field) => {
                    let (element, role, secret) = (field.element, field.role, field.secret);
                    put(Actor::Unknown, Observed::Field { element, role, secret, value: None });
                }
            }
        });
    }
}

fn observed(what: What, altgr: &mut AltGr) -> Option<Observed> {
    Some(match what {
        What::Key { press, vk, scan, extended, held, layout } => {
            let altgr = altgr.key(press == Press::Down, vk, scan)?;
            let print = |held| layout.print(vk, scan, held);
            let logical = meaning(vk, scan, held, altgr, layout.language(), print);
            Observed::Key { press, physical: scan::physical(scan, extended), logical }
        }
        What::Button { press, number, x, y } => Observed::Button { press, button: Button(number), x, y },
        What::Move { x, y, drag } => Observed::Move { x, y, drag },
        What::Wheel { dx, dy, x, y } => Observed::Scroll { dx, dy, x, y },
        What::Lost => Observed::Gap { cause: GapCause::Lost },
    })
}

impl CaptureSource for Windows {
    fn capabilities(&self) -> Capabilities {
        Capabilities { windows: true, fields: true, smooth_scroll: true, actors: true }
    }

    fn clock_unit(&self) -> ClockUnit {
        ClockUnit::MILLISECOND
    }

    fn poll(&mut self, _right: &CaptureRight<'_>, wait: Duration, out: &mut Vec<Raw>) -> Result<(), CaptureError> {
        let mut observed = Vec::new();
        let result = self.pump(wait, &mut observed);
        out.extend(observed.into_iter().map(Raw::new));
        result
    }

    fn settled(&self) -> Option<Ticks> {
        let now = self.clock.settled(Instant::now());
        self.has_begun.then(|| self.gate.oldest().map_or(now, |oldest| oldest.min(now)))
    }

    fn lost(&self) -> u64 {
        self.counts.lost.load(Ordering::Relaxed)
    }
}

fn ended() -> CaptureError {
    CaptureError::Gone("the threads that watch it ended".into())
}
