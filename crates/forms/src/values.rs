//! The values of a field: whether they say anything, and the one way to say it.

use std::collections::HashSet;

use crate::kinds::parse_bool;
use crate::{Datatype, Field, FieldError, FieldErrorCode, FieldKind};

impl Field {
    /// Whether it is not sent unless it was edited.
    pub(crate) fn is_withheld(&self) -> bool {
        !self.is_editable()
            || self.kind == FieldKind::Button
            || self.dynamic.not_same
            || self.incomplete
    }

    /// Whether these values say nothing. The empty text is an answer where it is an option.
    pub(crate) fn is_unanswered(&self, values: &[impl AsRef<str>]) -> bool {
        let mut values = values.iter().map(AsRef::as_ref);
        values.all(|value: &str| value.is_empty() && !self.is_option(value))
    }

    /// Whether the value is one of the list's options.
    pub(crate) fn is_option(&self, value: &str) -> bool {
        self.kind.is_list() && self.options.iter().any(|choice| choice.value == value)
    }

    /// The values as they are sent: one way to say each thing.
    pub(crate) fn normal(&self, values: &[String]) -> Vec<String> {
        match self.kind {
            FieldKind::Hidden | FieldKind::Fixed | FieldKind::Header => values.to_vec(),
            FieldKind::TextMulti => lines(values),
            FieldKind::JidMulti => unique_jids(values),
            FieldKind::ListMulti => self.in_order_of_options(values),
            FieldKind::Boolean if values.is_empty() => vec!["0".to_owned()],
            _ if values.is_empty() => vec![String::new()],
            FieldKind::Boolean
            | FieldKind::Button
            | FieldKind::JidSingle
            | FieldKind::ListSingle
            | FieldKind::Slider
            | FieldKind::TextPrivate
            | FieldKind::TextSingle => values
                .iter()
                .map(|value| self.normal_value(value))
                .collect(),
        }
    }

    /// Devices compare with `1`, so this is how true is written. Blanks around a value are taken
    /// off where they cannot belong to it.
    fn normal_value(&self, value: &str) -> String {
        match (self.kind, parse_bool(value)) {
            (FieldKind::Boolean, Some(true)) => "1".to_owned(),
            (FieldKind::Boolean, Some(false)) => "0".to_owned(),
            (FieldKind::Boolean, None) | (FieldKind::TextPrivate, _) => value.to_owned(),
            (FieldKind::JidSingle | FieldKind::Slider, _) => value.trim().to_owned(),
            _ if self.datatype() == Datatype::Text || self.is_option(value) => value.to_owned(),
            _ => value.trim().to_owned(),
        }
    }

    /// Options in their own order (section 3.3), then others as they were entered; each once.
    fn in_order_of_options(&self, values: &[String]) -> Vec<String> {
        let chosen: HashSet<&str> = values.iter().map(String::as_str).collect();
        let of_options = self.options.iter().map(|choice| &choice.value);
        let mut seen = HashSet::new();
        let mut ordered: Vec<String> = of_options
            .filter(|value| chosen.contains(value.as_str()) && seen.insert(value.as_str()))
            .cloned()
            .collect();
        for value in values.iter().filter(|value| !value.is_empty()) {
            if seen.insert(value) {
                ordered.push(self.normal_value(value));
            }
        }
        ordered
    }

    pub(crate) fn answered(&self, values: Vec<String>) -> Field {
        let var = self.var.clone();
        let kind_declared = self.kind == FieldKind::Hidden;
        Field {
            var,
            kind: self.kind,
            kind_declared,
            values,
            ..Field::default()
        }
    }

    pub(crate) fn error(&self, code: FieldErrorCode) -> FieldError {
        FieldError {
            var: self.var.clone().unwrap_or_default(),
            code,
            value: None,
        }
    }
}

fn lines(values: &[String]) -> Vec<String> {
    let lines: Vec<String> = values
        .iter()
        .flat_map(|value| value.split('\n'))
        .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
        .collect();
    if lines.iter().all(String::is_empty) {
        Vec::new()
    } else {
        lines
    }
}

/// Duplicates are to be ignored, as addresses and not as texts (section 3.3).
fn unique_jids(values: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    values
        .iter()
        .map(|value| value.trim())
        .filter(|value| !value.is_empty())
        .filter(|value| {
            let name = value.parse::<jid::Jid>();
            seen.insert(name.map_or_else(|_| (*value).to_owned(), |jid| jid.to_string()))
        })
        .map(str::to_owned)
        .collect()
}
