//! What watching costs: 10 keys and 200 motions a second into a field that tells of each key.

use std::time::{Duration, Instant};

use super::rig::{Desk, form, open_text};
use crate::testing::Hand;

/// Processor time of each thread so far, by name (proc(5), `schedstat`).
fn threads() -> Vec<(String, u64)> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let time = |task: std::path::PathBuf| {
        let name = std::fs::read_to_string(task.join("comm")).ok()?;
        let nanoseconds = std::fs::read_to_string(task.join("schedstat")).ok()?;
        let nanoseconds = nanoseconds.split_whitespace().next()?.parse().ok()?;
        Some((name.trim().to_owned(), nanoseconds))
    };
    tasks.filter_map(time).collect()
}

#[test]
#[ignore = "a measurement, of a minute"]
fn a_minute_of_typing_and_pointing_costs_this_much() {
    let truth = tempfile::NamedTempFile::new().unwrap();
    let Some(mut desk) = Desk::start(form(truth.path()), true) else { return };
    let before = threads();
    let hand = Hand::new(desk.display.connect());
    let letters: Vec<u8> = ('a'..='z').map(|c| desk.code(c)).collect();
    let work = move || {
        let start = Instant::now();
        for n in 0..12_000u32 {
            let x = i16::try_from(n % 1_000).unwrap();
            hand.point(x, 100);
            if n % 20 == 0 {
                hand.key(letters[usize::try_from(n / 20).unwrap() % letters.len()]);
            }
            let due = start + Duration::from_millis(5) * n;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    };
    std::thread::Builder::new().name("hand".into()).spawn(work).unwrap();
    desk.pump(Duration::from_secs(62));
    let spent = |(name, time): (String, u64)| {
        let earlier = before.iter().filter(|(other, _)| *other == name).map(|(_, time)| time).sum::<u64>();
        format!("{name} {:.3} s", Duration::from_nanos(time.saturating_sub(earlier)).as_secs_f64())
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    eprintln!("{:?} {:?}", threads().into_iter().map(spent).collect::<Vec<_>>(), memory.collect::<Vec<_>>());
    assert_eq!(open_text(&desk.seen).chars().count(), 600);
}
