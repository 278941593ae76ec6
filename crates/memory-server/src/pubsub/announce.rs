//! How subscribers are told: headlines from the account that hosts the node.

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_model::Timestamp;
use xmpp_parsers::message::{Id, Message};

use super::{Node, event};
use crate::server::Server;

impl Server {
    /// Tells the subscribers of a node what happened, if the node is configured to.
    pub(super) fn announce(
        &mut self,
        owner: &BareJid,
        name: &str,
        word: impl FnOnce(&Node) -> Option<Element>,
    ) {
        let Ok(node) = self.node(owner, name) else {
            return;
        };
        let Some(event) = word(node) else {
            return;
        };
        let recipients: Vec<Jid> = node.subscribers().cloned().collect();
        self.headline(owner, &recipients, event);
    }

    pub(super) fn headline(&mut self, service: &BareJid, recipients: &[Jid], event: Element) {
        let mut message = Message::headline(None);
        message.from = Some(Jid::from(service.clone()));
        message.payloads = vec![event];
        for recipient in recipients {
            let mut message = message.clone();
            message.to = Some(recipient.clone());
            message.id = Some(Id(self.fresh_id()));
            // Headlines are never kept, so that the time does not matter; nobody hears of one
            // that reaches nobody.
            let _ = self.deliver(recipient, message, Timestamp::default());
        }
    }

    /// Real ejabberd sends the last item of nodes that want so to a client that has just come,
    /// from the address of the service beside the accounts.
    pub(crate) fn send_last_items(&mut self, jid: &FullJid, seen: &[BareJid]) {
        if !self.config.flavour.has_pubsub_service() {
            return;
        }
        let own = jid.to_bare();
        let Ok(service) = BareJid::new(&self.pubsub_service()) else {
            return;
        };
        let events: Vec<Element> = seen
            .iter()
            .filter_map(|owner| self.accounts.get(owner))
            .flat_map(|account| &account.nodes)
            .filter(|(_, node)| node.config.sends_last_item && node.is_subscribed(&own))
            .filter_map(|(name, node)| event::published(name, node, self.config.flavour))
            .collect();
        for event in events {
            self.headline(&service, &[Jid::from(jid.clone())], event);
        }
    }
}
