//! The roster (RFC 6121, section 2).

use std::collections::BTreeSet;

use jid::BareJid;
use minidom::Element;

use crate::xml::{attr, cut};
use crate::{Contact, DiscardReason, limits, ns, xml};

/// One item of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A contact that is there.
    Kept(Contact),
    /// A contact that was removed; only in a push.
    Removed(BareJid),
}

/// Asks for the roster.
pub(crate) fn get() -> Element {
    Element::bare("query", ns::ROSTER)
}

/// Puts a contact on the roster, or changes it.
pub(crate) fn set(jid: &BareJid, name: Option<&str>, groups: &BTreeSet<String>) -> Element {
    let mut attributes = vec![(attr::JID, jid.as_str())];
    attributes.extend(name.map(|name| (attr::NAME, name)));
    let mut item = xml::element("item", ns::ROSTER, &attributes);
    for group in groups.iter().filter(|group| !group.is_empty()) {
        item.append_child(xml::text_element("group", ns::ROSTER, group));
    }
    xml::wrapped("query", ns::ROSTER, item)
}

/// Takes a contact off the roster.
pub(crate) fn remove(jid: &BareJid) -> Element {
    let attributes = [(attr::JID, jid.as_str()), (attr::SUBSCRIPTION, "remove")];
    xml::wrapped(
        "query",
        ns::ROSTER,
        xml::element("item", ns::ROSTER, &attributes),
    )
}

/// Whether the payload is a roster: in an IQ `set`, a push.
pub(crate) fn is_query(payload: &Element) -> bool {
    payload.is("query", ns::ROSTER)
}

/// Reads a push: exactly one item (RFC 6121, section 2.1.6).
pub(crate) fn read_push(query: &Element) -> Option<Entry> {
    let mut items = query
        .children()
        .filter(|child| child.is("item", ns::ROSTER));
    let entry = read_item(items.next()?)?;
    items.next().is_none().then_some(entry)
}

/// Reads a whole roster, and tells what was wrong with it.
pub(crate) fn read_all(query: &Element) -> (Vec<Contact>, Option<DiscardReason>) {
    let (mut contacts, mut oddity) = (Vec::new(), None);
    for item in query
        .children()
        .filter(|child| child.is("item", ns::ROSTER))
    {
        if contacts.len() == limits::CONTACTS {
            oddity = Some(DiscardReason::TooLarge);
            break;
        }
        match read_item(item) {
            Some(Entry::Kept(contact)) => contacts.push(contact),
            Some(Entry::Removed(_)) | None => oddity = Some(DiscardReason::Malformed),
        }
    }
    (contacts, oddity)
}

fn read_item(item: &Element) -> Option<Entry> {
    let jid = BareJid::new(item.attr("jid")?).ok()?;
    let subscription = item.attr("subscription").unwrap_or("none");
    if subscription == "remove" {
        return Some(Entry::Removed(jid));
    }
    let name = item
        .attr("name")
        .map(|name| cut(name.trim(), limits::LINE_BYTES));
    let groups = item
        .children()
        .filter(|child| child.is("group", ns::ROSTER))
        .map(|group| cut(xml::text_of(group).trim(), limits::LINE_BYTES).to_owned())
        .filter(|group| !group.is_empty())
        .take(limits::GROUPS)
        .collect();
    Some(Entry::Kept(Contact {
        jid,
        name: name.filter(|name| !name.is_empty()).map(str::to_owned),
        groups,
        we_see_them: matches!(subscription, "to" | "both"),
        they_see_us: matches!(subscription, "from" | "both"),
        asked: item.attr("ask") == Some("subscribe"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(
        jid: &str,
        name: Option<&str>,
        groups: &[&str],
        state: (bool, bool, bool),
    ) -> Contact {
        Contact {
            jid: BareJid::new(jid).unwrap(),
            name: name.map(str::to_owned),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            we_see_them: state.0,
            they_see_us: state.1,
            asked: state.2,
        }
    }

    #[test]
    fn a_roster_with_odd_entries() {
        let query: Element = "<query xmlns='jabber:iq:roster' ver='7'>
            <item jid='kettle@home.lit' name=' Kettle ' subscription='both'><group>Kitchen</group><group/></item>
            <item jid='romeo@montague.lit' subscription='none' ask='subscribe'/>
            <item jid='nurse@capulet.lit' name='' subscription='from'/>
            <item jid='@@' subscription='both'/>
            <item subscription='both'/>
            <item jid='gone@home.lit' subscription='remove'/>
            <item jid='lamp@home.lit' subscription='to'/>
        </query>"
            .parse()
            .unwrap();
        let expected = vec![
            contact(
                "kettle@home.lit",
                Some("Kettle"),
                &["Kitchen"],
                (true, true, false),
            ),
            contact("romeo@montague.lit", None, &[], (false, false, true)),
            contact("nurse@capulet.lit", None, &[], (false, true, false)),
            contact("lamp@home.lit", None, &[], (true, false, false)),
        ];
        assert_eq!(read_all(&query), (expected, Some(DiscardReason::Malformed)));
        assert_eq!(read_all(&get()), (vec![], None));
    }

    #[test]
    fn a_roster_without_end() {
        let items = (0..=limits::CONTACTS).map(|n| {
            xml::element(
                "item",
                ns::ROSTER,
                &[(attr::JID, &format!("d{n}@home.lit"))],
            )
        });
        let query = Element::builder("query", ns::ROSTER)
            .append_all(items)
            .build();
        let (contacts, oddity) = read_all(&query);
        assert_eq!(
            (contacts.len(), oddity),
            (limits::CONTACTS, Some(DiscardReason::TooLarge))
        );
    }

    #[test]
    fn pushes() {
        let lamp = contact("lamp@home.lit", None, &[], (true, false, false));
        let gone = Entry::Removed(BareJid::new("lamp@home.lit").unwrap());
        let cases = [
            (
                "<item jid='lamp@home.lit' subscription='to'/>",
                Some(Entry::Kept(lamp)),
            ),
            (
                "<item jid='lamp@home.lit' subscription='remove'/>",
                Some(gone),
            ),
            ("<item jid='a@b' /><item jid='c@d'/>", None),
            ("<item/>", None),
            ("", None),
        ];
        for (items, expected) in cases {
            let query = format!("<query xmlns='jabber:iq:roster'>{items}</query>")
                .parse()
                .unwrap();
            assert_eq!(read_push(&query), expected, "{items}");
        }
    }

    #[test]
    fn changes() {
        let jid = BareJid::new("kettle@home.lit").unwrap();
        let groups = BTreeSet::from(["Kitchen".to_owned(), String::new()]);
        let cases = [
            (
                set(&jid, Some("Kettle"), &groups),
                "<query xmlns='jabber:iq:roster'><item jid='kettle@home.lit' name='Kettle'><group>Kitchen</group></item></query>",
            ),
            (
                remove(&jid),
                "<query xmlns='jabber:iq:roster'><item jid='kettle@home.lit' subscription='remove'/></query>",
            ),
            (get(), "<query xmlns='jabber:iq:roster'/>"),
        ];
        for (written, expected) in cases {
            assert_eq!(written, expected.parse().unwrap(), "{expected}");
        }
    }
}
