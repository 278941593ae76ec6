//! What a session must know before its first stream.

use std::collections::BTreeSet;
use std::time::Duration;

use jid::BareJid;

use crate::disco::{Info, WireIdentity};
use crate::ns;

/// What a session must know before its first stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Whose session it is.
    pub account: BareJid,
    /// What we say we are (XEP-0030).
    pub identity: Identity,
    /// What we say we can do: features of disco#info, such as `xmpp.iot.ui+notify`. Those of the
    /// session itself (disco, capabilities, ping) are added.
    pub features: BTreeSet<String>,
    /// The URI by which our capabilities are named (XEP-0115). Empty: none are announced, as
    /// thesis firmware does.
    pub caps_node: String,
    /// Whether nobody hears that we are there, on each new stream, before
    /// [`SetPresence`](crate::Request::SetPresence) says so. Otherwise presence leaves as soon as
    /// the roster came.
    pub holds_presence: bool,
    /// How long an answer may take from the moment its question is sent.
    pub deadline: Duration,
    /// Makes the ids of our stanzas hard to guess; take it from a source of randomness.
    pub id_seed: u64,
}

/// An identity of disco#info (XEP-0030, section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Such as `client` or `device`.
    pub category: String,
    /// Such as `pc`, `phone` or `bot`.
    pub kind: String,
    /// The name of the software.
    pub name: String,
}

impl SessionConfig {
    /// A configuration with the usual deadline of 20 seconds and without own features.
    pub fn new(account: BareJid, identity: Identity, caps_node: &str, id_seed: u64) -> Self {
        Self {
            account,
            identity,
            features: BTreeSet::new(),
            caps_node: caps_node.to_owned(),
            holds_presence: false,
            deadline: Duration::from_secs(20),
            id_seed,
        }
    }

    /// What a session of this configuration answers to disco#info.
    pub(super) fn info(&self) -> Info {
        let own = [ns::CAPS, ns::DISCO_INFO, ns::PING].map(str::to_owned);
        Info {
            identities: vec![WireIdentity {
                category: self.identity.category.clone(),
                kind: self.identity.kind.clone(),
                lang: String::new(),
                name: self.identity.name.clone(),
            }],
            features: self.features.iter().cloned().chain(own).collect(),
            ..Info::default()
        }
    }
}
