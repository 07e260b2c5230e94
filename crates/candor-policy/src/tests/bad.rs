//! Policies that must not be loaded: `testdata/policies`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::{LoadError, check_policy};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/policies")
}

/// The first line of each file says `// expect: WORD`.
fn expectation(text: &str) -> &str {
    text.lines()
        .next()
        .and_then(|line| line.strip_prefix("// expect: "))
        .expect("a first line that says what to expect")
}

fn verdict(text: &str) -> &'static str {
    match check_policy(text) {
        Ok(_) => "loaded",
        Err(LoadError::Syntax(_)) => "syntax",
        Err(LoadError::Schema(_)) => "schema",
        Err(LoadError::Template) => "template",
        Err(LoadError::Unnamed) => "unnamed",
        Err(LoadError::Unknown { .. }) => "unknown",
        Err(LoadError::Duplicate { .. }) => "duplicate",
        Err(LoadError::Unscoped { .. }) => "unscoped",
        Err(LoadError::Missing { .. }) => "missing",
        Err(LoadError::Invalid(_)) => "invalid",
    }
}

/// Each file changes the embedded policy: `// drop: ID` drops a rule first, and its own text is added.
#[test]
fn good_and_bad_policies_are_what_their_first_line_says() {
    let embedded = concat!(include_str!("../../policies/approve.cedar"), include_str!("../../policies/release.cedar"));
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let mut base = embedded.to_owned();
        for id in text.lines().filter_map(|line| line.strip_prefix("// drop: ")) {
            let start = base.find(&format!("@id(\"{id}\")")).expect("a rule to drop");
            let end = start + base[start..].find(';').unwrap() + 1;
            base.replace_range(start..end, "");
        }
        assert_eq!(verdict(&format!("{base}\n{text}")), expectation(&text), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 10, "{seen} files");
}
