//! One node: who may do what, who is subscribed, and what it holds.

use std::collections::{BTreeMap, BTreeSet};

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use roost_xmpp_proto::{AccessModel, Affiliation, PublishModel};

use super::config::Config;
use crate::flavour::Flavour;
use crate::limits;
use crate::refusal::Refusal;

/// A node of an account. Its owner is the account, and nobody else.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) config: Config,
    affiliations: BTreeMap<BareJid, Affiliation>,
    subscriptions: BTreeSet<Jid>,
    /// By time of publication, oldest first.
    items: Vec<Item>,
}

/// An item of a node.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) publisher: FullJid,
    pub(crate) payload: Option<Element>,
    creator: BareJid,
}

impl Node {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config,
            affiliations: BTreeMap::new(),
            subscriptions: BTreeSet::new(),
            items: Vec::new(),
        }
    }

    /// Changes the configuration; what is then too much is forgotten, oldest first.
    pub(crate) fn configure(&mut self, config: Config, flavour: Flavour) {
        self.config = config;
        self.trim(flavour);
    }

    /// Whether somebody other than the owner may read. `is_seen` tells whether the node is open
    /// to those who see the owner's presence and the reader does.
    pub(crate) fn may_read(
        &self,
        reader: &BareJid,
        is_seen: bool,
        flavour: Flavour,
    ) -> Result<(), Refusal> {
        match (self.affiliation(reader), self.config.access) {
            (Affiliation::Owner | Affiliation::Publisher | Affiliation::Member, _)
            | (Affiliation::None, AccessModel::Open) => Ok(()),
            (Affiliation::None, _) if is_seen => Ok(()),
            (Affiliation::Outcast | Affiliation::PublishOnly, _) => Err(Refusal::FORBIDDEN),
            (Affiliation::None, access) => Err(match (flavour, access) {
                (Flavour::Prosody, _) => Refusal::FORBIDDEN,
                (Flavour::Ejabberd, AccessModel::Presence) => Refusal::NODE_WANTS_PRESENCE,
                (Flavour::Ejabberd, AccessModel::Roster) => Refusal::NODE_WANTS_GROUP,
                (Flavour::Ejabberd, _) => Refusal::CLOSED_NODE,
            }),
        }
    }

    pub(crate) fn subscribe(&mut self, jid: Jid) -> Result<(), Refusal> {
        if self.subscriptions.len() >= limits::NODE_MEMBERS && !self.subscriptions.contains(&jid) {
            return Err(Refusal::TOO_MANY);
        }
        self.subscriptions.insert(jid);
        Ok(())
    }

    /// Ends a subscription of the one who asks.
    pub(crate) fn unsubscribe(&mut self, jid: &Jid, actor: &BareJid) -> Result<(), Refusal> {
        if jid.to_bare() != *actor {
            Err(Refusal::FORBIDDEN)
        } else if self.subscriptions.remove(jid) {
            Ok(())
        } else {
            Err(Refusal::NOT_SUBSCRIBED)
        }
    }

    /// Whether an account is subscribed, by its bare JID or by that of a client.
    pub(crate) fn is_subscribed(&self, account: &BareJid) -> bool {
        self.subscriptions
            .iter()
            .any(|jid| jid == account || jid.to_bare() == *account)
    }

    pub(crate) fn subscribers(&self) -> impl Iterator<Item = &Jid> {
        self.subscriptions.iter()
    }

    /// The owner begins or ends subscriptions of others (XEP-0060, section 8.8.2). Changes before
    /// a failing one remain.
    pub(crate) fn set_subscriptions(
        &mut self,
        changes: Vec<(Jid, bool)>,
        flavour: Flavour,
    ) -> Result<(), Refusal> {
        for (jid, subscribed) in changes {
            if subscribed {
                self.subscribe(jid)?;
            } else if !self.subscriptions.remove(&jid) {
                return Err(match flavour {
                    Flavour::Prosody => Refusal::NOT_SUBSCRIBED,
                    Flavour::Ejabberd => Refusal::NOT_SUBSCRIBED_BY_OWNER,
                });
            }
        }
        Ok(())
    }

    /// Ends the subscriptions of somebody.
    pub(crate) fn forget_subscriber(&mut self, jid: &BareJid) {
        self.retain_subscribers(|subscriber| subscriber != jid);
    }

    /// Ends the subscriptions of those for whom this does not hold.
    pub(crate) fn retain_subscribers(&mut self, may_stay: impl Fn(&BareJid) -> bool) {
        self.subscriptions.retain(|jid| may_stay(&jid.to_bare()));
    }

    pub(crate) fn affiliations(&self) -> impl Iterator<Item = (&BareJid, Affiliation)> {
        self.affiliations.iter().map(|(jid, is)| (jid, *is))
    }

    /// The owner says what somebody may do. The owner's own part is fixed, and no second owner is
    /// made.
    pub(crate) fn affiliate(
        &mut self,
        owner: &BareJid,
        (jid, is): &(BareJid, Affiliation),
    ) -> Result<(), Refusal> {
        if (jid == owner) != (*is == Affiliation::Owner) {
            return Err(Refusal::NOT_ACCEPTABLE);
        }
        let is_full = self.affiliations.len() >= limits::NODE_MEMBERS;
        match *is {
            Affiliation::Owner => {}
            Affiliation::None => drop(self.affiliations.remove(jid)),
            _ if is_full && !self.affiliations.contains_key(jid) => return Err(Refusal::TOO_MANY),
            is => drop(self.affiliations.insert(jid.clone(), is)),
        }
        Ok(())
    }

    /// Adds an item, or puts one in the place of an older one with the same id.
    pub(crate) fn publish(
        &mut self,
        id: &str,
        payload: Option<Element>,
        actor: &FullJid,
        is_owner: bool,
        flavour: Flavour,
    ) -> Result<(), Refusal> {
        let publisher = actor.to_bare();
        if !is_owner && !self.may_publish(&publisher) {
            return Err(Refusal::FORBIDDEN);
        }
        let mut creator = publisher;
        if let Some(index) = self.items.iter().position(|item| item.id == id) {
            if flavour.has_one_writer_per_item() && self.items[index].creator != creator {
                return Err(Refusal::FORBIDDEN);
            }
            creator = self.items.remove(index).creator;
        }
        self.items.push(Item {
            id: id.to_owned(),
            publisher: actor.clone(),
            payload,
            creator,
        });
        self.trim(flavour);
        Ok(())
    }

    /// Takes an item away.
    pub(crate) fn retract(
        &mut self,
        id: &str,
        actor: &BareJid,
        is_owner: bool,
        flavour: Flavour,
    ) -> Result<(), Refusal> {
        if !is_owner && !self.may_publish(actor) {
            return Err(Refusal::FORBIDDEN);
        }
        let index = self
            .items
            .iter()
            .position(|item| item.id == id)
            .ok_or(Refusal::NOT_FOUND)?;
        let is_foreign = !is_owner && self.items[index].creator != *actor;
        if is_foreign && flavour.has_one_writer_per_item() {
            return Err(Refusal::FORBIDDEN);
        }
        self.items.remove(index);
        Ok(())
    }

    pub(crate) fn purge(&mut self) {
        self.items.clear();
    }

    /// What a restart of the server does to the items.
    pub(crate) fn forget_transient(&mut self) {
        if !self.config.persist {
            self.items.clear();
        }
    }

    /// Oldest first.
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// Items by id, or else the newest `max` of all.
    pub(crate) fn fetch(&self, ids: &[String], max: Option<usize>) -> impl Iterator<Item = &Item> {
        let skip = match max {
            Some(max) if ids.is_empty() => self.items.len().saturating_sub(max),
            _ => 0,
        };
        self.items
            .iter()
            .skip(skip)
            .filter(|item| ids.is_empty() || ids.contains(&item.id))
    }

    fn affiliation(&self, jid: &BareJid) -> Affiliation {
        self.affiliations
            .get(jid)
            .copied()
            .unwrap_or(Affiliation::None)
    }

    /// Whether somebody other than the owner may publish. An open node takes from anybody, even
    /// from those who are shut out: both real servers do that.
    fn may_publish(&self, publisher: &BareJid) -> bool {
        match self.config.publish {
            PublishModel::Open => true,
            PublishModel::Subscribers if self.is_subscribed(publisher) => true,
            _ => matches!(
                self.affiliation(publisher),
                Affiliation::Owner | Affiliation::Publisher | Affiliation::PublishOnly
            ),
        }
    }

    fn trim(&mut self, flavour: Flavour) {
        let mut most = usize::try_from(self.config.max_items).unwrap_or(usize::MAX);
        if flavour.counts_items_by_publisher() {
            let mut counts: BTreeMap<BareJid, usize> = BTreeMap::new();
            self.items.reverse();
            self.items.retain(|item| {
                let count = counts.entry(item.creator.clone()).or_default();
                *count += 1;
                *count <= most
            });
            self.items.reverse();
            most = limits::ITEMS;
        }
        let surplus = self.items.len().saturating_sub(most);
        self.items.drain(..surplus);
    }
}
