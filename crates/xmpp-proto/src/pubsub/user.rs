//! What a user asks of a node (XEP-0060, sections 6 and 7).

use jid::BareJid;
use minidom::Element;
use roost_model::{Failure, FailureCode, ItemId, Node};

use super::Items;
use crate::errors::nonsense;
use crate::xml::attr;
use crate::{ns, xml};

/// Subscribes our bare JID (section 6.1).
pub(crate) fn subscribe(node: Node, us: &BareJid) -> Element {
    let attributes = [(attr::NODE, node.name()), (attr::JID, us.as_str())];
    pubsub(xml::element("subscribe", ns::PUBSUB, &attributes))
}

/// Ends the subscription of our bare JID (section 6.2).
pub(crate) fn unsubscribe(node: Node, us: &BareJid) -> Element {
    let attributes = [(attr::NODE, node.name()), (attr::JID, us.as_str())];
    pubsub(xml::element("unsubscribe", ns::PUBSUB, &attributes))
}

/// Reads all items (section 6.5).
pub(crate) fn fetch(node: Node) -> Element {
    pubsub(xml::element(
        "items",
        ns::PUBSUB,
        &[(attr::NODE, node.name())],
    ))
}

/// Publishes one item without publish-options (section 7.1), which ejabberd would refuse.
pub(crate) fn publish(node: Node, item: &ItemId, payload: Element) -> Element {
    let mut element = xml::element("item", ns::PUBSUB, &[(attr::ID, item.as_str())]);
    element.append_child(payload);
    let mut publish = xml::element("publish", ns::PUBSUB, &[(attr::NODE, node.name())]);
    publish.append_child(element);
    pubsub(publish)
}

/// Retracts one item, with notification (section 7.2).
pub(crate) fn retract(node: Node, item: &ItemId) -> Element {
    let mut retract = xml::element(
        "retract",
        ns::PUBSUB,
        &[(attr::NODE, node.name()), (attr::NOTIFY, "true")],
    );
    retract.append_child(xml::element(
        "item",
        ns::PUBSUB,
        &[(attr::ID, item.as_str())],
    ));
    pubsub(retract)
}

/// Reads the answer to [`subscribe`]. A server that says nothing has subscribed us; one that
/// waits for an approval has not.
pub(crate) fn read_subscription(payload: Option<&Element>) -> Result<(), Failure> {
    let state = payload
        .filter(|payload| payload.is("pubsub", ns::PUBSUB))
        .and_then(|pubsub| pubsub.get_child("subscription", ns::PUBSUB))
        .and_then(|subscription| subscription.attr("subscription"));
    match state {
        None | Some("subscribed") => Ok(()),
        Some(state) => Err(Failure::with_detail(
            FailureCode::Forbidden,
            &format!("subscription: {state}"),
        )),
    }
}

/// Reads the answer to [`fetch`].
pub(crate) fn read_fetched(node: Node, payload: Option<&Element>) -> Result<Items, Failure> {
    let pubsub = payload
        .filter(|payload| payload.is("pubsub", ns::PUBSUB))
        .ok_or_else(|| nonsense("items without pubsub"))?;
    match pubsub.get_child("items", ns::PUBSUB) {
        None => Ok(Items::default()),
        Some(items) if items.attr("node") == Some(node.name()) => Ok(Items::read(items)),
        Some(_) => Err(nonsense("items of another node")),
    }
}

fn pubsub(child: Element) -> Element {
    xml::wrapped("pubsub", ns::PUBSUB, child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions() {
        let us = BareJid::new("juliet@capulet.lit").unwrap();
        let item = ItemId::new("xmpp.iot.actuator.power").unwrap();
        let payload: Element = "<val xmlns='urn:xmpp:uwpx:iot'>1</val>".parse().unwrap();
        let cases = [
            (
                subscribe(Node::Sensors, &us),
                "<subscribe node='xmpp.iot.sensors' jid='juliet@capulet.lit'/>",
            ),
            (
                unsubscribe(Node::Ui, &us),
                "<unsubscribe node='xmpp.iot.ui' jid='juliet@capulet.lit'/>",
            ),
            (fetch(Node::Ui), "<items node='xmpp.iot.ui'/>"),
            (
                publish(Node::Actuators, &item, payload),
                "<publish node='xmpp.iot.actuators'><item id='xmpp.iot.actuator.power'><val xmlns='urn:xmpp:uwpx:iot'>1</val></item></publish>",
            ),
            (
                retract(Node::Actuators, &item),
                "<retract node='xmpp.iot.actuators' notify='true'><item id='xmpp.iot.actuator.power'/></retract>",
            ),
        ];
        for (written, expected) in cases {
            let expected = format!("<pubsub xmlns='{}'>{expected}</pubsub>", ns::PUBSUB);
            assert_eq!(written, expected.parse().unwrap(), "{expected}");
        }
    }

    #[test]
    fn answers() {
        let pubsub = |inside: &str| -> Element {
            format!("<pubsub xmlns='{}'>{inside}</pubsub>", ns::PUBSUB)
                .parse()
                .unwrap()
        };
        let subscriptions = [
            (
                pubsub("<subscription node='xmpp.iot.ui' subscription='subscribed'/>"),
                true,
            ),
            (pubsub(""), true),
            (
                pubsub("<subscription node='xmpp.iot.ui' subscription='pending'/>"),
                false,
            ),
            (pubsub("<subscription subscription='none'/>"), false),
        ];
        for (answer, is_fine) in subscriptions {
            assert_eq!(
                read_subscription(Some(&answer)).is_ok(),
                is_fine,
                "{answer:?}"
            );
        }
        assert_eq!(read_subscription(None), Ok(()));

        let lists = [
            (
                pubsub("<items node='xmpp.iot.ui'><item id='current'/></items>"),
                Some(1),
            ),
            (pubsub("<items node='xmpp.iot.ui'/>"), Some(0)),
            (pubsub(""), Some(0)),
            (pubsub("<items node='xmpp.iot.sensors'/>"), None),
            ("<pubsub xmlns='urn:example'/>".parse().unwrap(), None),
        ];
        for (answer, count) in lists {
            let items = read_fetched(Node::Ui, Some(&answer)).ok();
            assert_eq!(
                items.map(|items| items.published.len()),
                count,
                "{answer:?}"
            );
        }
        assert!(read_fetched(Node::Ui, None).is_err());
    }
}
