//! Invitations and enrolment.
#![cfg(feature = "vault")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use std::os::unix::fs::MetadataExt;

use common::{World, fails, json, ok};

const CONFIG: &str = "";

#[test]
fn an_invitation_is_used_once() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    let invitation = world.invite("participant");
    ok(world.candor(&["enrol", &invitation], "first"));
    let error = fails(world.candor(&["enrol", &invitation], "second"), 1);
    assert!(error.contains("used or expired") && error.contains("ask the vault's operator"), "{error}");
}

#[test]
fn a_made_up_invitation_is_refused_in_the_same_words() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    let real = world.invite("participant");
    let (head, token) = real.rsplit_once('.').unwrap();
    let made_up = format!("{head}.{}A", &token[1..].replace('A', "B"));
    let error = fails(world.candor(&["enrol", &made_up], "home"), 1);
    assert!(error.contains("used or expired"), "{error}");
}

#[test]
fn invitations_look_alike_for_every_role() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    let roles = ["participant", "builder", "custodian:participants", "custodian:security", "operator", "agent"];
    let lines: Vec<String> = roles.iter().map(|role| world.invite(role)).collect();
    for (role, line) in roles.iter().zip(&lines) {
        assert_eq!(line.len(), lines[0].len(), "{role}");
        let (head, _) = line.rsplit_once('.').unwrap();
        assert!(lines[0].starts_with(head), "only the token differs: {role}");
        assert!(!line.contains(role.split(':').next().unwrap()), "{role}");
    }
}

#[test]
fn the_token_is_nowhere_in_the_vault() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    let invitation = world.invite("builder");
    let token = invitation.rsplit_once('.').unwrap().1;
    assert!(!common::holds(&world.path("vault"), token.as_bytes()));
}

#[test]
fn a_vault_with_another_authority_is_not_spoken_to() {
    let (world, other) = (World::new(CONFIG), World::new(CONFIG));
    let serving = world.serve();
    let line = world.invite("participant");
    let port = serving.port();
    serving.kill();
    let impostor = other.serve_on(&format!("127.0.0.1:{port}"));
    let error = fails(world.candor(&["enrol", &line], "home"), 2);
    assert!(error.contains("not the vault that made this invitation"), "{error}");
    assert!(!world.path("home/member.json").exists());
    drop(impostor);
    let _again = world.serve_on(&format!("127.0.0.1:{port}"));
    ok(world.candor(&["enrol", &line], "home"));
}

#[test]
fn a_home_is_closed_to_others_and_the_opening_key_lies_apart() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    let member = world.enrol("participant", "home");
    assert!(member["participant"].as_str().unwrap().starts_with("p-") && member["principal"].is_null());
    for name in ["keys/tls.pem", "keys/device.key", "keys/signing.key", "opening/identity.key", "member.json"] {
        assert_eq!(world.path("home").join(name).metadata().unwrap().mode() & 0o777, 0o600, "{name}");
    }
    let opening = std::fs::read_to_string(world.path("home/opening/identity.key")).unwrap();
    let secret = opening.split(' ').nth(1).unwrap().trim();
    assert!(!common::holds(&world.path("home/keys"), secret.as_bytes()));
    let shown = json(world.candor(&["consent", "--where", "--json"], "home"));
    assert_eq!(shown["destinations"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_signed_without_a_yes_or_beyond_the_offer() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    world.enrol("participant", "home");
    let give = |words: &str| {
        let words: Vec<_> = ["consent", "give", "--purpose"].into_iter().chain(words.split(' ')).collect();
        let mut command = world.command(&words, "home");
        command.stdin(std::process::Stdio::null()).output().unwrap()
    };
    let error = fails(give("train-computer-use"), 1);
    let offered = fails(world.candor(&["consent", "show", "--json"], "home"), 1);
    assert!(offered.is_empty(), "{offered}");
    let hash = error.split("--notice ").nth(1).unwrap().split('`').next().unwrap();
    assert!(fails(give("study-interfaces --yes"), 1).contains("it offers `train-computer-use`"));
    assert!(fails(give("train-computer-use --yes --application firefox"), 1).contains("it may name `editor`"));
    assert!(fails(give(&format!("train-computer-use --notice {}", "0".repeat(64))), 1).contains("not the hash"));
    let shown = world.candor(&["consent", "show", "--json"], "home");
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(shown["consent"].is_null() && shown["offer"]["import"] == true, "{shown}");
    ok(give(&format!("train-computer-use --notice {hash}")));
    let shown = json(world.candor(&["consent", "show", "--json"], "home"));
    let held = shown.to_string();
    assert!(held.contains("\"hold_back_secs\":86400"), "the program offers 0, and nobody chose that: {held}");
    let withdrawn =
        world.command(&["consent", "withdraw", "--erase"], "home").stdin(std::process::Stdio::null()).output();
    assert!(fails(withdrawn.unwrap(), 1).contains("your consent is withdrawn; nothing was erased"));
    assert_eq!(fails(world.candor(&["consent", "show"], "home"), 1), "");
}

#[test]
fn a_folder_is_enrolled_once() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    world.enrol("builder", "home");
    let invitation = world.invite("builder");
    assert!(fails(world.candor(&["enrol", &invitation], "home"), 2).contains("already enrolled"));
    ok(world.candor(&["enrol", &invitation], "other"));
}

#[test]
fn only_the_operator_invites_and_pauses() {
    let world = World::new(CONFIG);
    let _serving = world.serve();
    for (role, dir) in [("participant", "p"), ("builder", "b"), ("custodian:security", "c")] {
        world.enrol(role, dir);
        assert!(fails(world.candor(&["vault", "invite", "--role", "operator"], dir), 1).contains("not for the role"));
        assert!(fails(world.candor(&["vault", "pause"], dir), 1).contains("not for the role"));
    }
    world.enrol("operator", "o");
    let epoch = json(world.candor(&["vault", "pause", "--json"], "o"))["epoch"].as_u64().unwrap();
    let again = json(world.candor(&["vault", "pause", "--json"], "o"));
    assert_eq!(again["epoch"], epoch, "a pause that changes nothing is no new epoch");
    let resumed = json(world.candor(&["vault", "resume", "--json"], "vault"));
    assert_eq!(resumed["epoch"], epoch + 1);
}

#[test]
fn a_crash_writes_no_memory_to_the_disk() {
    let world = World::new(CONFIG);
    let serving = world.serve();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", serving.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    assert_eq!(core.split_whitespace().nth(5), Some("0"), "{core}");
}
