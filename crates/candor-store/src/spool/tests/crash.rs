//! The whole life of a session, stopped at every single call that changes the disk, as by kill -9 and as by a power
//! failure; and recovery stopped at every call of its own.

use std::path::Path;

use candor_model::SessionId;
use candor_model::header::Schema;
use candor_seal::{
    ChainRecord, Encapsulation, Journal, Link, RowId, Sealed, SealedChunk, SessionSealer, ShelfKey, Wrap,
};

use super::super::{Recovered, SegmentState, UploadItem};
use super::{Spool, SpoolError, assert_sound, fresh, gone, id, now, session};
use crate::disk::faults;
use crate::testing::{CANARY, device, events, holding, quick_dir, rng, sealer};

const S: SessionId = SessionId::from_bytes([4; 16]);

/// Everything sealed once, so that each of the many lives is cheap.
struct Script {
    sealer: SessionSealer,
    journals: [Journal; 2],
    frames: [SealedChunk; 4],
    segments: Vec<Sealed>,
    remarks: Sealed,
    keys: [ShelfKey; 3],
}

fn script() -> Script {
    let mut sealer = sealer(S);
    let mut journals = [sealer.open_journal(0, &mut rng()).unwrap(), sealer.open_journal(1, &mut rng()).unwrap()];
    let sample = events(40);
    let frames = [0, 0, 1, 1].map(|journal: usize| journals[journal].append(&sample).unwrap());
    let segments = (0..3).map(|number| sealer.seal_events(number, &sample, &mut rng()).unwrap()).collect();
    let remarks = sealer.seal_remarks(0, &[], &mut rng()).unwrap();
    Script { sealer, journals, frames, segments, remarks, keys: [fresh(), fresh(), fresh()] }
}

/// What was reported durable.
#[derive(Debug, Default, Clone)]
struct Reported {
    /// Per journal: how many bytes.
    journal: [usize; 2],
    segments: u32,
    remarks: bool,
    acknowledged: u32,
    erased: bool,
    erasing: bool,
}

fn encapsulations(script: &Script) -> [&Encapsulation; 2] {
    script.sealer.encapsulations()
}

/// Returns only what was promised; asserts after each promise that nothing is left unsynced.
fn life(dir: &Path, script: &Script, done: &mut Reported) -> Result<(), SpoolError> {
    let promised = |what: &str| assert_eq!(faults::unsynced(), Vec::<std::path::PathBuf>::new(), "after {what}");
    let spool = Spool::open(dir, &script.keys[0])?;
    spool.recover(&device(), now(0))?;
    let device_key = device().verifying_key();
    let mut writer = spool.begin_session(script.sealer.context(), &device_key, 0, encapsulations(script))?;
    promised("beginning");
    let mut frames = script.frames.iter();
    for journal in 0..2 {
        writer.open_journal(&script.journals[journal])?;
        promised("opening a journal");
        done.journal[journal] = script.journals[journal].head().len();
        for second in 0..2 {
            let frame = frames.next().unwrap();
            writer.append_journal(journal as u32, frame)?;
            writer.commit(now(second))?;
            promised("a second of the journal");
            done.journal[journal] += frame.as_bytes().len();
        }
        writer.push(script.segments[journal].clone())?;
        if journal == 0 {
            writer.push(script.remarks.clone())?;
        } else {
            writer.push(script.segments[2].clone())?;
        }
        writer.commit(now(10))?;
        promised("a pack");
        done.segments = if journal == 0 { 1 } else { 3 };
        done.remarks = true;
    }
    writer.finish(now(11))?;
    acknowledge(&spool, 0)?;
    promised("an acknowledgement");
    done.acknowledged = 1;
    done.erasing = true;
    spool.erase(&[id(S, Schema::Events, 1), id(S, Schema::Remarks, 0)], &script.keys[1])?;
    promised("an erasure");
    done.erased = true;
    for number in 1..3 {
        acknowledge(&spool, number)?;
        done.acknowledged = number + 1;
    }
    Ok(())
}

fn acknowledge(spool: &Spool, number: u32) -> Result<(), SpoolError> {
    let upload = spool.next_upload(S, &now(20))?.expect("something to upload");
    assert_eq!(upload.number, number);
    let link = match &upload.item {
        UploadItem::Segment { segment, .. } => Link::Segment(segment.header().hash()),
        UploadItem::Tombstone => Link::Tombstone,
    };
    let (_, head) = ChainRecord::append(upload.previous, number, link, &device());
    spool.acknowledge(S, number, head)
}

/// What must hold after recovery, wherever the life was stopped.
fn check(spool: &Spool, script: &Script, done: &Reported, what: &str) {
    assert_sound(spool, what);
    if !spool.sessions().contains(&S) {
        assert_eq!(done.journal[0], 0, "{what}: the session is lost");
        return;
    }
    for number in 0..3 {
        check_segment(spool, script, done, number, what);
    }
    let remarks = spool.own(id(S, Schema::Remarks, 0));
    if done.erased {
        assert!(gone(remarks), "{what}: erased remarks are back");
    } else if done.remarks && !done.erasing {
        assert_eq!(remarks.unwrap().wrap, script.remarks.participant, "{what}");
    }
    for sealed in script.segments.iter().chain([&script.remarks]) {
        assert!(holding(spool.root(), &sealed.participant.0).is_empty(), "{what}: a participant's wrap in clear");
    }
    assert!(holding(spool.root(), CANARY.as_bytes()).is_empty(), "{what}: plaintext at rest");
    check_uploads(spool, script, done, what);
}

fn check_segment(spool: &Spool, script: &Script, done: &Reported, number: u32, what: &str) {
    let own = spool.own(id(S, Schema::Events, number));
    if number == 1 && done.erased {
        assert!(gone(own), "{what}: an erased segment is back");
        let wrap = script.segments[1].vault.unwrap().0;
        assert!(holding(spool.root(), &wrap).is_empty(), "{what}: an erased segment's wrap is left");
        for header in [script.segments[1].segment.header().hash(), script.journals[1].header_hash()] {
            assert!(
                holding(spool.root(), &RowId::wrap(header).0.0).is_empty(),
                "{what}: an erased segment's row is left"
            );
        }
        return;
    }
    if number == 1 && done.erasing && gone(spool.own(id(S, Schema::Events, 1))) {
        return;
    }
    let sealed = &script.segments[number as usize];
    if number < done.segments {
        let own = own.unwrap_or_else(|error| panic!("{what}: segment {number} was reported durable: {error}"));
        assert_eq!(own.segment.as_bytes(), sealed.segment.as_bytes(), "{what}");
        assert_eq!(own.wrap, sealed.participant, "{what}");
    } else if let Some(journal) = script.journals.get(number as usize)
        && done.journal[number as usize] > 0
    {
        let own = own.unwrap_or_else(|error| panic!("{what}: journal {number} was reported durable: {error}"));
        if own.segment.as_bytes() != sealed.segment.as_bytes() {
            let frames = [0, 1].map(|at| script.frames[2 * number as usize + at].as_bytes()).concat();
            let whole = [journal.head(), &frames].concat();
            let durable = &whole[..done.journal[number as usize]];
            assert!(own.segment.as_bytes().starts_with(durable), "{what}: journal {number} lost a durable second");
            assert_eq!(own.wrap, journal.wraps().1, "{what}");
        }
    }
}

/// Uploading goes on where it was, in order, each with its own vault wrap, and ends.
fn check_uploads(spool: &Spool, script: &Script, done: &Reported, what: &str) {
    let mut expected =
        spool.status(&now(20)).unwrap().iter().filter(|s| s.state == SegmentState::Acknowledged).count() as u32;
    assert!(expected >= done.acknowledged.min(1), "{what}: an acknowledgement is lost");
    let wraps: Vec<Wrap> = script
        .segments
        .iter()
        .map(|sealed| sealed.vault.unwrap())
        .chain(script.journals.iter().map(|journal| journal.wraps().0.unwrap()))
        .collect();
    while let Some(upload) = spool.next_upload(S, &now(20)).unwrap() {
        expected = expected.max(upload.number);
        if let UploadItem::Segment { vault, .. } = upload.item {
            assert!(wraps.contains(&vault), "{what}: the wrong wrap");
        }
        acknowledge(spool, upload.number).unwrap();
    }
    for wrap in &wraps {
        assert!(holding(spool.root(), &wrap.0).is_empty(), "{what}: an acknowledged segment's vault wrap is left");
    }
}

fn recover(dir: &Path, script: &Script, what: &str) -> Spool {
    let spool = Spool::open(dir, &script.keys[2]).unwrap_or_else(|error| panic!("{what}: {error}"));
    spool.recover(&device(), now(15)).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(spool.recover(&device(), now(15)).unwrap(), Recovered::default(), "{what}: recovering again");
    spool
}

/// How many calls a whole life makes.
fn whole_life(script: &Script) -> u64 {
    let home = quick_dir();
    faults::reset();
    let mut done = Reported::default();
    life(&home.path().join("spool"), script, &mut done).unwrap();
    let calls = faults::calls();
    check(&recover(&home.path().join("spool"), script, "a whole life"), script, &done, "a whole life");
    faults::reset();
    assert!(calls > 100, "{calls} calls");
    calls
}

fn stop_everywhere(after: impl Fn()) {
    let script = script();
    for n in 0..whole_life(&script) {
        let home = quick_dir();
        let dir = home.path().join("spool");
        let mut done = Reported::default();
        faults::stop_at(n);
        assert!(life(&dir, &script, &mut done).is_err() && faults::stopped(), "call {n} was not made");
        after();
        let what = format!("stopped at call {n}");
        check(&recover(&dir, &script, &what), &script, &done, &what);
        faults::reset();
    }
}

#[test]
fn killed_at_every_call_nothing_durable_is_lost() {
    stop_everywhere(faults::reset);
}

#[test]
fn a_power_failure_at_every_call_loses_nothing_durable() {
    stop_everywhere(faults::power_loss);
}

#[test]
fn recovery_itself_may_be_killed_at_every_call() {
    let script = script();
    // A life stopped with both journals' fates open, and one stopped in the middle of an erasure.
    let calls = whole_life(&script);
    for n in [calls / 3, calls / 2, calls * 3 / 4, calls * 9 / 10] {
        let mut m = 0;
        loop {
            let home = quick_dir();
            let dir = home.path().join("spool");
            let mut done = Reported::default();
            faults::stop_at(n);
            life(&dir, &script, &mut done).unwrap_err();
            faults::stop_at(m);
            let first = Spool::open(&dir, &script.keys[1]).and_then(|spool| spool.recover(&device(), now(14)));
            let finished = first.is_ok();
            faults::power_loss();
            let what = format!("stopped at call {n}, recovery at call {m}");
            check(&recover(&dir, &script, &what), &script, &done, &what);
            faults::reset();
            if finished {
                break;
            }
            m += 1;
        }
        assert!(m > 3, "recovery after call {n} made {m} calls");
    }
}

#[test]
fn a_hole_is_reported_and_becomes_a_tombstone() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = super::open(&dir);
    let mut sealer = sealer(session(8));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    writer.push(sealer.seal_events(1, &events(5), &mut rng()).unwrap()).unwrap();
    writer.commit(now(1)).unwrap();
    drop(writer);
    assert!(spool.next_upload(session(8), &now(1)).unwrap().is_none(), "nobody said yet what became of number 0");
    assert_eq!(spool.recover(&device(), now(2)).unwrap().lost, 1);
    let upload = spool.next_upload(session(8), &now(3)).unwrap().unwrap();
    assert!(upload.number == 0 && matches!(upload.item, UploadItem::Tombstone));
}
