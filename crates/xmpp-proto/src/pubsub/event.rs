//! Notifications (XEP-0060, sections 7.1.2.1, 7.2.2.1, 8.4.2 and 8.5.2).

use minidom::Element;
use roost_model::Node;

use super::Items;
use crate::ns;

/// What a notification tells.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// Items were published or retracted.
    Items(Node, Items),
    /// All items of the node are gone.
    Purged(Node),
    /// The node itself is gone.
    Deleted(Node),
    /// Something about a node that we do not know.
    UnknownNode,
    /// Something else: a configuration, a subscription.
    Other,
}

/// The notification in a message, if it is one.
pub(crate) fn find(payloads: &[Element]) -> Option<&Element> {
    payloads
        .iter()
        .find(|payload| payload.is("event", ns::PUBSUB_EVENT))
}

/// Reads a notification; `None` if it is empty or names no node.
pub(crate) fn read(event: &Element) -> Option<Event> {
    let what = event
        .children()
        .find(|child| child.has_ns(ns::PUBSUB_EVENT))?;
    let name = what.name();
    if !matches!(name, "items" | "purge" | "delete") {
        return Some(Event::Other);
    }
    let Some(node) = Node::from_name(what.attr("node")?) else {
        return Some(Event::UnknownNode);
    };
    Some(match name {
        "items" => Event::Items(node, Items::read(what)),
        "purge" => Event::Purged(node),
        _ => Event::Deleted(node),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notifications() {
        let cases = [
            (
                "<items node='xmpp.iot.ui'/>",
                Some(Event::Items(Node::Ui, Items::default())),
            ),
            (
                "<purge node='xmpp.iot.sensors'/>",
                Some(Event::Purged(Node::Sensors)),
            ),
            (
                "<delete node='xmpp.iot.ui'><redirect uri='xmpp:x'/></delete>",
                Some(Event::Deleted(Node::Ui)),
            ),
            (
                "<items node='urn:xmpp:avatar:metadata'/>",
                Some(Event::UnknownNode),
            ),
            ("<configuration node='xmpp.iot.ui'/>", Some(Event::Other)),
            ("<items xmlns='urn:example' node='xmpp.iot.ui'/>", None),
            ("<items/>", None),
            ("", None),
        ];
        for (inside, expected) in cases {
            let xml = format!("<event xmlns='{}'>{inside}</event>", ns::PUBSUB_EVENT);
            assert_eq!(read(&xml.parse().unwrap()), expected, "{inside}");
        }
    }
}
