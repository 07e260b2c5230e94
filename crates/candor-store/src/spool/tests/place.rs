//! Where a spool must not lie.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::{Spool, SpoolError, fresh, open};

fn refused(dir: &Path) -> &'static str {
    match Spool::open(dir, &fresh()) {
        Err(SpoolError::Place { why, .. }) => why,
        other => panic!("{} gave {other:?}", dir.display()),
    }
}

fn make(path: &Path, mode: u32) {
    std::fs::create_dir(path).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_place_that_others_reach_is_refused_and_says_why() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    make(&home.join("open"), 0o755);
    assert!(refused(&home.join("open")).contains("chmod 700"));
    make(&home.join("shared"), 0o777);
    assert!(refused(&home.join("shared/spool")).contains("can write to a folder above"));
    make(&home.join("group"), 0o770);
    make(&home.join("group/below"), 0o700);
    assert!(refused(&home.join("group/below/spool")).contains("can write to a folder above"));
    make(&home.join("sticky"), 0o1777);
    assert!(refused(&home.join("sticky/spool")).contains("everybody shares"));
    make(&home.join("sticky/below"), 0o700);
    open(&home.join("sticky/below/spool"));
    assert!(!home.join("shared/spool").exists(), "nothing is made where it is refused");
}

#[test]
fn a_link_on_the_way_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    make(&home.join("real"), 0o700);
    symlink(home.join("real"), home.join("link")).unwrap();
    assert!(refused(&home.join("link")).contains("link"));
    assert!(refused(&home.join("link/spool")).contains("link"));
    assert!(refused(&home.join("real/../real")).contains(".."));
    std::fs::write(home.join("file"), b"").unwrap();
    assert!(refused(&home.join("file")).contains("no folder"));
}

#[test]
fn another_users_folder_is_refused() {
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: giving a folder to another user needs root");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let theirs = home.path().join("theirs");
    make(&theirs, 0o700);
    std::os::unix::fs::chown(&theirs, Some(65_534), None).unwrap();
    assert!(refused(&theirs).contains("another user"));
    assert!(refused(&theirs.join("spool")).contains("another user"));
}

#[test]
fn files_are_for_their_owner_alone_and_links_inside_are_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("spool");
    drop(open(&dir));
    for (path, _) in crate::testing::files(&dir) {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    }
    assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    std::fs::rename(dir.join("shelf"), home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("elsewhere"), dir.join("shelf")).unwrap();
    assert!(Spool::open(&dir, &fresh()).is_err());
}

#[test]
fn one_process_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let first = open(&home.path().join("spool"));
    let second = Spool::open(&home.path().join("spool"), &fresh());
    assert!(matches!(second, Err(SpoolError::Locked { .. })), "{second:?}");
    drop(first);
    open(&home.path().join("spool"));
}
