//! Who is there (RFC 6121, section 4).

use jid::{BareJid, FullJid, Jid};
use roost_xmpp_proto::Stanza;
use xmpp_parsers::presence::{Presence, Type};

use crate::Connection;
use crate::account::{Account, Resource};
use crate::limits;
use crate::server::Server;
use crate::xml::fits;

impl Server {
    /// A client tells something about itself, or takes a step of the subscription handshake. What
    /// makes no sense or does not fit is ignored, as nobody waits for an answer.
    pub(crate) fn handle_presence(&mut self, from: &FullJid, mut presence: Presence) {
        if !presence_fits(&presence) {
            return;
        }
        let to = presence.to.clone();
        presence.from = Some(Jid::from(from.clone()));
        match (&presence.type_, to) {
            (Type::None, None) => self.become_available(from, presence),
            (Type::Unavailable, None) => self.become_unavailable(from, Some(presence)),
            (Type::None | Type::Unavailable, Some(to)) => self.direct(from, &to, presence),
            (Type::Error, Some(to)) => self.show_to(&to, &presence),
            (Type::Probe, Some(to)) => self.probe(from, &to.into_bare()),
            (
                Type::Subscribe | Type::Subscribed | Type::Unsubscribe | Type::Unsubscribed,
                Some(to),
            ) => self.take_step(&from.to_bare(), &to.into_bare(), &presence.type_),
            (_, None) => {}
        }
    }

    fn become_available(&mut self, jid: &FullJid, presence: Presence) {
        let Some(resource) = self.resource_mut(jid) else {
            return;
        };
        let is_first = resource.presence.replace(presence.clone()).is_none();
        let own = jid.to_bare();
        for audience in self.audience(&own) {
            self.show_to(&audience, &presence);
        }
        if is_first {
            self.welcome(jid, &own);
        }
    }

    /// Tells a client that has just come who is there, who asks, and what waited.
    fn welcome(&mut self, jid: &FullJid, own: &BareJid) {
        let Some(account) = self.accounts.get(own) else {
            return;
        };
        let seen = account.roster.which(|entry| entry.to);
        let asking = account.roster.which(|entry| entry.asks);
        let siblings = account
            .available()
            .filter(|resource| resource.jid != *jid)
            .filter_map(|resource| resource.presence.clone());
        let contacts = seen
            .iter()
            .filter_map(|contact| self.accounts.get(contact))
            .filter(|contact| contact.roster.is_seen_by(own))
            .flat_map(Account::available)
            .filter_map(|resource| resource.presence.clone());
        let asks = asking
            .into_iter()
            .map(|contact| Presence::new(Type::Subscribe).with_from(contact));
        let news: Vec<Presence> = siblings.chain(contacts).chain(asks).collect();
        let to = Jid::from(jid.clone());
        for presence in news {
            self.show_to(&to, &presence);
        }
        self.deliver_kept(jid);
        self.send_last_items(jid, &seen);
    }

    /// A client leaves; without a `presence` of its own, the server words the good-bye.
    pub(crate) fn become_unavailable(&mut self, jid: &FullJid, presence: Option<Presence>) {
        let Some(resource) = self.resource_mut(jid) else {
            return;
        };
        let was_available = resource.presence.take().is_some();
        let directed = std::mem::take(&mut resource.directed);
        let presence =
            presence.unwrap_or_else(|| Presence::new(Type::Unavailable).with_from(jid.clone()));
        let mut audiences = Vec::new();
        if was_available {
            audiences = self.audience(&jid.to_bare());
        }
        audiences.extend(directed);
        for audience in audiences {
            self.show_to(&audience, &presence);
        }
    }

    /// Who hears of this account's presence: its own clients, and contacts that may see it.
    fn audience(&self, own: &BareJid) -> Vec<Jid> {
        let contacts = self
            .accounts
            .get(own)
            .map(|account| account.roster.which(|entry| entry.from));
        std::iter::once(own.clone())
            .chain(contacts.into_iter().flatten())
            .map(Jid::from)
            .collect()
    }

    /// Presence for somebody in particular; if the client leaves, they are told.
    fn direct(&mut self, from: &FullJid, to: &Jid, presence: Presence) {
        let Some(resource) = self.resource_mut(from) else {
            return;
        };
        if presence.type_ == Type::Unavailable {
            resource.directed.remove(to);
        } else if resource.directed.len() < limits::DIRECTED_PRESENCES {
            resource.directed.insert(to.clone());
        } else {
            return;
        }
        self.show_to(to, &presence);
    }

    /// A client asks for the presence of a contact anew.
    fn probe(&mut self, from: &FullJid, contact: &BareJid) {
        let presences: Vec<Presence> = self
            .accounts
            .get(contact)
            .filter(|account| account.roster.is_seen_by(&from.to_bare()))
            .into_iter()
            .flat_map(Account::available)
            .filter_map(|resource| resource.presence.clone())
            .collect();
        let to = Jid::from(from.clone());
        for presence in presences {
            self.show_to(&to, &presence);
        }
    }

    /// Hands a presence stanza to one client, or to all available ones of an account.
    pub(crate) fn show_to(&mut self, to: &Jid, presence: &Presence) {
        let Some(account) = self.accounts.get(&to.to_bare()) else {
            return;
        };
        let connections: Vec<Connection> = match to.resource() {
            Some(name) => account
                .resources
                .get(name)
                .map(|resource| vec![resource.connection])
                .unwrap_or_default(),
            None => account
                .available()
                .map(|resource: &Resource| resource.connection)
                .collect(),
        };
        for connection in connections {
            let presence = presence.clone().with_to(to.clone());
            self.post(connection, Stanza::Presence(Box::new(presence)));
        }
    }
}

fn presence_fits(presence: &Presence) -> bool {
    let text: usize = presence.statuses.values().map(String::len).sum();
    text <= limits::CONTENT_BYTES && fits(&presence.payloads)
}
