//! The words that mean something: names, titles, cues, streets.

use super::text::{Token, hash_of};

/// What a word can be; a word can be several things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u32);

impl Roles {
    /// A first name, and hardly anything else.
    pub(super) const FIRST: Self = Self(1);
    /// A first name that is also an ordinary word.
    pub(super) const MAYBE_FIRST: Self = Self(1 << 1);
    /// A surname.
    pub(super) const LAST: Self = Self(1 << 2);
    /// A form of address: a name follows.
    pub(super) const TITLE: Self = Self(1 << 3);
    /// A word that stands before a street's name.
    pub(super) const STREET_BEFORE: Self = Self(1 << 4);
    /// A word that stands after a street's name.
    pub(super) const STREET_AFTER: Self = Self(1 << 5);
    /// What a telephone number is called.
    pub(super) const PHONE: Self = Self(1 << 6);
    /// What a personal number is called.
    pub(super) const ID: Self = Self(1 << 7);
    /// What a bank account is called.
    pub(super) const ACCOUNT: Self = Self(1 << 8);
    /// What announces a date of birth.
    pub(super) const BIRTH: Self = Self(1 << 9);
    /// What announces a name in a form.
    pub(super) const NAME_FIELD: Self = Self(1 << 10);
    /// A greeting: a name may follow.
    pub(super) const GREETING: Self = Self(1 << 11);
    /// A month.
    pub(super) const MONTH: Self = Self(1 << 12);
    /// A small word inside names: de, van, von.
    pub(super) const PARTICLE: Self = Self(1 << 13);
    /// An ordinary word, also when it begins with a capital: never a part of a name.
    pub(super) const COMMON: Self = Self(1 << 14);
    /// A flat, suite or box: a number follows.
    pub(super) const UNIT: Self = Self(1 << 15);
    /// A digit in words.
    pub(super) const DIGIT: Self = Self(1 << 16);
    /// May stand between a cue and its value: number, is, my.
    pub(super) const FILLER: Self = Self(1 << 17);
    /// What announces a postal address.
    pub(super) const ADDRESS: Self = Self(1 << 18);
    /// What announces a version.
    pub(super) const VERSION: Self = Self(1 << 19);
    /// What is said for `@`.
    pub(super) const AT: Self = Self(1 << 20);
    /// What is said for a dot.
    pub(super) const DOT: Self = Self(1 << 21);
    /// A country, as an address ends.
    pub(super) const COUNTRY: Self = Self(1 << 22);
    /// `my` and its like, before `name is`.
    pub(super) const MY: Self = Self(1 << 23);
    /// A top-level domain.
    pub(super) const TLD: Self = Self(1 << 24);
    /// What a card is called.
    pub(super) const CARD: Self = Self(1 << 25);

    /// A word before a street's name that means nothing else.
    pub(super) const STREET_SURE: Self = Self(1 << 26);
    /// A post box, or its first letters.
    pub(super) const BOX: Self = Self(1 << 27);
    /// The post of American forces.
    pub(super) const MILITARY: Self = Self(1 << 28);
    /// A word that controls are labelled with.
    pub(super) const INTERFACE: Self = Self(1 << 29);

    /// Whether it is one of `roles`.
    pub(super) const fn any(self, roles: Self) -> bool {
        self.0 & roles.0 != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

const SLOTS: usize = 1 << 14;
const FILTER: usize = 1 << 10;

/// An open hash table with a filter of one bit a hash before it, since almost every word of a text is in no list.
#[derive(Debug)]
pub(super) struct Lexicon {
    filter: Vec<u64>,
    slots: Vec<(u64, Roles)>,
}

impl Lexicon {
    pub(super) fn new() -> Self {
        let mut lexicon = Self { filter: vec![0; FILTER], slots: vec![(0, Roles::default()); SLOTS] };
        for &(roles, words) in super::words::LISTS {
            for word in words.split_whitespace() {
                lexicon.insert(word, roles);
            }
        }
        lexicon
    }

    fn insert(&mut self, word: &str, roles: Roles) {
        let hash = hash_of(word);
        if let Some(bits) = self.filter.get_mut(filter_place(hash)) {
            *bits |= filter_bit(hash);
        }
        let mut place = slot(hash);
        while let Some((there, had)) = self.slots.get_mut(place) {
            if had.0 == 0 || *there == hash {
                (*there, *had) = (hash, had.or(roles));
                return;
            }
            place = (place + 1) % SLOTS;
        }
    }

    /// What a token can be.
    pub(super) fn roles(&self, token: &Token) -> Roles {
        let bits = self.filter.get(filter_place(token.hash)).copied().unwrap_or(0);
        if bits & filter_bit(token.hash) == 0 {
            return Roles::default();
        }
        let mut place = slot(token.hash);
        while let Some(&(there, roles)) = self.slots.get(place) {
            if there == token.hash || roles.0 == 0 {
                return roles;
            }
            place = (place + 1) % SLOTS;
        }
        Roles::default()
    }
}

/// Spreads a hash of letters over all bits (Fibonacci hashing).
const fn spread(hash: u64) -> u64 {
    hash.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

const fn slot(hash: u64) -> usize {
    (spread(hash) >> 40) as usize % SLOTS
}

const fn filter_place(hash: u64) -> usize {
    (spread(hash) >> 54) as usize % FILTER
}

const fn filter_bit(hash: u64) -> u64 {
    1 << ((spread(hash) >> 34) & 63)
}
