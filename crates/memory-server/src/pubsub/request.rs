//! What a client may ask of a PubSub service, read from the stanza.

use jid::{BareJid, Jid};
use minidom::Element;
use roost_xmpp_proto::Affiliation;

use super::config::{Fields, read_fields};
use crate::limits;
use crate::refusal::Refusal;
use crate::xml::{child, children, jid_attr, name_attr, ns};

/// A request about one node.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) node: String,
    pub(crate) wish: Wish,
}

/// What is wanted of the node.
#[derive(Debug)]
pub(crate) enum Wish {
    Create(Fields),
    Subscribe(Jid),
    Unsubscribe(Jid),
    Fetch {
        ids: Vec<String>,
        max: Option<usize>,
    },
    Publish {
        item: NewItem,
        options: Option<Fields>,
    },
    Retract {
        id: String,
        notify: bool,
    },
    ReadConfig,
    Configure(Fields),
    Delete,
    Purge,
    ReadAffiliations,
    SetAffiliations(Vec<(BareJid, Affiliation)>),
    ReadSubscriptions,
    SetSubscriptions(Vec<(Jid, bool)>),
}

/// An item to publish.
#[derive(Debug)]
pub(crate) struct NewItem {
    /// The server makes one up where it is missing.
    pub(crate) id: Option<String>,
    pub(crate) payload: Option<Element>,
}

impl Wish {
    /// Whether only the owner of the node may wish so.
    pub(crate) fn is_for_owner(&self) -> bool {
        !matches!(
            self,
            Wish::Subscribe(_)
                | Wish::Unsubscribe(_)
                | Wish::Fetch { .. }
                | Wish::Publish { .. }
                | Wish::Retract { .. }
        )
    }
}

impl Request {
    /// Reads `<pubsub/>` of either namespace.
    pub(crate) fn read(is_set: bool, mut pubsub: Element) -> Result<Self, Refusal> {
        let is_owner = pubsub.ns() == ns::PUBSUB_OWNER;
        let action = pubsub
            .children()
            .find(|child| child.ns() == pubsub.ns() && child.name() != "publish-options")
            .ok_or(Refusal::BAD_REQUEST)?;
        let node = name_attr(action, "node").ok_or(Refusal::NODE_REQUIRED)?;
        let wish = match (is_owner, is_set, action.name()) {
            (false, true, "create") => {
                let fields = child(&pubsub, "configure").and_then(read_fields);
                Wish::Create(fields.unwrap_or_default())
            }
            (false, true, "subscribe") => Wish::Subscribe(subscriber(action)?),
            (false, true, "unsubscribe") => Wish::Unsubscribe(subscriber(action)?),
            (false, false, "items") => read_fetch(action),
            (false, true, "publish") => read_publish(&mut pubsub)?,
            (false, true, "retract") => read_retract(action)?,
            (true, false, "configure") => Wish::ReadConfig,
            (true, true, "configure") => {
                Wish::Configure(read_fields(action).ok_or(Refusal::BAD_REQUEST)?)
            }
            (true, true, "delete") => Wish::Delete,
            (true, true, "purge") => Wish::Purge,
            (true, false, "affiliations") => Wish::ReadAffiliations,
            (true, true, "affiliations") => Wish::SetAffiliations(
                children(action, "affiliation")
                    .map(read_affiliation)
                    .collect::<Result<_, _>>()?,
            ),
            (true, false, "subscriptions") => Wish::ReadSubscriptions,
            (true, true, "subscriptions") => Wish::SetSubscriptions(
                children(action, "subscription")
                    .map(read_subscription)
                    .collect::<Result<_, _>>()?,
            ),
            _ => return Err(Refusal::NOT_IMPLEMENTED),
        };
        Ok(Self { node, wish })
    }
}

fn subscriber(action: &Element) -> Result<Jid, Refusal> {
    action.attr("jid").ok_or(Refusal::JID_REQUIRED)?;
    jid_attr(action, "jid").ok_or(Refusal::INVALID_JID)
}

fn read_fetch(action: &Element) -> Wish {
    Wish::Fetch {
        ids: children(action, "item")
            .filter_map(|item| name_attr(item, "id"))
            .collect(),
        max: action
            .attr("max_items")
            .and_then(|count| count.parse().ok()),
    }
}

fn read_publish(pubsub: &mut Element) -> Result<Wish, Refusal> {
    let options = child(pubsub, "publish-options").and_then(read_fields);
    let namespace = pubsub.ns();
    let item = pubsub
        .get_child_mut("publish", namespace.as_str())
        .and_then(|publish| publish.get_child_mut("item", namespace.as_str()))
        .ok_or(Refusal::ITEM_REQUIRED)?;
    let id = match item.attr("id") {
        None | Some("") => None,
        Some(id) if id.len() <= limits::NAME_BYTES => Some(id.to_owned()),
        Some(_) => return Err(Refusal::NOT_ACCEPTABLE),
    };
    let payload = item.unshift_child();
    if item.children().next().is_some() {
        return Err(Refusal::INVALID_PAYLOAD);
    }
    let item = NewItem { id, payload };
    Ok(Wish::Publish { item, options })
}

fn read_retract(action: &Element) -> Result<Wish, Refusal> {
    let item = child(action, "item").ok_or(Refusal::ITEM_REQUIRED)?;
    Ok(Wish::Retract {
        id: name_attr(item, "id").ok_or(Refusal::ITEM_REQUIRED)?,
        notify: matches!(action.attr("notify"), Some("1" | "true")),
    })
}

fn read_affiliation(item: &Element) -> Result<(BareJid, Affiliation), Refusal> {
    let jid = jid_attr(item, "jid")
        .ok_or(Refusal::INVALID_JID)?
        .into_bare();
    let affiliation = match item.attr("affiliation") {
        Some("owner") => Affiliation::Owner,
        Some("publisher") => Affiliation::Publisher,
        Some("publish-only") => Affiliation::PublishOnly,
        Some("member") => Affiliation::Member,
        Some("none") => Affiliation::None,
        Some("outcast") => Affiliation::Outcast,
        _ => return Err(Refusal::BAD_REQUEST),
    };
    Ok((jid, affiliation))
}

fn read_subscription(item: &Element) -> Result<(Jid, bool), Refusal> {
    let jid = jid_attr(item, "jid").ok_or(Refusal::INVALID_JID)?;
    match item.attr("subscription") {
        Some("subscribed") => Ok((jid, true)),
        Some("none") => Ok((jid, false)),
        _ => Err(Refusal::BAD_REQUEST),
    }
}
