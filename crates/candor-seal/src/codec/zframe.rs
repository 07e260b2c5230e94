//! zstd frames as the format has them: exactly one, without a dictionary, of a length known beforehand.

/// How a zstd frame begins; a skippable one begins otherwise.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The bits of a frame's descriptor that announce a dictionary.
const DICTIONARY: u8 = 3;

/// Expands exactly one zstd frame without a dictionary to at most `max` bytes; `None` where the bytes are anything else.
///
/// zstd alone would go on to a second frame and pass over a skippable one, so that one block could be many files.
pub fn expand(frame: &[u8], max: usize) -> Option<Vec<u8>> {
    let plain = frame.starts_with(&MAGIC) && frame.get(MAGIC.len())? & DICTIONARY == 0;
    if !plain || zstd::zstd_safe::find_frame_compressed_size(frame) != Ok(frame.len()) {
        return None;
    }
    zstd::bulk::decompress(frame, max).ok()
}
