//! Whether values are what a field asks for.
//!
//! The same rules hold where a person types, in the app, and where the answer arrives, in a
//! device or a server: XEP-0122, section 4.4, warns that nobody may rely on the other side.

use std::cmp::Ordering;

use super::datatype::{Content, Datatype};
use super::pattern::{MAX_MATCHED_BYTES, Pattern};
use crate::kinds::parse_bool;
use crate::limits::{MAX_VALUE_BYTES, MAX_VALUES};
use crate::xml::is_xml_char;
use crate::{Field, FieldError, FieldErrorCode, FieldKind, Method};

/// Checks values for a field: their number, their type (XEP-0004, section 3.3), and the rules of
/// XEP-0122. The first thing that is wrong is the error. Whether the field may be changed at all
/// is not asked here, see [`answer()`](crate::answer()).
///
/// An optional field without a value is valid whatever its rules say.
///
/// Time and memory are bounded, whatever pattern the field brings along.
pub fn validate<S: AsRef<str>>(field: &Field, values: &[S]) -> Result<(), FieldError> {
    let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
    check(field, &values).map_err(|(code, at)| FieldError {
        var: field.var.clone().unwrap_or_default(),
        code,
        value: at.and_then(|at| u32::try_from(at).ok()),
    })
}

/// Whether a range can be kept: an ordered datatype, bounds of it, the least not above the
/// greatest.
pub(crate) fn is_sound_range(datatype: Datatype, min: Option<&str>, max: Option<&str>) -> bool {
    match (read_bound(datatype, min), read_bound(datatype, max)) {
        (Ok(None), Ok(None)) => true,
        (Ok(min), Ok(max)) if datatype.is_ordered() => {
            let orders = min.zip(max).map(|(min, max)| min.compare(&max));
            !matches!(orders, Some(None | Some(Ordering::Greater)))
        }
        _ => false,
    }
}

fn read_bound(
    datatype: Datatype,
    bound: Option<&str>,
) -> Result<Option<Content<'_>>, FieldErrorCode> {
    bound.map(|bound| datatype.read(bound.trim())).transpose()
}

/// What is wrong, and with which of the values.
type Fault = (FieldErrorCode, Option<usize>);

fn check(field: &Field, values: &[&str]) -> Result<(), Fault> {
    if !field.kind.is_answerable() {
        return Ok(());
    }
    check_carriage(field, values)?;
    if field.is_unanswered(values) {
        return check_unanswered(field);
    }
    check_number_chosen(field, values)?;
    if field.kind == FieldKind::TextMulti && method_of(field) == &Method::Basic {
        return check_value(field, &values.join("\n")).map_err(|code| (code, None));
    }
    for (at, value) in values.iter().enumerate() {
        check_value(field, value).map_err(|code| (code, Some(at)))?;
    }
    Ok(())
}

/// Whether the values can be sent at all.
fn check_carriage(field: &Field, values: &[&str]) -> Result<(), Fault> {
    let most = if field.kind.has_many_values() {
        MAX_VALUES
    } else {
        1
    };
    if values.len() > most {
        return Err((FieldErrorCode::TooManyValues, None));
    }
    for (at, value) in values.iter().enumerate() {
        let code = if value.len() > MAX_VALUE_BYTES {
            FieldErrorCode::TooLong
        } else if !value.chars().all(is_xml_char) {
            FieldErrorCode::BadCharacter
        } else if value.contains(['\n', '\r']) {
            FieldErrorCode::LineBreak
        } else {
            continue;
        };
        return Err((code, Some(at)));
    }
    Ok(())
}

fn check_unanswered(field: &Field) -> Result<(), Fault> {
    // A button is pressed or not; nobody can be made to press it.
    if field.required && field.kind != FieldKind::Button {
        return Err((FieldErrorCode::Required, None));
    }
    check_number_chosen(field, &[])
}

fn check_number_chosen(field: &Field, values: &[&str]) -> Result<(), Fault> {
    let range = field.validate.as_ref().and_then(|rule| rule.list_range);
    let (FieldKind::ListMulti, Some((min, max))) = (field.kind, range) else {
        return Ok(());
    };
    let chosen = u32::try_from(values.len()).unwrap_or(u32::MAX);
    if min.is_some_and(|min| chosen < min) {
        Err((FieldErrorCode::TooFew, None))
    } else if max.is_some_and(|max| chosen > max) {
        Err((FieldErrorCode::TooMany, None))
    } else {
        Ok(())
    }
}

fn check_value(field: &Field, value: &str) -> Result<(), FieldErrorCode> {
    match field.kind {
        FieldKind::Boolean => parse_bool(value)
            .map(|_| ())
            .ok_or(FieldErrorCode::NotABoolean),
        FieldKind::JidSingle | FieldKind::JidMulti => {
            value
                .parse::<jid::Jid>()
                .map_err(|_| FieldErrorCode::NotAJid)?;
            check_rule(field, Datatype::Text, value)
        }
        FieldKind::ListSingle | FieldKind::ListMulti => {
            if field.is_option(value) {
                Ok(())
            } else if method_of(field) == &Method::Basic {
                Err(FieldErrorCode::NotAnOption)
            } else {
                check_rule(field, field.datatype(), value)
            }
        }
        FieldKind::Slider => {
            check_slider(field, value)?;
            check_rule(field, field.datatype(), value)
        }
        FieldKind::TextSingle
        | FieldKind::TextPrivate
        | FieldKind::TextMulti
        | FieldKind::Button => check_rule(field, field.datatype(), value),
        FieldKind::Fixed | FieldKind::Header | FieldKind::Hidden => Ok(()),
    }
}

/// Not whether it is a multiple of the step: the step is for the hand, and a value that a device
/// reports may lie between.
fn check_slider(field: &Field, value: &str) -> Result<(), FieldErrorCode> {
    let number: f64 = match Datatype::Double.read(value)? {
        Content::Double(number) if number.is_finite() => number,
        _ => return Err(FieldErrorCode::NotANumber),
    };
    match field.slider {
        Some(range) if number < range.min => Err(FieldErrorCode::TooSmall),
        Some(range) if number > range.max => Err(FieldErrorCode::TooGreat),
        _ => Ok(()),
    }
}

fn check_rule(field: &Field, datatype: Datatype, value: &str) -> Result<(), FieldErrorCode> {
    if value.is_empty() {
        return Ok(());
    }
    let content = datatype.read(value)?;
    match method_of(field) {
        Method::Basic | Method::Open => Ok(()),
        Method::Range { min, max } => check_range(datatype, content, min, max),
        Method::Regex(pattern) => check_pattern(pattern, value),
    }
}

fn check_range(
    datatype: Datatype,
    content: Content<'_>,
    min: &Option<String>,
    max: &Option<String>,
) -> Result<(), FieldErrorCode> {
    let order = |bound: &Option<String>| {
        let bound = datatype.read(bound.as_deref()?.trim()).ok()?;
        // NaN is in no order, and so in no range.
        bound
            .compare(&content)
            .or(Some(Ordering::Greater))
            .filter(|_| datatype.is_ordered())
    };
    if order(min) == Some(Ordering::Greater) {
        Err(FieldErrorCode::TooSmall)
    } else if matches!(order(max), Some(Ordering::Less)) {
        Err(FieldErrorCode::TooGreat)
    } else {
        Ok(())
    }
}

fn check_pattern(pattern: &str, value: &str) -> Result<(), FieldErrorCode> {
    if value.len() > MAX_MATCHED_BYTES {
        return Err(FieldErrorCode::TooLong);
    }
    match Pattern::parse(pattern).and_then(|pattern| pattern.matches(value)) {
        Some(false) => Err(FieldErrorCode::NoMatch),
        Some(true) | None => Ok(()),
    }
}

fn method_of(field: &Field) -> &Method {
    field
        .validate
        .as_ref()
        .map_or(&Method::Basic, |rule| &rule.method)
}
