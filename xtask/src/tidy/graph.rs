//! Checks that read the manifests: the crate graph is the trust pipeline.

use std::collections::BTreeSet;

use toml::Table;

use super::{File, Tree, Violation};

/// DESIGN.md, "The house": who uses whom. What follows from these edges is allowed as well; nothing else is.
const EDGES: &[(&str, &[&str])] = &[
    ("candor-model", &[]),
    ("candor-consent", &["candor-model"]),
    ("candor-policy", &["candor-consent"]),
    ("candor-redact", &["candor-model"]),
    ("candor-seal", &["candor-redact"]),
    ("candor-capture", &["candor-consent", "candor-redact"]),
    ("candor-store", &["candor-seal"]),
    ("candor-broker", &["candor-policy", "candor-store"]),
    ("candor-dataset", &["candor-redact", "candor-seal"]),
    (
        "candor",
        &[
            "candor-broker",
            "candor-capture",
            "candor-consent",
            "candor-dataset",
            "candor-model",
            "candor-policy",
            "candor-redact",
            "candor-seal",
            "candor-store",
        ],
    ),
];

/// Crates that speak HTTP or TLS (invariant 10).
const HTTP: &[&str] = &["axum", "http", "hyper", "reqwest", "rustls", "tokio-rustls", "tower", "ureq"];

/// Tables in which a manifest names dependencies.
const DEPENDENCIES: &[&str] = &["dependencies", "build-dependencies", "dev-dependencies"];

/// The crate graph is exactly the designed one.
pub fn edges(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (file, manifest) in manifests(tree) {
        let name = package(file);
        let Some((_, direct)) = EDGES.iter().find(|(known, _)| *known == name) else {
            found.push(file.whole(format!(
                "`{name}` is not in the design: a new crate needs a decision record and a line in xtask"
            )));
            continue;
        };
        let allowed = closure(direct);
        let mut used = BTreeSet::new();
        for table in DEPENDENCIES {
            for dependency in names(&manifest, table).into_iter().filter(|name| is_ours(name)) {
                if !allowed.contains(dependency.as_str()) {
                    found.push(
                        file.whole(format!("`{name}` must not depend on `{dependency}`: the design has no such edge")),
                    );
                }
                if *table == "dependencies" {
                    used.insert(dependency);
                }
            }
        }
        for missing in direct.iter().filter(|edge| !used.contains(**edge)) {
            found.push(
                file.whole(format!("`{name}` no longer depends on `{missing}`: take the edge out of the design too")),
            );
        }
    }
    found
}

/// Only the program speaks HTTP.
pub fn http(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (file, manifest) in manifests(tree).into_iter().filter(|(file, _)| package(file) != "candor") {
        for dependency in names(&manifest, "dependencies").iter().filter(|name| HTTP.contains(&name.as_str())) {
            found.push(file.whole(format!("`{dependency}`: only the program `candor` knows HTTP and TLS")));
        }
    }
    found
}

/// Every crate takes the workspace's lints, so that none can loosen them for itself in silence.
pub fn lints(tree: &Tree) -> Vec<Violation> {
    let mut all = manifests(tree);
    all.extend(tree.get("xtask/Cargo.toml").and_then(parsed));
    let loose = |manifest: &Table| !matches!(manifest.get("lints"), Some(lints) if lints.get("workspace").and_then(toml::Value::as_bool) == Some(true));
    all.iter()
        .filter(|(_, manifest)| loose(manifest))
        .map(|(file, _)| file.whole("add `[lints] workspace = true`"))
        .collect()
}

fn is_ours(name: &str) -> bool {
    name == "candor" || name.starts_with("candor-")
}

/// What can be reached over the designed edges.
fn closure(direct: &[&'static str]) -> BTreeSet<&'static str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&'static str> = direct.to_vec();
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(EDGES.iter().filter(|(known, _)| *known == name).flat_map(|(_, next)| next.iter()));
        }
    }
    reached
}

/// The manifests of the crates, not of xtask.
fn manifests(tree: &Tree) -> Vec<(&File, Table)> {
    let of_crate = |file: &&File| {
        file.path
            .strip_prefix("crates/")
            .and_then(|rest| rest.strip_suffix("/Cargo.toml"))
            .is_some_and(|name| !name.contains('/'))
    };
    tree.files().filter(of_crate).filter_map(parsed).collect()
}

fn parsed(file: &File) -> Option<(&File, Table)> {
    // A manifest that is no TOML stops cargo long before this.
    Some((file, file.text.parse().ok()?))
}

fn package(file: &File) -> &str {
    file.crate_name().unwrap_or_default()
}

/// The names in one dependency table, also in those for certain targets, by the package's real name.
fn names(manifest: &Table, table: &str) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = std::iter::once(manifest)
        .chain(targets.into_iter().flat_map(|all| all.values()).filter_map(toml::Value::as_table));
    tables
        .filter_map(|holder| holder.get(table)?.as_table())
        .flatten()
        .map(|(name, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::planted::places;
    use super::*;

    const GOOD: &str =
        "[lints]\nworkspace = true\n[dependencies]\ncandor-redact.workspace = true\ncandor-model.workspace = true\n";

    #[test]
    fn an_edge_against_the_stream_is_refused() {
        assert!(places(edges, &[("crates/candor-seal/Cargo.toml", GOOD)]).is_empty());
        for extra in [
            "candor-store.workspace = true",
            "[dev-dependencies]\ncandor-broker.workspace = true",
            "[target.'cfg(unix)'.dependencies]\nhidden = { package = \"candor-policy\", path = \"../candor-policy\" }",
        ] {
            let planted = format!("{GOOD}{extra}\n");
            assert_eq!(places(edges, &[("crates/candor-seal/Cargo.toml", &planted)]).len(), 1, "{extra}");
        }
    }

    #[test]
    fn an_edge_that_is_gone_and_a_crate_nobody_designed_are_told() {
        let gone = "[dependencies]\ncandor-model.workspace = true\n";
        assert_eq!(places(edges, &[("crates/candor-seal/Cargo.toml", gone)]).len(), 1);
        assert_eq!(places(edges, &[("crates/candor-utils/Cargo.toml", "[dependencies]\n")]).len(), 1);
    }

    #[test]
    fn what_follows_from_the_edges_is_allowed() {
        let reached = closure(&["candor-policy", "candor-store"]);
        assert!(reached.contains("candor-model") && reached.contains("candor-redact"));
        assert!(!reached.contains("candor-capture"));
    }

    #[test]
    fn a_library_that_speaks_http_is_refused() {
        let planted = format!("{GOOD}axum.workspace = true\n");
        assert_eq!(places(http, &[("crates/candor-seal/Cargo.toml", &planted)]).len(), 1);
        assert!(places(http, &[("crates/candor/Cargo.toml", &planted)]).is_empty());
    }

    #[test]
    fn loose_lints_are_refused() {
        let loose = "[package]\nname = \"candor-seal\"\n";
        let found = places(lints, &[("crates/candor-seal/Cargo.toml", loose), ("xtask/Cargo.toml", GOOD)]);
        assert_eq!(found, ["crates/candor-seal/Cargo.toml"]);
    }
}
