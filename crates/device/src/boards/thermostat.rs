//! A thermostat with its radiator and its room.

use std::time::Duration;

use roost_forms::SliderRange;
use roost_model::{Value, ValueKind};

use crate::board::{choices, rounded};
use crate::physics::{Room, Ticks};
use crate::{Board, Control, Description, Point, Refused};

/// Keeps a room at what its mode and setpoint ask for.
#[derive(Debug)]
pub(crate) struct Thermostat {
    description: Description,
    ticks: Ticks,
    room: Room,
    heating: bool,
    mode: Mode,
    setpoint: f64,
    display: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Off,
    Heat,
    Eco,
    Away,
}

impl Mode {
    const ALL: [Mode; 4] = [Mode::Off, Mode::Heat, Mode::Eco, Mode::Away];

    fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Heat => "heat",
            Mode::Eco => "eco",
            Mode::Away => "away",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl Thermostat {
    const WATTS: f64 = 1_500.0;
    const HYSTERESIS: f64 = 0.25;
    const FROST: f64 = 5.0;
    const AWAY: f64 = 14.0;
    const ECO_LESS: f64 = 3.0;
    const SETPOINTS: SliderRange = SliderRange {
        min: 5.0,
        max: 30.0,
        step: 0.5,
    };

    /// A thermostat with the room of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let modes = choices(&[
            ("off", "Off"),
            ("heat", "Heat"),
            ("eco", "Eco"),
            ("away", "Away"),
        ]);
        let description = Description::new("Thermostat", "Roost", "Radiator thermostat")
            .header("Room")
            .point(
                Point::sensor("temp", "Temperature", ValueKind::Float)
                    .unit("celsius")
                    .deadband(0.05),
            )
            .point(
                Point::sensor("humidity", "Humidity", ValueKind::Float)
                    .unit("%")
                    .deadband(0.5),
            )
            .header("Heating")
            .point(
                Point::actuator(
                    "setpoint",
                    "Setpoint",
                    ValueKind::Float,
                    Control::Slider(Self::SETPOINTS),
                )
                .unit("celsius"),
            )
            .point(Point::actuator(
                "mode",
                "Mode",
                ValueKind::Text,
                Control::List(modes),
            ))
            .point(Point::sensor("heating", "Heating now", ValueKind::Bool))
            .note("Eco keeps 3 °C below the setpoint, away keeps 14 °C; off only prevents frost.")
            .point(Point::actuator(
                "display",
                "Text on the display",
                ValueKind::Text,
                Control::Line { max_chars: 40 },
            ));
        Self {
            description,
            ticks: Ticks::default(),
            room: Room::new(seed, 19.0),
            heating: false,
            mode: Mode::Heat,
            setpoint: 21.0,
            display: "Hello".to_owned(),
        }
    }

    fn wanted(&self) -> f64 {
        match self.mode {
            Mode::Off => Self::FROST,
            Mode::Heat => self.setpoint,
            Mode::Eco => self.setpoint - Self::ECO_LESS,
            Mode::Away => Self::AWAY.min(self.setpoint),
        }
    }

    fn tick(&mut self) {
        let off_by = self.wanted() - self.room.temperature();
        if off_by > Self::HYSTERESIS {
            self.heating = true;
        } else if off_by < -Self::HYSTERESIS {
            self.heating = false;
        }
        self.room.tick(if self.heating { Self::WATTS } else { 0.0 });
    }
}

impl Board for Thermostat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        (0..self.ticks.pass(elapsed)).for_each(|_| self.tick());
    }

    fn read(&self, point: &str) -> Option<Value> {
        Some(match point {
            "temp" => rounded(self.room.temperature(), 2),
            "humidity" => rounded(self.room.humidity(), 1),
            "setpoint" => Value::Float(self.setpoint),
            "mode" => Value::Text(self.mode.name().to_owned()),
            "heating" => Value::Bool(self.heating),
            "display" => Value::Text(self.display.clone()),
            _ => return None,
        })
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        match (point, value) {
            ("setpoint", Value::Float(celsius)) => self.setpoint = *celsius,
            ("mode", Value::Text(name)) => {
                self.mode = Mode::from_name(name).ok_or(Refused::WrongKind)?;
            }
            ("display", Value::Text(text)) => self.display.clone_from(text),
            _ => return Err(self.description.refusal(point)),
        }
        self.read(point).ok_or(Refused::UnknownPoint)
    }

    fn touch(&mut self, point: &str, value: &Value) {
        if let ("setpoint", Value::Float(celsius)) = (point, value) {
            self.setpoint = celsius.clamp(Self::SETPOINTS.min, Self::SETPOINTS.max);
        }
    }

    fn power_cycle(&mut self) {
        self.heating = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_keeps_its_temperature() {
        let cases = [("heat", 21.0), ("eco", 18.0), ("away", 14.0)];
        for (mode, wanted) in cases {
            let mut board = Thermostat::new(7);
            board.actuate("mode", &Value::Text(mode.into())).unwrap();
            board.step(Duration::from_secs(86_400));
            let temperature = board.read("temp").unwrap().as_f64().unwrap();
            assert!((temperature - wanted).abs() < 1.0, "{mode}: {temperature}");
        }
    }

    #[test]
    fn a_higher_setpoint_starts_the_heating() {
        let mut board = Thermostat::new(7);
        for (setpoint, heating) in [(25.0, true), (10.0, false)] {
            board.actuate("setpoint", &Value::Float(setpoint)).unwrap();
            board.step(Duration::from_secs(2));
            assert_eq!(board.read("heating"), Some(Value::Bool(heating)));
        }
    }
}
