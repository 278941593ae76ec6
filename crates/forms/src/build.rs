//! Declaring a form, as a device or a server does.

use crate::{
    Choice, Field, FieldKind, Form, FormKind, Method, SliderRange, Validation, kinds::FORM_TYPE,
};

impl Form {
    /// An empty form of this kind.
    pub fn new(kind: FormKind) -> Self {
        Form {
            kind,
            ..Form::default()
        }
    }

    /// With a title.
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// With one more paragraph of instructions.
    pub fn with_instructions(mut self, text: impl Into<String>) -> Self {
        self.instructions.push(text.into());
        self
    }

    /// With the hidden field that says what the form is about (XEP-0068).
    pub fn with_form_type(self, form_type: impl Into<String>) -> Self {
        self.with(Field::hidden(FORM_TYPE, form_type))
    }

    /// With one more field.
    pub fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }
}

impl Field {
    /// A field of this kind.
    pub fn new(kind: FieldKind, var: impl Into<String>) -> Self {
        Field {
            var: Some(var.into()),
            kind,
            kind_declared: true,
            ..Field::default()
        }
    }

    /// On or off.
    pub fn boolean(var: impl Into<String>) -> Self {
        Self::new(FieldKind::Boolean, var)
    }

    /// A line of text.
    pub fn text(var: impl Into<String>) -> Self {
        Self::new(FieldKind::TextSingle, var)
    }

    /// A line of text that is a number (`xs:decimal`), within the bounds where given.
    pub fn number(var: impl Into<String>, min: Option<f64>, max: Option<f64>) -> Self {
        let text = |bound: Option<f64>| bound.map(|bound| bound.to_string());
        let method = Method::Range {
            min: text(min),
            max: text(max),
        };
        Self::text(var).with_validation("xs:decimal", method)
    }

    /// A number between two others. A range that makes no sense is left out, see
    /// [`SliderRange::new`].
    pub fn slider(var: impl Into<String>, min: f64, max: f64, step: f64) -> Self {
        Field {
            slider: SliderRange::new(min, max, step),
            ..Self::new(FieldKind::Slider, var)
        }
    }

    /// One of a list of values and their labels.
    pub fn list<V, L>(var: impl Into<String>, choices: impl IntoIterator<Item = (V, L)>) -> Self
    where
        V: Into<String>,
        L: Into<String>,
    {
        let options = choices
            .into_iter()
            .map(|(value, label)| Choice {
                value: value.into(),
                label: Some(label.into()),
            })
            .collect();
        Field {
            options,
            ..Self::new(FieldKind::ListSingle, var)
        }
    }

    /// Pressed, not held.
    pub fn button(var: impl Into<String>) -> Self {
        Self::new(FieldKind::Button, var)
    }

    /// Returned as it came, not shown.
    pub fn hidden(var: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(FieldKind::Hidden, var).with_value(value)
    }

    /// A paragraph of text.
    pub fn fixed(text: impl Into<String>) -> Self {
        let field = Field {
            kind: FieldKind::Fixed,
            kind_declared: true,
            ..Field::default()
        };
        field.with_value(text)
    }

    /// A heading.
    pub fn header(label: impl Into<String>) -> Self {
        let field = Field {
            kind: FieldKind::Header,
            kind_declared: true,
            ..Field::default()
        };
        field.with_label(label)
    }

    /// With a label.
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With a longer description.
    pub fn with_description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// With one more value.
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.values.push(value.into());
        self
    }

    /// With a rule (XEP-0122).
    pub fn with_validation(mut self, datatype: impl Into<String>, method: Method) -> Self {
        self.validate = Some(Validation {
            datatype: datatype.into(),
            method,
            list_range: None,
        });
        self
    }

    /// Must be answered.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Shown, not to be changed (XEP-0336).
    pub fn read_only(mut self) -> Self {
        self.dynamic.read_only = true;
        self
    }

    /// The form is posted back when this field was edited (XEP-0336).
    pub fn post_back(mut self) -> Self {
        self.dynamic.post_back = true;
        self
    }

    /// Its value is not the same for all, or not known yet (XEP-0336).
    pub fn not_same(mut self) -> Self {
        self.dynamic.not_same = true;
        self
    }

    /// With what is wrong with the value (XEP-0336).
    pub fn with_error(mut self, text: impl Into<String>) -> Self {
        self.dynamic.error = Some(text.into());
        self
    }
}

impl SliderRange {
    /// `None` unless all are finite, `min` is less than `max` and `step` is positive.
    pub fn new(min: f64, max: f64, step: f64) -> Option<Self> {
        let sound = [min, max, step].iter().all(|number| number.is_finite());
        (sound && min < max && step > 0.0).then_some(SliderRange { min, max, step })
    }
}
