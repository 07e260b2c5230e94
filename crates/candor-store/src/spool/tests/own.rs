//! The participant's own data: read, erased, never touched otherwise.

use candor_model::header::Schema;
use candor_seal::{RowId, ShelfKey};

use super::super::{Condition, UploadItem};
use super::{Spool, SpoolError, assert_sound, fresh, gone, id, now, open, session};
use crate::testing::{device, events, files, holding, quick_dir, rng, sealer};

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for (path, bytes) in files(from) {
        let path = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[test]
fn what_was_erased_opens_from_no_older_copy_with_todays_key() {
    let home = quick_dir();
    let (dir, saved) = (home.path().join("spool"), home.path().join("saved"));
    let spool = open(&dir);
    let mut sealer = sealer(session(1));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    let sealed: Vec<_> = (0..3).map(|number| sealer.seal_events(number, &events(9), &mut rng()).unwrap()).collect();
    sealed.iter().for_each(|sealed| writer.push(sealed.clone()).unwrap());
    writer.finish(now(0)).unwrap();
    copy(&dir, &saved);
    let old_key: [u8; 32] = std::fs::read(dir.join("ring.key")).unwrap().try_into().unwrap();
    let erased = spool.erase(&[id(session(1), Schema::Events, 1)], &fresh()).unwrap();
    assert_eq!((erased.segments.len(), erased.tombstones.len(), erased.uploaded.len()), (1, 1, 0));
    assert!(spool.erase(&[id(session(1), Schema::Events, 1)], &fresh()).unwrap().segments.is_empty(), "once is enough");
    assert!(gone(spool.own(id(session(1), Schema::Events, 1))));
    for number in [0, 2] {
        let own = spool.own(id(session(1), Schema::Events, number)).unwrap();
        assert_eq!(own.wrap, sealed[number as usize].participant);
    }
    assert!(holding(&dir, &old_key).is_empty(), "the old ring key is left");
    assert!(holding(&dir, &sealed[1].vault.unwrap().0).is_empty(), "the vault's wrap is left");
    assert!(holding(&dir, sealed[1].segment.as_bytes()).is_empty(), "the object is left");
    // The rows of the saved shelf, with today's key: neither the erased one nor, for that matter, any other.
    let new_key = ShelfKey::from_bytes(std::fs::read(dir.join("ring.key")).unwrap().try_into().unwrap());
    let row = RowId::wrap(sealed[1].segment.header().hash());
    let shelf = std::fs::read(saved.join("shelf")).unwrap();
    let at = shelf.windows(32).position(|window| window == row.0.0).unwrap() + 32;
    assert!(ShelfKey::from_bytes(old_key).open(row, &shelf[at..at + 64]).is_ok(), "the copy was good");
    assert!(new_key.open(row, &shelf[at..at + 64]).is_err());
    std::fs::copy(dir.join("ring.key"), saved.join("ring.key")).unwrap();
    std::fs::set_permissions(&saved, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    assert!(matches!(Spool::open(&saved, &fresh()), Err(SpoolError::Damaged { .. })));
}

#[test]
fn forgetting_reaches_an_open_journal_and_what_is_queued() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = open(&dir);
    let mut sealer = sealer(session(1));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    writer.push(sealer.seal_events(0, &events(9), &mut rng()).unwrap()).unwrap();
    let mut journal = sealer.open_journal(1, &mut rng()).unwrap();
    writer.open_journal(&journal).unwrap();
    writer.append_journal(1, &journal.append(&events(9)).unwrap()).unwrap();
    writer.commit(now(0)).unwrap();
    writer.push(sealer.seal_events(2, &events(9), &mut rng()).unwrap()).unwrap();
    assert_eq!(writer.forget().unwrap(), vec![1, 2], "tombstones for the journal and for what was queued");
    spool.erase(&spool.segments(), &fresh()).unwrap();
    assert!(holding(&dir, &journal.wraps().0.unwrap().0).is_empty());
    assert!(holding(&dir, &journal.head()[..64]).is_empty(), "the journal is left");
    let shelf = std::fs::read(dir.join("shelf")).unwrap();
    assert_eq!(shelf.len(), 40, "a row is left");
    for number in 0..3 {
        let upload = spool.next_upload(session(1), &now(1)).unwrap().unwrap();
        assert!(upload.number == number && matches!(upload.item, UploadItem::Tombstone));
        spool.acknowledge(session(1), number, candor_model::Hash([number as u8; 32])).unwrap();
    }
    assert!(spool.next_upload(session(1), &now(1)).unwrap().is_none());
    assert_sound(&spool, "after forgetting");
}

#[test]
fn an_erased_segment_does_not_come_back_from_the_queue() {
    let home = quick_dir();
    let spool = open(&home.path().join("spool"));
    let mut sealer = sealer(session(1));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    let mut journal = sealer.open_journal(0, &mut rng()).unwrap();
    writer.open_journal(&journal).unwrap();
    writer.append_journal(0, &journal.append(&events(9)).unwrap()).unwrap();
    writer.commit(now(0)).unwrap();
    drop(writer);
    spool.recover(&device(), now(1)).unwrap();
    spool.erase(&[id(session(1), Schema::Events, 0)], &fresh()).unwrap();
    assert_eq!(spool.recover(&device(), now(1)).unwrap(), super::super::Recovered::default());
    assert!(spool.segments().is_empty());
}

#[test]
fn files_that_nobody_knows_are_reported_and_left_alone() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = open(&dir);
    let sealer = sealer(session(1));
    let key = device().verifying_key();
    drop(spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap());
    let strange = [dir.join("holiday.jpg"), dir.join(session(1).to_string()).join("notes.txt")];
    strange.iter().for_each(|path| std::fs::write(path, b"mine").unwrap());
    spool.recover(&device(), now(0)).unwrap();
    spool.erase(&spool.segments(), &fresh()).unwrap();
    let unknown: Vec<_> = spool
        .fsck()
        .unwrap()
        .into_iter()
        .filter(|finding| finding.condition == Condition::Unknown)
        .map(|finding| finding.path)
        .collect();
    assert_eq!(unknown, strange);
    assert!(strange.iter().all(|path| path.exists()));
}

#[test]
fn a_changed_byte_is_found() {
    let home = quick_dir();
    let dir = home.path().join("spool");
    let spool = open(&dir);
    let mut sealer = sealer(session(1));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    writer.push(sealer.seal_events(0, &events(9), &mut rng()).unwrap()).unwrap();
    writer.finish(now(0)).unwrap();
    let pack = dir.join(session(1).to_string()).join("pack-000000");
    let mut bytes = std::fs::read(&pack).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&pack, &bytes).unwrap();
    let finding = spool.fsck().unwrap().into_iter().find(|finding| finding.path == pack).unwrap();
    assert!(matches!(finding.condition, Condition::Damaged(_)), "{finding:?}");
    assert!(matches!(spool.own(id(session(1), Schema::Events, 0)), Err(SpoolError::Damaged { .. })));
    assert!(matches!(spool.next_upload(session(1), &now(1)), Err(SpoolError::Damaged { .. })));
}
