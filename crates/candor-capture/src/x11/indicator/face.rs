//! What the indicator shows for a state: a sign, a word and a colour each, so that no state is told by its colour alone.

use x11rb::protocol::xproto::Rectangle;

use super::glyphs::{self, Glyph};
use super::{Area, Shown};

/// Around sign and text, and between them, in units.
const PAD: u16 = 4;
const GAP: u16 = 3;
/// A letter and the space after it.
const ADVANCE: u16 = glyphs::LETTER_WIDTH as u16 + 1;
/// A reason is a few words; what is longer is cut.
const LETTERS_MAX: usize = 48;

/// Red, green and blue.
type Colour = (u8, u8, u8);

const WHITE: Colour = (0xff, 0xff, 0xff);
const BLACK: Colour = (0, 0, 0);

/// A state made visible. Lengths are in units: pixels of the pictures, each of which may be several of the screen.
pub(super) struct Face {
    pub(super) ground: Colour,
    pub(super) ink: Colour,
    sign: Glyph,
    text: String,
}

impl Face {
    pub(super) fn of(shown: Shown) -> Self {
        let (ground, ink, sign, word, reason) = match shown {
            Shown::Recording => ((0xc0, 0, 0), WHITE, glyphs::DISC, "REC", ""),
            Shown::Paused(reason) => ((0xff, 0xb0, 0), BLACK, glyphs::BARS, "PAUSED", reason),
            Shown::Stopped(reason) => ((0x60, 0x60, 0x60), WHITE, glyphs::SQUARE, "STOPPED", reason),
            Shown::Holding(reason) => ((0x1f, 0x4f, 0x9f), WHITE, glyphs::RING, "HOLDING", reason),
        };
        let text = if reason.is_empty() { word.to_owned() } else { format!("{word}: {reason}") };
        Self { ground, ink, sign, text: text.chars().take(LETTERS_MAX).collect() }
    }

    pub(super) fn width(&self) -> u16 {
        let letters = u16::try_from(self.text.chars().count()).unwrap_or(u16::MAX);
        letters.saturating_mul(ADVANCE).saturating_add(PAD + u16::from(glyphs::SIGN_WIDTH) + GAP + PAD - 1)
    }

    pub(super) const fn height() -> u16 {
        PAD + 7 + PAD
    }

    /// What is drawn in ink: the frame, the sign and the text, on a window of this size whose units have so many pixels.
    pub(super) fn strokes(&self, size: Area, unit: u16) -> Vec<Rectangle> {
        let (width, height) = (size.width, size.height);
        let (right, bottom) = (at(width.saturating_sub(unit)), at(height.saturating_sub(unit)));
        let mut strokes = vec![
            Rectangle { x: 0, y: 0, width, height: unit },
            Rectangle { x: 0, y: bottom, width, height: unit },
            Rectangle { x: 0, y: 0, width: unit, height },
            Rectangle { x: right, y: 0, width: unit, height },
        ];
        draw(self.sign, glyphs::SIGN_WIDTH, PAD, unit, &mut strokes);
        let mut column = PAD + u16::from(glyphs::SIGN_WIDTH) + GAP;
        for c in self.text.chars() {
            draw(glyphs::letter(c), glyphs::LETTER_WIDTH, column, unit, &mut strokes);
            column += ADVANCE;
        }
        strokes
    }
}

/// Appends the picture that begins in that column, each run of pixels in a row as one rectangle.
fn draw(glyph: Glyph, width: u8, column: u16, unit: u16, strokes: &mut Vec<Rectangle>) {
    for (row, bits) in (PAD..).zip(glyph) {
        let mut first = None;
        for bit in 0..=width {
            let is_ink = bit < width && bits >> (width - 1 - bit) & 1 == 1;
            match (is_ink, first) {
                (true, None) => first = Some(bit),
                (false, Some(from)) => {
                    let (x, y) = (at((column + u16::from(from)) * unit), at(row * unit));
                    strokes.push(Rectangle { x, y, width: u16::from(bit - from) * unit, height: unit });
                    first = None;
                }
                _ => {}
            }
        }
    }
}

/// A coordinate; what lies beyond those of the protocol is not seen.
fn at(pixel: u16) -> i16 {
    i16::try_from(pixel).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ink as a picture of one character for each unit.
    fn picture(shown: Shown) -> String {
        let face = Face::of(shown);
        let size = Area { x: 0, y: 0, width: face.width(), height: Face::height() };
        let strokes = face.strokes(size, 1);
        let is_ink = |x: i16, y: i16| {
            let within = |from: i16, length: u16, at: i16| (from..from + length as i16).contains(&at);
            strokes.iter().any(|r| within(r.x, r.width, x) && within(r.y, r.height, y))
        };
        let row = |y| (1..size.width as i16 - 1).map(|x| if is_ink(x, y) { '#' } else { ' ' }).collect::<String>();
        (4..11).map(|y| row(y).trim_end().to_owned() + "\n").collect()
    }

    #[test]
    fn recording_is_a_disc_and_a_word() {
        let expected = "
     ###     ####  #####  ###
    #####    #   # #     #   #
   #######   #   # #     #
   #######   ####  ####  #
   #######   # #   #     #
    #####    #  #  #     #   #
     ###     #   # #####  ###
";
        assert_eq!(format!("\n{}", picture(Shown::Recording)), expected);
    }

    #[test]
    fn no_two_states_share_a_colour_a_sign_or_a_word() {
        let states = [Shown::Recording, Shown::Paused(""), Shown::Stopped(""), Shown::Holding("")].map(Face::of);
        for (n, a) in states.iter().enumerate() {
            for b in &states[n + 1..] {
                assert!(a.ground != b.ground && a.sign != b.sign && a.text != b.text, "{} {}", a.text, b.text);
            }
        }
    }

    #[test]
    fn a_reason_is_shown_and_a_very_long_one_is_cut() {
        assert_eq!(Face::of(Shown::Paused("screen locked")).text, "PAUSED: screen locked");
        let long = "an explanation that goes on and on, far beyond what anybody would want to read in a corner";
        assert_eq!(Face::of(Shown::Stopped(long)).text.chars().count(), LETTERS_MAX);
    }
}
