//! Digraph profiles: per person and class a middle and a spread; a sample is the likelier theirs the fewer spreads it is
//! off (scaled Manhattan, which is the likelihood of Laplace distributions).

use std::collections::HashMap;

use super::Sample;

/// How many of the population's observations a person's own have to outweigh.
const PRIOR: f64 = 4.0;

#[derive(Clone, Copy)]
struct Spread {
    middle: f64,
    spread: f64,
}

/// The profiles of all people.
pub(super) struct Profiles {
    population: HashMap<u32, Spread>,
    people: Vec<HashMap<u32, Spread>>,
}

impl Profiles {
    pub(super) fn learn(people: usize, train: &[(usize, &Sample)]) -> Self {
        let everybody = train.iter().flat_map(|(_, sample)| &sample.values);
        let population = spreads(everybody, None);
        let own = |person: usize| {
            let values = train.iter().filter(|(who, _)| *who == person).flat_map(|(_, sample)| &sample.values);
            spreads(values, Some(&population))
        };
        let people = (0..people).map(own).collect();
        Self { population, people }
    }

    pub(super) fn scores(&self, sample: &Sample) -> Vec<f64> {
        let score = |own: &HashMap<u32, Spread>| {
            let one = |(class, value): &(u32, f64)| {
                let Some(spread) = own.get(class).or_else(|| self.population.get(class)) else { return 0.0 };
                -((value - spread.middle).abs() / spread.spread).min(8.0) - spread.spread.ln()
            };
            sample.values.iter().map(one).sum::<f64>()
        };
        self.people.iter().map(score).collect()
    }
}

fn spreads<'a>(
    values: impl Iterator<Item = &'a (u32, f64)>,
    population: Option<&HashMap<u32, Spread>>,
) -> HashMap<u32, Spread> {
    let mut classes: HashMap<u32, Vec<f64>> = HashMap::new();
    values.for_each(|(class, value)| classes.entry(*class).or_default().push(*value));
    let spread = |(class, mut values): (u32, Vec<f64>)| {
        let count = values.len() as f64;
        values.sort_unstable_by(f64::total_cmp);
        let middle = values.get(values.len() / 2).copied().unwrap_or_default();
        let weigh = |own: f64, all: f64| (own * count + all * PRIOR) / (count + PRIOR);
        let off = |middle: f64| values.iter().map(|value| (value - middle).abs()).sum::<f64>() / count.max(1.0);
        let found = match population.and_then(|population| population.get(&class)) {
            Some(all) => {
                let middle = weigh(middle, all.middle);
                Spread { middle, spread: weigh(off(middle), all.spread) }
            }
            None => Spread { middle, spread: off(middle) },
        };
        (class, Spread { spread: found.spread.max(1e-3), ..found })
    };
    classes.into_iter().map(spread).collect()
}
