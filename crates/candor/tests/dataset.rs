//! From two participants to a dataset and its workroom, through the command line; and every no on the way.
#![cfg(all(feature = "dataset", feature = "import", feature = "vault"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{World, fails, holds, json, ok, program};

const SPEC: &str = r#"
dataset = "d-0123456789abcdef0123456789abcdef"
name = "trial"
purpose = "train-computer-use"
min_people = 1
screen = [1280, 960]
"#;

/// A short recording in DuckTrack's shape.
fn recording(path: &Path, seed: u32) {
    let mut lines = String::new();
    for n in 0..200u32 {
        let at = 10.0 + f64::from(n) * 0.05;
        let (x, y) = (n * seed % 1_280, n * 7 % 960);
        lines += &match n % 20 {
            3 => format!(
                "{{\"time_stamp\":{at},\"action\":\"click\",\"x\":{x},\"y\":{y},\"button\":\"left\",\"pressed\":true}}\n"
            ),
            4 => format!(
                "{{\"time_stamp\":{at},\"action\":\"click\",\"x\":{x},\"y\":{y},\"button\":\"left\",\"pressed\":false}}\n"
            ),
            9 => format!("{{\"time_stamp\":{at},\"action\":\"press\",\"name\":\"q\"}}\n"),
            10 => format!("{{\"time_stamp\":{at},\"action\":\"release\",\"name\":\"q\"}}\n"),
            _ => format!("{{\"time_stamp\":{at},\"action\":\"move\",\"x\":{x},\"y\":{y}}}\n"),
        };
    }
    std::fs::write(path, lines).unwrap();
}

struct Trial {
    world: World,
}

impl Trial {
    fn new() -> Self {
        let trial = Self { world: World::new("") };
        std::fs::write(trial.world.path("spec.toml"), SPEC).unwrap();
        trial
    }

    fn run(&self, words: &str) -> Output {
        let path = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.world.path(name).display().to_string(),
            None => word.to_owned(),
        };
        let mut command = Command::new(program());
        command.args(words.split(' ').map(path)).env_remove("CANDOR_DIR").output().unwrap()
    }

    fn participant(&self, name: &str, seed: u32) {
        self.world.enrol("participant", name);
        let give = "consent give --yes --purpose train-computer-use --application editor --import --stand-in";
        ok(self.run(&format!("{give} --hold-back-secs 0 --dir @{name}")));
        recording(&self.world.path(&format!("{name}.jsonl")), seed);
        ok(self.run(&format!("import @{name}.jsonl --scope editor --strict --dir @{name}")));
        ok(self.run(&format!("upload --dir @{name}")));
    }

    fn keys(&self, out: &str, command: &str) -> Output {
        let mut run = Command::new(program());
        run.args(["workroom", "--dataset"]).arg(self.world.path(out)).arg("--request").arg(self.world.path("room.jws"));
        run.arg("--dir").arg(self.world.path("builder")).args(["--", "sh", "-c", command]);
        run.output().unwrap()
    }
}

#[test]
fn a_dataset_needs_two_approvals_and_ends_with_its_people() {
    let trial = Trial::new();
    let _serving = trial.world.serve();
    trial.participant("ada", 13);
    trial.participant("ben", 29);
    trial.world.enrol("builder", "builder");
    for role in ["participants", "security", "privacy"] {
        trial.world.enrol(&format!("custodian:{role}"), role);
    }
    ok(trial.run("dataset request @spec.toml --workload trial --out @request.jws --dir @builder"));

    // Without approvals, with one, with two that leave the participants out: no.
    let build = "dataset build @spec.toml --request @request.jws --out @out --json --dir @builder";
    let approve = |who| trial.run(&format!("approve @request.jws --yes --dir @{who}"));
    fails(trial.run(build), 1);
    ok(approve("security"));
    fails(trial.run(build), 1);
    ok(approve("privacy"));
    let refusal = fails(trial.run(build), 1);
    assert!(refusal.contains("participants"), "{refusal}");
    assert!(!trial.world.path("out").exists(), "a refused build leaves nothing");
    // A builder approves nothing.
    fails(approve("builder"), 2);
    ok(approve("participants"));
    // Another specification than the approved one: no key leaves, so the same request still builds.
    let spec = std::fs::read_to_string(trial.world.path("spec.toml")).unwrap();
    std::fs::write(trial.world.path("spec.toml"), format!("{spec}# and more\n")).unwrap();
    let refusal = fails(trial.run(build), 2);
    assert!(refusal.contains("not the one that was asked for"), "{refusal}");
    std::fs::write(trial.world.path("spec.toml"), spec).unwrap();
    let built = json(trial.run(build));
    assert_eq!((built["segments"].as_u64(), built["files"].as_u64()), (Some(2), Some(4)));

    // Nothing of it lies there in clear, and the keys of one request leave once.
    for needle in [&b"pyautogui"[..], b"click", b"PAR1\x15"] {
        assert!(!holds_in_sealed(&trial.world.path("out"), needle));
    }
    fails(trial.run("dataset build @spec.toml --request @request.jws --out @again --dir @builder"), 2);

    // The workroom's command gets the keys through its descriptor and nowhere else.
    ok(trial.run("workroom --dataset @out --ask @room.jws --dir @builder"));
    let script =
        "cat <&$CANDOR_KEYS_FD; echo ENV; tr '\\0' '\\n' </proc/self/environ; tr '\\0' '\\n' </proc/$PPID/cmdline";
    fails(trial.keys("out", script), 1);
    for who in ["security", "participants"] {
        ok(trial.run(&format!("approve @room.jws --yes --dir @{who}")));
    }
    let told = ok(trial.keys("out", script));
    let (keys, rest) = told.split_once("ENV\n").unwrap();
    assert_eq!(keys.lines().count(), 4, "{keys}");
    for line in keys.lines() {
        let key = serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].as_str().unwrap().to_owned();
        assert!(!rest.contains(&key) && !holds(&trial.world.path("builder"), key.as_bytes()));
    }

    // One leaves: the dataset is tainted, its keys are no more to be had, and a new build has the other alone.
    ok(trial.run("consent withdraw --erase --yes --dir @ben"));
    ok(trial.run("erase --everything --yes --dir @ben"));
    let listed = json(trial.run("dataset list --json --dir @builder"));
    assert_eq!(listed[0]["tainted"], true, "{listed}");
    ok(trial.run("workroom --dataset @out --ask @room.jws --dir @builder"));
    for who in ["security", "participants"] {
        ok(trial.run(&format!("approve @room.jws --yes --dir @{who}")));
    }
    fails(trial.keys("out", "true"), 1);
    ok(trial.run("dataset request @spec.toml --workload trial --out @request.jws --dir @builder"));
    for who in ["security", "participants"] {
        ok(approve(who));
    }
    let rebuilt =
        json(trial.run("dataset build @spec.toml --request @request.jws --out @second --json --dir @builder"));
    assert_eq!((rebuilt["segments"].as_u64(), rebuilt["version"].as_u64()), (Some(1), Some(2)));
}

/// The manifest is in clear; everything beside it is sealed.
fn holds_in_sealed(dir: &Path, needle: &[u8]) -> bool {
    let sealed = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut sealed = sealed.filter(|path| path.file_name().is_none_or(|name| name != "manifest.json"));
    sealed.any(|path| std::fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle))
}

#[test]
fn a_purpose_nobody_agreed_to_is_refused() {
    let trial = Trial::new();
    let _serving = trial.world.serve();
    trial.participant("ada", 13);
    trial.world.enrol("builder", "builder");
    trial.world.enrol("custodian:participants", "participants");
    trial.world.enrol("custodian:security", "security");
    let spec = SPEC.replace("train-computer-use", "evaluate-computer-use");
    std::fs::write(trial.world.path("spec.toml"), spec).unwrap();
    ok(trial.run("dataset request @spec.toml --workload trial --out @request.jws --dir @builder"));
    for who in ["security", "participants"] {
        ok(trial.run(&format!("approve @request.jws --yes --dir @{who}")));
    }
    let refusal = fails(trial.run("dataset build @spec.toml --request @request.jws --out @out --dir @builder"), 1);
    assert!(refusal.contains("purpose"), "{refusal}");
}
