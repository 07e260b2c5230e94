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
    /// Nobody else: here is the spool.
    Spool(Spool),
    /// The recorder that runs.
    #[cfg(feature = "device")]
    Recorder(Box<live::Lent>),
}

impl Keeper {
    /// Finds who has the recordings.
    ///
    /// # Errors
    /// As [`Home::spool`]'s; where a recorder runs and does not answer.
    pub(crate) fn reach(home: &Home) -> Result<Self> {
        #[cfg(feature = "device")]
        return live::lent(home);
        #[cfg(not(feature = "device"))]
        Ok(Self::Spool(home.spool()?))
    }

    /// The same for whoever erases: a recorder that runs closes its session, so that all there is can be read, and waits
    /// for [`Self::erase`] or [`Self::go_on`].
    ///
    /// # Errors
    /// As [`Self::reach`]'s.
    pub(crate) fn hold(home: &Home) -> Result<Self> {
        #[cfg(feature = "device")]
        live::ask(home, live::Request::Hold)?;
        Self::reach(home)
    }

    /// Nothing is erased: a recorder that runs may go on.
    ///
    /// # Errors
    /// Where it does not answer.
    #[cfg_attr(
        not(feature = "device"),
        expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "nobody waits")
    )]
    pub(crate) fn go_on(&self, home: &Home) -> Result<()> {
        #[cfg(feature = "device")]
        if matches!(self, Self::Recorder(_)) {
            live::ask(home, live::Request::GoOn)?;
        }
        #[cfg(not(feature = "device"))]
        let _ = home;
        Ok(())
    }

    /// What can be read.
    pub(crate) fn recordings(&self) -> &dyn Recordings {
        match self {
            Self::Spool(spool) => spool,
            #[cfg(feature = "device")]
            Self::Recorder(lent) => &**lent,
        }
    }

    /// Erases, as [`erase::erase`]; a recorder that runs ends its session first, and goes on with another.
    ///
    /// # Errors
    /// As [`erase::erase`]'s.
    pub(crate) fn erase(&self, home: &Home, plan: &Plan) -> Result<Erased> {
        match self {
            Self::Spool(spool) => erase::erase(home, spool, plan),
            #[cfg(feature = "device")]
            Self::Recorder(lent) => lent.erase(plan),
        }
    }
}
