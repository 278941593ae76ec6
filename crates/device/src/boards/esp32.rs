//! The hardware of the thesis: an ESP32 with a LED, a loudspeaker, a button and a BMP180.

use std::time::Duration;

use roost_forms::SliderRange;
use roost_model::{Profile, Value, ValueKind};

use crate::board::rounded;
use crate::physics::{Room, Ticks};
use crate::{Board, Control, Description, Point, Refused};

/// An ESP32 on a desk. In the thesis profile it has what the published firmware has, and says it
/// in the firmware's words: Pascal as an `uint` labelled "bar", and a loudspeaker that is only on
/// or off.
#[derive(Debug)]
pub(crate) struct Esp32 {
    description: Description,
    firmware: bool,
    room: Room,
    ticks: Ticks,
    led: bool,
    speaker: f64,
    beep_seconds: u64,
    button_seconds: u64,
}

impl Esp32 {
    const BEEP_SECONDS: u64 = 2;
    const PRESS_SECONDS: u64 = 2;

    /// A board with the weather of this seed.
    pub(crate) fn new(profile: Profile, seed: u64) -> Self {
        let firmware = profile == Profile::Thesis;
        Self {
            description: if firmware { as_firmware() } else { as_roost() },
            firmware,
            room: Room::new(seed, 21.0),
            ticks: Ticks::default(),
            led: false,
            speaker: 0.0,
            beep_seconds: 0,
            button_seconds: 0,
        }
    }

    fn volume(&self) -> Value {
        if self.firmware {
            Value::Bool(self.speaker > 0.0)
        } else {
            Value::Float(self.speaker)
        }
    }
}

fn as_roost() -> Description {
    let volume = SliderRange {
        min: 0.0,
        max: 1.0,
        step: 0.05,
    };
    Description::new("ESP32", "Espressif", "ESP32 with BMP180")
        .header("Air")
        .point(
            Point::sensor("temp", "Temperature", ValueKind::Float)
                .unit("celsius")
                .deadband(0.05),
        )
        .point(
            Point::sensor("pressure", "Air pressure", ValueKind::Float)
                .unit("hPa")
                .deadband(0.05),
        )
        .header("Board")
        .point(Point::actuator(
            "led",
            "Light",
            ValueKind::Bool,
            Control::Switch,
        ))
        .point(Point::actuator(
            "speaker",
            "Loudspeaker",
            ValueKind::Float,
            Control::Slider(volume),
        ))
        .point(Point::actuator(
            "beep",
            "Beep",
            ValueKind::Bool,
            Control::Button,
        ))
        .point(Point::sensor("button", "Button held", ValueKind::Bool))
}

fn as_firmware() -> Description {
    Description::new("ESP32 XMPP", "Espressif", "ESP32 with BMP180")
        .point(Point::sensor("temp", "Temperature:", ValueKind::Float).unit("celsius"))
        .point(Point::sensor("bar", "Pressure:", ValueKind::Uint).unit("bar"))
        .point(Point::actuator(
            "speaker",
            "Speaker on:",
            ValueKind::Bool,
            Control::Switch,
        ))
}

impl Board for Esp32 {
    fn description(&self) -> &Description {
        &self.description
    }

    fn step(&mut self, elapsed: Duration) {
        let seconds = self.ticks.pass(elapsed);
        (0..seconds).for_each(|_| self.room.tick(700.0));
        self.beep_seconds = self.beep_seconds.saturating_sub(seconds);
        self.button_seconds = self.button_seconds.saturating_sub(seconds);
    }

    fn read(&self, point: &str) -> Option<Value> {
        let pressure = self.room.weather().pressure();
        Some(match point {
            "temp" => rounded(self.room.temperature(), 2),
            "pressure" if !self.firmware => rounded(pressure, 2),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the pressure of the air is some 100,000 Pascal"
            )]
            "bar" if self.firmware => Value::Uint((pressure * 100.0) as u64),
            "led" if !self.firmware => Value::Bool(self.led),
            "speaker" => self.volume(),
            "beep" if !self.firmware => Value::Bool(self.beep_seconds > 0),
            "button" if !self.firmware => Value::Bool(self.button_seconds > 0),
            _ => return None,
        })
    }

    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused> {
        match (point, value) {
            ("led", Value::Bool(on)) => self.led = *on,
            ("speaker", Value::Float(volume)) => self.speaker = *volume,
            ("speaker", Value::Bool(on)) => self.speaker = if *on { 1.0 } else { 0.0 },
            ("beep", Value::Bool(true)) => self.beep_seconds = Self::BEEP_SECONDS,
            _ => return Err(self.description.refusal(point)),
        }
        self.read(point).ok_or(Refused::UnknownPoint)
    }

    fn touch(&mut self, point: &str, value: &Value) {
        if (point, value) == ("button", &Value::Bool(true)) {
            self.button_seconds = Self::PRESS_SECONDS;
        }
    }

    fn power_cycle(&mut self) {
        self.led = false;
        self.speaker = 0.0;
        self.beep_seconds = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firmware_calls_pascal_bar() {
        let board = Esp32::new(Profile::Thesis, 7);
        let Some(Value::Uint(pressure)) = board.read("bar") else {
            panic!("no pressure");
        };
        assert!((95_000..108_000).contains(&pressure), "{pressure}");
        let point = board.description().find("bar").unwrap();
        assert_eq!(point.unit.as_ref().unwrap().as_str(), "bar");
        assert_eq!(point.item.as_str(), "xmpp.iot.sensor.bar");
    }

    #[test]
    fn beeps_and_presses_end_by_themselves() {
        let mut board = Esp32::new(Profile::Roost, 7);
        board.actuate("beep", &Value::Bool(true)).unwrap();
        board.touch("button", &Value::Bool(true));
        let points = ["beep", "button"];
        assert!(
            points.map(|p| board.read(p)) == [Some(Value::Bool(true)), Some(Value::Bool(true))]
        );
        board.step(Duration::from_secs(2));
        assert!(
            points.map(|p| board.read(p)) == [Some(Value::Bool(false)), Some(Value::Bool(false))]
        );
    }
}
