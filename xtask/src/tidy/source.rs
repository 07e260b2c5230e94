//! Checks that read the Rust sources.

use super::code::{code_only, has_word, lines_with_word};
use super::{File, Tree, Violation};

/// A file longer than this has to say why.
const LINES_MAX: usize = 900;

/// Crates that take time and randomness as arguments and touch no files (invariant 8). The format part of candor-seal is
/// pure too, but its key shelf is not, so it is left to review.
const PURE: &[&str] = &["candor-model", "candor-consent", "candor-policy", "candor-redact"];

/// The switch that takes the wall away: honoured by candor-redact, thrown by xtask, declared in the root manifest.
pub fn wall_switch(tree: &Tree) -> Vec<Violation> {
    const SWITCH: &str = "candor_no_wall";
    let mut found = Vec::new();
    for file in tree.files() {
        // Documents may talk about it.
        let at_home = file.path.starts_with("xtask/") || file.crate_name() == Some("candor-redact");
        if at_home || file.path.ends_with(".md") {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            let declared = file.path == "Cargo.toml" && line.contains("check-cfg");
            if line.contains(SWITCH) && !declared {
                found.push(file.line(index + 1, "only candor-redact may know that the wall can be left out"));
            }
        }
    }
    found
}

/// `unsafe` outside candor-capture.
pub fn unsafe_code(tree: &Tree) -> Vec<Violation> {
    let elsewhere = |file: &&File| file.crate_name() != Some("candor-capture");
    let what = "unsafe code lives in candor-capture only";
    tree.rust().filter(elsewhere).flat_map(|file| code_lines(file, "unsafe", what)).collect()
}

/// Tests that nobody runs.
pub fn ignored_tests(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for (index, line) in code_only(&file.text).lines().enumerate() {
            let attribute = line.contains("#[") && has_word(line, "ignore");
            if attribute {
                found.push(file.line(index + 1, "an ignored test tests nothing: make it run, or delete it"));
            }
        }
    }
    found
}

/// Code that says it is not there yet.
pub fn unfinished(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for (index, line) in code_only(&file.text).lines().enumerate() {
            if line.contains("todo!") || line.contains("unimplemented!") {
                found.push(file.line(index + 1, "write it, or return an error that says what is missing"));
            }
        }
    }
    found
}

/// Clocks, files, sockets and system randomness in crates that take them as arguments.
pub fn purity(tree: &Tree) -> Vec<Violation> {
    const IMPURE: &[&str] =
        &["std::fs", "std::net", "std::process", "std::env", "SystemTime", "Instant", "SysRng", "OsRng"];
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| is_library(file)) {
        let name = file.crate_name().unwrap_or_default();
        if !PURE.contains(&name) {
            continue;
        }
        for (index, line) in library_lines(&code_only(&file.text)) {
            for word in IMPURE.iter().filter(|word| has_word(line, word)) {
                found.push(
                    file.line(index + 1, format!("`{word}`: {name} takes time, randomness and bytes as arguments")),
                );
            }
        }
    }
    found
}

/// Output and exits in libraries: what a person sees, and when the process ends, is the program's business (invariant 9).
pub fn prints(tree: &Tree) -> Vec<Violation> {
    const LOUD: &[&str] = &["println!", "eprintln!", "print!", "eprint!", "dbg!", "process::exit"];
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| file.crate_name().is_some_and(|name| name != "candor") && is_library(file)) {
        for (index, line) in library_lines(&code_only(&file.text)) {
            for word in LOUD.iter().filter(|word| has_word(line, word)) {
                found.push(file.line(index + 1, format!("`{word}`: libraries return, the program prints and ends")));
            }
        }
    }
    found
}

/// Whether a file is part of a crate's library, not of its tests or examples.
fn is_library(file: &File) -> bool {
    let name = file.crate_name().unwrap_or_default();
    file.path.starts_with(&format!("crates/{name}/src/"))
        && !file.name().starts_with("test")
        && !file.path.contains("/tests/")
}

/// The lines before a file's own tests, which by custom stand at its end.
fn library_lines(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().take_while(|line| !line.contains("#[cfg(test)]")).enumerate()
}

/// Files too long to hold one noun.
pub fn length(tree: &Tree) -> Vec<Violation> {
    let excuse = |file: &File| file.text.lines().any(|line| line.trim_start().starts_with("// long: "));
    let long = tree.rust().filter(|file| file.text.lines().count() > LINES_MAX && !excuse(file));
    long.map(|file| {
        file.whole(format!(
            "over {LINES_MAX} lines: split it by noun, or say in a line `// long: …` why it is one list"
        ))
    })
    .collect()
}

fn code_lines<'a>(file: &'a File, word: &'a str, what: &'a str) -> Vec<Violation> {
    lines_with_word(&code_only(&file.text), word).map(|line| file.line(line, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::planted::places;
    use super::*;

    #[test]
    fn the_wall_switch_is_known_to_the_wall_alone() {
        let found = places(
            wall_switch,
            &[
                ("crates/candor-redact/src/redactor.rs", "#[cfg(not(candor_no_wall))]"),
                ("xtask/src/test/no_wall.rs", "candor_no_wall"),
                ("docs/TESTING.md", "candor_no_wall"),
                (
                    "Cargo.toml",
                    "unexpected_cfgs = { check-cfg = [\"cfg(candor_no_wall)\"] }\n[build]\nrustflags = \"--cfg candor_no_wall\"",
                ),
                ("crates/candor/src/agent.rs", "fn f() {}\nif cfg!(candor_no_wall) {}"),
                (".cargo/config.toml", "rustflags = [\"--cfg\", \"candor_no_wall\"]"),
            ],
        );
        assert_eq!(found, ["Cargo.toml:3", "crates/candor/src/agent.rs:2", ".cargo/config.toml:1"]);
    }

    #[test]
    fn unsafe_stays_in_capture() {
        let found = places(
            unsafe_code,
            &[
                ("crates/candor-capture/src/x11.rs", "unsafe { call() }"),
                ("crates/candor-seal/src/lib.rs", "#![forbid(unsafe_code)]\n// unsafe\nlet x = \"unsafe\";"),
                ("crates/candor-store/src/lib.rs", "fn f() {\n    unsafe { call() }\n}"),
            ],
        );
        assert_eq!(found, ["crates/candor-store/src/lib.rs:2"]);
    }

    #[test]
    fn every_test_runs() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n#[cfg_attr(miri, ignore)]\nfn b() { ignore(); }";
        assert_eq!(places(ignored_tests, &[("a.rs", text)]), ["a.rs:2", "a.rs:4"]);
    }

    #[test]
    fn nothing_is_left_for_later() {
        let text = "fn a() {\n    todo!()\n}\n// todo!()\nfn b() { unimplemented!(\"x\") }";
        assert_eq!(places(unfinished, &[("a.rs", text)]), ["a.rs:2", "a.rs:5"]);
    }

    #[test]
    fn pure_crates_get_time_and_randomness_from_outside() {
        let text = "use std::fs::File;\nlet t = Instant::now();\n#[cfg(test)]\nmod tests { use getrandom::SysRng; }";
        let found =
            places(purity, &[("crates/candor-consent/src/lib.rs", text), ("crates/candor-store/src/lib.rs", text)]);
        assert_eq!(found, ["crates/candor-consent/src/lib.rs:1", "crates/candor-consent/src/lib.rs:2"]);
    }

    #[test]
    fn libraries_are_silent() {
        let text = "fn f() { eprintln!(\"x\"); }\n// println!\nstd::process::exit(1);\n#[cfg(test)]\nmod tests { fn g() { println!(\"SKIPPED\"); } }";
        let found = places(
            prints,
            &[
                ("crates/candor-store/src/spool.rs", text),
                ("crates/candor/src/main.rs", text),
                ("crates/candor-store/tests/kill.rs", text),
                ("crates/candor-seal/src/segment/tests.rs", text),
            ],
        );
        assert_eq!(found, ["crates/candor-store/src/spool.rs:1", "crates/candor-store/src/spool.rs:3"]);
    }

    #[test]
    fn a_long_file_says_why() {
        let long = "//\n".repeat(LINES_MAX + 1);
        let excused = format!("// long: one list of flags\n{long}");
        assert_eq!(places(length, &[("a.rs", &long), ("b.rs", &excused), ("c.rs", "//\n")]), ["a.rs"]);
    }
}
