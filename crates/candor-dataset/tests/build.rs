//! What a build promises: to those who stay, to those who left, and to those who were never asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::io::Read;

use candor_dataset::manifest::file_key_name;
use candor_dataset::sink::{Folder, Memory};
use candor_dataset::{
    BuildError, Built, LoadRefusal, Order, ParticipantInput, Spec, TaintReason, build, open_provenance, seal_provenance,
};
use candor_model::{Actor, Hash, Purposes};
use candor_seal::{Dek, Identity};
use common::people::{
    CANARY, EXPIRES, context, events, input, input_of, participant, rng, secret, segments, session, spec,
};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::encryption::decrypt::FileDecryptionProperties;

fn try_build(spec: &Spec, version: u32, inputs: Vec<ParticipantInput<'_>>) -> (Result<Built, BuildError>, Memory) {
    let (secret, mut sink) = (secret(), Memory::default());
    let order = Order { spec, version, secret: &secret };
    let built = build(order, inputs, &mut sink, &mut rng(), &mut |_| {});
    (built, sink)
}

fn make(spec: &Spec, version: u32, inputs: Vec<ParticipantInput<'_>>) -> (Built, Memory) {
    let (built, sink) = try_build(spec, version, inputs);
    (built.unwrap(), sink)
}

fn everybody() -> Vec<ParticipantInput<'static>> {
    vec![input(1, 1), input(2, 3), input(3, 2)]
}

#[test]
fn a_rebuild_without_one_has_the_same_rows_for_the_others_and_no_byte_in_common() {
    let spec = spec("");
    let (before, old) = make(&spec, 1, everybody());
    let (after, new) = make(&spec, 2, vec![input(3, 1), input(1, 4)]);
    assert_eq!((before.manifest.rows_by_participant().len(), after.manifest.rows_by_participant().len()), (3, 2));
    assert_eq!(before.manifest.changed_rows(&after.manifest), []);
    let gone = secret().pseudonym(participant(2)).to_string();
    assert!(!new.files.keys().any(|name| name.contains(&gone)));
    for (name, bytes) in &new.files {
        if let Some(other) = old.files.get(name).filter(|_| name.starts_with("part-")) {
            let same = bytes.windows(32).filter(|window| other.windows(32).any(|old| old == *window)).count();
            assert_eq!(same, 0, "{name}: fresh keys and nonces");
        }
    }
}

#[test]
fn a_changed_row_is_noticed() {
    let spec = spec("");
    let (before, _) = make(&spec, 1, everybody());
    let mut shorter = events(1);
    shorter.truncate(40);
    let changed = input_of(context(1), segments(&context(1), &shorter, 1));
    let (after, _) = make(&spec, 2, vec![changed, input(3, 1)]);
    assert_eq!(before.manifest.changed_rows(&after.manifest), [secret().pseudonym(participant(1))]);
}

#[test]
fn where_segments_end_changes_no_row() {
    let spec = spec("");
    let (one, _) = make(&spec, 1, vec![input(1, 1), input(2, 1)]);
    for parts in [2, 7, 50] {
        let (many, _) = make(&spec, 1, vec![input(1, parts), input(2, parts)]);
        assert_eq!(one.manifest.rows_by_participant(), many.manifest.rows_by_participant());
    }
}

#[test]
fn participants_come_in_the_order_of_their_pseudonyms() {
    let (built, _) = make(&spec(""), 1, everybody());
    assert!(built.manifest.files.is_sorted_by_key(|file| file.participant));
}

#[test]
fn too_few_people_are_refused_and_nothing_is_committed() {
    let nobody = input_of(context(2), Vec::new());
    for inputs in [vec![input(1, 1)], vec![input(1, 1), nobody]] {
        let (refused, sink) = try_build(&spec(""), 1, inputs);
        assert!(matches!(refused, Err(BuildError::TooFew { min_people: 2 })));
        assert!(!sink.files.contains_key("manifest.json"));
    }
}

/// A file of gaps would say that somebody was there.
#[test]
fn who_left_nothing_but_gaps_does_not_count_as_a_person() {
    let mut robot = events(2);
    robot.iter_mut().for_each(|event| event.actor = Actor::Agent);
    let robot = input_of(context(2), segments(&context(2), &robot, 1));
    let (refused, sink) = try_build(&spec(""), 1, vec![input(1, 1), robot]);
    assert!(matches!(refused, Err(BuildError::TooFew { min_people: 2 })));
    assert!(!sink.files.contains_key("manifest.json"));
}

#[test]
fn segments_that_do_not_belong_are_refused() {
    let refusal = |context, segments| try_build(&spec(""), 1, vec![input(1, 1), input_of(context, segments)]).0;
    let good = || segments(&context(2), &events(2), 3);

    let mut unsealed = context(2);
    unsealed.purposes = Purposes::NONE;
    let without = segments(&unsealed, &events(2), 1);
    assert!(matches!(refusal(unsealed, without), Err(BuildError::Purpose { number: 0 })));

    let mut foreign = good();
    foreign[1].header.context.session = session(9);
    assert!(matches!(refusal(context(2), foreign), Err(BuildError::Foreign { number: 1 })));

    let mut swapped = good();
    swapped.swap(0, 1);
    assert!(matches!(refusal(context(2), swapped), Err(BuildError::Order { number: 0 })));

    let mut repeated = good();
    repeated.insert(1, segments(&context(2), &events(2), 3).remove(0));
    assert!(matches!(refusal(context(2), repeated), Err(BuildError::Order { number: 0 })));

    let (twice, _) = try_build(&spec(""), 1, vec![input(1, 1), input(2, 1), input(1, 1)]);
    assert!(matches!(twice, Err(BuildError::Twice)));
}

#[test]
fn a_missing_segment_is_one_gap() {
    let gaps = |segments| make(&spec(""), 1, vec![input(1, 1), input_of(context(2), segments)]).0.manifest.events.gaps;
    let whole = segments(&context(2), &events(2), 50);
    let mut holed = segments(&context(2), &events(2), 50);
    let missing = holed.remove(20);
    assert!(!missing.events.iter().any(|event| event.what == candor_model::What::Gap));
    assert_eq!(gaps(holed), gaps(whole) + 1);
}

#[test]
fn only_human_events_become_rows() {
    let mut events = events(2);
    events.iter_mut().for_each(|event| event.actor = Actor::Injected);
    let robot = input_of(context(2), segments(&context(2), &events, 1));
    let (built, _) = make(&spec(""), 1, vec![input(1, 1), input(3, 1), robot]);
    assert_eq!(built.manifest.rows_by_participant().len(), 2);
    assert!(!built.lineage.uses(participant(2)));
    assert!(built.manifest.events.other_actors > 50);
}

#[test]
fn every_key_of_a_specification_has_an_effect() {
    let count = |more: &str, sort: &dyn Fn(&Built) -> usize| sort(&make(&spec(more), 1, everybody()).0);
    let people = |built: &Built| built.manifest.rows_by_participant().len();
    assert_eq!(count("", &people), 3);
    assert_eq!(count("[select]\nimported = false\n", &people), 2);
    let only = format!("[select]\nsessions = [\"{}\", \"{}\"]\n", session(1), session(3));
    assert_eq!(count(&only, &people), 2);
    assert_eq!(count("formats = [\"agentnet\"]\n", &|built| built.manifest.files.len()), 3);
    assert_eq!(count("formats = [\"parquet\"]\n", &|built| built.manifest.files.len()), 3);
    assert_eq!(count("", &|built| built.manifest.files.len()), 6);
    let screen = |more: &str| first_lines(&spec(more));
    assert!(screen("screen = [1000, 1000]\n").contains("doubleClick(x=0.1, y=0.2)"));
    assert!(!screen("").contains("doubleClick(x=0.1, y=0.2)"));
}

/// The AgentNet lines of participant 1.
fn first_lines(spec: &Spec) -> String {
    let inputs = everybody();
    let key = inputs[0].file_key.clone();
    let (built, sink) = make(spec, 1, inputs);
    let name = format!("part-{}.agentnet.jsonl.sealed", secret().pseudonym(participant(1)));
    let loadable = built.manifest.loadable(0).unwrap();
    let mut text = String::new();
    let file = loadable.file(&name).unwrap();
    loadable.open_stream(file, &key, sink.files[&name].as_slice()).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn agentnet_lines_hold_code_and_say_what_is_stood_in() {
    let lines = first_lines(&spec("screen = [1000, 1000]\n"));
    assert_eq!(lines.lines().count(), 1);
    let task: serde_json::Value = serde_json::from_str(&lines).unwrap();
    let steps = task["traj"].as_array().unwrap();
    let shown: String = steps
        .iter()
        .take(8)
        .map(|step| {
            let value = step["value"].as_object().unwrap();
            let mut flags: Vec<_> = value.iter().filter(|(_, is)| **is == true).map(|(key, _)| key.as_str()).collect();
            flags.sort_unstable();
            format!("{} {flags:?}\n{}\n", step["index"], value["code"].as_str().unwrap())
        })
        .collect();
    expect_test::expect![[r#"
        0 ["redacted"]
        pyautogui.write(message='xxxxx 00.')
        pyautogui.press(keys=['enter'])
        1 []
        pyautogui.doubleClick(x=0.1, y=0.2)
        2 []
        pyautogui.moveTo(x=0.01, y=0.02)
        pyautogui.dragTo(x=0.3, y=0.22, button='left')
        3 []
        pyautogui.moveTo(x=0.005, y=0.006)
        pyautogui.scroll(-2)
        4 []
        pyautogui.hotkey(keys=['ctrl', 'c'])
        5 []
        pyautogui.press(keys=['tab'])
        6 []
        pyautogui.mouseDown(x=0.009, y=0.009, button='right')
        pyautogui.sleep(1.509)
        pyautogui.mouseUp(x=0.009, y=0.009, button='right')
        7 ["gap_before", "redacted"]
        pyautogui.write(message='xxxxx 00.')
        pyautogui.press(keys=['enter'])
    "#]]
    .assert_eq(&shown);
}

/// In AgentNetBench's words and place.
#[test]
fn agentnet_lines_hold_the_element_of_a_step_where_it_is_known() {
    let task: serde_json::Value = serde_json::from_str(&first_lines(&spec("screen = [1000, 1000]\n"))).unwrap();
    let told: Vec<_> = task["traj"].as_array().unwrap().iter().take(3).map(|step| &step["value"]["metadata"]).collect();
    assert_eq!(*told[0], serde_json::json!({"bboxes": [{"rel_bbox": [0.0, 0.0, 0.5, 0.1]}], "role": "textbox"}));
    let button =
        serde_json::json!({"bboxes": [{"rel_bbox": [0.09, 0.19, 0.08, 0.024]}], "role": "button", "name": "Save as…"});
    assert_eq!((told[1], told[2]), (&button, &serde_json::Value::Null));
    // A screen that it reaches past cuts it off.
    let task: serde_json::Value = serde_json::from_str(&first_lines(&spec("screen = [120, 1000]\n"))).unwrap();
    assert_eq!(
        task["traj"][1]["value"]["metadata"]["bboxes"][0]["rel_bbox"],
        serde_json::json!([0.75, 0.19, 0.25, 0.024])
    );
}

/// Text that passed stands to the letter; what was withheld beside it stands as a mark, and only then is a step redacted.
#[test]
fn agentnet_lines_show_text_that_passed_and_mark_what_did_not() {
    let task: serde_json::Value = serde_json::from_str(&first_lines(&spec(""))).unwrap();
    let steps = task["traj"].as_array().unwrap();
    let last = steps.iter().skip(steps.len() - 3).map(|step| {
        let value = &step["value"];
        format!("{} {}\n", value["redacted"] == true, value["code"].as_str().unwrap())
    });
    expect_test::expect![[r"
        true pyautogui.write(message='Dear ⟦⟦team⟧ it\'s\\')
        pyautogui.press(keys=['enter'])
        pyautogui.write(message='ok ⟦D2⟧⟦S1⟧⟦EMAIL_1⟧')
        false pyautogui.write(message='done')
        pyautogui.press(keys=['enter'])
        true pyautogui.write(message='⟦EMAIL_2⟧⟦EMAIL_1⟧')
    "]]
    .assert_eq(&last.collect::<String>());
}

#[test]
fn sealed_files_show_nothing_and_open_with_their_own_key_only() {
    let inputs = everybody();
    let keys: Vec<Dek> = inputs.iter().map(|input| input.file_key.clone()).collect();
    let (built, sink) = make(&spec(""), 1, inputs);
    let tasks = built.provenance.participants[0].sessions[0].name.to_string();
    for file in &built.manifest.files {
        let bytes = &sink.files[&file.name];
        assert_eq!((file.bytes, file.sha256), (bytes.len() as u64, Hash::of(bytes)));
        for text in [CANARY, "start_us", "double", "Control", &tasks] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{}: {text}", file.name);
        }
    }
    let loadable = built.manifest.loadable(0).unwrap();
    let pseudonym = secret().pseudonym(participant(1));
    let parquet = loadable.file(&format!("part-{pseudonym}.parquet")).unwrap();
    let rows = |key: Option<&[u8]>| {
        let bytes = bytes_of(&sink.files[&parquet.name]);
        let options = ArrowReaderOptions::new();
        let options = match key {
            Some(key) => options
                .with_file_decryption_properties(FileDecryptionProperties::builder(key.to_vec()).build().unwrap()),
            None => options,
        };
        let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options).ok()?.build().ok()?;
        Some(reader.map(|batch| batch.unwrap().num_rows() as u64).sum::<u64>())
    };
    assert_eq!(rows(Some(loadable.parquet_key(parquet, &keys[0]).as_slice())), Some(parquet.rows));
    assert_eq!(rows(Some(loadable.parquet_key(parquet, &keys[1]).as_slice())), None);
    assert_eq!(rows(Some(keys[0].expose().as_slice())), None, "the file key itself is no Parquet key");
    assert_eq!(rows(None), None);
}

fn bytes_of(bytes: &[u8]) -> std::fs::File {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn a_sealed_stream_that_was_touched_does_not_open() {
    use candor_dataset::sealed::{CHUNK, Place, StreamOpener, StreamSealer};
    use std::io::Write;
    let place = |version| Place::new(spec("").dataset, version, "a");
    let key = Dek::generate(&mut rng());
    let open = |bytes: &[u8], place: &Place| {
        let mut plain = Vec::new();
        StreamOpener::new(&key, place, bytes)?.read_to_end(&mut plain).map(|_| plain)
    };
    for len in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
        let plain: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let mut sealer = StreamSealer::new(&key, &place(1), Vec::new(), &mut rng()).unwrap();
        plain.chunks(100_000).for_each(|part| sealer.write_all(part).unwrap());
        let sealed = sealer.finish().unwrap();
        assert_eq!(open(&sealed, &place(1)).unwrap(), plain, "{len}");
        assert!(open(&sealed, &place(2)).is_err(), "another version");
        assert!(StreamOpener::new(&Dek::generate(&mut rng()), &place(1), sealed.as_slice()).is_err());
        for at in [0, 5, 30, 60, sealed.len() / 2, sealed.len() - 1] {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert!(open(&touched, &place(1)).is_err(), "{len}: byte {at}");
        }
        for cut in [1, 16, 17, 40, CHUNK, CHUNK + 16].into_iter().filter(|cut| *cut <= sealed.len()) {
            assert!(open(&sealed[..sealed.len() - cut], &place(1)).is_err(), "{len}: cut {cut}");
        }
        assert!(open(&[sealed.clone(), vec![0]].concat(), &place(1)).is_err(), "{len}: longer");
        if len > 2 * CHUNK {
            let (head, body) = sealed.split_at(53);
            let (first, rest) = body.split_at(CHUNK + 16);
            let (second, last) = rest.split_at(CHUNK + 16);
            assert!(open(&[head, second, first, last].concat(), &place(1)).is_err(), "reordered");
            assert!(open(&[head, first, last].concat(), &place(1)).is_err(), "one left out");
        }
    }
}

#[test]
fn a_tainted_or_expired_dataset_does_not_load() {
    let (built, _) = make(&spec(""), 1, everybody());
    let mut manifest = built.manifest;
    assert_eq!(manifest.expires, EXPIRES - EXPIRES % 86_400);
    assert!(manifest.loadable(manifest.expires - 1).is_ok());
    assert_eq!(manifest.loadable(manifest.expires).unwrap_err(), LoadRefusal::Expired);
    manifest.taint(7, TaintReason::Erased);
    assert_eq!(manifest.loadable(0).unwrap_err(), LoadRefusal::Tainted { reason: TaintReason::Erased });
    let again = candor_dataset::Manifest::parse(&manifest.to_json()).unwrap();
    assert_eq!(again, manifest);
}

/// A manifest lies in the clear beside the files, so it names nobody.
#[test]
fn a_manifest_names_no_person_device_session_or_segment() {
    let (built, sink) = make(&spec(""), 1, everybody());
    let text = String::from_utf8(sink.files["manifest.json"].clone()).unwrap();
    let source = &built.provenance.participants[0];
    let absent = [
        source.participant.to_string(),
        source.sessions[0].session.to_string(),
        source.sessions[0].name.to_string(),
        source.sessions[0].consent.to_string(),
        source.sessions[0].segments[0].to_string(),
        CANARY.to_owned(),
    ];
    absent.iter().for_each(|id| assert!(!text.contains(id), "{id}"));
    let files: BTreeSet<_> = built.manifest.files.iter().map(|file| file.key).collect();
    let names = built.manifest.rows_by_participant();
    let dataset = built.manifest.dataset;
    assert_eq!(files, names.keys().map(|name| file_key_name(dataset, 1, *name)).collect());
}

#[test]
fn provenance_leads_from_each_step_to_its_segments_and_only_the_broker_reads_it() {
    let (built, _) = make(&spec(""), 1, vec![input(1, 9), input(2, 1)]);
    let broker = Identity::generate(&mut rng());
    let sealed = seal_provenance(&broker.recipient().unwrap(), &built.provenance, &mut rng()).unwrap();
    let dataset = built.manifest.dataset;
    assert_eq!(open_provenance(&broker, dataset, 1, &sealed).unwrap(), built.provenance);
    assert!(open_provenance(&broker, dataset, 2, &sealed).is_err());
    assert!(open_provenance(&Identity::generate(&mut rng()), dataset, 1, &sealed).is_err());

    let source = built.provenance.participants.iter().find(|source| source.participant == participant(1)).unwrap();
    let session = &source.sessions[0];
    let expected: Vec<_> = segments(&context(1), &events(1), 9).iter().map(|segment| segment.header.hash()).collect();
    assert_eq!(session.segments, expected);
    let rows = built.manifest.rows_by_participant()[&source.name].0;
    assert_eq!(session.steps.iter().map(|run| run.steps).sum::<u64>(), rows);
    assert_eq!(session.segments_of(0)[0], expected[0]);
    assert_eq!(session.segments_of(rows - 1).last(), expected.last());
    assert!(session.segments_of(rows).is_empty());
    assert_eq!(built.lineage.sources[&participant(1)], expected.into_iter().collect());
}

#[test]
fn a_build_that_fails_leaves_no_folder() {
    let home = tempfile::tempdir().unwrap();
    let (spec, secret, path) = (spec(""), secret(), home.path().join("v1"));
    let order = Order { spec: &spec, version: 1, secret: &secret };
    let mut unsealed = context(2);
    unsealed.purposes = Purposes::NONE;
    let bad = input_of(unsealed.clone(), segments(&unsealed, &events(2), 1));
    let mut folder = Folder::create(&path).unwrap();
    assert!(build(order, vec![input(1, 1), bad], &mut folder, &mut rng(), &mut |_| {}).is_err());
    drop(folder);
    assert!(!path.exists());

    let mut folder = Folder::create(&path).unwrap();
    let mut seen = Vec::new();
    build(order, everybody(), &mut folder, &mut rng(), &mut |progress| seen.push(progress.participants)).unwrap();
    drop(folder);
    assert_eq!((seen, std::fs::read_dir(&path).unwrap().count()), (vec![1, 2, 3], 7));
    assert!(Folder::create(&path).is_err(), "a folder that exists is not written to");
}
