//! What counts as failure: an entry that was reported logged and is not there, at its index, in a log that continues
//! every checkpoint it ever signed. What does not: tiles that no checkpoint covers.

use std::path::Path;

use candor_model::log_entry::{EntryKind, Salt};
use candor_model::{Hash, LogEntry, ParticipantId};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use super::note::NoteKey;
use super::tree::Tree;
use super::{Draft, Log, LogError, verify};
use crate::disk::faults;
use crate::meta::MetaStore;
use crate::testing::{holding, quick_dir};

const ORIGIN: &str = "log.example.org/candor-test";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    n: u64,
    text: String,
}

impl LogEntry for Note {
    const KIND: EntryKind = EntryKind::Ingest;
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

fn note_key() -> NoteKey {
    NoteKey::new(ORIGIN, &key()).unwrap()
}

fn draft(n: u64) -> Draft<Note> {
    let mut salt: Salt = [0x5a; 16];
    salt[..8].copy_from_slice(&n.to_be_bytes());
    Draft::new(Note { n, text: format!("entry-{n}") }, salt).unwrap()
}

fn leaf(n: u64) -> Vec<u8> {
    draft(n).leaf.to_bytes().to_vec()
}

fn check(dir: &Path, older: Option<&[u8]>) -> Result<super::LogReport, LogError> {
    verify(dir, note_key().verifier_key(), older)
}

fn leaves(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(leaf).collect()
}

#[test]
fn a_log_of_any_size_grown_in_any_steps_verifies_and_continues() {
    let sizes = [0, 1, 2, 3, 255, 256, 257, 511, 700, 66_000];
    let home = quick_dir();
    let dir = home.path().join("log");
    let mut older = None;
    for pair in sizes.windows(2) {
        // Opened anew each time: what it needs is on the disk.
        let mut tree = Tree::open(&dir, note_key()).unwrap();
        assert_eq!(tree.size(), pair[0]);
        assert_eq!(tree.append(&leaves(pair[0]..pair[1])).unwrap(), pair[1]);
        if pair[1] > 1_000 {
            // Proofs for every entry take long in a debug build; the root and the tiles are enough here.
            continue;
        }
        let report = check(&dir, older.as_deref()).unwrap();
        assert_eq!(report.entries, pair[1]);
        assert_eq!(report.kinds, vec![(EntryKind::Ingest, pair[1])]);
        assert_eq!(report.continues, older.as_ref().map(|_| pair[0]));
        older = Some(std::fs::read(dir.join("checkpoint")).unwrap());
    }
    let tree = Tree::open(&dir, note_key()).unwrap();
    assert_eq!(tree.size(), 66_000);
    assert!(dir.join("tile/1/000").exists() && dir.join("tile/2/000.p/1").exists(), "a log of three levels");
    assert!(!dir.join("tile/0/000.p").exists(), "partial tiles go when the full one is there");
}

#[test]
fn whatever_is_changed_is_found() {
    let home = quick_dir();
    let dir = home.path().join("log");
    let mut tree = Tree::open(&dir, note_key()).unwrap();
    tree.append(&leaves(0..300)).unwrap();
    let earlier = std::fs::read(dir.join("checkpoint")).unwrap();
    tree.append(&leaves(300..600)).unwrap();
    check(&dir, Some(&earlier)).unwrap();
    for name in
        ["checkpoint", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/88"]
    {
        let good = std::fs::read(dir.join(name)).unwrap();
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(dir.join(name), &bad).unwrap();
            assert!(check(&dir, None).is_err(), "byte {at} of {name}");
        }
        std::fs::write(dir.join(name), &good[..good.len() - 1]).unwrap();
        assert!(check(&dir, None).is_err(), "{name} cut");
        std::fs::write(dir.join(name), &good).unwrap();
    }
    check(&dir, None).unwrap();
    let other = NoteKey::new(ORIGIN, &SigningKey::from_bytes(&[4; 32])).unwrap();
    assert!(verify(&dir, other.verifier_key(), None).is_err(), "another key");
    let other = NoteKey::new("log.example.org/other", &key()).unwrap();
    assert!(verify(&dir, other.verifier_key(), None).is_err(), "another name");
}

#[test]
fn a_log_that_was_rewritten_or_cut_is_found_by_an_older_checkpoint() {
    let home = quick_dir();
    let make = |name: &str, leaves: &[Vec<u8>]| {
        let dir = home.path().join(name);
        Tree::open(&dir, note_key()).unwrap().append(leaves).unwrap();
        dir
    };
    let good = make("good", &leaves(0..300));
    let older = std::fs::read(good.join("checkpoint")).unwrap();
    let mut changed = leaves(0..400);
    changed[17] = leaf(9_999);
    let rewritten = make("rewritten", &changed);
    check(&rewritten, None).unwrap();
    assert!(matches!(check(&rewritten, Some(&older)), Err(LogError::Consistency { older: 300, now: 400 })));
    let cut = make("cut", &leaves(0..200));
    assert!(matches!(check(&cut, Some(&older)), Err(LogError::Consistency { older: 300, now: 200 })));
    let same_size = make("same", &changed[..300]);
    assert!(matches!(check(&same_size, Some(&older)), Err(LogError::Consistency { .. })));
    check(&make("grown", &leaves(0..301)), Some(&older)).unwrap();
}

/// Grows a log across the edge of a tile and of a level, in steps; says what was reported.
fn grow(dir: &Path, reported: &mut u64) -> Result<(), LogError> {
    let mut tree = Tree::open(dir, note_key())?;
    for end in [3, 255, 258, 700] {
        *reported = tree.append(&leaves(tree.size()..end))?;
        assert_eq!(faults::unsynced(), Vec::<std::path::PathBuf>::new(), "at {end}");
    }
    Ok(())
}

fn stop_everywhere(after: impl Fn()) {
    let mut n = 0;
    loop {
        let home = quick_dir();
        let dir = home.path().join("log");
        let mut reported = 0;
        faults::stop_at(n);
        let finished = grow(&dir, &mut reported).is_ok();
        let signed = std::fs::read(dir.join("checkpoint")).ok();
        after();
        let mut tree = Tree::open(&dir, note_key()).unwrap_or_else(|error| panic!("stopped at call {n}: {error}"));
        assert!(tree.size() >= reported, "stopped at call {n}: an entry is lost");
        tree.append(&leaves(tree.size()..900)).unwrap();
        let report = check(&dir, signed.as_deref()).unwrap_or_else(|error| panic!("stopped at call {n}: {error}"));
        assert_eq!(report.entries, 900, "same entries, same indexes");
        faults::reset();
        if finished {
            break;
        }
        n += 1;
    }
    assert!(n > 60, "{n} calls");
}

#[test]
fn killed_at_every_call_the_log_keeps_every_entry_and_continues() {
    stop_everywhere(faults::reset);
}

#[test]
fn a_power_failure_at_every_call_loses_no_entry() {
    stop_everywhere(faults::power_loss);
}

#[test]
fn after_a_full_disk_the_same_entries_go_in() {
    let home = quick_dir();
    let dir = home.path().join("log");
    let mut tree = Tree::open(&dir, note_key()).unwrap();
    for room in (0..30_000).step_by(997) {
        let size = tree.size();
        faults::room_for(Some(room));
        let result = tree.append(&leaves(size..size + 400));
        faults::room_for(None);
        if let Err(error) = result {
            assert!(matches!(error, LogError::Disk(crate::DiskError::Full { .. })), "{error}");
            assert_eq!(tree.size(), size);
            tree.append(&leaves(size..size + 10)).unwrap();
        }
    }
    faults::reset();
    assert_eq!(check(&dir, None).unwrap().entries, tree.size());
}

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

async fn vault(home: &Path) -> (MetaStore, Log) {
    let meta = MetaStore::open(&home.join("vault.db")).await.unwrap();
    let log = Log::open(&home.join("log"), &meta, ORIGIN, &key()).await.unwrap();
    (meta, log)
}

#[test]
fn entries_appended_at_once_share_checkpoints_and_each_is_covered_by_its_own() {
    let home = quick_dir();
    on_runtime(async {
        let (meta, log) = vault(home.path()).await;
        let tasks: Vec<_> = (0..500)
            .map(|n| {
                let log = log.clone();
                tokio::spawn(async move { log.append(draft(n)).await.unwrap() })
            })
            .collect();
        let mut indexes = std::collections::BTreeSet::new();
        for task in tasks {
            let logged = task.await.unwrap();
            assert!(logged.size() > logged.index());
            let stored = meta.log_entry(logged.index()).await.unwrap().unwrap();
            assert!(stored.is_sound());
            assert_eq!(stored.leaf, logged.leaf());
            assert_eq!(stored.leaf, draft(logged.entry().n).leaf);
            indexes.insert(logged.index());
        }
        assert_eq!(indexes.len(), 500);
        let report = check(log.dir(), None).unwrap();
        assert_eq!((report.entries, report.root), (500, log.root()));
        meta.close().await;
    });
}

#[test]
fn entries_queued_before_a_crash_are_sequenced_at_the_next_start() {
    let home = quick_dir();
    on_runtime(async {
        let (meta, log) = vault(home.path()).await;
        log.append(draft(0)).await.unwrap();
        // Queued behind the sequencer's back: as if the process died right after the commit.
        let behind: Vec<_> = (1..4).map(|n| draft(n).to_new()).collect();
        drop(log);
        assert_eq!(meta.queue_entries(&behind).await.unwrap(), 1);
        meta.close().await;
        let (meta, log) = vault(home.path()).await;
        assert_eq!(log.size(), 4);
        assert_eq!(log.append(draft(4)).await.unwrap().index(), 4);
        assert_eq!(check(log.dir(), None).unwrap().entries, 5);
        meta.close().await;
    });
}

#[test]
fn a_log_without_its_database_does_not_start_over() {
    let home = quick_dir();
    on_runtime(async {
        let (meta, log) = vault(home.path()).await;
        log.append(draft(0)).await.unwrap();
        meta.close().await;
        for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
            let _ = std::fs::remove_file(home.path().join(name));
        }
        let meta = MetaStore::open(&home.path().join("vault.db")).await.unwrap();
        let opened = Log::open(&home.path().join("log"), &meta, ORIGIN, &key()).await;
        assert!(matches!(opened, Err(LogError::Damaged { .. })), "indexes would be given twice");
    });
}

#[test]
fn an_erased_entry_is_nowhere_and_its_log_still_verifies() {
    let home = quick_dir();
    on_runtime(async {
        let (meta, log) = vault(home.path()).await;
        let participant = ParticipantId::from_bytes([8; 16]);
        for n in 0..20 {
            let draft = if n % 2 == 0 { draft(n).about(participant) } else { draft(n) };
            log.append(draft).await.unwrap();
        }
        let theirs = meta.log_entries_about(participant).await.unwrap();
        assert_eq!(theirs, (0..10).map(|n| 2 * n).collect::<Vec<_>>());
        assert!(!holding(home.path(), b"entry-14").is_empty());
        meta.erase_log_entries(&theirs).await.unwrap();
        for n in [0, 8, 14] {
            assert!(holding(home.path(), format!("\"entry-{n}\"").as_bytes()).is_empty(), "entry {n} is left");
            assert!(holding(home.path(), &draft(n).salt).is_empty(), "salt {n} is left");
        }
        assert!(!holding(home.path(), b"\"entry-15\"").is_empty());
        assert_eq!(meta.log_entry(14).await.unwrap().unwrap().opened, None);
        assert!(meta.log_entries_about(participant).await.unwrap().is_empty());
        assert_eq!(check(log.dir(), None).unwrap().entries, 20);
        meta.close().await;
    });
}

#[test]
fn the_root_is_the_one_rfc_6962_computes() {
    /// RFC 6962 section 2.1, by its recursive definition.
    fn root(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Hash::of(b""),
            [leaf] => Hash::of(&[&[0][..], leaf].concat()),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(split);
                Hash::of(&[&[1][..], &root(left).0, &root(right).0].concat())
            }
        }
    }
    let home = quick_dir();
    for size in [1, 2, 3, 7, 8, 256, 257, 1_000] {
        let dir = home.path().join(size.to_string());
        let mut tree = Tree::open(&dir, note_key()).unwrap();
        tree.append(&leaves(0..size)).unwrap();
        assert_eq!(Hash(tree.root().0), root(&leaves(0..size)), "{size} leaves");
    }
}
