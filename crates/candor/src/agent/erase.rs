//! Erasing one's own recordings: here at once, and in the vault as soon as it is reached.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use candor_consent::{Signed, verify};
use candor_model::header::Schema;
use candor_model::{EraseReceipt, EraseRequest, EraseWhat, Nonce, SegmentSpan, SessionId, Typ};
use candor_seal::ShelfKey;
use candor_store::spool::{Erased, Now, SegmentState};
use candor_store::{SegmentId, Spool};
use serde::{Deserialize, Serialize};

use crate::agent::client::{Client, Refused};
use crate::agent::consent;
use crate::agent::home::Home;
use crate::agent::own::{Content, Reader};
use crate::agent::recordings::Recordings;
use crate::wire::SignedRecord;
use crate::{clock, files, keys};

const FILE: &str = "erasures.json";
/// So many spans fit into a request, some hundred bytes each, of which the vault takes 256 KiB.
const SPANS_MAX: usize = 1_000;

/// What lies in `erasures.json`: every request ever signed here, with the vault's receipt once there is one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    request: String,
    receipt: Option<String>,
}

/// What would go: shown before it goes.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What is asked of the vault.
    pub(crate) what: EraseWhat,
    /// What goes here.
    pub(crate) segments: Vec<SegmentId>,
    /// Whether the spool showed all that there is. What it does not show may wait for the vault still.
    pub(crate) whole: bool,
}

impl Plan {
    /// Everything on this device and in the vault.
    pub(crate) fn everything(recordings: &dyn Recordings) -> Self {
        Self { what: EraseWhat::Everything, segments: recordings.segments(), whole: true }
    }

    /// One session.
    pub(crate) fn session(recordings: &dyn Recordings, session: SessionId) -> Self {
        let segments = recordings.segments().into_iter().filter(|id| id.session == session).collect();
        Self { what: EraseWhat::Session { session }, segments, whole: true }
    }
}

/// Why nothing would be erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlan {
    /// A span that is none; `to` is infinite where it was left open.
    #[error("from second {from} to second {to} is no span; name seconds from 0 on, the earlier one with `--from`")]
    NoSpan {
        /// In seconds.
        from: f64,
        /// In seconds.
        to: f64,
    },
    /// A session that never was on this device.
    #[error("session `{0}` is unknown on this device; `candor show` lists yours")]
    UnknownSession(SessionId),
    /// A span without events.
    #[error("nothing of session `{session}` lies between second {from} and second {to}")]
    Empty {
        /// The session.
        session: SessionId,
        /// In seconds.
        from: f64,
        /// In seconds.
        to: f64,
    },
}

/// That the session is known here.
///
/// # Errors
/// [`NoPlan::UnknownSession`].
pub(crate) fn check_session(recordings: &dyn Recordings, session: SessionId) -> Result<(), NoPlan> {
    if recordings.knows(session) { Ok(()) } else { Err(NoPlan::UnknownSession(session)) }
}

/// That `from` and `to` are seconds after a start, in order.
fn check_span(from: f64, to: f64) -> Result<(), NoPlan> {
    let span = from.is_finite() && from >= 0.0 && to >= from;
    if span { Ok(()) } else { Err(NoPlan::NoSpan { from, to }) }
}

/// Whatever was recorded in the last `secs` seconds, rounded out to whole segments. A segment is as old as its end, by
/// whichever clock says less ([`candor_store::spool::Status::age_secs`]): one that was set hides no moment. Time in which the
/// device was off may count for nothing, so that more goes than was named, never less.
///
/// # Errors
/// Where the spool cannot be read.
#[cfg(feature = "device")]
pub(crate) fn plan_last(spool: &Spool, secs: u64, now: &Now) -> Result<Plan> {
    let status = spool.status(now)?;
    let segments: Vec<SegmentId> = status.iter().filter(|one| one.age_secs <= secs).map(|one| one.id).collect();
    let mut spans: BTreeMap<SessionId, SegmentSpan> = BTreeMap::new();
    for SegmentId { session, number, .. } in segments.iter().filter(|id| id.schema == Schema::Events).copied() {
        let span = spans.entry(session).or_insert(SegmentSpan { session, first: number, last: number });
        (span.first, span.last) = (span.first.min(number), span.last.max(number));
    }
    Ok(Plan { what: EraseWhat::Spans(spans.into_values().collect()), segments, whole: true })
}

/// What a plan comes to, as far as this device can read it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Extent {
    /// Sessions that lose something.
    pub(crate) sessions: usize,
    /// Event segments; remarks go with them and are not counted.
    pub(crate) segments: usize,
    /// Events in them.
    pub(crate) events: usize,
    /// The first second of their sessions that goes.
    pub(crate) from_secs: u64,
    /// The last.
    pub(crate) to_secs: u64,
    /// Event segments that do not open, so that their events are not counted. They go too.
    pub(crate) unreadable: usize,
}

/// Reads what a plan would erase. What does not open is counted and does not keep anybody from erasing it.
pub(crate) fn extent(home: &Home, recordings: &dyn Recordings, plan: &Plan) -> Extent {
    let mut reader = Reader::new(home).ok();
    let mut extent = Extent { from_secs: u64::MAX, ..Extent::default() };
    let mut sessions = BTreeSet::new();
    for id in plan.segments.iter().filter(|id| id.schema == Schema::Events) {
        extent.segments += 1;
        sessions.insert(id.session);
        let content = reader.as_mut().and_then(|reader| reader.open(recordings, *id).ok());
        let (Some(Content::Events(events)), Ok(context)) = (&content, recordings.context(id.session)) else {
            extent.unreadable += 1;
            continue;
        };
        extent.events += events.len();
        if let Some((first, last)) = content.as_ref().and_then(Content::span) {
            let nanos = |tick| context.clock_unit.nanos(tick);
            extent.from_secs = extent.from_secs.min(nanos(first) / 1_000_000_000);
            extent.to_secs = extent.to_secs.max(nanos(last).div_ceil(1_000_000_000));
        }
    }
    extent.sessions = sessions.len();
    extent.from_secs = extent.from_secs.min(extent.to_secs);
    extent
}

/// The part of a session from second `from` to second `to` after its start, rounded out to whole segments.
///
/// # Errors
/// [`NoPlan`] where it is no span, the session is unknown or nothing lies in it; else where an own segment does not open.
pub(crate) fn plan_span(
    home: &Home,
    recordings: &dyn Recordings,
    session: SessionId,
    from: f64,
    to: f64,
) -> Result<Plan> {
    check_span(from, to)?;
    check_session(recordings, session)?;
    let there: Vec<SegmentId> = recordings.segments().into_iter().filter(|id| id.session == session).collect();
    if there.is_empty() {
        bail!(NoPlan::Empty { session, from, to });
    }
    let unit = f64::from(recordings.context(session)?.clock_unit.micros()) / 1e6;
    let mut reader = Reader::new(home)?;
    let mut segments = Vec::new();
    for id in there {
        if let Some((first, last)) = reader.open(recordings, id)?.span()
            && last as f64 * unit >= from
            && first as f64 * unit <= to
        {
            segments.push(id);
        }
    }
    let events = segments.iter().filter(|id| id.schema == Schema::Events).map(|id| id.number);
    let (Some(first), Some(last)) = (events.clone().min(), events.max()) else {
        bail!(NoPlan::Empty { session, from, to });
    };
    // What lies between two segments of the span goes with them.
    for id in recordings.segments() {
        let inside = id.session == session && id.schema == Schema::Events && (first..=last).contains(&id.number);
        if inside && !segments.contains(&id) {
            segments.push(id);
        }
    }
    Ok(Plan { what: EraseWhat::span(session, first, last), segments, whole: true })
}

/// What is asked in one request: the vault takes none that is longer.
fn parts(what: &EraseWhat) -> Vec<EraseWhat> {
    match what {
        EraseWhat::Spans(spans) if spans.len() > SPANS_MAX => {
            spans.chunks(SPANS_MAX).map(|spans| EraseWhat::Spans(spans.to_vec())).collect()
        }
        what => vec![what.clone()],
    }
}

/// Makes ready to erase: uses the room that was set aside for a full disk, and recovers what a crash left, so that it goes too.
/// Whether the spool shows all that there is then. The next recording sets room aside again: the vault's receipt needs some.
#[cfg(feature = "device")]
pub(crate) fn make_ready(home: &Home, spool: &Spool) -> bool {
    home.use_room_set_aside();
    let recovered = home.device_key().and_then(|key| Ok(spool.recover(&key, Now::read()?)?));
    if let Err(error) = &recovered {
        tracing::error!("what a crash left cannot be recovered, and is not erased: {error:#}");
    }
    recovered.is_ok()
}

/// Erases: signs the request, keeps it, erases here. [`deliver`] brings it to the vault.
///
/// The request is kept first: what is gone here can no longer be named to the vault, which would keep it.
///
/// # Errors
/// Where the spool's disk fails; the next [`Spool::open`] finishes what was decided.
pub(crate) fn erase(home: &Home, spool: &Spool, plan: &Plan) -> Result<Erased> {
    let waiting = spool.status(&Now::read()?)?;
    let waiting = waiting.iter().filter(|one| matches!(one.state, SegmentState::Held { .. } | SegmentState::Ready));
    let gone: BTreeSet<SegmentId> = plan.segments.iter().copied().collect();
    let drained = plan.whole && waiting.into_iter().all(|one| gone.contains(&one.id));
    let mut requests = Vec::new();
    for what in parts(&plan.what) {
        let request = EraseRequest {
            program: home.member().program,
            participant: home.participant()?,
            what,
            drained,
            at: clock::unix_secs(),
            nonce: Nonce::from_bytes(keys::random()),
        };
        requests.push(home.signer()?.sign(Typ::ERASE, request)?);
    }
    let kept = requests.iter().map(|signed| Kept { request: signed.compact().to_owned(), receipt: None });
    change(home, |all| all.extend(kept))?;
    Ok(spool.erase(&plan.segments, &ShelfKey::generate(&mut keys::rng()))?)
}

/// Brings erasures that the vault has not confirmed yet to it; returns the receipts that came.
///
/// # Errors
/// Where the vault is not reached or refuses one; nothing is forgotten, and the next call tries again. What it refuses keeps
/// no other from it.
pub(crate) fn deliver(home: &Home, client: &Client) -> Result<Vec<Signed<EraseReceipt>>> {
    let (mut receipts, mut refused) = (Vec::new(), None);
    for one in read(home)?.into_iter().filter(|one| one.receipt.is_none()) {
        match deliver_one(home, client, &one) {
            Ok(receipt) => receipts.push(receipt),
            Err(error) if is_final(&error) => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    refused.map_or(Ok(receipts), Err)
}

fn deliver_one(home: &Home, client: &Client, one: &Kept) -> Result<Signed<EraseReceipt>> {
    let request = verify::<EraseRequest>(Typ::ERASE, &one.request, &home.signer()?.public_key())?;
    let answer: SignedRecord = client.post("/v1/erasures", &SignedRecord { record: one.request.clone() })?;
    let receipt = verify::<EraseReceipt>(Typ::ERASE_RECEIPT, &answer.record, &home.member().vault.0)?;
    if receipt.payload().request != request.hash() {
        bail!("the vault's receipt is for another erasure; try again");
    }
    // The key that recordings are sealed for may have gone with it: the consent's receipt names another. It is here before the
    // erasure counts as confirmed, or a recorder that waits for that would seal for the old one.
    match consent::deliver(home, client) {
        Err(error) if !is_final(&error) => return Err(error),
        _ => {}
    }
    change(home, |kept| {
        let same = |kept: &&mut Kept| kept.request == one.request;
        kept.iter_mut().filter(same).for_each(|kept| kept.receipt = Some(answer.record.clone()));
    })?;
    Ok(receipt)
}

/// Whether the vault said no, and will again.
fn is_final(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| !refused.retry())
}

/// Brings the participant's decisions to the vault: the consent and its withdrawal, then erasures, whatever became of the former.
///
/// # Errors
/// As [`consent::deliver`]'s and [`deliver`]'s.
pub(crate) fn deliver_decisions(home: &Home, client: &Client) -> Result<Vec<Signed<EraseReceipt>>> {
    let consent = consent::deliver(home, client);
    let receipts = deliver(home, client)?;
    consent.map(|_| receipts)
}

/// The vault's receipt for the erasure asked for last; nothing where it has not answered yet.
///
/// # Errors
/// Where the file cannot be read, or the receipt is not the vault's.
pub(crate) fn latest_receipt(home: &Home) -> Result<Option<Signed<EraseReceipt>>> {
    let receipt = read(home)?.pop().and_then(|kept| kept.receipt);
    Ok(receipt.map(|receipt| verify(Typ::ERASE_RECEIPT, &receipt, &home.member().vault.0)).transpose()?)
}

/// How many erasures the vault has not confirmed yet.
///
/// # Errors
/// Where the file cannot be read.
pub(crate) fn undelivered(home: &Home) -> Result<usize> {
    Ok(read(home)?.iter().filter(|one| one.receipt.is_none()).count())
}

fn read(home: &Home) -> Result<Vec<Kept>> {
    let path = home.dir().join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    serde_json::from_str(&files::read_private_text(&path)?).context(FILE)
}

/// Changes what lies there now: the recorder and a person's commands do so at the same time.
fn change(home: &Home, how: impl FnOnce(&mut Vec<Kept>)) -> Result<()> {
    let _alone = home.alone()?;
    let mut kept = read(home)?;
    how(&mut kept);
    files::write_private(&home.dir().join(FILE), &serde_json::to_vec_pretty(&kept)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_one_request_is_asked_in_several_and_all_of_it() {
        let span =
            |number: u128| SegmentSpan { session: SessionId::from_bytes(number.to_be_bytes()), first: 0, last: 9 };
        let spans: Vec<SegmentSpan> = (0..2_500).map(span).collect();
        let parts = parts(&EraseWhat::Spans(spans.clone()));
        let longest = parts.iter().map(|part| serde_json::to_vec(part).unwrap().len()).max().unwrap();
        assert!(parts.len() == 3 && longest * 4 / 3 < 200 << 10, "{} of {longest} bytes", parts.len());
        let asked = parts.into_iter().flat_map(|part| match part {
            EraseWhat::Spans(spans) => spans,
            other => panic!("{other:?}"),
        });
        assert_eq!(asked.collect::<Vec<_>>(), spans);
    }

    #[test]
    fn a_span_that_runs_backwards_or_is_no_number_is_refused() {
        for (from, to) in [(10.0, 5.0), (-1.0, 5.0), (f64::NAN, 5.0), (0.0, f64::NAN), (-2.0, -1.0)] {
            assert!(matches!(check_span(from, to), Err(NoPlan::NoSpan { .. })), "{from} to {to}");
        }
        assert!(check_span(f64::INFINITY, f64::INFINITY).is_err());
        for (from, to) in [(0.0, 0.0), (5.0, 9.5), (5.0, f64::INFINITY)] {
            assert!(check_span(from, to).is_ok(), "{from} to {to}");
        }
    }
}
