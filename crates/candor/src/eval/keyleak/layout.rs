//! Keyboards: where a character lies, what lies beside it, and what has to be combined.

use candor_model::key::PhysicalKey;

use super::random::Random;

/// A keyboard layout, by the country that prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layout {
    /// United States.
    Us,
    /// United Kingdom.
    Uk,
    /// Germany.
    De,
    /// France.
    Fr,
    /// Spain.
    Es,
}

/// How a character's key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stroke {
    /// Where the key is.
    pub(super) physical: PhysicalKey,
    /// With which modifier.
    pub(super) level: Level,
    /// What it prints, or waits with.
    pub(super) symbol: char,
    /// Whether it waits for the next key.
    pub(super) dead: bool,
}

/// Which of the characters on a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// None held.
    Base,
    /// Shift held.
    Shift,
    /// AltGr held.
    AltGr,
}

/// What it takes to type a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// One key.
    Key(Stroke),
    /// A dead key, then a letter.
    Dead(Stroke, Stroke),
    /// Neither: an input method, or a compose sequence.
    Compose,
}

/// Usages of HID page 7, row by row from the top, left to right on an ISO keyboard.
const ROWS: [&[u16]; 4] = [
    &[0x35, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2d, 0x2e],
    &[0x14, 0x1a, 0x08, 0x15, 0x17, 0x1c, 0x18, 0x0c, 0x12, 0x13, 0x2f, 0x30, 0x31],
    &[0x04, 0x16, 0x07, 0x09, 0x0a, 0x0b, 0x0d, 0x0e, 0x0f, 0x33, 0x34, 0x32],
    &[0x64, 0x1d, 0x1b, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38],
];

/// How far to the right each row begins, in quarters of a key.
const STAGGER: [usize; 4] = [0, 6, 7, 5];

/// The space bar.
const SPACE: u16 = 0x2c;

/// One row: what its keys print alone, with Shift, with AltGr. A blank is a key without a character at that level.
type Row = [&'static str; 3];

const US: [Row; 4] = [
    ["`1234567890-=", "~!@#$%^&*()_+", ""],
    ["qwertyuiop[]\\", "QWERTYUIOP{}|", ""],
    ["asdfghjkl;'", "ASDFGHJKL:\"", ""],
    [" zxcvbnm,./", " ZXCVBNM<>?", ""],
];
const UK: [Row; 4] = [
    ["`1234567890-=", "¬!\"£$%^&*()_+", "    €"],
    ["qwertyuiop[]", "QWERTYUIOP{}", ""],
    ["asdfghjkl;'#", "ASDFGHJKL:@~", ""],
    ["\\zxcvbnm,./", "|ZXCVBNM<>?", ""],
];
const DE: [Row; 4] = [
    ["^1234567890ß´", "°!\"§$%&/()=?`", "  ²³   {[]}\\"],
    ["qwertzuiopü+", "QWERTZUIOPÜ*", "@ €        ~"],
    ["asdfghjklöä#", "ASDFGHJKLÖÄ'", ""],
    ["<yxcvbnm,.-", ">YXCVBNM;:_", "|      µ"],
];
const FR: [Row; 4] = [
    ["²&é\"'(-è_çà)=", " 1234567890°+", "  ~#{[|`\\^@]}"],
    ["azertyuiop^$", "AZERTYUIOP¨£", "  €"],
    ["qsdfghjklmù*", "QSDFGHJKLM%µ", ""],
    ["<wxcvbn,;:!", ">WXCVBN?./§", ""],
];
const ES: [Row; 4] = [
    ["º1234567890'¡", "ª!\"·$%&/()=?¿", "\\|@#~€¬"],
    ["qwertyuiop`+", "QWERTYUIOP^*", "  €       []"],
    ["asdfghjklñ´ç", "ASDFGHJKLÑ¨Ç", "          {}"],
    ["<zxcvbnm,.-", ">ZXCVBNM;:_", ""],
];

/// Accents, and what each makes of the letters below it.
const ACCENTS: [(char, &str, &str); 4] = [
    ('´', "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
    ('`', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
    ('^', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
    ('¨', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
];

impl Layout {
    /// Every layout.
    pub(super) const ALL: [Self; 5] = [Self::Us, Self::Uk, Self::De, Self::Fr, Self::Es];

    const fn rows(self) -> &'static [Row; 4] {
        match self {
            Self::Us => &US,
            Self::Uk => &UK,
            Self::De => &DE,
            Self::Fr => &FR,
            Self::Es => &ES,
        }
    }

    /// Which of the layout's characters wait for a letter.
    const fn dead(self) -> &'static str {
        match self {
            Self::Us | Self::Uk => "",
            Self::De => "^´`",
            Self::Fr => "^¨",
            Self::Es => "`^´¨",
        }
    }

    /// How `c` is typed.
    pub(super) fn way(self, c: char) -> Way {
        if let Some(stroke) = self.stroke(c).filter(|stroke| !stroke.dead) {
            return Way::Key(stroke);
        }
        let accented = ACCENTS.iter().find_map(|(accent, letters, made)| {
            let letter = letters.chars().zip(made.chars()).find(|(_, made)| *made == c)?.0;
            Some((*accent, letter))
        });
        accented
            .and_then(|(accent, letter)| {
                let dead = self.stroke(accent).filter(|stroke| stroke.dead)?;
                Some(Way::Dead(dead, self.stroke(letter)?))
            })
            .unwrap_or(Way::Compose)
    }

    /// The first key and level that has `c` on it. A character that is both dead and alive on a layout is typed alive.
    fn stroke(self, c: char) -> Option<Stroke> {
        if c == ' ' {
            return Some(Stroke { physical: PhysicalKey(SPACE), level: Level::Base, symbol: c, dead: false });
        }
        let strokes = self.rows().iter().zip(ROWS).flat_map(|(row, usages)| {
            let levels = [Level::Base, Level::Shift, Level::AltGr];
            row.iter().zip(levels).flat_map(move |(symbols, level)| {
                symbols.chars().zip(usages).map(move |(symbol, usage)| (symbol, *usage, level))
            })
        });
        let found = strokes.filter(|(symbol, ..)| *symbol == c).map(|(symbol, usage, level)| Stroke {
            physical: PhysicalKey(usage),
            level,
            symbol,
            dead: level != Level::AltGr && self.dead().contains(symbol),
        });
        found.min_by_key(|stroke| stroke.dead)
    }

    /// A character on a key beside that of `c`, at the same level; nothing where `c` has no key of its own.
    pub(super) fn beside(self, c: char, random: &mut Random) -> Option<char> {
        let level = self.stroke(c)?.level as usize;
        let keys: Vec<(char, usize, usize)> = (self.rows().iter().zip(STAGGER).enumerate())
            .flat_map(|(row, (symbols, shift))| {
                let symbols = symbols.get(level).copied().unwrap_or_default();
                symbols.chars().enumerate().map(move |(column, symbol)| (symbol, row, 4 * column + shift))
            })
            .filter(|(symbol, ..)| *symbol != ' ')
            .collect();
        let (row, x) = match keys.iter().find(|(symbol, ..)| *symbol == c) {
            Some(&(_, row, x)) => (row, x),
            None => (4, 4 * random.between(5, 8)),
        };
        let beside: Vec<char> = keys
            .into_iter()
            .filter(|(symbol, ..)| *symbol != c && !self.dead().contains(*symbol))
            .filter(|(_, other, at)| match row.abs_diff(*other) {
                0 => x.abs_diff(*at) == 4,
                1 => x.abs_diff(*at) <= 3,
                _ => false,
            })
            .map(|(symbol, ..)| symbol)
            .collect();
        random.pick(&beside).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_fits_its_keys() {
        for layout in Layout::ALL {
            for (row, usages) in layout.rows().iter().zip(ROWS) {
                assert!(row.iter().all(|symbols| symbols.chars().count() <= usages.len()), "{layout:?} {row:?}");
            }
        }
    }

    #[test]
    fn characters_are_found_where_the_country_prints_them() {
        let key = |layout: Layout, c| match layout.way(c) {
            Way::Key(stroke) => (stroke.physical.0, stroke.level),
            way => panic!("{way:?}"),
        };
        assert_eq!(key(Layout::Us, '@'), (0x1f, Level::Shift));
        assert_eq!(key(Layout::Uk, '@'), (0x34, Level::Shift));
        assert_eq!(key(Layout::De, '@'), (0x14, Level::AltGr));
        assert_eq!(key(Layout::De, 'z'), (0x1c, Level::Base));
        assert_eq!(key(Layout::De, '{'), (0x24, Level::AltGr));
        assert_eq!(key(Layout::Fr, '@'), (0x27, Level::AltGr));
        assert_eq!(key(Layout::Fr, '4'), (0x21, Level::Shift));
        assert_eq!(key(Layout::Es, '@'), (0x1f, Level::AltGr));
        assert_eq!(key(Layout::Es, 'ñ'), (0x33, Level::Base));
    }

    #[test]
    fn accents_are_combined_where_the_layout_has_them() {
        assert!(matches!(Layout::Es.way('é'), Way::Dead(dead, letter) if dead.symbol == '´' && letter.symbol == 'e'));
        assert!(matches!(Layout::Fr.way('é'), Way::Key(_)));
        assert!(matches!(Layout::Us.way('é'), Way::Compose));
        // The accent itself can be typed alone on a French keyboard, with AltGr.
        assert!(matches!(Layout::Fr.way('^'), Way::Key(Stroke { level: Level::AltGr, .. })));
    }

    #[test]
    fn neighbours_lie_beside() {
        let mut random = Random::new(1, 1);
        for _ in 0..50 {
            assert!("wrsd34".contains(Layout::Us.beside('e', &mut random).unwrap()));
            assert!("46rt".contains(Layout::Us.beside('5', &mut random).unwrap()));
        }
    }
}
