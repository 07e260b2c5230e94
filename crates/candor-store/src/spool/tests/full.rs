//! A full disk: recording stops with a clear message, nothing durable is lost, and it goes on when there is space.

use std::path::{Path, PathBuf};
use std::process::Command;

use candor_model::header::Schema;

use super::{Condition, Spool, SpoolError, assert_sound, id, now, open, session};
use crate::disk::faults;
use crate::testing::{device, events, quick_dir, rng, sealer};

/// Records until the disk is full; returns how many segments were reported durable, then calls `make_room` and goes on.
fn record_until_full(dir: &Path, make_room: impl FnOnce()) -> u32 {
    let spool = open(dir);
    let mut sealer = sealer(session(6));
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    let mut durable = 0;
    let sample = events(2_000);
    let mut journal = sealer.open_journal(0, &mut rng()).unwrap();
    writer.open_journal(&journal).unwrap();
    let error = loop {
        assert!(durable < 100_000, "the disk does not get full");
        writer.append_journal(0, &journal.append(&sample[..20]).unwrap()).unwrap();
        writer.push(sealer.seal_events(durable + 1, &sample, &mut rng()).unwrap()).unwrap();
        match writer.commit(now(1)) {
            Ok(_) => durable += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SpoolError::Full { .. }), "{error}");
    assert!(error.to_string().starts_with("spool disk is full: "), "{error}");
    assert!(writer.queued_bytes() > 0, "what did not fit is still queued");
    assert!(writer.commit(now(2)).is_err(), "it is still full");
    for number in 1..=durable {
        spool.own(id(session(6), Schema::Events, number)).unwrap();
    }
    make_room();
    if writer.commit(now(3)).is_ok() {
        assert_eq!(writer.queued_bytes(), 0);
        spool.own(id(session(6), Schema::Events, durable + 1)).unwrap();
    }
    drop(writer);
    durable
}

fn check_after(dir: &Path, durable: u32) {
    let spool = open(dir);
    spool.recover(&device(), now(4)).unwrap();
    assert_sound(&spool, "after a full disk");
    for number in 1..=durable {
        spool.own(id(session(6), Schema::Events, number)).unwrap();
    }
    spool.own(id(session(6), Schema::Events, 0)).expect("the journal was cut, not lost");
}

struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(at: &Path, bytes: u32) -> Option<Self> {
        let size = format!("size={bytes},mode=0700");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output().ok()?;
        done.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_recording_stops_and_goes_on_later() {
    let home = tempfile::tempdir().unwrap();
    let disk = home.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(_mounted) = Tmpfs::mount(&disk, 400_000) else {
        println!("SKIPPED: mounting a small tmpfs is not allowed here; only the file size limit below is tested");
        return;
    };
    std::fs::write(disk.join("ballast"), vec![0; 100_000]).unwrap();
    let durable = record_until_full(&disk.join("spool"), || std::fs::remove_file(disk.join("ballast")).unwrap());
    assert!(durable > 3, "{durable} segments");
    check_after(&disk.join("spool"), durable + 1);
}

#[test]
fn limited_child() {
    let Ok(dir) = std::env::var("CANDOR_TEST_FULL") else { return };
    println!("durable {}", record_until_full(dir.as_ref(), || ()));
}

#[test]
fn at_a_file_size_limit_recording_stops() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("spool");
    // An ignored signal stays ignored in the program that the shell becomes, so that the limit is an error there.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" spool::tests::full::limited_child --exact --nocapture";
    let mut child = Command::new("sh");
    child.args(["-c", script]).arg(std::env::current_exe().unwrap()).env("CANDOR_TEST_FULL", &dir);
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stderr));
    let durable = said.split_once("durable ").unwrap().1.split_whitespace().next().unwrap().parse().unwrap();
    assert!(durable > 0, "{said}");
    check_after(&dir, durable);
}

#[test]
fn a_write_that_the_full_disk_tears_anywhere_does_no_harm() {
    for room in (0..60_000).step_by(1_777) {
        let home = quick_dir();
        let dir = home.path().join("spool");
        let spool: Spool = open(&dir);
        let mut sealer = sealer(session(6));
        let key = device().verifying_key();
        let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
        let sample = events(500);
        faults::room_for(Some(room));
        let mut number = 0;
        while number < 500 {
            writer.push(sealer.seal_events(number, &sample, &mut rng()).unwrap()).unwrap();
            if writer.commit(now(1)).is_err() {
                break;
            }
            number += 1;
        }
        assert!(number < 500);
        let torn = spool.fsck().unwrap().into_iter().any(|finding| finding.condition != Condition::Ok);
        assert!(!torn, "a full disk leaves nothing half-written behind");
        faults::room_for(None);
        writer.finish(now(2)).unwrap();
        drop(spool);
        let spool = open(&dir);
        assert_eq!(spool.segments().len() as u32, number + 1);
        assert_sound(&spool, "after a full disk");
        faults::reset();
    }
}
