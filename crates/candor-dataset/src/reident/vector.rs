//! A sample as numbers: the means of its commonest classes and the shares of its commonest marks.

use std::collections::HashMap;

use super::Sample;

const CLASSES_MAX: usize = 60;
const MARKS_MAX: usize = 60;

/// What is measured, chosen on the training samples, and how much each measure spreads there.
pub(super) struct Measures {
    classes: Vec<u32>,
    marks: Vec<u32>,
    scale: Vec<(f64, f64)>,
}

impl Measures {
    pub(super) fn learn<'a>(samples: impl Iterator<Item = &'a Sample> + Clone) -> Self {
        let classes =
            commonest(samples.clone().map(|sample| sample.values.iter().map(|(class, _)| *class)), CLASSES_MAX);
        let marks = commonest(samples.clone().map(|sample| sample.marks.iter().copied()), MARKS_MAX);
        let mut measures = Self { classes, marks, scale: Vec::new() };
        let vectors: Vec<Vec<Option<f64>>> = samples.map(|sample| measures.measure(sample)).collect();
        let width = measures.classes.len() + measures.marks.len() + 2;
        measures.scale = (0..width)
            .map(|at| {
                let known: Vec<f64> = vectors.iter().filter_map(|vector| vector.get(at).copied().flatten()).collect();
                let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
                let square = known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / known.len().max(1) as f64;
                (mean, square.sqrt().max(1e-9))
            })
            .collect();
        measures
    }

    /// In standard deviations from the mean; what is not known is the mean.
    pub(super) fn vector(&self, sample: &Sample) -> Vec<f64> {
        let scaled =
            |(value, (mean, spread)): (Option<f64>, &(f64, f64))| value.map_or(0.0, |value| (value - mean) / spread);
        self.measure(sample).into_iter().zip(&self.scale).map(scaled).collect()
    }

    fn measure(&self, sample: &Sample) -> Vec<Option<f64>> {
        let mut sums: HashMap<u32, (f64, f64)> = HashMap::new();
        for (class, value) in &sample.values {
            let sum = sums.entry(*class).or_default();
            (sum.0, sum.1) = (sum.0 + value, sum.1 + 1.0);
        }
        let mut counts: HashMap<u32, f64> = HashMap::new();
        sample.marks.iter().for_each(|mark| *counts.entry(*mark).or_default() += 1.0);
        let all = sample.marks.len().max(1) as f64;
        let means = self.classes.iter().map(|class| sums.get(class).map(|(sum, count)| sum / count));
        let shares = self.marks.iter().map(|mark| Some(counts.get(mark).copied().unwrap_or_default() / all));
        let sizes = [sample.marks.len(), sample.values.len()].map(|size| Some((size as f64).ln_1p()));
        means.chain(shares).chain(sizes).collect()
    }
}

/// The items that the most samples have, in a fixed order.
fn commonest<S: Iterator<Item = u32>>(samples: impl Iterator<Item = S>, most: usize) -> Vec<u32> {
    let mut having: HashMap<u32, usize> = HashMap::new();
    for sample in samples {
        let mut items: Vec<u32> = sample.collect();
        items.sort_unstable();
        items.dedup();
        items.into_iter().for_each(|item| *having.entry(item).or_default() += 1);
    }
    let mut items: Vec<(u32, usize)> = having.into_iter().collect();
    items.sort_unstable_by_key(|(item, count)| (std::cmp::Reverse(*count), *item));
    items.into_iter().take(most).map(|(item, _)| item).collect()
}
