//! A room that loses heat to the weather and gets some from a radiator.

use super::{Chance, Wander, Weather};

/// Air and walls of one room.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    weather: Weather,
    temperature: f64,
    humidity: f64,
    draught: Wander,
}

impl Room {
    const WATT_PER_KELVIN: f64 = 55.0;
    const JOULE_PER_KELVIN: f64 = 400_000.0;
    /// Share of the way to its balance that the humidity goes in a second.
    const DRYING: f64 = 1.0 / 3_600.0;

    /// A room at `temperature` °C.
    pub(crate) fn new(seed: u64, temperature: f64) -> Self {
        Self {
            weather: Weather::new(seed),
            temperature,
            humidity: 48.0,
            draught: Wander::new(Chance::new(seed, 13), 0.004, 900.0),
        }
    }

    /// One second with a radiator of so many watts.
    pub(crate) fn tick(&mut self, watts: f64) {
        self.weather.tick();
        self.draught.tick();
        let lost = Self::WATT_PER_KELVIN * (self.temperature - self.weather.temperature());
        self.temperature += (watts - lost) / Self::JOULE_PER_KELVIN;
        // Warm air holds more water: the same water is less of it.
        let balance = (48.0 - 1.8 * (self.temperature - 20.0)).clamp(20.0, 80.0);
        self.humidity += (balance - self.humidity) * Self::DRYING;
    }

    /// What a sensor on the wall says, in °C.
    pub(crate) fn temperature(&self) -> f64 {
        self.temperature + self.draught.value()
    }

    /// In per cent.
    pub(crate) fn humidity(&self) -> f64 {
        self.humidity + 4.0 * self.draught.value()
    }

    /// Outside of it.
    pub(crate) fn weather(&self) -> &Weather {
        &self.weather
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heating_warms_and_its_absence_cools() {
        let mut room = Room::new(7, 20.0);
        (0..3_600).for_each(|_| room.tick(1_500.0));
        let warm = room.temperature();
        assert!((22.0..30.0).contains(&warm), "{warm}");
        assert!(room.humidity() < 47.0);
        (0..86_400).for_each(|_| room.tick(0.0));
        let cold = room.temperature();
        assert!((0.0..20.0).contains(&cold), "{cold}");
    }
}
