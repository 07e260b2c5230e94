//! Misuse of the walls must not compile: each file of `tests/fail` breaks one of them, and names it in its first line.
//!
//! The compiler is called directly, against the libraries that cargo has just built for this test: a test package of its
//! own would build every dependency once more, which takes minutes. `UPDATE_EXPECT=1` writes the expectations anew;
//! read them before you keep them, since a case that fails for another reason proves nothing.
#![cfg(all(feature = "import", feature = "vault"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy.toml allows them in test functions; these are the helpers of such functions"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What the cases may name. All of it comes with the program's library, so each is the very crate that was built for it.
const CRATES: [&str; 9] = [
    "candor_broker",
    "candor_capture",
    "candor_consent",
    "candor_model",
    "candor_policy",
    "candor_redact",
    "candor_seal",
    "candor_store",
    "serde_json",
];

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fail").canonicalize().unwrap()
}

/// The folder of this program, where cargo puts libraries too.
fn built() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_path_buf()
}

/// The program's library that was built last: the one this test was linked with, or one from the same sources.
fn library() -> PathBuf {
    let files = fs::read_dir(built()).unwrap().map(|entry| entry.unwrap().path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libcandor-") && name.ends_with(".rlib")
    };
    let newest = files.filter(is_library).max_by_key(|path| path.metadata().and_then(|file| file.modified()).unwrap());
    newest.expect("cargo builds the library before its tests")
}

fn rustc() -> Command {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command
        .args(["--edition", "2024", "--cap-lints", "allow"])
        .arg("-L")
        .arg(format!("dependency={}", built().display()));
    command.stdin(Stdio::null());
    command
}

/// The libraries that the program's was built with: cargo keeps several of a name, and only the linker is told which.
fn libraries() -> Vec<PathBuf> {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root.rs");
    fs::write(&root, "extern crate candor;\nfn main() {}\n").unwrap();
    let mut command = rustc();
    command.args(["--crate-type", "bin", "--print", "link-args", "-C", "linker=true", "--out-dir"]).arg(scratch.path());
    let output = command.arg("--extern").arg(format!("candor={}", library().display())).arg(&root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let arguments = String::from_utf8(output.stdout).unwrap();
    arguments.split('"').filter(|it| it.ends_with(".rlib")).map(PathBuf::from).collect()
}

/// A crate and where its library is.
type Extern = (&'static str, PathBuf);

/// Where each of [`CRATES`] is. Of `rand_core` there are several versions; the one with which proper use compiles is ours.
fn externs() -> Vec<Extern> {
    let libraries = libraries();
    let of = |name: &str| {
        let prefix = format!("lib{name}-");
        let is =
            move |path: &&PathBuf| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&prefix));
        libraries.iter().filter(is).cloned().collect::<Vec<_>>()
    };
    let mut errors = String::new();
    for rand_core in of("rand_core") {
        let others = CRATES.iter().flat_map(|name| of(name).first().map(|path| (*name, path.clone())));
        let externs: Vec<_> = others.chain([("rand_core", rand_core)]).collect();
        errors = compile(&cases().join("honest.rs"), &externs);
        if errors.is_empty() {
            return externs;
        }
    }
    panic!("proper use must compile, or the cases prove nothing:\n{errors}")
}

/// Type-checks one case. Returns the errors, two lines each: code and message, line number and what stands there.
fn compile(case: &Path, externs: &[Extern]) -> String {
    let scratch = tempfile::tempdir().unwrap();
    let mut command = rustc();
    command.args(["--crate-type", "lib", "--crate-name", "misuse", "--emit", "metadata", "--error-format", "json"]);
    for (name, path) in externs {
        command.arg("--extern").arg(format!("{name}={}", path.display()));
    }
    let output = command.arg("--out-dir").arg(scratch.path()).arg(case).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let errors: String = text.lines().filter_map(|line| error(&serde_json::from_str(line).unwrap())).collect();
    assert_eq!(errors.is_empty(), output.status.success(), "{}: {text}", case.display());
    errors
}

fn error(message: &Value) -> Option<String> {
    let (level, text) = (message.get("level")?.as_str()?, message.get("message")?.as_str()?);
    if level != "error" || text.starts_with("aborting due to") {
        return None;
    }
    let code = message.pointer("/code/code").and_then(Value::as_str).unwrap_or("error");
    let spans = message.get("spans")?.as_array()?;
    let place = spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true)));
    let line = place.and_then(|span| span.get("line_start")).and_then(Value::as_u64).unwrap_or(0);
    let source = place.and_then(|span| span.pointer("/text/0/text")).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{code}: {text}\n  {line}: {}\n", source.trim()))
}

#[test]
fn misuse_of_the_walls_does_not_compile() {
    let externs = externs();
    let mut wrong = String::new();
    let mut files: Vec<_> = fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let misuses =
        files.iter().filter(|path| path.extension().is_some_and(|it| it == "rs") && !path.ends_with("honest.rs"));
    let mut count = 0;
    for case in misuses {
        count += 1;
        let errors = compile(case, &externs);
        let expectation = case.with_extension("stderr");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expectation, &errors).unwrap();
        }
        let expected = fs::read_to_string(&expectation).unwrap_or_default();
        if errors.is_empty() {
            writeln!(wrong, "{}: it compiles", case.display()).unwrap();
        } else if errors != expected {
            writeln!(wrong, "{}: expected\n{expected}but the compiler says\n{errors}", case.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 14, "only {count} cases");
}
