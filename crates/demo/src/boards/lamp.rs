//! A lamp that can be dimmed and knows what it uses.

use std::time::Duration;

use roost_device::{Board, Control, Description, Point, Refused, choices, rounded};
use roost_forms::SliderRange;
use roost_model::{Value, ValueKind};

#[derive(Debug)]
pub(crate) struct Lamp {
    description: Description,
    on: bool,
    brightness: i64,
    white: String,
    watt_hours: f64,
}

impl Lamp {
    const FULL_WATTS: f64 = 9.5;

    pub(crate) fn new() -> Self {
        let whites = choices(&[
            ("2700", "Warm white"),
            ("4000", "Neutral white"),
            ("6500", "Daylight"),
        ]);
        let percent = SliderRange {
            min: 5.0,
            max: 100.0,
            step: 5.0,
        };
        let description = Description::new("Lamp", "Roost", "Lamp 9.5 W")
            .point(Point::actuator(
                "power",
                "Light",
                ValueKind::Bool,
                Control::Switch,
            ))
            .point(
                Point::actuator(
                    "brightness",
                    "Brightness",
                    ValueKind::Int,
                    Control::Slider(percent),
                )
                .unit("percent"),
            )
            .point(Point::actuator(
                "white",
                "Colour of the light",
                ValueKind::Text,
                Control::List(whites),
            ))
            .header("Electricity")
            .point(Point::sensor("draw", "Power", ValueKind::Float).unit("watt"))
            .point(
                Point::sensor("energy", "Used so far", ValueKind::Float)
                    .unit("Wh")
                    .deadband(0.1),
            );
        Self {
            description,
            on: false,
            brightness: 60,
            white: "2700".to_owned(),
            watt_hours: 0.0,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "brightness is at most 100")]
    fn watts(&self) -> f64 {
        if self.on {
            0.4 + (Self::FULL_WATTS - 0.4) * self.brightness as f64 / 100.0
        } else {
            0.3
        }
    }
}

impl Board for Lamp {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        self.watt_hours += self.watts() * elapsed.as_secs_f64() / 3_600.0;
    }

    fn read(&self, point: &str) -> Option<Value> {
        Some(match point {
            "power" => Value::Bool(self.on),
            "brightness" => Value::Int(self.brightness),
            "white" => Value::Text(self.white.clone()),
            "draw" => rounded(self.watts(), 1),
            "energy" => rounded(self.watt_hours, 1),
            _ => return None,
        })
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        match (point, value) {
            ("power", Value::Bool(on)) => self.on = *on,
            ("brightness", Value::Int(percent)) => self.brightness = *percent,
            ("white", Value::Text(white)) => self.white.clone_from(white),
            _ => return Err(self.description.refusal(point)),
        }
        self.read(point).ok_or(Refused::UnknownPoint)
    }

    fn power_cycle(&mut self) {
        self.watt_hours = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_more_when_brighter_and_counts_it() {
        let mut lamp = Lamp::new();
        assert_eq!(lamp.read("draw"), Some(Value::Float(0.3)));
        lamp.actuate("power", &Value::Bool(true)).unwrap();
        lamp.actuate("brightness", &Value::Int(100)).unwrap();
        assert_eq!(lamp.read("draw"), Some(Value::Float(9.5)));
        lamp.step(Duration::from_secs(7_200));
        assert_eq!(lamp.read("energy"), Some(Value::Float(19.0)));
        let refused = lamp.actuate("draw", &Value::Float(1.0));
        assert_eq!(refused, Err(Refused::ReadOnly));
    }
}
