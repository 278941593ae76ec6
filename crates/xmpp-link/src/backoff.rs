//! How long to wait before trying again.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream that lived this long was a success; one that did not was another failed attempt.
pub(crate) const STEADY: Duration = Duration::from_secs(10);

/// Doubles from a first to a longest wait. Of each wait, between half and all is waited, so that
/// clients that lost the same server do not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    rng: ChaCha8Rng,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration, seed: u64) -> Self {
        Self {
            first,
            longest,
            failures: 0,
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Something worked.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure.
    pub(crate) fn next(&mut self) -> Duration {
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let ceiling = (self.first * 2_u32.pow(doublings)).min(self.longest);
        ceiling.mul_f64(self.rng.random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_from_one_second_to_a_minute_with_jitter() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(60));
        for seed in 0..50 {
            let mut backoff = Backoff::new(first, longest, seed);
            for ceiling in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
                let ceiling = Duration::from_secs(ceiling);
                let wait = backoff.next();
                assert!(wait >= ceiling / 2 && wait <= ceiling, "{wait:?}");
            }
            backoff.reset();
            assert!(backoff.next() <= first);
        }
    }

    #[test]
    fn never_overflows() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60), 1);
        for _ in 0..1000 {
            assert!(backoff.next() <= Duration::from_secs(60));
        }
    }
}
