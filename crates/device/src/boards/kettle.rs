//! A kettle in a kitchen with people who make tea.

use std::time::Duration;

use roost_model::{Value, ValueKind};

use crate::board::{choices, rounded};
use crate::physics::{Chance, Ticks, Water};
use crate::{Board, Control, Description, Point, Refused};

/// Heats to its target and turns itself off. It does not start when nearly empty.
#[derive(Debug)]
pub(crate) struct Kettle {
    description: Description,
    ticks: Ticks,
    water: Water,
    people: Chance,
    on: bool,
    ready: bool,
    target: i64,
}

impl Kettle {
    const WATTS: f64 = 2_200.0;
    const FULL_LITRES: f64 = 1.7;
    const LEAST_LITRES: f64 = 0.3;
    const CUP_LITRES: f64 = 0.25;

    /// A kettle with the kitchen of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut people = Chance::new(seed, 21);
        let litres = people.between(0.8, Self::FULL_LITRES);
        let targets = choices(&[
            ("70", "70 °C, green tea"),
            ("80", "80 °C, white tea"),
            ("90", "90 °C, coffee"),
            ("100", "100 °C, black tea"),
        ]);
        let description = Description::new("Kettle", "Roost", "Kettle 1.7 l")
            .instruction("Turns itself off at its target, and does not start when nearly empty.")
            .point(Point::actuator("power", "Power", ValueKind::Bool, Control::Switch).forgotten())
            .point(
                Point::actuator("target", "Heat to", ValueKind::Int, Control::List(targets))
                    .unit("celsius"),
            )
            .point(
                Point::sensor("temp", "Water", ValueKind::Float)
                    .unit("celsius")
                    .deadband(0.5),
            )
            .point(
                Point::sensor("level", "Water left", ValueKind::Float)
                    .unit("l")
                    .deadband(0.05),
            )
            .point(Point::sensor("ready", "Ready to pour", ValueKind::Bool));
        Self {
            description,
            ticks: Ticks::default(),
            water: Water::from_tap(litres),
            people,
            on: false,
            ready: false,
            target: 100,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a target is at most 100")]
    fn tick(&mut self) {
        let target = self.target as f64;
        self.water.tick(if self.on { Self::WATTS } else { 0.0 });
        if self.on && self.water.temperature() >= target {
            self.on = false;
            self.ready = true;
        }
        if self.water.litres() < Self::LEAST_LITRES {
            self.on = false;
        }
        if self.ready && self.people.every(120) {
            self.water.pour(Self::CUP_LITRES);
        }
        if self.water.temperature() < target - 20.0 {
            self.ready = false;
        }
        if !self.on && self.water.litres() < Self::LEAST_LITRES && self.people.every(600) {
            self.water.add(Self::FULL_LITRES - self.water.litres());
        }
    }
}

impl Board for Kettle {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        (0..self.ticks.pass(elapsed)).for_each(|_| self.tick());
    }

    fn read(&self, point: &str) -> Option<Value> {
        Some(match point {
            "power" => Value::Bool(self.on),
            "target" => Value::Int(self.target),
            "temp" => rounded(self.water.temperature(), 1),
            "level" => rounded(self.water.litres(), 2),
            "ready" => Value::Bool(self.ready),
            _ => return None,
        })
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        match (point, value) {
            ("power", Value::Bool(true)) if self.water.litres() < Self::LEAST_LITRES => {
                return Err(Refused::Unsafe(
                    "there is not enough water in it".to_owned(),
                ));
            }
            ("power", Value::Bool(on)) => {
                self.on = *on;
                self.ready &= !self.on;
            }
            ("target", Value::Int(target)) => self.target = *target,
            _ => return Err(self.description.refusal(point)),
        }
        self.read(point).ok_or(Refused::UnknownPoint)
    }

    fn touch(&mut self, point: &str, value: &Value) {
        match (point, value) {
            ("power", Value::Bool(on)) => self.on = *on,
            ("level", Value::Float(litres)) => {
                let litres = litres.clamp(0.0, Self::FULL_LITRES);
                self.water.pour(self.water.litres() - litres);
                self.water.add(litres - self.water.litres());
            }
            _ => {}
        }
    }

    fn power_cycle(&mut self) {
        self.on = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boils_and_turns_itself_off() {
        let mut kettle = Kettle::new(7);
        kettle.touch("level", &Value::Float(1.0));
        kettle.actuate("power", &Value::Bool(true)).unwrap();
        kettle.step(Duration::from_secs(60));
        assert_eq!(kettle.read("power"), Some(Value::Bool(true)));
        kettle.step(Duration::from_secs(130));
        assert_eq!(kettle.read("power"), Some(Value::Bool(false)));
        assert_eq!(kettle.read("ready"), Some(Value::Bool(true)));
        kettle.step(Duration::from_secs(7_200));
        assert_eq!(kettle.read("ready"), Some(Value::Bool(false)));
    }

    #[test]
    fn a_lower_target_is_reached_sooner() {
        let mut kettle = Kettle::new(7);
        kettle.touch("level", &Value::Float(1.0));
        kettle.actuate("target", &Value::Int(70)).unwrap();
        kettle.actuate("power", &Value::Bool(true)).unwrap();
        kettle.step(Duration::from_secs(120));
        assert_eq!(kettle.read("power"), Some(Value::Bool(false)));
        let water = kettle.read("temp").unwrap().as_f64().unwrap();
        assert!((65.0..72.0).contains(&water), "{water}");
    }

    #[test]
    fn does_not_start_without_water() {
        let mut kettle = Kettle::new(7);
        kettle.touch("level", &Value::Float(0.1));
        let refused = kettle.actuate("power", &Value::Bool(true));
        assert!(matches!(refused, Err(Refused::Unsafe(_))), "{refused:?}");
        assert_eq!(kettle.read("power"), Some(Value::Bool(false)));
    }
}
