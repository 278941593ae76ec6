//! The PubSub service of every account (XEP-0060, XEP-0163).
//!
//! A [`Request`] is read from a stanza, decided upon by the [`Node`] it is about, and answered
//! here; what subscribers should know goes out as headlines from the account's bare JID.

mod announce;
mod config;
mod event;
mod node;
mod reply;
mod request;
mod rights;

pub(crate) use node::Node;
pub(crate) use request::Request;

use std::collections::BTreeSet;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_xmpp_proto::Affiliation;

use crate::limits;
use crate::refusal::Refusal;
use crate::server::Server;
use config::Config;
use request::{NewItem, Wish};

impl Server {
    /// Does what `actor` asks of the service of `owner`.
    pub(crate) fn pubsub(
        &mut self,
        owner: &BareJid,
        actor: &FullJid,
        request: Request,
    ) -> Result<Option<Element>, Refusal> {
        let Request { node: name, wish } = request;
        let bare = actor.to_bare();
        let is_owner = bare == *owner;
        if wish.is_for_owner() && !is_owner {
            return Err(Refusal::FORBIDDEN);
        }
        let flavour = self.config.flavour;
        match wish {
            Wish::Create(fields) => {
                let config = Config::usual(flavour).with(&fields, flavour)?;
                self.create_node(owner, &name, config)?;
                Ok(None)
            }
            Wish::Publish { item, options } => self.publish(owner, actor, &name, item, options),
            Wish::Subscribe(jid) => self.subscribe(owner, actor, &name, jid),
            Wish::Unsubscribe(jid) => {
                let node = self.node_for(owner, &name, &bare)?;
                if flavour.keeps_subscriptions_of_those_shut_out() {
                    self.may_read(owner, node, &bare)?;
                }
                self.node_mut(owner, &name)?.unsubscribe(&jid, &bare)?;
                Ok(None)
            }
            Wish::Fetch { ids, max } => {
                let node = self.node_for(owner, &name, &bare)?;
                self.may_read(owner, node, &bare)?;
                Ok(Some(reply::items(&name, node.fetch(&ids, max), flavour)))
            }
            Wish::Retract { id, notify } => {
                self.node_for(owner, &name, &bare)?;
                let node = self.node_mut(owner, &name)?;
                node.retract(&id, &bare, is_owner, flavour)?;
                if notify {
                    self.announce(owner, &name, |node| event::retracted(&name, &id, node));
                }
                Ok(None)
            }
            Wish::ReadConfig => {
                let config = self.node(owner, &name)?.config;
                Ok(Some(reply::config(&name, &config)))
            }
            Wish::Configure(fields) => self.configure_node(owner, &name, &fields),
            Wish::Delete => {
                self.node(owner, &name)?;
                self.announce(owner, &name, |node| event::deleted(&name, node));
                if let Some(account) = self.accounts.get_mut(owner) {
                    account.nodes.remove(&name);
                }
                Ok(None)
            }
            Wish::Purge => {
                self.node_mut(owner, &name)?.purge();
                self.announce(owner, &name, |node| event::purged(&name, node));
                Ok(None)
            }
            Wish::ReadAffiliations => {
                let node = self.node(owner, &name)?;
                Ok(Some(reply::affiliations(&name, owner, node)))
            }
            Wish::SetAffiliations(changes) => self.affiliate(owner, &name, &changes),
            Wish::ReadSubscriptions if !flavour.lists_subscriptions() => Err(Refusal::UNSUPPORTED),
            Wish::ReadSubscriptions => {
                let node = self.node(owner, &name)?;
                Ok(Some(reply::subscriptions(&name, node)))
            }
            Wish::SetSubscriptions(changes) => {
                self.node_mut(owner, &name)?
                    .set_subscriptions(changes, flavour)?;
                Ok(None)
            }
        }
    }

    fn subscribe(
        &mut self,
        owner: &BareJid,
        actor: &FullJid,
        name: &str,
        jid: Jid,
    ) -> Result<Option<Element>, Refusal> {
        let flavour = self.config.flavour;
        let bare = actor.to_bare();
        if jid.to_bare() != bare {
            return Err(Refusal::INVALID_JID);
        }
        let node = self.node_for(owner, name, &bare)?;
        self.may_read(owner, node, &bare)?;
        let node = self.node_mut(owner, name)?;
        node.subscribe(jid.clone())?;
        let last = node
            .config
            .sends_last_item
            .then(|| event::published(name, node, flavour))
            .flatten();
        if let Some(event) = last {
            self.headline(owner, std::slice::from_ref(&jid), event);
        }
        Ok(Some(reply::subscribed(name, &jid)))
    }

    fn publish(
        &mut self,
        owner: &BareJid,
        actor: &FullJid,
        name: &str,
        item: NewItem,
        options: Option<config::Fields>,
    ) -> Result<Option<Element>, Refusal> {
        let flavour = self.config.flavour;
        let is_owner = actor.to_bare() == *owner;
        match (self.node(owner, name), &options) {
            (Ok(node), Some(options)) => {
                config::check_options(options, flavour)?;
                node.config.meets(options, flavour)?;
            }
            (Ok(_), None) => {}
            (Err(_), _) if !is_owner && flavour.hides_missing_nodes() => {
                return Err(Refusal::FORBIDDEN);
            }
            (Err(missing), _) if !is_owner => return Err(missing),
            (Err(_), Some(options)) => {
                config::check_options(options, flavour)?;
                let config = Config::usual(flavour).with(options, flavour)?;
                self.create_node(owner, name, config)?;
            }
            (Err(_), None) => self.create_node(owner, name, Config::usual(flavour))?,
        }
        let id = item.id.unwrap_or_else(|| self.fresh_id());
        let node = self.node_mut(owner, name)?;
        node.publish(&id, item.payload, actor, is_owner, flavour)?;
        self.announce(owner, name, |node| event::published(name, node, flavour));
        if flavour.echoes_to_owner() {
            let echo = event::published(name, self.node(owner, name)?, flavour);
            if let Some(echo) = echo {
                self.headline(owner, &[Jid::from(owner.clone())], echo);
            }
        }
        Ok(Some(reply::published(name, &id)))
    }

    fn configure_node(
        &mut self,
        owner: &BareJid,
        name: &str,
        fields: &config::Fields,
    ) -> Result<Option<Element>, Refusal> {
        let flavour = self.config.flavour;
        let old = self.node(owner, name)?.config;
        let base = if flavour.configures_from_scratch() {
            Config::usual(flavour)
        } else {
            old
        };
        let mut config = base.with(fields, flavour)?;
        if self.forces(name) {
            config = config.forced();
        }
        self.node_mut(owner, name)?.configure(config, flavour);
        if flavour.configures_from_scratch() && config.access != old.access {
            let node = self.node(owner, name)?;
            let staying: BTreeSet<BareJid> = node
                .subscribers()
                .map(|jid| jid.to_bare())
                .filter(|reader| self.may_read(owner, node, reader).is_ok())
                .collect();
            self.node_mut(owner, name)?
                .retain_subscribers(|jid| staying.contains(jid));
        }
        Ok(None)
    }

    fn affiliate(
        &mut self,
        owner: &BareJid,
        name: &str,
        changes: &[(BareJid, Affiliation)],
    ) -> Result<Option<Element>, Refusal> {
        let flavour = self.config.flavour;
        for change in changes {
            let node = self.node_mut(owner, name)?;
            node.affiliate(owner, change)?;
            let node = self.node(owner, name)?;
            let (jid, _) = change;
            if flavour.refuses_to_shut_out_subscribers()
                && node.subscribers().any(|subscriber| subscriber == jid)
            {
                self.may_read(owner, node, jid)?;
            }
        }
        Ok(None)
    }

    fn create_node(&mut self, owner: &BareJid, name: &str, config: Config) -> Result<(), Refusal> {
        let config = if self.forces(name) {
            config.forced()
        } else {
            config
        };
        let account = self.accounts.get_mut(owner).ok_or(Refusal::UNAVAILABLE)?;
        if account.nodes.contains_key(name) {
            return Err(Refusal::CONFLICT);
        }
        if account.nodes.len() >= limits::NODES {
            return Err(Refusal::TOO_MANY);
        }
        account.nodes.insert(name.to_owned(), Node::new(config));
        Ok(())
    }

    /// Whether the server has a mind of its own about nodes of this name.
    fn forces(&self, name: &str) -> bool {
        self.config.force_iot_nodes && name.starts_with("xmpp.iot.")
    }

    fn node(&self, owner: &BareJid, name: &str) -> Result<&Node, Refusal> {
        self.accounts
            .get(owner)
            .and_then(|account| account.nodes.get(name))
            .ok_or(Refusal::NOT_FOUND)
    }

    fn node_mut(&mut self, owner: &BareJid, name: &str) -> Result<&mut Node, Refusal> {
        self.accounts
            .get_mut(owner)
            .and_then(|account| account.nodes.get_mut(name))
            .ok_or(Refusal::NOT_FOUND)
    }
}
