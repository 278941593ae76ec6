//! A form drawn as text, so that a snapshot reads like what a person would see.

use std::fmt::Write;

use roost_forms::{Block, BlockPart, Edits, Field, Form, Method, Warning};

pub(crate) fn parse(xml: &str) -> minidom::Element {
    xml.parse()
        .unwrap_or_else(|error| panic!("{error}: {xml:.2000}"))
}

pub(crate) fn read(xml: &str) -> (Form, Vec<Warning>) {
    Form::read(&parse(xml)).unwrap_or_else(|| panic!("no form: {xml:.2000}"))
}

/// A file of `fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!(
        "{}/tests/forms/fixtures/{name}.xml",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn edits<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [&'a str])>) -> Edits {
    entries
        .into_iter()
        .map(|(var, values)| {
            (
                var.to_owned(),
                values.iter().map(|&value| value.into()).collect(),
            )
        })
        .collect()
}

pub(crate) fn view(form: &Form, warnings: &[Warning]) -> String {
    let mut out = String::new();
    let title = form.title.as_deref().unwrap_or_default();
    let _ = writeln!(out, "{} {title:?}", form.kind.name());
    for text in &form.instructions {
        let _ = writeln!(out, "  {text:?}");
    }
    for field in form
        .fields
        .iter()
        .filter(|field| !field.kind.is_answerable())
    {
        if field.kind == roost_forms::FieldKind::Hidden {
            draw_field(&mut out, field, 1);
        }
    }
    for page in form.layout() {
        draw_block(&mut out, "page", &page, form, 0);
    }
    for warning in warnings {
        let var = warning.var.as_deref().unwrap_or("-");
        let _ = writeln!(out, "! {:?} {var}", warning.kind);
    }
    out
}

fn draw_block(out: &mut String, name: &str, block: &Block<'_>, form: &Form, depth: usize) {
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}[{name} {:?}]", block.label.unwrap_or_default());
    for part in &block.parts {
        match part {
            BlockPart::Text(text) => {
                let _ = writeln!(out, "{pad}  {text:?}");
            }
            BlockPart::Section(block) => draw_block(out, "section", block, form, depth + 1),
            BlockPart::Field(field) => draw_field(out, field, depth + 1),
            BlockPart::Report => draw_report(out, form, depth + 1),
        }
    }
}

fn draw_field(out: &mut String, field: &Field, depth: usize) {
    let pad = "  ".repeat(depth);
    let _ = write!(
        out,
        "{pad}{} {}",
        field.kind.name(),
        field.var.as_deref().unwrap_or("-")
    );
    if let Some(label) = &field.label {
        let _ = write!(out, " {label:?}");
    }
    if !field.values.is_empty() {
        let _ = write!(out, " = {:?}", field.values);
    }
    let flags = [
        (field.required, "required"),
        (field.incomplete, "incomplete"),
        (field.dynamic.post_back, "post-back"),
        (field.dynamic.read_only, "read-only"),
        (field.dynamic.not_same, "not-same"),
    ];
    for (_, flag) in flags.iter().filter(|(set, _)| *set) {
        let _ = write!(out, " +{flag}");
    }
    if let Some(error) = &field.dynamic.error {
        let _ = write!(out, " error {error:?}");
    }
    out.push('\n');
    if let Some(text) = &field.description {
        let _ = writeln!(out, "{pad}  ({text})");
    }
    if let Some(range) = &field.slider {
        let _ = writeln!(
            out,
            "{pad}  from {} to {} by {}",
            range.min, range.max, range.step
        );
    }
    if let Some(rule) = &field.validate {
        let method = match &rule.method {
            Method::Basic => "basic".to_owned(),
            Method::Open => "open".to_owned(),
            Method::Range { min, max } => format!("{min:?} to {max:?}"),
            Method::Regex(pattern) => format!("like {pattern}"),
        };
        let _ = write!(out, "{pad}  {} {method}", rule.datatype);
        if let Some((min, max)) = rule.list_range {
            let _ = write!(out, ", {min:?} to {max:?} of them");
        }
        out.push('\n');
    }
    for choice in &field.options {
        let _ = writeln!(out, "{pad}  - {:?} {:?}", choice.value, choice.label);
    }
    for media in &field.media {
        let _ = writeln!(out, "{pad}  media {:?} x {:?}", media.width, media.height);
        for (kind, uri) in &media.uris {
            let _ = writeln!(out, "{pad}    {kind} {uri}");
        }
    }
}

fn draw_report(out: &mut String, form: &Form, depth: usize) {
    let pad = "  ".repeat(depth);
    let vars: Vec<_> = form
        .reported
        .iter()
        .filter_map(|column| column.var.as_deref())
        .collect();
    let heads: Vec<_> = form
        .reported
        .iter()
        .map(|column| {
            column
                .label
                .as_deref()
                .or(column.var.as_deref())
                .unwrap_or_default()
        })
        .collect();
    let _ = writeln!(out, "{pad}| {}", heads.join(" | "));
    for row in &form.items {
        let cell = |var: &str| {
            let cell = row.iter().find(|cell| cell.var.as_deref() == Some(var));
            cell.map(Field::as_text).unwrap_or_default()
        };
        let cells: Vec<_> = vars.iter().map(|var| cell(var)).collect();
        let _ = writeln!(out, "{pad}| {}", cells.join(" | "));
    }
}
