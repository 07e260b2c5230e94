//! `cargo xtask bench capture`: what the recorder loses, costs and how fast it stops, at a display of its own, on input from
//! XTEST, with redaction, sealing and fsync on, beside pynput writing JSON lines of the same input at the same time.

#![allow(clippy::indexing_slicing, reason = "a value that is not there is null")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use candor_capture::a11y::testing::{Program, Session};
use candor_capture::testing::{Display, Hand, Others, Rate, Work, place};
use common::{Serving, World};
use serde_json::{Value, json};

const PROGRAM: &str = r#"
name = "Bench"
purposes = ["train-computer-use"]
applications = ["xterm", "zenity", "form.py"]
min_people = 1
hold_back_secs = 86400
[controller]
name = "Example"
contact = "privacy@example.org"
[notice]
file = "notice.txt"
version = 1
language = "en"
"#;

/// A program that keeps up with the fastest rate.
const TERMINAL: [&str; 3] = ["-maximized", "-e", "cat"];
/// An editor on the accessibility bus.
const EDITOR: [&str; 5] = ["--text-info", "--editable", "--width=1280", "--height=760", "--title=Notes"];
const TAB: u8 = 23;
/// What is typed as a secret: digits only.
const NUMBER: &str = "48151623";
/// How often a secret is typed as the focus moves.
const TRIALS: u64 = 60;
const USUAL: Rate = Rate { moves: 200, keys: 10, clicks: 1 };
const FAST: Rate = Rate { moves: 1_000, keys: 20, clicks: 5 };
const FASTEST: Rate = Rate { moves: 5_000, keys: 50, clicks: 10 };
/// How often pausing and hiding are measured.
const ROUNDS: usize = 30;

/// A vault, a desktop with a window manager, a terminal and the accessibility bus, a recorder, and a peer beside it.
struct Stage {
    world: World,
    _vault: Serving,
    display: Display,
    hand: Hand,
    others: Others,
    recorder: Child,
    /// Window manager, editor and buses; they end with it.
    _around: (Vec<Program>, Session),
    peer: Option<Peer>,
}

struct Peer {
    child: Child,
    ears: ChildStdin,
    log: PathBuf,
}

/// One stretch of input and what came of it.
struct Run {
    session: String,
    work: Work,
    /// What devices did, as the source told it: windows, fields and elements are not counted.
    told: u64,
    lost: u64,
    cpu_s: f64,
    peer_cpu_s: Option<f64>,
    /// By the wall clock, in seconds: the peer's lines have no other.
    wall: (f64, f64),
}

impl Stage {
    fn set() -> Result<Self> {
        let world = World::with_program("", PROGRAM);
        let vault = world.serve();
        world.enrol("participant", "ada");
        let give = "consent give --yes --purpose train-computer-use --application xterm --application zenity --application form.py";
        common::ok(world.candor(&give.split(' ').collect::<Vec<_>>(), "ada"));
        let display = Display::start().context("there is no Xvfb")?;
        let session = Session::start(&display).context("there is no D-Bus, or no accessibility bus")?;
        let mut programs = Vec::new();
        for (program, words) in [("openbox", &[][..]), ("xterm", &TERMINAL)] {
            programs.push(session.spawn(&display, program, words).with_context(|| format!("there is no `{program}`"))?);
            std::thread::sleep(Duration::from_millis(1_500));
        }
        let recorder = std::env::var_os("CANDOR_RECORDER").map_or_else(common::program, PathBuf::from);
        let mut record = display.command(&recorder.to_string_lossy());
        record.env("DBUS_SESSION_BUS_ADDRESS", session.address());
        record.args(["record", "--idle", "3600", "--dir"]).arg(world.path("ada"));
        let log = std::fs::File::create(world.path("recorder.log"))?;
        let recorder = record.stdout(Stdio::null()).stderr(log).spawn()?;
        let (hand, others) = (Hand::new(display.connect()), Others::new(display.connect()));
        // Whole before anything else can fail: what was started ends with it.
        let mut stage =
            Self { world, _vault: vault, display, hand, others, recorder, _around: (programs, session), peer: None };
        stage.peer = Peer::start(&stage.world, &stage.display)?;
        stage.until_recording()?;
        Ok(stage)
    }

    /// One request to the recorder, without a process in between.
    fn ask(&self, request: &str) -> Result<Value> {
        let mut stream = UnixStream::connect(self.world.path("ada/control"))?;
        writeln!(stream, "\"{request}\"")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    fn until_recording(&self) -> Result<Value> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            match self.ask("status") {
                Ok(status) if status["recorder"] == "recording" => return Ok(status),
                answer if Instant::now() > until => {
                    let log = std::fs::read_to_string(self.world.path("recorder.log")).unwrap_or_default();
                    anyhow::bail!("it does not record: {answer:?}\n{log}");
                }
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn run(&mut self, rate: Rate, secs: u64) -> Result<Run> {
        self.until_recording()?;
        // What a session begins with, window and field, has been told of by then.
        std::thread::sleep(Duration::from_millis(1_000));
        let before = self.ask("status")?;
        let peer_before = self.peer.as_ref().map(|peer| cpu_s(peer.child.id()));
        let cpu_before = cpu_s(self.recorder.id());
        let began = wall_secs();
        let work = self.hand.work(rate, Duration::from_secs(secs), || false);
        std::thread::sleep(Duration::from_millis(2_000));
        let cpu_s_after = cpu_s(self.recorder.id());
        let peer_cpu_s = self.peer.as_ref().zip(peer_before).map(|(peer, before)| cpu_s(peer.child.id()) - before);
        let after = self.ask("status")?;
        self.ask("pause")?;
        self.ask("resume")?;
        Ok(Run {
            session: before["session"].as_str().context("a session")?.to_owned(),
            work,
            told: count(&after, "told") - count(&before, "told"),
            lost: count(&after, "lost") - count(&before, "lost"),
            cpu_s: cpu_s_after - cpu_before,
            peer_cpu_s,
            wall: (began, wall_secs()),
        })
    }

    /// Works for long at the fastest rate, in sessions of half a minute; returns how many events, how much the memory grew in
    /// MB and how many more files are open. What grows at first only, caches and buffers, is in before it counts.
    fn soak(&self, secs: u64) -> Result<(u64, f64, i64)> {
        let turn = |secs| -> Result<u64> {
            self.until_recording()?;
            let work = self.hand.work(FASTEST, Duration::from_secs(secs), || false);
            std::thread::sleep(Duration::from_millis(1_500));
            self.ask("pause")?;
            self.ask("resume")?;
            Ok(work.moves.len() as u64 + 2 * u64::from(work.keys) + 2 * work.clicks.len() as u64)
        };
        turn(15)?;
        let (pid, mut events) = (self.recorder.id(), 0);
        let before = (memory_mb(pid, "VmRSS"), files(pid));
        for _ in 0..secs.div_ceil(30) {
            events += turn(30)?;
        }
        Ok((events, memory_mb(pid, "VmRSS") - before.0, files(pid) - before.1))
    }

    /// Starts an application that has the focus once this returns.
    fn focused(&self, program: &str, words: &[&str], class: &str) -> Result<Program> {
        let started = self._around.1.spawn(&self.display, program, words).with_context(|| format!("no `{program}`"))?;
        let until = Instant::now() + Duration::from_secs(20);
        while self.others.active() != class {
            ensure!(Instant::now() < until, "`{program}` has no focus, `{}` has", self.others.active());
            std::thread::sleep(Duration::from_millis(100));
        }
        std::thread::sleep(Duration::from_millis(2_000));
        Ok(started)
    }

    /// Types text, moves the focus to a password field by Tab and types a number there within 5 ms; as often as asked. How many
    /// keys of the numbers were recorded, in whatever shape, and how many there were. (Keys overtake a click, which a window
    /// manager looks at first: what is typed right after one may land in the open field, and is no secret then.)
    fn race(&self, trials: usize) -> Result<(usize, usize)> {
        let truth = self.world.path("truth");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../candor-capture/src/a11y/tests/form.py");
        let _form = self.focused("/usr/bin/python3", &[script, &truth.to_string_lossy()], "form.py")?;
        let session = self.until_recording()?["session"].as_str().context("a session")?.to_owned();
        let codes = self.hand.printing();
        let types = |text: &str| text.chars().filter_map(|c| codes.get(&c)).for_each(|(code, _)| self.hand.key(*code));
        for trial in 0..trials {
            types("note");
            self.hand.key(TAB);
            std::thread::sleep(Duration::from_millis(trial as u64 % 6));
            types(NUMBER);
            // Left at once, or after the focus was told.
            std::thread::sleep(Duration::from_millis(if trial % 2 == 0 { 150 } else { 0 }));
            self.click(640, 100);
            std::thread::sleep(Duration::from_millis(700));
        }
        std::thread::sleep(Duration::from_millis(1_000));
        self.ask("pause")?;
        self.ask("resume")?;
        // The second field of the form is the secret one; digits are typed nowhere else.
        let secret = std::fs::read_to_string(truth)?.matches('1').count();
        ensure!(secret == trials * NUMBER.len(), "of {trials} numbers the password field took {secret} digits");
        let is_digit = |event: &&Value| {
            event["kind"] == "key" && event["press"] == "down" && event["key"].to_string().contains("digit")
        };
        Ok((self.events(&session)?.iter().filter(is_digit).count(), secret))
    }

    fn click(&self, x: i16, y: i16) {
        self.hand.point(x, y);
        self.hand.button(1);
    }

    /// How long after `stop` the last event that was recorded had been made, in milliseconds; and the session.
    fn stopping(&self, stop: impl Fn(&Self) -> Result<()> + Sync) -> Result<(String, Work, Instant)> {
        let status = self.until_recording()?;
        let session = status["session"].as_str().context("a session")?.to_owned();
        let (work, at) = std::thread::scope(|scope| {
            let working = scope.spawn(|| self.hand.work(FAST, Duration::from_millis(900), || false));
            std::thread::sleep(Duration::from_millis(400));
            let at = Instant::now();
            let stopped = stop(self);
            let work = working.join().map_err(|_| anyhow::anyhow!("the hand failed"))?;
            stopped.map(|()| (work, at))
        })?;
        std::thread::sleep(Duration::from_millis(300));
        let status = self.ask("status")?;
        ensure!(status["recorder"] == "paused", "it did not stop: {status}");
        self.ask("resume")?;
        Ok((session, work, at))
    }

    fn events(&self, session: &str) -> Result<Vec<Value>> {
        let shown = common::ok(self.world.candor(&["show", session], "ada"));
        Ok(shown.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// Ends the recorder and its peer; the most memory that the recorder had.
    fn end(&mut self) -> Result<f64> {
        let most = memory_mb(self.recorder.id(), "VmHWM");
        self.ask("stop")?;
        ensure!(self.recorder.wait()?.success(), "the recorder failed");
        if let Some(peer) = self.peer.take() {
            drop(peer.ears);
            let mut child = peer.child;
            child.wait()?;
        }
        Ok(most)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
        self.display.stop();
    }
}

impl Peer {
    fn start(world: &World, display: &Display) -> Result<Option<Self>> {
        let named = std::env::var_os("CANDOR_PEERS_PYTHON").zip(std::env::var_os("CANDOR_PEERS_SCRIPT"));
        let Some((python, script)) = named else { return Ok(None) };
        let log = world.path("peer.jsonl");
        let mut command = display.command(&python.to_string_lossy());
        let mut child = command.arg(script).arg(&log).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("it is piped")?).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "the peer did not start");
        Ok(Some(Self { ears: child.stdin.take().context("it is piped")?, child, log }))
    }
}

#[expect(clippy::disallowed_methods, reason = "the peer's lines carry the wall clock")]
fn wall_secs() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn count(status: &Value, name: &str) -> u64 {
    status[name].as_u64().unwrap_or(0)
}

/// Seconds of processor time that a process used so far (proc(5), fields 14 and 15, hundredths of a second).
fn cpu_s(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).unwrap_or(0);
    f64::from(ticks(11) + ticks(12)) / 100.0
}

/// How many files a process has open.
fn files(pid: u32) -> i64 {
    std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, |files| files.count() as i64)
}

fn memory_mb(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u32>().ok());
    f64::from(kib.unwrap_or(0)) / 1024.0
}

/// The p-th percentile.
fn percentile(values: &mut [f64], p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * p / 100.0).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// When each move was sent by its place, in milliseconds from the first.
fn sent_at(work: &Work) -> BTreeMap<(i64, i64), f64> {
    let first = work.moves.first().copied();
    let millis = |at: Instant| first.map_or(0.0, |first| at.duration_since(first).as_secs_f64() * 1e3);
    let places = (0..work.moves.len()).map(|n| (i64::from(place(n).0), i64::from(place(n).1)));
    places.zip(work.moves.iter().map(|at| millis(*at))).collect()
}

/// How far the times told are from the times sent, once the two clocks are laid together.
fn time_errors(work: &Work, told: impl Iterator<Item = ((i64, i64), f64)>) -> Vec<f64> {
    let sent = sent_at(work);
    let mut apart: Vec<f64> = told.filter_map(|(place, at)| sent.get(&place).map(|sent| at - sent)).collect();
    let middle = percentile(&mut apart.clone(), 50.0);
    apart.iter_mut().for_each(|error| *error = (*error - middle).abs());
    apart
}

fn moves(events: &[Value]) -> impl Iterator<Item = ((i64, i64), f64)> + '_ {
    events
        .iter()
        .filter(|event| event["kind"] == "move")
        .filter_map(|event| Some(((event["x"].as_i64()?, event["y"].as_i64()?), event["at"].as_f64()?)))
}

/// Where buttons went down.
fn buttons(events: &[Value]) -> impl Iterator<Item = (i64, i64)> + '_ {
    events
        .iter()
        .filter(|event| event["kind"] == "button" && event["press"] == "down")
        .filter_map(|event| Some((event["x"].as_i64()?, event["y"].as_i64()?)))
}

/// The last move of a session that was recorded, in milliseconds after the order to stop.
fn last_after(events: &[Value], work: &Work, stop: Instant) -> f64 {
    let number: BTreeMap<(i64, i64), usize> =
        (0..work.moves.len()).map(|n| ((i64::from(place(n).0), i64::from(place(n).1)), n)).collect();
    let last = moves(events).filter_map(|(place, _)| number.get(&place)).max();
    let last = last.and_then(|last| work.moves.get(*last));
    last.map_or(0.0, |last| last.saturating_duration_since(stop).as_secs_f64() * 1e3)
}

struct Rows(Vec<Value>);

impl Rows {
    fn put(&mut self, name: &str, value: f64, unit: &str) {
        self.beside(name, value, unit, None);
    }

    fn beside(&mut self, name: &str, value: f64, unit: &str, peer: Option<f64>) {
        let who = peer.map(|_| "pynput 1.8.2, JSON lines");
        self.0.push(json!({ "name": name, "value": value, "unit": unit, "peer": who, "peer_value": peer }));
    }
}

fn env_secs(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|secs| secs.parse().ok()).unwrap_or(usual)
}

fn main() -> Result<()> {
    let secs = env_secs("CANDOR_BENCH_SECS", 60);
    let mut stage = Stage::set()?;
    let mut runs = Vec::new();
    for (name, rate, secs) in [("200", USUAL, secs), ("1000", FAST, secs.min(12)), ("5000", FASTEST, secs.min(12))] {
        eprintln!("{name} moves a second for {secs} s");
        runs.push((name, stage.run(rate, secs)?));
    }
    let rss = memory_mb(stage.recorder.id(), "VmRSS");
    let mut pauses = Vec::new();
    let mut hidings = Vec::new();
    for round in 0..ROUNDS {
        eprint!("\rpausing and hiding: {round} of {ROUNDS}");
        pauses.push(stage.stopping(|stage| stage.ask("pause").map(drop))?);
        hidings.push(stage.stopping(|stage| {
            let window = stage.others.named("Candor").pop().context("the indicator")?;
            stage.others.unmap(window);
            Ok(())
        })?);
    }
    eprintln!();
    let soak_secs = env_secs("CANDOR_BENCH_SOAK_SECS", 60);
    eprintln!("{soak_secs} s at the fastest rate, for memory and files");
    let soaked = stage.soak(soak_secs)?;
    let trials = env_secs("CANDOR_BENCH_TRIALS", TRIALS);
    eprintln!("{trials} times a secret as the focus moves");
    let (leaked, secret) = stage.race(usize::try_from(trials)?)?;
    eprintln!("an editor at {} moves a second for {secs} s", USUAL.moves);
    let editor = stage.focused("zenity", &EDITOR, "zenity")?;
    let edited = stage.run(USUAL, secs)?;
    let rss_editor = memory_mb(stage.recorder.id(), "VmRSS");
    drop(editor);
    let spool = stage.ask("status")?["spool"].clone();
    let peer_log = stage.peer.as_ref().map(|peer| peer.log.clone());
    let rss_peak = stage.end()?;
    let mut rows = Rows(Vec::new());
    report(&stage, &runs, peer_log, &mut rows)?;
    rows.put("secret_chars_leaked", leaked as f64, "keys");
    rows.put("secret_chars", secret as f64, "keys");
    let (edits, clicks) = (stage.events(&edited.session)?, edited.work.clicks.len() as f64);
    rows.put("editor/lost_moves", edited.work.moves.len() as f64 - moves(&edits).count() as f64, "events");
    rows.put("editor/lost_clicks", clicks - buttons(&edits).count() as f64, "events");
    rows.put(
        "editor/clicks_with_element",
        edits.iter().filter(|event| event["kind"] == "element").count() as f64,
        "events",
    );
    rows.beside("editor/cpu_s", edited.cpu_s, "s", edited.peer_cpu_s);
    rows.put("editor/rss_mb", rss_editor, "MB");
    rows.put("rss_mb", rss, "MB");
    rows.put("rss_peak_mb", rss_peak, "MB");
    rows.put("soak_events", soaked.0 as f64, "events");
    rows.put("soak_rss_growth_mb", soaked.1, "MB");
    rows.put("soak_files_growth", soaked.2 as f64, "files");
    rows.put("spool_bytes", spool["bytes"].as_f64().unwrap_or(0.0), "B");
    for (name, rounds) in [("pause_ms", pauses), ("indicator_stop_ms", hidings)] {
        let mut after = Vec::new();
        for (session, work, at) in rounds {
            after.push(last_after(&stage.events(&session)?, &work, at));
        }
        rows.put(&format!("{name}_p50"), percentile(&mut after, 50.0), "ms");
        rows.put(&format!("{name}_p99"), percentile(&mut after, 99.0), "ms");
    }
    println!("{}", json!({ "report": "capture", "rows": rows.0 }));
    Ok(())
}

fn report(stage: &Stage, runs: &[(&str, Run)], peer_log: Option<PathBuf>, rows: &mut Rows) -> Result<()> {
    let peer_lines: Vec<Value> = match peer_log {
        Some(log) => std::fs::read(log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .context("the peer's lines")?
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect(),
        None => Vec::new(),
    };
    let (mut clicks, mut exact) = (0, 0);
    for (name, run) in runs {
        let work = &run.work;
        let sent = work.moves.len() + 2 * work.keys as usize + 2 * work.clicks.len();
        let events = stage.events(&run.session).context("show a session")?;
        let seen = moves(&events).count();
        let places: Vec<(i64, i64)> = buttons(&events).collect();
        clicks += work.clicks.len();
        exact +=
            work.clicks.iter().zip(&places).filter(|(sent, seen)| (sent.0.into(), sent.1.into()) == **seen).count();
        eprintln!(
            "{name}: {sent} made, {} told, {} lost by its own count; of {} moves {seen} stored",
            run.told,
            run.lost,
            work.moves.len(),
        );
        for left_out in events.iter().filter_map(|event| event.get("left_out")) {
            eprintln!("{name}: left out {left_out}");
        }
        let theirs: Vec<&Value> = peer_lines
            .iter()
            .filter(|line| line["time"].as_f64().is_some_and(|at| run.wall.0 <= at && at <= run.wall.1))
            .collect();
        let peer_lost = (!theirs.is_empty()).then_some(sent as f64 - theirs.len() as f64);
        rows.beside(&format!("lost/{name}"), sent as f64 - run.told as f64, "events", peer_lost);
        rows.put(&format!("sent/{name}"), sent as f64, "events");
        rows.put(&format!("lost_moves/{name}"), work.moves.len() as f64 - seen as f64, "events");
        let cpu_name = if *name == "200" { "cpu_s".to_owned() } else { format!("cpu_s/{name}") };
        rows.beside(&cpu_name, run.cpu_s, "s", run.peer_cpu_s);
        let mut errors = time_errors(work, moves(&events));
        let told = theirs
            .iter()
            .filter(|line| line["kind"] == "move")
            .filter_map(|line| Some(((line["x"].as_i64()?, line["y"].as_i64()?), line["time"].as_f64()? * 1e3)));
        let mut peers = time_errors(work, told);
        for (p, word) in [(50.0, "p50"), (99.0, "p99")] {
            let row = format!("time_error_{word}_ms/{name}");
            let peer = (!peers.is_empty()).then(|| percentile(&mut peers, p));
            rows.beside(&row, percentile(&mut errors, p), "ms", peer);
            if *name == "200" {
                rows.put(&format!("time_error_{word}_ms"), percentile(&mut errors, p), "ms");
            }
        }
    }
    rows.put("clicks_exact_pct", 100.0 * exact as f64 / clicks.max(1) as f64, "%");
    rows.put("clicks", clicks as f64, "clicks");
    Ok(())
}
