//! The recorder as a process, at a display of its own: it records while it may, stops when it may not, and says so.
#![cfg(all(feature = "device", feature = "vault"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

mod common;

use std::os::unix::fs::DirBuilderExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use candor_capture::testing::{Display, Hand, Others};
use common::{Serving, World, fails, json, ok};
use serde_json::Value;

/// A vault, a display, and `ada` who consents and records there.
struct Trial {
    world: World,
    vault: Option<Serving>,
    display: Display,
    hand: Hand,
    others: Others,
    recorder: Option<Child>,
}

impl Trial {
    /// Nothing where there is no Xvfb.
    fn begin(config: &str) -> Option<Self> {
        Self::begin_in(config, |_| true)
    }

    /// The same, with the member's folder as `prepare` makes it; nothing where it cannot.
    fn begin_in(config: &str, prepare: impl FnOnce(&World) -> bool) -> Option<Self> {
        let display = Display::start()?;
        let world = World::new(config);
        if !prepare(&world) {
            return None;
        }
        let vault = Some(world.serve());
        world.enrol("participant", "ada");
        let give = "consent give --yes --purpose train-computer-use --application editor --hold-back-secs 0";
        ok(world.candor(&give.split(' ').collect::<Vec<_>>(), "ada"));
        let (hand, others) = (Hand::new(display.connect()), Others::new(display.connect()));
        let mut trial = Self { world, vault, display, hand, others, recorder: None };
        trial.others.activate("editor", "notes");
        trial.start();
        Some(trial)
    }

    fn start(&mut self) {
        let mut command = self.world.command(&["record", "--idle", "600"], "ada");
        command.env("DISPLAY", self.display.name()).env("XAUTHORITY", self.display.cookies());
        command.env_remove("WAYLAND_DISPLAY").env_remove("XDG_SESSION_TYPE");
        let log = std::fs::File::options().create(true).append(true).open(self.world.path("recorder.log")).unwrap();
        self.recorder = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    fn status(&self) -> Value {
        json_any(self.world.candor(&["status", "--json"], "ada"))
    }

    /// Waits until the recorder says so.
    #[track_caller]
    fn until(&self, what: &str, says: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let status = self.status();
            if says(&status) {
                return status;
            }
            if Instant::now() > until {
                let log = std::fs::read_to_string(self.world.path("recorder.log")).unwrap_or_default();
                panic!("not {what}: {status}\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn until_mode(&self, mode: &str, why: Option<&str>) -> Value {
        self.until(mode, |status| status["recorder"] == mode && (status["why"].as_str() == why || why == Some("*")))
    }

    /// Moves the pointer so often, a few milliseconds apart.
    fn work(&self, moves: i16) {
        for n in 0..moves {
            self.hand.point(n % 600, 100 + n % 300);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The first so many moves, once they were heard.
    #[track_caller]
    fn hear(&self, moves: i16) -> Value {
        self.until_mode("recording", None);
        self.work(moves);
        self.until("it hears", |status| count(status, "captured") >= u64::from(moves.unsigned_abs()))
    }

    /// The first so many moves, once they were stored.
    #[track_caller]
    fn store(&self, moves: i16) -> Value {
        self.until_mode("recording", None);
        self.work(moves);
        self.until("all stored", |status| count(status, "stored") >= u64::from(moves.unsigned_abs()))
    }

    fn stop(&mut self) {
        ok(self.world.candor(&["stop"], "ada"));
        assert!(self.recorder.take().unwrap().wait().unwrap().success());
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if let Some(mut recorder) = self.recorder.take() {
            let _ = recorder.kill();
            let _ = recorder.wait();
        }
        // Where it is a disk of its own.
        let _ = Command::new("umount").arg(self.world.path("ada")).stderr(Stdio::null()).status();
    }
}

/// Makes the folder `ada` a disk of three megabytes; only root may, and says so.
fn small_disk(world: &World) -> bool {
    let dir = world.path("ada");
    std::fs::DirBuilder::new().mode(0o700).create(&dir).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=3m,mode=700", "candor-test"]).arg(dir);
    let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !mounted {
        eprintln!("SKIPPED: a disk of its own cannot be mounted here; it takes root");
    }
    mounted
}

/// The JSON of a run, whatever it answered.
fn json_any(output: std::process::Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{text}{error}"))
}

fn count(status: &Value, name: &str) -> u64 {
    status[name].as_u64().unwrap_or_else(|| panic!("{name}: {status}"))
}

#[test]
fn it_records_until_paused_and_again_once_resumed_and_says_what_became_of_every_event() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(200);
    let said = json(trial.world.candor(&["pause", "--json"], "ada"));
    assert_eq!((&said["recorder"], &said["why"]), (&"paused".into(), &"asked".into()), "{said}");
    trial.work(100);
    std::thread::sleep(Duration::from_millis(300));
    let paused = trial.status();
    assert_eq!(paused["captured"], said["captured"], "nothing is captured during a pause");
    assert_eq!(count(&paused, "waiting"), 0);
    let sum = count(&paused, "stored") + count(&paused, "withheld") + count(&paused, "dropped");
    assert_eq!(count(&paused, "captured"), sum, "{paused}");
    ok(trial.world.candor(&["resume"], "ada"));
    trial.until_mode("recording", None);
    trial.work(50);
    trial.until("more is stored", |status| count(status, "stored") >= count(&paused, "stored") + 50);
    trial.stop();
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events: u64 = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap()).sum();
    assert!(events >= 250, "{shown}");
    assert_eq!(trial.status()["recorder"], "stopped");
    fails(trial.world.candor(&["pause"], "ada"), 1);
}

#[test]
fn a_pause_outlives_the_recorder_and_a_kill_loses_a_second_at_most() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(100);
    std::thread::sleep(Duration::from_millis(1_200));
    let mut recorder = trial.recorder.take().unwrap();
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    assert!(shown["sessions"][0]["events"].as_u64().unwrap() >= 100, "{shown}");
    fails(trial.world.candor(&["pause"], "ada"), 1);
    trial.start();
    let status = trial.until_mode("paused", Some("asked"));
    assert_eq!(count(&status, "captured"), 0);
    trial.stop();
}

#[test]
fn two_recorders_do_not_run_for_one_member() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    let mut second = trial.world.command(&["record"], "ada");
    second.env("DISPLAY", trial.display.name()).env("XAUTHORITY", trial.display.cookies());
    fails(second.output().unwrap(), 2);
    trial.until_mode("recording", None);
}

#[test]
fn without_a_vault_it_stops_within_the_lease_and_goes_on_by_itself_when_the_vault_is_back() {
    let Some(mut trial) = Trial::begin("lease_secs = 3\n") else { return };
    trial.until_mode("recording", None);
    let port = trial.vault.as_ref().unwrap().port();
    trial.vault.take().unwrap().kill();
    let gone = Instant::now();
    trial.until_mode("waiting", Some("lease"));
    assert!(gone.elapsed() < Duration::from_secs(5), "{:?}", gone.elapsed());
    let before = trial.status();
    trial.work(50);
    assert_eq!(trial.status()["captured"], before["captured"]);
    trial.vault = Some(trial.world.serve_on(&format!("127.0.0.1:{port}")));
    trial.until_mode("recording", None);
    trial.stop();
}

#[test]
fn a_program_that_is_paused_and_a_consent_that_is_withdrawn_stop_it_at_once() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    ok(trial.world.candor(&["vault", "pause"], "vault"));
    let paused = Instant::now();
    trial.until_mode("waiting", Some("*"));
    println!("stopped {} ms after the vault's pause", paused.elapsed().as_millis());
    ok(trial.world.candor(&["vault", "resume"], "vault"));
    trial.until_mode("recording", None);
    ok(trial.world.candor(&["consent", "withdraw"], "ada"));
    trial.until_mode("waiting", Some("consent"));
}

#[test]
fn an_indicator_that_is_hidden_stops_it_and_only_the_person_goes_on() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    let window = trial.others.named("Candor").pop().unwrap();
    trial.others.unmap(window);
    let hidden = Instant::now();
    trial.until_mode("paused", Some("unseen"));
    println!("noticed after {} ms", hidden.elapsed().as_millis());
    let before = trial.status();
    trial.work(50);
    assert_eq!(trial.status()["captured"], before["captured"]);
    ok(trial.world.candor(&["resume"], "ada"));
    trial.until_mode("recording", None);
    assert_eq!(trial.others.named("Candor: recording").len(), 1);
}

#[test]
fn a_source_that_falls_silent_is_noticed_within_ten_seconds_and_bound_anew() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.hear(20);
    assert!(trial.others.mute_recordings() > 0, "the mute works");
    let muted = Instant::now();
    while trial.status()["session"] == before["session"] {
        assert!(muted.elapsed() < Duration::from_secs(10), "nobody noticed: {}", trial.status());
        trial.work(20);
    }
    println!("noticed after {} ms", muted.elapsed().as_millis());
    trial.until_mode("recording", None);
    let bound = trial.status();
    trial.work(50);
    trial.until("it hears again", |status| count(status, "captured") >= count(&bound, "captured") + 50);
}

#[test]
fn a_display_that_goes_away_ends_the_session_and_nothing_else() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(100);
    trial.display.stop();
    let status = trial.until_mode("waiting", Some("desktop"));
    assert!(count(&status, "stored") >= 100);
    trial.stop();
}

#[test]
fn what_is_forgotten_is_gone_while_it_records_and_while_it_does_not_and_it_stays_paused() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(100);
    let began = Instant::now();
    let said = json(trial.world.candor(&["forget", "--last", "10m", "--json"], "ada"));
    println!("forgotten after {} ms", began.elapsed().as_millis());
    assert!(said["forgotten"]["segments"].as_u64().unwrap() >= 1, "{said}");
    assert!(said["receipt"].is_object(), "{said}");
    trial.until_mode("paused", Some("forgot"));
    ok(trial.world.candor(&["resume"], "ada"));
    trial.until_mode("recording", None);
    trial.work(100);
    trial.until("all stored", |status| count(status, "stored") >= 200);
    trial.stop();
    let said = json(trial.world.candor(&["forget", "--last", "10m", "--json"], "ada"));
    assert!(said["forgotten"]["segments"].as_u64().unwrap() >= 1, "{said}");
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap());
    assert_eq!(events.sum::<u64>(), 0, "{shown}");
    trial.start();
    trial.until_mode("paused", Some("asked"));
}

#[test]
fn connections_that_say_nothing_keep_nobody_waiting() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    let silent: Vec<_> =
        (0..40).map(|_| std::os::unix::net::UnixStream::connect(trial.world.path("ada/control")).unwrap()).collect();
    let asked = Instant::now();
    ok(trial.world.candor(&["pause"], "ada"));
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    drop(silent);
}

#[test]
fn what_is_named_private_while_it_records_is_kept_out_from_then_on() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.until_mode("recording", None);
    ok(trial.world.candor(&["private", "app", "editor"], "ada"));
    let after = trial
        .until("another session", |status| status["recorder"] == "recording" && status["session"] != before["session"]);
    trial.others.activate("editor", "notes");
    std::thread::sleep(Duration::from_millis(200));
    trial.work(50);
    let status = trial.until("it withholds", |status| count(status, "withheld") >= count(&after, "withheld") + 50);
    assert_eq!(count(&status, "stored"), count(&after, "stored"), "{status}");
}

#[test]
fn a_window_that_changes_its_title_all_the_time_hides_no_silent_source() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.hear(20);
    assert!(trial.others.mute_recordings() > 0, "the mute works");
    let muted = Instant::now();
    let mut title = 0;
    while trial.status()["session"] == before["session"] {
        assert!(muted.elapsed() < Duration::from_secs(10), "nobody noticed: {}", trial.status());
        title += 1;
        trial.others.activate("editor", &format!("second {title}"));
        trial.work(20);
    }
}

/// Where the indicator stands on the display of these tests.
const INDICATOR: (i16, i16) = (1_262, 20);

#[test]
fn a_stop_says_so_and_its_answer_arrives_though_the_recorder_ends() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    let said = json(trial.world.candor(&["stop", "--json"], "ada"));
    assert_eq!(said["recorder"], "stopped", "{said}");
    assert!(trial.recorder.take().unwrap().wait().unwrap().success());
}

#[test]
fn who_clicks_twice_to_be_sure_of_a_pause_gets_the_pause() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    trial.hand.point(INDICATOR.0, INDICATOR.1);
    for pause_ms in [0, 150] {
        trial.hand.button(1);
        std::thread::sleep(Duration::from_millis(pause_ms));
        trial.hand.button(1);
        trial.until_mode("paused", Some("asked"));
        std::thread::sleep(Duration::from_millis(800));
        trial.until_mode("paused", Some("asked"));
        trial.hand.button(1);
        trial.until_mode("recording", None);
    }
}

#[test]
fn a_pause_that_the_disk_does_not_take_holds_and_is_said_and_forgetting_works_all_the_same() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(100);
    std::fs::create_dir(trial.world.path("ada/recorder.json.draft")).unwrap();
    let said = fails(trial.world.candor(&["pause"], "ada"), 2);
    assert!(said.contains("it is paused, but"), "{said}");
    trial.until_mode("paused", Some("asked"));
    fails(trial.world.candor(&["forget", "--last", "10m", "--json"], "ada"), 2);
    std::fs::remove_dir(trial.world.path("ada/recorder.json.draft")).unwrap();
    // Without another word: the next start finds the pause.
    std::thread::sleep(Duration::from_millis(2_500));
    trial.recorder.as_mut().unwrap().kill().unwrap();
    trial.recorder.take().unwrap().wait().unwrap();
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap());
    assert_eq!(events.sum::<u64>(), 0, "{shown}");
    trial.start();
    trial.until_mode("paused", Some("asked"));
    trial.stop();
}

#[test]
fn a_recorder_that_waits_for_the_person_writes_nothing_meanwhile() {
    use std::os::unix::fs::MetadataExt;
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    trial.others.unmap(trial.others.named("Candor").pop().unwrap());
    trial.until_mode("paused", Some("unseen"));
    let written = || trial.world.path("ada/recorder.json").metadata().unwrap().ino();
    let (before, ended) = (written(), Instant::now() + Duration::from_secs(1));
    while Instant::now() < ended {
        assert_eq!(written(), before, "it is written again and again");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn who_withdraws_is_told_the_truth_and_what_was_recorded_goes_though_the_recorder_runs() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(50);
    let said = json(trial.world.candor(&["consent", "withdraw", "--erase", "--yes", "--json"], "ada"));
    assert!(said["erased"].is_object() && said["vault_knows"] == true, "{said}");
    assert!(trial.recorder.take().unwrap().wait().unwrap().success(), "it ended, and gave the recordings away");
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap());
    assert_eq!(events.sum::<u64>(), 0, "{shown}");
}

#[test]
fn nothing_is_recorded_once_a_withdrawal_is_acknowledged() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    ok(trial.world.candor(&["consent", "withdraw"], "ada"));
    let status = trial.status();
    assert_eq!((&status["recorder"], &status["why"]), (&"waiting".into(), &"consent".into()), "{status}");
}

#[test]
fn who_only_reads_for_a_while_is_no_broken_disk_and_no_silent_source() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.hear(5);
    std::thread::sleep(Duration::from_secs(14));
    assert_eq!(trial.status()["session"], before["session"]);
}

#[test]
fn a_source_that_stays_silent_is_told_of_and_held_in_the_end() {
    let Some(trial) = Trial::begin("") else { return };
    trial.until_mode("recording", None);
    let (began, mut muted) = (Instant::now(), 0);
    while trial.status()["why"] != "silent" {
        assert!(began.elapsed() < Duration::from_secs(60), "it never gives up: {}", trial.status());
        let x = i16::try_from(began.elapsed().as_millis() % 600).unwrap();
        muted += trial.others.move_unheard(x, 200);
    }
    assert!(muted > 0, "the mute works");
    trial.until_mode("paused", Some("silent"));
}

#[test]
fn a_film_that_keeps_the_screen_awake_is_no_silent_source() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.hear(5);
    for _ in 0..12 {
        trial.others.stay_awake();
        std::thread::sleep(Duration::from_secs(1));
    }
    assert_eq!(trial.status()["session"], before["session"]);
}

#[test]
fn a_folder_with_a_long_name_holds_a_recorder_that_answers() {
    let world = World::new("");
    let _vault = world.serve();
    let long = "a-folder-whose-name-is-longer-than-the-address-of-a-socket-may-be-".repeat(2);
    world.enrol("participant", &long);
    let mut recorder = world.command(&["record"], &long).env("DISPLAY", ":9999").stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while json_any(world.candor(&["status", "--json"], &long))["why"] != "desktop" {
        assert!(Instant::now() < until && recorder.try_wait().unwrap().is_none(), "it does not answer");
        std::thread::sleep(Duration::from_millis(100));
    }
    ok(world.candor(&["stop"], &long));
    assert!(recorder.wait().unwrap().success());
}

#[test]
fn what_was_typed_right_before_a_pause_is_counted_though_it_is_not_kept() {
    let Some(trial) = Trial::begin("") else { return };
    let before = trial.hear(20);
    trial.work(15);
    ok(trial.world.candor(&["pause"], "ada"));
    let after = trial.status();
    let [captured, stored, withheld, dropped] =
        ["captured", "stored", "withheld", "dropped"].map(|name| count(&after, name));
    assert!(captured >= count(&before, "captured") + 15, "{after}");
    assert_eq!(captured, stored + withheld + dropped, "{after}");
}

#[test]
fn what_is_recorded_is_shown_while_the_recorder_runs_as_it_is_when_it_does_not() {
    let Some(mut trial) = Trial::begin("") else { return };
    let first = trial.until_mode("recording", None)["session"].as_str().unwrap().to_owned();
    trial.work(100);
    trial.until("all stored", |status| count(status, "stored") >= 100);
    ok(trial.world.candor(&["pause"], "ada"));
    ok(trial.world.candor(&["resume"], "ada"));
    trial.until_mode("recording", None);
    let (sessions, events) =
        (json(trial.world.candor(&["show", "--json"], "ada")), ok(trial.world.candor(&["show", &first], "ada")));
    assert!(events.lines().count() >= 100, "{events}");
    assert_eq!(trial.status()["recorder"], "recording", "it goes on");
    let said = json(trial.world.candor(&["upload", "--json"], "ada"));
    assert_eq!(said["recorder"], "recording", "{said}");
    trial.stop();
    assert_eq!(ok(trial.world.candor(&["show", &first], "ada")), events);
    let after = json(trial.world.candor(&["show", "--json"], "ada"));
    assert!(after["sessions"].as_array().unwrap().contains(&sessions["sessions"][0]), "{after}\n{sessions}");
}

#[test]
fn what_is_erased_while_it_is_recorded_is_gone_and_the_recorder_stays_paused() {
    let Some(trial) = Trial::begin("") else { return };
    let sessions = || {
        let shown = json(trial.world.candor(&["show", "--json"], "ada"));
        let all = shown["sessions"].as_array().unwrap().clone();
        all.iter().map(|one| (one["session"].as_str().unwrap().to_owned(), one["events"].as_u64().unwrap())).collect()
    };
    let record = || {
        let session = trial.until_mode("recording", None)["session"].as_str().unwrap().to_owned();
        let before = count(&trial.status(), "stored");
        trial.work(50);
        trial.until("all stored", |status| count(status, "stored") >= before + 50);
        session
    };
    let (first, _) = (record(), ok(trial.world.candor(&["pause"], "ada")));
    ok(trial.world.candor(&["resume"], "ada"));
    let second = record();
    // Whoever thinks better of it erases nothing, and the recorder goes on.
    assert!(!trial.world.candor(&["erase", "--session", &second], "ada").status.success());
    trial.until_mode("recording", None);
    let said = json(trial.world.candor(&["erase", "--session", &second, "--yes", "--json"], "ada"));
    assert_eq!((said["segments"].as_u64(), said["receipt"].is_object()), (Some(1), true), "{said}");
    let shown: Vec<(String, u64)> = sessions();
    assert!(shown.iter().any(|(session, events)| *session == first && *events >= 50), "{shown:?}");
    assert!(shown.iter().all(|(session, events)| *session != second || *events == 0), "{shown:?}");
    trial.until_mode("paused", Some("forgot"));
    ok(trial.world.candor(&["resume"], "ada"));
    let third = record();
    assert!(third != first && third != second);
    for session in [&first, &third] {
        let span = ["erase", "--session", session, "--from", "0", "--yes", "--json"];
        assert_eq!(json(trial.world.candor(&span, "ada"))["segments"], 1);
    }
    ok(trial.world.candor(&["resume"], "ada"));
    record();
    let said = json(trial.world.candor(&["erase", "--everything", "--yes", "--json"], "ada"));
    assert!(said["segments"].as_u64().unwrap() >= 1, "{said}");
    trial.until_mode("paused", Some("forgot"));
    let shown: Vec<(String, u64)> = sessions();
    assert_eq!(shown.iter().map(|(_, events)| events).sum::<u64>(), 0, "{shown:?}");
    // The vault destroyed the key that all of it was sealed for: what follows is sealed for another.
    ok(trial.world.candor(&["resume"], "ada"));
    let fourth = record();
    ok(trial.world.candor(&["pause"], "ada"));
    trial.until("it is uploaded", |status| count(status, "ready") == 0 && count(status, "held_back") == 0);
    let shown: Vec<(String, u64)> = sessions();
    assert!(shown.iter().any(|(session, events)| *session == fourth && *events >= 50), "{shown:?}");
}

#[test]
fn what_a_killed_recorder_left_is_erased_with_everything_else() {
    let Some(mut trial) = Trial::begin("") else { return };
    trial.store(100);
    std::thread::sleep(Duration::from_millis(1_500));
    let mut recorder = trial.recorder.take().unwrap();
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    let said = json(trial.world.candor(&["erase", "--everything", "--yes", "--json"], "ada"));
    assert!(said["segments"].as_u64().unwrap() >= 1, "{said}");
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap());
    assert_eq!(events.sum::<u64>(), 0, "{shown}");
}

#[test]
fn a_full_disk_stops_it_loses_nothing_durable_and_keeps_nobody_from_forgetting() {
    let Some(mut trial) = Trial::begin_in("", small_disk) else { return };
    trial.store(100);
    std::thread::sleep(Duration::from_millis(1_200));
    let fill = || {
        let mut file = std::fs::File::create(trial.world.path("ada/fill")).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
        while std::io::Write::write_all(&mut file, &[1]).is_ok() {}
    };
    fill();
    let until = Instant::now() + Duration::from_secs(20);
    while trial.status()["why"] != "disk" {
        assert!(Instant::now() < until, "{}", trial.status());
        trial.work(50);
    }
    let before = trial.status();
    trial.work(50);
    assert_eq!(trial.status()["captured"], before["captured"], "nothing is captured that cannot be kept");
    // It goes on by itself when there is room, and what was durable is there.
    std::fs::remove_file(trial.world.path("ada/fill")).unwrap();
    trial.until_mode("recording", None);
    fill();
    let said = json(trial.world.candor(&["forget", "--last", "10m", "--json"], "ada"));
    assert!(said["forgotten"]["segments"].as_u64().unwrap() >= 1, "{said}");
    trial.until_mode("paused", Some("forgot"));
    std::fs::remove_file(trial.world.path("ada/fill")).unwrap();
    trial.stop();
    let shown = json(trial.world.candor(&["show", "--json"], "ada"));
    let events = shown["sessions"].as_array().unwrap().iter().map(|one| one["events"].as_u64().unwrap());
    assert_eq!(events.sum::<u64>(), 0, "{shown}");
}
