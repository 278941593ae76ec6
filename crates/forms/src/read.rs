//! Reading a form (XEP-0004), leniently.

use std::collections::HashSet;

use minidom::Element;

use crate::limits::{
    MAX_FIELDS, MAX_ITEMS, MAX_LABEL_BYTES, MAX_MEDIA, MAX_OPTIONS, MAX_PARTS, MAX_TEXT_BYTES,
    MAX_VALUE_BYTES, MAX_VALUES, MAX_VAR_BYTES,
};
use crate::xml::{Reader, is, text_of};
use crate::{
    Choice, Field, FieldKind, Form, FormKind, Media, Method, Section, SliderRange, Validation,
    Warning, WarningKind, ns,
};

impl Form {
    /// Reads a form. `None` only if the element is not `<x xmlns='jabber:x:data'/>`; everything
    /// else is read as far as it makes sense, and the warnings say what had to be assumed.
    ///
    /// The result is bounded by [`limits`](crate::limits) whatever comes in.
    pub fn read(x: &Element) -> Option<(Form, Vec<Warning>)> {
        if !x.is("x", ns::DATA) {
            return None;
        }
        let mut reader = Reader::new();
        let form = read_form(x, &mut reader);
        Some((form, reader.finish()))
    }
}

fn read_form(x: &Element, reader: &mut Reader) -> Form {
    let mut form = Form {
        kind: read_form_kind(x, reader),
        ..Form::default()
    };
    let mut seen = HashSet::new();
    let mut pages = Vec::new();
    for child in x.children() {
        if is(child, "field", ns::DATA) {
            read_field_into(
                &mut form.fields,
                child,
                Place::Of(form.kind),
                &mut seen,
                reader,
            );
        } else if is(child, "title", ns::DATA) {
            form.title = form.title.or(reader.shown_in(child, MAX_LABEL_BYTES, None));
        } else if is(child, "instructions", ns::DATA) {
            if let Some(text) = reader.shown_in(child, MAX_TEXT_BYTES, None) {
                push_bounded(&mut form.instructions, text, MAX_PARTS, None, reader);
            }
        } else if is(child, "reported", ns::DATA) {
            let mut columns = HashSet::new();
            for field in child
                .children()
                .filter(|field| is(field, "field", ns::DATA))
            {
                let place = Place::Column;
                read_field_into(&mut form.reported, field, place, &mut columns, reader);
            }
        } else if is(child, "item", ns::DATA) {
            let row = read_item(child, reader);
            push_bounded(&mut form.items, row, MAX_ITEMS, None, reader);
        } else if is(child, "page", ns::LAYOUT) {
            pages.push(child);
        }
    }
    if form.reported.is_empty() {
        form.reported = form.implied_columns();
    }
    form.pages = Section::read_pages(&pages, &form, reader);
    form
}

fn read_form_kind(x: &Element, reader: &mut Reader) -> FormKind {
    x.attr("type")
        .and_then(FormKind::from_name)
        .unwrap_or_else(|| {
            reader.warn(None, WarningKind::FormType);
            FormKind::Form
        })
}

fn read_item(item: &Element, reader: &mut Reader) -> Vec<Field> {
    let mut row = Vec::new();
    let mut seen = HashSet::new();
    for field in item.children().filter(|field| is(field, "field", ns::DATA)) {
        read_field_into(&mut row, field, Place::Cell, &mut seen, reader);
    }
    row
}

/// Where a field stands; it decides whether its type has to be written.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Of(FormKind),
    Column,
    Cell,
}

fn read_field_into<'a>(
    fields: &mut Vec<Field>,
    element: &'a Element,
    place: Place,
    seen: &mut HashSet<&'a str>,
    reader: &mut Reader,
) {
    let var = element.attr("var").filter(|var| !var.is_empty());
    if fields.len() >= MAX_FIELDS {
        reader.warn(None, WarningKind::TooLarge);
        return;
    }
    let (kind, kind_declared) = read_field_kind(element, place, var, reader);
    match var {
        None if !kind.may_be_nameless() => {
            reader.warn(None, WarningKind::NoVar);
            return;
        }
        Some(var) if !seen.insert(var) => {
            reader.warn(Some(var), WarningKind::DuplicateVar);
            return;
        }
        _ => {}
    }
    let Some(name) = reader.whole(var.unwrap_or_default(), MAX_VAR_BYTES, None) else {
        return;
    };
    let mut field = Field {
        var: var.is_some().then_some(name),
        kind,
        kind_declared,
        ..Field::default()
    };
    field.label = reader.shown_attr(element, "label", MAX_LABEL_BYTES, var);
    read_children(&mut field, element, reader);
    if kind == FieldKind::Slider {
        field.slider = read_slider(element);
    }
    settle(&mut field, place, reader);
    fields.push(field);
}

fn read_field_kind(
    element: &Element,
    place: Place,
    var: Option<&str>,
    reader: &mut Reader,
) -> (FieldKind, bool) {
    match element.attr("type").map(FieldKind::from_name) {
        Some(Some(kind)) => (kind, true),
        None if place != Place::Of(FormKind::Form) => (FieldKind::TextSingle, false),
        Some(None) | None => {
            reader.warn(var, WarningKind::FieldType);
            (FieldKind::TextSingle, false)
        }
    }
}

fn read_children(field: &mut Field, element: &Element, reader: &mut Reader) {
    let var = element.attr("var");
    for child in element.children() {
        if is(child, "value", ns::DATA) {
            read_value(field, child, reader, var);
        } else if is(child, "option", ns::DATA) {
            if field.kind.is_list() {
                read_option(field, child, reader, var);
            }
        } else if is(child, "desc", ns::DATA) {
            let text = reader.shown_in(child, MAX_TEXT_BYTES, var);
            field.description = field.description.take().or(text);
        } else if is(child, "required", ns::DATA) {
            field.required = true;
        } else if is(child, "validate", ns::VALIDATE) {
            if field.validate.is_none() {
                field.validate = Some(Validation::read(child, reader, var));
            }
        } else if is(child, "media", ns::MEDIA) {
            let media = Media::read(child, reader, var);
            push_bounded(&mut field.media, media, MAX_MEDIA, var, reader);
        } else {
            field.dynamic.read_flag(child, reader, var);
        }
    }
}

fn read_value(field: &mut Field, element: &Element, reader: &mut Reader, var: Option<&str>) {
    let text = text_of(element);
    if field.kind == FieldKind::TextMulti && text.contains(['\n', '\r']) {
        for line in text.lines() {
            push_value(field, line, reader, var);
        }
    } else {
        push_value(field, &text, reader, var);
    }
}

fn push_value(field: &mut Field, text: &str, reader: &mut Reader, var: Option<&str>) {
    if field.values.len() >= MAX_VALUES {
        reader.warn(var, WarningKind::TooLarge);
        field.incomplete = true;
        return;
    }
    match reader.whole(text, MAX_VALUE_BYTES, var) {
        Some(value) => field.values.push(value),
        None => field.incomplete = true,
    }
}

fn read_option(field: &mut Field, element: &Element, reader: &mut Reader, var: Option<&str>) {
    let Some(value) = element
        .children()
        .find(|child| is(child, "value", ns::DATA))
    else {
        return;
    };
    if field.options.len() >= MAX_OPTIONS {
        reader.warn(var, WarningKind::TooLarge);
        field.incomplete = true;
        return;
    }
    let Some(value) = reader.whole_in(value, MAX_VALUE_BYTES, var) else {
        field.incomplete = true;
        return;
    };
    let label = reader.shown_attr(element, "label", MAX_LABEL_BYTES, var);
    field.options.push(Choice { value, label });
}

/// `steps` is the size of a step, as the thesis' client takes it.
fn read_slider(element: &Element) -> Option<SliderRange> {
    let number = |name| element.attr(name)?.trim().parse::<f64>().ok();
    let step = if element.attr("steps").is_some() {
        number("steps")?
    } else {
        1.0
    };
    SliderRange::new(number("min")?, number("max")?, step)
}

/// Resolves what contradicts itself inside a field.
fn settle(field: &mut Field, place: Place, reader: &mut Reader) {
    let var = field.var.clone();
    let var = var.as_deref();
    let typed = field.kind_declared || place == Place::Of(FormKind::Form);
    if typed && field.values.len() > 1 && !field.kind.has_many_values() {
        reader.warn(var, WarningKind::TooManyValues);
        field.values.truncate(1);
    }
    if field.required && field.dynamic.read_only {
        reader.warn(var, WarningKind::RequiredReadOnly);
        field.required = false;
    }
    // XEP-0336, section 3.4: a field whose value is not known cannot be required.
    if field.dynamic.not_same {
        field.required = false;
    }
    if place != Place::Of(FormKind::Form) {
        return;
    }
    if field.kind == FieldKind::Slider && field.slider.is_none() {
        reader.warn(var, WarningKind::BadRange);
    }
    let is_open = field
        .validate
        .as_ref()
        .is_some_and(|rule| rule.method != Method::Basic);
    if field.kind.is_list() && field.options.is_empty() && !is_open {
        reader.warn(var, WarningKind::NoOptions);
    }
}

/// Keeps `value` if there is room for it.
pub(crate) fn push_bounded<T>(
    values: &mut Vec<T>,
    value: T,
    limit: usize,
    var: Option<&str>,
    reader: &mut Reader,
) {
    if values.len() < limit {
        values.push(value);
    } else {
        reader.warn(var, WarningKind::TooLarge);
    }
}
