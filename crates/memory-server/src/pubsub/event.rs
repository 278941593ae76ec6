//! What subscribers are told (XEP-0060, sections 7.1.2, 7.2.2, 8.4.2 and 8.5.2). Each function
//! gives nothing where the node is configured to keep it quiet.

use minidom::Element;

use super::node::{Item, Node};
use crate::flavour::Flavour;
use crate::xml::{With, attr, element, ns};

/// The newest item was published.
pub(super) fn published(name: &str, node: &Node, flavour: Flavour) -> Option<Element> {
    let item = node.items().last()?;
    let config = &node.config;
    let payload = item.payload.clone().filter(|_| config.delivers_payloads);
    let named = config.names_publisher;
    let entry = element("item", ns::PUBSUB_EVENT)
        .with(attr::ID, item.id.as_str())
        .with(attr::PUBLISHER, named.then(|| publisher(item, flavour)))
        .append_all(payload);
    Some(wrap(items(name, entry.build())))
}

/// An item is gone.
pub(super) fn retracted(name: &str, id: &str, node: &Node) -> Option<Element> {
    node.config.notifies_retract.then(|| {
        let entry = element("retract", ns::PUBSUB_EVENT).with(attr::ID, id);
        wrap(items(name, entry.build()))
    })
}

/// All items are gone.
pub(super) fn purged(name: &str, node: &Node) -> Option<Element> {
    node.config.notifies_retract.then(|| bare("purge", name))
}

/// The node is gone.
pub(super) fn deleted(name: &str, node: &Node) -> Option<Element> {
    node.config.notifies_delete.then(|| bare("delete", name))
}

/// How the server names who published an item.
pub(super) fn publisher(item: &Item, flavour: Flavour) -> String {
    if flavour.stamps_full_publisher() {
        item.publisher.to_string()
    } else {
        item.publisher.to_bare().into_inner()
    }
}

fn items(node: &str, entry: Element) -> Element {
    element("items", ns::PUBSUB_EVENT)
        .with(attr::NODE, node)
        .append(entry)
        .build()
}

fn bare(what: &str, node: &str) -> Element {
    wrap(
        element(what, ns::PUBSUB_EVENT)
            .with(attr::NODE, node)
            .build(),
    )
}

fn wrap(child: Element) -> Element {
    element("event", ns::PUBSUB_EVENT).append(child).build()
}
