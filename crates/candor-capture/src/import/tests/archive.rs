//! The public recordings in `../shared/data`: files of a `.tar.zst`, streamed.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// Where the recordings lie; nothing, loudly, where they are absent.
fn archive(folder: &str) -> Option<File> {
    let root = std::env::var_os("CANDOR_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let path = root.join(folder).join(format!("{folder}-dev.tar.zst"));
    let file = File::open(&path).ok();
    if file.is_none() {
        eprintln!("SKIPPED: no recordings at {}; set CANDOR_DATA to the folder that holds them", path.display());
    }
    file
}

/// Calls `each` with the path and the content of every file in the archive. Returns whether there was an archive.
pub(super) fn for_each_file(folder: &str, mut each: impl FnMut(&str, &mut dyn Read)) -> bool {
    let Some(file) = archive(folder) else { return false };
    let mut tar = zstd::Decoder::new(file).unwrap();
    tar.window_log_max(27).unwrap();
    let mut block = [0; 512];
    let mut long_name = None;
    while tar.read_exact(&mut block).is_ok() && block[0] != 0 {
        let size = u64::from_str_radix(text(&block[124..136]).trim(), 8).unwrap();
        let mut content = (&mut tar).take(size);
        match block[156] {
            b'0' | 0 => {
                let prefix = if &block[257..263] == b"ustar\0" { text(&block[345..500]) } else { String::new() };
                let name = long_name.take().unwrap_or_else(|| format!("{prefix}/{}", text(&block[..100])));
                each(&name, &mut content);
            }
            b'L' => {
                let mut name = Vec::new();
                content.read_to_end(&mut name).unwrap();
                long_name = Some(text(&name));
            }
            _ => {}
        }
        io::copy(&mut content, &mut io::sink()).unwrap();
        io::copy(&mut (&mut tar).take((512 - size % 512) % 512), &mut io::sink()).unwrap();
    }
    true
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|b| *b == 0).next().unwrap()).into_owned()
}
