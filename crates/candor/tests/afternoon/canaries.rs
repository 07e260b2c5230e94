//! A hundred invented secrets, made from a number: none stands in a file of this repository.

use std::collections::HashSet;

/// What a canary is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Password,
    Card,
    Token,
    Sentence,
}

/// Random enough for secrets that nobody has, and the same in every run with the same number.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % most
    }

    fn one(&mut self, of: &str) -> char {
        of.chars().nth(self.below(of.len())).unwrap()
    }

    fn some(&mut self, of: &str, count: usize) -> String {
        (0..count).map(|_| self.one(of)).collect()
    }
}

/// The canaries that are still to be planted, and those that were.
pub struct Canaries {
    dice: Dice,
    /// Each with where it was planted.
    pub planted: Vec<(Kind, String, &'static str)>,
    /// Where those were meant to go that landed elsewhere, and so are no secrets.
    pub astray: Vec<&'static str>,
}

const LOWER: &str = "abcdefghijkmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &str = "23456789";

impl Canaries {
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice(seed), planted: Vec::new(), astray: Vec::new() }
    }

    /// A fresh one, which from now on must not be found.
    pub fn plant(&mut self, kind: Kind, place: &'static str) -> String {
        let text = match kind {
            Kind::Password => self.password(),
            Kind::Card => self.card(),
            Kind::Token => self.token(),
            Kind::Sentence => self.sentence(),
        };
        self.planted.push((kind, text.clone(), place));
        text
    }

    /// The last one did not go where it was meant to go: whoever shows it shows what was typed into an open field.
    pub fn went_astray(&mut self) {
        self.astray.extend(self.planted.pop().map(|(_, _, place)| place));
        assert!(self.astray.len() < 20, "the browser does not take what is typed: {:?}", self.astray);
    }

    fn password(&mut self) -> String {
        let (letters, digits) = (self.dice.some(LOWER, 5), self.dice.some(DIGITS, 3));
        format!("{}{letters}{}{digits}{}", self.dice.one(UPPER), self.dice.one("!#%+"), self.dice.some(LOWER, 3))
    }

    /// Sixteen digits of which the last checks the others (ISO/IEC 7812-1, annex B), as they are written on a card.
    fn card(&mut self) -> String {
        let body = format!("4{}", self.dice.some("0123456789", 14));
        let sum: u32 = body
            .bytes()
            .enumerate()
            .map(|(at, digit)| {
                let digit = u32::from(digit - b'0');
                if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
            })
            .sum();
        let all = format!("{body}{}", (10 - sum % 10) % 10);
        let groups: Vec<&str> = (0..4).map(|group| &all[group * 4..group * 4 + 4]).collect();
        groups.join(" ")
    }

    /// In the forms of services that many people use; the heads are put together here, so that no scanner takes this file
    /// for one that holds tokens.
    fn token(&mut self) -> String {
        let all = [LOWER, UPPER, DIGITS].concat();
        match self.dice.below(4) {
            0 => format!("{}_{}", "ghp", self.dice.some(&all, 36)),
            1 => format!("{}-{}", "glpat", self.dice.some(&all, 20)),
            2 => format!("{}{}", "AKIA", self.dice.some(UPPER, 16)),
            _ => format!("{}_{}", "npm", self.dice.some(&all, 36)),
        }
    }

    /// Words that no language has, so that no other text holds a piece of them.
    fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..5)
            .map(|_| {
                let syllables = 2 + self.dice.below(3);
                (0..syllables)
                    .map(|_| format!("{}{}", self.dice.one("bdfgklmnprstvz"), self.dice.one("aeiou")))
                    .collect()
            })
            .collect();
        words.join(" ")
    }

    /// How many of this kind were planted.
    pub fn count(&self, kind: Kind) -> usize {
        self.planted.iter().filter(|(it, _, _)| *it == kind).count()
    }

    /// Which canaries show a piece of eight characters in this text, blanks and case aside.
    pub fn shown_in(&self, text: &str) -> Vec<(Kind, &'static str)> {
        let pieces: HashSet<Vec<char>> = pieces(text).collect();
        let shows = |canary: &str| self::pieces(canary).any(|piece| pieces.contains(&piece));
        self.planted.iter().filter(|(_, text, _)| shows(text)).map(|(kind, _, place)| (*kind, *place)).collect()
    }
}

/// Every run of eight characters.
fn pieces(text: &str) -> impl Iterator<Item = Vec<char>> + use<> {
    let text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    (0..text.len().saturating_sub(7)).map(move |at| text[at..at + 8].to_vec())
}
