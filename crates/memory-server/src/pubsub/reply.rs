//! Answers of a PubSub service.

use jid::{BareJid, Jid};
use minidom::Element;
use minidom::rxml::Namespace;
use roost_xmpp_proto::Affiliation;

use super::config::Config;
use super::event::publisher;
use super::node::{Item, Node};
use crate::flavour::Flavour;
use crate::xml::{With, attr, element, ns};

pub(super) fn items<'a>(
    node: &str,
    items: impl Iterator<Item = &'a Item>,
    flavour: Flavour,
) -> Element {
    let named = flavour.names_publisher_when_fetched();
    let items = items.map(|item| {
        element("item", ns::PUBSUB)
            .with(attr::ID, item.id.as_str())
            .with(attr::PUBLISHER, named.then(|| publisher(item, flavour)))
            .append_all(item.payload.clone().map(|payload| stored(payload, flavour)))
            .build()
    });
    let list = element("items", ns::PUBSUB).with(attr::NODE, node);
    wrap(ns::PUBSUB, list.append_all(items).build())
}

pub(super) fn published(node: &str, id: &str) -> Element {
    let item = element("item", ns::PUBSUB).with(attr::ID, id).build();
    let publish = element("publish", ns::PUBSUB).with(attr::NODE, node);
    wrap(ns::PUBSUB, publish.append(item).build())
}

pub(super) fn subscribed(node: &str, jid: &Jid) -> Element {
    let subscription = element("subscription", ns::PUBSUB)
        .with(attr::NODE, node)
        .with(attr::JID, jid.as_str())
        .with(attr::SUBSCRIPTION, "subscribed");
    wrap(ns::PUBSUB, subscription.build())
}

pub(super) fn config(node: &str, config: &Config) -> Element {
    let configure = element("configure", ns::PUBSUB_OWNER)
        .with(attr::NODE, node)
        .append(config.to_form());
    wrap(ns::PUBSUB_OWNER, configure.build())
}

pub(super) fn affiliations(name: &str, owner: &BareJid, node: &Node) -> Element {
    let entries = std::iter::once((owner, Affiliation::Owner))
        .chain(node.affiliations())
        .map(|(jid, is)| {
            element("affiliation", ns::PUBSUB_OWNER)
                .with(attr::JID, jid.as_str())
                .with(attr::AFFILIATION, affiliation_name(is))
                .build()
        });
    let list = element("affiliations", ns::PUBSUB_OWNER).with(attr::NODE, name);
    wrap(ns::PUBSUB_OWNER, list.append_all(entries).build())
}

pub(super) fn subscriptions(name: &str, node: &Node) -> Element {
    let entries = node.subscribers().map(|jid| {
        element("subscription", ns::PUBSUB_OWNER)
            .with(attr::JID, jid.as_str())
            .with(attr::SUBSCRIPTION, "subscribed")
            .build()
    });
    let list = element("subscriptions", ns::PUBSUB_OWNER).with(attr::NODE, name);
    wrap(ns::PUBSUB_OWNER, list.append_all(entries).build())
}

/// A payload as it comes back from storage.
fn stored(mut payload: Element, flavour: Flavour) -> Element {
    if flavour.forgets_stamps_of_payloads() {
        payload.attrs_mut().remove(&Namespace::NONE, "stamp");
    }
    payload
}

fn wrap(namespace: &str, child: Element) -> Element {
    element("pubsub", namespace).append(child).build()
}

fn affiliation_name(affiliation: Affiliation) -> &'static str {
    match affiliation {
        Affiliation::Owner => "owner",
        Affiliation::Publisher => "publisher",
        Affiliation::PublishOnly => "publish-only",
        Affiliation::Member => "member",
        Affiliation::None => "none",
        Affiliation::Outcast => "outcast",
    }
}
