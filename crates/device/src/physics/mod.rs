//! What simulated boards measure: small models of water, rooms and weather.
//!
//! Every model moves in ticks of one second and draws its chance from a seeded generator, so a
//! run repeats exactly, however the time it was given is cut into pieces.

mod room;
mod water;
mod weather;

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) use room::Room;
pub(crate) use water::Water;
pub(crate) use weather::Weather;

/// Cuts time into whole seconds and keeps the rest for later.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ticks {
    rest: Duration,
}

impl Ticks {
    /// More than a day at once is a clock that jumped, not time that passed.
    const MOST: u64 = 86_400;

    /// How many seconds are complete once `elapsed` has passed as well.
    pub(crate) fn pass(&mut self, elapsed: Duration) -> u64 {
        let total = self.rest.saturating_add(elapsed);
        self.rest = Duration::from_nanos(u64::from(total.subsec_nanos()));
        total.as_secs().min(Self::MOST)
    }
}

/// Chance, by a seed.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    generator: ChaCha8Rng,
}

impl Chance {
    /// The chance of this seed; `part` keeps several models of one board apart.
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(part);
        Self { generator }
    }

    /// A number around zero, mostly between -1 and 1.
    pub(crate) fn around_zero(&mut self) -> f64 {
        let sum: f64 = (0..3).map(|_| self.generator.random_range(-1.0..1.0)).sum();
        sum / 1.5
    }

    /// Whether something happens that happens every `mean` ticks on average.
    pub(crate) fn every(&mut self, mean: u32) -> bool {
        self.generator.random_ratio(1, mean.max(1))
    }

    /// A number of a range.
    pub(crate) fn between(&mut self, least: f64, most: f64) -> f64 {
        self.generator.random_range(least..=most)
    }
}

/// A number that wanders about zero and is drawn back to it.
#[derive(Clone, Debug)]
pub(crate) struct Wander {
    value: f64,
    step: f64,
    pull: f64,
    chance: Chance,
}

impl Wander {
    /// Moves by about `step` in a tick; `memory` is the number of ticks after which most of an
    /// excursion is forgotten.
    pub(crate) fn new(chance: Chance, step: f64, memory: f64) -> Self {
        Self {
            value: 0.0,
            step,
            pull: 1.0 / memory.max(1.0),
            chance,
        }
    }

    /// One tick.
    pub(crate) fn tick(&mut self) -> f64 {
        self.value += self.step * self.chance.around_zero() - self.pull * self.value;
        self.value
    }

    /// Where it is.
    pub(crate) fn value(&self) -> f64 {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_the_same_however_it_is_cut() {
        let mut ticks = Ticks::default();
        let cut: u64 = (0..700)
            .map(|_| ticks.pass(Duration::from_millis(10)))
            .sum();
        assert_eq!(cut, 7);
        assert_eq!(ticks.pass(Duration::MAX), Ticks::MOST);
    }

    #[test]
    fn wandering_stays_near_and_repeats() {
        let run = |seed| {
            let mut wander = Wander::new(Chance::new(seed, 1), 0.1, 100.0);
            (0..10_000).map(|_| wander.tick()).collect::<Vec<_>>()
        };
        let path = run(7);
        assert!(path.iter().all(|value| value.abs() < 5.0));
        assert!(path.iter().any(|value| value.abs() > 0.1));
        assert_eq!(path, run(7));
        assert_ne!(path, run(8));
    }
}
