//! Every key of `vault.toml` changes something seen here; an unknown one is a start-up error.
#![cfg(feature = "vault")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use common::{World, fails, json, ok};

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let world = World::new("");
    std::fs::write(world.path("vault/vault.toml"), "lease_secs = 60\nsafeguards = true\n").unwrap();
    let error = fails(world.candor(&["serve"], "vault"), 2);
    assert!(error.contains("line 2") && error.contains("`safeguards`"), "{error}");
}

#[test]
fn listen_is_where_it_serves() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = World::new(&format!("listen = \"{free}\""));
    let mut command = world.command(&["serve"], "vault");
    let child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let serving = common::Serving { child, url: format!("https://{free}") };
    let reached = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::net::TcpStream::connect(free).is_ok()
    });
    assert!(reached);
    drop(serving);
}

#[test]
fn names_stand_in_invitations_and_in_the_certificate() {
    let world = World::new("names = [\"127.0.0.2\"]");
    let _serving = world.serve_on("0.0.0.0:0");
    let line = world.invite("builder");
    assert!(line.starts_with("https://127.0.0.2:"), "{line}");
    ok(world.candor(&["enrol", &line], "home"));
    // The certificate holds for this name and for no other that also leads here.
    let error = fails(world.candor(&["enrol", &line.replace("127.0.0.2", "127.0.0.3")], "other"), 2);
    assert!(error.contains("not the vault"), "{error}");
}

#[test]
fn invitation_hours_is_how_long_an_invitation_can_be_used() {
    let world = World::new("invitation_hours = 2");
    let _serving = world.serve();
    let before = std::process::Command::new("date").arg("+%s").output().unwrap();
    let before: u64 = String::from_utf8(before.stdout).unwrap().trim().parse().unwrap();
    let invited = json(world.candor(&["vault", "invite", "--role", "builder", "--json"], "vault"));
    let expires = invited["expires_at"].as_u64().unwrap();
    assert!((before + 7200..before + 7260).contains(&expires), "{expires}");
}

#[test]
fn values_out_of_range_are_refused() {
    let world = World::new("");
    for (line, key) in [("lease_secs = 61", "lease_secs"), ("invitation_hours = 0", "invitation_hours")] {
        std::fs::write(world.path("vault/vault.toml"), line).unwrap();
        assert!(fails(world.candor(&["serve"], "vault"), 2).contains(key));
    }
}
