//! Who may read the nodes of an account, and who may know of them.

use jid::BareJid;
use roost_xmpp_proto::AccessModel;

use super::Node;
use crate::refusal::Refusal;
use crate::server::Server;

impl Server {
    /// Whether somebody may read a node.
    pub(crate) fn may_read(
        &self,
        owner: &BareJid,
        node: &Node,
        actor: &BareJid,
    ) -> Result<(), Refusal> {
        let flavour = self.config.flavour;
        if actor == owner || (flavour.lets_subscribers_fetch() && node.is_subscribed(actor)) {
            return Ok(());
        }
        let is_seen = node.config.access == AccessModel::Presence && self.sees(owner, actor);
        node.may_read(actor, is_seen, flavour)
    }

    /// The node, for somebody who may not even be told that it is not there.
    pub(super) fn node_for(
        &self,
        owner: &BareJid,
        name: &str,
        actor: &BareJid,
    ) -> Result<&Node, Refusal> {
        let knows = actor == owner || self.sees(owner, actor);
        match self.node(owner, name) {
            Err(_) if self.config.flavour.hides_missing_nodes() && !knows => {
                Err(Refusal::FORBIDDEN)
            }
            node => node,
        }
    }

    /// Whether somebody sees the presence of the owner.
    fn sees(&self, owner: &BareJid, actor: &BareJid) -> bool {
        self.accounts
            .get(owner)
            .is_some_and(|account| account.roster.is_seen_by(actor))
    }

    /// `reader` does not see the presence of `owner` any more.
    pub(crate) fn forget_reader(&mut self, owner: &BareJid, reader: &BareJid) {
        if !self.config.flavour.unsubscribes_those_who_see_no_more() {
            return;
        }
        let nodes = self
            .accounts
            .get_mut(owner)
            .into_iter()
            .flat_map(|account| account.nodes.values_mut())
            .filter(|node| node.config.access == AccessModel::Presence);
        for node in nodes {
            node.forget_subscriber(reader);
        }
    }
}
