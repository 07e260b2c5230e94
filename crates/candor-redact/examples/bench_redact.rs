//! `cargo xtask bench redact [FILE…]`: all detectors with their validation, on one core, beside what others need for the
//! same bytes.
//!
//! Speed is megabytes (10^6 bytes) per second of processor time of [`Detector::find`] over 64 KiB chunks cut at the ends of
//! lines: the median of five runs after one to warm up, each long enough to be measured. Peers are slow and get the
//! beginning of the text only, once. Without files the texts are the public ones in `../shared/data` or `$CANDOR_DATA`.

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use candor_redact::{Detector, Finding};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CHUNK: usize = 64 << 10;
/// A run goes over its text until it has seen so many bytes: long enough that what else the machine does in bursts is in no
/// three of five.
const RUN: usize = 24 << 20;
/// About what the wall looks at around a caret.
const WINDOW: usize = 512;
/// Windows that are taken of each text, evenly.
const WINDOWS: usize = 2000;

/// A peer as `xtask/peers/redact.py` calls it, the bytes it gets of each text, and what to say about it.
const PEERS: &[(&str, usize, &str)] =
    &[("presidio", 256 << 10, "regex only, first 256 KiB"), ("detect-secrets", 1 << 20, "first 1 MiB")];

/// A public set: its name in the rows, its archive, which of the files, and how a file is read.
struct Set {
    name: &'static str,
    archive: &'static str,
    ending: &'static str,
    read: fn(&str) -> Result<String>,
}

const SETS: &[Set] = &[
    Set { name: "gutenberg", archive: "text-gutenberg", ending: ".txt", read: plain },
    Set { name: "irc", archive: "text-irc-ubuntu", ending: ".raw.txt", read: plain },
    Set { name: "pii", archive: "pii-presidio-synth", ending: ".json", read: full_texts },
];

fn main() -> Result<()> {
    let files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (detector, mut rows) = memory()?;
    let texts = texts(&files)?;
    for (name, text) in &texts {
        let speed = speed(&detector, text)?;
        eprintln!("{name}: {} bytes, {speed:.1} MB/s", text.len());
        rows.extend(beside_peers(&format!("mb_s/{name}"), speed, text));
    }
    rows.extend(windows(&detector, &texts));
    println!("{}", json!({"report": "redact", "rows": rows}));
    Ok(())
}

fn row(name: impl Into<String>, value: f64, unit: &str) -> Value {
    json!({"name": name.into(), "value": value, "unit": unit})
}

/// The detector, and what it needs: measured first, while nothing else is in memory.
fn memory() -> Result<(Detector, Vec<Value>)> {
    let before = status_mb("VmRSS:")?;
    let detector = Detector::new();
    let after = status_mb("VmRSS:")?;
    let line = "Call 212-555-0187 or write to jo@host.example, said Dr. Anna Berg; the password is in the safe.\n";
    let text = line.repeat(CHUNK / line.len());
    let mut findings = Vec::new();
    detector.find(&text, &mut findings);
    detector.find_typed(line, &mut findings);
    black_box(detector.settled(line));
    if findings.is_empty() {
        return Err("the detectors find nothing in an example".into());
    }
    let rows = vec![
        row("rss_mb", status_mb("VmRSS:")?, "MB"),
        row("rss_peak_mb", status_mb("VmHWM:")?, "MB"),
        row("detector_mb", after - before, "MB"),
    ];
    Ok((detector, rows))
}

/// A figure of our own process, in MB of 2^20 bytes.
fn status_mb(name: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("the system does not tell our memory")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}

/// What is measured: the files, or the public sets, with names.
fn texts(files: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| format!("read `{}`: {error}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        texts.push((name.into_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    if files.is_empty() {
        let root = std::env::var_os("CANDOR_DATA")
            .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
        for set in SETS {
            let path = root.join(set.archive).join(format!("{}-dev.tar.zst", set.archive));
            if path.exists() {
                texts.push((set.name.to_owned(), unpacked(&path, set)?));
            } else {
                eprintln!("SKIPPED: no text at {}; set CANDOR_DATA to the folder that holds it", path.display());
            }
        }
    }
    texts.retain(|(_, text)| !text.is_empty());
    if texts.is_empty() {
        return Err("there is nothing to measure: name files, or set CANDOR_DATA".into());
    }
    Ok(texts)
}

/// The texts of an archive's files, one after the other.
fn unpacked(path: &Path, set: &Set) -> Result<String> {
    let mut tar = zstd::Decoder::new(File::open(path)?)?;
    tar.window_log_max(27)?;
    let mut all = String::new();
    let mut block = [0; 512];
    while tar.read_exact(&mut block).is_ok() && block.first() != Some(&0) {
        let field = |range| block.get(range).map(until_zero).unwrap_or_default();
        let size = u64::from_str_radix(field(124..136).trim(), 8)?;
        let mut content = Vec::new();
        (&mut tar).take(size.next_multiple_of(512)).read_to_end(&mut content)?;
        content.truncate(usize::try_from(size)?);
        if matches!(block.get(156), Some(b'0' | 0)) && field(0..100).ends_with(set.ending) {
            all.push_str(&(set.read)(&String::from_utf8_lossy(&content))?);
        }
    }
    Ok(all)
}

fn until_zero(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}

fn plain(content: &str) -> Result<String> {
    Ok(content.to_owned())
}

/// The texts of Presidio's synthetic set, a line each.
fn full_texts(content: &str) -> Result<String> {
    let records: Vec<Value> = serde_json::from_str(content)?;
    Ok(records.iter().filter_map(|record| record.get("full_text")?.as_str()).flat_map(|text| [text, "\n"]).collect())
}

/// MB/s of all detectors.
fn speed(detector: &Detector, text: &str) -> Result<f64> {
    let chunks = chunks(text);
    let passes = RUN.div_ceil(text.len());
    let mut speeds = Vec::new();
    for _ in 0..6 {
        let start = processor_secs();
        for chunk in (0..passes).flat_map(|_| &chunks) {
            let mut findings: Vec<Finding> = Vec::new();
            detector.find(chunk, &mut findings);
            black_box(&findings);
        }
        speeds.push((passes * text.len()) as f64 / 1e6 / (processor_secs() - start));
    }
    speeds.remove(0);
    Ok(percentile(&mut speeds, 50))
}

/// Seconds that this thread has had a processor.
fn processor_secs() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Pieces of at most 64 KiB, cut at the ends of lines where there are any.
fn chunks(mut text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    while !text.is_empty() {
        let most = text.floor_char_boundary(CHUNK);
        let (head, _) = text.split_at(most);
        let cut = if most == text.len() { most } else { head.rfind('\n').map_or(most, |end| end + 1) };
        let (chunk, rest) = text.split_at(cut);
        chunks.push(chunk);
        text = rest;
    }
    chunks
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// What one look of the wall costs, in microseconds on the clock: every detector on a window, and how much of it is settled.
fn windows(detector: &Detector, texts: &[(String, String)]) -> Vec<Value> {
    let (mut find, mut typed, mut settled) = (Vec::new(), Vec::new(), Vec::new());
    let mut findings = Vec::new();
    for (_, text) in texts {
        let step = (text.len() / WINDOWS).max(1);
        for start in (0..text.len().saturating_sub(WINDOW)).step_by(step) {
            let start = text.floor_char_boundary(start);
            let window = text.get(start..text.floor_char_boundary(start + WINDOW)).unwrap_or_default();
            find.push(micros(|| detector.find(window, &mut findings)));
            typed.push(micros(|| detector.find_typed(window, &mut findings)));
            settled.push(micros(|| {
                black_box(detector.settled(window));
            }));
            findings.clear();
        }
    }
    let mut rows = Vec::new();
    for (name, values) in [("find", &mut find), ("find_typed", &mut typed), ("settled", &mut settled)] {
        for percent in [50, 99] {
            rows.push(row(format!("{name}_us_p{percent}"), percentile(values, percent), "us/512 B"));
        }
    }
    rows
}

fn micros(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e6
}

/// Our row once beside each peer that answers; alone where none does.
fn beside_peers(name: &str, speed: f64, text: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (peer, most, about) in PEERS {
        match ask(peer, text.split_at(text.floor_char_boundary(*most)).0.as_bytes()) {
            Ok(Some((who, mb_s))) => rows.push(json!({
                "name": name, "value": speed, "unit": "MB/s/core", "peer": format!("{who}, {about}"), "peer_value": mb_s,
            })),
            Ok(None) => {}
            Err(error) => eprintln!("{peer} gave no figure: {error}"),
        }
    }
    if rows.is_empty() {
        rows.push(row(name, speed, "MB/s/core"));
    }
    rows
}

/// A peer's name with its version, and its MB/s. Nothing where there are no peers.
fn ask(peer: &str, text: &[u8]) -> Result<Option<(String, f64)>> {
    let Some((python, script)) = std::env::var_os("CANDOR_PEERS_PYTHON").zip(std::env::var_os("CANDOR_PEERS_SCRIPT"))
    else {
        return Ok(None);
    };
    let mut child = Command::new(python).arg(script).arg(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // It reads everything before it answers. What it has to say, it says on standard error, where people see it.
    child.stdin.take().ok_or("no pipe")?.write_all(text)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("it ended with {}", output.status).into());
    }
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let who = answer.get("peer").and_then(Value::as_str).ok_or("it does not say who it is")?;
    let mb_s = answer.get("mb_s").and_then(Value::as_f64).ok_or("it says no figure")?;
    Ok(Some((who.to_owned(), mb_s)))
}
