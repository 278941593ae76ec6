//! Accounts, connections, and the entrance for stanzas.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jid::{BareJid, DomainPart, FullJid, Jid, ResourcePart};
use roost_model::Now;
use roost_xmpp_proto::Stanza;

use crate::account::{Account, Resource};
use crate::registration::{Admission, Register};
use crate::{Contact, Flavour, limits};

/// How to set a server up.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The domain that it serves.
    pub domain: DomainPart,
    /// Which real server it resembles.
    pub flavour: Flavour,
    /// Whether nodes named `xmpp.iot.*` become whitelist nodes with publishers, whatever their
    /// owner asks for: ejabberd's `force_node_config`. Only with [`Flavour::Ejabberd`].
    pub force_iot_nodes: bool,
    /// Who gets an account.
    pub admission: Admission,
    /// How long after an account was registered the next one may be. ejabberd: 600 s.
    pub registration_interval: Duration,
    /// Who registers others from their own session. Only with [`Flavour::Ejabberd`].
    pub registrars: BTreeSet<BareJid>,
    /// The most accounts.
    pub max_accounts: usize,
}

impl ServerConfig {
    /// A server of this flavour for 10,000 accounts that overrides no configuration and registers
    /// nobody.
    pub fn new(domain: DomainPart, flavour: Flavour) -> Self {
        Self {
            domain,
            flavour,
            force_iot_nodes: false,
            admission: Admission::Closed,
            registration_interval: Duration::ZERO,
            registrars: BTreeSet::new(),
            max_accounts: 10_000,
        }
    }
}

/// Names a client's stream from [`Server::connect`] until [`Server::disconnect`]. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Connection(u64);

/// Why a client cannot connect, or an account cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The account does not exist.
    #[error("there is no such account")]
    NoAccount,
    /// The account is of another domain, or has no user part.
    #[error("the account is not of this server")]
    ForeignDomain,
    /// The resource is not allowed by RFC 7622, section 3.4.
    #[error("the resource is not allowed")]
    BadResource,
    /// As many accounts, or resources of this account, as there may be.
    #[error("there are too many already")]
    TooMany,
}

/// The server.
#[derive(Debug)]
pub struct Server {
    pub(crate) config: ServerConfig,
    pub(crate) accounts: BTreeMap<BareJid, Account>,
    pub(crate) register: Register,
    connections: BTreeMap<Connection, FullJid>,
    output: VecDeque<(Connection, Stanza)>,
    replaced: VecDeque<Connection>,
    overflow: u64,
    last_connection: u64,
    last_id: u64,
}

impl Server {
    /// A server without accounts.
    pub fn new(config: ServerConfig) -> Self {
        Self {
            config,
            accounts: BTreeMap::new(),
            register: Register::default(),
            connections: BTreeMap::new(),
            output: VecDeque::new(),
            replaced: VecDeque::new(),
            overflow: 0,
            last_connection: 0,
            last_id: 0,
        }
    }

    /// Adds an account; adding it again changes nothing.
    ///
    /// # Errors
    /// If it is not of this domain, or there are too many.
    pub fn add_account(&mut self, jid: BareJid) -> Result<(), ConnectError> {
        if jid.node().is_none() || jid.domain() != &*self.config.domain {
            return Err(ConnectError::ForeignDomain);
        }
        if self.accounts.len() >= self.config.max_accounts && !self.accounts.contains_key(&jid) {
            return Err(ConnectError::TooMany);
        }
        self.accounts.entry(jid).or_default();
        Ok(())
    }

    /// Puts a contact on an account's roster as if it had always been there. Nobody is told; do
    /// the same on the contact's side, and before either connects.
    ///
    /// # Errors
    /// If there is no such account, or its roster is full.
    pub fn preset_contact(
        &mut self,
        owner: &BareJid,
        contact: Contact,
    ) -> Result<(), ConnectError> {
        let account = self
            .accounts
            .get_mut(owner)
            .ok_or(ConnectError::NoAccount)?;
        if account.roster.preset(contact) {
            Ok(())
        } else {
            Err(ConnectError::TooMany)
        }
    }

    /// Whether a resource of this account is available, for whoever runs the server.
    pub fn is_available(&self, jid: &BareJid) -> bool {
        let account = self.accounts.get(jid);
        account.is_some_and(|account| account.available().next().is_some())
    }

    /// How many items a node of this account holds, for whoever runs the server.
    pub fn items(&self, jid: &BareJid, node: &str) -> usize {
        let account = self.accounts.get(jid);
        let node = account.and_then(|account| account.nodes.get(node));
        node.map_or(0, |node| node.items().len())
    }

    /// Opens a stream for a client. Without a `resource` the server chooses one. A client that
    /// asks for a resource in use takes it over: [`Self::poll_replaced`] names the loser.
    ///
    /// # Errors
    /// If there is no such account, the resource is not allowed, or there are too many.
    pub fn connect(
        &mut self,
        jid: BareJid,
        resource: Option<&str>,
        now: Now,
    ) -> Result<(Connection, FullJid), ConnectError> {
        let connection = Connection(self.last_connection + 1);
        let chosen = format!("client-{}", connection.0);
        let resource = ResourcePart::new(resource.unwrap_or(&chosen))
            .map_err(|_| ConnectError::BadResource)?
            .into_owned();
        let account = self.accounts.get(&jid).ok_or(ConnectError::NoAccount)?;
        let loser = account.resources.get(&resource).map(|old| old.connection);
        if loser.is_none() && account.resources.len() >= limits::RESOURCES {
            return Err(ConnectError::TooMany);
        }
        if let Some(loser) = loser {
            self.disconnect(loser, now);
            self.replaced.push_back(loser);
        }
        self.last_connection = connection.0;
        let full = jid.with_resource(&resource);
        self.connections.insert(connection, full.clone());
        if let Some(account) = self.accounts.get_mut(&jid) {
            let client = Resource::new(connection, full.clone());
            account.resources.insert(resource, client);
        }
        Ok((connection, full))
    }

    /// Ends a stream, as when it broke: the server says good-bye for the client. What waits for
    /// it is thrown away. Does nothing on a connection that has ended.
    pub fn disconnect(&mut self, connection: Connection, _now: Now) {
        let Some(jid) = self.connections.get(&connection).cloned() else {
            return;
        };
        self.become_unavailable(&jid, None);
        self.connections.remove(&connection);
        if let Some(account) = self.accounts.get_mut(&jid.to_bare()) {
            account.resources.remove(jid.resource());
        }
        self.output.retain(|(to, _)| *to != connection);
    }

    /// Restarts the server: every stream is gone without a word, and so are items of nodes that
    /// do not persist. Rosters, nodes, subscriptions and kept messages stay.
    pub fn restart(&mut self) {
        self.connections.clear();
        self.output.clear();
        self.replaced.clear();
        for account in self.accounts.values_mut() {
            account.resources.clear();
            for node in account.nodes.values_mut() {
                node.forget_transient();
            }
        }
    }

    /// Takes a stanza from a client. Its `from` is replaced by the client's address. Stanzas on a
    /// connection that has ended are ignored.
    pub fn handle(&mut self, connection: Connection, stanza: Stanza, now: Now) {
        let Some(from) = self.connections.get(&connection).cloned() else {
            return;
        };
        match stanza {
            Stanza::Iq(iq) => self.handle_iq(&from, *iq),
            Stanza::Message(message) => self.handle_message(from, *message, now),
            Stanza::Presence(presence) => self.handle_presence(&from, *presence),
        }
    }

    /// The next stanza for a client. Carry all of them away after each call of another method.
    pub fn poll_output(&mut self) -> Option<(Connection, Stanza)> {
        self.output.pop_front()
    }

    /// The next connection that another client took over: its stream has ended.
    pub fn poll_replaced(&mut self) -> Option<Connection> {
        self.replaced.pop_front()
    }

    /// How many stanzas were thrown away because nobody carried the output away.
    pub fn overflow(&self) -> u64 {
        self.overflow
    }

    /// Gives a stanza to a client.
    pub(crate) fn post(&mut self, connection: Connection, stanza: Stanza) {
        if self.output.len() < limits::OUTPUT {
            self.output.push_back((connection, stanza));
        } else {
            self.overflow += 1;
        }
    }

    /// The client with this address, if it is connected.
    pub(crate) fn resource(&self, jid: &FullJid) -> Option<&Resource> {
        self.accounts
            .get(&jid.to_bare())?
            .resources
            .get(jid.resource())
    }

    pub(crate) fn resource_mut(&mut self, jid: &FullJid) -> Option<&mut Resource> {
        self.accounts
            .get_mut(&jid.to_bare())?
            .resources
            .get_mut(jid.resource())
    }

    /// Whether the address is of this domain, if not the domain itself.
    pub(crate) fn serves(&self, jid: &Jid) -> bool {
        jid.domain() == &*self.config.domain
    }

    /// The server's own address.
    pub(crate) fn own_jid(&self) -> Jid {
        Jid::from(self.config.domain.clone())
    }

    /// An id for a stanza of the server's own.
    pub(crate) fn fresh_id(&mut self) -> String {
        self.last_id += 1;
        format!("server-{}", self.last_id)
    }
}
