//! The device flavour: that it builds alone, and that its dependency tree proves what is not in it.

use anyhow::{Result, bail};

use super::{Outcome, rust};
use crate::child;
use crate::house::{Flavour, House, STEP_LIMIT};

/// Crates that no participant's machine may carry: they serve others, decide about others, or read others' data.
const ABSENT: &[&str] = &[
    "candor-policy",
    "candor-broker",
    "candor-dataset", // ours
    "axum",
    "hyper",
    "sqlx",
    "sqlx-core",
    "libsqlite3-sys",
    "object_store",
    "cedar-policy",
    "cedar-policy-core",
    "x509-parser", // the vault reads certificate requests; a device only makes one
    "parquet",
    "arrow",
    "arrow-array", // datasets
    "csv-core",    // importers
];

/// Features of our own crates that bring such code in.
const FEATURES_ABSENT: &[&str] = &["import", "vault", "dataset"];

/// What has to be there: a tree without these was not read at all.
const PRESENT: &[&str] =
    &["candor", "candor-seal", "candor-redact", "candor-store", "candor-consent", "candor-capture"];

/// The dependency tree of the device flavour.
pub fn tree(house: &House) -> Result<Outcome> {
    let mut args =
        vec!["tree", "--locked", "--package", "candor", "--edges", "normal", "--prefix", "none", "--format", "{p} {f}"];
    args.extend(Flavour::Device.flags());
    let listing = child::text(&mut house.cargo(&args), STEP_LIMIT)?;
    let problems = problems(&listing);
    if !problems.is_empty() {
        bail!("the device flavour is not clean: {}", problems.join("; "));
    }
    let mut crates: Vec<&str> = listing.lines().filter_map(|line| line.split_whitespace().next()).collect();
    crates.sort_unstable();
    crates.dedup();
    Ok(Outcome::Passed(format!("{} crates, none of {} refused ones", crates.len(), ABSENT.len())))
}

/// Builds the device flavour and runs its tests: features of other crates cannot hide something missing.
pub fn build(house: &House) -> Result<Outcome> {
    house.program(Flavour::Device, false)?;
    let mut args = vec!["test", "--no-fail-fast", "--package", "candor"];
    args.extend(Flavour::Device.flags());
    args.extend(["--", "--show-output"]);
    rust::told(&mut house.cargo(&args))
}

/// What is in a tree (`cargo tree --prefix none --format '{p} {f}'`) that must not be, or is missing from it.
fn problems(listing: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for line in listing.lines() {
        // `candor-store v0.1.0 (/path/to it) vault,extra (*)`
        let mut words = line.split_whitespace().filter(|word| *word != "(*)");
        let Some(name) = words.next() else { continue };
        seen.push(name);
        if ABSENT.contains(&name) {
            found.push(format!("it holds `{name}`"));
        }
        let features = line.trim_end_matches("(*)").trim_end().rsplit([' ', ')']).next().unwrap_or_default();
        if name == "candor" || name.starts_with("candor-") {
            for feature in features.split(',').filter(|feature| FEATURES_ABSENT.contains(feature)) {
                found.push(format!("`{name}` has its feature `{feature}`"));
            }
        }
    }
    let missing = PRESENT.iter().filter(|name| !seen.contains(name));
    found.extend(missing.map(|name| format!("`{name}` is missing: was the tree read?")));
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean() -> String {
        let lines = PRESENT.iter().map(|name| format!("{name} v0.1.0 (/some where/crates/{name}) \n"));
        lines.collect::<String>().replace("crates/candor) ", "crates/candor) device")
            + "serde v1.0.229 default,derive\n"
    }

    #[test]
    fn a_clean_tree_passes() {
        assert_eq!(problems(&clean()), Vec::<String>::new());
    }

    #[test]
    fn a_server_crate_anywhere_in_the_tree_is_seen() {
        for name in ABSENT {
            let planted = format!("{}{name} v1.2.3 default (*)\n", clean());
            assert_eq!(problems(&planted), [format!("it holds `{name}`")]);
        }
    }

    #[test]
    fn a_feature_that_brings_server_code_is_seen() {
        let planted = clean().replace("crates/candor-store) ", "crates/candor-store) extra,vault (*)");
        assert_eq!(problems(&planted), ["`candor-store` has its feature `vault`"]);
        let planted = clean().replace("crates/candor-capture) ", "crates/candor-capture) import");
        assert_eq!(problems(&planted), ["`candor-capture` has its feature `import`"]);
    }

    #[test]
    fn an_empty_tree_proves_nothing() {
        assert_eq!(problems("").len(), PRESENT.len());
    }
}
