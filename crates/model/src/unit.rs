//! Units: the spellings that devices use, and one canonical symbol for each.

use serde::{Deserialize, Serialize};

/// A unit as a device wrote it, at most 32 characters. Unknown ones are kept and shown as they
/// are, since a device knows best.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(String);

/// What a unit measures; the UI picks an icon and a precision by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// °C, °F, K.
    Temperature,
    /// Pa, hPa, bar.
    Pressure,
    /// Relative humidity.
    Humidity,
    /// lx.
    Illuminance,
    /// W.
    Power,
    /// Wh, kWh.
    Energy,
    /// V.
    Voltage,
    /// A.
    Current,
    /// Hz.
    Frequency,
    /// s, min, h.
    Duration,
    /// B, KiB, MiB, GiB.
    Data,
    /// A share of a whole.
    Percent,
    /// Anything else.
    Other,
}

const KNOWN: &[(&str, Quantity, &[&str])] = &[
    (
        "°C",
        Quantity::Temperature,
        &["celsius", "cel", "degc", "c"],
    ),
    (
        "°F",
        Quantity::Temperature,
        &["fahrenheit", "degf", "[degf]"],
    ),
    ("K", Quantity::Temperature, &["kelvin"]),
    ("Pa", Quantity::Pressure, &["pascal"]),
    ("hPa", Quantity::Pressure, &["hectopascal", "mbar"]),
    ("bar", Quantity::Pressure, &[]),
    ("%RH", Quantity::Humidity, &["rh"]),
    ("lx", Quantity::Illuminance, &["lux"]),
    ("W", Quantity::Power, &["watt", "watts"]),
    ("kW", Quantity::Power, &["kilowatt"]),
    ("Wh", Quantity::Energy, &["watthour"]),
    ("kWh", Quantity::Energy, &["kilowatthour"]),
    ("V", Quantity::Voltage, &["volt", "volts"]),
    ("A", Quantity::Current, &["ampere", "amp"]),
    ("Hz", Quantity::Frequency, &["hertz"]),
    ("s", Quantity::Duration, &["sec", "second", "seconds"]),
    ("min", Quantity::Duration, &["minute", "minutes"]),
    ("h", Quantity::Duration, &["hour", "hours"]),
    ("B", Quantity::Data, &["byte", "bytes"]),
    ("KiB", Quantity::Data, &[]),
    ("MiB", Quantity::Data, &[]),
    ("GiB", Quantity::Data, &[]),
    ("%", Quantity::Percent, &["percent", "pct"]),
];

impl Unit {
    const MAX_CHARS: usize = 32;

    /// Reads a unit; empty and `none` mean that there is none. Control characters are dropped,
    /// the rest is cut to 32 characters.
    pub fn from_wire(text: &str) -> Option<Self> {
        let text: String = text
            .trim()
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::MAX_CHARS)
            .collect();
        (!text.is_empty() && !text.eq_ignore_ascii_case("none")).then_some(Self(text))
    }

    /// As the device wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The symbol to show: canonical where the unit is known, else as written.
    pub fn symbol(&self) -> &str {
        self.known().map_or(&self.0, |(symbol, _)| symbol)
    }

    /// What it measures.
    pub fn quantity(&self) -> Quantity {
        self.known()
            .map_or(Quantity::Other, |(_, quantity)| quantity)
    }

    fn known(&self) -> Option<(&'static str, Quantity)> {
        let exact = KNOWN.iter().find(|(symbol, ..)| *symbol == self.0);
        let lower = self.0.to_lowercase();
        let (symbol, quantity, _) = exact.or_else(|| {
            KNOWN
                .iter()
                .find(|(.., words)| words.contains(&lower.as_str()))
        })?;
        Some((symbol, *quantity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let cases = [
            ("celsius", "°C", Quantity::Temperature),
            ("Celsius", "°C", Quantity::Temperature),
            ("°C", "°C", Quantity::Temperature),
            ("bar", "bar", Quantity::Pressure),
            ("%", "%", Quantity::Percent),
            ("furlong", "furlong", Quantity::Other),
        ];
        for (written, symbol, quantity) in cases {
            let unit = Unit::from_wire(written).unwrap();
            assert_eq!(
                (unit.symbol(), unit.quantity()),
                (symbol, quantity),
                "{written}"
            );
        }
        for none in ["", "  ", "none", "None", "\u{7}"] {
            assert_eq!(Unit::from_wire(none), None, "{none:?}");
        }
        assert_eq!(Unit::from_wire(&"x".repeat(99)).unwrap().as_str().len(), 32);
    }
}
