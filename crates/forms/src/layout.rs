//! Pages and sections (XEP-0141).
//!
//! A layout is a hint on top of a form that is complete without it. So bad hints are dropped with
//! a warning, and no field is ever lost: [`Form::layout`] puts what no page mentions on a last
//! page.

use std::collections::{HashMap, HashSet};

use minidom::Element;

use crate::limits::{MAX_DEPTH, MAX_LABEL_BYTES, MAX_PARTS, MAX_TEXT_BYTES};
use crate::xml::{Reader, element, is, set, text_element};
use crate::{Field, FieldKind, Form, Part, Section, WarningKind, ns};

/// A page or a section with everything that belongs in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block<'a> {
    /// Shown above it; a page without one is shown under the form's title. Hostile text.
    pub label: Option<&'a str>,
    /// What is in it, in order.
    pub parts: Vec<BlockPart<'a>>,
}

/// A part of a [`Block`].
#[derive(Clone, Debug, PartialEq)]
pub enum BlockPart<'a> {
    /// Text to show. Hostile.
    Text(&'a str),
    /// A section inside.
    Section(Block<'a>),
    /// A field; never a hidden one.
    Field(&'a Field),
    /// The table of [`Form::reported`] and [`Form::items`].
    Report,
}

impl Form {
    /// The pages to show, each field and the report exactly once, and nothing that is empty. A
    /// form without a layout is one page; fields that the layout forgets are on a last page
    /// without a label.
    pub fn layout(&self) -> Vec<Block<'_>> {
        let mut unplaced = Unplaced {
            fields: self
                .named()
                .filter(|(_, field)| field.kind != FieldKind::Hidden)
                .collect(),
            report: self.has_report(),
        };
        let mut pages: Vec<_> = self
            .pages
            .iter()
            .map(|page| unplaced.resolve(page, MAX_DEPTH))
            .collect();
        pages.retain(|page| !page.parts.is_empty());
        let mut rest = Block::default();
        for field in self
            .fields
            .iter()
            .filter(|field| field.kind != FieldKind::Hidden)
        {
            if field
                .var
                .as_deref()
                .is_none_or(|var| unplaced.fields.remove(var).is_some())
            {
                rest.parts.push(BlockPart::Field(field));
            }
        }
        if unplaced.report {
            rest.parts.push(BlockPart::Report);
        }
        if !rest.parts.is_empty() || pages.is_empty() {
            pages.push(rest);
        }
        pages
    }
}

/// What no page has mentioned so far.
struct Unplaced<'a> {
    fields: HashMap<&'a str, &'a Field>,
    report: bool,
}

impl<'a> Unplaced<'a> {
    fn resolve(&mut self, section: &'a Section, depth: usize) -> Block<'a> {
        let mut block = Block {
            label: section.label.as_deref(),
            parts: Vec::new(),
        };
        for part in &section.parts {
            match part {
                Part::Text(text) => block.parts.push(BlockPart::Text(text)),
                Part::Section(section) if depth > 1 => {
                    let inner = self.resolve(section, depth - 1);
                    if !inner.parts.is_empty() {
                        block.parts.push(BlockPart::Section(inner));
                    }
                }
                Part::Section(_) => {}
                Part::Field(var) => {
                    block
                        .parts
                        .extend(self.fields.remove(var.as_str()).map(BlockPart::Field));
                }
                Part::Report => {
                    if std::mem::take(&mut self.report) {
                        block.parts.push(BlockPart::Report);
                    }
                }
            }
        }
        block
    }
}

impl Section {
    /// Reads the pages of a form whose fields are known; references that lead nowhere or lead
    /// somewhere for the second time are dropped.
    pub(crate) fn read_pages(pages: &[&Element], form: &Form, reader: &mut Reader) -> Vec<Section> {
        let vars = form
            .fields
            .iter()
            .filter_map(|field| field.var.as_deref())
            .collect();
        let mut open = Open {
            vars,
            report: form.has_report(),
            parts: MAX_PARTS,
        };
        pages
            .iter()
            .map(|page| read_section(page, MAX_DEPTH, &mut open, reader))
            .collect()
    }

    pub(crate) fn write_page(&self) -> Element {
        self.write("page")
    }

    fn write(&self, name: &str) -> Element {
        let mut section = element(name, ns::LAYOUT);
        if let Some(label) = &self.label {
            set(&mut section, "label", label);
        }
        for part in &self.parts {
            section.append_child(match part {
                Part::Text(text) => text_element("text", ns::LAYOUT, text),
                Part::Section(section) => section.write("section"),
                Part::Field(var) => {
                    let mut reference = element("fieldref", ns::LAYOUT);
                    set(&mut reference, "var", var);
                    reference
                }
                Part::Report => element("reportedref", ns::LAYOUT),
            });
        }
        section
    }
}

/// What may still be referred to, and how many parts may still be read.
struct Open<'a> {
    vars: HashSet<&'a str>,
    report: bool,
    parts: usize,
}

impl Open<'_> {
    /// Whether one more part may be read.
    fn take_part(&mut self, reader: &mut Reader) -> bool {
        if self.parts == 0 {
            reader.warn(None, WarningKind::TooLarge);
            return false;
        }
        self.parts -= 1;
        true
    }
}

fn read_section(
    section: &Element,
    depth: usize,
    open: &mut Open<'_>,
    reader: &mut Reader,
) -> Section {
    let label = reader.shown_attr(section, "label", MAX_LABEL_BYTES, None);
    let mut parts = Vec::new();
    for child in section.children() {
        if !open.take_part(reader) {
            break;
        }
        if is(child, "text", ns::LAYOUT) {
            parts.extend(reader.shown_in(child, MAX_TEXT_BYTES, None).map(Part::Text));
        } else if is(child, "section", ns::LAYOUT) {
            if depth > 1 {
                parts.push(Part::Section(read_section(child, depth - 1, open, reader)));
            } else {
                reader.warn(None, WarningKind::TooLarge);
            }
        } else if is(child, "fieldref", ns::LAYOUT) {
            let var = child.attr("var").unwrap_or_default();
            if open.vars.remove(var) {
                parts.push(Part::Field(var.to_owned()));
            } else {
                reader.warn(Some(var), WarningKind::BadReference);
            }
        } else if is(child, "reportedref", ns::LAYOUT) {
            if std::mem::take(&mut open.report) {
                parts.push(Part::Report);
            } else {
                reader.warn(None, WarningKind::BadReference);
            }
        }
    }
    Section { label, parts }
}
