//! Water in a kettle.

/// Some water, warmer than the kitchen or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Water {
    litres: f64,
    temperature: f64,
}

impl Water {
    /// The kitchen, in °C.
    pub(crate) const KITCHEN: f64 = 20.0;
    const JOULE_PER_LITRE_KELVIN: f64 = 4_186.0;
    const JOULE_PER_LITRE_STEAM: f64 = 2_257_000.0;
    const LOST_WATT_PER_KELVIN: f64 = 1.4;
    const BOILING: f64 = 100.0;

    /// So much water from the tap.
    pub(crate) fn from_tap(litres: f64) -> Self {
        Self {
            litres,
            temperature: 14.0,
        }
    }

    /// One second over so many watts.
    pub(crate) fn tick(&mut self, watts: f64) {
        if self.litres <= 0.0 {
            self.temperature = Self::KITCHEN;
            return;
        }
        let lost = Self::LOST_WATT_PER_KELVIN * (self.temperature - Self::KITCHEN);
        self.temperature += (watts - lost) / (self.litres * Self::JOULE_PER_LITRE_KELVIN);
        if self.temperature > Self::BOILING {
            let joule =
                (self.temperature - Self::BOILING) * self.litres * Self::JOULE_PER_LITRE_KELVIN;
            self.pour(joule / Self::JOULE_PER_LITRE_STEAM);
            self.temperature = Self::BOILING;
        }
    }

    /// Takes water away.
    pub(crate) fn pour(&mut self, litres: f64) {
        self.litres = (self.litres - litres).max(0.0);
    }

    /// Adds water from the tap.
    pub(crate) fn add(&mut self, litres: f64) {
        let fresh = Self::from_tap(litres);
        let sum = self.litres + litres;
        if sum > 0.0 {
            self.temperature = (self.temperature * self.litres + fresh.temperature * litres) / sum;
        }
        self.litres = sum;
    }

    /// How much there is.
    pub(crate) fn litres(&self) -> f64 {
        self.litres
    }

    /// In °C.
    pub(crate) fn temperature(&self) -> f64 {
        self.temperature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_litre_boils_in_three_minutes_and_cools_in_hours() {
        let mut water = Water::from_tap(1.0);
        let seconds = (1..).find(|_| {
            water.tick(2_200.0);
            water.temperature() >= 100.0
        });
        assert!((150..200).contains(&seconds.unwrap()), "{seconds:?}");
        (0..600).for_each(|_| water.tick(2_200.0));
        assert!((0.3..0.6).contains(&water.litres()), "{water:?}");
        (0..1_800).for_each(|_| water.tick(0.0));
        assert!((35.0..80.0).contains(&water.temperature()), "{water:?}");
        water.pour(9.0);
        water.tick(2_200.0);
        assert_eq!(water.temperature(), Water::KITCHEN);
        water.add(1.0);
        assert_eq!(water, Water::from_tap(1.0));
    }
}
