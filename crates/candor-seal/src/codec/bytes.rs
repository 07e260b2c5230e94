//! Varints, zigzag and escaped bytes.

/// Appends an LEB128 varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small magnitudes become small numbers: 0, -1, 1, -2 … → 0, 1, 2, 3 …
pub fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// The first main byte that is an escape.
const ESCAPE: u64 = 240;

/// The first rest that is too long for an escape's 4 bits and one side byte.
const LONG: u64 = (255 - ESCAPE) << 8;

/// Appends a value: below 240 one main byte; below 4,080 an escape with 4 bits and one side byte; else 255 and a varint.
/// With `shift` 8 the low byte goes to the side stream first, as it is.
pub fn put_escaped(main: &mut Vec<u8>, side: &mut Vec<u8>, value: u64, shift: u32) {
    if shift == 8 {
        side.push(value as u8);
    }
    let value = value >> shift;
    match value.checked_sub(ESCAPE) {
        None => main.push(value as u8),
        Some(rest) if rest < LONG => {
            main.push((ESCAPE + (rest >> 8)) as u8);
            side.push(rest as u8);
        }
        Some(rest) => {
            main.push(255);
            put_varint(side, rest);
        }
    }
}

/// Reads what the functions above wrote; `None` where the bytes end early or say too much.
pub struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(part)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (part, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*part)
    }

    /// A varint in its shortest form.
    pub fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 || byte == 0 && shift > 0 {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A varint that counts things of which at most `max` can be.
    pub fn count(&mut self, max: usize) -> Option<usize> {
        usize::try_from(self.varint()?).ok().filter(|count| *count <= max)
    }

    /// The rest of an escaped value whose main byte was `main`, in its shortest form.
    pub fn escaped(&mut self, main: u8, shift: u32) -> Option<u64> {
        let low = if shift == 8 { u64::from(self.byte()?) } else { 0 };
        let value = match main {
            255 => ESCAPE.checked_add(self.varint().filter(|rest| *rest >= LONG)?)?,
            240..255 => ESCAPE + ((u64::from(main) - ESCAPE) << 8) + u64::from(self.byte()?),
            _ => u64::from(main),
        };
        if shift == 0 { Some(value) } else { value.checked_mul(256).map(|high| high | low) }
    }
}
