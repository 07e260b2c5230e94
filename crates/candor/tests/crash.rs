//! A session killed with -9 at random moments loses at most the last second of what had passed the wall, leaves no
//! spool that cannot be read, and nothing in clear.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use candor::agent::recorder::{Recipients, Recorder};
use candor_model::header::{Schema, SessionContext};
use candor_model::{
    Actor, ClockUnit, ConsentId, DeviceId, Event, Hash, ParticipantId, PositionUnit, ProgramId, Purposes, SessionId,
    What,
};
use candor_redact::{Observation, Observed, REDACTOR_VERSION, Raw, SessionKey, Settings};
use candor_seal::{Identity, ShelfKey, WrapKey, open};
use candor_store::spool::{Condition, Now, Spool};
use ed25519_dalek::SigningKey;
use rand_core::{Rng, UnwrapErr};

/// The recording process gets its spool's folder by this name; without it the test that plays it does nothing.
const CHILD: &str = "CANDOR_TEST_RECORD_INTO";
const ROUNDS: usize = 100;
const AT_ONCE: usize = 4;
/// A name that must not stand in any file.
const APP: &str = "application-name-in-clear";

fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

fn participant() -> Identity {
    Identity::from_seed([3; 32])
}

fn device() -> SigningKey {
    SigningKey::from_bytes(&[4; 32])
}

/// The recording process: one event a millisecond, in real time, until it is killed.
#[test]
fn the_process_that_gets_killed() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let spool = Spool::open(Path::new(&dir), &ShelfKey::generate(&mut rng())).unwrap();
    let context = SessionContext {
        program: ProgramId::from_bytes([1; 16]),
        participant: ParticipantId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([3; 16]),
        session: SessionId::from_bytes([4; 16]),
        imported: false,
        // A tick of a second makes a segment close every 300 events: kills hit closing and packing too.
        clock_unit: ClockUnit::from_micros(1_000_000).unwrap(),
        position_unit: PositionUnit::PIXEL,
        period: 0,
        consent: ConsentId::from_bytes([5; 16]),
        consent_hash: Hash::of(b"consent"),
        purposes: Purposes::NONE,
        redactor: REDACTOR_VERSION,
    };
    let to = Recipients {
        vault: Identity::generate(&mut rng()).recipient().unwrap(),
        participant: participant().recipient().unwrap(),
        device: device(),
        hold_back_secs: 86_400,
    };
    let clock = context.clock_unit;
    let settings = Settings::shapes([APP.to_owned()], clock, SessionKey::new([7; 32]));
    let start = Instant::now();
    let mut recorder = Recorder::begin(&spool, context, to, settings, None, 0, rng()).unwrap();
    let see = |at, what| Raw::new(Observation { at, actor: Actor::Human, what });
    recorder.push(see(0, Observed::Window { app: APP.into(), title: String::new(), origin: None })).unwrap();
    let mut out = std::io::stdout().lock();
    let mut pushed = 0u64;
    while start.elapsed() < Duration::from_secs(20) {
        let now = start.elapsed().as_millis() as u64;
        while pushed < now {
            recorder.push(see(pushed, Observed::Move { x: pushed as i32, y: 0, drag: false })).unwrap();
            pushed += 1;
        }
        recorder.tick(now, Now::read).unwrap();
        writeln!(out, "\npushed {pushed} {}", start.elapsed().as_millis()).unwrap();
        out.flush().unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How many events the killed process had pushed by when, as it said itself.
struct Said(Vec<(u64, u64)>);

fn record_and_kill(dir: &Path, after: Duration) -> Said {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_process_that_gets_killed", "--exact", "--nocapture"])
        .env(CHILD, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = Said(vec![]);
    let read = |line: std::io::Result<String>, said: &mut Said| {
        let line = line.unwrap_or_default();
        if let Some((pushed, at)) = line.strip_prefix("pushed ").and_then(|words| words.split_once(' ')) {
            said.0.extend(pushed.parse().ok().zip(at.parse().ok()));
        }
    };
    read(lines.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.starts_with("pushed"))).unwrap(), &mut said);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    lines.for_each(|line| read(line, &mut said));
    said
}

fn recover(dir: &Path) -> Vec<Event> {
    let spool = Spool::open(dir, &ShelfKey::generate(&mut rng())).unwrap();
    spool.recover(&device(), Now::read().unwrap()).unwrap();
    for finding in spool.fsck().unwrap() {
        assert_eq!(finding.condition, Condition::Ok, "{}", finding.path.display());
    }
    let mut events = vec![];
    for id in spool.segments().into_iter().filter(|id| id.schema == Schema::Events) {
        let own = spool.own(id).unwrap();
        let header = own.segment.header();
        let key = WrapKey::decapsulate(&participant(), &header.context, &own.encapsulation).unwrap();
        events.extend(open(&own.segment, &key.unwrap(header.hash(), &own.wrap).unwrap()).unwrap().events);
    }
    events
}

fn assert_nothing_in_clear(dir: &Path) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_nothing_in_clear(&path);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(APP.len()).any(|part| part == APP.as_bytes()), "{}", path.display());
        }
    }
}

fn one_round(round: usize) -> u64 {
    let home = tempfile::Builder::new().prefix("candor-crash-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let dir = home.path().join("spool");
    let said = record_and_kill(&dir, Duration::from_millis(u64::from(rng().next_u32()) % 2_500));
    let events = recover(&dir);
    // A second recovery finds nothing to do, and the same events.
    assert_eq!(recover(&dir), events, "round {round}");
    let moves: Vec<i32> =
        events.iter().filter_map(|event| if let What::Move { x, .. } = event.what { Some(x) } else { None }).collect();
    assert!(moves.iter().copied().eq(0..moves.len() as i32), "round {round}: a hole before the end");
    assert_nothing_in_clear(&dir);
    let (_, died) = *said.0.last().unwrap();
    let must = said.0.iter().filter(|(_, at)| at + 1_000 <= died).map(|(pushed, _)| *pushed).max().unwrap_or(0);
    assert!(moves.len() as u64 >= must, "round {round}: {} of {must} events that were a second old", moves.len());
    said.0.last().map_or(0, |(pushed, _)| pushed.saturating_sub(moves.len() as u64))
}

#[test]
fn a_kill_at_any_moment_loses_at_most_a_second_and_leaves_nothing_in_clear() {
    let worst = std::thread::scope(|scope| {
        let rounds = |worker| (worker..ROUNDS).step_by(AT_ONCE).map(one_round).max();
        let workers: Vec<_> = (0..AT_ONCE).map(|worker| scope.spawn(move || rounds(worker))).collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).max()
    });
    println!("{ROUNDS} kills; at worst {} events (ms) were lost", worst.unwrap_or(0));
}
