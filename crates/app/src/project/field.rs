//! The fields of a form, and how to draw each.
//!
//! Every field of a form that is to be shown becomes one [`FieldView`], in the order of the
//! form's layout. What has no control of its own is a line of text with a hint, never nothing.

use roost_forms::{
    Block, BlockPart, Datatype, Field, FieldKind, Form, Method, Warning, WarningKind,
};

use super::device::warning_code;
use crate::api::{ControlView, FieldView, OptionView, WarningCode};

/// What is to be shown of a form, in order.
pub(super) fn fields(form: &Form, warnings: &[Warning]) -> Vec<FieldView> {
    let mut shown = Shown {
        warnings,
        fields: Vec::new(),
    };
    for page in form.layout() {
        shown.block(&page);
    }
    shown.fields
}

struct Shown<'a> {
    warnings: &'a [Warning],
    fields: Vec<FieldView>,
}

impl Shown<'_> {
    fn block(&mut self, block: &Block<'_>) {
        if let Some(label) = block.label {
            self.text(ControlView::Header, label);
        }
        for part in &block.parts {
            match part {
                BlockPart::Text(text) => self.text(ControlView::Note, text),
                BlockPart::Section(section) => self.block(section),
                BlockPart::Field(field) => self.field(field),
                // A device's form asks; it has no results to report.
                BlockPart::Report => {}
            }
        }
    }

    /// A text of the layout itself.
    fn text(&mut self, control: ControlView, text: &str) {
        let var = self.made_up_var();
        let is_note = control == ControlView::Note;
        self.fields.push(FieldView {
            var,
            control,
            label: if is_note {
                String::new()
            } else {
                text.to_owned()
            },
            description: None,
            read_only: true,
            text: if is_note {
                vec![text.to_owned()]
            } else {
                Vec::new()
            },
            hint: None,
        });
    }

    fn field(&mut self, field: &Field) {
        let control = control(field);
        let is_text = matches!(control, ControlView::Note | ControlView::Header);
        let var = field.var.clone().unwrap_or_else(|| self.made_up_var());
        let label = match (&field.label, &field.var) {
            (Some(label), _) => label.clone(),
            (None, Some(var)) if !is_text => var.clone(),
            _ => String::new(),
        };
        self.fields.push(FieldView {
            hint: self.hint(field, &control),
            var,
            control,
            label,
            description: field.description.clone(),
            read_only: is_text || field.dynamic.read_only,
            text: if is_text {
                field.values.clone()
            } else {
                Vec::new()
            },
        });
    }

    fn made_up_var(&self) -> String {
        format!("#{}", self.fields.len())
    }

    /// What was odd about a field, where it changes how it is drawn.
    fn hint(&self, field: &Field, control: &ControlView) -> Option<WarningCode> {
        const TELLING: [WarningKind; 5] = [
            WarningKind::FieldType,
            WarningKind::NoOptions,
            WarningKind::BadRange,
            WarningKind::BadValidation,
            WarningKind::TooLarge,
        ];
        let told = self
            .warnings
            .iter()
            .find(|warning| warning.var == field.var && TELLING.contains(&warning.kind));
        let stands_in = *control == ControlView::Text
            && !matches!(field.kind, FieldKind::TextSingle | FieldKind::JidSingle);
        told.filter(|_| field.var.is_some())
            .map(|warning| warning_code(warning.kind))
            .or_else(|| stands_in.then_some(WarningCode::FieldType))
    }
}

fn control(field: &Field) -> ControlView {
    match field.kind {
        FieldKind::Boolean => ControlView::Switch,
        FieldKind::Fixed => ControlView::Note,
        FieldKind::Header => ControlView::Header,
        FieldKind::Button => ControlView::Button,
        FieldKind::Slider => match field.slider {
            Some(range) => ControlView::Slider {
                min: range.min,
                max: range.max,
                step: range.step,
            },
            None => number(field, false),
        },
        FieldKind::ListSingle if !field.options.is_empty() => choice(field),
        FieldKind::TextSingle => match field.datatype() {
            Datatype::Boolean => ControlView::Switch,
            Datatype::Integer { .. } => number(field, true),
            Datatype::Decimal | Datatype::Double => number(field, false),
            _ if !field.options.is_empty() => choice(field),
            _ => ControlView::Text,
        },
        _ => ControlView::Text,
    }
}

fn number(field: &Field, whole: bool) -> ControlView {
    let (min, max) = match field.validate.as_ref().map(|rules| &rules.method) {
        Some(Method::Range { min, max }) => (bound(min.as_ref()), bound(max.as_ref())),
        _ => (None, None),
    };
    ControlView::Number { min, max, whole }
}

fn bound(text: Option<&String>) -> Option<f64> {
    text?.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

fn choice(field: &Field) -> ControlView {
    let options = field.options.iter().map(|option| OptionView {
        value: option.value.clone(),
        label: option.label.clone().unwrap_or_else(|| option.value.clone()),
    });
    ControlView::Choice {
        options: options.collect(),
        open: field
            .validate
            .as_ref()
            .is_some_and(|rules| rules.method == Method::Open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(fields: impl IntoIterator<Item = Field>) -> Vec<FieldView> {
        let form = Form {
            fields: fields.into_iter().collect(),
            ..Form::default()
        };
        super::fields(&form, &[])
    }

    #[test]
    fn each_field_and_its_control() {
        let number = |min, max, whole| ControlView::Number { min, max, whole };
        let range = |min: &str, max: &str| Method::Range {
            min: Some(min.to_owned()),
            max: Some(max.to_owned()),
        };
        let cases = [
            (Field::boolean("v"), ControlView::Switch),
            (Field::button("v"), ControlView::Button),
            (Field::text("v"), ControlView::Text),
            (Field::header("Light"), ControlView::Header),
            (Field::fixed("Read me"), ControlView::Note),
            (
                Field::slider("v", 5.0, 30.0, 0.5),
                ControlView::Slider {
                    min: 5.0,
                    max: 30.0,
                    step: 0.5,
                },
            ),
            (
                Field::text("v").with_validation("xs:integer", range("1", "9")),
                number(Some(1.0), Some(9.0), true),
            ),
            (
                Field::text("v").with_validation("xs:double", range("low", "INF")),
                number(None, None, false),
            ),
            (
                Field::text("v").with_validation("xs:boolean", Method::Basic),
                ControlView::Switch,
            ),
            (
                Field::list("v", [("eco", "Saving")]),
                ControlView::Choice {
                    options: vec![OptionView {
                        value: "eco".into(),
                        label: "Saving".into(),
                    }],
                    open: false,
                },
            ),
        ];
        for (field, control) in cases {
            assert_eq!(show([field.clone()])[0].control, control, "{field:?}");
        }
    }

    #[test]
    fn hidden_fields_are_hidden_and_nothing_else_is_lost() {
        let shown = show([
            Field::hidden("FORM_TYPE", "x"),
            Field::fixed("Read me"),
            Field::boolean("led").with_label("Lamp").read_only(),
            Field::new(FieldKind::TextMulti, "notes"),
            Field::list("mode", [] as [(&str, &str); 0]),
        ]);
        let brief: Vec<_> = shown
            .iter()
            .map(|f| (f.var.as_str(), f.label.as_str(), f.read_only, f.hint))
            .collect();
        let odd = Some(WarningCode::FieldType);
        let expected = [
            ("#0", "", true, None),
            ("led", "Lamp", true, None),
            ("notes", "notes", false, odd),
            ("mode", "mode", false, odd),
        ];
        assert_eq!(brief, expected);
        assert_eq!(shown[0].text, ["Read me"]);
    }

    #[test]
    fn what_was_odd_about_a_field_is_a_hint() {
        let form = Form {
            fields: vec![Field::text("v")],
            ..Form::default()
        };
        let warnings = [
            Warning {
                var: None,
                kind: WarningKind::FormType,
            },
            Warning {
                var: Some("v".into()),
                kind: WarningKind::FieldType,
            },
        ];
        let shown = fields(&form, &warnings);
        assert_eq!(shown[0].hint, Some(WarningCode::FieldType));
    }
}
