//! Small words for reading and writing elements.

use jid::Jid;
use minidom::{Element, ElementBuilder, IntoAttributeValue, Node};

use crate::limits;

/// Namespaces.
pub(crate) mod ns {
    pub(crate) const BITS: &str = "urn:xmpp:bob";
    pub(crate) const COMMANDS: &str = "http://jabber.org/protocol/commands";
    pub(crate) const DATA_FORM: &str = "jabber:x:data";
    pub(crate) const DELAY: &str = "urn:xmpp:delay";
    pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
    pub(crate) const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
    pub(crate) const MEDIA: &str = "urn:xmpp:media-element";
    pub(crate) const PING: &str = "urn:xmpp:ping";
    pub(crate) const PREAUTH: &str = "urn:xmpp:pars:0";
    pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
    pub(crate) const PUBSUB_ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
    pub(crate) const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
    pub(crate) const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
    pub(crate) const REGISTER: &str = "jabber:iq:register";
    pub(crate) const ROSTER: &str = "jabber:iq:roster";
}

/// Names of attributes.
pub(crate) mod attr {
    use minidom::rxml::{NcNameStr, xml_ncname};

    pub(crate) const AFFILIATION: &NcNameStr = xml_ncname!("affiliation");
    pub(crate) const APPROVED: &NcNameStr = xml_ncname!("approved");
    pub(crate) const ASK: &NcNameStr = xml_ncname!("ask");
    pub(crate) const CATEGORY: &NcNameStr = xml_ncname!("category");
    pub(crate) const CID: &NcNameStr = xml_ncname!("cid");
    pub(crate) const FROM: &NcNameStr = xml_ncname!("from");
    pub(crate) const ID: &NcNameStr = xml_ncname!("id");
    pub(crate) const JID: &NcNameStr = xml_ncname!("jid");
    pub(crate) const NAME: &NcNameStr = xml_ncname!("name");
    pub(crate) const NODE: &NcNameStr = xml_ncname!("node");
    pub(crate) const PUBLISHER: &NcNameStr = xml_ncname!("publisher");
    pub(crate) const STAMP: &NcNameStr = xml_ncname!("stamp");
    pub(crate) const STATUS: &NcNameStr = xml_ncname!("status");
    pub(crate) const SUBSCRIPTION: &NcNameStr = xml_ncname!("subscription");
    pub(crate) const TYPE: &NcNameStr = xml_ncname!("type");
    pub(crate) const VAR: &NcNameStr = xml_ncname!("var");
}

/// Begins an element.
pub(crate) fn element(name: &str, namespace: &str) -> ElementBuilder {
    Element::builder(name, namespace)
}

/// Adds attributes by their constant names.
pub(crate) trait With: Sized {
    /// Sets the attribute; an absent value leaves it out.
    fn with(self, name: &minidom::rxml::NcNameStr, value: impl IntoAttributeValue) -> Self;
}

impl With for ElementBuilder {
    fn with(self, name: &minidom::rxml::NcNameStr, value: impl IntoAttributeValue) -> Self {
        self.attr(name.to_owned(), value)
    }
}

/// The first child of this name in the same namespace.
pub(crate) fn child<'a>(parent: &'a Element, name: &str) -> Option<&'a Element> {
    parent
        .children()
        .find(|child| child.name() == name && child.ns() == parent.ns())
}

/// All children of this name in the same namespace, as many as are kept of any list.
pub(crate) fn children<'a>(
    parent: &'a Element,
    name: &'a str,
) -> impl Iterator<Item = &'a Element> {
    parent
        .children()
        .filter(move |child| child.name() == name && child.ns() == parent.ns())
        .take(limits::LIST)
}

/// A non-empty name of bounded length.
pub(crate) fn name_attr(element: &Element, attribute: &str) -> Option<String> {
    element
        .attr(attribute)
        .filter(|name| !name.is_empty() && name.len() <= limits::NAME_BYTES)
        .map(str::to_owned)
}

/// An address.
pub(crate) fn jid_attr(element: &Element, attribute: &str) -> Option<Jid> {
    element.attr(attribute)?.parse().ok()
}

/// Whether the content of these elements fits into a stanza.
pub(crate) fn fits<'a>(elements: impl IntoIterator<Item = &'a Element>) -> bool {
    let mut left = limits::CONTENT_BYTES;
    elements
        .into_iter()
        .all(|element| weigh(element, limits::DEPTH, &mut left))
}

fn weigh(element: &Element, depth: usize, left: &mut usize) -> bool {
    fn take(bytes: usize, left: &mut usize) -> bool {
        left.checked_sub(bytes).map(|rest| *left = rest).is_some()
    }
    depth > 0
        && take(element.name().len(), left)
        && element
            .attrs()
            .iter()
            .all(|((_, name), value)| take(name.len() + value.len(), left))
        && element.nodes().all(|node| match node {
            Node::Element(child) => weigh(child, depth - 1, left),
            Node::Text(text) => take(text.len(), left),
        })
}
