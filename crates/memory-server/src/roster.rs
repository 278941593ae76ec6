//! Rosters (RFC 6121, section 2).

use std::collections::{BTreeMap, BTreeSet};

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_xmpp_proto::Stanza;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::presence::Type;

use crate::limits;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::xml::{With, attr, child, children, element, jid_attr, ns};

/// A contact to put on a roster beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Whom.
    pub jid: BareJid,
    /// How the owner calls it.
    pub name: Option<String>,
    /// Its groups.
    pub groups: BTreeSet<String>,
    /// Who sees whom.
    pub subscription: Subscription,
}

/// Who sees whose presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// Neither sees the other.
    None,
    /// The owner of the roster sees the contact.
    To,
    /// The contact sees the owner of the roster.
    From,
    /// Both see each other.
    Both,
}

/// The contacts of one account.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    entries: BTreeMap<BareJid, Entry>,
}

/// How an account stands with another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whether the owner has it on the roster, or it only asks to be.
    pub(crate) listed: bool,
    name: Option<String>,
    groups: BTreeSet<String>,
    /// The owner sees the contact.
    pub(crate) to: bool,
    /// The contact sees the owner.
    pub(crate) from: bool,
    /// The owner asked to see the contact.
    pub(crate) asked: bool,
    /// The contact asked to see the owner, and was not answered yet.
    pub(crate) asks: bool,
    /// The owner approved the contact before it asked (RFC 6121, section 3.4).
    pub(crate) approved: bool,
}

impl Roster {
    pub(crate) fn get(&self, jid: &BareJid) -> Option<&Entry> {
        self.entries.get(jid)
    }

    /// Whether the contact may see the owner's presence.
    pub(crate) fn is_seen_by(&self, jid: &BareJid) -> bool {
        self.entries.get(jid).is_some_and(|entry| entry.from)
    }

    /// The contacts for which this holds.
    pub(crate) fn which(&self, holds: impl Fn(&Entry) -> bool) -> Vec<BareJid> {
        self.entries
            .iter()
            .filter(|(_, entry)| holds(entry))
            .map(|(jid, _)| jid.clone())
            .collect()
    }

    /// The entry of a contact, made if need be; `None` if the roster is full.
    pub(crate) fn entry(&mut self, jid: &BareJid) -> Option<&mut Entry> {
        let full = self.entries.len() >= limits::CONTACTS;
        if full && !self.entries.contains_key(jid) {
            return None;
        }
        Some(self.entries.entry(jid.clone()).or_default())
    }

    pub(crate) fn get_mut(&mut self, jid: &BareJid) -> Option<&mut Entry> {
        self.entries.get_mut(jid)
    }

    /// Forgets an entry that says nothing any more.
    pub(crate) fn tidy(&mut self, jid: &BareJid) {
        if self
            .entries
            .get(jid)
            .is_some_and(|entry| *entry == Entry::default())
        {
            self.entries.remove(jid);
        }
    }

    /// Whether there was room.
    pub(crate) fn preset(&mut self, contact: Contact) -> bool {
        let Some(entry) = self.entry(&contact.jid) else {
            return false;
        };
        *entry = Entry {
            listed: true,
            name: contact.name,
            groups: contact.groups,
            to: matches!(contact.subscription, Subscription::To | Subscription::Both),
            from: matches!(
                contact.subscription,
                Subscription::From | Subscription::Both
            ),
            ..Entry::default()
        };
        true
    }

    fn remove(&mut self, jid: &BareJid) -> Option<Entry> {
        self.entries.remove(jid)
    }

    fn to_query(&self) -> Element {
        element("query", ns::ROSTER)
            .append_all(
                self.entries
                    .iter()
                    .filter(|(_, entry)| entry.listed)
                    .map(|(jid, entry)| entry.to_item(jid)),
            )
            .build()
    }
}

impl Entry {
    fn to_item(&self, jid: &BareJid) -> Element {
        let subscription = match (self.to, self.from) {
            (false, false) => "none",
            (true, false) => "to",
            (false, true) => "from",
            (true, true) => "both",
        };
        element("item", ns::ROSTER)
            .with(attr::JID, jid.as_str())
            .with(attr::NAME, self.name.as_deref())
            .with(attr::SUBSCRIPTION, subscription)
            .with(attr::ASK, self.asked.then_some("subscribe"))
            .with(attr::APPROVED, self.approved.then_some("true"))
            .append_all(
                self.groups
                    .iter()
                    .map(|group| element("group", ns::ROSTER).append(group.as_str()).build()),
            )
            .build()
    }
}

impl Server {
    /// Answers a client that reads its own roster; from now on it hears of changes.
    pub(crate) fn roster_get(&mut self, asker: &FullJid) -> Result<Option<Element>, Refusal> {
        if let Some(resource) = self.resource_mut(asker) {
            resource.interested = true;
        }
        let account = self
            .accounts
            .get(&asker.to_bare())
            .ok_or(Refusal::UNAVAILABLE)?;
        Ok(Some(account.roster.to_query()))
    }

    /// A client adds, changes or removes one contact of its own roster.
    pub(crate) fn roster_set(
        &mut self,
        asker: &FullJid,
        query: &Element,
    ) -> Result<Option<Element>, Refusal> {
        let item = child(query, "item").ok_or(Refusal::BAD_REQUEST)?;
        let contact = jid_attr(item, "jid").ok_or(Refusal::BAD_REQUEST)?.to_bare();
        let owner = asker.to_bare();
        if contact == owner {
            return Err(Refusal::FORBIDDEN);
        }
        if item.attr("subscription") == Some("remove") {
            return self.remove_contact(&owner, &contact);
        }
        let name = item
            .attr("name")
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        let groups: BTreeSet<String> = children(item, "group").map(Element::text).collect();
        let fits = |text: &String| text.len() <= limits::NAME_BYTES;
        if groups.len() > limits::GROUPS || !groups.iter().chain(&name).all(fits) {
            return Err(Refusal::NOT_ACCEPTABLE);
        }
        let entry = self
            .accounts
            .get_mut(&owner)
            .and_then(|account| account.roster.entry(&contact))
            .ok_or(Refusal::TOO_MANY)?;
        entry.listed = true;
        entry.name = name;
        entry.groups = groups;
        self.push_contact(&owner, &contact);
        Ok(None)
    }

    /// Tells all interested clients of an account how a contact stands now.
    pub(crate) fn push_contact(&mut self, owner: &BareJid, contact: &BareJid) {
        let Some(entry) = self
            .accounts
            .get(owner)
            .and_then(|account| account.roster.get(contact))
            .filter(|entry| entry.listed)
        else {
            return;
        };
        let item = entry.to_item(contact);
        self.push_item(owner, &item);
    }

    fn remove_contact(
        &mut self,
        owner: &BareJid,
        contact: &BareJid,
    ) -> Result<Option<Element>, Refusal> {
        let flavour = self.config.flavour;
        let is_listed = self
            .accounts
            .get(owner)
            .and_then(|account| account.roster.get(contact))
            .is_some_and(|entry| entry.listed);
        if !is_listed && !flavour.removes_whom_it_does_not_know() {
            return Err(Refusal::NOT_FOUND);
        }
        let entry = self
            .accounts
            .get_mut(owner)
            .and_then(|account| account.roster.remove(contact))
            .unwrap_or_default();
        if entry.from {
            self.forget_reader(owner, contact);
        }
        if entry.from || entry.asks {
            self.tell_step(owner, contact, Type::Unsubscribed);
        }
        let leaves = entry.to || entry.asked;
        if (flavour.hides_from_those_who_leave() && entry.from)
            || (!flavour.hides_from_those_who_leave() && leaves)
        {
            self.hide_from(owner, contact);
        }
        if leaves {
            self.tell_step(owner, contact, Type::Unsubscribe);
        }
        let item = element("item", ns::ROSTER)
            .with(attr::JID, contact.as_str())
            .with(attr::SUBSCRIPTION, "remove")
            .build();
        self.push_item(owner, &item);
        Ok(None)
    }

    fn push_item(&mut self, owner: &BareJid, item: &Element) {
        let Some(account) = self.accounts.get(owner) else {
            return;
        };
        let interested: Vec<_> = account
            .resources
            .values()
            .filter(|resource| resource.interested)
            .map(|resource| (resource.connection, resource.jid.clone()))
            .collect();
        for (connection, jid) in interested {
            let push = Iq::Set {
                from: Some(Jid::from(owner.clone())),
                to: Some(Jid::from(jid)),
                id: self.fresh_id(),
                payload: element("query", ns::ROSTER).append(item.clone()).build(),
            };
            self.post(connection, Stanza::Iq(Box::new(push)));
        }
    }
}
