//! What a participant keeps to themselves, and what is kept of text.
#![cfg(feature = "vault")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::process::{Output, Stdio};

use common::{PROGRAM, World, fails, json, ok};

/// Runs `candor WORDS --dir home`, with `input` as standard input.
fn told(world: &World, words: &[&str], input: &str) -> Output {
    let mut command = world.command(words, "home");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn what_a_participant_names_is_read_from_standard_input_and_kept_nowhere() {
    let world = World::new("");
    let _serving = world.serve();
    world.enrol("participant", "home");
    let said = ok(told(&world, &["private", "add", "my street"], "12 Larkspur Lane\n"));
    assert!(said.contains("my street") && !said.to_lowercase().contains("larkspur"), "{said}");
    for secret in ["Larkspur", "larkspur", "12larkspurlane"] {
        assert!(!common::holds(&world.path("home"), secret.as_bytes()), "{secret}");
    }
    for file in ["private.json", "keys/personal.key"] {
        assert_eq!(world.path("home").join(file).metadata().unwrap().mode() & 0o777, 0o600, "{file}");
    }
    let error = fails(told(&world, &["private", "add", "short"], "abc\n"), 2);
    assert!(error.contains("too short") && !error.contains("abc"), "{error}");
    ok(world.candor(&["private", "app", "Diary"], "home"));
    ok(world.candor(&["private", "site", "https://forum.example"], "home"));
    fails(world.candor(&["private", "site", "not a site"], "home"), 2);
    let list = json(world.candor(&["private", "list", "--json"], "home"));
    assert_eq!(list["named"][0]["label"], "my street");
    assert!(list["named"][0]["added"].as_u64().unwrap() > 0);
    assert_eq!(list["applications"][0], "Diary");
    assert_eq!(list["sites"].as_array().unwrap().len(), 1);
    ok(world.candor(&["private", "remove", "my street"], "home"));
    fails(world.candor(&["private", "remove", "my street"], "home"), 1);
    ok(world.candor(&["private", "app", "Diary", "--remove"], "home"));
    let list = json(world.candor(&["private", "list", "--json"], "home"));
    assert_eq!((list["named"].as_array().unwrap().len(), list["applications"].as_array().unwrap().len()), (0, 0));
}

fn give(world: &World, words: &[&str]) -> Output {
    let start = ["consent", "give", "--purpose", "train-computer-use", "--application", "editor", "--yes"];
    world.candor(&[&start[..], words].concat(), "home")
}

fn text_in_editor(world: &World) -> String {
    let shown = json(world.candor(&["consent", "show", "--json"], "home"));
    shown["text"]["editor"].as_str().unwrap().to_owned()
}

#[test]
fn of_text_a_participant_chooses_as_much_as_the_program_or_less() {
    let world = World::with_program(
        "",
        &format!("text = \"shapes\"\nprivate_origins = [\"wiki.example\"]\n{PROGRAM}[text_of]\neditor = \"safe\"\n"),
    );
    let _serving = world.serve();
    world.enrol("participant", "home");
    for (words, expected) in [
        (&[][..], "shapes"),
        (&["--text", "none"], "none"),
        (&["--text", "editor=safe"], "safe"),
        (&["--text", "safe", "--text", "editor=none"], "none"),
    ] {
        ok(give(&world, words));
        assert_eq!(text_in_editor(&world), expected, "{words:?}");
    }
    let shown = json(world.candor(&["consent", "show", "--json"], "home"));
    assert_eq!(shown["offer"]["private_origins"][0], "wiki.example");
    let error = fails(give(&world, &["--text", "safe", "--hold-back-secs", "899"]), 1);
    assert!(error.contains("900"), "{error}");
    let error = fails(give(&world, &["--text", "other=safe"]), 1);
    assert!(error.contains("`other`"), "{error}");
    let error = fails(give(&world, &["--text", "everything"]), 2);
    assert!(error.contains("`none`, `shapes` and `safe`"), "{error}");
}

#[test]
fn of_text_nothing_is_signed_that_the_program_does_not_offer() {
    let world = World::new("");
    let _serving = world.serve();
    world.enrol("participant", "home");
    let error = fails(give(&world, &["--text", "safe"]), 1);
    assert!(error.contains("`shapes`") && error.contains("`editor`"), "{error}");
    assert!(!world.path("home/consent.json").exists());
}

#[test]
fn a_program_whose_words_on_text_or_private_places_mean_nothing_is_refused() {
    let world = World::new("");
    for (line, named) in [
        ("text = \"all\"", "line 1"),
        ("private_origins = [\"a b\"]", "`a b`"),
        ("private_applications = [\"...\"]", "`...`"),
        ("text_of = { mail = \"none\" }", "`mail`"),
    ] {
        let path = world.path("program.toml");
        std::fs::write(&path, format!("{line}\n{PROGRAM}")).unwrap();
        let error = fails(world.candor(&["vault", "init", "--program", path.to_str().unwrap()], "other"), 2);
        assert!(error.contains(named), "{line}: {error}");
    }
}
