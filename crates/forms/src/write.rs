//! Writing a form (XEP-0004), strictly.

use minidom::Element;

use crate::xml::{element, set, text_element};
use crate::{Field, FieldKind, Form, FormKind, ns};

impl Form {
    /// The form as XEP-0004 wants it for its kind, in the order of its schema:
    ///
    /// - a form carries everything;
    /// - a submit form carries names and values only (types where declared, section 3.2);
    /// - a cancel form carries nothing;
    /// - a result carries no `required` and no flags, and one with a table carries no other
    ///   fields (section 3.4).
    ///
    /// Characters that XML cannot carry are replaced by U+FFFD.
    pub fn write(&self) -> Element {
        let mut x = element("x", ns::DATA);
        set(&mut x, "type", self.kind.name());
        match self.kind {
            FormKind::Cancel => {}
            FormKind::Submit => self.write_fields(&mut x),
            FormKind::Form => {
                self.write_head(&mut x);
                for page in &self.pages {
                    x.append_child(page.write_page());
                }
                self.write_fields(&mut x);
            }
            FormKind::Result => {
                self.write_head(&mut x);
                for page in &self.pages {
                    x.append_child(page.write_page());
                }
                if self.has_report() {
                    self.write_report(&mut x);
                } else {
                    self.write_fields(&mut x);
                }
            }
        }
        x
    }

    fn write_head(&self, x: &mut Element) {
        if let Some(title) = &self.title {
            x.append_child(text_element("title", ns::DATA, title));
        }
        for text in &self.instructions {
            x.append_child(text_element("instructions", ns::DATA, text));
        }
    }

    fn write_fields(&self, x: &mut Element) {
        for field in &self.fields {
            for element in field.write(self.kind) {
                x.append_child(element);
            }
        }
    }

    fn write_report(&self, x: &mut Element) {
        let mut reported = element("reported", ns::DATA);
        for column in &self.reported {
            let mut field = column.write_name();
            if let Some(label) = &column.label {
                set(&mut field, "label", label);
            }
            if column.kind_declared {
                set(&mut field, "type", column.kind.name());
            }
            reported.append_child(field);
        }
        x.append_child(reported);
        for row in &self.items {
            let mut item = element("item", ns::DATA);
            for cell in row {
                let mut field = cell.write_name();
                cell.write_values(&mut field, cell.kind_declared);
                item.append_child(field);
            }
            x.append_child(item);
        }
    }
}

impl Field {
    /// One element; none where the field has no place in a form of this kind; several where
    /// fixed text of several paragraphs has to be several fields (XEP-0004, section 3.3).
    fn write(&self, form: FormKind) -> Vec<Element> {
        if self.var.is_none() && !(self.kind.may_be_nameless() && form != FormKind::Submit) {
            return Vec::new();
        }
        if self.kind == FieldKind::Fixed && self.values.len() > 1 {
            return (0..self.values.len())
                .map(|at| self.paragraph(at).write_one(form))
                .collect();
        }
        vec![self.write_one(form)]
    }

    /// The paragraph `at` of fixed text as a field of its own; the name stays with the first.
    fn paragraph(&self, at: usize) -> Field {
        let values = vec![self.values[at].clone()];
        if at == 0 {
            return Field {
                values,
                ..self.clone()
            };
        }
        Field {
            kind: self.kind,
            kind_declared: true,
            values,
            ..Field::default()
        }
    }

    fn write_one(&self, form: FormKind) -> Element {
        let mut field = self.write_name();
        let typed = self.kind_declared || form == FormKind::Form;
        if typed {
            set(&mut field, "type", self.kind.name());
        }
        if form == FormKind::Submit {
            self.write_values(&mut field, typed);
            return field;
        }
        if let Some(label) = &self.label {
            set(&mut field, "label", label);
        }
        self.write_slider(&mut field);
        if let Some(description) = &self.description {
            field.append_child(text_element("desc", ns::DATA, description));
        }
        // XEP-0336, section 3.4, and common sense: neither can be answered for certain.
        let optional = self.dynamic.read_only || self.dynamic.not_same;
        if self.required && form == FormKind::Form && !optional {
            field.append_child(element("required", ns::DATA));
        }
        self.write_values(&mut field, typed);
        self.write_options(&mut field);
        if let Some(validate) = &self.validate {
            field.append_child(validate.write());
        }
        for media in &self.media {
            field.append_child(media.write());
        }
        if form == FormKind::Form {
            self.dynamic.write_flags(&mut field);
        }
        field
    }

    fn write_name(&self) -> Element {
        let mut field = element("field", ns::DATA);
        if let Some(var) = &self.var {
            set(&mut field, "var", var);
        }
        field
    }

    fn write_slider(&self, field: &mut Element) {
        if let (FieldKind::Slider, Some(range)) = (self.kind, self.slider) {
            set(field, "min", &range.min.to_string());
            set(field, "max", &range.max.to_string());
            set(field, "steps", &range.step.to_string());
        }
    }

    /// Where the type is not written the reader knows it, so all values are.
    fn write_values(&self, field: &mut Element, typed: bool) {
        let count = if typed && !self.kind.has_many_values() {
            1
        } else {
            usize::MAX
        };
        for value in self.values.iter().take(count) {
            if self.kind == FieldKind::TextMulti && value.contains(['\n', '\r']) {
                for line in value.lines() {
                    field.append_child(text_element("value", ns::DATA, line));
                }
            } else {
                field.append_child(text_element("value", ns::DATA, value));
            }
        }
    }

    fn write_options(&self, field: &mut Element) {
        if !self.kind.is_list() {
            return;
        }
        for choice in &self.options {
            let mut option = element("option", ns::DATA);
            if let Some(label) = &choice.label {
                set(&mut option, "label", label);
            }
            option.append_child(text_element("value", ns::DATA, &choice.value));
            field.append_child(option);
        }
    }
}
