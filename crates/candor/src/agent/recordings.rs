//! A participant's own sealed recordings, wherever they are: in the spool, or with the recorder that has it open.

use anyhow::Result;
use candor_model::SessionId;
use candor_model::header::SessionContext;
use candor_store::spool::{Erased, Own};
use candor_store::{SegmentId, Spool};

use crate::agent::erase::{self, Plan};
use crate::agent::home::Home;
#[cfg(feature = "device")]
use crate::agent::live;

/// What can be read without changing anything.
pub(crate) trait Recordings {
    /// Whether there is such a session.
    fn knows(&self, session: SessionId) -> bool;

    /// The segments that can be read, in order.
    fn segments(&self) -> Vec<SegmentId>;

    /// What is public about a session.
    ///
    /// # Errors
    /// Where it is unknown.
    fn context(&self, session: SessionId) -> Result<SessionContext>;

    /// One segment, sealed, with what the participant's key opens it by.
    ///
    /// # Errors
    /// Where it was erased or altered.
    fn own(&self, id: SegmentId) -> Result<Own>;
}

impl Recordings for Spool {
    fn knows(&self, session: SessionId) -> bool {
        self.about(session).is_ok()
    }

    fn segments(&self) -> Vec<SegmentId> {
        Self::segments(self)
    }

    fn context(&self, session: SessionId) -> Result<SessionContext> {
        Ok(self.about(session)?.context)
    }

    fn own(&self, id: SegmentId) -> Result<Own> {
        Ok(Self::own(self, id)?)
    }
}

/// Who has them.
pub(crate) enum Keeper {
    /// Nobody else.
    Spool {
        /// Here it is.
        spool: Spool,
        /// Whether it shows all that there is.
        whole: bool,
    },
    /// The recorder that runs.
    #[cfg(feature = "device")]
    Recorder(Box<live::Lent>),
}

impl Keeper {
    /// The spool, for whoever only reads.
    pub(crate) const fn here(spool: Spool) -> Self {
        Self::Spool { spool, whole: true }
    }

    /// Finds who has the recordings.
    ///
    /// # Errors
    /// As [`Home::spool`]'s; where a recorder runs and does not answer.
    pub(crate) fn reach(home: &Home) -> Result<Self> {
        #[cfg(feature = "device")]
        return live::lent(home);
        #[cfg(not(feature = "device"))]
        Ok(Self::here(home.spool()?))
    }

    /// The same for whoever erases: a recorder that runs pauses first, so that all there is can be read.
    ///
    /// # Errors
    /// As [`Self::reach`]'s.
    pub(crate) fn hold(home: &Home) -> Result<Self> {
        #[cfg(feature = "device")]
        return live::held(home);
        #[cfg(not(feature = "device"))]
        Self::reach(home)
    }

    /// Nothing is erased after all: a recorder that was paused for it goes on.
    ///
    /// # Errors
    /// Where it does not answer.
    pub(crate) fn go_on(&self) -> Result<()> {
        match self {
            Self::Spool { .. } => Ok(()),
            #[cfg(feature = "device")]
            Self::Recorder(lent) => lent.go_on(),
        }
    }

    /// Whether a recorder runs.
    pub(crate) const fn is_recorder(&self) -> bool {
        !matches!(self, Self::Spool { .. })
    }

    /// What can be read.
    pub(crate) fn recordings(&self) -> &dyn Recordings {
        match self {
            Self::Spool { spool, .. } => spool,
            #[cfg(feature = "device")]
            Self::Recorder(lent) => &**lent,
        }
    }

    /// Erases, as [`erase::erase`]; a recorder that runs stays paused. Says too whether all there is could be looked at.
    ///
    /// # Errors
    /// As [`erase::erase`]'s.
    pub(crate) fn erase(&self, home: &Home, plan: Plan) -> Result<(Erased, bool)> {
        match self {
            Self::Spool { spool, whole } => {
                let whole = *whole;
                Ok((erase::erase(home, spool, &Plan { whole, ..plan })?, whole))
            }
            #[cfg(feature = "device")]
            Self::Recorder(lent) => lent.erase(&plan),
        }
    }
}
