//! Small words for reading and writing elements: nothing here knows a protocol.

use std::borrow::Cow;

use minidom::rxml::{NcNameStr, xml_ncname};
use minidom::{Element, Node};

/// Attribute names, checked by the compiler.
pub(crate) mod attr {
    use super::{NcNameStr, xml_ncname};

    pub(crate) const AFFILIATION: &NcNameStr = xml_ncname!("affiliation");
    pub(crate) const CATEGORY: &NcNameStr = xml_ncname!("category");
    pub(crate) const HASH: &NcNameStr = xml_ncname!("hash");
    pub(crate) const ID: &NcNameStr = xml_ncname!("id");
    pub(crate) const JID: &NcNameStr = xml_ncname!("jid");
    pub(crate) const MEASURED: &NcNameStr = xml_ncname!("measured");
    pub(crate) const NAME: &NcNameStr = xml_ncname!("name");
    pub(crate) const NODE: &NcNameStr = xml_ncname!("node");
    pub(crate) const NOTIFY: &NcNameStr = xml_ncname!("notify");
    pub(crate) const STAMP: &NcNameStr = xml_ncname!("stamp");
    pub(crate) const SUBSCRIPTION: &NcNameStr = xml_ncname!("subscription");
    pub(crate) const TYPE: &NcNameStr = xml_ncname!("type");
    pub(crate) const UNIT: &NcNameStr = xml_ncname!("unit");
    pub(crate) const VAR: &NcNameStr = xml_ncname!("var");
    pub(crate) const VER: &NcNameStr = xml_ncname!("ver");
}

/// An element with attributes.
pub(crate) fn element(name: &str, ns: &str, attributes: &[(&NcNameStr, &str)]) -> Element {
    let mut builder = Element::builder(name, ns);
    for (name, value) in attributes {
        builder = builder.attr((*name).to_owned(), clean(value).as_ref());
    }
    builder.build()
}

/// `child` inside a new element without attributes.
pub(crate) fn wrapped(name: &str, ns: &str, child: Element) -> Element {
    Element::builder(name, ns).append(child).build()
}

/// An element that holds nothing but text.
pub(crate) fn text_element(name: &str, ns: &str, text: &str) -> Element {
    Element::builder(name, ns)
        .append(Node::Text(clean(text).into_owned()))
        .build()
}

/// The text directly inside an element, without a copy where it is in one piece.
pub(crate) fn text_of(element: &Element) -> Cow<'_, str> {
    let mut texts = element.texts();
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(text), None) => Cow::Borrowed(text),
        (Some(_), Some(_)) => Cow::Owned(element.text()),
    }
}

/// The text without the characters that XML 1.0 cannot express (section 2.2): a single one would
/// break the whole stream.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_xml(*c)).collect())
    }
}

/// The longest beginning of `text` that fits into `max` bytes.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_can_say_is_written() {
        let cases = [
            ("21 °C 🌡", "21 °C 🌡"),
            ("a\u{0}b\u{1b}c\u{FFFE}d", "abcd"),
            ("tab\tline\n", "tab\tline\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected);
            let written = String::from(&text_element("body", "jabber:client", text));
            let back: Element = written.parse().unwrap();
            assert_eq!(text_of(&back), expected);
        }
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(cut("grün", 3), "gr");
        assert_eq!(cut("grün", 4), "grü");
        assert_eq!(cut("grün", 99), "grün");
    }
}
