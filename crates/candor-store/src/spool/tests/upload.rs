//! What leaves, when, and in which order.

use std::path::Path;

use super::super::{SegmentState, UploadItem};
use super::{Now, Spool, SpoolError, assert_sound, now, open, session};
use crate::testing::{device, events, quick_dir, rng, sealer};
use candor_model::Hash;
use candor_model::header::Schema;

const DAY: u64 = 86_400;

fn record(spool: &Spool, n: u8, count: u32, hold: u64, at: Now) {
    let mut sealer = sealer(session(n));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, hold, sealer.encapsulations()).unwrap();
    for number in 0..count {
        writer.push(sealer.seal_events(number, &events(9), &mut rng()).unwrap()).unwrap();
    }
    writer.push(sealer.seal_remarks(0, &[], &mut rng()).unwrap()).unwrap();
    writer.finish(at).unwrap();
}

fn is_held(spool: &Spool, at: Now) -> bool {
    let one = spool.next_upload(session(1), &at).unwrap().is_none();
    assert_eq!(one, spool.uploadable(&at).unwrap().is_empty());
    one
}

/// Every way to end: the hold-back must survive it.
#[test]
fn no_exit_skips_the_hold_back() {
    type Exit = fn(Spool, &Path) -> Spool;
    let exits: [(&str, Exit); 4] = [
        ("going on", |spool, _| spool),
        ("quitting", |spool, dir| {
            drop(spool);
            open(dir)
        }),
        ("quitting and recovering", |spool, dir| {
            drop(spool);
            let spool = open(dir);
            spool.recover(&device(), now(5)).unwrap();
            spool
        }),
        ("losing the count", |spool, dir| {
            drop(spool);
            std::fs::write(dir.join("clock"), b"").unwrap();
            open(dir)
        }),
    ];
    for (exit, leave) in exits {
        let home = quick_dir();
        let dir = home.path().join("spool");
        let spool = open(&dir);
        record(&spool, 1, 2, DAY, now(0));
        let spool = leave(spool, &dir);
        assert!(is_held(&spool, now(59)), "{exit}");
        let set_forward = Now { unix: now(40 * DAY).unix, ..now(60) };
        assert!(is_held(&spool, set_forward), "{exit}, clock set forward");
        let restarted = Now { boot: [10; 16], boottime: 30, ..set_forward };
        let spool = leave(spool, &dir);
        assert!(is_held(&spool, restarted), "{exit}, restarted with the clock set forward");
        let later = Now { boottime: 30 + 2 * DAY, ..restarted };
        assert!(!is_held(&spool, later), "{exit}: held for ever");
    }
}

#[test]
fn a_hold_back_can_be_shortened_and_never_lengthened() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = open(&dir);
    record(&spool, 1, 1, DAY, now(0));
    assert!(matches!(spool.shorten_hold_back(session(1), DAY + 1), Err(SpoolError::HoldBack { present: DAY, .. })));
    spool.shorten_hold_back(session(1), 60).unwrap();
    drop(spool);
    let spool = open(&dir);
    assert!(is_held(&spool, now(59)));
    assert!(!is_held(&spool, now(60)));
    assert!(matches!(spool.shorten_hold_back(session(1), 61), Err(SpoolError::HoldBack { present: 60, .. })));
    assert_sound(&spool, "with a shortened hold-back");
}

#[test]
fn a_segment_held_back_holds_those_after_it() {
    let home = quick_dir();
    let spool = open(&home.path().join("spool"));
    let mut sealer = sealer(session(1));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 100, sealer.encapsulations()).unwrap();
    for (number, at) in [(0, 0), (1, 80), (2, 0)] {
        writer.push(sealer.seal_events(number, &events(9), &mut rng()).unwrap()).unwrap();
        writer.commit(now(at)).unwrap();
    }
    let numbers = |at| spool.uploadable(&now(at)).unwrap().into_iter().map(|(_, number)| number).collect::<Vec<_>>();
    assert_eq!(numbers(99), Vec::<u32>::new());
    assert_eq!(numbers(100), vec![0]);
    assert_eq!(numbers(180), vec![0, 1, 2]);
}

#[test]
fn acknowledging_takes_the_vaults_wrap_and_leaves_the_participants_own() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = open(&dir);
    record(&spool, 1, 2, 0, now(0));
    let upload = spool.next_upload(session(1), &now(1)).unwrap().unwrap();
    let UploadItem::Segment { segment, vault } = upload.item else { panic!() };
    assert_eq!(crate::testing::holding(&dir, &vault.0).len(), 1);
    assert!(matches!(spool.acknowledge(session(1), 1, Hash([1; 32])), Err(SpoolError::Order { next: 0, .. })));
    spool.acknowledge(session(1), 0, Hash([1; 32])).unwrap();
    spool.acknowledge(session(1), 0, Hash([1; 32])).unwrap();
    assert!(crate::testing::holding(&dir, &vault.0).is_empty());
    drop(spool);
    let spool = open(&dir);
    let own = spool.own(super::id(session(1), Schema::Events, 0)).unwrap();
    assert_eq!(own.segment.object_hash(), segment.object_hash());
    let next = spool.next_upload(session(1), &now(1)).unwrap().unwrap();
    assert_eq!((next.number, next.previous), (1, Hash([1; 32])));
    let states: Vec<SegmentState> = spool.status(&now(1)).unwrap().into_iter().map(|status| status.state).collect();
    assert_eq!(states, vec![SegmentState::Acknowledged, SegmentState::Ready, SegmentState::Own]);
}

#[test]
fn foreign_segments_and_numbers_used_twice_are_refused() {
    let home = quick_dir();
    let spool = open(&home.path().join("spool"));
    record(&spool, 1, 1, 0, now(0));
    let mut other = sealer(session(2));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(other.context(), &key, 0, other.encapsulations()).unwrap();
    let sealed = other.seal_events(0, &events(9), &mut rng()).unwrap();
    let foreign = sealer(session(1)).seal_events(0, &events(9), &mut rng()).unwrap();
    assert!(matches!(writer.push(foreign), Err(SpoolError::Foreign { .. })));
    writer.push(sealed.clone()).unwrap();
    assert!(matches!(writer.push(sealed.clone()), Err(SpoolError::Foreign { .. })));
    writer.commit(now(1)).unwrap();
    assert!(matches!(writer.push(sealed), Err(SpoolError::Foreign { .. })));
    let again = spool.begin_session(other.context(), &key, 0, other.encapsulations());
    assert!(matches!(again, Err(SpoolError::SessionExists { .. })));
}
