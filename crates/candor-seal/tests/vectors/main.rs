//! The vectors of `testdata/vectors/segment` and `testdata/vectors/chain`: anybody's reader can run them.
//!
//! `UPDATE_VECTORS=1 cargo test -p candor-seal --test vectors` writes them anew from fixed seeds. What no sealer writes is
//! put together here by hand from `spec/segment.md`, so that a reader meets it under the right keys and signatures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod block;
mod blocks;
mod bodies;
mod chain;
mod forge;
mod heads;
mod keys;
mod maker;
mod read;
mod remarks;
mod scalar;
mod sealed;

use std::collections::BTreeMap;
use std::path::PathBuf;

use candor_model::Hash;
use candor_model::element::ElementRole;
use candor_model::event::Surrogate;
use candor_model::key::NamedKey;
use maker::Vectors;

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/vectors").join(kind)
}

fn segments() -> Vectors {
    let parts = [sealed::make(), heads::make(), bodies::make(), keys::make(), blocks::make(), remarks::make()];
    let count: usize = parts.iter().map(Vectors::len).sum();
    let all: Vectors = parts.into_iter().flatten().collect();
    assert_eq!(all.len(), count, "two vectors have the same name");
    all
}

#[test]
fn vectors_are_what_the_code_writes() {
    for (kind, made) in [("segment", segments()), ("chain", chain::make())] {
        let folder = folder(kind);
        let update = std::env::var_os("UPDATE_VECTORS").is_some();
        if update {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
        }
        for (name, vector) in &made {
            let path = folder.join(name);
            if update {
                std::fs::write(&path, vector.file()).unwrap();
            }
            let same = std::fs::read(&path).unwrap_or_default() == vector.file();
            assert!(same, "{kind}/{name}: UPDATE_VECTORS=1 writes it anew");
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), made.len(), "a vector that nothing writes");
    }
}

/// The page's example is the vector it names, and its list of named keys is the code's.
#[test]
fn the_page_says_what_the_code_does() {
    let page = std::fs::read_to_string(folder("../../spec/segment.md")).unwrap();
    let events = page.split("```\n").find(|part| part.starts_with("0 human move")).unwrap();
    let file = std::fs::read(folder("segment/compact-move-and-type")).unwrap();
    assert_eq!(read::File::parse(&file).field("events"), Hash::of(events.as_bytes()).to_string());
    let (_, list) = page.split_once("- Named keys, from 0: ").unwrap();
    let (list, _) = list.split_once(".\n").unwrap();
    let functions = (1..=24).map(|n| format!("F{n}")).collect::<Vec<_>>().join(" ");
    let list = list.replace("F1 … F24", &functions);
    assert!(list.split_whitespace().eq(NamedKey::ALL.iter().map(|key| key.as_str())), "{list}");
    let (_, list) = page.split_once("Kinds, from 0: ").unwrap();
    let (list, _) = list.split_once(".\n").unwrap();
    assert!(list.split_whitespace().eq(Surrogate::ALL.iter().map(|kind| kind.as_str())), "{list}");
    let (_, list) = page.split_once("Roles, from 0: ").unwrap();
    let (list, _) = list.split_once(".\n").unwrap();
    assert!(list.split_whitespace().eq(ElementRole::ALL.iter().map(|role| role.as_str())), "{list}");
    let labels = ElementRole::ALL.iter().filter(|role| role.has_label()).count();
    assert!(ElementRole::ALL.iter().take(labels).all(|role| role.has_label()));
    assert!(page.contains(&format!("its role is one of the first {labels} of the list")));
}

/// Too long for a file here: the vector is made, read and not kept.
#[test]
fn a_frame_of_more_than_a_mebibyte_is_torn() {
    let outcome = |length| read::segment(&read::File::parse(&bodies::frame_of(length).file()));
    assert_eq!(outcome(1 << 20), "chunk 1 0");
    assert_eq!(outcome((1 << 20) + 1), "torn 1");
}

/// Every class of refusal has a vector, and every file comes out as it says.
#[test]
fn every_vector_does_what_it_expects() {
    let mut wrong = Vec::new();
    let mut classes = BTreeMap::<String, u32>::new();
    for (kind, outcome) in [("segment", read::segment as fn(&read::File) -> _), ("chain", read::chain)] {
        for entry in std::fs::read_dir(folder(kind)).unwrap() {
            let path = entry.unwrap().path();
            let file = read::File::parse(&std::fs::read(&path).unwrap());
            let (expected, found) = (file.expected(), outcome(&file));
            *classes.entry(file.field("expect").to_owned()).or_default() += 1;
            if expected != found {
                wrong.push(format!("{}: expected {expected}, found {found}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for class in ["header", "signature", "torn", "wrap", "commitment", "chunk", "block", "order", "broken"] {
        assert!(classes.contains_key(class), "no vector expects {class}");
    }
}
