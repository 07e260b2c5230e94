//! Uploads of real processes against a vault and a network that fail. Whatever happens: nothing lost, one copy.
#![cfg(all(feature = "vault", feature = "import"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::{Serving, World, fails, json, ok};

/// Random enough for moments and byte counts, and the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A participant `ada` with `sessions` imported sessions, each of several segments. Returns the number of segments.
fn recorded(world: &World, sessions: usize) -> u64 {
    world.enrol("participant", "ada");
    let give = "consent give --yes --purpose train-computer-use --application editor --import --hold-back-secs 0";
    let give: Vec<_> = give.split(' ').collect();
    ok(world.candor(&give, "ada"));
    let mut file = String::new();
    for at in 0..1500 {
        // A segment is closed every five minutes of the recording's own time.
        let line = r#"{"time_stamp": TIME, "action": "move", "x": X, "y": Y}"#;
        let line = line.replace("TIME", &format!("{}.5", 1000 + at)).replace('X', &(at % 900).to_string());
        writeln!(file, "{}", line.replace('Y', &(at * 7 % 700).to_string())).unwrap();
    }
    let path = world.path("walk.jsonl");
    std::fs::write(&path, file).unwrap();
    for _ in 0..sessions {
        ok(world.candor(&["import", "--scope", "editor", path.to_str().unwrap()], "ada"));
    }
    let status = json(world.candor(&["status", "--json"], "ada"));
    let ready = status["ready"].as_u64().unwrap();
    assert!(ready >= 4 * sessions as u64, "{status}");
    ready
}

/// The vault has each of `count` segments once, and has logged each once; the device has sent all.
fn check_one_copy(world: &World, count: u64) {
    let status = json(world.candor(&["status", "--json"], "ada"));
    assert_eq!((&status["uploaded"], &status["ready"]), (&count.into(), &0.into()), "{status}");
    let folders = std::fs::read_dir(world.path("vault/objects")).unwrap().map(|folder| folder.unwrap().path());
    let objects: usize = folders.map(|folder| std::fs::read_dir(folder).unwrap().count()).sum();
    assert_eq!(objects as u64, count);
    let fsck = json(world.candor(&["fsck", "--json"], "ada"));
    assert_eq!(fsck["findings"].as_array().unwrap().len(), 0, "{fsck}");
    let again = json(world.candor(&["upload", "--once", "--json"], "ada"));
    assert_eq!(again["sent"], 0);
    let shown = json(world.candor(&["show", "--json"], "ada"));
    let segments = shown["sessions"].as_array().unwrap().iter().map(|one| one["segments"].as_u64().unwrap());
    assert_eq!(segments.sum::<u64>(), count, "uploaded data stays readable here");
}

/// Passes connections on to `to`, and cuts each after so many bytes, counted in both directions. Returns its port and
/// how many it cut.
fn proxy(to: u16, mut cut_after: impl FnMut() -> u64 + Send + 'static) -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let cuts = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&cuts);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let left = Arc::new(AtomicU64::new(cut_after()));
            for (mut from, mut to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
                let (left, cuts) = (Arc::clone(&left), Arc::clone(&counted));
                std::thread::spawn(move || {
                    let mut buffer = [0; 512];
                    while let Ok(read @ 1..) = from.read(&mut buffer) {
                        let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                            Some(left.saturating_sub(read as u64))
                        });
                        let pass = before.unwrap().min(read as u64) as usize;
                        if to.write_all(&buffer[..pass]).is_err() || pass < read {
                            cuts.fetch_add(u64::from(pass < read), Ordering::SeqCst);
                            break;
                        }
                    }
                    let _ = from.shutdown(Shutdown::Both);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        }
    });
    (port, cuts)
}

/// Lets `ada` reach the vault at another port: the certificate is for the host, so it is the same vault to her.
fn reach_at(world: &World, port: u16) {
    let path = world.path("ada/member.json");
    let mut member: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    member["url"] = format!("https://127.0.0.1:{port}").into();
    std::fs::write(&path, serde_json::to_vec(&member).unwrap()).unwrap();
}

#[test]
fn a_network_that_cuts_connections_at_random_bytes_loses_nothing() {
    let world = World::new("");
    let serving = world.serve();
    let count = recorded(&world, 4);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    // A handshake takes about 3,000 bytes, so some connections die in it and most in an upload or its answer.
    let (port, cuts) = proxy(serving.port(), move || 1_000 + dice.below(14_000));
    reach_at(&world, port);
    let done = json(world.candor(&["upload", "--json"], "ada"));
    assert!(done["refused"].as_array().unwrap().is_empty(), "{done}");
    assert!(cuts.load(Ordering::SeqCst) >= 3, "the network was worse than that");
    reach_at(&world, serving.port());
    check_one_copy(&world, count);
}

#[test]
fn an_uploader_killed_at_random_moments_goes_on_where_it_was() {
    let world = World::new("");
    let _serving = world.serve();
    let count = recorded(&world, 4);
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..25 {
        let mut command = world.command(&["upload"], "ada");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(5 + dice.below(120)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    ok(world.candor(&["upload"], "ada"));
    check_one_copy(&world, count);
}

#[test]
fn a_vault_killed_mid_upload_is_waited_for_and_has_what_it_acknowledged() {
    let world = World::new("");
    let mut serving: Serving = world.serve();
    let port = serving.port();
    let count = recorded(&world, 6);
    let mut command = world.command(&["upload", "--json"], "ada");
    let uploading = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut dice = Dice(0x1234_5678_9abc_def1);
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(50 + dice.below(150)));
        serving.kill();
        serving = world.serve_on(&format!("127.0.0.1:{port}"));
    }
    let done = json(uploading.wait_with_output().unwrap());
    assert!(done["refused"].as_array().unwrap().is_empty(), "{done}");
    check_one_copy(&world, count);
    drop(serving);
}

#[test]
fn without_patience_a_vault_that_is_away_is_an_error_and_nothing_is_lost() {
    let world = World::new("");
    let serving = world.serve();
    let port = serving.port();
    let count = recorded(&world, 1);
    serving.kill();
    let error = fails(world.candor(&["upload", "--once"], "ada"), 2);
    assert!(error.contains("cannot reach the vault"), "{error}");
    let _serving = world.serve_on(&format!("127.0.0.1:{port}"));
    ok(world.candor(&["upload", "--once"], "ada"));
    check_one_copy(&world, count);
}

#[test]
fn what_is_held_back_stays_until_its_time() {
    let world = World::new("");
    let _serving = world.serve();
    world.enrol("participant", "ada");
    let give = "consent give --yes --purpose train-computer-use --application editor --import --hold-back-secs 3600";
    let give: Vec<_> = give.split(' ').collect();
    ok(world.candor(&give, "ada"));
    let line = r#"{"time_stamp": 1.5, "action": "move", "x": 1, "y": 2}"#;
    std::fs::write(world.path("one.jsonl"), format!("{line}\n{line}\n")).unwrap();
    ok(world.candor(&["import", "--scope", "editor", world.path("one.jsonl").to_str().unwrap()], "ada"));
    let done = json(world.candor(&["upload", "--json"], "ada"));
    assert_eq!((&done["sent"], &done["held_back"]), (&0.into(), &1.into()), "{done}");
}

#[test]
fn a_span_that_is_none_and_a_session_that_is_unknown_erase_nothing() {
    let world = World::new("");
    let _serving = world.serve();
    let count = recorded(&world, 1);
    let shown = json(world.candor(&["show", "--json"], "ada"));
    let session = shown["sessions"][0]["session"].as_str().unwrap();
    let erase = |words: &str, session: &str| {
        let words = words.replace('@', session);
        let words: Vec<_> = words.split(' ').collect();
        world.candor(&words, "ada")
    };
    for span in ["--from 10 --to 5", "--from NaN --to 5", "--from -9 --to -5", "--from 0 --to NaN"] {
        let error = fails(erase(&format!("erase --session @ {span} --yes"), session), 1);
        assert!(error.contains("is no span"), "{error}");
    }
    let unknown = format!("s-{}", "0".repeat(32));
    let error = fails(erase("erase --session @ --yes", &unknown), 1);
    assert!(error.contains("unknown on this device"), "{error}");
    let error = fails(erase("erase --session @ --from 5 --to 9", session), 1);
    assert!(error.contains("this erases seconds 0 to") && error.contains("1 segments"), "{error}");
    let after = json(world.candor(&["show", "--json"], "ada"));
    assert_eq!(after["sessions"][0]["segments"], count, "nothing went");
}

#[test]
fn erasing_works_offline_and_reaches_the_vault_later() {
    let world = World::new("");
    let serving = world.serve();
    let port = serving.port();
    let count = recorded(&world, 1);
    ok(world.candor(&["upload"], "ada"));
    serving.kill();
    let error = fails(world.candor(&["erase", "--everything", "--yes"], "ada"), 1);
    assert!(error.contains("does not know yet"), "{error}");
    let _serving = world.serve_on(&format!("127.0.0.1:{port}"));
    let status = json(world.candor(&["status", "--json"], "ada"));
    assert_eq!((&status["uploaded"], &status["erasures_unconfirmed"]), (&0.into(), &0.into()), "{status}");
    let folders = std::fs::read_dir(world.path("vault/objects")).unwrap().map(|folder| folder.unwrap().path());
    let objects: usize = folders.map(|folder| std::fs::read_dir(folder).unwrap().count()).sum();
    assert_eq!(objects, 0, "of {count}");
}

#[test]
fn the_log_of_an_upload_verifies_and_a_changed_one_does_not() {
    let world = World::new("");
    let serving = world.serve();
    let count = recorded(&world, 1);
    ok(world.candor(&["upload"], "ada"));
    serving.kill();
    let _serving = world.serve();
    let log = world.path("vault/log");
    let verify = ["log", "verify", "--json", "--log", log.to_str().unwrap()];
    let report = json(world.candor(&verify, "ada"));
    assert_eq!((&report["verified"], &report["kinds"]["ingest"]), (&true.into(), &count.into()), "{report}");
    let kept = world.path("kept");
    std::fs::copy(log.join("checkpoint"), &kept).unwrap();
    world.enrol("builder", "ml");
    ok(world.candor(&["vault", "pause"], "vault"));
    let older = json(world.candor(&[&verify[..], &["--older", kept.to_str().unwrap()]].concat(), "ada"));
    assert_eq!(older["continues"], report["entries"]);
    let tile =
        std::fs::read_dir(log.join("tile/0")).unwrap().map(|file| file.unwrap().path()).find(|path| path.is_dir());
    for file in std::fs::read_dir(tile.unwrap()).unwrap().map(|file| file.unwrap().path()) {
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[5] ^= 1;
        std::fs::write(&file, bytes).unwrap();
    }
    assert!(fails(world.candor(&verify, "ada"), 1).contains("does not verify"));
}
