//! What a live source is to the recorder.

use std::time::Duration;

use candor_consent::CaptureRight;
use candor_model::ClockUnit;
use candor_redact::Raw;

/// What a source can tell. What it cannot tell the wall does not guess: without fields nothing that may be text passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// It names the window in focus and its application.
    pub windows: bool,
    /// It names the field in focus, its role and whether it holds a secret.
    pub fields: bool,
    /// It tells scroll distances finer than a notch.
    pub smooth_scroll: bool,
    /// It tells events that software made from those of devices.
    pub actors: bool,
}

/// A live source of observations.
pub trait CaptureSource {
    /// What it can tell.
    fn capabilities(&self) -> Capabilities;

    /// The unit of every `at`: to be declared by the session.
    fn clock_unit(&self) -> ClockUnit;

    /// Appends what was observed and has settled, waiting at most `wait` for something. `right` is asked for anew for each
    /// call: it says that consent and lease hold now.
    ///
    /// # Errors
    /// [`CaptureError`] where the source is gone; what was appended before stays.
    fn poll(&mut self, right: &CaptureRight<'_>, wait: Duration, out: &mut Vec<Raw>) -> Result<(), CaptureError>;

    /// The source's time now, of which nothing is older that is still to come; nothing before the first observation.
    fn settled(&self) -> Option<u64>;

    /// How many observations were lost because nobody took them in time.
    fn lost(&self) -> u64;

    /// How many observations wait in memory and are given up with the source; of those only that cannot be a secret's.
    fn waiting(&self) -> u64 {
        0
    }

    /// What the participant should know of what is withheld, once each: it holds nothing of what was observed.
    fn notice(&self) -> Option<String> {
        None
    }
}

/// Why a source cannot be used, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// There is no display, or it does not let us in.
    #[error("cannot reach the X server of display `{display}`: {source}; is DISPLAY set, and XAUTHORITY readable?")]
    NoDisplay {
        /// The display's name.
        display: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The display is one that would show a part of what happens only.
    #[error("{0}")]
    Unfit(&'static str),
    /// Windows does not let us watch its input.
    #[error("cannot watch the input of this Windows session: {0}; log in at the machine itself and start again")]
    NoHooks(std::io::Error),
    /// The display went away.
    #[error("the X server went away: {0}; recording stops until it is back")]
    Gone(Box<dyn std::error::Error + Send + Sync>),
}
