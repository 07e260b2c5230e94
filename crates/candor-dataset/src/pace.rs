//! A session's time in a dataset: made anew, so that nobody's pace is in it.
//!
//! Of the original time each pause between steps gives its bucket, and nothing else passes. What steps last follows from
//! what they are. Start and end of every row are sums of what was drawn.
//!
//! Architecture invariant: whatever is drawn for a step is a PRF of the dataset's secret, the session's name and the step's
//! number (invariant 18); no other session or person changes it.

use candor_model::key::Shape;
use candor_model::{Hash, Ticks};
use candor_redact::regenerate::{self, Bits, PathPoint, Pause};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::reduce::{Action, Step, TypedRun};
use crate::row::POSITION_STEPS;

/// The version of the rules and of the population; manifests carry it.
pub const REGENERATOR_VERSION: u16 = 2;

/// Random bits for the steps of one session: HMAC-SHA256 in counter mode (NIST SP 800-108) over the step's number and a
/// block's, 8 bytes each, big-endian.
pub(crate) struct StepBits {
    key: Zeroizing<[u8; 32]>,
    step: u64,
    block: u64,
    left: std::vec::IntoIter<u32>,
}

impl StepBits {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key: Zeroizing::new(key), step: 0, block: 0, left: Vec::new().into_iter() }
    }

    /// The bits of this step from here on.
    fn step(&mut self, step: u64) {
        (self.step, self.block, self.left) = (step, 0, Vec::new().into_iter());
    }

    fn refill(&mut self) {
        let message = [self.step.to_be_bytes(), self.block.to_be_bytes()].concat();
        // HMAC takes keys of any length, so the hash is never what comes out.
        let block: [u8; 32] = match Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            Ok(mac) => mac.chain_update(&message).finalize().into_bytes().into(),
            Err(_) => Hash::of(&message).0,
        };
        self.block += 1;
        let words = block.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        self.left = words.collect::<Vec<_>>().into_iter();
    }
}

impl Bits for StepBits {
    fn next(&mut self) -> u32 {
        if self.left.len() == 0 {
            self.refill();
        }
        self.left.next().unwrap_or_default()
    }
}

impl std::fmt::Debug for StepBits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StepBits(..)")
    }
}

/// When a step is, in a dataset: microseconds since the session's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The way of a drag.
    pub(crate) path: Vec<PathPoint>,
}

/// From where to where a drag goes, in the row's positions.
pub(crate) type Ends = ((i64, i64), (i64, i64));

/// The dataset's time of one session.
#[derive(Debug)]
pub(crate) struct Pace {
    micros: u64,
    bits: StepBits,
    next: u64,
    /// The latest end so far, as it was.
    ended: Ticks,
    /// A hold on purpose that other steps may lie in: its end as it was, and as it is here.
    held: Option<(Ticks, u64)>,
    /// The last start, here.
    start: u64,
    /// The latest end, here.
    end: u64,
}

impl Pace {
    /// For a session whose ticks are `micros` long.
    pub(crate) fn new(micros: u32, bits: StepBits) -> Self {
        Self { micros: micros.into(), bits, next: 0, ended: 0, held: None, start: 0, end: 0 }
    }

    /// The time of the next step, and its way where it is a drag between these places.
    pub(crate) fn step(&mut self, step: &Step, drag: Option<Ends>) -> Span {
        self.bits.step(self.next);
        self.next += 1;
        let start = self.start_of(step);
        let way = |(from, to)| regenerate::path(from, to, POSITION_STEPS as u32, &mut self.bits);
        let path = drag.map(way).unwrap_or_default();
        let takes = path.last().map(|point| point.after);
        let takes = takes.unwrap_or_else(|| duration(&step.action, &mut self.bits));
        let end = start.saturating_add(takes);
        if matches!(step.action, Action::Drag { .. } | Action::LongPress { .. }) {
            self.held = Some((step.end, end));
        }
        self.ended = self.ended.max(step.end);
        (self.start, self.end) = (start, self.end.max(end));
        Span { start, end, path }
    }

    /// What was done while a button was held on purpose stays within the hold. Everything else comes one after the other:
    /// how a person's keys overlap is theirs.
    fn start_of(&mut self, step: &Step) -> u64 {
        if let Some((was, is)) = self.held
            && step.start < was
        {
            return regenerate::between(&mut self.bits, self.start, is.max(self.start));
        }
        let pause = step.start.saturating_sub(self.ended).saturating_mul(self.micros);
        self.end.saturating_add(Pause::of(pause).redraw(&mut self.bits))
    }
}

fn duration(action: &Action, bits: &mut impl Bits) -> u64 {
    match action {
        Action::Click { count, .. } => regenerate::clicks((*count).into(), bits),
        Action::LongPress { .. } => regenerate::long_hold(bits),
        // A drag takes as long as its way does.
        Action::Drag { .. } | Action::Gap => 0,
        Action::Scroll { dx, dy, .. } => regenerate::scroll(dx.unsigned_abs().max(dy.unsigned_abs()), bits),
        Action::Type { typed } => regenerate::typing(typed.iter().flat_map(classes), bits),
        Action::Press { count, .. } | Action::Hotkey { count, .. } => regenerate::keys(*count, bits),
    }
}

/// The classes of what was typed, whether or not the characters were let through.
fn classes(run: &TypedRun) -> Box<dyn Iterator<Item = (Shape, u32)> + '_> {
    match run {
        TypedRun::Shapes(run) => Box::new(std::iter::once((run.shape, run.count))),
        TypedRun::Text(text) => Box::new(text.chars().map(|c| (Shape::of(c), 1))),
        // How long the value was is not told: every value takes as long as a long word.
        TypedRun::Surrogate { .. } => Box::new(std::iter::once((Shape::Letter, SURROGATE))),
    }
}

/// How many letters a surrogate takes to type.
const SURROGATE: u32 = 12;
