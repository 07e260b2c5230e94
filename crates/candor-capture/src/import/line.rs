//! Lines from a stream, in bounded memory.

use std::io::{self, ErrorKind, Read};

use crate::import::format::BOM;

/// The longest line that is read; the longest of the known formats has a few hundred bytes.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024;

/// How much is read at once, and what the whole reader holds.
const BUFFER_BYTES: usize = 4 * LINE_BYTES_MAX;

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Its bytes; nothing where it was longer than [`LINE_BYTES_MAX`].
    pub(crate) bytes: Option<&'a [u8]>,
}

/// Splits a stream into lines. A line ends in LF, CR LF or the end of the file; a byte order mark is skipped.
#[derive(Debug)]
pub(crate) struct LineReader<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// What is in the buffer and was not handed out yet.
    start: usize,
    end: usize,
    ended: bool,
    number: u64,
}

impl<R: Read> LineReader<R> {
    pub(crate) fn new(reader: R) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Self { reader, buffer, start: 0, end: 0, ended: false, number: 0 }
    }

    /// The first [`LINE_BYTES_MAX`] bytes, or all there are, without taking them. Only before the first line.
    pub(crate) fn peek(&mut self) -> io::Result<&[u8]> {
        while self.end - self.start < LINE_BYTES_MAX && !self.ended {
            self.fill()?;
        }
        if self.number == 0 && self.pending().starts_with(BOM) {
            self.start += BOM.len();
        }
        let pending = self.pending();
        Ok(pending.get(..LINE_BYTES_MAX).unwrap_or(pending))
    }

    /// The next line; nothing at the end of the file.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut scanned = 0;
        let length = loop {
            let fresh = self.pending().get(scanned..).unwrap_or_default();
            let found = fresh.iter().position(|b| *b == b'\n');
            if let Some(more) = found {
                break Some(scanned + more);
            }
            scanned = self.end - self.start;
            if scanned > LINE_BYTES_MAX + 1 || self.ended {
                break None;
            }
            self.fill()?;
        };
        let (begin, end) = match length {
            Some(length) => (self.start, self.start + length),
            None if self.ended => (self.start, self.end),
            None => {
                self.skip_line()?;
                self.number += 1;
                return Ok(Some(Line { number: self.number, bytes: None }));
            }
        };
        if length.is_none() && begin == end {
            return Ok(None);
        }
        self.start = self.end.min(end + 1);
        self.number += 1;
        let bytes = self.buffer.get(begin..end).unwrap_or_default();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Ok(Some(Line { number: self.number, bytes: (bytes.len() <= LINE_BYTES_MAX).then_some(bytes) }))
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Throws everything away up to and with the next LF.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(length) = self.pending().iter().position(|b| *b == b'\n') {
                self.start += length + 1;
                return Ok(());
            }
            self.start = self.end;
            if self.ended {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Reads once. The buffer has room: no caller waits for more than a line at its longest.
    fn fill(&mut self) -> io::Result<()> {
        if self.buffer.len() - self.end < LINE_BYTES_MAX {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.reader.read(room) {
            Ok(0) => self.ended = true,
            Ok(read) => self.end += read,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut reader = LineReader::new(input);
        let mut lines = Vec::new();
        while let Some(line) = reader.next_line().unwrap() {
            lines.push(line.bytes.map(<[u8]>::to_vec));
            assert_eq!(line.number, lines.len() as u64);
        }
        lines
    }

    #[test]
    fn lines_end_in_lf_in_crlf_or_with_the_file() {
        let expected = [b"a".as_slice(), b"b", b"", b"c\rd", b"e"].map(|l| Some(l.to_vec()));
        assert_eq!(lines(b"a\nb\r\n\nc\rd\ne"), expected);
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"\n"), [Some(vec![])]);
    }

    #[test]
    fn a_line_of_64_kib_is_read_and_a_longer_one_is_skipped_whole() {
        let fits = vec![b'x'; LINE_BYTES_MAX];
        for over in [1, 2, 3, BUFFER_BYTES, 3 * BUFFER_BYTES + 7] {
            let mut input = fits.clone();
            input.push(b'\n');
            input.extend(vec![b'y'; LINE_BYTES_MAX + over]);
            input.extend(b"\nz");
            assert_eq!(lines(&input), [Some(fits.clone()), None, Some(b"z".to_vec())], "{over} too long");
        }
        assert_eq!(lines(&vec![b'y'; LINE_BYTES_MAX + 2]), [None], "without an end");
    }

    #[test]
    fn peeking_takes_nothing_but_the_byte_order_mark() {
        let mut reader = LineReader::new(&b"\xef\xbb\xbfa\nb"[..]);
        assert_eq!(reader.peek().unwrap(), b"a\nb");
        assert_eq!(reader.next_line().unwrap(), Some(Line { number: 1, bytes: Some(b"a") }));
    }
}
