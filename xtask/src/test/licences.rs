//! What the lock file brings in: licences, banned crates, one generation of those that must not be doubled.
//!
//! The rules stand in deny.toml, which cargo-deny reads too; it is run as well where it is installed. This check needs
//! nothing but cargo, so it always runs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use toml::Table;

use super::{Outcome, rust, spdx};
use crate::child;
use crate::house::{House, STEP_LIMIT};

/// Licences that need no reason.
const PLAIN: &[&str] = &["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0"];

/// deny.toml, as far as this check goes by it.
struct Rules {
    allowed: BTreeSet<String>,
    /// Per crate: licences that only it may have.
    exceptions: BTreeMap<String, BTreeSet<String>>,
    banned: BTreeSet<String>,
    single: BTreeSet<String>,
}

/// A package in the lock file that is built for this machine.
struct Package {
    name: String,
    licence: String,
}

/// The step.
pub fn check(house: &House) -> Result<Outcome> {
    let rules_text = std::fs::read_to_string(house.root.join("deny.toml")).context("read `deny.toml`")?;
    let lock = std::fs::read_to_string(house.root.join("Cargo.lock")).context("read `Cargo.lock`")?;
    let rules = rules(&rules_text)?;
    let packages = packages(house)?;

    let mut problems = unreasoned(&rules_text);
    problems.extend(licence_problems(&rules, &packages));
    problems.extend(lock_problems(&rules, &lock)?);
    if !problems.is_empty() {
        bail!("{}", problems.join("\n  "));
    }
    let mut words = format!("{} packages", packages.len());
    if child::output(&mut house.cargo(&["deny", "--version"]), STEP_LIMIT).is_ok_and(|output| output.status.success()) {
        rust::must_succeed(&mut house.cargo(&["deny", "check", "licenses", "bans", "sources"]), "cargo-deny refuses")?;
        words.push_str(", cargo-deny agrees");
    }
    Ok(Outcome::Passed(words))
}

fn rules(text: &str) -> Result<Rules> {
    let table: Table = text.parse().context("deny.toml is no TOML")?;
    let strings = |value: Option<&toml::Value>| -> BTreeSet<String> {
        let array = value.and_then(toml::Value::as_array).into_iter().flatten();
        array.filter_map(|entry| entry.as_str().map(str::to_owned)).collect()
    };
    let section = |name: &str| {
        table.get(name).and_then(toml::Value::as_table).with_context(|| format!("deny.toml has no [{name}]"))
    };
    let licences = section("licenses")?;
    let mut rules = Rules {
        allowed: strings(licences.get("allow")),
        exceptions: BTreeMap::new(),
        banned: BTreeSet::new(),
        single: BTreeSet::new(),
    };
    for entry in licences.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten() {
        let name =
            entry.get("crate").and_then(toml::Value::as_str).context("an exception in deny.toml names no `crate`")?;
        rules.exceptions.insert(name.to_owned(), strings(entry.get("allow")));
    }
    for entry in section("bans")?.get("deny").and_then(toml::Value::as_array).into_iter().flatten() {
        let name = entry.get("crate").and_then(toml::Value::as_str).context("a ban in deny.toml names no `crate`")?;
        let single = entry.get("deny-multiple-versions").and_then(toml::Value::as_bool) == Some(true);
        if single { &mut rules.single } else { &mut rules.banned }.insert(name.to_owned());
    }
    Ok(rules)
}

/// What is really built for this machine, tests and build scripts included. (The metadata's graph holds more: it does
/// not know which features end up on.)
fn packages(house: &House) -> Result<Vec<Package>> {
    let args =
        ["tree", "--locked", "--workspace", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{l}|{p}"];
    let listing = child::text(&mut house.cargo(&args), STEP_LIMIT)?;
    let lines: BTreeSet<&str> =
        listing.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    lines.into_iter().map(package).collect()
}

/// Reads `MIT OR Apache-2.0|serde v1.0.229`.
fn package(line: &str) -> Result<Package> {
    let (licence, rest) = line.split_once('|').with_context(|| format!("cargo's tree has an odd line: {line}"))?;
    let name =
        rest.split_whitespace().next().with_context(|| format!("cargo's tree has a line without a name: {line}"))?;
    Ok(Package { name: name.to_owned(), licence: licence.trim().to_owned() })
}

fn licence_problems(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut problems = Vec::new();
    for Package { name, licence } in packages {
        let exception = rules.exceptions.get(name);
        let allowed = |one: &str| rules.allowed.contains(one) || exception.is_some_and(|more| more.contains(one));
        match spdx::can_be_met(licence, &allowed) {
            Some(true) => {}
            Some(false) => problems.push(format!("`{name}` comes under `{licence}`, which deny.toml does not allow")),
            None => problems.push(format!("`{name}` has no licence expression that can be read: `{licence}`")),
        }
        if exception.is_some() && spdx::can_be_met(licence, &|one| rules.allowed.contains(one)) == Some(true) {
            problems.push(format!("`{name}` needs no exception in deny.toml any more: remove it"));
        }
    }
    let known: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let gone = rules.exceptions.keys().filter(|name| !known.contains(name.as_str()));
    problems.extend(gone.map(|name| format!("`{name}` has an exception in deny.toml and is not built: remove it")));
    problems
}

fn lock_problems(rules: &Rules, lock: &str) -> Result<Vec<String>> {
    let lock: Table = lock.parse().context("Cargo.lock is no TOML")?;
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for package in lock.get("package").and_then(toml::Value::as_array).into_iter().flatten() {
        *versions.entry(package.get("name").and_then(toml::Value::as_str).unwrap_or_default()).or_default() += 1;
    }
    let mut problems = Vec::new();
    for (name, count) in versions {
        if rules.banned.contains(name) {
            problems.push(format!("`{name}` is in Cargo.lock, and deny.toml bans it"));
        }
        if rules.single.contains(name) && count > 1 {
            problems.push(format!("`{name}` is in Cargo.lock in {count} versions, and deny.toml wants one"));
        }
    }
    Ok(problems)
}

/// Every licence outside [`PLAIN`] stands under a comment that gives a reason and says when to remove it.
fn unreasoned(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut inside, mut comment) = (false, String::new());
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') && line.ends_with(']') && !line.contains('"') {
            inside = line == "[licenses]";
        }
        if let Some(words) = line.strip_prefix('#') {
            comment.push_str(&words.to_lowercase());
            continue;
        }
        let quoted = line.split('"').skip(1).step_by(2);
        let licence = quoted.clone().find(|word| !PLAIN.contains(word));
        if let Some(licence) = licence.filter(|_| inside && !comment.contains("remove when")) {
            problems.push(format!("deny.toml: `{licence}` needs a comment with its reason and `Remove when …`"));
        }
        // One comment may stand over a run of entries; an empty line ends it.
        if line.is_empty() || quoted.count() == 0 {
            comment.clear();
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
[licenses]
allow = [
  "MIT",
  # Data tables. Remove when nobody needs them.
  "Unicode-3.0",
]
exceptions = [
  # A reason. Remove when it goes.
  { crate = "odd", allow = ["Zlib"] },
]
[bans]
deny = [
  { crate = "openssl", reason = "ring" },
  { crate = "arrow", deny-multiple-versions = true },
]
"#;

    fn package(name: &str, licence: &str) -> Package {
        super::package(&format!("{licence}|{name} v1.0.0 (proc-macro)")).unwrap()
    }

    #[test]
    fn a_licence_outside_the_list_is_refused() {
        let rules = rules(RULES).unwrap();
        let good = [package("a", "MIT OR GPL-3.0"), package("odd", "Zlib"), package("b", "MIT AND Unicode-3.0")];
        assert_eq!(licence_problems(&rules, &good), Vec::<String>::new());
        let bad = [package("a", "GPL-3.0"), package("b", "Zlib"), package("c", ""), package("odd", "MIT")];
        assert_eq!(licence_problems(&rules, &bad).len(), 4);
        assert_eq!(licence_problems(&rules, &[]).len(), 1, "an exception for a crate that is gone");
    }

    #[test]
    fn a_banned_or_doubled_crate_is_refused() {
        let rules = rules(RULES).unwrap();
        let lock = |names: &[&str]| {
            names.iter().map(|name| format!("[[package]]\nname = \"{name}\"\nversion = \"1\"\n")).collect::<String>()
        };
        assert_eq!(lock_problems(&rules, &lock(&["arrow", "serde", "serde"])).unwrap(), Vec::<String>::new());
        assert_eq!(lock_problems(&rules, &lock(&["arrow", "arrow", "openssl"])).unwrap().len(), 2);
    }

    #[test]
    fn an_exception_costs_a_reason() {
        assert_eq!(unreasoned(RULES), Vec::<String>::new());
        assert_eq!(unreasoned(&RULES.replace("Remove when", "Well,")).len(), 2);
    }
}
