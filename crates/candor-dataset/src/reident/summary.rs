//! The verdict over trials.
//!
//! The interval is the wider of two. Between seeds: Student's t over the seeds' means, four degrees of freedom for five
//! seeds. Between those asked about: 1,000 bootstrap samples of what each person (or, where people have at least five
//! queries, each query of theirs) got right over all seeds; chance that does not repeat over seeds is not in it twice.

use super::attack::ATTACKERS;
use super::trial::FUSED;
use super::{Attacker, Dice, Outcome};

/// A mean and the upper end of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean over seeds.
    pub mean: f64,
    /// The upper end.
    pub upper: f64,
}

/// One attacker over all trials.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Which.
    pub attacker: Attacker,
    /// Rank-1 per number of samples as in [`FUSED`]: everybody counts the same, however many queries they have.
    pub rank1: [Option<Estimate>; 4],
    /// Mean equal error rate.
    pub eer: Option<f64>,
}

/// Sums up `seeds`, each of one or more trials of the same people, by attacker.
pub fn summary(seeds: &[Vec<Vec<Outcome>>], dice: &mut Dice) -> Vec<Summary> {
    let one = |(at, attacker): (usize, Attacker)| {
        let outcomes: Vec<Vec<&Outcome>> =
            seeds.iter().map(|trials| trials.iter().filter_map(|trial| trial.get(at)).collect()).collect();
        let mut rank1 = [None; FUSED.len()];
        for (size, place) in rank1.iter_mut().enumerate() {
            *place = estimate(&outcomes, size, dice);
        }
        let eers: Vec<f64> = outcomes.iter().flatten().filter_map(|outcome| outcome.eer).collect();
        Summary { attacker, rank1, eer: mean(&eers) }
    };
    ATTACKERS.into_iter().enumerate().map(one).collect()
}

fn estimate(seeds: &[Vec<&Outcome>], size: usize, dice: &mut Dice) -> Option<Estimate> {
    let means: Vec<f64> =
        seeds.iter().filter_map(|trials| macro_mean(&averaged(trials.iter().copied(), size))).collect();
    let mean = mean(&means)?;
    let spread = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (means.len().max(2) - 1) as f64;
    let between_seeds = mean + student(means.len()) * (spread / means.len() as f64).sqrt();
    let people = averaged(seeds.iter().flatten().copied(), size);
    let mut drawn: Vec<f64> = (0..BOOTSTRAPS).filter_map(|_| macro_mean(&resample(&people, dice))).collect();
    drawn.sort_unstable_by(f64::total_cmp);
    let between_people = drawn.get(BOOTSTRAPS * 975 / 1_000).copied().unwrap_or(mean);
    Some(Estimate { mean, upper: between_seeds.max(between_people) })
}

const BOOTSTRAPS: usize = 1_000;

/// Per person and query, the mean over trials.
fn averaged<'a>(trials: impl Iterator<Item = &'a Outcome>, size: usize) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<(f64, f64)>> = Vec::new();
    for people in trials.filter_map(|trial| trial.right.get(size)) {
        sums.resize_with(people.len().max(sums.len()), Vec::new);
        for (sums, queries) in sums.iter_mut().zip(people) {
            sums.resize(queries.len().max(sums.len()), (0.0, 0.0));
            for ((sum, count), right) in sums.iter_mut().zip(queries).filter_map(|(sum, right)| Some((sum, (*right)?)))
            {
                (*sum, *count) = (*sum + right, *count + 1.0);
            }
        }
    }
    let known =
        |queries: Vec<(f64, f64)>| queries.into_iter().filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum / n).collect();
    sums.into_iter().map(known).collect()
}

fn macro_mean(people: &[Vec<f64>]) -> Option<f64> {
    mean(&people.iter().filter_map(|queries| mean(queries)).collect::<Vec<_>>())
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// With few people who answer often, their queries are drawn again; with many, the people.
fn resample(people: &[Vec<f64>], dice: &mut Dice) -> Vec<Vec<f64>> {
    let mut draw = |from: &[f64]| (0..from.len()).filter_map(|_| from.get(dice.below(from.len())).copied()).collect();
    if people.iter().all(|queries| queries.len() >= 5) {
        return people.iter().map(|queries| draw(queries)).collect();
    }
    (0..people.len()).filter_map(|_| people.get(dice.below(people.len())).cloned()).collect()
}

/// The two-sided 95 % point of Student's t for this many means (standard table); 1.96 beyond it.
fn student(means: usize) -> f64 {
    match means {
        0 | 1 => 0.0,
        2 => 12.706,
        3 => 4.303,
        4 => 3.182,
        5 => 2.776,
        6 => 2.571,
        7 => 2.447,
        8 => 2.365,
        9 => 2.306,
        10 => 2.262,
        _ => 1.96,
    }
}
