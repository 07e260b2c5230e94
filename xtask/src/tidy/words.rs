//! Checks that read every text: letters that deceive, places that only exist on one machine.

use super::code::code_only;
use super::{File, Tree, Violation};

/// Hosts of package registries, spelt so that this file does not name one.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("proxy.go", "lang.org"),
    concat!("sum.go", "lang.org"),
    concat!("npm", "js.org"),
    concat!("npm", "js.com"),
    concat!("docker", ".io"),
    concat!("deb.", "debian.org"),
];

/// Beginnings of paths that only exist on somebody's machine.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/tmp/", "data"), concat!("/ro", "ot/"), concat!("/mn", "t/")];

/// Vectors may hold anything; the lock file names its registry.
fn is_ours(file: &File) -> bool {
    !file.path.starts_with("testdata/") && file.name() != "Cargo.lock"
}

/// Letters that look like others, and marks that cannot be seen.
pub fn look_alikes(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| is_ours(file)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(mark) = line.chars().find(|&c| is_invisible(c)) {
                found.push(
                    file.line(index + 1, format!("U+{:04X} cannot be seen: write it as an escape", u32::from(mark))),
                );
            }
            if let Some(word) = line.split(|c: char| !c.is_alphabetic()).find(|word| is_mixed(word)) {
                found.push(file.line(index + 1, format!("a word of {} letters mixes alphabets", word.chars().count())));
            }
        }
        if file.path.ends_with(".rs") {
            for (index, line) in code_only(&file.text).lines().enumerate() {
                if let Some(letter) = line.chars().find(|c| !c.is_ascii()) {
                    found.push(file.line(index + 1, format!("U+{:04X} in code: names are ASCII", u32::from(letter))));
                }
            }
        }
    }
    found
}

/// Places that exist for some readers only.
pub fn hosts_and_paths(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| is_ours(file)) {
        for (index, line) in file.text.lines().enumerate() {
            for host in HOSTS.iter().filter(|host| line.contains(**host)) {
                found.push(file.line(index + 1, format!("`{host}`: where packages come from is the builder's choice")));
            }
            for path in MACHINE_PATHS.iter().filter(|path| begins_a_path(line, path)) {
                found.push(file.line(index + 1, format!("`{path}` is a path of one machine")));
            }
        }
    }
    found
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Latin beside Greek or Cyrillic in one word. `µ` (U+00B5) and a lone letter such as π are fine.
fn is_mixed(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    let other =
        word.chars().any(|c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}' | '\u{ff21}'..='\u{ff5a}'));
    latin && other
}

/// Whether `path` stands in `line` as the beginning of an absolute path.
fn begins_a_path(line: &str, path: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '}' | ')' | '*' | '$');
    line.match_indices(path)
        .any(|(start, _)| !line.get(..start).and_then(|text| text.chars().next_back()).is_some_and(inside))
}

#[cfg(test)]
mod tests {
    use super::super::planted::places;
    use super::*;

    #[test]
    fn a_letter_that_looks_like_another_is_found() {
        let mixed = "fn f() {} // c\u{430}ndor";
        let name = "let \u{430} = 1; // \u{3c0}, \u{b5}s, \u{2264} are fine in prose";
        let hidden = "let a = 1; //\u{202e} b";
        let found = places(
            look_alikes,
            &[("a.rs", mixed), ("b.rs", name), ("c.md", hidden), ("d.rs", "// 5 \u{b5}s \u{2192} \u{3c0}")],
        );
        assert_eq!(found, ["a.rs:1", "b.rs:1", "c.md:1"]);
    }

    #[test]
    fn hosts_and_machine_paths_are_found() {
        let host = format!("index = \"https://{}/simple\"", HOSTS[1]);
        let path = format!("let root = \"{}tree\";", MACHINE_PATHS[0]);
        let relative = format!("docs{}page.md and $HOME{}x", MACHINE_PATHS[0], MACHINE_PATHS[0]);
        let found = places(
            hosts_and_paths,
            &[
                ("a.toml", &host),
                ("b.rs", &path),
                ("c.md", &relative),
                ("Cargo.lock", &host),
                ("testdata/vectors/a", &path),
            ],
        );
        assert_eq!(found, ["a.toml:1", "b.rs:1"]);
    }
}
