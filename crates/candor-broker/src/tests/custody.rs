//! The custody file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::world::{CHEAP, PASSPHRASE, rng};
use crate::{Custody, CustodyError, FileCustody};

fn made() -> (TempDir, PathBuf, FileCustody) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("custody");
    let custody = FileCustody::create(&path, PASSPHRASE, CHEAP, &mut rng()).unwrap();
    (dir, path, custody)
}

#[test]
fn what_is_sealed_opens_in_its_place_under_its_generation_until_that_is_destroyed() {
    let (_dir, path, mut custody) = made();
    let sealed = custody.seal(1, b"here", b"secret", &mut rng()).unwrap();
    assert_ne!(sealed, custody.seal(1, b"here", b"secret", &mut rng()).unwrap());
    assert_eq!(custody.unseal(1, b"here", &sealed).unwrap().as_slice(), b"secret");
    assert!(matches!(custody.unseal(1, b"there", &sealed), Err(CustodyError::Foreign)));
    assert_eq!(custody.new_generation(&mut rng()).unwrap(), 2);
    assert!(matches!(custody.unseal(2, b"here", &sealed), Err(CustodyError::Foreign)));
    drop(custody);
    let mut custody = FileCustody::open(&path, PASSPHRASE).unwrap();
    assert_eq!(custody.unseal(1, b"here", &sealed).unwrap().as_slice(), b"secret");
    custody.destroy_below(2, &mut rng()).unwrap();
    assert!(matches!(custody.destroy_below(3, &mut rng()), Err(CustodyError::Gone { generation: 3 })));
    drop(custody);
    let custody = FileCustody::open(&path, PASSPHRASE).unwrap();
    assert!(matches!(custody.unseal(1, b"here", &sealed), Err(CustodyError::Gone { generation: 1 })));
    assert_eq!((custody.oldest(), custody.generation()), (2, 2));
}

#[test]
fn the_counter_lasts_and_is_told_in_clear() {
    let (dir, path, mut custody) = made();
    for value in 1..=3 {
        assert_eq!(custody.increment_counter(&mut rng()).unwrap(), value);
    }
    drop(custody);
    // A crash between the two writes: opening puts the public figure right.
    fs::write(dir.path().join("counter.json"), "{}").unwrap();
    let custody = FileCustody::open(&path, PASSPHRASE).unwrap();
    assert_eq!(custody.counter(), 3);
    assert_eq!(fs::read_to_string(custody.counter_path()).unwrap(), r#"{"counter":3,"generation":1}"#);
}

#[test]
fn a_custody_file_is_private_locked_and_never_overwritten() {
    let (_dir, path, custody) = made();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(FileCustody::open(&path, PASSPHRASE), Err(CustodyError::Busy)));
    drop(custody);
    let again = FileCustody::create(&path, PASSPHRASE, CHEAP, &mut rng());
    assert!(matches!(again, Err(CustodyError::Exists)));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(FileCustody::open(&path, PASSPHRASE), Err(CustodyError::Readable)));
}

#[test]
fn a_wrong_passphrase_or_an_altered_file_opens_nothing() {
    let (_dir, path, custody) = made();
    drop(custody);
    assert!(matches!(FileCustody::open(&path, "correct hors"), Err(CustodyError::Passphrase)));
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("counter") && !text.contains("generations"));
    let at = text.find("\"sealed\":\"").unwrap() + 20;
    let mut altered = text.clone().into_bytes();
    altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
    fs::write(&path, altered).unwrap();
    assert!(matches!(FileCustody::open(&path, PASSPHRASE), Err(CustodyError::Passphrase)));
    fs::write(&path, text.replace("custody-v1", "custody-v2")).unwrap();
    assert!(matches!(FileCustody::open(&path, PASSPHRASE), Err(CustodyError::Format)));
}
