//! The form of a board: the item `current` of `xmpp.iot.ui`.
//!
//! It holds no values: each field's `var` names the item that does. A point that cannot be changed
//! is marked `readOnly` (XEP-0336); numbers carry their datatype (XEP-0122), so that a reader may
//! format and check them.

use roost_forms::{Dynamic, Field, FieldKind, Form, FormKind, Method, Validation};
use roost_model::ValueKind;

use crate::{Control, Description, Entry, Point};

/// The form that describes a board to people.
pub fn form_of(description: &Description) -> Form {
    Form {
        kind: FormKind::Form,
        title: Some(description.name.clone()),
        instructions: description.instructions.clone(),
        fields: description.entries().iter().map(field_of).collect(),
        ..Form::default()
    }
}

fn field_of(entry: &Entry) -> Field {
    match entry {
        Entry::Header(text) => Field {
            kind: FieldKind::Header,
            kind_declared: true,
            label: Some(text.clone()),
            ..Field::default()
        },
        Entry::Note(text) => Field {
            kind: FieldKind::Fixed,
            kind_declared: true,
            values: vec![text.clone()],
            ..Field::default()
        },
        Entry::Point(point) => point_field(point),
    }
}

fn point_field(point: &Point) -> Field {
    let (kind, options, slider) = match &point.control {
        Control::Shown if point.kind == ValueKind::Bool => (FieldKind::Boolean, vec![], None),
        Control::Shown | Control::Line { .. } => (FieldKind::TextSingle, vec![], None),
        Control::Switch => (FieldKind::Boolean, vec![], None),
        Control::Button => (FieldKind::Button, vec![], None),
        Control::Slider(range) => (FieldKind::Slider, vec![], Some(*range)),
        Control::List(choices) => (FieldKind::ListSingle, choices.clone(), None),
    };
    Field {
        var: Some(point.item.as_str().to_owned()),
        kind,
        kind_declared: true,
        label: Some(point.label.clone()),
        options,
        slider,
        validate: datatype(point.kind).map(|datatype| Validation {
            datatype: datatype.to_owned(),
            method: Method::Basic,
            list_range: None,
        }),
        dynamic: Dynamic {
            read_only: !point.is_writable(),
            ..Dynamic::default()
        },
        ..Field::default()
    }
}

fn datatype(kind: ValueKind) -> Option<&'static str> {
    match kind {
        ValueKind::Int => Some("xs:integer"),
        ValueKind::Uint => Some("xs:long"),
        ValueKind::Float => Some("xs:double"),
        ValueKind::Bool | ValueKind::Text => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use roost_model::Profile;

    use super::*;
    use crate::BoardKind;

    #[test]
    fn the_thermostat_as_a_form() {
        let board = BoardKind::Thermostat.build(Profile::Roost, 7, Path::new("/nonexistent"));
        let form = form_of(board.description());
        let lines: Vec<String> = form
            .fields
            .iter()
            .map(|field| {
                let lock = if field.dynamic.read_only {
                    " read-only"
                } else {
                    ""
                };
                let var = field.var.as_deref().unwrap_or("-");
                format!("{var} {:?}{lock}", field.kind)
            })
            .collect();
        assert_eq!(
            lines,
            [
                "- Header",
                "xmpp.iot.sensor.temp TextSingle read-only",
                "xmpp.iot.sensor.humidity TextSingle read-only",
                "- Header",
                "xmpp.iot.actuator.setpoint Slider",
                "xmpp.iot.actuator.mode ListSingle",
                "xmpp.iot.sensor.heating Boolean read-only",
                "- Fixed",
                "xmpp.iot.actuator.display TextSingle",
            ]
        );
    }
}
