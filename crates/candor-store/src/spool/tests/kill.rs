//! kill -9 at a hundred random moments: a real process, a real disk.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use candor_model::SessionId;
use candor_model::header::Schema;
use rand_core::Rng as _;

use super::{Now, assert_sound, id, open};
use crate::testing::{CANARY, device, events, holding, rng, sealer};

const DIR: &str = "CANDOR_TEST_SPOOL";
const SESSION: &str = "CANDOR_TEST_SESSION";

/// Records until it is killed, and says after each commit what is durable.
#[test]
fn child() {
    let (Ok(dir), Ok(session)) = (std::env::var(DIR), std::env::var(SESSION)) else { return };
    let spool = open(dir.as_ref());
    spool.recover(&device(), Now::read().unwrap()).unwrap();
    let mut sealer = sealer(session.parse().unwrap());
    let key = device().verifying_key();
    let mut writer = spool.begin_session(sealer.context(), &key, 0, sealer.encapsulations()).unwrap();
    let sample = events(300);
    for number in 0.. {
        let mut journal = sealer.open_journal(number, &mut rng()).unwrap();
        writer.open_journal(&journal).unwrap();
        let mut len = journal.head().len();
        println!("journal {number} {len}");
        for second in sample.chunks(100) {
            let frame = journal.append(second).unwrap();
            len += frame.as_bytes().len();
            writer.append_journal(number, &frame).unwrap();
            writer.commit(Now::read().unwrap()).unwrap();
            println!("journal {number} {len}");
        }
        let sealed = sealer.seal_events(number, &sample, &mut rng()).unwrap();
        let object = sealed.segment.object_hash();
        writer.push(sealed).unwrap();
        writer.commit(Now::read().unwrap()).unwrap();
        println!("segment {number} {object}");
    }
}

#[test]
fn killed_at_a_hundred_random_moments_nothing_durable_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("spool");
    let (mut begun, mut reports) = (0, 0);
    for round in 0..100_u8 {
        let session = SessionId::from_bytes([round; 16]);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["spool::tests::kill::child", "--exact", "--nocapture", "--test-threads=1"])
            .env(DIR, &dir)
            .env(SESSION, session.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        // Half of them after the first commit, however slow the machine is.
        while round % 2 == 1 && !said.contains("journal") && stdout.read_line(&mut said).unwrap() > 0 {}
        std::thread::sleep(Duration::from_millis(20 + u64::from(rng().next_u32() % 180)));
        child.kill().unwrap();
        child.wait().unwrap();
        stdout.read_to_string(&mut said).unwrap();
        let spool = open(&dir);
        spool.recover(&device(), Now::read().unwrap()).unwrap();
        assert_sound(&spool, &format!("round {round}"));
        let own = |number| spool.own(id(session, Schema::Events, number)).unwrap();
        let lines: Vec<&str> = said.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim).collect();
        for line in &lines {
            // The harness of the tests writes before the first line.
            let line = line.rsplit_once("... ").map_or(*line, |(_, line)| line);
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["journal", number, len] => {
                    let segment = own(number.parse().unwrap()).segment;
                    let journal = segment.header().form == candor_model::header::Form::Journal;
                    assert!(!journal || segment.as_bytes().len() >= len.parse().unwrap(), "round {round}: {line}");
                    reports += 1;
                }
                ["segment", number, object] => {
                    assert_eq!(own(number.parse().unwrap()).segment.object_hash().to_string(), object);
                    reports += 1;
                }
                _ => {}
            }
        }
        begun += usize::from(spool.sessions().contains(&session));
    }
    assert!(holding(&dir, CANARY.as_bytes()).is_empty(), "plaintext at rest");
    println!("{begun} of 100 sessions were begun, {reports} commits reported, none lost");
    assert!(begun > 20 && reports > 100, "the kills came too early to show anything: {begun}, {reports}");
}
