//! Service discovery of accounts and of the server (XEP-0030).

use jid::{BareJid, FullJid};
use minidom::Element;

use crate::flavour::Flavour;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::xml::{With, attr, element, ns};

/// What the PubSub service of an account can do (XEP-0060, section 10).
const PUBSUB_FEATURES: [&str; 21] = [
    "access-open",
    "access-presence",
    "access-whitelist",
    "auto-create",
    "config-node",
    "create-and-configure",
    "create-nodes",
    "delete-items",
    "delete-nodes",
    "item-ids",
    "last-published",
    "modify-affiliations",
    "outcast-affiliation",
    "persistent-items",
    "publish",
    "publish-options",
    "publisher-affiliation",
    "purge-nodes",
    "retract-items",
    "retrieve-items",
    "subscribe",
];

impl Server {
    /// What an account can do, for those who see its presence.
    pub(crate) fn account_info(
        &self,
        account: &BareJid,
        asker: &FullJid,
        query: &Element,
    ) -> Result<Element, Refusal> {
        self.may_discover(account, asker)?;
        if let Some(node) = query.attr("node") {
            let known = self
                .accounts
                .get(account)
                .is_some_and(|account| account.nodes.contains_key(node));
            if !known {
                return Err(Refusal::NOT_FOUND);
            }
            return Ok(info(
                Some(node),
                &[("pubsub", "leaf")],
                [ns::PUBSUB.to_owned()],
            ));
        }
        let pubsub = PUBSUB_FEATURES
            .iter()
            .map(|feature| format!("{}#{feature}", ns::PUBSUB));
        let basic = [ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PUBSUB].map(str::to_owned);
        Ok(info(
            None,
            &[("account", "registered"), ("pubsub", "pep")],
            basic.into_iter().chain(pubsub),
        ))
    }

    /// The nodes of an account that the asker may read.
    pub(crate) fn account_items(
        &self,
        account: &BareJid,
        asker: &FullJid,
        query: &Element,
    ) -> Result<Element, Refusal> {
        self.may_discover(account, asker)?;
        let mut list = element("query", ns::DISCO_ITEMS).with(attr::NODE, query.attr("node"));
        if query.attr("node").is_some() {
            return Ok(list.build());
        }
        let item = |node: Option<&str>| {
            element("item", ns::DISCO_ITEMS)
                .with(attr::JID, account.as_str())
                .with(attr::NODE, node)
                .build()
        };
        if self.config.flavour.lists_account_among_nodes() {
            list = list.append(item(None));
        }
        let nodes = self.accounts.get(account).map(|account| &account.nodes);
        Ok(list
            .append_all(
                nodes
                    .into_iter()
                    .flatten()
                    .filter(|(_, node)| self.may_read(account, node, &asker.to_bare()).is_ok())
                    .take(self.config.flavour.max_listed_nodes())
                    .map(|(name, _)| item(Some(name))),
            )
            .build())
    }

    /// What the server can do.
    pub(crate) fn server_info(&self, query: &Element) -> Result<Element, Refusal> {
        no_node(query)?;
        let features = [ns::DISCO_INFO, ns::DISCO_ITEMS, ns::PING, ns::ROSTER];
        Ok(info(
            None,
            &[("server", "im"), ("pubsub", "pep")],
            features.map(str::to_owned),
        ))
    }

    /// What else is at the server.
    pub(crate) fn server_items(&self, query: &Element) -> Element {
        let has_service = self.config.flavour.has_pubsub_service() && query.attr("node").is_none();
        element("query", ns::DISCO_ITEMS)
            .append_all(has_service.then(|| {
                element("item", ns::DISCO_ITEMS)
                    .with(attr::JID, self.pubsub_service())
                    .build()
            }))
            .build()
    }

    /// What the PubSub service beside the accounts can do.
    pub(crate) fn pubsub_service_info(query: &Element) -> Result<Element, Refusal> {
        no_node(query)?;
        Ok(info(
            None,
            &[("pubsub", "service")],
            [ns::PUBSUB.to_owned()],
        ))
    }

    fn may_discover(&self, account: &BareJid, asker: &FullJid) -> Result<(), Refusal> {
        let asker = asker.to_bare();
        let sees = self
            .accounts
            .get(account)
            .is_some_and(|known| asker == *account || known.roster.is_seen_by(&asker));
        match self.config.flavour {
            _ if sees => Ok(()),
            Flavour::Prosody => Err(Refusal::UNAVAILABLE),
            Flavour::Ejabberd => Err(Refusal::PRESENCE_REQUIRED),
        }
    }
}

fn no_node(query: &Element) -> Result<(), Refusal> {
    match query.attr("node") {
        Some(_) => Err(Refusal::NOT_FOUND),
        None => Ok(()),
    }
}

fn info(
    node: Option<&str>,
    identities: &[(&str, &str)],
    features: impl IntoIterator<Item = String>,
) -> Element {
    element("query", ns::DISCO_INFO)
        .with(attr::NODE, node)
        .append_all(identities.iter().map(|(category, kind)| {
            element("identity", ns::DISCO_INFO)
                .with(attr::CATEGORY, *category)
                .with(attr::TYPE, *kind)
                .build()
        }))
        .append_all(features.into_iter().map(|feature| {
            element("feature", ns::DISCO_INFO)
                .with(attr::VAR, feature)
                .build()
        }))
        .build()
}
