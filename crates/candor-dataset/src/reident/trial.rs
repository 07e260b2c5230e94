//! One examination: learn on some sessions, be asked about others.

use super::attack::{ATTACKERS, Learned};
use super::{Dice, Sample};

/// A person's samples.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// To learn from.
    pub train: Vec<Sample>,
    /// To be asked about: sessions, each of one or more samples. Not one of them is part of a session learned from.
    pub queries: Vec<Vec<Sample>>,
}

/// How many samples of a query are taken together; the last is all of them.
pub const FUSED: [usize; 4] = [1, 5, 20, usize::MAX];

/// What one attacker got right, per person.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Per number of samples as in [`FUSED`], per person and query: the share of right answers; an answer shared by n people
    /// is 1/n right. Nothing where the query has too few samples.
    pub right: [Vec<Vec<Option<f64>>>; 4],
    /// Where false matches are as frequent as false rejections, with all samples of a query.
    pub eer: Option<f64>,
}

/// An examination.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Who takes part.
    pub people: Vec<Person>,
    /// For the attackers' own dice.
    pub seed: u64,
}

impl Trial {
    /// What each of [`ATTACKERS`] got right.
    pub fn run(&self) -> Vec<Outcome> {
        let train: Vec<(usize, &Sample)> = self
            .people
            .iter()
            .enumerate()
            .flat_map(|(who, person)| person.train.iter().map(move |one| (who, one)))
            .collect();
        let learned = Learned::learn(self.people.len(), &train, &mut Dice::new(self.seed));
        let mut outcomes = vec![Outcome::default(); ATTACKERS.len()];
        let mut matches = vec![Vec::new(); ATTACKERS.len()];
        for (who, person) in self.people.iter().enumerate() {
            for outcome in &mut outcomes {
                outcome.right.iter_mut().for_each(|people| people.push(Vec::new()));
            }
            for query in &person.queries {
                let samples: Vec<[Vec<f64>; 5]> = query.iter().map(|sample| learned.scores(sample)).collect();
                for (size, fused) in FUSED.into_iter().enumerate() {
                    let answers = answers(&samples, fused);
                    for (at, outcome) in outcomes.iter_mut().enumerate() {
                        let rights = answers.iter().filter_map(|answer| answer.get(at));
                        let rights: Vec<f64> = rights.map(|scores| right(scores, who)).collect();
                        let share = (!rights.is_empty()).then(|| rights.iter().sum::<f64>() / rights.len() as f64);
                        if let Some(own) = outcome.right.get_mut(size).and_then(|people| people.last_mut()) {
                            own.push(share);
                        }
                    }
                    if fused == usize::MAX {
                        for (matches, scores) in matches.iter_mut().zip(answers.into_iter().flatten()) {
                            matches.extend(scores.into_iter().enumerate().map(|(other, score)| (score, other == who)));
                        }
                    }
                }
            }
        }
        for (outcome, matches) in outcomes.iter_mut().zip(matches) {
            outcome.eer = eer(matches);
        }
        outcomes
    }
}

/// Per group of `fused` samples and attacker: how well each person fits, in standard scores.
fn answers(samples: &[[Vec<f64>; 5]], fused: usize) -> Vec<Vec<Vec<f64>>> {
    let groups: Vec<&[[Vec<f64>; 5]]> = match fused {
        usize::MAX => vec![samples],
        size => samples.chunks_exact(size).collect(),
    };
    let answer = |group: &[[Vec<f64>; 5]]| {
        let one = |at: usize| standard(sum(group.iter().filter_map(|scores| scores.get(at))));
        let mut each: Vec<Vec<f64>> = (0..5).map(one).collect();
        each.push(standard(sum(each.iter())));
        each
    };
    groups.into_iter().filter(|group| !group.is_empty()).map(answer).collect()
}

fn sum<'a>(vectors: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let mut total: Vec<f64> = Vec::new();
    for vector in vectors {
        total.resize(vector.len(), 0.0);
        total.iter_mut().zip(vector).for_each(|(total, value)| *total += value);
    }
    total
}

fn standard(scores: Vec<f64>) -> Vec<f64> {
    let count = scores.len().max(1) as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let spread = (scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Differences that only rounding made are none.
    let flat = spread <= 1e-9 * mean.abs().max(1.0);
    scores.into_iter().map(|score| if flat { 0.0 } else { (score - mean) / spread }).collect()
}

/// How right the answer is: whoever fits best, or a share where several do.
fn right(scores: &[f64], who: usize) -> f64 {
    let best = scores.iter().copied().fold(f64::MIN, f64::max);
    let same = |score: f64| score >= best - 1e-12;
    let ties = scores.iter().filter(|score| same(**score)).count();
    if scores.get(who).is_some_and(|score| same(*score)) { 1.0 / ties as f64 } else { 0.0 }
}

/// The equal error rate of matches and whether they are true.
fn eer(mut matches: Vec<(f64, bool)>) -> Option<f64> {
    matches.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let genuine = matches.iter().filter(|(_, is)| *is).count() as f64;
    let other = matches.len() as f64 - genuine;
    if genuine == 0.0 || other == 0.0 {
        return None;
    }
    let (mut accepted, mut wrong) = (0.0, 0.0);
    let mut best: Option<(f64, f64)> = None;
    // Equal scores are accepted together.
    for same in matches.chunk_by(|a, b| a.0 == b.0) {
        let own = same.iter().filter(|(_, is)| *is).count() as f64;
        let (before, wrong_before) = (accepted, wrong);
        (accepted, wrong) = (accepted + own, wrong + same.len() as f64 - own);
        let rates = |accepted: f64, wrong: f64| (1.0 - accepted / genuine, wrong / other);
        let (rejected, matched) = rates(accepted, wrong);
        if matched >= rejected {
            // Crossed within this chunk: in between, on the straight line.
            let (rejected_before, matched_before) = rates(before, wrong_before);
            let (gap_before, gap) = (rejected_before - matched_before, rejected - matched);
            let part = if gap_before > gap { gap_before / (gap_before - gap) } else { 0.0 };
            best = Some((matched_before + part * (matched - matched_before), 0.0));
            break;
        }
    }
    best.map(|(rate, _)| rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_answer_is_right_by_its_share() {
        assert_eq!(right(&[1.0, 1.0, 0.0], 0), 0.5);
        assert_eq!(right(&[1.0, 1.0, 0.0], 2), 0.0);
        assert_eq!(right(&[0.0; 4], 3), 0.25);
    }

    #[test]
    fn the_equal_error_rate_of_known_cases() {
        let pairs = |genuine: &[f64], other: &[f64]| {
            genuine.iter().map(|score| (*score, true)).chain(other.iter().map(|score| (*score, false))).collect()
        };
        assert_eq!(eer(pairs(&[3.0, 4.0], &[1.0, 2.0])), Some(0.0));
        assert_eq!(eer(pairs(&[0.0, 0.0], &[0.0, 0.0])), Some(0.5));
        assert_eq!(eer(pairs(&[1.0, 2.0], &[3.0, 4.0])), Some(1.0));
        assert_eq!(eer(Vec::new()), None);
    }
}
