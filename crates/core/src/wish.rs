//! Whether a wish fits the field it is for, and how it is written to the device.

use roost_forms::{Datatype, Field, FieldErrorCode, FieldKind, validate};
use roost_model::{Val, Value, ValueKind};

use crate::Refusal;

/// Checks a wish against the field as the device declares it now, and gives the value to write.
///
/// `reported` is the type in which the device itself reports this value: it is answered in kind,
/// since a device may compare texts. A wish may come as text whatever the field is.
///
/// # Errors
/// [`Refusal::NoSuchField`], [`Refusal::ReadOnly`], [`Refusal::BadValue`],
/// [`Refusal::NotAnOption`] or [`Refusal::OutOfRange`].
pub(crate) fn check(
    field: &Field,
    reported: Option<ValueKind>,
    wanted: &Value,
) -> Result<Value, Refusal> {
    use FieldKind as K;
    match field.kind {
        K::Fixed | K::Header | K::Hidden => return Err(Refusal::NoSuchField),
        // One item holds one value, so there is no way to write several.
        K::ListMulti | K::JidMulti => return Err(Refusal::ReadOnly),
        _ if field.dynamic.read_only => return Err(Refusal::ReadOnly),
        _ => {}
    }
    let text = wanted.to_string();
    if text.trim().is_empty() {
        // An empty value crashes thesis firmware.
        return Err(Refusal::BadValue("it is empty".to_owned()));
    }
    validate(field, &[&text]).map_err(|error| refusal(error.code))?;

    let suggested = suggested_kind(field).unwrap_or(ValueKind::Text);
    let value = [reported.unwrap_or(suggested), suggested]
        .into_iter()
        .find_map(|kind| read_as(&text, kind))
        .ok_or_else(|| Refusal::BadValue("it is not of the field's type".to_owned()))?;
    if field.kind == K::Button && value == Value::Bool(false) {
        return Err(Refusal::BadValue("a button can only be pressed".to_owned()));
    }
    Ok(value)
}

/// The type that a field suggests for values that declare none.
pub(crate) fn suggested_kind(field: &Field) -> Option<ValueKind> {
    match field.kind {
        FieldKind::Boolean | FieldKind::Button => Some(ValueKind::Bool),
        FieldKind::Slider => Some(ValueKind::Float),
        _ => match field.validate.as_ref()?.datatype() {
            Datatype::Boolean => Some(ValueKind::Bool),
            Datatype::Integer { .. } => Some(ValueKind::Int),
            Datatype::Decimal | Datatype::Double => Some(ValueKind::Float),
            _ => None,
        },
    }
}

/// How far a report may be from what was asked and still grant it: a device rounds to the step
/// of its slider.
pub(crate) fn tolerance(field: &Field) -> f64 {
    field.slider.map_or(0.0, |range| range.step / 2.0)
}

fn read_as(text: &str, kind: ValueKind) -> Option<Value> {
    let val = Val::from_wire(text, Some(kind.name()), None, None);
    val.read(None).ok()
}

fn refusal(code: FieldErrorCode) -> Refusal {
    use FieldErrorCode as C;
    match code {
        C::NotAnOption => Refusal::NotAnOption,
        C::TooSmall | C::TooGreat => Refusal::OutOfRange,
        C::NoSuchField => Refusal::NoSuchField,
        C::ReadOnly => Refusal::ReadOnly,
        other => Refusal::BadValue(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_and_what_becomes_of_them() {
        use Value::{Bool, Float, Int, Text};
        let text = |text: &str| Text(text.to_owned());
        let bad = |why: &str| Err(Refusal::BadValue(why.to_owned()));
        let power = Field::boolean("power");
        let level = Field::slider("level", 0.0, 10.0, 0.5);
        let mode = Field::list("mode", [("eco", "Eco"), ("off", "Off")]);
        let count = Field::number("count", Some(1.0), Some(5.0));
        let cases = [
            (&power, None, Bool(true), Ok(Bool(true))),
            (&power, None, text("true"), Ok(Bool(true))),
            (&power, None, text("0"), Ok(Bool(false))),
            (
                &power,
                None,
                text("maybe"),
                bad("it is neither true nor false"),
            ),
            (&power, None, text(""), bad("it is empty")),
            (&power, Some(ValueKind::Int), Bool(true), Ok(Int(1))),
            (&level, None, Float(2.5), Ok(Float(2.5))),
            (&level, None, text("2.5"), Ok(Float(2.5))),
            (&level, Some(ValueKind::Int), Float(2.0), Ok(Int(2))),
            (&level, Some(ValueKind::Int), Float(2.5), Ok(Float(2.5))),
            (&level, None, Float(11.0), Err(Refusal::OutOfRange)),
            (&level, None, Float(f64::NAN), bad("it is not a number")),
            (&level, None, text("2,5"), bad("it is not a number")),
            (&mode, None, text("eco"), Ok(text("eco"))),
            (&mode, None, text("boost"), Err(Refusal::NotAnOption)),
            (&count, None, Float(5.0), Ok(Float(5.0))),
            (&count, None, Float(6.0), Err(Refusal::OutOfRange)),
            (&Field::button("go"), None, Bool(true), Ok(Bool(true))),
            (
                &Field::button("go"),
                None,
                Bool(false),
                bad("a button can only be pressed"),
            ),
            (
                &Field::header("Kitchen"),
                None,
                Bool(true),
                Err(Refusal::NoSuchField),
            ),
            (
                &Field::boolean("lit").read_only(),
                None,
                Bool(true),
                Err(Refusal::ReadOnly),
            ),
        ];
        for (field, reported, wanted, expected) in cases {
            let got = check(field, reported, &wanted);
            assert_eq!(got, expected, "{:?} {wanted:?}", field.var);
        }
    }
}
