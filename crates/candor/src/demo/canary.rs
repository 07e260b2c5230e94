//! Canaries: invented secrets, planted as raw input, that no byte at rest may hold.
//!
//! The scan looks at every file below a folder, and at every segment decrypted and decompressed, for each token in the
//! encodings software commonly writes text in. It must be able to find them: the build without the wall is caught by it.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use candor_model::event::{Event, Press, What};
use candor_model::key::{Key, PhysicalKey};
use candor_model::{Actor, Ticks};
use candor_redact::{LogicalKey, Observation, Observed, Raw, Role, Secrecy};
use memchr::memmem::Finder;

use crate::keys;

/// Where a canary is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Typed into an ordinary field.
    Text,
    /// In a window's title.
    Title,
    /// Typed into a secret field.
    SecretField,
}

/// A token nobody could type by chance.
pub(super) struct Canary {
    token: String,
    place: Place,
}

impl Canary {
    /// A fresh token for a place.
    pub(super) fn new(place: Place) -> Self {
        let digits: String = keys::random::<12>().iter().map(|byte| char::from(b'A' + byte % 26)).collect();
        Self { token: format!("CANARY-{digits}"), place }
    }

    /// The observations that plant it at `at`, in the window of `app`; they take `self.ticks()` ticks.
    pub(super) fn plant(&self, at: Ticks, app: &str, out: &mut Vec<Raw>) {
        let mut now = at;
        let mut see = |what| {
            now += 1;
            out.push(Raw::new(Observation { at: now, actor: Actor::Human, what }));
        };
        let window = |title: &str| Observed::Window { app: app.into(), title: title.into(), origin: None };
        match self.place {
            Place::Title => {
                see(window(&self.token));
                see(window("untitled"));
                // After a window the wall waits for its field; until then keys are withheld.
                see(Observed::field(Role::Text, Secrecy::No));
            }
            Place::Text => self.type_it(see),
            Place::SecretField => {
                see(Observed::field(Role::Password, Secrecy::Yes));
                self.type_it(&mut see);
                see(Observed::field(Role::Text, Secrecy::No));
            }
        }
    }

    fn type_it(&self, mut see: impl FnMut(Observed)) {
        for c in self.token.chars() {
            let key = |press| Observed::Key { press, physical: PhysicalKey::UNKNOWN, logical: LogicalKey::Char(c) };
            see(key(Press::Down));
            see(key(Press::Up));
        }
    }

    /// How long planting takes, at most.
    pub(super) fn ticks(&self) -> Ticks {
        self.token.len() as Ticks * 2 + 4
    }
}

/// Searches bytes for planted canaries.
pub(super) struct Scanner {
    finders: Vec<Finder<'static>>,
    planted: usize,
}

impl Scanner {
    /// A scanner for these canaries in every encoding.
    pub(super) fn new(canaries: &[Canary]) -> Self {
        let needles = canaries.iter().flat_map(|canary| encodings(&canary.token));
        Self { finders: needles.map(|needle| Finder::new(&needle).into_owned()).collect(), planted: canaries.len() }
    }

    /// How many canaries were planted.
    pub(super) fn planted(&self) -> usize {
        self.planted
    }

    /// How often a canary occurs in `bytes`, in whatever encoding; and in what zstd frames inside them expand to.
    pub(super) fn hits(&self, bytes: &[u8]) -> u64 {
        let direct: usize = self.finders.iter().map(|finder| finder.find_iter(bytes).count()).sum();
        let frames = memchr::memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]);
        let expanded: usize = frames
            .filter_map(|at| expand(bytes.get(at..)?))
            .map(|content| self.finders.iter().map(|finder| finder.find_iter(&content).count()).sum::<usize>())
            .sum();
        (direct + expanded) as u64
    }

    /// How often a canary occurs in opened events: typed out, spelled in names, or as JSON.
    pub(super) fn hits_in_events(&self, events: &[Event]) -> u64 {
        let typed = |wanted: Option<Press>| -> String {
            let symbol = |event: &Event| match &event.what {
                What::Key { press, key: Key::Shortcut { symbol, .. } } if wanted.is_none_or(|way| way == *press) => {
                    Some(*symbol)
                }
                _ => None,
            };
            events.iter().filter_map(symbol).collect()
        };
        let json = serde_json::to_vec(events).unwrap_or_default();
        let views = [typed(Some(Press::Down)).into_bytes(), typed(Some(Press::Up)).into_bytes(), json];
        views.iter().map(|view| self.hits(view)).sum()
    }

    /// How often a canary occurs in any file below `dir`; also how many bytes were read.
    pub(super) fn hits_below(&self, dir: &Path) -> Result<(u64, u64)> {
        let (mut hits, mut read) = (0, 0);
        let mut folders = vec![dir.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| format!("read `{}`", folder.display()))? {
                let entry = entry?;
                hits += self.hits(entry.file_name().as_encoded_bytes());
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let bytes = fs::read(entry.path())?;
                    read += bytes.len() as u64;
                    hits += self.hits(&bytes);
                }
            }
        }
        Ok((hits, read))
    }
}

/// At most 64 MiB of what a zstd frame expands to, if it is one.
fn expand(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(bytes).ok()?.single_frame();
    decoder.take(64 << 20).read_to_end(&mut content).ok()?;
    Some(content)
}

/// The ways a text is commonly written: UTF-8 in both cases, UTF-16 both ways, hexadecimal, base64 at its three
/// alignments, and backwards.
fn encodings(token: &str) -> Vec<Vec<u8>> {
    let bytes = token.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        bytes.to_vec(),
        token.to_lowercase().into_bytes(),
        token.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        token.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        bytes.iter().rev().copied().collect(),
    ];
    for skip in 0..3 {
        // Whole groups of three bytes encode the same wherever the text stands; its ends depend on the neighbours.
        let whole = bytes.get(skip..).unwrap_or_default();
        let whole = whole.get(..whole.len() / 3 * 3).unwrap_or_default();
        all.push(STANDARD_NO_PAD.encode(whole).into_bytes());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_in_every_encoding() {
        let canary = Canary { token: "CANARY-ABCDEFGHIJKL".into(), place: Place::Text };
        let scanner = Scanner::new(std::slice::from_ref(&canary));
        let token = canary.token.as_bytes();
        for padding in 0..3 {
            let text = [&b"xyz"[..padding], token, b"qq"].concat();
            assert!(scanner.hits(STANDARD_NO_PAD.encode(&text).as_bytes()) > 0, "base64 at {padding}");
            assert!(scanner.hits(&zstd::bulk::compress(&text, 3).unwrap()) > 0, "zstd");
            assert_eq!(scanner.hits(&text), 1, "plain");
        }
        let wide: Vec<u8> = canary.token.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(scanner.hits(&wide), 1);
        assert_eq!(scanner.hits(b"nothing of the kind"), 0);
    }

    #[test]
    fn a_canary_typed_into_events_is_found() {
        let canary = Canary { token: "CANARY-ABCDEFGHIJKL".into(), place: Place::Text };
        let scanner = Scanner::new(std::slice::from_ref(&canary));
        let typed: Vec<_> = canary
            .token
            .chars()
            .map(|symbol| Event {
                at: 0,
                actor: Actor::Human,
                what: What::Key { press: Press::Down, key: Key::Shortcut { physical: PhysicalKey::UNKNOWN, symbol } },
            })
            .collect();
        assert_eq!(scanner.hits_in_events(&typed), 1);
    }
}
