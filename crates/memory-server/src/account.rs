//! What the server keeps for one account.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jid::{FullJid, Jid, ResourcePart};
use roost_model::{Secret, Timestamp};
use xmpp_parsers::message::Message;
use xmpp_parsers::presence::Presence;

use crate::Connection;
use crate::limits;
use crate::pubsub::Node;
use crate::roster::Roster;

/// One account: what outlives its connections, and the resources that are connected now.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// By which it was registered.
    pub(crate) password: Option<Secret>,
    pub(crate) roster: Roster,
    pub(crate) nodes: BTreeMap<String, Node>,
    pub(crate) resources: BTreeMap<ResourcePart, Resource>,
    kept: VecDeque<(Message, Timestamp)>,
}

/// One connected client.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) connection: Connection,
    pub(crate) jid: FullJid,
    /// Whether it asked for the roster, and so wants its changes (RFC 6121, section 2.1.6).
    pub(crate) interested: bool,
    /// What it last said about itself; absent until it is available.
    pub(crate) presence: Option<Presence>,
    /// Whom else it told that it is available.
    pub(crate) directed: BTreeSet<Jid>,
}

impl Resource {
    pub(crate) fn new(connection: Connection, jid: FullJid) -> Self {
        Self {
            connection,
            jid,
            interested: false,
            presence: None,
            directed: BTreeSet::new(),
        }
    }

    /// Whether messages to the bare JID come here (RFC 6121, section 8.5.2.1.1).
    pub(crate) fn takes_messages(&self) -> bool {
        self.presence
            .as_ref()
            .is_some_and(|presence| presence.priority.0 >= 0)
    }
}

impl Account {
    /// The resources that said they are there.
    pub(crate) fn available(&self) -> impl Iterator<Item = &Resource> {
        self.resources
            .values()
            .filter(|resource| resource.presence.is_some())
    }

    /// Keeps a message for later. Whether there was room.
    pub(crate) fn keep(&mut self, message: Message, at: Timestamp) -> bool {
        let room = self.kept.len() < limits::OFFLINE_MESSAGES;
        if room {
            self.kept.push_back((message, at));
        }
        room
    }

    /// Hands out what was kept, oldest first.
    pub(crate) fn take_kept(&mut self) -> VecDeque<(Message, Timestamp)> {
        std::mem::take(&mut self.kept)
    }
}
