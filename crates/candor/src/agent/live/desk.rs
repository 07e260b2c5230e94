//! What stands between the recorder and one X display: the indicator, what surrounds the person, the source.

use candor_capture::a11y::Gate;
use candor_capture::x11::X11;
use candor_capture::x11::indicator::{Asked, Indicator, NotVisible, Options, Shown};
use candor_capture::x11::surroundings::{Seen, Surroundings};
use candor_capture::{CaptureError, CaptureSource};
use candor_consent::CaptureRight;

use super::mode::{Mode, Why};

/// A display with the indicator on it.
pub(super) struct Desk {
    display: Option<String>,
    indicator: Indicator,
    surroundings: Surroundings,
}

impl Desk {
    /// Opens the display of that name, of `DISPLAY` where none is given, and puts the indicator on it.
    ///
    /// # Errors
    /// [`Why`] nothing can be recorded there.
    pub(super) fn open(display: Option<&str>) -> Result<Self, Why> {
        let unfit = |error: CaptureError| Why::Desktop(error.to_string());
        let indicator = Indicator::open(display, Options::default()).map_err(unfit)?;
        let surroundings = Surroundings::open(display).map_err(unfit)?;
        Ok(Self { display: display.map(str::to_owned), indicator, surroundings })
    }

    /// Whether the indicator can be seen. Recording stops at once where it cannot.
    ///
    /// # Errors
    /// [`Why`] recording has to stop: something hid it, or the display is gone.
    pub(super) fn check(&self) -> Result<(), Why> {
        self.indicator.check().map_err(|error| match error {
            NotVisible::Gone => Why::Desktop(error.to_string()),
            NotVisible::Covered | NotVisible::Silent => Why::Covered,
            hidden => Why::Unseen(hidden.to_string()),
        })
    }

    /// Whether it can be seen now; of what was before, [`Self::check`] knows.
    pub(super) fn is_visible(&self) -> bool {
        self.indicator.visible()
    }

    /// Shows the mode.
    pub(super) fn show(&self, mode: &Mode) {
        self.indicator.show(match mode {
            Mode::Recording => Shown::Recording,
            Mode::Stopped => Shown::Stopped(""),
            Mode::Paused(why) => Shown::Paused(why.word()),
            Mode::Waiting(why) => Shown::Holding(why.word()),
        });
    }

    /// Whether the person clicked it, or pressed its keys. However often: all that waited was meant for what it showed.
    pub(super) fn toggled(&self) -> bool {
        std::iter::from_fn(|| self.indicator.try_asked()).filter(|asked| matches!(asked, Asked::Toggle)).count() > 0
    }

    /// What surrounds the person now.
    ///
    /// # Errors
    /// [`Why`] that cannot be told: the display is gone.
    pub(super) fn surroundings(&mut self) -> Result<Seen, Why> {
        self.surroundings.look().map_err(|error| Why::Desktop(error.to_string()))
    }

    /// The source of this display, guarded by the accessibility bus.
    ///
    /// # Errors
    /// [`Why`] it cannot be watched.
    pub(super) fn source(&self, right: &CaptureRight<'_>) -> Result<Box<dyn CaptureSource>, Why> {
        let source = X11::open(right, self.display.as_deref()).map_err(|error| Why::Desktop(error.to_string()))?;
        let gate = Gate::start(None).map_err(|error| Why::Desktop(error.to_string()))?;
        Ok(Box::new(source.guarded(gate)))
    }
}
