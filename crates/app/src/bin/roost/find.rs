//! From what a person types to a device, a field and a value.

use roost_app::api::{ControlView, DeviceView, FieldView, ValueView};

use crate::exit::{BAD_INPUT, Failure};
use crate::text::clean;
use crate::words;

/// The device of this JID or name. Names match in any case, and by a part if that is enough to
/// tell.
///
/// # Errors
/// If none matches, or more than one.
pub(crate) fn device<'a>(
    devices: impl Iterator<Item = &'a DeviceView> + Clone,
    typed: &str,
) -> Result<&'a DeviceView, Failure> {
    let wanted = typed.trim().to_lowercase();
    let user = |device: &DeviceView| device.id.split('@').next().map(str::to_lowercase);
    let rules: [&dyn Fn(&DeviceView) -> bool; 5] = [
        &|device| device.id.to_lowercase() == wanted,
        &|device| device.name.to_lowercase() == wanted,
        &|device| user(device).as_ref() == Some(&wanted),
        &|device| device.name.to_lowercase().starts_with(&wanted),
        &|device| device.name.to_lowercase().contains(&wanted),
    ];
    let named = |device: &DeviceView| format!("{} ({})", clean(&device.name), device.id);
    match first_match(devices, &rules) {
        Match::One(device) => Ok(device),
        Match::Several(found) => Err(ambiguous(typed, found.into_iter().map(named))),
        Match::None => Err(unknown(words::error(
            roost_app::api::ErrorCode::NoSuchDevice,
        ))),
    }
}

/// The field of this variable, its last part, or label. Fields that can be set go first: to turn
/// off the power is meant more often than to turn off its measurement.
///
/// # Errors
/// If none matches, or more than one.
pub(crate) fn field<'a>(device: &'a DeviceView, typed: &str) -> Result<&'a FieldView, Failure> {
    let wanted = typed.trim().to_lowercase();
    let last_part = |field: &FieldView| field.var.rsplit('.').next().map(str::to_lowercase);
    let rules: [&dyn Fn(&FieldView) -> bool; 4] = [
        &|field| field.var == typed,
        &|field| field.label.to_lowercase() == wanted,
        &|field| last_part(field).as_ref() == Some(&wanted),
        &|field| field.label.to_lowercase().starts_with(&wanted),
    ];
    let is_value =
        |field: &&FieldView| !matches!(field.control, ControlView::Header | ControlView::Note);
    let values = device.fields.iter().filter(is_value);
    let settable = values.clone().filter(|field| !field.read_only);
    let named = |field: &FieldView| format!("{} ({})", clean(&field.label), clean(&field.var));
    let found = match first_match(settable, &rules) {
        Match::None => first_match(values, &rules),
        found => found,
    };
    match found {
        Match::One(field) => Ok(field),
        Match::Several(found) => Err(ambiguous(typed, found.into_iter().map(named))),
        Match::None => Err(unknown(words::error(
            roost_app::api::ErrorCode::NoSuchField,
        ))),
    }
}

/// The value that is meant for a field. Whether it is allowed is for the app to say.
///
/// # Errors
/// If it cannot be one.
pub(crate) fn value(field: &FieldView, typed: &str) -> Result<ValueView, Failure> {
    let lower = typed.trim().to_lowercase();
    match &field.control {
        ControlView::Switch => match lower.as_str() {
            "on" | "true" | "yes" | "1" => Ok(ValueView::Bool(true)),
            "off" | "false" | "no" | "0" => Ok(ValueView::Bool(false)),
            _ => Err(unknown(
                "The value does not fit the field: it is on or off.",
            )),
        },
        ControlView::Button => match lower.as_str() {
            "press" | "on" | "true" | "1" => Ok(ValueView::Bool(true)),
            _ => Err(unknown(
                "The value does not fit the field: a button takes 'press'.",
            )),
        },
        ControlView::Number { .. } | ControlView::Slider { .. } => match lower.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(ValueView::Number(number)),
            _ => Err(unknown(
                "The value does not fit the field: it is a number, such as 21.5.",
            )),
        },
        ControlView::Choice { options, .. } => {
            let meant = options
                .iter()
                .find(|option| option.value == typed)
                .or_else(|| {
                    options
                        .iter()
                        .find(|option| option.label.to_lowercase() == lower)
                })
                .map_or(typed, |option| &option.value);
            Ok(ValueView::Text(meant.to_owned()))
        }
        ControlView::Text | ControlView::Header | ControlView::Note => {
            Ok(ValueView::Text(typed.to_owned()))
        }
    }
}

enum Match<'a, T> {
    None,
    One(&'a T),
    Several(Vec<&'a T>),
}

/// The first rule that matches anything decides.
fn first_match<'a, T>(
    all: impl Iterator<Item = &'a T> + Clone,
    rules: &[&dyn Fn(&T) -> bool],
) -> Match<'a, T> {
    for rule in rules {
        let mut found: Vec<_> = all.clone().filter(|it| rule(it)).collect();
        match (found.len(), found.pop()) {
            (1, Some(one)) => return Match::One(one),
            (2.., Some(last)) => {
                found.push(last);
                return Match::Several(found);
            }
            _ => {}
        }
    }
    Match::None
}

fn ambiguous(typed: &str, found: impl Iterator<Item = String>) -> Failure {
    let list: Vec<_> = found.take(10).map(|name| format!("  {name}")).collect();
    let text = format!(
        "'{}' may mean any of these; say which:\n{}",
        clean(typed),
        list.join("\n")
    );
    Failure::new(BAD_INPUT, text)
}

fn unknown(sentence: &str) -> Failure {
    Failure::new(BAD_INPUT, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_app::api::{AccessView, AvailabilityView, OptionView};

    fn a_device(id: &str, name: &str) -> DeviceView {
        DeviceView {
            id: id.to_owned(),
            name: name.to_owned(),
            room: None,
            availability: AvailabilityView::Online,
            profile: None,
            access: AccessView::Granted,
            title: None,
            instructions: Vec::new(),
            fields: Vec::new(),
            readings: Vec::new(),
            warnings: Vec::new(),
            dropped: 0,
        }
    }

    fn a_field(var: &str, label: &str, control: ControlView) -> FieldView {
        FieldView {
            var: var.to_owned(),
            control,
            label: label.to_owned(),
            description: None,
            read_only: false,
            text: Vec::new(),
            hint: None,
        }
    }

    #[test]
    fn devices_by_name_or_address() {
        let all = [
            a_device("kettle@home.example", "Kettle"),
            a_device("k2@home.example", "Kettle upstairs"),
            a_device("led@home.example", "Lamp"),
            a_device("led@work.example", "Light"),
        ];
        let found = |typed: &str| match device(all.iter(), typed) {
            Ok(device) => device.id.clone(),
            Err(failure) => format!("{} {}", failure.code, failure.text.lines().count()),
        };
        let cases = [
            ("kettle", "kettle@home.example"),
            ("KETTLE UP", "k2@home.example"),
            ("k2", "k2@home.example"),
            ("led@work.example", "led@work.example"),
            ("led", "6 3"),
            ("l", "6 3"),
            ("amp", "led@home.example"),
            ("toaster", "6 1"),
        ];
        for (typed, expected) in cases {
            assert_eq!(found(typed), expected, "{typed}");
        }
    }

    #[test]
    fn fields_by_label_variable_or_its_last_part() {
        let mut lamp = a_device("lamp@home.example", "Lamp");
        lamp.fields = vec![
            a_field("#0", "Power", ControlView::Header),
            a_field("xmpp.iot.actuator.power", "Switch", ControlView::Switch),
            a_field("xmpp.iot.sensor.temp", "Temperature", ControlView::Text),
            FieldView {
                read_only: true,
                ..a_field("xmpp.iot.sensor.power", "Power", ControlView::Text)
            },
        ];
        for (typed, var) in [
            ("xmpp.iot.actuator.power", "xmpp.iot.actuator.power"),
            ("power", "xmpp.iot.actuator.power"),
            ("switch", "xmpp.iot.actuator.power"),
            ("Temp", "xmpp.iot.sensor.temp"),
        ] {
            assert_eq!(field(&lamp, typed).unwrap().var, var, "{typed}");
        }
        assert_eq!(field(&lamp, "colour").unwrap_err().code, BAD_INPUT);
    }

    #[test]
    fn values_as_they_are_typed() {
        let choice = ControlView::Choice {
            options: vec![OptionView {
                value: "eco".to_owned(),
                label: "Saving".to_owned(),
            }],
            open: false,
        };
        let number = ControlView::Number {
            min: None,
            max: None,
            whole: false,
        };
        let text = |text: &str| Some(ValueView::Text(text.to_owned()));
        let cases = [
            (ControlView::Switch, "On", Some(ValueView::Bool(true))),
            (ControlView::Switch, "0", Some(ValueView::Bool(false))),
            (ControlView::Switch, "maybe", None),
            (ControlView::Button, "press", Some(ValueView::Bool(true))),
            (number.clone(), "-18", Some(ValueView::Number(-18.0))),
            (number.clone(), "22,5", None),
            (number, "inf", None),
            (choice.clone(), "saving", text("eco")),
            (choice, "turbo", text("turbo")),
            (ControlView::Text, " as it is ", text(" as it is ")),
        ];
        for (control, typed, expected) in cases {
            let field = a_field("v", "V", control);
            assert_eq!(value(&field, typed).ok(), expected, "{typed}");
        }
    }
}
