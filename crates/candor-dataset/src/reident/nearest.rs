//! Nearest neighbours among the samples' feature means.

use super::Sample;
use super::vector::Measures;

/// How many of a person's nearest samples count.
const NEIGHBOURS: usize = 3;

pub(super) struct Nearest {
    measures: Measures,
    people: Vec<Vec<Vec<f64>>>,
}

impl Nearest {
    pub(super) fn learn(people: usize, train: &[(usize, &Sample)]) -> Self {
        let measures = Measures::learn(train.iter().map(|(_, sample)| *sample));
        let mut vectors = vec![Vec::new(); people];
        for (person, sample) in train {
            if let Some(own) = vectors.get_mut(*person) {
                own.push(measures.vector(sample));
            }
        }
        Self { measures, people: vectors }
    }

    pub(super) fn scores(&self, sample: &Sample) -> Vec<f64> {
        let vector = self.measures.vector(sample);
        let score = |own: &Vec<Vec<f64>>| {
            let mut distances: Vec<f64> = own.iter().map(|other| distance(&vector, other)).collect();
            distances.sort_unstable_by(f64::total_cmp);
            let near = distances.iter().take(NEIGHBOURS);
            -near.sum::<f64>() / distances.len().clamp(1, NEIGHBOURS) as f64
        };
        self.people.iter().map(score).collect()
    }
}

/// Manhattan, each measure at most four spreads off.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs().min(4.0)).sum()
}
