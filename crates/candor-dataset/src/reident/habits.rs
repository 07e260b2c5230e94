//! What people do: naive Bayes over marks, alone or three in a row.

use std::collections::HashMap;

/// How many of the population's marks a person's own have to outweigh.
const PRIOR: f64 = 40.0;

pub(super) struct Habits {
    population: HashMap<u32, f64>,
    /// Per person: marks with their counts, and how many in all.
    people: Vec<(HashMap<u32, f64>, f64)>,
}

impl Habits {
    pub(super) fn learn(people: usize, train: impl Iterator<Item = (usize, Vec<u32>)>) -> Self {
        let mut population: HashMap<u32, f64> = HashMap::new();
        let mut own = vec![(HashMap::new(), 0.0); people];
        let mut all = 0.0;
        for (person, marks) in train {
            let Some((counts, sum)) = own.get_mut(person) else { continue };
            for mark in marks {
                *counts.entry(mark).or_default() += 1.0;
                *population.entry(mark).or_default() += 1.0;
                (*sum, all) = (*sum + 1.0, all + 1.0);
            }
        }
        population.values_mut().for_each(|count| *count /= all);
        Self { population, people: own }
    }

    pub(super) fn scores(&self, marks: &[u32]) -> Vec<f64> {
        let score = |(counts, sum): &(HashMap<u32, f64>, f64)| {
            let one = |mark: &u32| {
                // What nobody did in training tells nobody from anybody.
                let common = self.population.get(mark)?;
                let own = counts.get(mark).copied().unwrap_or_default();
                Some(((own + PRIOR * common) / (sum + PRIOR) / common).ln())
            };
            marks.iter().filter_map(one).sum::<f64>()
        };
        self.people.iter().map(score).collect()
    }
}

/// Every three neighbours of a text as one mark.
pub(super) fn threes(text: &[u32]) -> Vec<u32> {
    let mix =
        |three: &[u32]| three.iter().fold(17, |hash: u32, one| (hash.rotate_left(9) ^ one).wrapping_mul(0x9e37_79b1));
    text.windows(3).map(mix).collect()
}
