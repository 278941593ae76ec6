//! Answering a form, and taking an answer (XEP-0004, sections 3.2 and 3.5).

use std::collections::{BTreeMap, HashMap};

use crate::{Field, FieldError, FieldErrorCode, FieldKind, Form, FormKind, validate};

/// What a person entered: the values of each edited field, by `var`. Lines of a text may be
/// values of their own or stand in one value.
pub type Edits = BTreeMap<String, Vec<String>>;

/// The submit form that answers `form` as edited, or an error for each field that is wrong.
///
/// - Hidden fields are returned as they came, in the order of the form.
/// - Edited fields are sent as entered, also where they were emptied.
/// - Other fields are sent with the value they were shown with, since not every receiver
///   remembers it; without a value they are left out, which means: as it is (section 3.5).
/// - Left out as well: text, buttons that were not pressed, read-only fields, fields whose value
///   is not known (`notSame`) or not [complete](Field::incomplete), and values of the other side
///   that break its own rules in a field that needs no answer.
pub fn answer(form: &Form, edits: &Edits) -> Result<Form, Vec<FieldError>> {
    let mut errors = misplaced(form, edits);
    let mut submit = Form::new(FormKind::Submit);
    for field in &form.fields {
        let Some(var) = &field.var else {
            continue;
        };
        match answer_field(field, edits.get(var)) {
            Ok(Some(values)) => submit.fields.push(field.answered(values)),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(submit)
    } else {
        Err(errors)
    }
}

/// Checks an answer on the side that asked: the values of the fields to change, by `var`, or an
/// error for each field that is wrong, to be told as `not-acceptable`.
///
/// Fields that are not in `form` are ignored, fields that are not in the answer stay as they are,
/// unless they are required. Hidden and read-only fields may be in it, but not with other values.
pub fn accept(form: &Form, submit: &Form) -> Result<Edits, Vec<FieldError>> {
    let given: HashMap<&str, &Field> = submit.named().collect();
    let mut accepted = Edits::new();
    let mut errors = Vec::new();
    for field in &form.fields {
        let Some(var) = &field.var else {
            continue;
        };
        match (given.get(var.as_str()), field.kind) {
            (_, FieldKind::Fixed | FieldKind::Header) => {}
            (None, _) => errors.extend(validate_omitted(field).err()),
            (Some(given), _) if !field.is_editable() => {
                if field.normal(&given.values) != field.normal(&field.values) {
                    errors.push(field.error(FieldErrorCode::ReadOnly));
                }
            }
            (Some(given), _) => {
                let values = field.normal(&given.values);
                match validate(field, &values) {
                    Ok(()) => {
                        accepted.insert(var.clone(), values);
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
    }
    if errors.is_empty() {
        Ok(accepted)
    } else {
        Err(errors)
    }
}

/// Takes a form that was posted back (XEP-0336, section 3.2): `form` with the values that were
/// entered, and what is wrong with them so far. Nobody has to have answered yet.
///
/// The side that asks then adds, removes and changes fields, puts its own words into
/// [`Dynamic::error`](crate::Dynamic::error) of those that are wrong, and returns the result.
pub fn posted_back(form: &Form, state: &Form) -> (Form, Vec<FieldError>) {
    let entered: HashMap<&str, &Field> = state.named().collect();
    let mut form = form.clone();
    let mut errors = Vec::new();
    for field in form.fields.iter_mut().filter(|field| field.is_editable()) {
        let Some(given) = field.var.as_deref().and_then(|var| entered.get(var)) else {
            continue;
        };
        field.values = field.normal(&given.values);
        field.dynamic.not_same = false;
        field.dynamic.error = None;
        let verdict = validate(field, &field.values);
        errors.extend(
            verdict
                .err()
                .filter(|error| error.code != FieldErrorCode::Required),
        );
    }
    (form, errors)
}

/// Edits of what cannot be edited.
fn misplaced(form: &Form, edits: &Edits) -> Vec<FieldError> {
    edits
        .keys()
        .filter_map(|var| match form.field(var) {
            None => Some(FieldError {
                var: var.clone(),
                code: FieldErrorCode::NoSuchField,
                value: None,
            }),
            Some(field) if !field.is_editable() => Some(field.error(FieldErrorCode::ReadOnly)),
            Some(_) => None,
        })
        .collect()
}

fn answer_field(
    field: &Field,
    edit: Option<&Vec<String>>,
) -> Result<Option<Vec<String>>, FieldError> {
    if field.kind == FieldKind::Hidden {
        return Ok((!field.incomplete).then(|| field.values.clone()));
    }
    match edit {
        Some(values) if field.is_editable() => {
            let values = field.normal(values);
            validate(field, &values)?;
            Ok(Some(values))
        }
        _ => answer_unedited(field),
    }
}

fn answer_unedited(field: &Field) -> Result<Option<Vec<String>>, FieldError> {
    if field.is_withheld() {
        validate_omitted(field)?;
        return Ok(None);
    }
    if field.is_unanswered(&field.values) {
        if field.kind == FieldKind::Boolean && field.required {
            // Its default is false (section 3.3), so it never lacks an answer.
            return Ok(Some(vec!["0".to_owned()]));
        }
        validate_omitted(field)?;
        return Ok(None);
    }
    let values = field.normal(&field.values);
    match validate(field, &values) {
        Ok(()) => Ok(Some(values)),
        Err(error) if field.required => Err(error),
        Err(_) => Ok(None),
    }
}

fn validate_omitted(field: &Field) -> Result<(), FieldError> {
    let needed = field.required && field.is_editable() && field.kind != FieldKind::Button;
    if needed {
        Err(field.error(FieldErrorCode::Required))
    } else {
        Ok(())
    }
}
