//! The names of the types, and what each type of field is like.

use std::fmt;

use crate::{Datatype, Field, FieldKind, Form, FormKind, Validation};

impl FormKind {
    /// The type of a name as in XEP-0004, section 3.1, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Form, Self::Submit, Self::Cancel, Self::Result]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Its name as in XEP-0004, section 3.1.
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Submit => "submit",
            Self::Cancel => "cancel",
            Self::Result => "result",
        }
    }
}

impl FieldKind {
    /// All kinds; a user interface that draws each of them is complete.
    pub const ALL: [FieldKind; 13] = [
        Self::Boolean,
        Self::Fixed,
        Self::Hidden,
        Self::JidMulti,
        Self::JidSingle,
        Self::ListMulti,
        Self::ListSingle,
        Self::TextMulti,
        Self::TextPrivate,
        Self::TextSingle,
        Self::Button,
        Self::Header,
        Self::Slider,
    ];

    /// The type of a name as in XEP-0004, section 3.3, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Its name as in XEP-0004, section 3.3.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Fixed => "fixed",
            Self::Hidden => "hidden",
            Self::JidMulti => "jid-multi",
            Self::JidSingle => "jid-single",
            Self::ListMulti => "list-multi",
            Self::ListSingle => "list-single",
            Self::TextMulti => "text-multi",
            Self::TextPrivate => "text-private",
            Self::TextSingle => "text-single",
            Self::Button => "button",
            Self::Header => "header",
            Self::Slider => "slider",
        }
    }

    /// Whether it has options.
    pub fn is_list(self) -> bool {
        matches!(self, Self::ListMulti | Self::ListSingle)
    }

    /// Whether more than one value is kept. Fixed text is among them: devices write paragraphs
    /// into it, and no paragraph should be lost.
    pub fn has_many_values(self) -> bool {
        matches!(
            self,
            Self::JidMulti | Self::ListMulti | Self::TextMulti | Self::Hidden | Self::Fixed
        )
    }

    /// Whether it may go without a `var`: it only says something.
    pub fn may_be_nameless(self) -> bool {
        matches!(self, Self::Fixed | Self::Header)
    }

    /// Whether a person can give it a value.
    pub fn is_answerable(self) -> bool {
        !matches!(self, Self::Fixed | Self::Header | Self::Hidden)
    }
}

impl Form {
    /// The fields that have a name, with it.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields
            .iter()
            .filter_map(|field| Some((field.var.as_deref()?, field)))
    }

    /// The field of this name.
    pub fn field(&self, var: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.var.as_deref() == Some(var))
    }

    /// The field of this name.
    pub fn field_mut(&mut self, var: &str) -> Option<&mut Field> {
        self.fields
            .iter_mut()
            .find(|field| field.var.as_deref() == Some(var))
    }

    /// The first value of the field of this name.
    pub fn value(&self, var: &str) -> Option<&str> {
        self.field(var)?.value()
    }

    /// What the form is about (XEP-0068): the value of the field `FORM_TYPE`, which must be
    /// hidden, except that a submit form need not say so.
    pub fn form_type(&self) -> Option<&str> {
        let field = self.field(FORM_TYPE)?;
        let counts = match self.kind {
            FormKind::Submit => field.kind == FieldKind::Hidden || !field.kind_declared,
            FormKind::Form | FormKind::Cancel | FormKind::Result => field.kind == FieldKind::Hidden,
        };
        counts.then(|| field.value()).flatten()
    }

    /// Whether it has fields that are posted back while it is being filled in (XEP-0336); such a
    /// form has a session on the other side, which is to be cancelled when it is not submitted.
    pub fn is_dynamic(&self) -> bool {
        self.fields.iter().any(|field| field.dynamic.post_back)
    }
}

/// The `var` of the field that says what a form is about (XEP-0068, section 3.1).
pub const FORM_TYPE: &str = "FORM_TYPE";

impl Field {
    /// Its first value.
    pub fn value(&self) -> Option<&str> {
        self.values.first().map(String::as_str)
    }

    /// Whether it can be edited: a person can give it a value, and it is not read-only.
    pub fn is_editable(&self) -> bool {
        self.kind.is_answerable() && !self.dynamic.read_only
    }

    /// Whether it has no value, or only empty ones.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(String::is_empty)
    }

    /// What its values are (XEP-0122); text where nothing is said.
    pub fn datatype(&self) -> Datatype {
        self.validate
            .as_ref()
            .map_or(Datatype::Text, Validation::datatype)
    }

    /// Its value as a Boolean; false without a value, `None` if the value is not Boolean
    /// (XEP-0004, section 3.3).
    pub fn as_bool(&self) -> Option<bool> {
        self.value().map_or(Some(false), parse_bool)
    }

    /// Its values as lines of one text.
    pub fn as_text(&self) -> String {
        self.values.join("\n")
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = vec!["…".to_owned(); self.values.len()];
        let values = if self.kind == FieldKind::TextPrivate {
            &secret
        } else {
            &self.values
        };
        f.debug_struct("Field")
            .field("var", &self.var)
            .field("kind", &self.kind)
            .field("kind_declared", &self.kind_declared)
            .field("label", &self.label)
            .field("description", &self.description)
            .field("required", &self.required)
            .field("values", values)
            .field("incomplete", &self.incomplete)
            .field("options", &self.options)
            .field("validate", &self.validate)
            .field("slider", &self.slider)
            .field("dynamic", &self.dynamic)
            .field("media", &self.media)
            .finish()
    }
}

/// `true`, `false`, `1` or `0`, in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for kind in FieldKind::ALL {
            assert_eq!(FieldKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(
            FieldKind::from_name(" Text-Single\n"),
            Some(FieldKind::TextSingle)
        );
        assert_eq!(FormKind::from_name("FORM"), Some(FormKind::Form));
        assert_eq!(FieldKind::from_name("text"), None);
    }

    #[test]
    fn a_boolean_is_false_until_it_says_otherwise() {
        let cases = [
            (None, Some(false)),
            (Some("1"), Some(true)),
            (Some("TRUE"), Some(true)),
            (Some("0"), Some(false)),
            (Some("yes"), None),
            (Some(""), None),
        ];
        for (value, expected) in cases {
            let values = value.into_iter().map(str::to_owned).collect();
            let field = Field {
                kind: FieldKind::Boolean,
                values,
                ..Field::default()
            };
            assert_eq!(field.as_bool(), expected, "{value:?}");
        }
    }
}
