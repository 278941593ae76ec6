//! Outdoor temperature and air pressure.

use std::f64::consts::TAU;

use super::{Chance, Wander};

/// The weather at one place: a daily swing and slow wandering.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    second_of_day: u32,
    temperature: Wander,
    pressure: Wander,
}

impl Weather {
    const DAY: u32 = 86_400;
    const WARMEST: f64 = 15.0 / 24.0;
    const MEAN_CELSIUS: f64 = 9.0;
    const SWING_CELSIUS: f64 = 5.0;
    const MEAN_HECTOPASCAL: f64 = 1013.25;

    /// A morning at eight.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            second_of_day: Self::DAY / 3,
            temperature: Wander::new(Chance::new(seed, 11), 0.01, 20_000.0),
            pressure: Wander::new(Chance::new(seed, 12), 0.04, 50_000.0),
        }
    }

    /// One second.
    pub(crate) fn tick(&mut self) {
        self.second_of_day = (self.second_of_day + 1) % Self::DAY;
        self.temperature.tick();
        self.pressure.tick();
    }

    /// In °C.
    pub(crate) fn temperature(&self) -> f64 {
        let day = f64::from(self.second_of_day) / f64::from(Self::DAY);
        let swing = (TAU * (day - Self::WARMEST)).cos();
        Self::MEAN_CELSIUS + Self::SWING_CELSIUS * swing + self.temperature.value()
    }

    /// In hPa.
    pub(crate) fn pressure(&self) -> f64 {
        Self::MEAN_HECTOPASCAL + self.pressure.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn afternoons_are_warmer_than_nights() {
        let mut weather = Weather::new(7);
        let hours: Vec<f64> = (0..24)
            .map(|_| {
                (0..3600).for_each(|_| weather.tick());
                weather.temperature()
            })
            .collect();
        // Counted from nine: 15:00 is the seventh, 03:00 the nineteenth.
        assert!(hours[6] > hours[18] + 5.0, "{hours:?}");
        assert!((950.0..1080.0).contains(&weather.pressure()));
    }
}
