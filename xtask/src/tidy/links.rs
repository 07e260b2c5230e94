//! What a document or a comment points at has to be there.

use super::{File, Tree, Violation};

/// Folders whose pages are named from code by their path.
const PAGES: &[&str] = &["spec/", "docs/"];

/// Links in documents, and spec and docs pages named in any text.
pub fn targets(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| readable(file)) {
        for (index, line) in file.text.lines().enumerate() {
            for page in pages(line) {
                if !tree.holds(&page) && !tree.holds(&resolve(&file.path, &page)) {
                    found.push(file.line(index + 1, format!("`{page}` does not exist")));
                }
            }
            if !file.path.ends_with(".md") {
                continue;
            }
            for link in links(line) {
                if !tree.holds(&resolve(&file.path, link)) {
                    found.push(file.line(index + 1, format!("the link to `{link}` leads nowhere")));
                }
            }
        }
    }
    found
}

/// Tests that a document names, in the form: test `name_of_the_function`.
pub fn named_tests(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files().filter(|file| file.path.ends_with(".md")) {
        for (index, line) in file.text.lines().enumerate() {
            let named = line.split("test `").skip(1).filter_map(|rest| rest.split('`').next());
            for name in named.filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
                let function = format!("fn {name}(");
                if !tree.rust().any(|source| source.text.contains(&function)) {
                    found.push(file.line(index + 1, format!("there is no test `{name}`")));
                }
            }
        }
    }
    found
}

fn readable(file: &File) -> bool {
    let ending = file.path.rsplit_once('.').map_or("", |(_, ending)| ending);
    // The checks' own tests name pages that do not exist.
    matches!(ending, "rs" | "md" | "toml" | "py" | "go" | "sql") && !file.path.starts_with("xtask/src/tidy/")
}

/// `spec/segment.md` and the like, wherever they stand in a line.
fn pages(line: &str) -> Vec<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let words = line.split(|c: char| !part(c)).map(|word| word.trim_end_matches('.'));
    words
        .filter(|word| word.ends_with(".md") && PAGES.iter().any(|folder| word.starts_with(folder)))
        .map(str::to_owned)
        .collect()
}

/// The targets of Markdown links that stay in the repository, without their anchors.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?.split('#').next()?.trim();
        let outside = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
        (!outside).then_some(target)
    })
}

/// A path as seen from a file, from the root.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::planted::places;
    use super::*;

    #[test]
    fn a_test_that_is_named_and_not_there_is_missed() {
        let page = "held by test `walls_hold`\nheld by test `walls_fall` and `Raw`; `cargo test` runs both";
        let found = places(named_tests, &[("ARCHITECTURE.md", page), ("a.rs", "#[test]\nfn walls_hold() {}")]);
        assert_eq!(found, ["ARCHITECTURE.md:2"]);
    }

    #[test]
    fn a_page_that_is_not_there_is_missed() {
        let found = places(
            targets,
            &[
                ("spec/segment.md", "# Segment"),
                ("a.rs", "//! See spec/segment.md.\n//! See `spec/gone.md`, \"MUSTs\"."),
                (
                    "docs/adr/README.md",
                    "[spec](../../spec/segment.md#x) [web](https://example.org/a)\n[gone](../gone.md)",
                ),
            ],
        );
        assert_eq!(found, ["a.rs:2", "docs/adr/README.md:2"]);
    }
}
