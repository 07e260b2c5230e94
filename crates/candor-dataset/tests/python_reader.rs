//! PyArrow, and Python's own HMAC, HKDF and ChaCha20-Poly1305, read what a build made.

mod common;

use std::process::Command;

use candor_dataset::sink::Memory;
use candor_dataset::{Order, build};
use common::people::{CANARY, input, rng, secret, spec};

#[test]
fn python_reads_the_files_with_their_keys_and_fails_without() {
    let Some(python) = std::env::var_os("CANDOR_PYTHON") else {
        eprintln!("SKIPPED: CANDOR_PYTHON names no Python; `cargo xtask test` sets it");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/interop/_dataset_read.py");
    let home = tempfile::tempdir().unwrap();
    let inputs = vec![input(1, 1), input(2, 3), input(3, 2)];
    let keys: Vec<_> = inputs.iter().map(|input| (input.participant, input.file_key.clone())).collect();
    let (spec, secret, mut sink) = (spec(""), secret(), Memory::default());
    let order = Order { spec: &spec, version: 4, secret: &secret };
    build(order, inputs, &mut sink, &mut rng(), &mut |_| {}).unwrap();
    for (name, bytes) in &sink.files {
        std::fs::write(home.path().join(name), bytes).unwrap();
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let keys: serde_json::Map<_, _> = keys
        .iter()
        .map(|(participant, key)| (secret.pseudonym(*participant).to_string(), hex(key.expose().as_slice()).into()))
        .collect();
    std::fs::write(home.path().join("keys.json"), serde_json::to_vec(&keys).unwrap()).unwrap();
    let done = Command::new(python).arg(script).arg(home.path()).arg(CANARY).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(said.contains("6 files"), "{said}");
}
