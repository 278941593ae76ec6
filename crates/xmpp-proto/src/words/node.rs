//! Nodes and what is in them.

use jid::Jid;
use roost_forms::{Form, Warning};
use roost_model::{ItemId, Val};

/// XEP-0060, section 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Affiliation {
    /// All.
    Owner,
    /// Publishes and reads.
    Publisher,
    /// Publishes, cannot read.
    PublishOnly,
    /// Reads a whitelist node.
    Member,
    /// Nothing special.
    None,
    /// Shut out.
    Outcast,
}

/// Who may read (XEP-0060, section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessModel {
    /// Anybody.
    Open,
    /// Those who see our presence.
    Presence,
    /// Those in certain roster groups.
    Roster,
    /// Those named by affiliations.
    Whitelist,
}

/// Who may publish (XEP-0060, section 16.4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublishModel {
    /// Owners and publishers.
    Publishers,
    /// Subscribers.
    Subscribers,
    /// Anybody: strangers and outcasts too. Only the thesis profile's simulation uses it.
    Open,
}

/// The part of a node's configuration that matters to us. Written in full, as protocol and
/// experience with real servers ask; read back as far as the server tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// Who may read.
    pub access: AccessModel,
    /// Who may publish.
    pub publish: PublishModel,
    /// How many items are kept.
    pub max_items: u32,
    /// Whether items survive a restart of the server.
    pub persist: bool,
}

impl NodeConfig {
    /// What a Roost device asks for and insists on.
    pub const ROOST: NodeConfig = NodeConfig {
        access: AccessModel::Whitelist,
        publish: PublishModel::Publishers,
        max_items: 100,
        persist: true,
    };
}

/// What an item holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// `<val xmlns='urn:xmpp:uwpx:iot'/>`.
    Value(Val),
    /// `<x xmlns='jabber:x:data'/>`, with what was odd about it.
    Form(Box<Form>, Vec<Warning>),
    /// Nothing, or something we do not know.
    Unreadable,
}

/// An item of a node, as fetched or announced.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemReport {
    /// Its id.
    pub item: ItemId,
    /// Who published it, as stamped by the server; absent where the server does not say.
    pub publisher: Option<Jid>,
    /// What it holds.
    pub payload: Payload,
}
