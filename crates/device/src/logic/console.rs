//! Text commands, for clients that know no forms.
//!
//! `help` lists them; `status` tells everything; a point's name tells its value; `led on` and
//! `set speaker 1` change one. Case and spaces do not matter. The answers are plain sentences in
//! English: labels and values come from the board, never from whoever asks, so that nobody can
//! make a device say what they want.

use roost_model::{Role, Val, Value, ValueKind};

use crate::{Board, Control, Point};

/// Longer lines are no commands.
pub(super) const MAX_LINE_BYTES: usize = 256;

/// What to do about a line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// Answer with this.
    Say(String),
    /// Answer with this, which costs the asker more: two programs that do not understand each
    /// other must not talk for ever.
    Puzzled(String),
    /// Change a point; the value is yet to be checked.
    Set {
        /// Which.
        point: String,
        /// To what.
        wish: Value,
    },
}

/// Reads a line of somebody of this role.
pub(super) fn understand(line: &str, role: Role, board: &dyn Board) -> Command {
    let lower = line.trim().to_lowercase();
    let mut words = lower.split_whitespace();
    let may_set = role >= Role::Controller;
    let first = words.next().unwrap_or_default();
    let (verb, name) = match first {
        "set" | "get" => (Some(first), words.next().unwrap_or_default()),
        _ => (None, first),
    };
    match (verb, name) {
        (None, "help" | "?") => return Command::Say(help(may_set, board)),
        (None, "status") => return Command::Say(status(board)),
        _ => {}
    }
    let points = board.description();
    let Some(point) = points
        .points()
        .find(|point| point.name.to_lowercase() == name)
    else {
        return Command::Puzzled("I do not know that. Try: help".to_owned());
    };
    let wish = words.clone().next().map(|_| rest_of(line, words.count()));
    match (wish, verb) {
        (None, Some("set")) => Command::Puzzled(format!("To what? {}", usage(point))),
        (None, _) => Command::Say(tell(point, board)),
        (Some(_), Some("get")) => Command::Puzzled("Try: help".to_owned()),
        (Some(_), _) if !may_set => Command::Puzzled("You may look, but not change.".to_owned()),
        (Some(text), _) => match parse(&text, point) {
            Some(wish) => Command::Set {
                point: point.name.clone(),
                wish,
            },
            None => Command::Puzzled(format!("That is not a value for it. {}", usage(point))),
        },
    }
}

/// A line about one point: `Water: 22.4 °C`.
pub(super) fn tell(point: &Point, board: &dyn Board) -> String {
    let value = match board.read(&point.name) {
        None => "not readable".to_owned(),
        Some(Value::Bool(on)) => (if on { "on" } else { "off" }).to_owned(),
        Some(value) => match &point.unit {
            Some(unit) => format!("{value} {}", unit.symbol()),
            None => value.to_string(),
        },
    };
    format!("{}: {value}", point.label)
}

fn status(board: &dyn Board) -> String {
    let description = board.description();
    let lines = description.points().map(|point| tell(point, board));
    let title = format!("{} ({})", description.name, description.model);
    [title]
        .into_iter()
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

fn help(may_set: bool, board: &dyn Board) -> String {
    let points = board.description().points();
    let lines = points.map(|point| {
        if may_set && point.is_writable() {
            format!("{}: {}. {}", point.name, point.label, usage(point))
        } else {
            format!("{}: {}", point.name, point.label)
        }
    });
    let general = ["help: this list", "status: everything at once"];
    let general = general.into_iter().map(str::to_owned);
    general.chain(lines).collect::<Vec<_>>().join("\n")
}

fn usage(point: &Point) -> String {
    let name = &point.name;
    match &point.control {
        Control::Shown => "It cannot be changed.".to_owned(),
        Control::Switch => format!("Try: {name} on"),
        Control::Button => format!("Try: {name} on, to press it"),
        Control::Slider(range) => {
            format!("Try: set {name} {} (up to {})", range.min, range.max)
        }
        Control::List(choices) => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            format!("Try: set {name} and one of {}", values.join(", "))
        }
        Control::Line { max_chars } => {
            format!("Try: set {name} and a text of at most {max_chars} characters")
        }
    }
}

fn parse(text: &str, point: &Point) -> Option<Value> {
    let lower = text.to_lowercase();
    match (&point.control, point.kind) {
        (_, ValueKind::Bool) => match lower.as_str() {
            "on" | "1" | "true" | "yes" => Some(Value::Bool(true)),
            "off" | "0" | "false" | "no" => Some(Value::Bool(false)),
            _ => None,
        },
        (Control::List(choices), _) => {
            let choice = choices.iter().find(|choice| {
                choice.value.to_lowercase() == lower
                    || choice
                        .label
                        .as_ref()
                        .is_some_and(|label| label.to_lowercase() == lower)
            })?;
            let val = Val::from_wire(&choice.value, None, None, None);
            val.read(Some(point.kind)).ok()
        }
        _ => Val::from_wire(text, None, None, None)
            .read(Some(point.kind))
            .ok(),
    }
}

/// The last `count` words of a line, as they were written.
fn rest_of(line: &str, count: usize) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words[words.len().saturating_sub(count)..].join(" ")
}

#[cfg(test)]
mod tests {
    use roost_model::Profile;

    use super::*;
    use crate::BoardKind;

    fn board(kind: BoardKind) -> Box<dyn Board> {
        kind.build(Profile::Roost, 7, std::path::Path::new("/nonexistent"))
    }

    fn set(point: &str, wish: Value) -> Command {
        Command::Set {
            point: point.to_owned(),
            wish,
        }
    }

    #[test]
    fn what_a_controller_may_say() {
        use Value::{Bool, Float, Text};
        let cases = [
            (BoardKind::Esp32, "led on", set("led", Bool(true))),
            (BoardKind::Esp32, " SET  Led  OFF ", set("led", Bool(false))),
            (
                BoardKind::Esp32,
                "set speaker 1",
                set("speaker", Float(1.0)),
            ),
            (
                BoardKind::Thermostat,
                "mode Eco",
                set("mode", Text("eco".into())),
            ),
            (
                BoardKind::Thermostat,
                "set display Good  Night",
                set("display", Text("Good Night".into())),
            ),
            (
                BoardKind::Kettle,
                "target 80 °C, white tea",
                set("target", Value::Int(80)),
            ),
            (
                BoardKind::Esp32,
                "get led",
                Command::Say("Light: off".into()),
            ),
            (
                BoardKind::Thermostat,
                "setpoint",
                Command::Say("Setpoint: 21 °C".into()),
            ),
        ];
        for (kind, line, expected) in cases {
            let told = understand(line, Role::Controller, board(kind).as_ref());
            assert_eq!(told, expected, "{line}");
        }
        let puzzling = [
            "",
            "hello",
            "led maybe",
            "set",
            "set led",
            "set speaker loud",
            "get led on",
        ];
        for line in puzzling {
            let told = understand(line, Role::Controller, board(BoardKind::Esp32).as_ref());
            assert!(matches!(told, Command::Puzzled(_)), "{line}: {told:?}");
        }
    }

    #[test]
    fn readers_only_look() {
        let esp32 = board(BoardKind::Esp32);
        let told = |line| understand(line, Role::Reader, esp32.as_ref());
        assert!(matches!(told("temp"), Command::Say(_)));
        assert!(matches!(told("status"), Command::Say(text) if text.contains("Light: off")));
        assert!(matches!(told("help"), Command::Say(text) if !text.contains("Try")));
        for line in ["led on", "set led on", "set speaker 1"] {
            assert!(matches!(told(line), Command::Puzzled(_)), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_said_breaks_it(line in "\\PC{0,300}") {
            for kind in [BoardKind::Esp32, BoardKind::Thermostat] {
                understand(&line, Role::Owner, board(kind).as_ref());
            }
        }
    }
}
