//! The scan for what was planted: in every file below a folder, and in every segment decrypted and decompressed, in the
//! encodings software commonly writes text in.
//!
//! It must be able to find them: the build without the wall is caught by it. It needs nothing of this crate, so tests of the
//! program use it as it is.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use candor_model::event::{Event, Press, What};
use candor_model::key::Key;
use memchr::memmem::Finder;

/// Searches bytes for planted canaries.
pub(super) struct Scanner {
    finders: Vec<Finder<'static>>,
    planted: usize,
}

impl Scanner {
    /// A scanner for these texts in every encoding.
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut finders, mut planted) = (Vec::new(), 0);
        for text in texts {
            planted += 1;
            finders.extend(encodings(text).iter().map(|needle| Finder::new(needle).into_owned()));
        }
        Self { finders, planted }
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
    use candor_model::Actor;
    use candor_model::key::PhysicalKey;

    use super::*;

    const TOKEN: &str = "CANARY-ABCDEFGHIJKL";

    #[test]
    fn a_canary_is_found_in_every_encoding() {
        let scanner = Scanner::new([TOKEN]);
        let token = TOKEN.as_bytes();
        for padding in 0..3 {
            let text = [&b"xyz"[..padding], token, b"qq"].concat();
            assert!(scanner.hits(STANDARD_NO_PAD.encode(&text).as_bytes()) > 0, "base64 at {padding}");
            assert!(scanner.hits(&zstd::bulk::compress(&text, 3).unwrap()) > 0, "zstd");
            assert_eq!(scanner.hits(&text), 1, "plain");
        }
        let wide: Vec<u8> = TOKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(scanner.hits(&wide), 1);
        assert_eq!(scanner.hits(b"nothing of the kind"), 0);
    }

    #[test]
    fn a_canary_typed_into_events_is_found() {
        let scanner = Scanner::new([TOKEN]);
        let typed: Vec<_> = TOKEN
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
