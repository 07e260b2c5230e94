//! Looking for all entries in one pass.

use std::ops::Range;

use zeroize::Zeroize;

use super::entry::{ENTRIES_MAX, PersonalEntry, PersonalError};
use super::fold::Folded;
use super::hash::{GRAM, GRAMS_MAX, Hasher, PersonalKey, SHORT_END};

/// Folded characters whose places in the text are remembered; more than the longest value reaches.
const PLACES: usize = 256;
/// A fingerprint may be this much nearer to the one before, or farther, than in the value: a slip of the hand. A row with
/// a slip needs one fingerprint more.
const DRIFT: u64 = 1;
/// Recent hits remembered. Ordinary texts have a handful; only "aaaa…" would have more.
const HITS_MAX: usize = 64;

/// One fingerprint of one entry.
#[derive(Debug, Clone, Copy)]
struct Gram {
    /// Its bits, at the upper end of a word.
    print: u32,
    /// Which of those bits count.
    mask: u32,
    entry: u16,
    /// Which fingerprint of the entry, and where in the value.
    number: u8,
    offset: u16,
}

#[derive(Debug, Clone, Copy)]
struct Value {
    length: usize,
    needed: u8,
}

/// The entries, arranged for looking up.
#[derive(Clone, Default)]
pub(super) struct Index {
    hasher: Hasher,
    values: Vec<Value>,
    /// Fingerprints of four characters, by the first byte of what they may match; `starts` has where each byte's begin.
    grams: Vec<Gram>,
    starts: Vec<u32>,
    /// Fingerprints of whole short values, by their length.
    short: [Vec<Gram>; SHORT_END],
    length_max: usize,
}

impl Index {
    pub(super) fn new(key: &PersonalKey, entries: &[PersonalEntry]) -> Result<Self, PersonalError> {
        if entries.len() > ENTRIES_MAX {
            return Err(PersonalError::TooMany);
        }
        let mut index = Self { hasher: key.hasher(), ..Self::default() };
        let mut buckets: Vec<Vec<Gram>> = vec![Vec::new(); 256];
        for (entry, sealed) in (0_u16..).zip(entries) {
            let (shape, prints) = sealed.open(key)?;
            let length = sealed.length();
            index.length_max = index.length_max.max(length);
            index.values.push(Value { length, needed: shape.needed as u8 });
            for (number, print) in (0_u8..).zip(prints) {
                let (low, mask) = (32 - shape.bits, u32::MAX << (32 - shape.bits));
                let offset = (usize::from(number) * shape.stride) as u16;
                let gram = Gram { print: print << low, mask, entry, number, offset };
                if shape.gram == GRAM && length >= SHORT_END {
                    let matching = buckets
                        .iter_mut()
                        .zip(0_u32..)
                        .filter(|(_, byte)| (byte << 24 ^ gram.print) & mask & 0xff00_0000 == 0);
                    matching.for_each(|(bucket, _)| bucket.push(gram));
                } else if let Some(list) = index.short.get_mut(length) {
                    list.push(gram);
                }
            }
        }
        index.starts.push(0);
        for bucket in buckets {
            index.grams.extend(bucket);
            index.starts.push(index.grams.len() as u32);
        }
        Ok(index)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How far back, in folded characters, a finding may reach that the next character completes.
    pub(super) fn reach(&self) -> usize {
        self.length_max + 2 * GRAM + DRIFT as usize * GRAMS_MAX
    }

    fn candidates(&self, hash: u32) -> &[Gram] {
        let byte = (hash >> 24) as usize;
        match self.starts.get(byte..byte + 2) {
            Some(&[from, to]) => self.grams.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// A fingerprint that was found, and the best row of fingerprints that ends with it.
#[derive(Debug, Clone, Copy)]
struct Hit {
    entry: u16,
    number: u8,
    /// How many fingerprints the row has.
    count: u8,
    at: usize,
    /// Where the value begins if this fingerprint lies right; before the text, where its beginning is missing.
    own: i64,
    /// The same for the whole row: the earliest of them.
    begin: i64,
    /// Whether the row has a slip.
    slipped: bool,
}

/// The bytes that a folded character comes from.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    from: u32,
    to: u32,
}

/// One pass over a text.
pub(super) struct Search<'a> {
    index: &'a Index,
    /// How many characters came.
    count: usize,
    /// The newest characters, the newest last.
    newest: [u32; SHORT_END - 1],
    /// The last ones, by their number modulo [`PLACES`].
    places: [Place; PLACES],
    hits: Vec<Hit>,
    /// A value that was recognised and not yet left: from where to before where.
    open: Option<Range<usize>>,
    any_short: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        let any_short = index.short.iter().any(|list| !list.is_empty());
        let places = [Place::default(); PLACES];
        Self { index, count: 0, newest: [0; SHORT_END - 1], places, hits: Vec::new(), open: None, any_short }
    }

    fn place(&self, number: usize) -> Place {
        self.places.get(number % PLACES).copied().unwrap_or_default()
    }

    /// Takes the next character; gives the span, in bytes, of what it completes or continues.
    pub(super) fn push(&mut self, folded: Folded) -> Option<Range<usize>> {
        if let Some(place) = self.places.get_mut(self.count % PLACES) {
            *place = Place { from: folded.from, to: folded.to };
        }
        self.count += 1;
        let [_, rest @ ..] = self.newest;
        let [a, b, c, d, e, f] = rest;
        self.newest = [a, b, c, d, e, f, folded.code];
        if let Some(at) = self.count.checked_sub(GRAM) {
            let [.., a, b, c, d] = self.newest;
            let hash = self.index.hasher.hash(&[a, b, c, d]);
            for gram in self.index.candidates(hash) {
                if (hash ^ gram.print) & gram.mask == 0 {
                    self.hit(*gram, at);
                }
            }
        }
        if self.any_short {
            self.short();
        }
        let open = self.open.as_ref()?.clone();
        if open.end <= self.count {
            self.open = None;
        }
        Some(self.span(open.start, open.end.min(self.count)))
    }

    /// The hash of the newest `length` characters.
    fn hash(&self, length: usize) -> u32 {
        let codes = self.newest.get(self.newest.len().saturating_sub(length)..).unwrap_or_default();
        self.index.hasher.hash(codes)
    }

    /// Looks for short values that end here.
    fn short(&mut self) {
        let index = self.index;
        for (length, list) in index.short.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            let Some(at) = self.count.checked_sub(length) else { return };
            let hash = self.hash(length);
            if list.iter().any(|gram| (hash ^ gram.print) & gram.mask == 0) {
                self.recognise(at, self.count);
            }
        }
    }

    /// Joins a fingerprint to the best row it continues; once the row is long enough, the value is recognised.
    fn hit(&mut self, gram: Gram, at: usize) {
        let Some(value) = self.index.values.get(usize::from(gram.entry)).copied() else { return };
        let reach = self.index.reach();
        self.hits.retain(|hit| hit.at + reach >= at);
        let own = signed(at) - i64::from(gram.offset);
        let row = self
            .hits
            .iter()
            .filter(|hit| hit.leads_to(gram, at, own))
            .max_by_key(|hit| (hit.count, !hit.slipped && hit.own == own));
        let (count, begin, slipped) =
            row.map_or((1, own, false), |row| (row.count + 1, row.begin.min(own), row.slipped || row.own != own));
        if self.hits.len() == HITS_MAX {
            self.hits.remove(0);
        }
        self.hits.push(Hit { entry: gram.entry, number: gram.number, count, at, own, begin, slipped });
        if count >= value.needed + u8::from(slipped) {
            let end = at + value.length.saturating_sub(usize::from(gram.offset));
            self.recognise(usize::try_from(begin).unwrap_or(0), end);
        }
    }

    /// Opens the value from `begin` to before `end`, or widens the one that is open.
    fn recognise(&mut self, begin: usize, end: usize) {
        self.open = Some(match self.open.take() {
            Some(open) => open.start.min(begin)..open.end.max(end),
            None => begin..end,
        });
    }

    /// The bytes from one folded character to before another; places forgotten are beyond the reach of any value.
    fn span(&self, begin: usize, end: usize) -> Range<usize> {
        let begin = begin.max(self.count.saturating_sub(PLACES));
        self.place(begin).from as usize..self.place(end.saturating_sub(1)).to as usize
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        self.newest.zeroize();
    }
}

impl Hit {
    /// Whether `gram` at `at` follows in the same value, at about the right distance.
    fn leads_to(&self, gram: Gram, at: usize, own: i64) -> bool {
        let follows = self.entry == gram.entry && self.number < gram.number && self.at < at;
        follows && self.own.abs_diff(own) <= DRIFT
    }
}

fn signed(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
