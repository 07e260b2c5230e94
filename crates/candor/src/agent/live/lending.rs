//! The participant's recordings while a recorder has the spool open: it hands out what is sealed, and cannot open any of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_model::header::{Schema, SessionContext};
use candor_model::{EraseWhat, SessionId};
use candor_seal::{Encapsulation, RecipientRole, SealedSegment, Wrap};
use candor_store::spool::{Erased, Own};
use candor_store::{SegmentId, Spool};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Reached, Request, ask, reach};
use crate::agent::Home;
use crate::agent::erase::{self, Plan};
use crate::agent::recordings::{Keeper, Recordings};

const ENDED: &str = "the recorder ended meanwhile; try again";

/// A segment's name on the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Name {
    session: SessionId,
    /// Remarks; else events.
    remarks: bool,
    number: u32,
}

impl From<SegmentId> for Name {
    fn from(id: SegmentId) -> Self {
        Self { session: id.session, remarks: id.schema == Schema::Remarks, number: id.number }
    }
}

impl From<Name> for SegmentId {
    fn from(name: Name) -> Self {
        let schema = if name.remarks { Schema::Remarks } else { Schema::Events };
        Self { session: name.session, schema, number: name.number }
    }
}

/// What is to be erased. Sessions are looked through anew by the recorder, whose last segment closes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    what: EraseWhat,
    /// Of a part of a session.
    segments: Vec<Name>,
}

impl Erasure {
    /// What the recorder is asked.
    pub(crate) fn of(plan: &Plan) -> Self {
        let named = matches!(plan.what, EraseWhat::Spans(_));
        let segments = plan.segments.iter().filter(|_| named).map(|id| Name::from(*id)).collect();
        Self { what: plan.what.clone(), segments }
    }

    /// What that is by now.
    pub(super) fn plan(&self, spool: &Spool, whole: bool) -> Plan {
        let segments = match &self.what {
            EraseWhat::Everything => spool.segments(),
            EraseWhat::Session { session } => Plan::session(spool, *session).segments,
            EraseWhat::Spans(_) => self.segments.iter().copied().map(SegmentId::from).collect(),
        };
        Plan { what: self.what.clone(), segments, whole }
    }

    /// Whether something of that session goes.
    pub(super) fn names(&self, session: SessionId) -> bool {
        match &self.what {
            EraseWhat::Everything => true,
            EraseWhat::Session { session: named } => *named == session,
            EraseWhat::Spans(spans) => spans.iter().any(|span| span.session == session),
        }
    }
}

/// [`Erased`] on the socket, and whether all that there is could be looked at.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gone {
    segments: Vec<Name>,
    uploaded: Vec<Name>,
    tombstones: Vec<Name>,
    whole: bool,
}

impl Gone {
    pub(super) fn new(erased: Erased, whole: bool) -> Self {
        let names = |ids: Vec<SegmentId>| ids.into_iter().map(Name::from).collect();
        Self {
            segments: names(erased.segments),
            uploaded: names(erased.uploaded),
            tombstones: names(erased.tombstones),
            whole,
        }
    }
}

impl From<Gone> for Erased {
    fn from(gone: Gone) -> Self {
        let ids = |names: Vec<Name>| names.into_iter().map(SegmentId::from).collect();
        Self { segments: ids(gone.segments), uploaded: ids(gone.uploaded), tombstones: ids(gone.tombstones) }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    sessions: BTreeSet<SessionId>,
    segments: Vec<Name>,
}

/// What [`Own`] holds, in base64url.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    segment: String,
    device: String,
    wrap: String,
    /// Which encapsulation.
    number: u32,
    enc: String,
}

/// What there is.
///
/// # Errors
/// Where it cannot be written down.
pub(super) fn list(spool: &Spool) -> Result<String> {
    let segments = spool.segments().into_iter().map(Name::from).collect();
    Ok(serde_json::to_string(&List { sessions: spool.sessions().into_iter().collect(), segments })?)
}

/// One segment as it lies here.
///
/// # Errors
/// Where it was erased or altered.
pub(super) fn sealed(spool: &Spool, name: Name) -> Result<String> {
    let own = spool.own(name.into())?;
    let device = spool.about(name.session)?.device;
    Ok(serde_json::to_string(&Sealed {
        segment: URL_SAFE_NO_PAD.encode(own.segment.as_bytes()),
        device: URL_SAFE_NO_PAD.encode(device.as_bytes()),
        wrap: URL_SAFE_NO_PAD.encode(own.wrap.0),
        number: own.encapsulation.number,
        enc: URL_SAFE_NO_PAD.encode(&own.encapsulation.enc),
    })?)
}

/// Finds who has the recordings.
///
/// # Errors
/// As [`reach`]'s.
pub(crate) fn lent(home: &Home) -> Result<Keeper> {
    Ok(match reach(home, Request::List)? {
        Reached::Spool(spool) => Keeper::here(spool),
        Reached::Recorder(answer) => Keeper::Recorder(Box::new(Lent::new(home, answer)?)),
    })
}

/// The same for whoever erases: a recorder that runs pauses first, so that all there is can be read.
///
/// # Errors
/// As [`reach`]'s.
pub(crate) fn held(home: &Home) -> Result<Keeper> {
    loop {
        let Some(status) = ask(home, Request::Status)? else {
            match lent(home)? {
                Keeper::Spool { spool, .. } => {
                    let whole = erase::make_ready(home, &spool);
                    return Ok(Keeper::Spool { spool, whole });
                }
                // It has just started.
                Keeper::Recorder(_) => continue,
            }
        };
        let paused = status.get("recorder").is_some_and(|recorder| recorder == "paused");
        if ask(home, Request::Pause)?.is_some()
            && let Keeper::Recorder(lent) = lent(home)?
        {
            return Ok(Keeper::Recorder(Box::new(Lent { resume: !paused, ..*lent })));
        }
    }
}

/// What the recorder that runs has.
pub(crate) struct Lent {
    home: Home,
    sessions: BTreeSet<SessionId>,
    segments: Vec<SegmentId>,
    contexts: RefCell<BTreeMap<SessionId, SessionContext>>,
    /// Whether it was paused for the sake of whoever asks.
    resume: bool,
}

impl Lent {
    fn new(home: &Home, answer: Value) -> Result<Self> {
        let List { sessions, segments } = serde_json::from_value(answer)?;
        let segments = segments.into_iter().map(SegmentId::from).collect();
        Ok(Self { home: home.clone(), sessions, segments, contexts: RefCell::default(), resume: false })
    }

    /// Has the recorder erase.
    ///
    /// # Errors
    /// As [`crate::agent::erase::erase`]'s.
    pub(crate) fn erase(&self, plan: &Plan) -> Result<(Erased, bool)> {
        let answer = ask(&self.home, Request::Erase(Erasure::of(plan)))?.context(ENDED)?;
        let gone: Gone = serde_json::from_value(answer)?;
        let whole = gone.whole;
        Ok((gone.into(), whole))
    }

    /// Nothing is erased: a recorder that was paused for it goes on.
    ///
    /// # Errors
    /// Where it does not answer.
    pub(crate) fn go_on(&self) -> Result<()> {
        if self.resume {
            ask(&self.home, Request::Resume)?;
        }
        Ok(())
    }

    fn read(&self, id: SegmentId) -> Result<Option<Own>> {
        let answer = ask(&self.home, Request::Sealed(id.into()))?.context(ENDED)?;
        let sealed: Sealed = serde_json::from_value(answer)?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text);
        let (device, wrap) = (decode(&sealed.device)?, decode(&sealed.wrap)?);
        let (Ok(device), Ok(wrap)) = (device.as_slice().try_into(), wrap.as_slice().try_into()) else {
            return Ok(None);
        };
        let segment = SealedSegment::parse(decode(&sealed.segment)?, &VerifyingKey::from_bytes(device)?)?;
        let (role, enc) = (RecipientRole::Participant, decode(&sealed.enc)?);
        Ok(Some(Own { segment, wrap: Wrap(wrap), encapsulation: Encapsulation { role, number: sealed.number, enc } }))
    }
}

impl Recordings for Lent {
    fn knows(&self, session: SessionId) -> bool {
        self.sessions.contains(&session)
    }

    fn segments(&self) -> Vec<SegmentId> {
        self.segments.clone()
    }

    fn context(&self, session: SessionId) -> Result<SessionContext> {
        if let Some(known) = self.contexts.borrow().get(&session) {
            return Ok(known.clone());
        }
        let first = self.segments.iter().find(|id| id.session == session).context("nothing of that session is here")?;
        self.own(*first).map(|own| own.segment.header().context.clone())
    }

    fn own(&self, id: SegmentId) -> Result<Own> {
        let own = self.read(id)?.context("this is another version's recorder; restart it")?;
        self.contexts.borrow_mut().insert(id.session, own.segment.header().context.clone());
        Ok(own)
    }
}
