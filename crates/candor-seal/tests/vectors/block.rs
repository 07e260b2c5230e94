//! A block by its columns, each as raw bytes, so that any of them can be wrong.

use zstd::bulk::Compressor;

/// The fields of a block in the order of the format.
#[derive(Clone, Default)]
pub struct Block {
    pub count: Vec<u8>,
    pub first: Vec<u8>,
    pub shift: u8,
    pub runs: Vec<u8>,
    pub apps: Vec<u8>,
    pub keys: Vec<u8>,
    pub kinds: Vec<u8>,
    pub times: Vec<u8>,
    pub key_indexes: Vec<u8>,
    pub buttons: Vec<u8>,
    pub scrolls: Vec<u8>,
    pub app_indexes: Vec<u8>,
    pub surrogates: Vec<u8>,
    pub elements: Vec<u8>,
    pub time_side: Vec<u8>,
    pub x_side: Vec<u8>,
    pub y_side: Vec<u8>,
    pub x: Vec<u8>,
    pub y: Vec<u8>,
}

pub fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// One zstd frame; `plain` are the settings of the real encoder, else it says its length and has a checksum.
pub fn zstd_frame(content: &[u8], plain: bool) -> Vec<u8> {
    let mut zstd = Compressor::new(3).unwrap();
    zstd.include_contentsize(!plain).unwrap();
    zstd.include_checksum(!plain).unwrap();
    zstd.compress(content).unwrap()
}

/// A frame of a block: lengths, then these bytes.
pub fn framed(expanded: usize, compressed: &[u8]) -> Vec<u8> {
    [varint(expanded as u64), varint(compressed.len() as u64), compressed.to_vec()].concat()
}

impl Block {
    pub fn a(&self) -> Vec<u8> {
        [&self.runs[..], &self.apps, &self.keys, &self.kinds, &self.times].concat()
    }

    pub fn b(&self) -> Vec<u8> {
        let side = [&self.elements[..], &self.time_side, &self.x_side, &self.y_side].concat();
        [&self.key_indexes[..], &self.buttons, &self.scrolls, &self.app_indexes, &self.surrogates, &side].concat()
    }

    pub fn c(&self) -> Vec<u8> {
        [&self.x[..], &self.y].concat()
    }

    /// The block with other frames than its own.
    pub fn with_frames(&self, frames: [Vec<u8>; 3]) -> Vec<u8> {
        [&self.count[..], &self.first, &[self.shift], &frames.concat()].concat()
    }

    /// The block with `frame` made of each frame's content.
    pub fn framed_by(&self, frame: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        self.with_frames([frame(&self.a()), frame(&self.b()), frame(&self.c())])
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.framed_by(|content| framed(content.len(), &zstd_frame(content, true)))
    }
}
