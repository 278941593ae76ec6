//! Items as they are fetched, announced and published.

use jid::Jid;
use minidom::Element;
use roost_forms::Form;
use roost_model::ItemId;

use crate::{DiscardReason, ItemReport, Payload, limits, val};

/// The items of one list, and what was wrong with it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Items {
    /// What was published.
    pub(crate) published: Vec<ItemReport>,
    /// What was retracted; only in events.
    pub(crate) retracted: Vec<ItemId>,
    /// Whether something had no usable id or publisher.
    pub(crate) is_odd: bool,
    /// Whether there was more than is kept.
    pub(crate) is_cut: bool,
}

impl Items {
    /// Reads the children of `<items/>`.
    pub(crate) fn read(list: &Element) -> Self {
        let mut items = Items::default();
        for child in list.children() {
            if items.published.len() + items.retracted.len() == limits::ITEMS {
                items.is_cut = true;
                break;
            }
            match child.name() {
                "item" => match read_item(child) {
                    Some(report) => items.published.push(report),
                    None => items.is_odd = true,
                },
                "retract" => match child.attr("id").map(ItemId::new) {
                    Some(Ok(id)) => items.retracted.push(id),
                    _ => items.is_odd = true,
                },
                _ => {}
            }
        }
        items
    }

    /// What was wrong with the list, if anything.
    pub(crate) fn oddity(&self) -> Option<DiscardReason> {
        match self {
            Items { is_cut: true, .. } => Some(DiscardReason::TooLarge),
            Items { is_odd: true, .. } => Some(DiscardReason::Malformed),
            _ => None,
        }
    }
}

/// Writes what an item shall hold; `None` if there is nothing that may be written.
pub(crate) fn write_payload(payload: &Payload) -> Option<Element> {
    match payload {
        Payload::Value(val) => val::write(val),
        Payload::Form(form, _) => Some(form.write()),
        Payload::Unreadable => None,
    }
}

fn read_item(item: &Element) -> Option<ItemReport> {
    let publisher = match item.attr("publisher") {
        Some(jid) => Some(Jid::new(jid).ok()?),
        None => None,
    };
    Some(ItemReport {
        item: ItemId::new(item.attr("id")?).ok()?,
        publisher,
        payload: item
            .children()
            .next()
            .map_or(Payload::Unreadable, read_payload),
    })
}

/// Only the first child counts: with a second one, two readers could see two values.
fn read_payload(element: &Element) -> Payload {
    if let Some(val) = val::read(element) {
        return Payload::Value(val);
    }
    match Form::read(element) {
        Some((form, warnings)) => Payload::Form(Box::new(form), warnings),
        None => Payload::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_model::Value;

    fn read(children: &str) -> Items {
        let xml =
            format!("<items xmlns='http://jabber.org/protocol/pubsub' node='n'>{children}</items>");
        Items::read(&xml.parse().unwrap())
    }

    fn value(items: &Items, index: usize) -> Option<Value> {
        match &items.published[index].payload {
            Payload::Value(val) => val.read(None).ok(),
            _ => None,
        }
    }

    #[test]
    fn odd_items_do_not_spoil_the_others() {
        let val = "<val xmlns='urn:xmpp:uwpx:iot' type='int'>7</val>";
        let items = read(&format!(
            "<item id='a' publisher='d@home.lit/x'>{val}</item>
             <item>{val}</item>
             <item id=''>{val}</item>
             <item id='b' publisher='@'>{val}</item>
             <item id='c'/>
             <item id='d'><html xmlns='urn:example'/>{val}</item>
             <item id='e'><x xmlns='jabber:x:data' type='form'/></item>
             <retract id='f'/><retract/>"
        ));
        let ids: Vec<_> = items
            .published
            .iter()
            .map(|report| report.item.as_str())
            .collect();
        assert_eq!(ids, ["a", "c", "d", "e"]);
        assert_eq!(value(&items, 0), Some(Value::Int(7)));
        assert_eq!(items.published[0].publisher, Jid::new("d@home.lit/x").ok());
        assert_eq!(items.published[1].payload, Payload::Unreadable);
        assert_eq!(items.published[2].payload, Payload::Unreadable);
        assert!(matches!(items.published[3].payload, Payload::Form(..)));
        assert_eq!(items.retracted, [ItemId::new("f").unwrap()]);
        assert!(items.is_odd && !items.is_cut);
    }

    #[test]
    fn a_list_without_end() {
        let items = read(&"<item id='a'/><retract id='b'/>".repeat(limits::ITEMS));
        assert!(items.is_cut);
        assert_eq!(items.published.len() + items.retracted.len(), limits::ITEMS);
    }
}
