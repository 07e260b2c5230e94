//! Metadata: chains are accepted in order and once, erased names are gone, taint reaches every version.

use candor_model::log_entry::EntryKind;
use candor_model::{ConsentId, DatasetId, DeviceId, Hash, LogEntry, ParticipantId, Purpose, SessionId};
use candor_seal::ChainRecord;
use serde::{Deserialize, Serialize};

use super::{Accepted, DatasetRow, Link, MetaError, MetaStore, NewSegment};
use crate::log::Draft;
use crate::objects::{ObjectError, Objects};
use crate::testing::{device, events, holding, quick_dir, rng, sealer};

#[derive(Serialize, Deserialize)]
struct Ingest {
    number: u32,
}

impl LogEntry for Ingest {
    const KIND: EntryKind = EntryKind::Ingest;
}

const SESSION: SessionId = SessionId::from_bytes([4; 16]);

fn draft(number: u32) -> Draft<Ingest> {
    Draft::new(Ingest { number }, [number as u8; 16]).unwrap()
}

fn segment(previous: Hash, number: u32, link: Link) -> NewSegment {
    let chain = match link {
        Link::Segment { header, .. } => candor_seal::Link::Segment(header),
        Link::Tombstone => candor_seal::Link::Tombstone,
    };
    let (record, head) = ChainRecord::append(previous, number, chain, &device());
    NewSegment { session: SESSION, number, link, record, head, received_at: 100 }
}

fn stored(n: u8) -> Link {
    Link::Segment { header: Hash([n; 32]), object: Some(Hash([n + 100; 32])), bytes: 9 }
}

async fn store(home: &std::path::Path) -> MetaStore {
    let meta = MetaStore::open(&home.join("vault.db")).await.unwrap();
    let session =
        meta.put_session(SESSION, ParticipantId::from_bytes([2; 16]), DeviceId::from_bytes([3; 16]), consent());
    session.await.unwrap();
    meta
}

fn consent() -> ConsentId {
    ConsentId::from_bytes([5; 16])
}

#[tokio::test]
async fn a_chain_is_accepted_in_order_and_each_link_once() {
    let home = quick_dir();
    let meta = store(home.path()).await;
    let first = segment(ChainRecord::root(SESSION), 0, stored(1));
    let second = segment(first.head, 1, Link::Tombstone);
    let third = segment(second.head, 2, stored(3));
    assert!(matches!(meta.accept_segment(&second, draft(1)).await, Err(MetaError::Order { number: 1, next: 0, .. })));
    for (new, index) in [(&first, 0), (&second, 1), (&third, 2)] {
        let Accepted::New(queued) = meta.accept_segment(new, draft(new.number)).await.unwrap() else { panic!() };
        assert_eq!(queued.index(), index);
        let Accepted::Again(there) = meta.accept_segment(new, draft(new.number)).await.unwrap() else { panic!() };
        assert_eq!((there.leaf, there.link, there.head), (index, new.link, new.head));
    }
    assert_eq!(meta.leaves(0, 100).await.unwrap().len(), 3, "accepting again logs nothing");
    let other = segment(ChainRecord::root(SESSION), 0, stored(9));
    assert!(matches!(meta.accept_segment(&other, draft(0)).await, Err(MetaError::Taken { .. })));
    let row = meta.session(SESSION).await.unwrap().unwrap();
    assert_eq!((row.next, row.head), (3, third.head));
    let other = meta.put_session(SESSION, ParticipantId::from_bytes([9; 16]), DeviceId::from_bytes([3; 16]), consent());
    assert!(matches!(other.await, Err(MetaError::Taken { what: "session" })));
}

#[tokio::test]
async fn erasing_forgets_the_objects_name_and_taints_every_dataset_built_from_it() {
    let home = quick_dir();
    let meta = store(home.path()).await;
    let first = segment(ChainRecord::root(SESSION), 0, stored(1));
    let second = segment(first.head, 1, stored(2));
    for new in [&first, &second] {
        let Accepted::New(_queued) = meta.accept_segment(new, draft(new.number)).await.unwrap() else { panic!() };
    }
    let row = |id: u8, version| DatasetRow {
        id: DatasetId::from_bytes([id; 16]),
        version,
        manifest: Hash([7; 32]),
        provenance: vec![1, 2],
        purpose: Purpose::TrainComputerUse,
        created_at: 1,
        expires_at: 2,
        taint: None,
    };
    meta.put_dataset(&row(1, 0), &[Hash([1; 32]), Hash([2; 32])]).await.unwrap();
    meta.put_dataset(&row(1, 1), &[Hash([2; 32])]).await.unwrap();
    meta.put_dataset(&row(2, 0), &[Hash([1; 32])]).await.unwrap();
    assert!(matches!(meta.put_dataset(&row(2, 0), &[]).await, Err(MetaError::Taken { .. })));
    assert_eq!(meta.erase_segments(&[Hash([1; 32])], 500).await.unwrap(), vec![Hash([101; 32])]);
    assert_eq!(meta.erase_segments(&[Hash([1; 32])], 900).await.unwrap(), Vec::<Hash>::new());
    assert!(holding(home.path(), &[101; 32]).is_empty(), "the object's name is left");
    let there = meta.segment(Hash([1; 32])).await.unwrap().unwrap();
    assert_eq!(
        (there.erased_at, there.link),
        (Some(500), Link::Segment { header: Hash([1; 32]), object: None, bytes: 9 })
    );
    let id = DatasetId::from_bytes;
    assert_eq!(meta.taint(&[Hash([1; 32])], "erased", 501).await.unwrap(), vec![(id([1; 16]), 0), (id([2; 16]), 0)]);
    meta.taint(&[Hash([1; 32])], "again", 900).await.unwrap();
    let taints: Vec<_> = meta.datasets().await.unwrap().into_iter().map(|row| row.taint).collect();
    assert_eq!(taints, vec![Some((501, "erased".into())), None, Some((501, "erased".into()))]);
    assert_eq!(meta.sources(id([1; 16]), 0).await.unwrap(), vec![Hash([1; 32]), Hash([2; 32])]);
}

#[tokio::test]
async fn objects_are_stored_once_under_their_hash_and_damage_is_found_and_repaired() {
    let home = quick_dir();
    let objects = Objects::local(&home.path().join("objects")).unwrap();
    let segment = sealer(SESSION).seal_events(0, &events(50), &mut rng()).unwrap().segment;
    let hash = segment.object_hash();
    assert!(matches!(objects.get(hash).await, Err(ObjectError::Missing { .. })));
    assert!(objects.put(&segment).await.unwrap());
    assert!(!objects.put(&segment).await.unwrap());
    assert_eq!(objects.get(hash).await.unwrap(), segment.as_bytes());
    let [path] = &holding(home.path(), segment.as_bytes())[..] else { panic!("one file holds it") };
    std::fs::write(path, b"bad").unwrap();
    assert!(matches!(objects.get(hash).await, Err(ObjectError::Damaged { .. })));
    assert!(!objects.put(&segment).await.unwrap());
    assert_eq!(objects.get(hash).await.unwrap(), segment.as_bytes());
    objects.delete(hash).await.unwrap();
    objects.delete(hash).await.unwrap();
    assert!(!objects.has(hash).await.unwrap());
}

#[tokio::test]
async fn what_a_killed_put_left_behind_is_removed_when_the_objects_are_opened() {
    let home = quick_dir();
    let dir = home.path().join("objects");
    let segment = sealer(SESSION).seal_events(0, &events(50), &mut rng()).unwrap().segment;
    Objects::local(&dir).unwrap().put(&segment).await.unwrap();
    let [path] = &holding(home.path(), segment.as_bytes())[..] else { panic!("one file holds it") };
    let mut staged = path.clone().into_os_string();
    staged.push("#1");
    std::fs::copy(path, staged).unwrap();
    let objects = Objects::local(&dir).unwrap();
    assert_eq!(holding(home.path(), segment.as_bytes()), std::slice::from_ref(path));
    assert_eq!(objects.get(segment.object_hash()).await.unwrap(), segment.as_bytes());
}

/// The folder and the database files are the owner's alone.
#[tokio::test]
async fn nobody_else_reads_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let home = quick_dir();
    let meta = store(home.path()).await;
    for (path, _) in crate::testing::files(home.path()) {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
    }
    meta.close().await;
}
