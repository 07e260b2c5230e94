//! Made-up values that nobody may see: for typing and deleting again, for forms, for password fields.
//!
//! Every one is drawn by chance; check digits are right, so that a detector has no excuse.

use super::random::Random;

const FIRST: [&str; 8] = ["maren", "tobias", "lucie", "oskar", "ines", "pavel", "greta", "hugo"];
const LAST: [&str; 8] = ["lindqvist", "okafor", "brandt", "moreau", "silva", "novak", "keller", "ruiz"];
const HOSTS: [&str; 5] = ["example.com", "mail.example.org", "example.net", "post.example.de", "example.co.uk"];

/// Words of no consequence.
pub(super) const WORDS: [&str; 20] = [
    "then", "maybe", "again", "later", "paper", "window", "green", "letter", "because", "garden", "number", "short",
    "looking", "people", "train", "open", "little", "morning", "kitchen", "after",
];

/// A value and the word for its type.
pub(super) fn any(random: &mut Random) -> (&'static str, String) {
    match random.between(0, 5) {
        0 => ("EMAIL", email(random)),
        1 => {
            let separator = random.pick(&["", " ", "-"]).copied().unwrap_or_default();
            ("CREDIT_CARD", card(random, separator))
        }
        2 => ("PHONE", phone(random)),
        3 => ("IBAN", iban(random)),
        4 => ("US_SSN", ssn(random)),
        _ => ("SECRET", token(random)),
    }
}

pub(super) fn email(random: &mut Random) -> String {
    let (first, last, host) = (random.pick(&FIRST), random.pick(&LAST), random.pick(&HOSTS));
    let [first, last, host] = [first, last, host].map(|word| word.copied().unwrap_or("a"));
    format!("{first}.{last}{}@{host}", random.between(1, 99))
}

/// A 16-digit card with a right Luhn digit, in groups of four.
pub(super) fn card(random: &mut Random, separator: &str) -> String {
    let mut digits: Vec<usize> = vec![4 + random.between(0, 1)];
    digits.push(random.between(1, 5));
    digits.extend((0..13).map(|_| random.between(0, 9)));
    let sum: usize = (digits.iter().rev().enumerate())
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    digits.push((10 - sum % 10) % 10);
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().map(usize::to_string).collect()).collect();
    groups.join(separator)
}

fn phone(random: &mut Random) -> String {
    let mut tail = |count: usize| digits(random, count);
    format!("+44 20 7{} {}", tail(3), tail(4))
}

/// A British IBAN with right check digits (ISO 13616: mod 97 over the rearranged number is 1).
fn iban(random: &mut Random) -> String {
    let rest = digits(random, 14);
    // N W B K, G B, and 00 in place of the check digits.
    let number = format!("23321120{rest}161100");
    let remainder = number.bytes().fold(0_u32, |sum, byte| (sum * 10 + u32::from(byte - b'0')) % 97);
    format!("GB{:02}NWBK{rest}", 98 - remainder)
}

fn ssn(random: &mut Random) -> String {
    format!("{}-{:02}-{:04}", random.between(101, 665), random.between(1, 99), random.between(1, 9999))
}

/// The shape of an AWS access key id: four fixed letters and sixteen of base 32.
fn token(random: &mut Random) -> String {
    let base32: Vec<char> = ('A'..='Z').chain('2'..='7').collect();
    let tail: String = (0..16).filter_map(|_| random.pick(&base32)).collect();
    ["AK", "IA", &tail].concat()
}

/// What goes into a password field.
pub(super) fn password(random: &mut Random) -> String {
    let symbols: Vec<char> = ('!'..='~').collect();
    (0..random.between(8, 14)).filter_map(|_| random.pick(&symbols)).collect()
}

fn digits(random: &mut Random, count: usize) -> String {
    (0..count).map(|_| random.between(0, 9).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_right() {
        let mut random = Random::new(7, 0);
        for _ in 0..50 {
            let card = card(&mut random, " ");
            let digits: Vec<u32> = card.chars().filter_map(|c| c.to_digit(10)).collect();
            let sum: u32 = (digits.iter().rev().enumerate())
                .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
                .sum();
            assert_eq!((digits.len(), sum % 10), (16, 0));

            let iban = iban(&mut random);
            let turned: String = [&iban[4..], &iban[..4]].concat();
            let number: String =
                turned.chars().map(|c| c.to_digit(36).map(|digit| digit.to_string()).unwrap_or_default()).collect();
            assert_eq!(number.bytes().fold(0, |sum, byte| (sum * 10 + u32::from(byte - b'0')) % 97), 1);
        }
    }
}
