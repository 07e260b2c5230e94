//! A forest of extremely randomised trees (Geurts, Ernst & Wehenkel 2006) over the samples' feature means.

use super::vector::Measures;
use super::{Dice, Sample};

const TREES: usize = 80;
const DEPTH_MAX: usize = 24;
const CANDIDATES: usize = 12;
const LEAF: usize = 2;

pub(super) struct Forest {
    measures: Measures,
    people: usize,
    trees: Vec<Node>,
}

enum Node {
    Branch {
        feature: usize,
        limit: f64,
        sides: Box<[Node; 2]>,
    },
    /// Shares of people.
    Leaf(Vec<(usize, f64)>),
}

struct Labelled {
    person: usize,
    vector: Vec<f64>,
}

impl Forest {
    pub(super) fn learn(people: usize, train: &[(usize, &Sample)], dice: &mut Dice) -> Self {
        let measures = Measures::learn(train.iter().map(|(_, sample)| *sample));
        let labelled =
            |(person, sample): &(usize, &Sample)| Labelled { person: *person, vector: measures.vector(sample) };
        let labelled: Vec<Labelled> = train.iter().map(labelled).collect();
        // Whoever did more is not likelier for it.
        let mut weights = vec![0.0; people];
        for one in &labelled {
            if let Some(weight) = weights.get_mut(one.person) {
                *weight += 1.0;
            }
        }
        weights.iter_mut().for_each(|weight| *weight = 1.0 / f64::max(*weight, 1.0));
        let grower = Grower { people, weights };
        let trees = (0..TREES).map(|_| grower.grow(labelled.iter().collect(), 0, dice)).collect();
        Self { measures, people, trees }
    }

    pub(super) fn scores(&self, sample: &Sample) -> Vec<f64> {
        let vector = self.measures.vector(sample);
        let mut scores = vec![0.0; self.people];
        for tree in &self.trees {
            for (person, share) in tree.leaf(&vector) {
                if let Some(score) = scores.get_mut(*person) {
                    *score += share;
                }
            }
        }
        // Sums of logarithms fuse samples better than sums of votes.
        scores.iter().map(|votes| (votes / TREES as f64 + 1e-3).ln()).collect()
    }
}

impl Node {
    fn leaf(&self, vector: &[f64]) -> &[(usize, f64)] {
        match self {
            Self::Leaf(shares) => shares,
            Self::Branch { feature, limit, sides } => {
                let [low, high] = sides.as_ref();
                let value = vector.get(*feature).copied().unwrap_or_default();
                if value < *limit { low.leaf(vector) } else { high.leaf(vector) }
            }
        }
    }
}

struct Grower {
    people: usize,
    weights: Vec<f64>,
}

impl Grower {
    fn grow(&self, samples: Vec<&Labelled>, depth: usize, dice: &mut Dice) -> Node {
        let first = samples.first().map(|sample| sample.person);
        let pure = samples.iter().all(|sample| Some(sample.person) == first);
        if pure || samples.len() < 2 * LEAF || depth >= DEPTH_MAX {
            return self.leaf(&samples);
        }
        let mut best: Option<(f64, usize, f64)> = None;
        for _ in 0..CANDIDATES {
            let Some((feature, limit)) = candidate(&samples, dice) else { continue };
            let purity = self.purity(&samples, feature, limit);
            if best.is_none_or(|(most, ..)| purity > most) {
                best = Some((purity, feature, limit));
            }
        }
        let Some((_, feature, limit)) = best else { return self.leaf(&samples) };
        let (low, high): (Vec<_>, Vec<_>) = samples.into_iter().partition(|sample| value(sample, feature) < limit);
        let sides = [self.grow(low, depth + 1, dice), self.grow(high, depth + 1, dice)];
        Node::Branch { feature, limit, sides: Box::new(sides) }
    }

    /// The weighted sum of Gini purities of both sides.
    fn purity(&self, samples: &[&Labelled], feature: usize, limit: f64) -> f64 {
        let mut sides = [vec![0.0; self.people], vec![0.0; self.people]];
        for sample in samples {
            let [low, high] = &mut sides;
            let side = if value(sample, feature) < limit { low } else { high };
            if let (Some(count), Some(weight)) = (side.get_mut(sample.person), self.weights.get(sample.person)) {
                *count += weight;
            }
        }
        let purity = |side: &Vec<f64>| {
            let sum: f64 = side.iter().sum();
            if sum > 0.0 { side.iter().map(|count| count * count).sum::<f64>() / sum } else { 0.0 }
        };
        sides.iter().map(purity).sum()
    }

    fn leaf(&self, samples: &[&Labelled]) -> Node {
        let mut shares: Vec<(usize, f64)> = Vec::new();
        for sample in samples {
            let weight = self.weights.get(sample.person).copied().unwrap_or_default();
            match shares.iter_mut().find(|(person, _)| *person == sample.person) {
                Some((_, share)) => *share += weight,
                None => shares.push((sample.person, weight)),
            }
        }
        let sum: f64 = shares.iter().map(|(_, share)| share).sum();
        shares.iter_mut().for_each(|(_, share)| *share /= sum.max(f64::MIN_POSITIVE));
        Node::Leaf(shares)
    }
}

fn value(sample: &Labelled, feature: usize) -> f64 {
    sample.vector.get(feature).copied().unwrap_or_default()
}

/// Any feature, and a limit anywhere between the values it has here.
fn candidate(samples: &[&Labelled], dice: &mut Dice) -> Option<(usize, f64)> {
    let feature = dice.below(samples.first()?.vector.len());
    let values = samples.iter().map(|sample| value(sample, feature));
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    (low < high).then(|| (feature, low + (high - low) * dice.part().max(1e-6)))
}
