//! Validation rules (XEP-0122) as they travel. What they ask for is in [`check`].

pub(crate) mod check;
mod datatype;
mod decimal;
mod moment;
mod pattern;

use minidom::Element;

use crate::limits::{MAX_LABEL_BYTES, MAX_TEXT_BYTES};
use crate::xml::{Reader, element, is, set, text_element};
use crate::{Method, Validation, WarningKind, ns};

pub use datatype::Datatype;
use pattern::Pattern;

impl Validation {
    /// What its values are.
    pub fn datatype(&self) -> Datatype {
        Datatype::from_name(&self.datatype)
    }

    /// `<validate/>`. What contradicts itself is read as basic, with a warning.
    pub(crate) fn read(validate: &Element, reader: &mut Reader, var: Option<&str>) -> Validation {
        let datatype = reader
            .shown_attr(validate, "datatype", MAX_LABEL_BYTES, var)
            .unwrap_or_else(|| "xs:string".to_owned());
        let mut methods = Vec::new();
        let mut list_range = None;
        for child in validate.children() {
            if is(child, "list-range", ns::VALIDATE) {
                list_range = list_range.or(read_list_range(child, reader, var));
            } else {
                methods.push(child);
            }
        }
        let method = match methods[..] {
            [] => Method::Basic,
            [method] => read_method(method, &datatype, reader, var).unwrap_or_else(|| {
                reader.warn(var, WarningKind::BadValidation);
                Method::Basic
            }),
            _ => {
                reader.warn(var, WarningKind::BadValidation);
                Method::Basic
            }
        };
        Validation {
            datatype,
            method,
            list_range,
        }
    }

    pub(crate) fn write(&self) -> Element {
        let mut validate = element("validate", ns::VALIDATE);
        if !self.datatype.is_empty() {
            set(&mut validate, "datatype", &self.datatype);
        }
        if self.datatype.starts_with("xdc:") {
            validate.prefixes = (Some("xdc".to_owned()), ns::COLOR.to_owned()).into();
        }
        validate.append_child(match &self.method {
            Method::Basic => element("basic", ns::VALIDATE),
            Method::Open => element("open", ns::VALIDATE),
            Method::Range { min, max } => write_range("range", min.as_deref(), max.as_deref()),
            Method::Regex(pattern) => text_element("regex", ns::VALIDATE, pattern),
        });
        if let Some((min, max)) = self.list_range {
            let text = |bound: Option<u32>| bound.map(|bound| bound.to_string());
            let (min, max) = (text(min), text(max));
            validate.append_child(write_range("list-range", min.as_deref(), max.as_deref()));
        }
        validate
    }
}

fn read_method(
    method: &Element,
    datatype: &str,
    reader: &mut Reader,
    var: Option<&str>,
) -> Option<Method> {
    if is(method, "basic", ns::VALIDATE) {
        Some(Method::Basic)
    } else if is(method, "open", ns::VALIDATE) {
        Some(Method::Open)
    } else if is(method, "range", ns::VALIDATE) {
        Some(read_range(method, datatype, reader, var))
    } else if is(method, "regex", ns::VALIDATE) {
        let pattern = reader.whole_in(method, MAX_TEXT_BYTES, var)?;
        Pattern::parse(&pattern)?;
        Some(Method::Regex(pattern))
    } else {
        None
    }
}

/// A range that makes no sense is read as one without bounds: on a list or on lines of text it
/// still says that other values are allowed (section 3.2).
fn read_range(range: &Element, datatype: &str, reader: &mut Reader, var: Option<&str>) -> Method {
    let min = reader.shown_attr(range, "min", MAX_LABEL_BYTES, var);
    let max = reader.shown_attr(range, "max", MAX_LABEL_BYTES, var);
    if check::is_sound_range(
        Datatype::from_name(datatype),
        min.as_deref(),
        max.as_deref(),
    ) {
        return Method::Range { min, max };
    }
    reader.warn(var, WarningKind::BadRange);
    Method::Range {
        min: None,
        max: None,
    }
}

fn read_list_range(
    range: &Element,
    reader: &mut Reader,
    var: Option<&str>,
) -> Option<(Option<u32>, Option<u32>)> {
    let mut bound = |name| {
        let text = range.attr(name)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            reader.warn(var, WarningKind::BadRange);
        }
        number
    };
    let (min, max): (Option<u32>, Option<u32>) = (bound("min"), bound("max"));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        reader.warn(var, WarningKind::BadRange);
        return None;
    }
    (min.is_some() || max.is_some()).then_some((min, max))
}

fn write_range(name: &str, min: Option<&str>, max: Option<&str>) -> Element {
    let mut range = element(name, ns::VALIDATE);
    if let Some(min) = min {
        set(&mut range, "min", min);
    }
    if let Some(max) = max {
        set(&mut range, "max", max);
    }
    range
}
