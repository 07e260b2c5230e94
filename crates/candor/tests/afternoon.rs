//! A scripted afternoon: real applications, a hundred planted secrets, and everything that was written searched for them.
#![cfg(all(feature = "device", feature = "vault"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on stops"
)]

#[path = "afternoon/canaries.rs"]
mod canaries;
mod common;
#[path = "afternoon/desk.rs"]
mod desk;
#[path = "afternoon/pages.rs"]
mod pages;
#[path = "afternoon/pdf.rs"]
mod pdf;
#[allow(dead_code, reason = "the demo uses the rest")]
#[path = "../src/demo/scan.rs"]
mod scan;
#[path = "afternoon/scenes.rs"]
mod scenes;
#[path = "afternoon/shown.rs"]
mod shown;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use canaries::{Canaries, Kind};
use common::{World, ok};
use desk::Desk;
use scan::Scanner;
use shown::Shown;

/// `localhost` is private, `127.0.0.1` is not: two names of one server.
const PROGRAM: &str = r#"
name = "Trial"
purposes = ["train-computer-use"]
applications = ["chromium", "editor", "evince", "xterm"]
text_of = { chromium = "safe", editor = "safe" }
private_origins = ["localhost"]
min_people = 1
hold_back_secs = 900
[controller]
name = "Example"
contact = "privacy@example.org"
[notice]
file = "notice.txt"
version = 1
language = "en"
"#;

const GIVE: &str = "consent give --yes --purpose train-computer-use --application chromium --application editor \
                    --application evince --application xterm";

/// One afternoon at a time: two browsers would race each other.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the secrets are made from; `CANDOR_SEED` makes others.
fn seed() -> u64 {
    let named = std::env::var("CANDOR_SEED").ok().and_then(|seed| seed.parse().ok());
    named.unwrap_or(0x0a7f_7e12_0021_5ca1)
}

/// No canary may be in what was written or in what the participant's key opens, and no eight characters of one in what is
/// shown of what was typed.
fn search(world: &World, shown: &Shown, canaries: &Canaries) {
    let scanner = Scanner::new(canaries.planted.iter().map(|(_, text, _)| text.as_str()));
    let (hits, bytes) = scanner.hits_below(world.dir.path()).unwrap();
    for kind in [Kind::Password, Kind::Card, Kind::Token, Kind::Sentence] {
        println!("{kind:?}: {} planted", canaries.count(kind));
    }
    println!("found {hits} times in {bytes} bytes at rest; landed elsewhere, so none: {:?}", canaries.astray);
    assert_eq!(hits, 0, "canaries in what was written");
    assert_eq!(scanner.hits(shown.printed.as_bytes()), 0, "canaries in what is shown");
    for typed in shown.typed() {
        assert_eq!(canaries.shown_in(&typed), [], "pieces of canaries in what was typed");
    }
}

/// That the search can fail: `passed` was let pass as text, and a canary is put into a file as UTF-16, compressed.
fn check_the_search(world: &World, shown: &Shown, canaries: &mut Canaries, passed: Option<&str>) {
    if let Some(passed) = passed {
        canaries.planted.push((Kind::Sentence, passed.to_owned(), "what passed"));
        assert_eq!(canaries.shown_in(&shown.typed()[0]), [(Kind::Sentence, "what passed")]);
        canaries.planted.pop();
    }
    let canary = &canaries.planted[0].1;
    let wide: Vec<u8> = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(world.path("ada/planted"), zstd::bulk::compress(&wide, 3).unwrap()).unwrap();
    assert!(Scanner::new([canary.as_str()]).hits_below(world.dir.path()).unwrap().0 > 0);
}

/// Prints what became of it all.
fn report(desk: &Desk, shown: &Shown, began: Instant) {
    let down = |event: &serde_json::Value| event["kind"] == "key" && event["press"] == "down";
    let text = shown.count(|event| down(event) && event["key"]["text"].is_string());
    let shapes = shown.count(|event| down(event) && event["key"]["shape"].is_string());
    let [gaps, stood_in] = ["gap", "surrogate"].map(|kind| shown.count(|event| event["kind"] == kind));
    println!("keys {}: as text {text}, as shapes {shapes}; gaps {gaps}, surrogates {stood_in}", desk.done.keys);
    let clicks = shown.count(|event| event["kind"] == "button" && event["press"] == "down");
    println!("clicks {}: recorded {clicks}, with element {}", desk.done.clicks.len(), shown.pressed().len());
    let raced = &desk.done.raced;
    println!(
        "typed at once after the focus moved {}: within 5 ms {}",
        raced.len(),
        raced.iter().filter(|late| **late < Duration::from_millis(5)).count()
    );
    println!("{} s; applications {:?}", began.elapsed().as_secs(), shown.applications());
}

/// The steps that should be there are: plain words as text, clicks with what they hit.
fn check_the_steps(shown: &Shown) {
    let [text, ..] = shown.typed();
    let kept = scenes::PLAIN.iter().filter(|sentence| text.contains(**sentence)).count();
    println!("{kept} of {} plain sentences are kept whole", scenes::PLAIN.len());
    assert!(kept + 1 >= scenes::PLAIN.len(), "{text}");
    let pressed = shown.pressed();
    for ((x, y), element) in &pressed {
        let [left, top, width, height] = ["x", "y", "width", "height"].map(|name| element[name].as_i64().unwrap());
        let holds = (left..left + width).contains(x) && (top..top + height).contains(y);
        assert!(holds, "a click at {x}, {y} is not in its element: {element}");
    }
    for name in ["Save", "Log in"] {
        assert!(pressed.iter().any(|(_, element)| element["name"] == name && element["role"] == "button"), "{name}");
    }
}

#[test]
fn of_a_hundred_secrets_in_an_afternoon_none_is_written_and_the_steps_are_there() {
    let (_alone, began) = (alone(), Instant::now());
    let give = format!("{GIVE} --text chromium=safe --text editor=safe --hold-back-secs 900");
    let Some(mut desk) = Desk::begin(PROGRAM, &give) else { return };
    let mut canaries = Canaries::new(seed());
    let Some(_editor) = scenes::editor(&mut desk, &mut canaries, 9) else { return };
    let all = [scenes::terminal, scenes::browser, scenes::document].map(|scene| scene(&mut desk, &mut canaries));
    desk.stop();
    let shown = Shown::read(&desk.world);
    report(&desk, &shown, began);
    search(&desk.world, &shown, &canaries);
    if all.iter().all(Option::is_some) {
        assert_eq!(canaries.planted.len(), 100);
        check_the_steps(&shown);
    }
    check_the_search(&desk.world, &shown, &mut canaries, Some(scenes::PLAIN[0]));
}

#[test]
fn of_what_is_uploaded_as_shapes_nothing_tells_what_was_typed() {
    let (_alone, began) = (alone(), Instant::now());
    let Some(mut desk) = Desk::begin(PROGRAM, &format!("{GIVE} --hold-back-secs 0")) else { return };
    let mut canaries = Canaries::new(seed() + 1);
    let Some(_editor) = scenes::editor(&mut desk, &mut canaries, 3) else { return };
    scenes::terminal(&mut desk, &mut canaries);
    desk.stop();
    ok(desk.world.candor(&["upload", "--once"], "ada"));
    let status = desk.status();
    println!("uploaded {}", status["uploaded"]);
    assert!(status["uploaded"].as_u64().unwrap() >= 1 && status["ready"] == 0, "{status}");
    let shown = Shown::read(&desk.world);
    report(&desk, &shown, began);
    assert_eq!(shown.count(|event| event["key"]["text"].is_string()), 0);
    for sentence in scenes::PLAIN {
        canaries.planted.push((Kind::Sentence, sentence.to_owned(), "plain text"));
    }
    search(&desk.world, &shown, &canaries);
    check_the_search(&desk.world, &shown, &mut canaries, None);
}
