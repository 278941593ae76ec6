//! What a device is made of: a board with points, each a sensor or an actuator.
//!
//! A [`Board`] describes itself once ([`Description`]); form, nodes, text commands and the checks
//! of requests all follow from that. Writing a board is wiring: name the points, read them,
//! actuate them. What it never sees: XMPP, JIDs, item ids, who asked.
//!
//! A point's name is short (`temp`) and unique on its board; the item id follows from it
//! (`xmpp.iot.sensor.temp`). Values that reach [`Board::actuate`] have been checked by
//! [`Point::check`], so a board refuses only what its physics forbid ([`Refused::Unsafe`]).

use std::time::Duration;

use roost_forms::{Choice, SliderRange};
use roost_model::{ItemId, MAX_VALUE_BYTES, Node, Unit, Value, ValueKind};

/// The hardware, real or simulated.
pub trait Board: Send {
    /// What it is. May change while it runs (a sensor is plugged in); the form then follows.
    fn description(&self) -> &Description;

    /// Lets time pass for what it measures. `elapsed` is the board's own time, which a simulation
    /// may run faster than the clock.
    fn step(&mut self, elapsed: Duration);

    /// What a point says now; `None` if it cannot be read.
    fn read(&self, point: &str) -> Option<Value>;

    /// Does what is asked and returns what the point says now.
    ///
    /// # Errors
    /// If there is no such actuator, or it would not be safe.
    fn actuate(&mut self, point: &str, value: &Value) -> Result<Value, Refused>;

    /// Somebody presses, turns or holds something on the device itself, so that simulated boards
    /// can be played with. Boards without such parts need not answer.
    fn touch(&mut self, _point: &str, _value: &Value) {}

    /// Power goes off and on: what is not remembered by the hardware is gone.
    fn power_cycle(&mut self);
}

/// Why a value was not taken. Its text is written to people.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// There is no such point.
    #[error("there is nothing of that name")]
    UnknownPoint,
    /// It can be read, not changed.
    #[error("it can be read, but not changed")]
    ReadOnly,
    /// Not a value of its kind.
    #[error("that is not a value for it")]
    WrongKind,
    /// Beyond the range.
    #[error("it goes from {min} to {max}")]
    OutOfRange {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// Between two steps.
    #[error("it moves in steps of {step} from {min}")]
    OffStep {
        /// The least value.
        min: f64,
        /// The step.
        step: f64,
    },
    /// Not in the list.
    #[error("it knows only: {}", .0.join(", "))]
    NotAnOption(Vec<String>),
    /// Longer than it can hold.
    #[error("it takes at most {max_chars} characters")]
    TooLong {
        /// Its limit.
        max_chars: usize,
    },
    /// The hardware says no, and why.
    #[error("{0}")]
    Unsafe(String),
}

/// What a board is and has, in the order in which a person should see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// What a person calls it; the title of the form.
    pub name: String,
    /// Who made it.
    pub manufacturer: String,
    /// Which one it is.
    pub model: String,
    /// Instructions at the top of the form, one paragraph each.
    pub instructions: Vec<String>,
    entries: Vec<Entry>,
}

/// A line of the form.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A heading.
    Header(String),
    /// A sentence.
    Note(String),
    /// A sensor or an actuator.
    Point(Point),
}

impl Description {
    /// A board without points yet.
    pub fn new(name: &str, manufacturer: &str, model: &str) -> Self {
        Self {
            name: name.to_owned(),
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            instructions: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a paragraph of instructions.
    #[must_use]
    pub fn instruction(mut self, text: &str) -> Self {
        self.instructions.push(text.to_owned());
        self
    }

    /// Adds a heading.
    #[must_use]
    pub fn header(mut self, text: &str) -> Self {
        self.entries.push(Entry::Header(text.to_owned()));
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn note(mut self, text: &str) -> Self {
        self.entries.push(Entry::Note(text.to_owned()));
        self
    }

    /// Adds a point; a second one of the same name is left out.
    #[must_use]
    pub fn point(mut self, point: Point) -> Self {
        if self.find(&point.name).is_none() {
            self.entries.push(Entry::Point(point));
        }
        self
    }

    /// All lines, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All points, in order.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Point(point) => Some(point),
            Entry::Header(_) | Entry::Note(_) => None,
        })
    }

    /// The point of this name.
    pub fn find(&self, name: &str) -> Option<&Point> {
        self.points().find(|point| point.name == name)
    }

    /// Why a board that does not know how to actuate `point` does not.
    pub fn refusal(&self, point: &str) -> Refused {
        match self.find(point) {
            None => Refused::UnknownPoint,
            Some(point) if point.is_writable() => Refused::WrongKind,
            Some(_) => Refused::ReadOnly,
        }
    }

    /// The point whose value lives in this item.
    pub fn find_item(&self, item: &ItemId) -> Option<&Point> {
        self.points().find(|point| point.item == *item)
    }
}

/// A sensor or an actuator.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its short name, the word of the text command.
    pub name: String,
    /// Where its value lives.
    pub item: ItemId,
    /// [`Node::Actuators`] if it can be changed, else [`Node::Sensors`].
    pub node: Node,
    /// What a person reads beside it.
    pub label: String,
    /// The kind of its values.
    pub kind: ValueKind,
    /// The unit of its values.
    pub unit: Option<Unit>,
    /// How it is shown and changed.
    pub control: Control,
    /// How much a number must change before it is worth a report, in its unit.
    pub deadband: f64,
    /// Whether its value is to be as it was after the power was off.
    pub is_remembered: bool,
}

/// How a point is shown and changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// Shown only.
    Shown,
    /// On or off.
    Switch,
    /// Pressed: set to true, and false again by itself.
    Button,
    /// A number between two others.
    Slider(SliderRange),
    /// One of several values.
    List(Vec<Choice>),
    /// A line of text.
    Line {
        /// How long it may be.
        max_chars: usize,
    },
}

impl Point {
    /// Something that is measured.
    pub fn sensor(name: &str, label: &str, kind: ValueKind) -> Self {
        Self {
            name: name.to_owned(),
            item: ItemId::sensor(name),
            node: Node::Sensors,
            label: label.to_owned(),
            kind,
            unit: None,
            control: Control::Shown,
            deadband: 0.0,
            is_remembered: false,
        }
    }

    /// Something that can be asked for.
    pub fn actuator(name: &str, label: &str, kind: ValueKind, control: Control) -> Self {
        Self {
            item: ItemId::actuator(name),
            node: Node::Actuators,
            is_remembered: !matches!(control, Control::Button),
            control,
            ..Self::sensor(name, label, kind)
        }
    }

    /// With this unit.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = Unit::from_wire(unit);
        self
    }

    /// Reported only when it moved by at least this much.
    #[must_use]
    pub fn deadband(mut self, deadband: f64) -> Self {
        self.deadband = deadband;
        self
    }

    /// Off after the power was off, for safety.
    #[must_use]
    pub fn forgotten(mut self) -> Self {
        self.is_remembered = false;
        self
    }

    /// Whether it can be changed.
    pub fn is_writable(&self) -> bool {
        self.control != Control::Shown
    }

    /// Whether going from `reported` to `value` is worth a report.
    pub fn differs(&self, reported: &Value, value: &Value) -> bool {
        match (reported.as_f64(), value.as_f64()) {
            (Some(a), Some(b)) => a != b && (a - b).abs() >= self.deadband,
            _ => reported != value,
        }
    }

    /// The value to hand to the board for a wish, brought to the point's kind and, for a slider,
    /// onto its grid.
    ///
    /// # Errors
    /// If the point cannot take the value.
    pub fn check(&self, wish: &Value) -> Result<Value, Refused> {
        let value = convert(wish, self.kind).ok_or(Refused::WrongKind)?;
        match &self.control {
            Control::Shown => Err(Refused::ReadOnly),
            Control::Switch => Ok(value),
            Control::Button if value == Value::Bool(true) => Ok(value),
            Control::Button => Err(Refused::WrongKind),
            Control::Slider(range) => on_grid(&value, range, self.kind),
            Control::List(choices) => {
                let text = value.to_string();
                if choices.iter().any(|choice| choice.value == text) {
                    Ok(value)
                } else {
                    let known = choices.iter().map(|choice| choice.value.clone());
                    Err(Refused::NotAnOption(known.collect()))
                }
            }
            Control::Line { max_chars } => {
                let text = value.to_string();
                if text.chars().count() > *max_chars || text.len() > MAX_VALUE_BYTES {
                    Err(Refused::TooLong {
                        max_chars: *max_chars,
                    })
                } else if text.chars().any(char::is_control) {
                    Err(Refused::WrongKind)
                } else {
                    Ok(value)
                }
            }
        }
    }
}

/// Choices of a list from pairs of value and label.
pub fn choices(pairs: &[(&str, &str)]) -> Vec<Choice> {
    pairs
        .iter()
        .map(|(value, label)| Choice {
            value: (*value).to_owned(),
            label: Some((*label).to_owned()),
        })
        .collect()
}

/// Rounds a measurement to what its sensor can tell.
pub fn rounded(value: f64, decimals: i32) -> Value {
    let scale = 10_f64.powi(decimals);
    Value::Float((value * scale).round() / scale)
}

/// Numbers convert among each other where nothing is lost; everything else must be of the kind.
fn convert(wish: &Value, kind: ValueKind) -> Option<Value> {
    if wish.kind() == kind {
        return Some(wish.clone());
    }
    let number = wish.as_f64()?;
    let whole = || (number.fract() == 0.0 && number.abs() <= 9e15).then(|| format!("{number:.0}"));
    match kind {
        ValueKind::Float => Some(Value::Float(number)),
        ValueKind::Int => whole()?.parse().ok().map(Value::Int),
        ValueKind::Uint => whole()?.parse().ok().map(Value::Uint),
        ValueKind::Bool | ValueKind::Text => None,
    }
}

fn on_grid(value: &Value, range: &SliderRange, kind: ValueKind) -> Result<Value, Refused> {
    let SliderRange { min, max, step } = *range;
    let number = value.as_f64().ok_or(Refused::WrongKind)?;
    let slack = 1e-6 * step;
    if !(min - slack..=max + slack).contains(&number) {
        return Err(Refused::OutOfRange { min, max });
    }
    let steps = ((number - min) / step).round();
    // Decimal steps such as 0.1 have no exact binary form; nine decimals hide that from readers.
    let snapped = ((min + steps * step) * 1e9).round() / 1e9;
    if (snapped - number).abs() > slack {
        return Err(Refused::OffStep { min, step });
    }
    convert(&Value::Float(snapped.min(max)), kind).ok_or(Refused::WrongKind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slider(kind: ValueKind) -> Point {
        let range = SliderRange {
            min: 5.0,
            max: 30.0,
            step: 0.5,
        };
        Point::actuator("setpoint", "Setpoint", kind, Control::Slider(range))
    }

    #[test]
    fn what_points_take() {
        use Value::{Bool, Float, Int, Text, Uint};
        let switch = Point::actuator("led", "LED", ValueKind::Bool, Control::Switch);
        let button = Point::actuator("beep", "Beep", ValueKind::Bool, Control::Button);
        let list = Control::List(choices(&[("70", "Green tea"), ("100", "Black tea")]));
        let list = Point::actuator("target", "Target", ValueKind::Int, list);
        let line = Control::Line { max_chars: 5 };
        let line = Point::actuator("text", "Text", ValueKind::Text, line);
        let shown = Point::sensor("temp", "Temperature", ValueKind::Float);
        let outside = Refused::OutOfRange {
            min: 5.0,
            max: 30.0,
        };
        let cases = [
            (&switch, Bool(true), Ok(Bool(true))),
            (&switch, Int(1), Err(Refused::WrongKind)),
            (&switch, Text("on".into()), Err(Refused::WrongKind)),
            (&button, Bool(true), Ok(Bool(true))),
            (&button, Bool(false), Err(Refused::WrongKind)),
            (&slider(ValueKind::Float), Float(21.5), Ok(Float(21.5))),
            (
                &slider(ValueKind::Float),
                Float(21.500_000_01),
                Ok(Float(21.5)),
            ),
            (&slider(ValueKind::Float), Int(21), Ok(Float(21.0))),
            (&slider(ValueKind::Uint), Float(21.0), Ok(Uint(21))),
            (
                &slider(ValueKind::Float),
                Float(21.3),
                Err(Refused::OffStep {
                    min: 5.0,
                    step: 0.5,
                }),
            ),
            (&slider(ValueKind::Float), Float(30.5), Err(outside.clone())),
            (&slider(ValueKind::Float), Float(-1e300), Err(outside)),
            (
                &slider(ValueKind::Float),
                Text("21".into()),
                Err(Refused::WrongKind),
            ),
            (&list, Int(70), Ok(Int(70))),
            (&list, Float(100.0), Ok(Int(100))),
            (
                &list,
                Int(71),
                Err(Refused::NotAnOption(vec!["70".into(), "100".into()])),
            ),
            (&line, Text("Hällo".into()), Ok(Text("Hällo".into()))),
            (
                &line,
                Text("Hello!".into()),
                Err(Refused::TooLong { max_chars: 5 }),
            ),
            (&line, Text("a\nb".into()), Err(Refused::WrongKind)),
            (&shown, Float(1.0), Err(Refused::ReadOnly)),
        ];
        for (point, wish, expected) in cases {
            assert_eq!(point.check(&wish), expected, "{} {wish:?}", point.name);
        }
    }

    #[test]
    fn small_changes_are_not_worth_a_report() {
        let temp = Point::sensor("temp", "Temperature", ValueKind::Float).deadband(0.1);
        let value = Value::Float;
        assert!(!temp.differs(&value(20.0), &value(20.05)));
        assert!(temp.differs(&value(20.0), &value(20.2)));
        let exact = Point::sensor("level", "Level", ValueKind::Float);
        assert!(exact.differs(&value(1.0), &value(1.001)));
        assert!(!exact.differs(&value(1.0), &value(1.0)));
        assert!(exact.differs(&Value::Bool(false), &Value::Bool(true)));
    }

    #[test]
    fn names_are_unique() {
        let point = || Point::sensor("temp", "Temperature", ValueKind::Float);
        let board = Description::new("Board", "Roost", "Test")
            .point(point())
            .point(point());
        assert_eq!(board.points().count(), 1);
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_slider_takes_is_on_its_grid(wish: f64) {
            if let Ok(Value::Float(taken)) = slider(ValueKind::Float).check(&Value::Float(wish)) {
                proptest::prop_assert!((5.0..=30.0).contains(&taken));
                proptest::prop_assert_eq!((taken * 2.0).fract(), 0.0);
            }
        }
    }
}
