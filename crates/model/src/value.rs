//! What an item says: the text as it came, and the value that can be read from it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Unit};

/// The longest text of a value that is kept, in bytes.
pub const MAX_VALUE_BYTES: usize = 4096;

/// The types a value may declare: `<val type='…'/>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// `boolean`, `bool`.
    Bool,
    /// `int`: a signed whole number of 64 bits.
    Int,
    /// `uint`: an unsigned whole number of 64 bits.
    Uint,
    /// `float`, `double`: a finite number.
    Float,
    /// `string`, `none`.
    Text,
}

impl ValueKind {
    /// Reads the attribute in any case; `None` if it is unknown.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "bool" | "boolean" => ValueKind::Bool,
            "int" => ValueKind::Int,
            "uint" => ValueKind::Uint,
            "float" | "double" => ValueKind::Float,
            "string" | "none" => ValueKind::Text,
            _ => return None,
        })
    }

    /// The name to write.
    pub fn name(self) -> &'static str {
        match self {
            ValueKind::Bool => "boolean",
            ValueKind::Int => "int",
            ValueKind::Uint => "uint",
            ValueKind::Float => "float",
            ValueKind::Text => "string",
        }
    }
}

/// A value that has been read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// On or off.
    Bool(bool),
    /// A signed whole number.
    Int(i64),
    /// An unsigned whole number.
    Uint(u64),
    /// A finite number.
    Float(f64),
    /// Anything else, at most [`MAX_VALUE_BYTES`].
    Text(String),
}

impl Value {
    /// Its type.
    pub fn kind(&self) -> ValueKind {
        match self {
            Value::Bool(_) => ValueKind::Bool,
            Value::Int(_) => ValueKind::Int,
            Value::Uint(_) => ValueKind::Uint,
            Value::Float(_) => ValueKind::Float,
            Value::Text(_) => ValueKind::Text,
        }
    }

    /// The number in it, if it is one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for drawing and comparing with a tolerance"
    )]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Value::Int(n) => Some(n as f64),
            Value::Uint(n) => Some(n as f64),
            Value::Float(n) => Some(n),
            Value::Bool(_) | Value::Text(_) => None,
        }
    }

    /// Whether a device that was asked for `self` and reports `other` did what was asked.
    ///
    /// Types may differ (`int` asked, `float` reported); numbers agree within a relative 1e-6.
    pub fn agrees_with(&self, other: &Value) -> bool {
        match (self.as_f64(), other.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0),
            _ => self == other || self.to_string() == other.to_string(),
        }
    }
}

/// The text as it is written on the wire: booleans as `1` and `0`, which thesis firmware needs.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(on) => f.write_str(if *on { "1" } else { "0" }),
            Value::Int(n) => n.fmt(f),
            Value::Uint(n) => n.fmt(f),
            Value::Float(n) => n.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// Why a text is not the value it says it is. Shown at the reading, never guessed away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ValueProblem {
    /// There is no text.
    #[error("the value is empty")]
    Empty,
    /// Longer than [`MAX_VALUE_BYTES`].
    #[error("the value is too long")]
    TooLong,
    /// The declared type is none we know.
    #[error("the type of the value is unknown")]
    UnknownType,
    /// `yes`, `2`, … where a boolean should be.
    #[error("not a yes or no")]
    NotBool,
    /// `22,43`, `abc`, `1.5` where a whole number should be, …
    #[error("not a number")]
    NotNumber,
    /// NaN, infinite, or beyond the range of the type (`1e400`).
    #[error("the number is not finite or out of range")]
    OutOfRange,
}

/// A `<val/>` as it came: bounded text with what it declares about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Val {
    /// The text, cut to [`MAX_VALUE_BYTES`].
    text: String,
    /// The declared type; `None` where the attribute is missing.
    kind: Option<Declared>,
    /// The declared unit.
    unit: Option<Unit>,
    /// When it was measured, by the sender's clock (attribute `stamp`, XEP-0082).
    stamp: Option<Timestamp>,
    /// Whether text was cut off.
    too_long: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Declared {
    Known(ValueKind),
    Unknown,
}

impl Val {
    /// What a device or a controller writes.
    pub fn from_value(value: &Value, unit: Option<Unit>, stamp: Option<Timestamp>) -> Self {
        let mut val = Self::from_wire(&value.to_string(), None, unit, stamp);
        val.kind = Some(Declared::Known(value.kind()));
        val
    }

    /// What came over the wire, with the type attribute as text.
    pub fn from_wire(
        text: &str,
        kind: Option<&str>,
        unit: Option<Unit>,
        stamp: Option<Timestamp>,
    ) -> Self {
        let mut end = text.len().min(MAX_VALUE_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            text: text[..end].to_owned(),
            kind: kind
                .filter(|name| !name.trim().is_empty())
                .map(|name| ValueKind::from_name(name).map_or(Declared::Unknown, Declared::Known)),
            unit,
            stamp,
            too_long: end < text.len(),
        }
    }

    /// The text as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The declared type, if it is one we know.
    pub fn kind(&self) -> Option<ValueKind> {
        match self.kind? {
            Declared::Known(kind) => Some(kind),
            Declared::Unknown => None,
        }
    }

    /// The declared unit.
    pub fn unit(&self) -> Option<&Unit> {
        self.unit.as_ref()
    }

    /// When it was measured, by the sender's clock.
    pub fn stamp(&self) -> Option<Timestamp> {
        self.stamp
    }

    /// Reads the value. `hint` is the type that the form suggests; it counts where the value
    /// declares none.
    ///
    /// # Errors
    /// If the text is empty, too long, or not of its type.
    pub fn read(&self, hint: Option<ValueKind>) -> Result<Value, ValueProblem> {
        if self.too_long {
            return Err(ValueProblem::TooLong);
        }
        let kind = match self.kind {
            Some(Declared::Known(kind)) => kind,
            Some(Declared::Unknown) => return Err(ValueProblem::UnknownType),
            None => hint.unwrap_or(ValueKind::Text),
        };
        let text = self.text.trim_matches([' ', '\t', '\r', '\n']);
        if text.is_empty() {
            return Err(ValueProblem::Empty);
        }
        match kind {
            ValueKind::Bool => match text.to_ascii_lowercase().as_str() {
                "1" | "true" => Ok(Value::Bool(true)),
                "0" | "false" => Ok(Value::Bool(false)),
                _ => Err(ValueProblem::NotBool),
            },
            ValueKind::Int => whole(text).map(Value::Int),
            ValueKind::Uint => whole(text).map(Value::Uint),
            ValueKind::Float => match text.parse::<f64>() {
                Ok(n) if n.is_finite() => Ok(Value::Float(n)),
                Ok(_) => Err(ValueProblem::OutOfRange),
                Err(_) => Err(ValueProblem::NotNumber),
            },
            ValueKind::Text => Ok(Value::Text(self.text.clone())),
        }
    }
}

fn whole<T: std::str::FromStr<Err = std::num::ParseIntError>>(
    text: &str,
) -> Result<T, ValueProblem> {
    use std::num::IntErrorKind;
    text.parse()
        .map_err(|error: std::num::ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => ValueProblem::OutOfRange,
            _ if text.parse::<i128>().is_ok_and(|n| n < 0) => ValueProblem::OutOfRange,
            _ => ValueProblem::NotNumber,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, text: &str) -> Result<Value, ValueProblem> {
        Val::from_wire(text, Some(kind), None, None).read(None)
    }

    #[test]
    fn values_and_what_they_read_as() {
        use ValueProblem::{Empty, NotBool, NotNumber, OutOfRange, TooLong, UnknownType};
        let long = "9".repeat(MAX_VALUE_BYTES + 1);
        let cases: &[(&str, &str, Result<Value, ValueProblem>)] = &[
            ("boolean", "1", Ok(Value::Bool(true))),
            ("BOOL", " True ", Ok(Value::Bool(true))),
            ("bool", "0", Ok(Value::Bool(false))),
            ("bool", "on", Err(NotBool)),
            ("bool", "2", Err(NotBool)),
            ("float", "22.43", Ok(Value::Float(22.43))),
            ("double", "-1e-3", Ok(Value::Float(-0.001))),
            ("float", "22,43", Err(NotNumber)),
            ("float", "NaN", Err(OutOfRange)),
            ("float", "inf", Err(OutOfRange)),
            ("float", "1e400", Err(OutOfRange)),
            ("float", "", Err(Empty)),
            ("int", "-3", Ok(Value::Int(-3))),
            ("int", "3.5", Err(NotNumber)),
            ("int", "9223372036854775808", Err(OutOfRange)),
            ("uint", "18446744073709551615", Ok(Value::Uint(u64::MAX))),
            ("uint", "-1", Err(OutOfRange)),
            ("string", "on", Ok(Value::Text("on".into()))),
            ("none", "x", Ok(Value::Text("x".into()))),
            ("quaternion", "x", Err(UnknownType)),
            ("string", &long, Err(TooLong)),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(&read(kind, text), expected, "{kind} {text:.20}");
        }
    }

    #[test]
    fn the_form_suggests_a_type_where_none_is_declared() {
        let val = Val::from_wire("1", None, None, None);
        assert_eq!(val.read(Some(ValueKind::Bool)), Ok(Value::Bool(true)));
        assert_eq!(val.read(None), Ok(Value::Text("1".into())));
        let declared = Val::from_wire("1", Some("int"), None, None);
        assert_eq!(declared.read(Some(ValueKind::Bool)), Ok(Value::Int(1)));
    }

    #[test]
    fn a_report_confirms_what_was_asked() {
        assert!(Value::Int(21).agrees_with(&Value::Float(21.0)));
        assert!(Value::Float(21.5).agrees_with(&Value::Float(21.500_000_1)));
        assert!(!Value::Float(21.5).agrees_with(&Value::Float(21.6)));
        assert!(Value::Text("eco".into()).agrees_with(&Value::Text("eco".into())));
        assert!(!Value::Bool(true).agrees_with(&Value::Bool(false)));
        assert!(Value::Bool(true).agrees_with(&Value::Int(1)));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_and_what_is_written_is_read_back(text in ".{0,64}", n in proptest::num::f64::NORMAL, i: i64) {
            for kind in ["bool", "int", "uint", "float", "string", "?"] {
                let _ = read(kind, &text);
            }
            for value in [Value::Float(n), Value::Int(i), Value::Bool(i > 0)] {
                let val = Val::from_value(&value, None, None);
                proptest::prop_assert_eq!(val.read(None), Ok(value));
            }
        }
    }
}
