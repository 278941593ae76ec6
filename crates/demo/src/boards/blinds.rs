//! Blinds at a window, and the light that comes through it in the course of a day.

use std::time::Duration;

use roost_device::{Board, Control, Description, Point, Refused, rounded};
use roost_forms::SliderRange;
use roost_model::{Value, ValueKind};

#[derive(Debug)]
pub(crate) struct Blinds {
    description: Description,
    /// Per cent of the window that are covered.
    position: f64,
    target: i64,
    /// Seconds since midnight.
    time: f64,
}

impl Blinds {
    const DAY: f64 = 86_400.0;
    /// From open to closed.
    const TRAVEL_SECONDS: f64 = 25.0;
    const NOON_LUX: f64 = 12_000.0;

    /// Blinds half down, at this hour of the day.
    pub(crate) fn new(hour: u32) -> Self {
        let percent = SliderRange {
            min: 0.0,
            max: 100.0,
            step: 10.0,
        };
        let description = Description::new("Blinds", "Roost", "Blinds for one window")
            .instruction("0 % is open, 100 % is closed.")
            .point(
                Point::actuator(
                    "position",
                    "Closed",
                    ValueKind::Int,
                    Control::Slider(percent),
                )
                .unit("percent"),
            )
            .point(Point::actuator(
                "stop",
                "Stop",
                ValueKind::Bool,
                Control::Button,
            ))
            .point(Point::sensor("moving", "Moving", ValueKind::Bool))
            .point(
                Point::sensor("light", "Light in the room", ValueKind::Float)
                    .unit("lux")
                    .deadband(25.0),
            );
        Self {
            description,
            position: 50.0,
            target: 50,
            time: f64::from(hour) * 3_600.0,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a target is at most 100")]
    fn way(&self) -> f64 {
        self.target as f64 - self.position
    }

    fn lux(&self) -> f64 {
        let sun = (std::f64::consts::TAU * (self.time / Self::DAY - 0.25)).sin();
        5.0 + sun.max(0.0) * Self::NOON_LUX * (1.0 - 0.97 * self.position / 100.0)
    }
}

impl Board for Blinds {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        let seconds = elapsed.as_secs_f64();
        self.time = (self.time + seconds) % Self::DAY;
        let farthest = seconds * 100.0 / Self::TRAVEL_SECONDS;
        self.position += self.way().clamp(-farthest, farthest);
    }

    fn read(&self, point: &str) -> Option<Value> {
        Some(match point {
            "position" => Value::Int(self.target),
            "stop" => Value::Bool(false),
            "moving" => Value::Bool(self.way().abs() > 0.5),
            "light" => rounded(self.lux(), 0),
            _ => return None,
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "a position is 0 to 100")]
    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        match (point, value) {
            ("position", Value::Int(percent)) => self.target = *percent,
            ("stop", Value::Bool(true)) => {
                // To the nearest step of the slider.
                self.target = ((self.position / 10.0).round() * 10.0) as i64;
            }
            _ => return Err(self.description.refusal(point)),
        }
        Ok(value.clone())
    }

    fn power_cycle(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_in_its_time_and_darkens_the_room() {
        let mut blinds = Blinds::new(12);
        let light = |blinds: &Blinds| blinds.read("light").and_then(|value| value.as_f64());
        let half = light(&blinds);
        blinds.actuate("position", &Value::Int(100)).unwrap();
        assert_eq!(blinds.read("moving"), Some(Value::Bool(true)));
        blinds.step(Duration::from_secs(13));
        assert_eq!(blinds.read("moving"), Some(Value::Bool(false)));
        assert!(light(&blinds) < half);
        blinds.step(Duration::from_secs(12 * 3_600));
        assert_eq!(light(&blinds), Some(5.0), "midnight");
    }

    #[test]
    fn stops_where_it_is() {
        let mut blinds = Blinds::new(8);
        blinds.actuate("position", &Value::Int(0)).unwrap();
        blinds.step(Duration::from_secs(5));
        blinds.actuate("stop", &Value::Bool(true)).unwrap();
        blinds.step(Duration::from_secs(60));
        assert_eq!(blinds.read("position"), Some(Value::Int(30)));
    }
}
