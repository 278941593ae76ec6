//! Reading elements leniently and within bounds, and making elements.

use std::borrow::Cow;

use minidom::rxml::{Namespace, NcName};
use minidom::{Element, NSChoice};

use crate::limits::{MAX_FORM_BYTES, MAX_VAR_BYTES, MAX_WARNINGS};
use crate::{Warning, WarningKind, ns};

/// Whether `element` is meant to be `<name xmlns='namespace'/>`.
///
/// Extensions of data forms have always been written carelessly: children lose the prefix of
/// their parent, or all of them land in the namespace of the form or of the stream. So the
/// namespace may also be that of the form, that of the stanza, or none.
pub(crate) fn is(element: &Element, name: &str, namespace: &str) -> bool {
    const CARELESS: [&str; 4] = [ns::DATA, "", "jabber:client", "jabber:server"];
    element.name() == name
        && (element.has_ns(namespace) || element.has_ns(NSChoice::AnyOf(&CARELESS)))
}

/// What a name, a value or an option costs beside its text, so that a form of very many empty
/// ones ends as well.
const OVERHEAD: usize = 32;

/// What one reading of one form has used and found.
#[derive(Debug)]
pub(crate) struct Reader {
    budget: usize,
    warnings: Vec<Warning>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Reader {
            budget: MAX_FORM_BYTES,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> Vec<Warning> {
        self.warnings
    }

    pub(crate) fn warn(&mut self, var: Option<&str>, kind: WarningKind) {
        if self.warnings.len() < MAX_WARNINGS {
            let var = var.map(|var| var[..var.floor_char_boundary(MAX_VAR_BYTES)].to_owned());
            self.warnings.push(Warning { var, kind });
        }
    }

    /// Text to show, without the white space that pretty printing puts around it; cut after
    /// `limit` bytes. `None` where nothing is left.
    pub(crate) fn shown(&mut self, text: &str, limit: usize, var: Option<&str>) -> Option<String> {
        let text = text.trim();
        let kept = &text[..text.floor_char_boundary(limit.min(self.budget))];
        if kept.len() < text.len() {
            self.warn(var, WarningKind::TooLarge);
        }
        self.budget -= kept.len();
        (!kept.is_empty()).then(|| kept.to_owned())
    }

    /// As [`Self::shown`], of the text inside an element.
    pub(crate) fn shown_in(
        &mut self,
        element: &Element,
        limit: usize,
        var: Option<&str>,
    ) -> Option<String> {
        self.shown(&text_of(element), limit, var)
    }

    /// As [`Self::shown`], of an attribute.
    pub(crate) fn shown_attr(
        &mut self,
        element: &Element,
        name: &str,
        limit: usize,
        var: Option<&str>,
    ) -> Option<String> {
        self.shown(element.attr(name)?, limit, var)
    }

    /// Text that means something: kept whole or, with a warning, not at all.
    pub(crate) fn whole(&mut self, text: &str, limit: usize, var: Option<&str>) -> Option<String> {
        let cost = text.len() + OVERHEAD;
        if text.len() > limit || cost > self.budget {
            self.warn(var, WarningKind::TooLarge);
            return None;
        }
        self.budget -= cost;
        Some(text.to_owned())
    }

    /// As [`Self::whole`], of the text inside an element.
    pub(crate) fn whole_in(
        &mut self,
        element: &Element,
        limit: usize,
        var: Option<&str>,
    ) -> Option<String> {
        self.whole(&text_of(element), limit, var)
    }
}

/// The text inside an element; nearly always one piece, which is then not copied.
pub(crate) fn text_of(element: &Element) -> Cow<'_, str> {
    let mut texts = element.texts();
    let Some(first) = texts.next() else {
        return Cow::Borrowed("");
    };
    texts.fold(Cow::Borrowed(first), |mut text, more| {
        text.to_mut().push_str(more);
        text
    })
}

/// `<name xmlns='namespace'/>`.
pub(crate) fn element(name: &str, namespace: &str) -> Element {
    Element::bare(name, namespace)
}

/// `<name xmlns='namespace'>text</name>`.
pub(crate) fn text_element(name: &str, namespace: &str, text: &str) -> Element {
    let mut element = element(name, namespace);
    if !text.is_empty() {
        element.append_text(printable(text));
    }
    element
}

/// Sets an attribute. `name` is one of the fixed names of the specifications.
pub(crate) fn set(element: &mut Element, name: &'static str, value: &str) {
    if let Ok(name) = NcName::try_from(name) {
        element.set_attr(Namespace::NONE, name, printable(value));
    }
}

/// `xml:lang`.
pub(crate) fn set_lang(element: &mut Element, lang: &str) {
    if let Ok(name) = NcName::try_from("lang") {
        element.set_attr(Namespace::XML, name, printable(lang));
    }
}

/// Whether XML 1.0 can carry a character at all (production 2, `Char`).
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The text with everything replaced that would end the stream it is written to.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if is_xml_char(c) { c } else { '\u{FFFD}' })
        .collect()
}
